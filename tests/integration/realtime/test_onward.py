"""From a room to the next one, on both databases: whoever says so may go there; who hears of it learns an identifier."""

from datetime import timedelta
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from realtime import ledger, messages, opening, operations, visits
from realtime.bus_memory import MemoryBus
from realtime.messages import Act, CloseRoom, GoToItem, HandOver, Item, Onward, Operation, SetAgenda
from realtime.operations import Recorded
from telepath.actor import SYSTEM
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.db.database import Database
from telepath.errors import Forbidden, Invalid, NotFound, Refused, TelepathError
from telepath.storage_local import LocalStorage
from tests.rooms import Ward, node


class Board:
    """Zoé presents in a room with Paul and Léa; the room of the next case is open, which Zoé and Léa may join, not Paul. Max
    has one in Rennes."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.room = self.following = self.elsewhere = ""
        self._acts = 0

    async def build(self) -> "Board":
        ward = self.ward
        self.room, self.following = await ward.room(), await ward.other_room("zoe")
        self.elsewhere = await ward.other_room("max")
        await visits.join(ward.db, ward.actor("paul"), self.room)
        return self

    def operation(self, act: Act) -> Operation:
        self._acts += 1
        return Operation(f"operation-{self._acts}", act)

    async def do(self, key: str, act: Act) -> Recorded:
        done = self.operation(act)
        return await operations.perform(self.ward.db, self.ward.actor(key), self.room, done.id, done.act)

    async def refused(self, key: str, act: Act) -> TelepathError:
        with pytest.raises(TelepathError) as refused:
            await self.do(key, act)
        return refused.value

    async def slide(self) -> str:
        """Of a third case of Zoé's."""
        zoe = self.ward.actor("zoe")
        return await self.ward.world.slide(zoe, await self.ward.world.case(zoe, "26-00420"))

    async def close(self, room: str, key: str = "zoe") -> None:
        await operations.perform(self.ward.db, self.ward.actor(key), room, "close-the-room", CloseRoom())


@pytest.fixture
async def board(ward: Ward) -> Board:
    return await Board(ward).build()


async def test_who_presents_or_opened_the_room_calls_everybody_on(board: Board) -> None:
    ward = board.ward
    called = await board.do("zoe", Onward(1, board.following))
    assert (called.fact.kind, called.fact.body) == ("onward", {"room": board.following, "item": "", "before": ""})
    assert (called.state.epoch, called.state.slide, called.state.closed) == (1, ward.slides[0], False)
    await board.do("zoe", HandOver(1, ward.person("paul")))
    await board.do("zoe", Onward(2, board.following))
    async with ward.db.read() as reader:
        told = await ledger.facts_since(reader, board.room, 0)
    assert [fact.kind for fact in told] == ["opened", "onward", "presenter", "onward"]


async def test_the_audit_of_the_room_that_is_left_says_which_one_comes_next_and_who(board: Board) -> None:
    ward = board.ward
    await board.do("zoe", SetAgenda((Item("item-two", "Le cas suivant", room=board.following),)))
    await board.do("zoe", Onward(1, board.following))
    await board.do("zoe", GoToItem(1, "item-two"))
    planned, called, gone_on = await ward.audited("room.fact")
    assert planned["detail"] == {"fact": "agenda", "seq": 2, "epoch": 1, "items": 1}
    assert called["detail"] == {"fact": "onward", "seq": 3, "epoch": 1, "onward": board.following}
    assert gone_on["detail"] == {"fact": "onward", "seq": 4, "epoch": 1, "onward": board.following, "item": 1}
    assert {(one["actor"], one["object_id"], one["case_id"]) for one in (called, gone_on)} == {
        (ward.person("zoe"), board.room, ward.case)
    }


async def test_a_point_with_a_room_is_the_one_at_hand_once_they_go_on_to_it(board: Board) -> None:
    ward = board.ward
    here, there = Item("item-one", "Cas 1", room=board.room), Item("item-two", "Cas 2", room=board.following)
    await board.do("zoe", SetAgenda((here, there)))
    await board.do("zoe", GoToItem(1, "item-one"))
    gone_on = await board.do("zoe", GoToItem(1, "item-two"))
    assert gone_on.fact.body == {"room": board.following, "item": "item-two", "before": "item-one"}
    async with ward.db.read() as reader:
        state = await ledger.state_of(reader, board.room)
    assert (state.agenda, state.item, state.since) == ((here, there), "item-two", gone_on.fact.at)
    again = await board.do("zoe", GoToItem(1, "item-two"))
    assert again.fact.kind == "onward", "who did not come is called again"


