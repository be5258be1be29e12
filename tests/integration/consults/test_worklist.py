"""What each side finds on the list, and in which number of questions to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from consults import offers, reading, repository, request, signing, timeline, worklist
from consults.deadlines import Urgency
from consults.kinds import HeldBecause
from consults.model import Question
from consults.opinion import Draft
from consults.wish import Sort, View, Wish, wish_of
from telepath.access import Allowed
from telepath.actor import Actor, Role
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.db.database import Database
from tests.builders import World

FIVE_MINUTES = timedelta(minutes=5)


class Desk(World):
    """Zoé asks; Karim and Anne read."""

    case_id: str

    async def set_up(self) -> "Desk":
        zoe = await self.person("zoe", "cayenne", "Zoé", "Marchand")
        await self.expert("karim", "lille", "Karim", "Haddad")
        await self.expert("anne", "rennes", "Anne", "Le Goff")
        self.case_id = await self.case(zoe)
        await self.slide(zoe, self.case_id)
        return self

    async def ask(self, expert: str, urgency: Urgency = Urgency.STANDARD, question: str = "Lymphome ?") -> str:
        asked = Question(question, "", "lymphoid", urgency)
        return await request.request(self.db, self.actors["zoe"], self.case_id, asked, self.actors[expert].person_id)

    async def accept(self, consult_id: str, expert: str) -> None:
        await offers.accept(self.db, self.actors[expert], consult_id)

    async def sign(self, consult_id: str, expert: str) -> None:
        actor = self.again(expert)
        async with self.db.read() as reader:
            seen = (await repository.reading_by(reader, consult_id, actor.person_id)).version
        saved = await reading.save_draft(self.db, actor, consult_id, seen, Draft("Lymphome."))
        await signing.sign(self.db, actor, consult_id, saved.version, FIVE_MINUTES)

    async def open(self, consult_id: str, key: str = "zoe", *, opened: bool = True) -> None:
        async with self.db.read() as reader:
            consult = await repository.get(reader, consult_id)
        await reading.record_view(self.db, self.actors[key], consult, Allowed("institution"), opened=opened)

    async def list_of(self, key: str) -> worklist.Worklist:
        async with self.db.read() as reader:
            return await worklist.of_person(reader, self.actors[key])


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk(database).set_up()


def statuses(entries: list[worklist.Entry]) -> list[str]:
    return [entry.status for entry in entries]


async def test_a_consult_moves_over_both_lists_as_it_goes_on(desk: Desk) -> None:
    steps = []

    async def note() -> None:
        for key in ("zoe", "karim"):
            mine = await desk.list_of(key)
            steps.append((statuses(mine.to_do), statuses(mine.waiting), statuses(mine.done)))

    await note()
    consult_id = await desk.ask("karim")
    await note()
    await desk.accept(consult_id, "karim")
    await note()
    await reading.save_draft(desk.db, desk.actors["karim"], consult_id, 1, Draft("L"))
    await note()
    await desk.sign(consult_id, "karim")
    await note()
    await desk.open(consult_id)
    await note()
    await desk.sign(consult_id, "karim")  # an addendum
    await desk.open(consult_id, opened=False)
    await note()
    assert steps == [
        ([], [], []),
        ([], [], []),
        ([], ["offered"], []),
        (["to-answer"], [], []),
        ([], ["being-read"], []),
        (["accepted"], [], []),
        ([], ["being-read"], []),
        (["in-progress"], [], []),
        (["to-read"], [], []),
        ([], [], ["signed"]),
        ([], [], ["answered"]),
        ([], [], ["signed"]),
        (["to-read"], [], []),
        ([], [], ["signed"]),
    ]


async def test_the_most_pressing_comes_first_and_the_late_are_counted(desk: Desk) -> None:
    await desk.ask("karim", Urgency.SYSTEMATIC)
    await desk.ask("karim", Urgency.FROZEN)
    await desk.ask("karim", Urgency.URGENT)
    desk.clock.advance(minutes=21)
    mine = await desk.list_of("karim")
    assert [entry.urgency for entry in mine.to_do] == ["frozen", "urgent", "systematic"]
    assert [entry.late for entry in mine.to_do] == [True, False, False]
    async with desk.db.read() as reader:
        counted = await worklist.numbers(reader, desk.actors["karim"])
    assert (counted.to_do, counted.waiting, counted.late) == (3, 0, 1)


async def test_a_request_that_everyone_declined_waits_for_its_requester(desk: Desk) -> None:
    consult_id = await desk.ask("karim")
    await offers.decline(desk.db, desk.actors["karim"], consult_id, "Absent.")
    mine = await desk.list_of("zoe")
    assert statuses(mine.to_do) == ["on-hold"]
    assert mine.to_do[0].other == ""
    assert (await desk.list_of("karim")).empty


async def test_the_list_names_the_other_side_and_hides_the_case_until_it_is_accepted(desk: Desk) -> None:
    consult_id = await desk.ask("karim")
    (mine,) = (await desk.list_of("zoe")).waiting
    assert (mine.other, mine.place, mine.case_title) == ("Dr Karim Haddad", "Lille", "Ganglion cervical")
    (theirs,) = (await desk.list_of("karim")).to_do
    assert (theirs.other, theirs.place, theirs.case_title) == ("Dr Zoé Marchand", "Cayenne", "")
    await desk.accept(consult_id, "karim")
    (theirs,) = (await desk.list_of("karim")).to_do
    assert theirs.case_title == "Ganglion cervical"


async def test_with_two_experts_asked_the_one_who_took_it_is_named(desk: Desk) -> None:
    consult_id = await desk.ask("karim")
    await offers.reoffer(desk.db, desk.actors["zoe"], consult_id, desk.actors["anne"].person_id)
    await desk.accept(consult_id, "karim")
    (mine,) = (await desk.list_of("zoe")).waiting
    assert mine.other == "Dr Karim Haddad"
    assert (await desk.list_of("anne")).empty


async def test_what_was_cancelled_leaves_both_lists(desk: Desk) -> None:
    for accepted in (False, True):
        consult_id = await desk.ask("karim")
        if accepted:
            await desk.accept(consult_id, "karim")
        await request.revoke(desk.db, desk.actors["zoe"], consult_id)
    assert (await desk.list_of("zoe")).empty
    assert (await desk.list_of("karim")).empty


async def test_what_was_signed_leaves_the_list_after_thirty_days(desk: Desk) -> None:
    consult_id = await desk.ask("karim")
    await desk.accept(consult_id, "karim")
    await desk.sign(consult_id, "karim")
    desk.clock.advance(days=30, seconds=-1)
    assert statuses((await desk.list_of("zoe")).to_do) == ["to-read"]
    desk.clock.advance(seconds=1)
    assert statuses((await desk.list_of("zoe")).to_do) == ["to-read"]  # not before it was read
    await desk.open(consult_id, "karim")
    assert statuses((await desk.list_of("zoe")).to_do) == ["to-read"]
    await desk.open(consult_id)
    assert (await desk.list_of("zoe")).empty
    assert (await desk.list_of("karim")).empty


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def test_the_list_is_five_statements_however_long_it_is(desk: Desk) -> None:
    for number in range(6):
        consult_id = await desk.ask("karim" if number % 2 else "anne")
        if number > 3:
            await desk.accept(consult_id, "karim" if number % 2 else "anne")
    with statements(desk.db) as seen:
        mine = await desk.list_of("zoe")
    assert len(mine.waiting) == 6
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 5


async def test_the_timeline_tells_who_did_what_in_order(desk: Desk) -> None:
    consult_id = await desk.ask("karim")
    zoe, karim, anne = (desk.actors[key] for key in ("zoe", "karim", "anne"))

    async def say(key: str, text: str) -> None:
        async with desk.db.write(desk.actors[key]) as tx:
            await threads.write(tx, desk.actors[key], await cases.get(tx, desk.case_id), text, consult_id=consult_id)

    desk.clock.advance(minutes=1)
    await offers.decline(desk.db, karim, consult_id, "En congé.")
    desk.clock.advance(minutes=1)
    await offers.reoffer(desk.db, zoe, consult_id, anne.person_id)
    desk.clock.advance(minutes=1)
    await desk.accept(consult_id, "anne")
    for key, text in (("anne", "Un CD10 ?"), ("anne", "Et un BCL2 ?"), ("zoe", "Oui.")):
        desk.clock.advance(minutes=1)
        await say(key, text)
    desk.clock.advance(minutes=1)
    await desk.sign(consult_id, "anne")
    desk.clock.advance(minutes=1)
    await desk.sign(consult_id, "anne")  # an addendum
    async with desk.db.read() as reader:
        moments = await timeline.of_consult(reader, await repository.get(reader, consult_id))
    names = {actor.person_id: key for key, actor in desk.actors.items()} | {"": ""}
    told = [(one.kind, names[one.person_id], names[one.about], one.count) for one in moments]
    assert told == [
        ("requested", "zoe", "", 1),
        ("offered", "zoe", "karim", 1),
        ("declined", "karim", "", 1),
        ("offered", "zoe", "anne", 1),
        ("accepted", "anne", "", 1),
        ("line", "anne", "", 2),
        ("line", "zoe", "", 1),
        ("signed", "anne", "", 1),
        ("amended", "anne", "", 1),
    ]
    assert moments[2].text == "En congé."


async def test_what_was_asked_at_one_place_is_not_listed_at_another(desk: Desk) -> None:
    await desk.ask("karim")
    zoe = desk.actors["zoe"]
    elsewhere = msgspec.structs.replace(zoe, institution_id=await desk.place("rennes"))
    auditing = msgspec.structs.replace(zoe, roles=frozenset({Role.AUDITOR}))
    async with desk.db.read() as reader:
        assert len((await worklist.of_person(reader, zoe)).waiting) == 1
        assert (await worklist.of_person(reader, elsewhere)).empty
        assert (await worklist.of_person(reader, auditing)).empty


async def test_pages_follow_each_other_without_a_gap_in_either_direction(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "PAGE", 2)
    asked = [await desk.ask("karim", urgency) for urgency in (Urgency.STANDARD, Urgency.FROZEN, Urgency.URGENT) * 2]
    zoe = desk.actors["zoe"]
    for view, sort in ((View.WAITING, Sort.DUE), (View.WAITING, Sort.ASKED), (View.INSTITUTION, Sort.NUMBER)):
        seen: list[str] = []
        wish: Wish | None = Wish(view=view, sort=sort)
        async with desk.db.read() as reader:
            while wish is not None:
                page = await worklist.page(reader, zoe, wish)
                seen += [entry.consult_id for entry in page.entries]
                # As an address carries it.
                said = {"view": str(view), "sort": str(sort), "after": page.next.text if page.next else ""}
                wish = wish_of(said) if page.next else None
        assert sorted(seen) == sorted(asked), (view, sort)
        assert len(set(seen)) == len(seen)


async def test_a_clock_that_stands_still_is_not_late_and_waits_for_the_other_side(desk: Desk) -> None:
    consult_id = await desk.ask("karim", Urgency.URGENT)
    await desk.accept(consult_id, "karim")
    async with desk.db.write(desk.actors["karim"], unaudited="a test's world") as tx:
        consult = await repository.get(tx, consult_id)
        await repository.save_consult(tx, consult.held(HeldBecause.MATERIAL, tx.now))
    desk.clock.advance(hours=30)
    (asked,) = (await desk.list_of("zoe")).to_do
    (read,) = (await desk.list_of("karim")).waiting
    assert (asked.status, read.status) == ("material-asked", "awaiting-material")
    assert [(one.stopped, one.late) for one in (asked, read)] == [(True, False)] * 2
    async with desk.db.read() as reader:
        assert (await worklist.numbers(reader, desk.actors["zoe"])).late == 0
        assert (await worklist.page(reader, desk.actors["karim"], Wish(view=View.LATE))).entries == []


async def test_the_institution_s_tab_has_what_all_its_people_asked_and_all_of_it_is_the_coordinators(
    desk: Desk,
) -> None:
    lea = await desk.person("lea", "cayenne", "Léa", "Tamarin", roles=(Role.TECHNICIAN,))
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=(Role.COORDINATOR,))
    gone = await desk.ask("karim")
    await request.revoke(desk.db, desk.actors["zoe"], gone)
    on = await desk.ask("anne")
    async with desk.db.read() as reader:

        async def of(actor: Actor, view: View) -> list[tuple[str, str, str]]:
            page = await worklist.page(reader, actor, Wish().seen_as(view))
            return [(one.consult_id, one.status, one.requester) for one in page.entries]

        zoe = "Dr Zoé Marchand"
        assert await of(lea, View.INSTITUTION) == [(on, "offered", zoe)]
        assert await of(lea, View.ALL) == []
        assert {one[:2] for one in await of(cora, View.ALL)} == {(on, "offered"), (gone, "revoked")}
        assert await of(desk.actors["karim"], View.INSTITUTION) == []
        assert (await worklist.numbers(reader, lea)).institution == 1
