"""The lane in front of ASGI answers what ASGI would have answered, byte for byte, and counts what ASGI would have counted."""

import asyncio
import random
import struct
from contextlib import suppress

import pytest

from telepath import sessions
from telepath.slides import catalogue, tile_index
from telepath.slides.capability import Capability, mint
from tests.rooms import until
from tests.tile_lane import KEY, Lane, Node, serving
from web import sent_regions
from web.server import TileProtocol
from web.tile_rights import COOKIE
from web.tiles import TileService

SESSIONS = 500
"""Connections with one to eight requests each."""


class Step:
    """Bytes that go out together, cut into ``parts``; ``methods`` of the requests in them."""

    def __init__(self, parts: list[bytes], methods: list[str]) -> None:
        self.parts = parts
        self.methods = methods


class Chance:
    """Requests as nobody sends them, and as everybody does; the same for the same seed."""

    def __init__(self, seed: int, slide: str, cookies: dict[str, str], etags: list[str]) -> None:
        self._draw = random.Random(seed)
        self._slide = slide
        self._cookies = cookies
        self._etags = etags

    def session(self) -> list[Step]:
        return [self._step() for _ in range(self._draw.randint(1, 8))]

    def _step(self) -> Step:
        count = 1 if self._draw.random() < 0.9 else self._draw.randint(2, 4)
        made = [self._request(alone=count == 1) for _ in range(count)]
        data = b"".join(request for _, request in made)
        cuts = sorted(self._draw.sample(range(1, len(data)), 2)) if count == 1 and self._draw.random() < 0.1 else []
        parts = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        return Step(parts, [method for method, _ in made])

    def _request(self, *, alone: bool) -> tuple[str, bytes]:
        draw = self._draw
        method = draw.choice(["GET"] * 50 + ["HEAD", "POST", "OPTIONS", "get"])
        version = draw.choice(["HTTP/1.1"] * 80 + ["HTTP/1.0", "HTTP/1.2", "http/1.1"])
        lines = [(draw.choice(["Host", "host"]), draw.choice(["x", "evil.example", "x:80", ""]))] * draw.choice(
            [1] * 9 + [0, 2]
        )
        lines += self._cookie_lines()
        # What is pipelined must come in one piece: uvicorn itself answers otherwise when a fault comes a moment later.
        for often, others in self._others():
            if draw.random() < often and (alone or others[0][0] != "X-Long"):
                lines += [draw.choice(others)]
        draw.shuffle(lines)
        body = b""
        if draw.random() < 0.03:
            lines.append(("Content-Length", draw.choice(["0", "5", "05"])))
            body = b"hello" if lines[-1][1] != "0" else b""
        elif draw.random() < 0.03:
            lines.append(("Transfer-Encoding", "chunked"))
            body = b"5\r\nhello\r\n0\r\n\r\n"
        space = draw.choice([" "] * 20 + ["  ", "", "\t", " \t"])
        head = "".join(f"{self._cased(name)}:{space}{value}\r\n" for name, value in lines)
        end = draw.choice(["\r\n"] * 40 + ["\n", "\r\n\r\n"])
        return method, f"{method} {self._target()} {version}\r\n{head}{end}".encode("latin-1") + body

    def _cookie_lines(self) -> list[tuple[str, str]]:
        draw = self._draw
        kind = draw.choice(["good"] * 40 + ["lost"] * 16 + [*self._cookies, "none"])
        if kind == "none":
            return []
        ours = f"{COOKIE}={self._cookies[kind]}"
        other = f"{COOKIE}={draw.choice(list(self._cookies.values()))}"
        return draw.choice(
            [
                *[[("Cookie", ours)]] * 6,
                [("Cookie", f"lang=fr; {ours}; __Host-telepath=abc")],
                [("Cookie", f"{other}; {ours}")],
                [("Cookie", ours), ("Cookie", other)],
                [("Cookie", other), ("Cookie", ours)],
                [("Cookie", f"{ours};"), ("X-Cookie", other)],
                [("Cookie", f'"{ours}"')],
            ]
        )

    def _others(self) -> list[tuple[float, list[tuple[str, str]]]]:
        etag = self._draw.choice(self._etags)
        matches = [etag, f"W/{etag}", f'"x", {etag}', "*", '"x"', etag.strip('"'), f"{etag}, *"]
        sites = ["same-origin", "none", "same-site", "cross-site", ""]
        closing = ["close", "keep-alive", "Keep-Alive, x", "upgrade", "x, Close"]
        return [
            (0.1, [("If-None-Match", text) for text in matches]),
            (0.03, [("If-None-Match", '"x"')]),
            (0.1, [("Sec-Fetch-Site", text) for text in sites]),
            (0.3, [("User-Agent", text) for text in ("Firefox", "\xe9t\xe9", "")]),
            (0.2, [("X-Forwarded-For", text) for text in ("192.0.2.7", "192.0.2.8, 10.0.0.1", "nobody")]),
            (0.06, [("Connection", text) for text in closing]),
            (0.03, [("Upgrade", "websocket"), ("Upgrade", "h2c")]),
            (0.03, [("Expect", "100-continue"), ("expect", "x")]),
            (0.05, [("Range", "bytes=0-9"), ("Range", "bytes=9999999-")]),
            (0.02, [("X-Long", "x" * 9_000), ("X-Long", "x" * 70_000)]),
            (0.02, [("X Bad", "1"), ("X-Bad", "a\x01b"), ("", "x"), ("X-Fold", "a\r\n b")]),
        ]

    def _cased(self, name: str) -> str:
        return self._draw.choice([name, name, name.lower(), name.upper()])

    def _target(self) -> str:
        draw = self._draw
        column, row = draw.choice([0, 1, 2, 3, 3, 4]), draw.choice([0, 1, 1, 2, 2, 3])
        place = draw.choice([f"0/{column}_{row}"] * 4 + ["2/0_0", "1/1_1", "3/0_0"])
        names = "+".join(f"{draw.randint(0, 2)}-{draw.randint(0, 4)}_{draw.randint(0, 2)}" for _ in range(5))
        tiles = f"/slides/{self._slide}/tiles/"
        odd = [
            f"{tiles}{place}.jpg",
            f"{tiles}{place}_z0_c0",
            f"{tiles}{place}_z1",
            f"{tiles}batch/{names}",
            f"{tiles}batch/{names}+0-x",
            f"{tiles}batch/{names.replace('+', '%2B')}",
            f"{tiles}batch/{'+'.join(['0-0_0'] * draw.choice([32, 33]))}",
            f"{tiles}{place.replace('_', '%5f')}",
            f"{tiles}{place.replace('0', '%D9%A1')}",
            f"{tiles}{place}?x=1",
            f"{tiles}{place}#x",
            f"{tiles}{place};x",
            f"{tiles}{place}/",
            f"{tiles}../tiles/{place}",
            f"{tiles}%2e/{place}",
            f"/{tiles}{place}",
            f"{tiles}/{place}",
            f"http://evil.example{tiles}{place}",
            f"{tiles}{place}".replace(self._slide, self._slide.upper()),
            f"{tiles}{place}".replace(self._slide[-1], "0"),
            f"{tiles}{place} x",
            f"{tiles}{place}\xe9",
            f"/slides/{self._slide}/",
            f"{tiles}00{place}",
        ]
        return f"{tiles}{place}" if draw.random() < 0.7 else draw.choice(odd)


