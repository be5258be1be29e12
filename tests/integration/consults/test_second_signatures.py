"""Opinions that several sign, on both databases: nothing goes out before the last signature that is needed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from auth import groups
from consults import (
    activity,
    clock,
    dismissal,
    further_readers,
    material,
    offers,
    reading,
    repository,
    request,
    second_signatures,
    signing,
    worklist,
)
from consults.activity import Direction
from consults.deadlines import Urgency
from consults.grades import Graded
from consults.kinds import Dispute, Grade, MaterialAnswer, MaterialKind, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.opinion import Draft, Kind, SlideSeen
from telepath import grants
from telepath.access import Action
from telepath.cases import non_opposition
from telepath.cases import repository as cases
from telepath.cases.non_opposition import Patient
from telepath.db import timers
from telepath.db.database import Database
from telepath.db.schema.timers import timer
from telepath.errors import Conflict, Forbidden, Invalid, InvalidTransition, StepUpRequired
from telepath.slides import catalogue, display_check, views
from telepath.slides.display_check import Result, Screen
from telepath.slides.views import Showing
from tests.consult_story import DRAFT, FIVE_MINUTES, READER, outcomes
from tests.network_story import NetworkStory


@pytest.fixture
async def story(database: Database) -> NetworkStory:
    return await NetworkStory(database).set_up()


async def test_a_network_s_opinion_goes_out_with_the_second_signature_and_not_before(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MINOR))
    # The best of the network is asked by itself: Anne is of no network.
    assert await story.open_offers(consult_id) == [("nadia", "countersigner")]
    assert (await story.consult(consult_id)).status is ConsultStatus.ACTIVE
    assert [await story.sees(key, consult_id) for key in ("zoe", "karim", "nadia")] == [[], [1], []]
    assert ("opinion.signed", "zoe") not in await story.told()
    assert await _counted(story) == (0, 0)
    # Whoever declines is followed by the next.
    await offers.decline(story.db, story["nadia"], consult_id, "Absente.")
    assert await story.open_offers(consult_id) == [("luc", "countersigner")]
    assert (await story.consult(consult_id)).status is ConsultStatus.ACTIVE
    assert ("reading.declined", "karim") in await story.told()
    await offers.accept(story.db, story["luc"], consult_id)
    assert await story.rights("luc", consult_id) == READER
    assert await story.sees("luc", consult_id) == [1]
    with pytest.raises(Forbidden):
        await reading.save_draft(story.db, story["luc"], consult_id, 1, DRAFT)

    # Not signed, and why: the expert amends, and that text is signed.
    await second_signatures.send_back(story.db, story["luc"], consult_id, 1, "Précisez le grade.")
    assert (await story.told())[-1] == ("opinion.returned", "karim")
    with pytest.raises(Invalid, match="error-addendum-too-early"):
        await story.signs("karim", consult_id, "Ajout.")
    amended = await story.signs("karim", consult_id, "Lymphome folliculaire, grade 1.", amends=True)
    assert (amended.kind, amended.content.replaces, amended.number) == (Kind.AMENDMENT, 1, 2)
    assert (await story.told())[-1] == ("opinion.awaits", "luc")
    with pytest.raises(Conflict):
        await second_signatures.countersign(story.db, story.again("luc"), consult_id, 1, FIVE_MINUTES)
    with pytest.raises(StepUpRequired):
        old = story.again("luc", timedelta(minutes=6))
        await second_signatures.countersign(story.db, old, consult_id, 2, FIVE_MINUTES)
    signature = await second_signatures.countersign(story.db, story.again("luc"), consult_id, 2, FIVE_MINUTES)
    assert signature.digest == amended.digest
    done = await story.consult(consult_id)
    assert (done.status, done.opinions_released) == (ConsultStatus.COMPLETED, 2)
    assert await story.sees("zoe", consult_id) == [1, 2]
    assert await _counted(story) == (1, 1)
    told = await story.told()
    assert told.count(("opinion.signed", "zoe")) == 1
    assert ("opinion.released", "karim") in told
    kinds = [kind for kind, _, _ in await story.audited()]
    assert [kind for kind in kinds if kind in {"opinion.returned", "opinion.countersigned"}] == [
        "opinion.returned",
        "opinion.countersigned",
    ]
    # Afterwards a correction waits for nobody.
    later = await story.signs("karim", consult_id, "Après CD10 : confirmé.")
    assert later.kind is Kind.ADDENDUM
    assert await story.sees("zoe", consult_id) == [1, 2, 3]
    assert (await story.told())[-1] == ("opinion.amended", "zoe")


async def test_who_signs_beside_the_expert_leaves_how_they_saw_the_slides(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MINOR))
    await offers.decline(story.db, story["nadia"], consult_id, "Absente.")
    await offers.accept(story.db, story["luc"], consult_id)
    luc = story["luc"]
    async with story.db.write(luc) as tx:
        (slide_id, *_) = await catalogue.ids_of_case(tx, (await repository.get(tx, consult_id)).case_id)
        slide = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, luc, Action.SLIDE_VIEW, slide.ref)
        await views.open_view(tx, slide, allowed)
    async with story.db.write(luc, unaudited="as the route does") as tx:
        await views.renew(tx, slide, allowed, Showing("none", "reduced"))
    screen = Screen(width=2560, height=1440, ratio=1.0, depth=24)
    await display_check.keep(story.db, luc, Result("0123456789abcdef", 12, 11, 1.1, screen))
    made = await second_signatures.countersign(story.db, story.again("luc"), consult_id, 1, FIVE_MINUTES)
    assert made.shown is not None
    assert made.shown.slides == (SlideSeen(slide_id, slide.label, ("none",), "", ("reduced",)),)
    assert made.shown.display is not None
    assert (made.shown.display.seen, made.shown.display.trials) == (11, 12)
    async with story.db.read() as reader:
        assert await repository.signatures_of(reader, consult_id) == [made]


async def _counted(story: NetworkStory) -> tuple[int, int]:
    """What the figures tell Zoé's institution: answers, and grades."""
    zone = "America/Cayenne"
    async with story.db.read() as reader:
        period = activity.period("", "", reader.now, zone)
        own = await activity.of_institution(reader, story["zoe"].institution_id, Direction.ASKED, period, zone)
    return own.total.answered, sum(one.total for one in own.agreement)


