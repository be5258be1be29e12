"""web/routes/rooms.py: opening a room, and the way for networks that let no WebSocket through."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from realtime import drawings, frames, ledger, messages, operations
from realtime.bus_memory import MemoryBus
from realtime.connection import Connection
from realtime.messages import Draw, Hello
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox
from telepath.ids import is_id
from tests.builders import MASTER_KEY
from tests.rooms import Node, Ward, node, until
from web.room_sockets import EventSocket


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


@pytest.fixture
async def place(ward: Ward) -> AsyncIterator[Node]:
    async with node(ward.db, MemoryBus()) as running:
        yield running


@asynccontextmanager
async def browser(place: Node, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Cookie": f"telepath=cookie-of-{key}", "Origin": place.origin, "Sec-Fetch-Site": "same-origin"}
    async with httpx2.AsyncClient(base_url=place.origin, headers=headers, timeout=20) as client:
        yield client


class Events:
    """Server-sent events as they come."""

    def __init__(self, place: Node, key: str, path: str, **headers: str) -> None:
        self.seen: list[tuple[str, str, str]] = []
        self.status = 0
        self._task = asyncio.create_task(self._read(place, key, path, headers))

    async def _read(self, place: Node, key: str, path: str, headers: dict[str, str]) -> None:
        async with browser(place, key) as client, client.stream("GET", path, headers=headers) as response:
            self.status = response.status_code
            event: dict[str, str] = {}
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name:
                    event[name] = value
                elif "event" in event:
                    self.seen.append((event["event"], event.get("id", ""), event["data"]))
                    event = {}

    def of(self, kind: str) -> list[Any]:
        return [data if kind == "frames" else json.loads(data) for name, _, data in self.seen if name == kind]

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def events(place: Node, key: str, path: str, **headers: str) -> AsyncIterator[Events]:
    stream = Events(place, key, path, **headers)
    try:
        yield stream
    finally:
        await stream.close()


async def test_opening_a_room_goes_to_its_page_and_invites(place: Node, ward: Ward) -> None:
    async with browser(place, "zoe") as zoe:
        answer = await zoe.post("/rooms", data={"slide": ward.slides[0], "invite": [ward.person("paul"), "nonsense"]})
    assert answer.status_code == 303
    room = answer.headers["location"].removeprefix("/rooms/")
    assert is_id(room)
    async with ward.db.read() as reader:
        events = await reader.all(select(outbox.c.body).where(outbox.c.kind == "room.invited"))
        assert [(event["body"]["person"], event["body"]["room"]) for event in events] == [(ward.person("paul"), room)]
        assert (await ledger.state_of(reader, room)).presenter == ward.person("zoe")


async def test_who_may_not_see_the_slide_opens_no_room_and_finds_none(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with browser(place, "max") as max_:
        refused = [
            await max_.post("/rooms", data={"slide": ward.slides[0]}),
            await max_.get(f"/rooms/{room}"),
            await max_.get(f"/rooms/{room}/facts"),
            await max_.get(f"/rooms/{room}/slide"),
            await max_.get(f"/rooms/{room}/roll"),
            await max_.get(f"/rooms/{room}/drawings?slide={ward.slides[0]}"),
            await max_.post(f"/rooms/{room}/operations", json=_operation("ask")),
            await max_.get("/rooms/00000000000000000000000000/facts"),
            await max_.get("/rooms/not-an-id"),
        ]
    assert [answer.status_code for answer in refused] == [404] * 9
    assert len({answer.text for answer in refused}) == 1


async def test_the_roll_says_who_was_there_and_reading_it_is_recorded(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("paul", room):
        pass
    await place.hub.settled()
    async with place.guest("zoe", room), browser(place, "lea") as lea:
        answer = await lea.get(f"/rooms/{room}/roll")
    paul, zoe = answer.json()["roll"]
    assert (paul["name"], paul["institution"], paul["colour"]) == (
        "Dr Paul Lenoir",
        ward.actor("paul").institution_name,
        0,
    )
    assert (zoe["person"], zoe["left"]) == (ward.person("zoe"), None)
    assert paul["joined"] <= paul["left"] <= zoe["joined"]
    assert answer.headers["cache-control"] == "no-store"
    (viewed,) = await ward.audited("room.attendance-viewed")
    assert (viewed["actor"], viewed["object_id"], viewed["case_id"]) == (ward.person("lea"), room, ward.case)


async def test_the_drawings_of_a_slide_are_read_some_at_a_time(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with browser(place, "paul") as paul, browser(place, "zoe") as zoe:
        for number in range(drawings.READ + 1):
            act = Draw(ward.slides[0], ((number, 1), (2, 3)))
            await operations.perform(ward.db, ward.actor("paul"), room, f"operation-{number}", act)
        first = (await zoe.get(f"/rooms/{room}/drawings", params={"slide": ward.slides[0]})).json()
        assert first["drawings"][0] == {
            "seq": 2,
            "plane": 0,
            "points": [[0.0, 1.0], [2.0, 3.0]],
            "person": ward.person("paul"),
            "name": "Dr Paul Lenoir",
            "colour": 0,
        }
        assert (len(first["drawings"]), first["next"]) == (drawings.READ, drawings.READ + 1)
        rest = (
            await zoe.get(f"/rooms/{room}/drawings", params={"slide": ward.slides[0], "after": first["next"]})
        ).json()
        assert ([one["seq"] for one in rest["drawings"]], rest["next"]) == ([drawings.READ + 2], 0)
        other = (await zoe.get(f"/rooms/{room}/drawings", params={"slide": ward.slides[1]})).json()
        assert other == {"drawings": [], "next": 0}
        assert (await paul.get(f"/rooms/{room}/drawings")).status_code == 404


async def test_the_stream_carries_the_room_and_operations_go_by_post(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with (
        place.guest("zoe", room) as zoe,
        events(place, "paul", f"/rooms/{room}/facts") as stream,
        browser(place, "paul") as paul,
    ):
        await until(lambda: bool(stream.of("welcome")))
        assert stream.of("welcome")[0]["presenter"] == ward.person("zoe")
        await zoe.until(lambda: ward.person("paul") in zoe.members)
        shown = zoe.viewport(9)
        await zoe.send(shown)
        await until(lambda: bool(stream.of("frames")))
        assert frames.decode(base64.b64decode(stream.of("frames")[-1])) == [shown]
        answer = await paul.post(f"/rooms/{room}/operations", json=_operation("say", text="Ici."))
        assert answer.json() == {"type": "ack", "op": "operation-1", "seq": 2}
        await until(lambda: bool(stream.of("fact")))
        assert stream.of("fact")[0]["body"]["text"] == "Ici."
        await zoe.until(lambda: zoe.facts[-1]["body"].get("text") == "Ici.")
        refused = await paul.post(f"/rooms/{room}/operations", json=_operation("take", "operation-2", epoch=9))
        assert refused.json() == {"type": "refused", "op": "operation-2", "code": "error-room-epoch", "params": {}}
        await zoe.say({"type": "op", "id": "close-it-now", "act": {"kind": "close"}})
        await until(lambda: stream.of("close") == [{"code": 4410}])


async def test_the_stream_shows_the_newest_frame_at_most_five_times_a_second(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, events(place, "paul", f"/rooms/{room}/facts") as stream:
        await until(lambda: bool(stream.of("welcome")))
        begun = monotonic()
        for x in range(60):
            last = zoe.viewport(x)
            await zoe.send(last)
            await asyncio.sleep(1 / 100)
        await until(lambda: frames.decode(base64.b64decode(stream.of("frames")[-1])) == [last])
        assert len(stream.of("frames")) <= 2 + 5 * (monotonic() - begun)


async def test_a_stream_that_comes_back_resumes_after_the_last_fact(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe:
        for text in "abc":
            await zoe.operate("say", text=text)
        async with events(place, "paul", f"/rooms/{room}/facts", **{"Last-Event-ID": "3"}) as stream:
            await until(lambda: bool(stream.of("welcome")))
            assert [fact["seq"] for fact in stream.of("welcome")[0]["facts"]] == [4]
            assert ("welcome", "4") in [(name, key) for name, key, _ in stream.seen]


async def test_who_closes_the_stream_has_left(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe:
        async with events(place, "paul", f"/rooms/{room}/facts") as stream:
            await until(lambda: bool(stream.of("welcome")))
            await zoe.until(lambda: ward.person("paul") in zoe.members)
        await zoe.until(lambda: ward.person("paul") not in zoe.members)
    await place.hub.settled()
    assert len(await ward.audited("room.left")) == 2


@pytest.mark.parametrize("body", ["", "{}", '{"type":"op"}', '{"type":"op","id":"12345678","act":{"kind":"rule"}}'])
async def test_an_operation_that_is_none_is_refused(body: str, place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with browser(place, "zoe") as zoe:
        answer = await zoe.post(f"/rooms/{room}/operations", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def _operation(kind: str, key: str = "operation-1", **fields: Any) -> dict[str, Any]:
    return {"type": "op", "id": key, "act": {"kind": kind} | fields}


async def test_a_stream_that_nobody_reads_is_not_in_the_room(place: Node, ward: Ward) -> None:
    room, socket = await ward.room(), EventSocket()
    stream = socket.events(lambda: place.hub.connect(socket, ward.actor("paul"), room, acknowledges=False))
    await stream.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        await place.hub.settled()


async def test_who_closed_the_room_is_told_also_where_a_frame_still_waits_for_its_turn(place: Node, ward: Ward) -> None:
    room, socket = await ward.room(), EventSocket()

    def connect() -> Connection:
        connection = place.hub.connect(socket, ward.actor("paul"), room, acknowledges=False)
        connection.receive(msgspec.json.encode(Hello(protocol=messages.PROTOCOL, last_seq=0)).decode())
        return connection

    stream = socket.events(connect)
    async with place.guest("zoe", room) as zoe:
        while b"event: welcome" not in await anext(stream):
            pass
        # Nobody reads on: the frame lies in the socket, and the fact waits behind it.
        await zoe.send(zoe.viewport(1))
        await until(lambda: socket.full)
        await zoe.say({"type": "op", "id": "close-it-now", "act": {"kind": "close"}})
        assert await zoe.closed() == 4410
        *_, fact, end = [event async for event in stream]
    assert b'"kind":"closed"' in fact
    assert end == b'event: close\ndata: {"code":4410}\n\n'


@pytest.mark.parametrize("path", ["", "/facts"])
async def test_asking_whether_one_may_come_is_neither_a_view_nor_a_visit(path: str, place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with browser(place, "paul") as paul, browser(place, "max") as max_:
        assert (await paul.head(f"/rooms/{room}{path}")).status_code == 200
        assert (await max_.head(f"/rooms/{room}{path}")).status_code == 404
        assert (await paul.head(f"/rooms/{'0' * 26}{path}")).status_code == 404
    assert await ward.audited("slide.viewed", "room.joined") == []
    assert len(await ward.audited("access.refused")) == 1


async def test_who_posts_operations_faster_than_a_socket_may_send_them_is_refused(ward: Ward) -> None:
    room = await ward.room()
    async with node(ward.db, MemoryBus(), clock=lambda: 1000.0) as still, browser(still, "paul") as paul:
        answers = [
            (await paul.post(f"/rooms/{room}/operations", json=_operation("ask", f"operation-{number}"))).json()
            for number in range(31)
        ]
        assert [one["type"] for one in answers] == ["ack"] * 30 + ["refused"]
        assert answers[-1]["code"] == "error-room-too-fast"
        async with browser(still, "lea") as lea:
            answer = await lea.post(f"/rooms/{room}/operations", json=_operation("ask", "operation-of-lea"))
            assert answer.json()["type"] == "ack"
