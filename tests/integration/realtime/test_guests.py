"""A guest without an account in a live room: what they are told, what they may send, and how fast they are out."""

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from auth import links
from realtime import messages
from realtime.bus import REVOKED
from realtime.bus_memory import MemoryBus
from realtime.frames import PointerFrame
from telepath.access import Right
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import Ward, node


async def test_a_guest_points_only_if_the_link_says_so_and_reads_and_says_nothing(sqlite_url: str) -> None:
    ward = await Ward(Database(sqlite_url, MASTER_KEY)).build()
    room = await ward.room()
    shown = await ward.invite("ada", room)
    await ward.invite("bob", room, Right.POINT)
    async with node(ward.db, MemoryBus()) as place, place.guest("zoe", room) as zoe, place.guest("lea", room) as lea:
        assert (await zoe.operate("say", text="Avant qu'ils viennent."))["type"] == "ack"
        async with place.guest("ada", room) as ada, place.guest("bob", room) as bob:
            # Everything in the room that a guest could say or do is refused, and they go on.
            for act in ({"kind": "say", "text": "Bonjour."}, {"kind": "ask"}, {"kind": "take", "epoch": 1}):
                refused = await ada.operate(**act)
                assert refused["type"] == "refused", act
            await zoe.until(lambda: "Pr ada" in str(zoe.members))
            to = next(key for key, one in zoe.members.items() if one["name"] == "Pr ada")
            assert (await zoe.operate("hand-over", epoch=1, to=to))["type"] == "refused"
            assert (await zoe.operate("say", text="Entre nous."))["type"] == "ack"
            await lea.until(lambda: [fact["kind"] for fact in lea.facts].count("said") == 2)
            await ada.until(lambda: [fact["kind"] for fact in ada.facts].count("withheld") == 2)
            assert "Entre nous" not in str(ada.messages)
            assert "Avant" not in str(ada.messages)
            assert {fact["name"] for fact in ada.facts if fact["kind"] == "withheld"} == {""}
            assert "Entre nous" in str(lea.messages)

            # Ada's pointer is dropped, Bob's is not: when his has come, hers would have.
            await ada.send(ada.pointer(1), ada.pointer(2))
            await bob.send(bob.pointer(3))
            await zoe.until(lambda: any(isinstance(frame, PointerFrame) for frame in zoe.frames))
            assert {frame.stream for frame in zoe.frames if isinstance(frame, PointerFrame)} == {bob.you}
            await zoe.send(zoe.viewport(5))
            await ada.until(lambda: ada.field is not None)

            # The slide changes: they stay, and see it.
            assert (await zoe.operate("slide", epoch=1, slide=ward.slides[1]))["type"] == "ack"
            await ada.until(lambda: ada.facts[-1]["kind"] == "slide")
            await place.hub.bus.publish(REVOKED, b"{}")
            await zoe.send(zoe.viewport(7))
            await ada.until(lambda: ada.field is not None and ada.field.x == 7)

            await links.withdraw(ward.db, ward.actor("zoe"), shown)
            await place.hub.bus.publish(REVOKED, b"{}")  # as the relay does with what the transaction left
            assert await ada.closed() == 4401
            await zoe.until(lambda: "Pr ada" not in str(zoe.members))
            assert bob.close_code is None
            await zoe.say({"type": "op", "id": "closing-the-room", "act": {"kind": "close"}})
            assert await bob.closed() == 4410
    await ward.db.close()


def test_what_is_withheld_keeps_its_place_and_nothing_else() -> None:
    fact = messages.Fact(7, "said", {"text": "Bonjour"}, "a" * 26, "Dr Zoé", "2026-03-11T12:00:00Z", "operation-1")
    assert messages.withheld(fact) == messages.Fact(7, "withheld", {}, "", "", "2026-03-11T12:00:00Z", "")


async def test_a_guest_hears_of_no_agenda_and_draws_only_if_the_link_lets_them_point(sqlite_url: str) -> None:
    ward = await Ward(Database(sqlite_url, MASTER_KEY)).build()
    room = await ward.room()
    await ward.invite("ada", room)
    await ward.invite("bob", room, Right.POINT)
    line: dict[str, Any] = {"slide": ward.slides[0], "points": [[1, 2], [3, 4]]}
    items = [{"id": "item-one", "label": "Entre nous"}]
    async with node(ward.db, MemoryBus()) as place, place.guest("zoe", room) as zoe:
        await zoe.operate("agenda", items=items)
        async with place.guest("ada", room) as ada, place.guest("bob", room) as bob:
            assert ada.welcome["agenda"] is None
            assert [fact["kind"] for fact in ada.facts] == ["opened", "withheld"]
            for refused in (
                await ada.operate("draw", **line),
                await ada.operate("gather", epoch=1),
                await ada.operate("onward", epoch=1, room="0" * 26),
                await bob.operate("agenda", items=items),
                await bob.operate("item", epoch=1, item="item-one"),
            ):
                assert refused["type"] == "refused"
            assert (await bob.operate("draw", **line))["type"] == "ack"
            assert (await zoe.operate("item", epoch=1, item="item-one"))["type"] == "ack"
            await ada.until(lambda: [fact["kind"] for fact in ada.facts][2:] == ["drawn", "item"])
            assert (await ada.operate("erase", drawn=3))["type"] == "refused"
            assert (await bob.operate("erase", drawn=3))["type"] == "ack"
    await ward.db.close()


async def test_a_guest_is_not_told_where_the_others_are_called(sqlite_url: str) -> None:
    ward = await Ward(Database(sqlite_url, MASTER_KEY)).build()
    room, following = await ward.room(), await ward.other_room("zoe")
    await ward.invite("ada", room, Right.POINT)
    items = [{"id": "item-two", "label": "Le cas suivant", "room": following}]
    async with node(ward.db, MemoryBus()) as place, place.guest("zoe", room) as zoe, place.guest("ada", room) as ada:
        assert (await zoe.operate("agenda", items=items))["type"] == "ack"
        assert (await zoe.operate("onward", epoch=1, room=following))["type"] == "ack"
        assert (await zoe.operate("item", epoch=1, item="item-two"))["type"] == "ack"
        await ada.until(lambda: [fact["kind"] for fact in ada.facts] == ["opened"] + ["withheld"] * 3)
        async with place.guest("ada", room) as late:
            assert [fact["kind"] for fact in late.facts] == ["opened"] + ["withheld"] * 3
            assert following not in str(ada.messages) + str(late.messages)
            assert "suivant" not in str(ada.messages) + str(late.messages)
        with pytest.raises(InvalidStatus):
            async with place.guest("ada", following):
                pass
    await ward.db.close()