async def test_a_room_that_is_absent_closed_forgotten_or_not_theirs_is_refused_alike(board: Board) -> None:
    ward = board.ward
    now, closed = ward.db.clock(), await ward.other_room("lea", "26-00419")
    await board.close(closed, "lea")

    async def answers(*rooms: str) -> set[bytes]:
        """What is said to whoever calls to one of these, or puts it on the agenda."""
        told = set()
        for room in rooms:
            for act in (Onward(1, room), SetAgenda((Item("item-one", "Ici"), Item("item-two", "Cas", room=room)))):
                done = board.operation(act)
                answer = messages.encode(await operations.record(ward.db, ward.actor("zoe"), board.room, done))
                told.add(answer.replace(done.id.encode(), b"-"))
        return told

    alike = {
        b'{"type":"refused","op":"-","code":"error-room-next","params":{}}',
        b'{"type":"refused","op":"-","code":"error-room-next-item","params":{"item":2}}',
    }
    assert await answers("0" * 26, closed, board.elsewhere) == alike
    ward.db.clock = lambda: now + timedelta(hours=13)
    assert await answers(board.following) == alike
    (refusal,) = await ward.audited("access.refused")
    assert (refusal["actor"], refusal["object_id"]) == (ward.person("zoe"), board.elsewhere)
    assert refusal["detail"]["action"] == "room.join"


async def test_a_room_whose_slide_one_may_not_see_is_refused_like_one_that_is_absent(board: Board) -> None:
    ward = board.ward
    theirs = await opening.open_room(ward.db, ward.actor("zoe"), await board.slide(), invited=[ward.person("paul")])
    await board.do("zoe", HandOver(1, ward.person("paul")))
    refused = await board.refused("paul", Onward(2, theirs))
    assert (type(refused), refused.code) == (Refused, "error-room-next")
    assert [one["detail"]["action"] for one in await ward.audited("access.refused")] == ["slide.view"]


async def test_a_room_that_was_closed_since_the_agenda_named_it_is_not_gone_on_to(board: Board) -> None:
    ward = board.ward
    there, more = Item("item-two", "Cas 2", room=board.following), Item("item-three", "Divers")
    await board.do("zoe", SetAgenda((there,)))
    await board.close(board.following)
    refused = await board.refused("zoe", GoToItem(1, "item-two"))
    assert (type(refused), refused.code) == (NotFound, "error-room-next")
    # The rest of the agenda is still set right, by who may not join that room too; a point is not made to lead there anew.
    await board.do("zoe", HandOver(1, ward.person("paul")))
    await board.do("paul", SetAgenda((there, more)))
    for moved in (Item("item-four", "Cas 2", room=board.following), Item("item-two", "Cas 2", room=board.elsewhere)):
        assert (await board.refused("paul", SetAgenda((more, moved)))).code == "error-room-next-item"


async def test_the_room_of_an_erased_case_stays_on_the_agenda_and_leads_nowhere(
    board: Board, owner: Database, tmp_path: Path
) -> None:
    ward, there = board.ward, Item("item-two", "Cas 2", room=board.following)
    await board.do("zoe", SetAgenda((there,)))
    async with ward.db.read() as reader:
        case = (await ledger.state_of(reader, board.following)).case
    listed: list[Erasure] = []

    async def note(made: Erasure) -> None:
        listed.append(made)

    await erase_case(owner, LocalStorage(tmp_path), SYSTEM, case, Reason.RIGHT, "Demande du 23 novembre.", note)
    async with ward.db.read() as reader:
        assert (await ledger.state_of(reader, board.room)).agenda == (there,)
    assert (await board.refused("zoe", GoToItem(1, "item-two"))).code == "error-room-next"


async def test_who_neither_presents_nor_opened_the_room_calls_nobody(board: Board) -> None:
    for key in ("lea", "paul"):
        assert isinstance(await board.refused(key, Onward(1, board.following)), Forbidden)
    assert isinstance(await board.refused("max", Onward(1, board.elsewhere)), Forbidden)
    assert isinstance(await board.refused("zoe", Onward(1, board.room)), Invalid)
    async with board.ward.db.read() as reader:
        assert (await ledger.state_of(reader, board.room)).seq == 1


async def test_who_stays_goes_on_and_who_comes_late_reads_the_way(board: Board) -> None:
    ward = board.ward
    async with node(ward.db, MemoryBus()) as place, place.guest("zoe", board.room) as zoe:
        async with place.guest("paul", board.room) as paul:
            assert (await zoe.operate("onward", epoch=1, room=board.following))["type"] == "ack"
            await paul.until(lambda: paul.facts[-1]["kind"] == "onward")
            # All that he is told of the other case.
            assert paul.facts[-1]["body"] == {"room": board.following, "item": "", "before": ""}
            assert (await paul.operate("say", text="Je reste ici."))["type"] == "ack"
            with pytest.raises(InvalidStatus) as absent:
                async with place.guest("paul", board.following):
                    pass
            assert absent.value.response.status_code == 404
        async with place.guest("lea", board.room) as lea, place.guest("lea", board.following) as there:
            assert [fact["kind"] for fact in lea.facts] == ["opened", "onward", "said"]
            assert [fact["kind"] for fact in there.facts] == ["opened"]
