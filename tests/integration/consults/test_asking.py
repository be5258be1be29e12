"""Who is asked, who next, and who is alarmed when time passes: on both databases, by the timers that the service fires."""

from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select, update

from consults import clock, offers, repository, request
from consults.deadlines import Urgency
from consults.kinds import ConsultKind, HeldBecause, Policy
from consults.lifecycle import ConsultStatus
from consults.model import Consult, Offer
from consults.terms import Terms
from telepath.actor import Role
from telepath.db import timers
from telepath.db.schema.cases import case
from telepath.db.schema.consults import duty, pool, pool_member
from telepath.db.schema.timers import timer
from telepath.errors import Conflict, Invalid
from telepath.territories import local
from tests import audited
from tests.builders import NOON
from tests.consult_story import QUESTION, Story, outcomes
from web.timers import HANDLERS

CHAIN = Terms(policy=Policy.CHAIN)
RING = Terms(kind=ConsultKind.FROZEN, policy=Policy.RING)


async def asked(story: Story, terms: Terms, expert: str = "", urgency: Urgency = Urgency.STANDARD) -> str:
    question = msgspec.structs.replace(QUESTION, urgency=urgency)
    person = story[expert].person_id if expert else ""
    return await request.request(story.db, story["zoe"], story.case_id, question, person, terms=terms)


async def seen(story: Story, consult_id: str) -> tuple[Consult, list[Offer]]:
    async with story.db.read() as reader:
        return await repository.get(reader, consult_id), await repository.offers_of(reader, consult_id)


async def answers(story: Story, consult_id: str) -> dict[str, str]:
    """Key of who was asked → status of the offer."""
    keys = {actor.person_id: key for key, actor in story.actors.items()}
    return {keys[offer.expert_id]: str(offer.status) for offer in (await seen(story, consult_id))[1]}


async def standing(story: Story) -> dict[str, datetime]:
    """Kind of each timer → when it is due."""
    async with story.db.read() as reader:
        return {row["kind"]: row["due_at"] for row in await reader.all(select(timer))}


async def until(story: Story, at: datetime) -> None:
    """Let the time go by, and what is due happen."""
    story.clock.now = at
    while await timers.fire(story.db, HANDLERS):
        pass


async def told_since(story: Story, before: int) -> list[tuple[str, str]]:
    return (await story.told())[before:]


async def test_in_a_chain_silence_asks_the_next_and_the_last_is_not_let_go(story: Story) -> None:
    await story.person("chloe", "cayenne", "Chloé", "Roux", roles=[Role.COORDINATOR])
    consult_id = await asked(story, CHAIN, "karim")
    _, (first,) = await seen(story, consult_id)
    assert first.answer_by is not None
    assert local(first.answer_by, "Europe/Paris").isoformat() == "2026-03-12T18:00:00+01:00"  # Lille closes on Thursday
    await until(story, first.answer_by - timedelta(seconds=1))
    assert await answers(story, consult_id) == {"karim": "proposed"}
    before = len(await story.told())
    await until(story, first.answer_by)
    consult, (_, second) = await seen(story, consult_id)
    assert await answers(story, consult_id) == {"karim": "expired", "anne": "proposed"}
    assert (consult.status, consult.due_at) == (ConsultStatus.ACTIVE, second.due_at)
    assert await told_since(story, before) == [
        ("offer.expired", "karim"),
        ("consult.offered", "anne"),
        ("offer.passed-on", "zoe"),
    ]
    assert [record[:2] for record in await story.audited()] == [
        ("consult.requested", "zoe"),
        ("offer.expired", "system"),
        ("offer.made", "system"),
    ]
    assert await story.rights("karim", consult_id) == set()
    assert await story.rights("anne", consult_id) == {"consult.view"}
    with pytest.raises(Conflict) as late:
        await offers.accept(story.db, story["karim"], consult_id)
    assert late.value.code == "error-offer-expired"

    before = len(await story.told())
    assert second.answer_by is not None
    await until(story, second.answer_by)  # nobody else reads lymph nodes
    assert await answers(story, consult_id) == {"karim": "expired", "anne": "proposed"}
    assert set(await told_since(story, before)) == {("consult.unanswered", "chloe"), ("consult.unanswered", "zoe")}
    kind, who, detail = (await story.audited())[-1]
    assert (kind, who, detail["alarm"], len(detail["told"])) == ("consult.alarmed", "system", "unanswered", 2)
    assert (await seen(story, consult_id))[1][-1].answer_by is None
    await offers.accept(story.db, story["anne"], consult_id)  # late, and welcome
    assert set(await standing(story)) == {clock.ALARM, clock.LATE}