async def test_a_request_is_taken_back_while_a_signature_is_awaited_and_what_is_signed_stays_unseen(
    story: NetworkStory,
) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MINOR))
    await offers.accept(story.db, story["nadia"], consult_id)
    before = len(await story.told())
    await request.revoke(story.db, story["zoe"], consult_id)
    assert (await story.told())[before:] == [("consult.revoked", "karim"), ("consult.revoked", "nadia")]
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        readings = await repository.readings_of(reader, consult_id)
        signed = await worklist.of_person(reader, story["karim"])
        again = await request.proposals(
            reader, story["zoe"], await cases.get(reader, story.case_id), "lymphoid", Urgency.STANDARD
        )
    assert (consult.status, consult.opinions_released) == (ConsultStatus.REVOKED, 0)
    assert [one.status for one in readings] == [ReadingStatus.COMPLETED, ReadingStatus.CANCELLED]
    assert await story.sees("zoe", consult_id) == []
    assert [await story.rights(key, consult_id) for key in ("karim", "nadia")] == [set(), set()]
    assert consult_id not in {line.consult_id for line in signed.done}
    told = {reason.code for one in again.proposals for reason in one.reasons}
    assert not told & {"answered-before", "conflict-read-before"}


async def test_a_patient_s_refusal_stops_whoever_would_read_or_sign_beside_the_expert(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await non_opposition.note(story.db, story["zoe"], story.case_id, Patient.REFUSED)
    with pytest.raises(Invalid, match="error-patient-refused"):
        await further_readers.invite(
            story.db, story["karim"], consult_id, ReadingRole.CO_READER, story["anne"].person_id
        )
    await story.signs("karim", consult_id, graded=Graded(Grade.CONCORDANT))
    assert await story.open_offers(consult_id) == []
    assert (await story.told())[-1] == ("reader.lacking", "karim")
    # Who was asked before stays asked, and nobody else after them.
    await non_opposition.note(story.db, story["zoe"], story.case_id, Patient.INFORMED)
    second = ReadingRole.COUNTERSIGNER
    await further_readers.invite(story.db, story["karim"], consult_id, second, story["nadia"].person_id)
    await non_opposition.note(story.db, story["zoe"], story.case_id, Patient.REFUSED)
    story.clock.advance(days=8)
    await timers.fire(story.db, {clock.SILENT: further_readers.silent})
    assert await story.open_offers(consult_id) == [("nadia", "countersigner")]
    await offers.decline(story.db, story["nadia"], consult_id, "Absente.")
    assert await story.open_offers(consult_id) == []


async def test_nothing_is_signed_beside_while_what_was_asked_for_is_awaited(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MAJOR, "Autre entité.", Dispute.COLLEGIAL))
    await story.joins("anne", consult_id)
    await story.joins("luc", consult_id)
    ask = (MaterialKind.IHC, "CD10")
    wanted = await material.ask(story.db, story["anne"], consult_id, *ask)
    with pytest.raises(InvalidTransition, match="error-signing-stopped"):
        await second_signatures.countersign(story.db, story.again("luc"), consult_id, 1, FIVE_MINUTES)
    with pytest.raises(InvalidTransition, match="error-signing-stopped"):
        await story.signs("karim", consult_id, "Conclusion collégiale.", amends=True)
    await material.withdraw(story.db, story["anne"], consult_id, wanted)
    await second_signatures.countersign(story.db, story.again("luc"), consult_id, 1, FIVE_MINUTES)
    # Who countersigns says what is missing to the expert.
    second = await story.asked(network=True, countersigned=True)
    await story.signs("karim", second, graded=Graded(Grade.MINOR))
    await offers.accept(story.db, story["nadia"], second)
    with pytest.raises(Forbidden, match="error-material-by-expert"):
        await material.ask(story.db, story["nadia"], second, *ask)


