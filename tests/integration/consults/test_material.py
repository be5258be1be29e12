"""What the expert asks for, on both databases: the clock stands still until everything is answered."""

from datetime import UTC, datetime, timedelta

import pytest

from consults import clock, material, reading, repository, request, signing
from consults.kinds import HeldBecause, MaterialAnswer, MaterialKind
from consults.lifecycle import ConsultStatus
from consults.model import Consult
from telepath.cases import threads
from telepath.db import timers
from telepath.errors import Conflict, Invalid, InvalidTransition, Refused
from telepath.geometry import View
from tests import audited
from tests.consult_story import DRAFT, FIVE_MINUTES, Story, outcomes

FIELD = View(20_000, 15_000.5, 1600, 900, 90, True)


async def consult_of(story: Story, consult_id: str) -> Consult:
    async with story.db.read() as reader:
        return await repository.get(reader, consult_id)


async def test_the_clock_stands_still_until_everything_is_answered_and_the_deadline_moves_by_as_much(
    story: Story,
) -> None:
    consult_id = await story.accepted()
    due = (await consult_of(story, consult_id)).due_at
    recut = await material.ask(
        story.db, story["karim"], consult_id, MaterialKind.RECUT, "Bloc A1.", slide_id=story.slides[0], view=FIELD
    )
    held = await consult_of(story, consult_id)
    assert (held.status, held.held_because, held.due_at) == (ConsultStatus.ON_HOLD, HeldBecause.MATERIAL, due)
    story.clock.advance(hours=1)
    ihc = await material.ask(story.db, story["karim"], consult_id, MaterialKind.IHC, "CD10, BCL2.")
    assert (await consult_of(story, consult_id)).held_at == held.held_at

    story.clock.advance(hours=20)
    await story.slide(story["zoe"], story.case_id, "A1 HES niveau 2")
    assert not await material.answer(
        story.db, story["zoe"], consult_id, recut, MaterialAnswer.PROVIDED, "Niveau 2 ajouté."
    )
    story.clock.advance(hours=3)
    assert await material.answer(story.db, story["zoe"], consult_id, ihc, MaterialAnswer.IMPOSSIBLE, "Bloc épuisé.")
    after = await consult_of(story, consult_id)
    assert (after.status, after.held_because, after.paused_seconds) == (ConsultStatus.ACTIVE, None, 24 * 3600)
    assert (after.due_at - due).total_seconds() == 24 * 3600

    async with story.db.read() as reader:
        wanted = await material.of_consult(reader, consult_id)
        came = await material.came_since(reader, after, wanted)
        said = [(line.text, line.view) for line in await threads.of_case(reader, story.case_id, consult_id)]
    assert [one.answer for one in wanted] == ["provided", "impossible"]
    assert came == {recut: ["A1 HES niveau 2"], ihc: ["A1 HES niveau 2"]}
    assert said == [("Bloc A1.", FIELD), ("CD10, BCL2.", None), ("Niveau 2 ajouté.", None), ("Bloc épuisé.", None)]
    assert [one for one in await story.told() if one[0] != "consult.offered"] == [
        ("consult.accepted", "zoe"),
        ("consult.suspended", "zoe"),
        ("consult.suspended", "zoe"),
        ("thread.written", "karim"),
        ("consult.resumed", "karim"),
    ]
    asked = ["consult.suspended", "consult.suspended"]
    answered = ["consult.material-answered", "consult.material-answered", "consult.resumed"]
    kinds = [kind for kind, _, _ in await story.audited() if kind.startswith("consult.")]
    assert kinds == ["consult.requested", *asked, *answered]
    for record in await audited.records(story.db, "consult.suspended"):
        assert "CD10" not in str(record)