async def heard(node: Node, steps: list[Step]) -> list[bytes]:
    """What the server answers on one connection, without its dates; b"" last: it closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    answers: list[bytes] = []
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        for step in steps:
            for part in step.parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            for method in step.methods:
                answers.append(await _one(reader, method))
        answers.append(b"open")
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return answers


async def _one(reader: asyncio.StreamReader, method: str) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"date:")]
    lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
    body = await reader.readexactly(sum(lengths)) if method != "HEAD" else b""
    return b"\r\n".join(lines) + body


async def test_with_and_without_the_lane_every_request_is_answered_and_counted_alike(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_regions, "EVERY", 3600.0)  # what is compared is what was counted
    colleague = await lane.world.person("zoe", "cayenne", "Zoé", "Marchand")
    good, lost = await lane.open(lane.owner), await lane.open(colleague)
    now, slide = int(lane.time()), lane.slide.id
    cookies = {
        "good": lane.tiles.mint_cookie(good).value,
        "lost": lane.tiles.mint_cookie(lost).value,
        "expired": mint(KEY, Capability(slide, good.id, 0, now - 1)),
        "forged": mint(bytes(32), Capability(slide, good.id, 0, now + 900)),
        "of another slide": mint(KEY, Capability(slide[:-1] + "0", good.id, 0, now + 900)),
        "broken": lane.tiles.mint_cookie(good).value[:-1],
    }
    etags = [(await lane.get(place, good)).headers["etag"] for place in ("0/0_0", "0/1_1", "2/0_0")]
    chance = Chance(398, slide, cookies, etags)
    services = [
        TileService(lane.db, lane.storage, lane.decoders, KEY, lane.bus, clock=lane.time, monotonic=lane.tick)
        for _ in range(2)
    ]
    async with (
        services[0],
        services[1],
        serving(services[0]) as fast,
        serving(services[1], lane=False) as plain,
    ):
        await until(lambda: fast.server.started and plain.server.started)
        asked = 0
        for number in range(SESSIONS):
            steps = chance.session()
            asked += sum(len(step.methods) for step in steps)
            async with asyncio.timeout(20):
                with_lane, without = await heard(fast, steps), await heard(plain, steps)
            assert with_lane == without, [part for step in steps for part in step.parts]
            if number == SESSIONS // 2:
                async with lane.db.write(lane.owner, unaudited="a test's logout") as tx:
                    await sessions.cut(tx, colleague.session_id)
                for service in services:
                    await service.rights.reread()
                    assert lost.id in service.rights.revoked
        assert asked > 2000
        assert fast.asgi < plain.asgi * 0.6  # the lane was tried
        assert fast.server.server_state.total_requests == plain.server.server_state.total_requests
        counted = [{key: _counts(sent) for key, sent in service.sent._book} for service in services]
        assert counted[0] == counted[1]
        assert sum(counts[0] for counts in counted[0].values()) > 200
        assert sum(counts[1] for counts in counted[0].values()) > 5


def _counts(sent: object) -> tuple[int, int, object, object]:
    return tuple(getattr(sent, name) for name in ("tiles", "refused", "boxes", "slide_id"))


async def asks(node: Node, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
    """A connection on which this was asked, and what came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    writer.write(request)
    return reader, writer, await _one(reader, "GET")