async def test_in_a_chain_a_refusal_asks_the_next_at_once_until_nobody_is_left(story: Story) -> None:
    consult_id = await asked(story, CHAIN, "anne")
    before = len(await story.told())
    await offers.decline(story.db, story["anne"], consult_id, "En congé.")
    assert await answers(story, consult_id) == {"anne": "declined", "karim": "proposed"}
    assert await told_since(story, before) == [("consult.offered", "karim"), ("offer.passed-on", "zoe")]
    assert (await seen(story, consult_id))[0].status is ConsultStatus.ACTIVE
    before = len(await story.told())
    await offers.decline(story.db, story["karim"], consult_id, "Absent.")
    consult, _ = await seen(story, consult_id)
    assert (consult.status, consult.held_because) == (ConsultStatus.ON_HOLD, HeldBecause.DECLINED)
    # Cayenne has no coordinator: who asked is told.
    assert await told_since(story, before) == [("offer.declined", "zoe"), ("consult.unanswered", "zoe")]
    assert await standing(story) == {}  # it waits for Zoé, and the clock stands still


async def test_a_chain_asks_nobody_more_after_the_patient_refused_or_while_another_may_accept(story: Story) -> None:
    consult_id = await asked(story, CHAIN, "karim")
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    await story.expert("paule", "nice", "Paule", "Rossi")
    await offers.decline(story.db, story["karim"], consult_id, "Absent.")
    assert await answers(story, consult_id) == {"karim": "declined", "anne": "proposed"}
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(case).values(non_opposition="refused"))
    (_, waits) = (await seen(story, consult_id))[1]
    assert waits.answer_by is not None
    await until(story, waits.answer_by)
    assert await answers(story, consult_id) == {"karim": "declined", "anne": "proposed"}
    assert ("consult.unanswered", "zoe") in await story.told()


async def test_while_nobody_is_asked_the_clock_stands_still_and_the_alarm_is_not_lost(story: Story) -> None:
    consult_id = await asked(story, Terms(), "karim", Urgency.URGENT)
    story.clock.advance(hours=1)
    await offers.decline(story.db, story["karim"], consult_id, "Absent.")
    story.clock.advance(hours=80)
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    await offers.accept(story.db, story["anne"], consult_id)
    consult, _ = await seen(story, consult_id)
    due_at = story.clock.now + timedelta(hours=24)
    assert (consult.due_at, consult.paused_seconds) == (due_at, 80 * 3600)
    assert await standing(story) == {clock.ALARM: due_at - timedelta(hours=25) / 4, clock.LATE: due_at}


async def test_an_alarm_whose_time_has_passed_is_given_at_once_and_once(story: Story) -> None:
    consult_id = await asked(story, Terms(), "karim", Urgency.URGENT)
    await until(story, story.clock.now + timedelta(days=4))
    before = len(await story.told())
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    due_at = story.clock.now + timedelta(hours=24)
    assert await standing(story) == {clock.ALARM: story.clock.now, clock.LATE: due_at}
    await until(story, story.clock.now)
    told = [("consult.offered", "anne"), *(("consult.alarm", key) for key in ("zoe", "karim", "anne"))]
    assert sorted(await told_since(story, before)) == sorted(told)
    await offers.accept(story.db, story["anne"], consult_id)
    assert await standing(story) == {clock.LATE: due_at}


