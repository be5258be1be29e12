"""Clients that break the protocol, or use it against the others: each gets its documented answer (realtime/README.md), and the
room's other members notice nothing."""

import asyncio
import contextlib
import json
import socket
import statistics
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from typing import Any

import pytest

from realtime import frames
from realtime.close_codes import CloseCode
from realtime.frames import AckRecord, PointerFrame, ReceiptFrame, StrokeFrame, ViewportFrame
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.conformance.raw import handshake
from tests.rooms import Guest, Node, Ward

TEXT, BINARY = 0x81, 0x82
HERTZ = 60
MOVES = 90
AGAIN = 0.3
"""Seconds between two attacks: coming in is work, and is not what is tried here."""
SLACK = 0.05
"""Seconds that a delivery may take whatever else there is: the enemy shares our process, and others the machine."""
ROUNDS = 4
"""What an attack does to the others it does each time; a machine that halted for a moment does so once."""


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


class Enemy:
    """A client of plain sockets, which may send anything. It takes its own thread; what it reads, it throws away."""

    def __init__(self, guest: Guest) -> None:
        host = guest.origin.removeprefix("http://")
        path = guest.uri.split(host, 1)[1]
        address, port = host.split(":")
        self.plug = socket.create_connection((address, int(port)), timeout=20)
        self.plug.sendall(handshake(host, path, f"Origin: {guest.origin}", f"Cookie: {guest.cookie}"))
        self._came = self.plug.makefile("rb")
        assert b" 101 " in self._came.readline()
        while self._came.readline() != b"\r\n":
            pass
        self.send(TEXT, b'{"type":"hello","protocol":3}')
        self.welcome: dict[str, Any] = json.loads(self._message()[1])

    def send(self, first: int, payload: bytes, *, claims: int | None = None) -> None:
        """One masked frame; ``claims``: the length that its head says."""
        length = len(payload) if claims is None else claims
        size = bytes((length | 0x80,)) if length < 126 else b"\xff" + struct.pack("!Q", length)
        self.plug.sendall(bytes((first,)) + size + bytes(4) + payload)

    def closed(self) -> int:
        """Read until the server closes, and return its code; 1006: without a word."""
        try:
            while True:
                opcode, payload = self._message()
                if opcode == 8:
                    return int.from_bytes(payload[:2], "big")
        except (OSError, EOFError):
            return 1006

    def end(self) -> None:
        self._came.close()
        self.plug.close()

    def _message(self) -> tuple[int, bytes]:
        head = self._came.read(2)
        if len(head) < 2:
            raise EOFError
        length = head[1] & 0x7F
        if length == 126:
            length = int.from_bytes(self._came.read(2), "big")
        elif length == 127:
            length = int.from_bytes(self._came.read(8), "big")
        return head[0] & 0x0F, self._came.read(length)


def _many(make: Callable[[int, Enemy], bytes], limit: int = 20_000) -> Callable[[Enemy], None]:
    def attack(enemy: Enemy) -> None:
        for number in range(1, limit):
            enemy.send(BINARY, make(number, enemy))

    return attack


def _operation(act: dict[str, Any]) -> bytes:
    return json.dumps({"type": "op", "id": "hostile-0001", "act": act}).encode()


HUGE = _operation({"kind": "say", "text": "x" * 10_000_000})


def _texts(enemy: Enemy) -> None:
    for _ in range(20_000):
        enemy.send(TEXT, b'{"type":"ping","at":1}')


def _pointer(number: int, enemy: Enemy) -> bytes:
    return frames.encode(PointerFrame(enemy.welcome["you"], enemy.welcome["epoch"], number, 0, number, 0))


def _stroke(number: int, enemy: Enemy) -> bytes:
    you, epoch = enemy.welcome["you"], enemy.welcome["epoch"]
    return frames.encode(StrokeFrame(you, epoch, number, 0, 0, 0, steps=((1, 1),) * 255))


