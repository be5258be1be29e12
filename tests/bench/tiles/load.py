"""Who asks, and what came of it: wrk for as many tiles as a server can give, our own client for a list of tiles once each."""

import asyncio
import http.client
import json
import math
import re
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Final

import msgspec

from tests.bench import tools
from tests.bench.tiles.servers import ASKED_FROM, Server

SCRIPT: Final = Path(__file__).parent / "wrk.lua"
BUSY: Final = 0.9
"""Of a core: who asks is then what limits, unless the server is as busy."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """``p50`` and ``p99`` in ms from the request's write to the answer's last byte; ``cpu`` in seconds of all processes of the
    server; ``asking`` the share of a core that whoever asked was busy."""

    answers: int
    seconds: float
    cpu: float
    p50: float
    p99: float
    asking: float = 0.0

    @property
    def cost(self) -> float:
        """µs of processor for each answer."""
        return self.cpu / self.answers * 1e6

    @property
    def rate(self) -> float:
        return self.answers / self.seconds

    @property
    def held_back(self) -> bool:
        """Whether the server waited for whoever asked: then its rate says nothing, its cost still does."""
        return self.asking > BUSY and self.cpu / self.seconds < BUSY


class Asked(msgspec.Struct, frozen=True):
    """A server and what it is asked for, again and again. ``header``: a line that goes with each request; ``tags``: for each
    path, the ETag of what is held already."""

    server: Server
    paths: Sequence[str]
    header: str = ""
    tags: Sequence[str] = ()


def for_a_while(asked: Asked, connections: int, seconds: float, folder: Path) -> Measured:
    """The addresses one after the other over so many connections. Raises AssertionError: an answer was no tile."""
    if tools.found()["wrk"] is None:
        requests = _requests(asked)
        return _counted(asked.server, lambda: asyncio.run(_ask(asked.server.port, requests, connections, seconds)))
    listed = folder / "paths.txt"
    tagged = zip(asked.paths, asked.tags, strict=True)
    listed.write_text("\n".join([f"{path}\t{tag}" for path, tag in tagged] if asked.tags else asked.paths))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(SCRIPT)]
    command += ["-H", asked.header] if asked.header else []
    return _told(asked.server, [*command, f"http://127.0.0.1:{asked.server.port}/", "--", str(listed)], _of_wrk)


def by_http2(asked: Asked, connections: int, seconds: float, folder: Path) -> Measured:
    """The same through TLS, ``connections`` requests at once over four connections: a few readers' browsers."""
    listed = folder / "addresses.txt"
    listed.write_text("\n".join(f"https://127.0.0.1:{asked.server.port}{path}" for path in asked.paths))
    command = ["h2load", "-t1", "-c4", f"-m{connections // 4}", f"-D{seconds:.0f}", f"--input-file={listed}"]
    command += [f"--header={asked.header}"] if asked.header else []
    return _told(asked.server, command, lambda text: _of_h2load(text, seconds))


def _told(server: Server, command: list[str], read: Callable[[str], dict[str, float]]) -> Measured:
    cpu, busy = server.cpu(), _children()
    done = subprocess.run(["taskset", "-c", str(ASKED_FROM), *command], capture_output=True, text=True, check=True)
    cpu, busy = server.cpu() - cpu, _children() - busy
    found = read(done.stdout)
    assert found["errors"] == 0, done.stdout
    return Measured(
        answers=int(found["answers"]),
        seconds=found["seconds"],
        cpu=cpu,
        p50=found["p50"],
        p99=found["p99"],
        asking=busy / found["seconds"],
    )


def _of_wrk(text: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(text.splitlines()[-1])
    return found


def _of_h2load(text: str, seconds: float) -> dict[str, float]:
    """It tells no percentiles: mean and longest stand for them."""
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored", text)
    times = re.search(r"time for request: +\S+ +(\S+) +(\S+)", text)
    assert counts is not None, text
    assert times is not None, text
    longest, mean = (_milliseconds(one) for one in times.groups())
    answers, failed, errored = (int(one) for one in counts.groups())
    return {"answers": answers, "errors": failed + errored, "seconds": seconds, "p50": mean, "p99": longest}


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def once_each(asked: Asked, connections: int) -> Measured:
    """Each address once: nothing that was asked before is asked again."""
    requests = _requests(asked)
    return _counted(asked.server, lambda: asyncio.run(_ask(asked.server.port, requests, connections, None)))


def fetched(asked: Asked) -> Iterator[tuple[str, http.client.HTTPResponse, bytes]]:
    """Each path, its answer and its bytes, over one connection."""
    name, _, value = asked.header.partition(": ")
    connection = http.client.HTTPConnection("127.0.0.1", asked.server.port, timeout=60)
    with closing(connection):
        for path in asked.paths:
            connection.request("GET", path, headers={name: value} if name else {})
            response = connection.getresponse()
            yield path, response, response.read()


def _requests(asked: Asked) -> list[bytes]:
    head = f"Host: 127.0.0.1:{asked.server.port}\r\n" + (f"{asked.header}\r\n" if asked.header else "")
    tags = [f"If-None-Match: {tag}\r\n" for tag in asked.tags] or [""] * len(asked.paths)
    return [f"GET {path} HTTP/1.1\r\n{head}{tag}\r\n".encode() for path, tag in zip(asked.paths, tags, strict=True)]


async def _ask(port: int, requests: Sequence[bytes], connections: int, seconds: float | None) -> list[float]:
    """The delays in ms. ``seconds`` None: each request once."""
    delays: list[float] = []
    shared = iter(requests) if seconds is None else cycle(requests)
    until = time.perf_counter() + seconds if seconds is not None else math.inf
    await asyncio.gather(*(_connection(port, shared, until, delays) for _ in range(connections)))
    return delays


async def _connection(port: int, requests: Iterator[bytes], until: float, delays: list[float]) -> None:
    """Ask for one tile after the other; a connection that the server closes is opened anew, at its cost."""
    opened: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while time.perf_counter() < until and (request := next(requests, None)) is not None:
        began = time.perf_counter()
        reader, writer = opened = opened or await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith((b"http/1.1 200", b"http/1.1 304")), f"no tile: {head.splitlines()[0]!r}"
        length = re.search(rb"content-length: *(\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        delays.append((time.perf_counter() - began) * 1000)
        if b"connection: close" in head:
            writer.close()
            opened = None
    if opened is not None:
        opened[1].close()


def _counted(server: Server, ask: Callable[[], list[float]]) -> Measured:
    resting = server.resting
    cpu, busy, began = server.cpu(), time.process_time(), time.perf_counter()
    delays = ask()
    seconds, asking = time.perf_counter() - began, time.process_time() - busy
    server.settle()  # what it does behind the last answer is part of the price, but not to look whether there is work
    cpu = server.cpu() - cpu - resting * (time.perf_counter() - began - seconds)
    cuts = statistics.quantiles(delays, n=100, method="inclusive")
    return Measured(answers=len(delays), seconds=seconds, cpu=cpu, p50=cuts[49], p99=cuts[98], asking=asking / seconds)


def _children() -> float:
    """Seconds that ended children of ours have been on a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