async def test_a_joint_opinion_is_written_by_two_who_never_overwrite_each_other_and_signed_by_both(
    story: NetworkStory,
) -> None:
    consult_id = await story.asked()
    await further_readers.invite(story.db, story["karim"], consult_id, ReadingRole.CO_READER, story["anne"].person_id)
    assert (await story.told())[-1] == ("reading.invited", "anne")
    await offers.accept(story.db, story["anne"], consult_id)
    assert (await story.told())[-1] == ("reading.accepted", "karim")
    assert (await story.consult(consult_id)).status is ConsultStatus.ACTIVE
    version = await story.writes("karim", consult_id, Draft("De Karim."))
    both = await outcomes(
        reading.save_draft(story.db, story["karim"], consult_id, version, Draft("De Karim, encore.")),
        reading.save_draft(story.db, story["anne"], consult_id, version, Draft("D’Anne.")),
    )
    assert sorted(str(one) for one in both) == sorted([str(None), str(Conflict)])
    async with story.db.read() as reader:
        shared = await reading.writes(reader, consult_id, story["anne"].person_id)
    assert shared.expert_id == story["karim"].person_id
    with pytest.raises(Forbidden):
        await signing.sign(story.db, story.again("anne"), consult_id, shared.version, FIVE_MINUTES)
    with pytest.raises(Invalid):
        await second_signatures.countersign(story.db, story.again("anne"), consult_id, 1, FIVE_MINUTES)
    await story.signs("karim", consult_id, "Lymphome folliculaire.")
    assert await story.sees("zoe", consult_id) == []
    assert (await story.told())[-1] == ("opinion.awaits", "anne")
    twice = [
        second_signatures.countersign(story.db, story.again("anne"), consult_id, 1, FIVE_MINUTES) for _ in range(2)
    ]
    results = await outcomes(*twice)
    assert sorted(str(one) for one in results) == sorted([str(None), str(Conflict)])
    assert await story.sees("zoe", consult_id) == [1]
    async with story.db.read() as reader:
        signatures = await repository.signatures_of(reader, consult_id)
    assert [(one.person_id, one.role) for one in signatures] == [(story["anne"].person_id, ReadingRole.CO_READER)]