async def test_what_was_due_at_a_closing_time_is_due_at_one_again_however_often_the_clock_stood_still(
    story: Story,
) -> None:
    consult_id = await story.accepted()
    assert (await consult_of(story, consult_id)).due_at == datetime(
        2026, 3, 18, 17, tzinfo=UTC
    )  # Wednesday, Lille closes
    for stood in (timedelta(hours=80, minutes=13), timedelta(minutes=5)):
        wanted = await material.ask(story.db, story["karim"], consult_id, MaterialKind.RECUT, "Bloc A1.")
        story.clock.advance(seconds=stood.total_seconds())
        await material.answer(story.db, story["zoe"], consult_id, wanted, MaterialAnswer.PROVIDED, "")
        due_at = (await consult_of(story, consult_id)).due_at
        assert due_at == datetime(2026, 3, 23, 17, tzinfo=UTC)  # not in the night of Sunday
        async with story.db.read() as reader:
            assert (await timers.standing(reader, [clock.LATE], consult_id))[clock.LATE] == due_at


async def test_who_may_ask_answer_and_withdraw_and_when(story: Story) -> None:
    consult_id = await story.accepted()
    ask = (MaterialKind.CLINICAL, "Traitement en cours ?")
    for key in ("anne", "zoe"):
        with pytest.raises(Refused):
            await material.ask(story.db, story[key], consult_id, *ask)
    with pytest.raises(Invalid):
        await material.ask(story.db, story["karim"], consult_id, MaterialKind.IHC, "  ")
    wanted = await material.ask(story.db, story["karim"], consult_id, *ask)
    with pytest.raises(Refused):
        await material.answer(story.db, story["karim"], consult_id, wanted, MaterialAnswer.PROVIDED, "")
    with pytest.raises(Refused):
        await material.withdraw(story.db, story["zoe"], consult_id, wanted)
    with pytest.raises(Invalid, match="error-text-missing"):
        await material.answer(story.db, story["zoe"], consult_id, wanted, MaterialAnswer.IMPOSSIBLE, "")
    with pytest.raises(Conflict):
        await material.answer(story.db, story["zoe"], consult_id, "0" * 26, MaterialAnswer.PROVIDED, "")

    # What is asked for stops nobody from writing; to sign, one does without it.
    saved = await reading.save_draft(story.db, story["karim"], consult_id, 1, DRAFT)
    with pytest.raises(InvalidTransition):
        await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    assert await material.withdraw(story.db, story["karim"], consult_id, wanted)
    assert ("consult.resumed", "zoe") in await story.told()
    with pytest.raises(InvalidTransition):
        await material.answer(story.db, story["zoe"], consult_id, wanted, MaterialAnswer.PROVIDED, "")
    await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    with pytest.raises(InvalidTransition):
        await material.ask(story.db, story["karim"], consult_id, *ask)


async def test_of_two_who_answer_at_once_one_does_and_an_ended_request_is_answered_no_more(story: Story) -> None:
    consult_id = await story.accepted()
    wanted = await material.ask(story.db, story["karim"], consult_id, MaterialKind.SLIDES, "Toutes.")
    done = await outcomes(
        material.answer(story.db, story["zoe"], consult_id, wanted, MaterialAnswer.PROVIDED, ""),
        material.withdraw(story.db, story["karim"], consult_id, wanted),
    )
    assert set(done) <= {None, Conflict, InvalidTransition}
    assert done.count(None) == 1
    again = await material.ask(story.db, story["karim"], consult_id, MaterialKind.SLIDES, "Toutes.")
    await request.revoke(story.db, story["zoe"], consult_id)
    with pytest.raises(InvalidTransition):
        await material.answer(story.db, story["zoe"], consult_id, again, MaterialAnswer.PROVIDED, "")


async def test_of_several_things_none_is_answered_once_the_request_was_taken_back(story: Story) -> None:
    consult_id = await story.accepted()
    asked = [
        await material.ask(story.db, story["karim"], consult_id, kind, "Bloc A1.")
        for kind in (MaterialKind.RECUT, MaterialKind.IHC)
    ]
    await request.revoke(story.db, story["zoe"], consult_id)
    with pytest.raises(InvalidTransition):
        await material.answer(story.db, story["zoe"], consult_id, asked[0], MaterialAnswer.PROVIDED, "")
    async with story.db.read() as reader:
        assert [one.open for one in await material.of_consult(reader, consult_id)] == [True, True]
