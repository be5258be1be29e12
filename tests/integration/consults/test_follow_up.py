"""After the answer, on both databases: adoption, incidents, outcomes."""

import pytest

from consults import adoption, incidents, outcomes, reading, repository, signing
from consults.kinds import Adoption, IncidentKind, OutcomeKind, Verdict
from consults.model import FOLLOW_UP
from consults.opinion import Draft
from telepath.cases import non_opposition
from telepath.cases.non_opposition import Patient
from telepath.errors import Invalid, InvalidTransition, Refused
from tests import audited
from tests.consult_story import FIVE_MINUTES, READER, Story


async def test_the_requester_contests_then_adopts_and_the_expert_may_propose_another_reading(story: Story) -> None:
    open_id = await story.accepted()
    with pytest.raises(InvalidTransition):
        await adoption.decide(story.db, story["zoe"], open_id, Adoption.ADOPTED, "")
    with pytest.raises(InvalidTransition):
        await outcomes.record(story.db, story["zoe"], open_id, OutcomeKind.OTHER, Verdict.OPEN, "Rien.")

    consult_id, _ = await story.signed()
    with pytest.raises(Refused):
        await adoption.decide(story.db, story["karim"], consult_id, Adoption.ADOPTED, "")
    with pytest.raises(Invalid, match="error-text-missing"):
        await adoption.decide(story.db, story["zoe"], consult_id, Adoption.CONTESTED, " ")
    with pytest.raises(InvalidTransition):
        await adoption.propose_another(story.db, story["karim"], consult_id, "Le Dr Le Goff.")
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.CONTESTED, "Le Ki67 est à 90 %.")
    await adoption.propose_another(story.db, story["karim"], consult_id, "Le Dr Le Goff.")
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.ADOPTED, "")
    async with story.db.read() as reader:
        after = await repository.get(reader, consult_id)
    assert (after.adoption, after.adoption_reason, after.adopted_at) == (Adoption.ADOPTED, "", story.clock.now)
    assert (await story.told())[-3:] == [
        ("opinion.contested", "karim"),
        ("consult.another-proposed", "zoe"),
        ("opinion.adopted", "karim"),
    ]
    (contested,) = await audited.records(story.db, "opinion.contested")
    assert "Ki67" not in str(contested)
    assert (await story.audited())[-1] == (
        "opinion.adopted",
        "zoe",
        {"adoption": "adopted", "adoption_before": "contested"},
    )


async def test_a_contest_opens_the_case_again_to_who_answered_however_late_it_comes(story: Story) -> None:
    consult_id, _ = await story.signed()
    story.clock.advance(days=FOLLOW_UP.days)
    assert await story.rights("karim", consult_id) == set()
    story.clock.advance(days=20)
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.CONTESTED, "Le Ki67 est à 90 %.")
    assert await story.rights("karim", consult_id) == READER
    # The expert comes back to it, as the requester wished.
    saved = await reading.save_draft(story.db, story["karim"], consult_id, 3, Draft("Lymphome de haut grade."))
    added = await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    assert added.number == 2
    story.clock.advance(days=FOLLOW_UP.days, seconds=-1)
    assert await story.rights("karim", consult_id) == READER
    story.clock.advance(seconds=1)
    assert await story.rights("karim", consult_id) == set()
    # A word that settles it closes the case again.
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.REFUSED, "Ce n’est pas ce cas.")
    assert await story.rights("karim", consult_id) == READER
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.ADOPTED, "")
    assert await story.rights("karim", consult_id) == set()
    # Nothing more is given of a patient who has refused since.
    await non_opposition.note(story.db, story["zoe"], story.case_id, Patient.REFUSED)
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.CONTESTED, "Encore.")
    assert await story.rights("karim", consult_id) == set()
    assert (await story.told())[-1] == ("opinion.contested", "karim")


async def test_a_contest_in_time_and_its_adoption_leave_the_thirty_days(story: Story) -> None:
    consult_id, _ = await story.signed()
    story.clock.advance(days=10)
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.CONTESTED, "Le Ki67 est à 90 %.")
    await adoption.decide(story.db, story["zoe"], consult_id, Adoption.ADOPTED, "")
    story.clock.advance(days=FOLLOW_UP.days - 10, seconds=-1)
    assert await story.rights("karim", consult_id) == READER
    story.clock.advance(seconds=1)
    assert await story.rights("karim", consult_id) == set()


async def test_either_side_notes_an_incident_and_nobody_else(story: Story) -> None:
    consult_id = await story.accepted()
    await incidents.note(story.db, story["karim"], consult_id, IncidentKind.IMAGE, "Flou sur A1.")
    story.clock.advance(minutes=1)
    await incidents.note(story.db, story["zoe"], consult_id, IncidentKind.NETWORK, "")
    with pytest.raises(Invalid):
        await incidents.note(story.db, story["zoe"], consult_id, IncidentKind.OTHER, "")
    for key in ("anne", "paul"):
        with pytest.raises(Refused):
            await incidents.note(story.db, story[key], consult_id, IncidentKind.IMAGE, "")
    async with story.db.read() as reader:
        noted = await incidents.of_consult(reader, consult_id)
    assert [(one.kind, one.text) for one in noted] == [("image", "Flou sur A1."), ("network", "")]
    assert "Flou" not in str(await audited.records(story.db, "consult.incident-noted"))


async def test_an_expert_learns_what_became_of_an_opinion_long_after_the_case_is_closed_to_them(story: Story) -> None:
    consult_id, _ = await story.signed()
    story.clock.advance(days=200)
    assert await story.rights("karim", consult_id) == set()
    with pytest.raises(Invalid):
        await outcomes.record(story.db, story["zoe"], consult_id, OutcomeKind.EXCISION, Verdict.OPEN, "")
    for kind, verdict, text in (
        (OutcomeKind.FOLLOW_UP, Verdict.CHANGES, "Rechute."),
        (OutcomeKind.EXCISION, Verdict.CONFIRMS, "Lymphome folliculaire."),
        (OutcomeKind.MOLECULAR, Verdict.OPEN, "Échec technique."),
    ):
        await outcomes.record(story.db, story["zoe"], consult_id, kind, verdict, text)
        story.clock.advance(days=1)
    async with story.db.read() as reader:
        followed = await outcomes.of_author(reader, story["karim"].person_id)
        others = await outcomes.of_author(reader, story["anne"].person_id)
    assert [(one.outcome.text, one.case_number, one.conclusion) for one in followed] == [
        ("Échec technique.", "26-00417", "Lymphome folliculaire, grade 1-2."),
        ("Lymphome folliculaire.", "26-00417", "Lymphome folliculaire, grade 1-2."),
        ("Rechute.", "26-00417", "Lymphome folliculaire, grade 1-2."),
    ]
    assert outcomes.agreement(followed) == outcomes.Agreement(confirmed=1)
    assert others == []
    assert (await story.told())[-1] == ("outcome.recorded", "karim")
    assert "Rechute" not in str(await audited.records(story.db, "consult.outcome-recorded"))