async def test_who_was_invited_can_be_let_go_and_sees_nothing_any_more(story: NetworkStory) -> None:
    consult_id = await story.asked()
    await story.joins("anne", consult_id)
    assert await story.rights("anne", consult_id) == READER
    with pytest.raises(Forbidden):
        await dismissal.dismiss(story.db, story["anne"], consult_id, story["anne"].person_id)
    await dismissal.dismiss(story.db, story["karim"], consult_id, story["anne"].person_id)
    assert await story.rights("anne", consult_id) == set()
    assert await story.rights("karim", consult_id) == READER
    assert (await story.audited())[-1][0] == "offer.withdrawn"
    await story.signs("karim", consult_id)
    assert (await story.consult(consult_id)).status is ConsultStatus.COMPLETED


async def test_only_the_expert_invites_and_only_whom_is_needed(story: NetworkStory) -> None:
    consult_id = await story.asked()
    for role in (ReadingRole.COUNTERSIGNER, ReadingRole.THIRD, ReadingRole.EXPERT):
        with pytest.raises(Invalid):
            await further_readers.invite(story.db, story["karim"], consult_id, role, story["anne"].person_id)
    await story.joins("anne", consult_id)
    with pytest.raises(Forbidden):
        await further_readers.invite(
            story.db, story["anne"], consult_id, ReadingRole.CO_READER, story["nadia"].person_id
        )
    # Invitations that nobody answered end with the answer.
    await further_readers.invite(story.db, story["karim"], consult_id, ReadingRole.CO_READER, story["nadia"].person_id)
    await story.signs("karim", consult_id)
    await second_signatures.countersign(story.db, story.again("anne"), consult_id, 1, FIVE_MINUTES)
    assert await story.open_offers(consult_id) == []
    assert await story.rights("nadia", consult_id) == set()


async def test_a_major_discordance_of_a_network_waits_for_a_third_reader_and_both_go_out_together(
    story: NetworkStory,
) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    with pytest.raises(Invalid, match="error-grade-missing"):
        await story.signs("karim", consult_id)
    await story.signs("karim", consult_id, graded=Graded(Grade.MAJOR, "Bénin contre malin."))
    assert (await story.consult(consult_id)).dispute is Dispute.THIRD
    assert await story.open_offers(consult_id) == [("nadia", "third")]
    await offers.accept(story.db, story["nadia"], consult_id)
    assert [await story.sees(key, consult_id) for key in ("zoe", "karim", "nadia")] == [[], [1], []]
    third = await story.signs(
        "nadia", consult_id, "Lymphome folliculaire confirmé.", graded=Graded(Grade.MAJOR, "Oui.")
    )
    assert (third.kind, third.number) == (Kind.OPINION, 2)
    done = await story.consult(consult_id)
    assert (done.status, done.dispute, done.opinions_released) == (ConsultStatus.COMPLETED, Dispute.SETTLED, 2)
    assert [await story.sees(key, consult_id) for key in ("zoe", "karim", "nadia")] == [[1, 2]] * 3
    told = await story.told()
    assert told.count(("opinion.signed", "zoe")) == 1