ATTACKS: dict[str, tuple[Callable[[Enemy], None], set[int]]] = {
    "a flood of pointers": (_many(_pointer), {CloseCode.FLOOD}),
    "a flood of ink": (_many(_stroke), {CloseCode.FLOOD}),
    "a flood of acks": (_many(lambda number, _: frames.encode(AckRecord(0))), {CloseCode.FLOOD}),
    "a flood of texts": (_texts, {CloseCode.FLOOD}),
    "a fact of 10 MB": (
        lambda enemy: enemy.send(TEXT, HUGE),
        {1009, 1006},
    ),
    "a message that claims 2^62 bytes": (lambda enemy: enemy.send(BINARY, b"x" * 100, claims=2**62), {1009}),
    "a drawing of 70 KB": (
        lambda enemy: enemy.send(TEXT, b" " * 70_000),
        {1009},
    ),
    "malformed text": (lambda enemy: enemy.send(TEXT, b'{"type":"op"'), {CloseCode.MALFORMED}),
    "text that is not UTF-8": (lambda enemy: enemy.send(TEXT, b"\xff\xfe"), {1007}),
    "malformed frames": (lambda enemy: enemy.send(BINARY, b"\x01\xff"), {CloseCode.MALFORMED}),
    "a tile from a client": (lambda enemy: enemy.send(BINARY, b"\x10" + bytes(40)), {CloseCode.MALFORMED}),
    "acks that lie": (lambda enemy: enemy.send(BINARY, frames.encode(AckRecord(10**6))), {CloseCode.MALFORMED}),
    "a drawing of 1,001 points": (
        lambda enemy: enemy.send(
            TEXT, _operation({"kind": "draw", "slide": enemy.welcome["slide"], "points": [[0, 0]] * 1001})
        ),
        {CloseCode.MALFORMED},
    ),
}


@pytest.mark.parametrize("what", ATTACKS)
async def test_an_attack_has_its_answer_and_the_others_notice_nothing(what: str, ours: Node, ward: Ward) -> None:
    attack, codes = ATTACKS[what]
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("lea", room) as lea:
        seen: list[tuple[float, float]] = []
        while not any(attacked <= max(2 * calm, SLACK) for calm, attacked in seen):
            assert len(seen) < ROUNDS, f"seconds without it, and with it: {seen}"
            calm = _p99(await _delays(zoe, lea))
            async with _attacked(ours.guest("paul", room), attack) as told:
                seen.append((calm, _p99(await _delays(zoe, lea))))
            assert told
            assert told <= codes
            assert (zoe.close_code, lea.close_code) == (None, None)


@contextlib.asynccontextmanager
async def _attacked(guest: Guest, attack: Callable[[Enemy], None]) -> AsyncIterator[set[int]]:
    """Again and again while the block lasts, once at least: with which codes it was closed."""
    over = threading.Event()
    told: set[int] = set()
    attacking = asyncio.create_task(asyncio.to_thread(_attack_again_and_again, guest, attack, told, over))
    try:
        yield told
    finally:
        over.set()
        await attacking


def _attack_again_and_again(
    guest: Guest, attack: Callable[[Enemy], None], told: set[int], over: threading.Event
) -> None:
    while not told or not over.is_set():
        enemy = Enemy(guest)
        try:
            with contextlib.suppress(OSError):  # it is closed meanwhile
                attack(enemy)
            told.add(enemy.closed())
        finally:
            enemy.end()
        over.wait(AGAIN)