async def test_what_has_ended_is_left_alone_by_the_timers_that_are_late(story: Story) -> None:
    consult_id = await asked(story, CHAIN, "karim")
    async with story.db.read() as reader:
        rows = [dict(row) for row in await reader.all(select(timer))]
    assert {row["kind"] for row in rows} == {clock.ALARM, clock.LATE, clock.UNANSWERED}
    await request.revoke(story.db, story["zoe"], consult_id)
    assert await standing(story) == {}
    before = len(await story.told())
    for erased in (None, NOON):
        async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
            await tx.execute(timer.insert(), rows)  # as a node would fire them that began a moment ago
            await tx.execute(update(case).values(erased_at=erased))
        await until(story, NOON + timedelta(days=30))
        assert await standing(story) == {}
    assert await told_since(story, before) == []


async def test_who_asks_and_who_reads_are_told_before_a_deadline_breaks_and_when_it_does(story: Story) -> None:
    await story.person("chloe", "cayenne", "Chloé", "Roux", roles=[Role.COORDINATOR])
    consult_id = await asked(story, Terms(), "karim")
    assert clock.UNANSWERED not in await standing(story)  # one expert by name: who asked chooses again
    story.clock.advance(hours=5)
    await offers.accept(story.db, story["karim"], consult_id)
    due = (await seen(story, consult_id))[0].due_at
    assert await standing(story) == {clock.ALARM: due - (due - NOON) / 4, clock.LATE: due}
    before = len(await story.told())
    await until(story, due - (due - NOON) / 4)
    assert sorted(await told_since(story, before)) == [("consult.alarm", "chloe"), ("consult.alarm", "karim")]
    before = len(await story.told())
    await until(story, due)
    assert sorted(await told_since(story, before)) == [("consult.late", key) for key in ("chloe", "karim", "zoe")]
    assert [(kind, detail["alarm"]) for kind, _, detail in (await story.audited())[-2:]] == [
        ("consult.alarmed", "deadline"),
        ("consult.alarmed", "late"),
    ]
    assert await standing(story) == {}


async def a_pool(story: Story, size: int) -> str:
    """Experts ``e0``… of Rennes, in one pool of Cayenne."""
    keys = [f"e{number}" for number in range(size)]
    for key in keys:
        await story.expert(key, "rennes", "Élie", f"Expert{key}")
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        pool_id = tx.new_id()
        home = {"institution_id": story["zoe"].institution_id}
        await tx.insert(pool, id=pool_id, name="Hémato", organs=[], network="", created_at=tx.now, version=1, **home)
        for key in keys:
            who = {"person_id": story[key].person_id, "institution_id": story[key].institution_id}
            await tx.insert(pool_member, pool_id=pool_id, since=tx.now, **who)
    return pool_id


async def test_of_a_pool_of_twenty_who_accept_at_the_same_instant_one_reads(story: Story) -> None:
    pool_id = await a_pool(story, 20)
    consult_id = await asked(story, Terms(policy=Policy.POOL, pool_id=pool_id))
    keys = [f"e{number}" for number in range(20)]
    assert await answers(story, consult_id) == dict.fromkeys(keys, "proposed")  # and neither Karim nor Anne
    assert sorted(await story.told()) == sorted(("consult.offered", key) for key in keys)
    done = await outcomes(*(offers.accept(story.db, story[key], consult_id) for key in keys))
    (winner,) = (key for key, error in zip(keys, done, strict=True) if error is None)
    assert set(done) == {None, Conflict}
    assert await answers(story, consult_id) == dict.fromkeys(keys, "withdrawn") | {winner: "accepted"}
    async with story.db.read() as reader:
        (reading,) = await repository.readings_of(reader, consult_id)
    assert reading.expert_id == story[winner].person_id
    assert len(await audited.records(story.db, "offer.made")) == 20
    assert len(await audited.records(story.db, "offer.accepted")) == 1
    assert {key for key in keys if await story.rights(key, consult_id)} == {winner}