async def test_the_third_reading_and_the_second_signature_are_a_coordinating_centre_s_first(
    story: NetworkStory,
) -> None:
    # Saint-Denis leads a group that bears the network's name, to which Nice belongs.
    async with story.db.write(story["zoe"]) as tx:
        network = await groups.add(tx, "national", "Lymphopath", story["luc"].institution_id)
        await groups.join(tx, network, "institution", story["nadia"].institution_id)
    consult_id = await story.asked(network=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MAJOR, "Bénin contre malin."))
    assert await story.open_offers(consult_id) == [("luc", "third")]
    async with story.db.read() as reader:
        (asked,) = [one for one in await repository.offers_of(reader, consult_id) if one.open]
        among = await further_readers.candidates(
            reader, story["karim"], await story.consult(consult_id), ReadingRole.CO_READER
        )
    assert {"code": "coordinating-centre", "params": {"network": "LYMPHOPATH"}} in asked.reasons
    # For a session, too.
    assert among.proposals[0].expert.person_id == story["nadia"].person_id
    await offers.decline(story.db, story["luc"], consult_id, "Absent.")
    assert await story.open_offers(consult_id) == [("nadia", "third")]

    second = await story.asked(network=True, countersigned=True)
    await story.signs("karim", second, graded=Graded(Grade.MINOR))
    assert await story.open_offers(second) == [("luc", "countersigner")]
    # The group is no more: the best of the network, as before.
    async with story.db.write(story["zoe"]) as tx:
        await groups.end(tx, network)
    third = await story.asked(network=True, countersigned=True)
    await story.signs("karim", third, graded=Graded(Grade.MINOR))
    assert await story.open_offers(third) == [("nadia", "countersigner")]


async def test_nobody_of_the_expert_s_house_reads_third_and_where_nobody_can_a_session_settles_it(
    story: NetworkStory,
) -> None:
    jeanne = await story.expert("jeanne", "lille", "Jeanne", "Vasseur", networks=["LYMPHOPATH"], median_hours=1.0)
    consult_id = await story.asked(network=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MAJOR, "Bénin contre malin."))
    assert await story.open_offers(consult_id) == [("nadia", "third")]
    async with story.db.read() as reader:
        among = await further_readers.candidates(
            reader, story["karim"], await story.consult(consult_id), ReadingRole.THIRD
        )
    kept_out = among.exclusion_of(jeanne.person_id)
    assert kept_out is not None
    assert (kept_out.reason.code, kept_out.otherwise) == ("expert-s-institution", None)
    for key in ("nadia", "luc"):
        await offers.decline(story.db, story[key], consult_id, "Absent.")
    assert await story.open_offers(consult_id) == []
    assert ("reader.lacking", "karim") in await story.told()
    # A session takes its place: the text that it came to, signed by somebody else too.
    await story.joins("anne", consult_id)
    await second_signatures.countersign(story.db, story.again("anne"), consult_id, 1, FIVE_MINUTES)
    assert await story.sees("zoe", consult_id) == []
    await story.signs("karim", consult_id, "Conclusion collégiale.", amends=True)
    await second_signatures.countersign(story.db, story.again("anne"), consult_id, 2, FIVE_MINUTES)
    assert await story.sees("zoe", consult_id) == [1, 2]
    assert (await story.consult(consult_id)).dispute is Dispute.SETTLED


async def test_a_session_takes_no_reading_from_who_reads_third(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MAJOR, "Bénin contre malin."))
    await offers.accept(story.db, story["nadia"], consult_id)
    await story.joins("anne", consult_id)
    await story.signs("karim", consult_id, "Conclusion collégiale.", amends=True)
    await second_signatures.countersign(story.db, story.again("anne"), consult_id, 2, FIVE_MINUTES)
    assert await story.sees("zoe", consult_id) == []
    await story.signs("nadia", consult_id, "Confirmé.", graded=Graded(Grade.MAJOR, "Oui."))
    assert await story.sees("zoe", consult_id) == [1, 2, 3]


async def test_a_session_settles_a_discordance_by_a_text_that_a_co_reader_signs_too(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.MAJOR, "Autre entité.", Dispute.COLLEGIAL))
    assert await story.open_offers(consult_id) == []
    await story.joins("luc", consult_id)
    await second_signatures.countersign(story.db, story.again("luc"), consult_id, 1, FIVE_MINUTES)
    assert await story.sees("zoe", consult_id) == []  # that is not yet the session's text
    await story.signs("karim", consult_id, "Conclusion collégiale.", amends=True)
    await second_signatures.countersign(story.db, story.again("luc"), consult_id, 2, FIVE_MINUTES)
    assert await story.sees("zoe", consult_id) == [1, 2]
    assert (await story.consult(consult_id)).dispute is Dispute.SETTLED


