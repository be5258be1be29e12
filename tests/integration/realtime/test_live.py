"""Frames, followers and who is there in the live room, over real WebSockets: by our own socket class, and by plain ASGI."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from realtime import calls, frames
from realtime.calls import Call
from realtime.close_codes import CloseCode
from realtime.frames import ReceiptFrame
from realtime.presence import Seat
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import Guest, Node, Ward


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


async def test_a_follower_sees_the_presenters_field_and_everybodys_pointer(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        sent = zoe.viewport(256 * 20_480)
        await zoe.send(sent)
        await paul.until(lambda: paul.field == sent)
        pointing = paul.pointer(77)
        await paul.send(pointing)
        await zoe.until(lambda: pointing in zoe.frames)
        await zoe.until(lambda: len(zoe.members) == 2)
        assert zoe.field is None, "nobody gets their own frames back"


async def test_the_newest_of_many_frames_arrives(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        for x in range(100):
            last = zoe.viewport(x)
            await zoe.send(last)
        await paul.until(lambda: paul.field == last)
        came = [frame.sequence for frame in paul.frames]
        assert came == sorted(set(came))


@pytest.mark.parametrize("attempt", ["stream", "epoch", "future", "role", "replay", "leap"])
async def test_forged_old_and_repeated_frames_are_dropped_and_the_room_goes_on(
    attempt: str, place: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with (
        place.guest("zoe", room) as zoe,
        place.guest("paul", room) as paul,
        place.guest("lea", room) as lea,
    ):
        first = zoe.viewport(1)
        await zoe.send(first)
        await lea.until(lambda: lea.field == first)
        wrong = {
            "stream": (paul, paul.viewport(666, stream=zoe.you, sequence=99)),
            "epoch": (zoe, zoe.viewport(666, epoch=0)),
            "future": (zoe, zoe.viewport(666, epoch=7)),
            "role": (paul, paul.viewport(666)),
            "replay": (zoe, first),
            "leap": (zoe, zoe.viewport(666, sequence=2**32 - 1)),
        }[attempt]
        await wrong[0].send(wrong[1])
        last = zoe.viewport(2, sequence=1000)
        await zoe.send(last)
        await lea.until(lambda: lea.field == last)
        assert [frame.x for frame in lea.frames] == [1, 2]
        assert paul.close_code is None


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("not json", CloseCode.MALFORMED),
        ('{"type":"op","id":"12345678","act":{"kind":"rule"}}', CloseCode.MALFORMED),
        ('{"type":"hello","protocol":3}', CloseCode.MALFORMED),
        (b"\xff" * 20, CloseCode.MALFORMED),
        (b"", CloseCode.MALFORMED),
        (frames.encode(frames.AckRecord(10**6)), CloseCode.MALFORMED),
        ("x" * (64 * 1024 + 1), 1009),
        (b"\x01" * (64 * 1024 + 1), 1009),
    ],
    ids=[
        "text",
        "unknown act",
        "second hello",
        "bytes",
        "empty",
        "an ack that lies",
        "text too long",
        "bytes too long",
    ],
)
async def test_who_breaks_the_protocol_is_closed_and_the_room_goes_on(
    what: str | bytes, code: int, place: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("lea", room) as lea, place.guest("paul", room) as paul:
        await paul.say(what)
        assert await paul.closed() == code
        await lea.until(lambda: ward.person("paul") not in lea.members)
        last = zoe.viewport(2)
        await zoe.send(last)
        await lea.until(lambda: lea.field == last)


async def test_a_flood_is_closed_and_the_others_notice_nothing(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("lea", room) as lea, place.guest("paul", room) as paul:
        flood = asyncio.create_task(_flood(paul))
        while paul.close_code is None:
            shown = zoe.viewport(zoe._sequence)
            await zoe.send(shown)
            await lea.until(lambda shown=shown: lea.field is not None and lea.field.sequence >= shown.sequence)  # type: ignore[misc]
            await asyncio.sleep(1 / 60)
        await flood
        assert await paul.closed() == CloseCode.FLOOD
        assert (zoe.close_code, lea.close_code) == (None, None)


async def _flood(guest: Guest) -> None:
    for _ in range(10_000):
        await guest.send(guest.pointer())
        if guest.close_code is not None:
            return


async def test_a_person_with_two_tabs_is_one_member(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as one, ours.guest("zoe", room) as two, ours.guest("paul", room) as paul:
        zoe = paul.members[ward.person("zoe")]
        assert zoe["streams"] == [one.you, two.you]
        assert paul.members[ward.person("paul")]["colour"] != zoe["colour"]
        shown = two.viewport(9)
        await two.send(shown)
        await paul.until(lambda: paul.field == shown)
        await one.until(lambda: one.field == shown)


async def test_breaking_away_is_visible_to_all(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        await paul.say({"type": "following", "following": False})
        await zoe.until(lambda: zoe.members.get(ward.person("paul"), {}).get("following") is False)


async def test_how_wide_somebodys_window_is_is_told_to_all(place: Node, ward: Ward) -> None:
    """At the same magnification a field cannot be shown without it."""
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        window = {"type": "window", "height": 900, "ratio": 1.0, "reduced": False, "push": False, "same": False}
        for width in (1440, 1100):
            await zoe.say(window | {"width": width})
            await paul.until(lambda: paul.members[ward.person("zoe")]["width"] == width)  # noqa: B023  # awaited here


async def test_whom_somebody_follows_is_visible_and_only_followers_see_who_does_not_present(
    place: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul, place.guest("lea", room) as lea:
        await paul.send(paul.viewport(1))  # nobody follows: dropped
        await paul.say({"type": "ping", "at": 1})
        await paul.until(lambda: bool(paul.of("pong")))
        await lea.say({"type": "following", "following": True, "whom": ward.person("paul")})
        await paul.until(lambda: paul.members.get(ward.person("lea"), {}).get("whom") == ward.person("paul"))
        shown = paul.viewport(2)
        await paul.send(shown)
        await lea.until(lambda: lea.field == shown)
        async with place.guest("lea", room) as late:
            await late.say({"type": "following", "following": True, "whom": ward.person("paul")})
            await late.until(lambda: late.field == shown)
        presented = zoe.viewport(3)
        await zoe.send(presented)
        await lea.until(lambda: presented in lea.frames)
        assert [frame.x for frame in lea.frames] == [2, 3]
        assert [frame.x for frame in zoe.frames] == []


async def test_one_follows_nobody_who_is_not_there_and_not_oneself(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        for whom in (ward.person("max"), "0" * 26):
            await paul.say({"type": "following", "following": False, "whom": whom})
        await paul.say({"type": "following", "following": False, "whom": ward.person("paul")})
        await zoe.until(lambda: zoe.members.get(ward.person("paul"), {}).get("following") is False)
        assert zoe.members[ward.person("paul")]["whom"] == ""


async def test_who_toggles_whom_they_follow_makes_no_flood_of_lists(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        await zoe.until(lambda: len(zoe.members) == 2)
        before = len(zoe.of("presence"))
        for number in range(81):
            await paul.say({"type": "following", "following": number % 2 == 1})
        await zoe.until(lambda: zoe.members[ward.person("paul")]["following"] is False)
        await paul.say({"type": "ping", "at": 1})
        await paul.until(lambda: bool(paul.of("pong")))
        assert len(zoe.of("presence")) - before < 20


async def test_who_toggles_on_another_node_makes_no_flood_of_lists_and_of_calls(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    bus, subject = ours.hub.bus, calls.topic(room, calls.PRESENCE)
    async with ours.guest("zoe", room) as zoe, bus.subscribe(subject) as called:
        lists = len(zoe.of("presence"))
        for number in range(81):
            there = Seat(
                1000, ward.person("paul"), "Dr Paul", "Lille", 1, following=number % 2 == 1, width=1000 + number
            )
            await bus.publish(subject, calls.encode(Call("the other", (there,), b"", 0)))
        await zoe.until(lambda: zoe.members.get(ward.person("paul"), {}).get("width") == 1080)
        assert len(zoe.of("presence")) - lists < 20
        nodes = [calls.decode((await anext(called))[1]).node for _ in range(81)]
        assert nodes.count("the other") > 70, "to hear of it is nothing to tell of"


async def test_a_receipt_reaches_the_presenter_alone(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul, place.guest("lea", room) as lea:
        field = zoe.viewport(1)
        await zoe.send(field)
        await paul.until(lambda: paul.field == field)
        answer = ReceiptFrame(paul.you, 1, 2, 0, zoe.you, field.sequence, 0, 0, 256, 256, sharp=True)
        await paul.send(
            msgspec.structs.replace(answer, of=4242, sequence=1),
            msgspec.structs.replace(answer, stream=zoe.you),
            answer,
        )
        await zoe.until(lambda: answer in zoe.frames)
        assert zoe.frames == [answer]
        pointing = paul.pointer(7)
        await paul.send(pointing)
        await lea.until(lambda: pointing in lea.frames)
        assert lea.frames == [field, pointing]


async def test_a_follower_who_acknowledges_nothing_gets_only_what_credit_allows(
    ours: Node, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.mailbox.START", 4096)
    room = await ward.room()
    async with (
        ours.guest("zoe", room) as zoe,
        ours.guest("paul", room, acks=False) as paul,
        ours.guest("lea", room) as lea,
    ):
        for x in range(150):
            shown = zoe.viewport(x)
            await zoe.send(shown)
            await lea.until(lambda shown=shown: lea.field == shown)  # type: ignore[misc]
            await asyncio.sleep(0.01)  # under the 120 messages a second that a presenter may send
        assert sum(len(frames.encode(frame)) for frame in paul.frames) < 4096
        assert paul.field != shown
        await paul.send(frames.AckRecord(paul.received))
        await paul.until(lambda: paul.field == shown)


async def test_a_tick_comes_each_second_with_the_newest_fact(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        await zoe.operate("say", text="un")
        await zoe.until(lambda: bool(zoe.of("tick")) and zoe.of("tick")[-1]["seq"] == 2)
        assert zoe.of("tick")[-1]["linked"] is True
        await zoe.say({"type": "ping", "at": 12})
        await zoe.until(lambda: bool(zoe.of("pong")))
        assert zoe.of("pong")[0]["at"] == 12


async def test_a_room_in_which_something_moves_ticks_four_times_a_second(
    ours: Node, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.live_room.LIVELY", 2.0)
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        assert zoe.welcome["every"] == 1000
        await zoe.send(zoe.viewport(1))
        await paul.until(lambda: paul.field is not None)
        async with ours.guest("lea", room) as lea:
            assert lea.welcome["every"] == 250
        await paul.until(lambda: [tick["every"] for tick in paul.of("tick")].count(250) >= 4)
        await paul.until(lambda: paul.of("tick")[-1]["every"] == 1000)
        told = [tick for tick in paul.of("tick") if tick["every"] == 250]
        assert (told[-1]["at"] - told[0]["at"]) / (len(told) - 1) < 600, "nominally 250 ms"