async def _delays(presenter: Guest, follower: Guest) -> list[float]:
    """Seconds from sending to receiving, of MOVES fields at HERTZ."""
    loop = asyncio.get_running_loop()
    before = len(follower.frames)
    sent: dict[int, float] = {}
    begun = loop.time()
    for number in range(MOVES):
        shown = presenter.viewport(number)
        sent[shown.sequence] = loop.time()
        await presenter.send(shown)
        await asyncio.sleep(max(0.0, begun + (number + 1) / HERTZ - loop.time()))
    last = max(sent)
    await follower.until(lambda: follower.field is not None and follower.field.sequence == last)
    came = zip(follower.frames[before:], follower.came_at[before:], strict=True)
    return [at - sent[one.sequence] for one, at in came if isinstance(one, ViewportFrame) and one.sequence in sent]


def _p99(delays: list[float]) -> float:
    return statistics.quantiles(delays, n=100, method="inclusive")[98]


def _forged(ward: Ward, zoe: Guest, paul: Guest) -> Iterator[frames.Record]:
    """What Paul may not say: he does not present, and is not Zoé."""
    numbers = count(100)
    field = (0, 0, 256 * 1920, 256 * 1080)
    yield ViewportFrame(zoe.you, paul.epoch, next(numbers), 0, *field)
    yield ViewportFrame(paul.you, paul.epoch, next(numbers), 0, *field)
    yield ViewportFrame(paul.you, paul.epoch + 5, next(numbers), 0, *field)
    yield PointerFrame(zoe.you, paul.epoch, next(numbers), 0, 0, 0)
    yield StrokeFrame(zoe.you, paul.epoch, next(numbers), 0, 0, 0)
    yield ReceiptFrame(zoe.you, paul.epoch, next(numbers), 0, zoe.you, 1, *field, sharp=True)
    yield PointerFrame(paul.you, paul.epoch - 1, next(numbers), 0, 0, 0)


async def test_forged_frames_reach_nobody_and_close_nobody(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("lea", room) as lea, ours.guest("paul", room) as paul:
        for record in _forged(ward, zoe, paul):
            await paul.send(record)
        honest = paul.pointer(7, sequence=10_000)
        await paul.send(honest)
        await lea.until(lambda: honest in lea.frames)
        assert lea.frames == [honest]
        assert zoe.frames == [honest]
        assert paul.close_code is None


async def test_a_sequence_of_the_far_future_is_dropped_and_the_stream_goes_on(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("lea", room) as lea, ours.guest("paul", room) as paul:
        await paul.send(paul.pointer(1, sequence=2**32 - 1))
        await paul.send(paul.pointer(2, sequence=5))
        await lea.until(lambda: bool(lea.frames))
        shown = zoe.viewport(3)
        await zoe.send(shown)
        await lea.until(lambda: lea.field == shown)
        assert [frame.x for frame in lea.frames if isinstance(frame, PointerFrame)] == [2]
        assert paul.close_code is None


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ({"kind": "slide", "epoch": 1, "slide": "0" * 26}, "error-not-found"),
        ({"kind": "draw", "slide": "0" * 26, "points": [[0, 0], [1, 1]]}, "error-not-found"),
        ({"kind": "erase", "drawn": 999}, "error-room-no-drawing"),
        ({"kind": "item", "epoch": 1, "item": "no-such-item"}, "error-room-no-item"),
        ({"kind": "slide", "epoch": 9, "slide": "0" * 26}, "error-room-epoch"),
        ({"kind": "gather", "epoch": 9}, "error-room-epoch"),
        ({"kind": "onward", "epoch": 1, "room": "0" * 26}, "error-room-next"),
        ({"kind": "onward", "epoch": 9, "room": "0" * 26}, "error-room-epoch"),
    ],
    ids=[
        *("another slide", "ink on it", "an unknown drawing", "an unknown item", "a future epoch", "gathering in it"),
        *("an unknown room", "one in a future epoch"),
    ],
)
async def test_an_act_on_what_is_not_the_rooms_is_refused(
    act: dict[str, Any], code: str, ours: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        refused = await zoe.operate(**act)
        assert (refused["type"], refused["code"]) == ("refused", code)
        assert zoe.facts[-1]["seq"] == 1
        assert zoe.close_code is None
