"""Reading blind and grading afterwards, on both databases."""

import pytest

from consults import blind, concordance, offers, repository, transfer
from consults.grades import Graded, seen_from
from consults.kinds import Grade, ReadingRole, Side
from consults.lifecycle import ConsultStatus
from consults.model import Reading
from consults.opinion import Draft, fingerprint
from telepath.db.database import Database
from telepath.errors import Conflict, Forbidden, Invalid, Refused
from tests.network_story import NetworkStory


@pytest.fixture
async def story(database: Database) -> NetworkStory:
    return await NetworkStory(database).set_up()


async def reading_of(story: NetworkStory, key: str, consult_id: str) -> Reading:
    async with story.db.read() as reader:
        return await repository.reading_by(reader, consult_id, story[key].person_id)


async def hidden(story: NetworkStory, key: str) -> bool:
    async with story.db.read() as reader:
        return await blind.hides(reader, story[key], story.case_id)


async def test_an_opinion_is_committed_before_the_first_diagnosis_is_shown_and_both_are_kept(
    story: NetworkStory,
) -> None:
    consult_id = await story.asked(network=True, blind=True)
    assert [await hidden(story, key) for key in ("karim", "zoe", "anne")] == [True, False, False]
    await story.joins("anne", consult_id)
    assert await hidden(story, "anne")
    with pytest.raises(Invalid):  # nothing is written yet
        await blind.commit(story.db, story["karim"], consult_id, (await reading_of(story, "karim", consult_id)).version)
    version = await story.writes("karim", consult_id, Draft("Lymphome folliculaire."))
    with pytest.raises(Conflict):
        await blind.commit(story.db, story["karim"], consult_id, version - 1)
    with pytest.raises(Forbidden):
        await blind.reveal(story.db, story["anne"], consult_id)
    # A network wants the grade with the signature, and who has not seen the first diagnosis cannot give it.
    with pytest.raises(Invalid, match="error-reveal-first"):
        await story.signs("karim", consult_id, "Lymphome folliculaire.")
    version = (await reading_of(story, "karim", consult_id)).version
    await blind.commit(story.db, story["karim"], consult_id, version)
    kept = await reading_of(story, "karim", consult_id)
    assert kept.committed == Draft("Lymphome folliculaire.")
    assert (kept.committed_at, kept.revealed_at) == (story.clock.now, story.clock.now)
    assert [await hidden(story, key) for key in ("karim", "anne")] == [False, False]
    told = (await story.audited())[-2:]
    assert [(kind, who) for kind, who, _ in told] == [("opinion.committed", "karim"), ("opinion.revealed", "karim")]
    assert told[0][2]["digest"] == kept.committed_digest == fingerprint(Draft("Lymphome folliculaire."))
    assert told[1][2]["committed"] is True
    await story.writes("karim", consult_id, Draft("Après réflexion."))
    assert (await reading_of(story, "karim", consult_id)).committed == Draft("Lymphome folliculaire.")


async def test_who_looks_first_has_not_read_blind_and_the_record_says_so(story: NetworkStory) -> None:
    consult_id = await story.asked(blind=True)
    await blind.reveal(story.db, story["karim"], consult_id)
    assert not await hidden(story, "karim")
    kind, _, detail = (await story.audited())[-1]
    assert (kind, detail["committed"]) == ("opinion.revealed", False)
    version = await story.writes("karim", consult_id)
    for act in (
        blind.reveal(story.db, story["karim"], consult_id),
        blind.commit(story.db, story["karim"], consult_id, version),
    ):
        with pytest.raises(Invalid, match="error-revealed-already"):
            await act


async def test_each_side_grades_once_and_sees_the_other_s_grade_after_its_own(story: NetworkStory) -> None:
    consult_id = await story.asked(blind=True)
    minor = Graded(Grade.MINOR, "Grade différent.")
    for actor, side in ((story["karim"], Side.EXPERT), (story["zoe"], Side.REQUESTER)):
        with pytest.raises(Invalid, match="error-nothing-to-grade"):
            await concordance.grade(story.db, actor, consult_id, side, minor)
    # Who signs what they wrote blind has committed it with the signature.
    await story.signs("karim", consult_id)
    assert (await reading_of(story, "karim", consult_id)).committed is not None
    assert (await story.consult(consult_id)).status is ConsultStatus.COMPLETED
    with pytest.raises(Refused):
        await concordance.grade(story.db, story["zoe"], consult_id, Side.EXPERT, minor)
    with pytest.raises(Invalid):  # a major discordance is explained
        await concordance.grade(story.db, story["karim"], consult_id, Side.EXPERT, Graded(Grade.MAJOR))
    await concordance.grade(story.db, story["karim"], consult_id, Side.EXPERT, minor)
    assert (await story.told())[-1] == ("opinion.graded", "zoe")
    with pytest.raises(Conflict):
        await concordance.grade(story.db, story["karim"], consult_id, Side.EXPERT, Graded(Grade.CONCORDANT))
    async with story.db.read() as reader:
        grades = await repository.grades_of(reader, consult_id)
    assert [(one.side, one.grade, one.comment) for one in grades] == [(Side.EXPERT, Grade.MINOR, "Grade différent.")]
    assert seen_from(Side.REQUESTER, grades) == []
    await concordance.grade(story.db, story["zoe"], consult_id, Side.REQUESTER, Graded(Grade.CONCORDANT))
    async with story.db.read() as reader:
        grades = await repository.grades_of(reader, consult_id)
    assert len(seen_from(Side.REQUESTER, grades)) == len(seen_from(Side.EXPERT, grades)) == 2
    assert {one.reading_id for one in grades} == {(await reading_of(story, "karim", consult_id)).id}


async def test_a_countersigner_judges_an_opinion_and_reads_nothing_blind(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True, blind=True, countersigned=True)
    version = await story.writes("karim", consult_id)
    await blind.commit(story.db, story["karim"], consult_id, version)
    await story.signs("karim", consult_id, graded=Graded(Grade.CONCORDANT))
    assert await story.open_offers(consult_id) == [("nadia", str(ReadingRole.COUNTERSIGNER))]
    assert not await hidden(story, "nadia")


async def test_a_co_reader_is_shown_the_first_diagnosis_with_the_signature_of_who_committed_by_signing(
    story: NetworkStory,
) -> None:
    consult_id = await story.asked(blind=True)
    await story.joins("anne", consult_id)
    await story.signs("karim", consult_id)
    assert [await hidden(story, key) for key in ("karim", "anne")] == [False, False]
    assert (await reading_of(story, "anne", consult_id)).revealed_at == story.clock.now


async def test_who_has_seen_the_first_diagnosis_takes_over_knowing_it(story: NetworkStory) -> None:
    consult_id = await story.asked(blind=True)
    await story.joins("anne", consult_id)
    await blind.reveal(story.db, story["karim"], consult_id)
    story.clock.advance(minutes=1)
    await transfer.transfer(story.db, story["karim"], consult_id, "Hors de mon champ.", story["anne"].person_id)
    await offers.accept(story.db, story["anne"], consult_id)
    taken = await reading_of(story, "anne", consult_id)
    assert (taken.role, taken.revealed_at) == (ReadingRole.EXPERT, story.clock.now)
    assert not await hidden(story, "anne")
    with pytest.raises(Invalid, match="error-revealed-already"):
        await blind.commit(story.db, story["anne"], consult_id, await story.writes("anne", consult_id))