async def test_who_says_nothing_is_asked_no_longer_and_the_last_one_stays_asked(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.CONCORDANT))
    assert await story.open_offers(consult_id) == [("nadia", "countersigner")]
    story.clock.advance(days=8)
    handlers = {clock.SILENT: further_readers.silent}
    await timers.fire(story.db, handlers)
    assert await story.open_offers(consult_id) == [("luc", "countersigner")]
    assert ("offer.expired", "nadia") in await story.told()
    story.clock.advance(days=8)
    await timers.fire(story.db, handlers)
    assert await story.open_offers(consult_id) == [("luc", "countersigner")]
    assert (await story.told())[-1] == ("reader.lacking", "karim")
    # What has ended meanwhile is left alone.
    await offers.accept(story.db, story["luc"], consult_id)
    story.clock.advance(days=8)
    await timers.fire(story.db, handlers)
    assert (await story.consult(consult_id)).status is ConsultStatus.ACTIVE


async def waited_for(story: NetworkStory) -> list[tuple[str, str]]:
    """Kind and subject of the times that are set for offers."""
    async with story.db.read() as reader:
        rows = await reader.all(select(timer).where(timer.c.kind.in_((clock.SILENT, clock.UNANSWERED))))
    return [(row["kind"], row["subject_id"]) for row in rows]


async def test_nobody_is_waited_for_once_an_invitation_was_answered_or_taken_back(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await story.signs("karim", consult_id, graded=Graded(Grade.CONCORDANT))
    assert [kind for kind, _ in await waited_for(story)] == [clock.SILENT]
    await offers.decline(story.db, story["nadia"], consult_id, "Absente.")
    assert len(await waited_for(story)) == 1  # of Luc, who is asked next
    await offers.accept(story.db, story["luc"], consult_id)
    assert await waited_for(story) == []


async def test_nobody_is_passed_over_while_the_consult_waits_for_its_requester(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    await story.joins("anne", consult_id)
    await story.signs("karim", consult_id, graded=Graded(Grade.CONCORDANT))
    assert await story.open_offers(consult_id) == [("nadia", "countersigner")]
    await material.ask(story.db, story["anne"], consult_id, MaterialKind.IHC, "MDM2 ?")
    handlers = {clock.SILENT: further_readers.silent}
    story.clock.advance(days=8)
    await timers.fire(story.db, handlers)
    assert await story.open_offers(consult_id) == [("nadia", "countersigner")]
    await material.answer(story.db, story["zoe"], consult_id, "", MaterialAnswer.PROVIDED, "")
    story.clock.advance(hours=2)
    await timers.fire(story.db, handlers)
    assert await story.open_offers(consult_id) == [("luc", "countersigner")]


async def test_an_answer_that_waited_only_for_who_is_let_go_goes_out(story: NetworkStory) -> None:
    consult_id = await story.asked()
    await story.joins("anne", consult_id)
    await story.signs("karim", consult_id)
    assert await story.sees("zoe", consult_id) == []
    await dismissal.dismiss(story.db, story["karim"], consult_id, story["anne"].person_id)
    done = await story.consult(consult_id)
    assert (done.status, done.opinions_released) == (ConsultStatus.COMPLETED, 1)
    assert await story.rights("anne", consult_id) == set()
    assert ("opinion.signed", "zoe") in await story.told()


async def test_who_was_let_go_as_a_co_reader_can_be_let_go_as_a_second_signature_too(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, countersigned=True)
    nadia = story["nadia"].person_id
    for role in (ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER):
        story.clock.advance(minutes=1)
        await story.joins("nadia", consult_id, role)
        await dismissal.dismiss(story.db, story["karim"], consult_id, nadia)
        assert await story.rights("nadia", consult_id) == set()
    with pytest.raises(Invalid, match="error-reader-gone"):
        await dismissal.dismiss(story.db, story["karim"], consult_id, nadia)