async def test_a_pool_waits_for_its_requester_when_everyone_has_refused(story: Story) -> None:
    with pytest.raises(Invalid) as nobody:
        await asked(story, Terms(policy=Policy.POOL, pool_id=await a_pool(story, 0)))
    assert nobody.value.code == "error-pool-empty"
    pool_id = await a_pool(story, 2)
    consult_id = await asked(story, Terms(policy=Policy.POOL, pool_id=pool_id))
    before = len(await story.told())
    await offers.decline(story.db, story["e0"], consult_id, "Non.")
    assert await told_since(story, before) == []  # the other may still accept
    await offers.decline(story.db, story["e1"], consult_id, "Non.")
    assert await told_since(story, before) == [("offer.declined", "zoe"), ("consult.unanswered", "zoe")]
    assert await story.status(consult_id) is ConsultStatus.ON_HOLD


async def test_a_ring_goes_round_the_territories_until_somebody_accepts(story: Story) -> None:
    """Noon in Greenwich, a Wednesday: Lille and Rennes are at work; in Saint-Denis it is 16 h, and then evening."""
    await story.expert("rose", "saint-denis", "Rose", "Payet")
    story.clock.now = NOON + timedelta(hours=4.99)  # 17:59 in Lille
    consult_id = await asked(story, RING)
    assert await answers(story, consult_id) == {"karim": "proposed", "anne": "proposed"}  # Rose has gone home
    begun = story.clock.now
    pool_id = await a_pool(story, 0)
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        await tx.insert(
            duty,
            id=tx.new_id(),
            pool_id=pool_id,
            territory="04",
            person_id=story["rose"].person_id,
            phone="+262 262 00 00 00",
            starts_at=begun + timedelta(seconds=90),
            ends_at=begun + timedelta(hours=12),
            version=1,
        )
    before = len(await story.told())
    await until(story, begun + timedelta(minutes=1))
    assert sorted(await told_since(story, before)) == [("consult.ringing", "anne"), ("consult.ringing", "karim")]
    before = len(await story.told())
    await until(story, begun + timedelta(minutes=2))
    assert await answers(story, consult_id) == dict.fromkeys(("karim", "anne", "rose"), "proposed")
    assert ("consult.offered", "rose") in await told_since(story, before)
    assert (await story.audited())[-1][:2] == ("offer.made", "system")
    await offers.decline(story.db, story["anne"], consult_id, "Absente.")
    for minute in (3, 4, 5):
        before = len(await story.told())
        await until(story, begun + timedelta(minutes=minute))
    rung = [("consult.ringing", "karim"), ("consult.ringing", "rose"), ("consult.unheard", "zoe")]
    assert sorted(await told_since(story, before)) == rung
    await offers.accept(story.db, story["rose"], consult_id)
    assert set(await standing(story)) == {clock.ALARM, clock.LATE}
    assert await answers(story, consult_id) == {"karim": "withdrawn", "anne": "declined", "rose": "accepted"}


async def test_where_everybody_sleeps_everybody_is_rung_for_an_hour(story: Story) -> None:
    story.clock.now = NOON + timedelta(hours=10)
    consult_id = await asked(story, RING)
    begun = story.clock.now
    assert await answers(story, consult_id) == {"karim": "proposed", "anne": "proposed"}
    for minute in range(1, 61):
        await until(story, begun + timedelta(minutes=minute))
    told = await story.told()
    assert told.count(("consult.ringing", "karim")) == 59
    assert [kind for kind, _ in told if not kind.endswith(("ringing", "offered"))] == [
        "consult.unheard",
        *["consult.alarm"] * 3,
        *["consult.late"] * 3,
    ]
    assert await standing(story) == {}
    assert await story.status(consult_id) is ConsultStatus.ACTIVE
