"""One run: in the server's namespace, each link, each way to follow. ``python -m tests.bench.sharp.measuring`` is run there by
bench_sharp, and prints each result as a line of JSON when it has it."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from playwright.async_api import Error

from tests.bench.sharp import followers, plain_teller, stage
from tests.bench.sharp.followers import Browser, Follower
from tests.bench.sharp.network import Ends, Link
from tests.bench.sharp.results import OURS, WARM, Moved, Result
from tests.bench.sharp.script import JUMP, REST, Field, Move, moves
from tests.bench.sharp.stage import Sent, Stage, Teller
from tests.bench.tiles.servers import Server
from tests.certificates import make_certificates

START: Final = Field(14_000, 16_000, 4)
SETTLED: Final = 3.0
"""Seconds of rest before the first move."""

Pair = tuple[Teller, Follower]
Way = Callable[[Link], AbstractAsyncContextManager[Pair]]
FAST: Final = Link(500, 0.004)
"""Over which a case is sent ahead: the hours before."""


class Measuring:
    def __init__(self, ends: Ends, browser: Browser, ready: Stage, node: Server, folder: Path) -> None:
        self._ends, self._browser, self._stage, self._node, self._folder = ends, browser, ready, node, folder
        self._origin = followers.address(node.port)
        self._certificates = make_certificates(folder)
        self.ways: dict[str, Way] = {
            "OpenSeadragon, HTTP/1.1": self.http_1,
            "OpenSeadragon, HTTP/2": self.http_2,
            OURS: self.ours,
            WARM: self.warm,
        }

    @asynccontextmanager
    async def ours(self, link: Link) -> AsyncIterator[Pair]:
        room = await self._stage.room()
        async with stage.presenting(self._origin, room) as guest, self._browser.signed_in(self._origin) as window:
            with self._ends.line(link):
                yield stage.Presenter(guest), await followers.in_room(window, self._origin, room)

    @asynccontextmanager
    async def warm(self, link: Link) -> AsyncIterator[Pair]:
        """The same, after each field of the script was pinned and the case was sent ahead."""
        room = await self._stage.room()
        async with stage.presenting(self._origin, room) as guest, self._browser.signed_in(self._origin) as window:
            for move in moves(START):
                await stage.pin(guest, move.end)
            with self._ends.line(FAST):
                await followers.sent_ahead(window, f"{self._origin}/cases/{self._stage.ward.case}")
            with self._ends.line(link):
                yield stage.Presenter(guest), await followers.in_room(window, self._origin, room)

    @asynccontextmanager
    async def http_1(self, link: Link) -> AsyncIterator[Pair]:
        cookie = await self._stage.tile_cookie()
        async with plain_teller.telling(None) as teller:
            at = followers.address(teller.port, "ws")
            with self._ends.line(link):
                async with self._browser.plain(self._origin, at, self._stage.slide, cookie) as follower:
                    await plain_teller.somebody(teller)
                    yield teller, follower

    @asynccontextmanager
    async def http_2(self, link: Link) -> AsyncIterator[Pair]:
        cookie = await self._stage.tile_cookie()
        served = plain_teller.over_http_2(self._folder / "nginx", self._certificates, self._node.port)
        with served as port, self._ends.line(link):
            async with plain_teller.telling(self._certificates) as teller:
                origin, at = followers.address(port, "https"), followers.address(teller.port, "wss")
                async with self._browser.plain(origin, at, self._stage.slide, cookie) as follower:
                    await plain_teller.somebody(teller)
                    yield teller, follower

    async def run(self, link: Link, name: str) -> Result:
        async with self.ways[name](link) as (teller, follower):
            first = await teller.play(Move(JUMP, START, START))
            await follower.sharp(first)
            await asyncio.sleep(SETTLED)
            before = self._ends.received()
            played = [await one(teller, follower, move) for move in moves(START)]
            received = self._ends.received() - before
            seen = await follower.seen()
        moved = [
            Moved(
                sent.move.name,
                late(seen.heard_at(sent), sent),
                late(seen.usable_at(sent), sent),
                late(seen.sharp_at(sent), sent),
                seen.coding(sent),
                changed,
            )
            for sent, changed in played
        ]
        return Result(name, link.megabits, link.round_trip, moved, received, seen.pushed)


async def one(teller: Teller, follower: Follower, move: Move) -> tuple[Sent, int]:
    """A move and its rest; with it how many px have changed from when it was said to be sharp to the end of the rest."""
    sent = await teller.play(move)
    await follower.page.evaluate("field => window.awaitSharp?.(...field)", [sent.stream, sent.sequence])
    rest = asyncio.create_task(asyncio.sleep(REST))
    await follower.sharp(sent)
    await rest
    changed = await follower.page.evaluate("window.keepPicture?.(), window.changedPixels?.() ?? -1")
    return sent, int(changed)


def late(at: float | None, sent: Sent) -> float | None:
    """Milliseconds after the presenter's last movement. Raises AssertionError: before it, so something else was measured."""
    assert at is None or at > sent.milliseconds, f"seen {sent.milliseconds - at:.0f} ms before it was sent: {sent}"
    return None if at is None else at - sent.milliseconds


async def measure(near: str, far: str, folder: Path, megabits: list[float], only: str) -> None:
    ends = Ends(folder, here=near, there=far)
    async with AsyncExitStack() as stack:
        ready = await stack.enter_async_context(Stage(folder))
        node = await stack.enter_async_context(ready.node())
        secure = [followers.address(node.port)]
        for speed in megabits:
            # A browser of its own: nothing of an earlier run is in it.
            async with followers.browser(far, folder, secure) as browser:
                measuring = Measuring(ends, browser, ready, node, folder)
                for name in [only] if only in measuring.ways else [way for way in measuring.ways if only in way]:
                    try:
                        result = await measuring.run(Link(speed), name)
                    except (Error, TimeoutError, AssertionError) as error:
                        why = str(error).partition("\n")[0] or "it took too long"
                        log = (folder / "node.log").read_text(errors="replace")[-1500:]
                        print(f"{name} at {speed:g} Mbit/s: {why}\n{log}", file=sys.stderr)
                        continue
                    sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
                    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sharp.measuring")
    for name in ("here", "there", "folder"):
        parser.add_argument(name)
    parser.add_argument("megabits", nargs="+", type=float)
    parser.add_argument("--only", default="")
    said = parser.parse_args()
    asyncio.run(measure(said.here, said.there, Path(said.folder), said.megabits, said.only))


if __name__ == "__main__":
    main()