async def test_a_stored_tile_does_not_come_as_far_as_asgi_and_the_connection_ends_when_it_is_idle(lane: Lane) -> None:
    request = lane.request("0/1_1", await lane.open(lane.owner))
    async with serving(lane.tiles, idle=0.3) as node:
        await until(lambda: node.server.started)
        reader, writer, first = await asks(node, request)  # its index is not in memory yet
        assert node.asgi == 1
        began = asyncio.get_running_loop().time()
        for _ in range(10):
            writer.write(request)
            assert await _one(reader, "GET") == first
        assert node.asgi == 1
        assert node.server.server_state.total_requests == 11
        assert await reader.read() == b""  # closed by the server
        assert asyncio.get_running_loop().time() - began >= 0.2
        writer.close()


@pytest.mark.parametrize("place", ["0/1_1", "batch/0-1_1+0-0_0+0-2_1"])
async def test_a_reader_who_does_not_read_makes_the_server_wait_and_gets_every_byte(lane: Lane, place: str) -> None:
    request = lane.request(place, await lane.open(lane.owner))
    async with serving(lane.tiles) as node:
        await until(lambda: node.server.started)
        reader, writer, first = await asks(node, request)
        (connection,) = node.server.server_state.connections
        assert isinstance(connection, TileProtocol)
        asked = 0
        while asked < 4000 and not connection.flow.read_paused:
            writer.write(request)
            asked += 1
            await asyncio.sleep(0.001)
        assert connection.flow.read_paused
        high = connection.transport.get_write_buffer_limits()[1]
        assert connection.transport.get_write_buffer_size() < high + 2 * len(first)
        for _ in range(asked):
            assert await _one(reader, "GET") == first
        writer.close()


async def test_a_batch_has_each_tile_or_says_why_not_and_counts_those_that_it_has(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    alone = [(await lane.get(place, view)).content for place in ("0/1_1", "2/0_0")]
    before = _all(lane)
    async with serving(lane.tiles) as node:
        await until(lambda: node.server.started)
        _, writer, answer = await asks(node, lane.request("batch/0-1_1+0-9_9+2-0_0", view))
        writer.close()
        assert node.asgi == 0
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/vnd.telepath.tiles\r\ncache-control: no-store" in head
    assert parts_of(body) == [(200, alone[0]), (404, b""), (200, alone[1])]
    assert _all(lane) == before + 2


async def test_one_unreadable_tile_of_a_batch_does_not_spoil_the_others(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    alone = (await lane.get("0/1_1", view)).content
    index = tile_index.load(await lane.storage.read(catalogue.index_key(lane.slide.folder), 0, 1 << 24))
    place = index.locate(0, 2, 1)
    async with lane.storage.fetch(f"{catalogue.files_key(lane.slide.folder)}/{place.name}") as path:
        with path.open("r+b") as file:
            file.seek(place.offset)
            file.write(bytes(4))
    answer = await lane.get("batch/0-2_1+0-1_1+1-0_0+0-1_1.avif", view)
    (first, second, third, fourth) = parts_of(answer.content)
    assert first == (422, b"")
    assert second == (200, alone)
    assert (third[0], third[1][:2]) == (200, b"\xff\xd8")  # made of four, by a worker
    assert (fourth[0], fourth[1][4:12]) == (200, b"ftypavif")


def parts_of(body: bytes) -> list[tuple[int, bytes]]:
    """Status and bytes of each tile of a batch."""
    found = []
    while body:
        length, status = struct.unpack_from(">IH", body)
        found.append((status, body[6 : 6 + length]))
        body = body[6 + length :]
    return found


def _all(lane: Lane) -> int:
    """Tiles that were counted and not yet recorded."""
    return sum(sent.tiles for _, sent in lane.tiles.sent._book)
