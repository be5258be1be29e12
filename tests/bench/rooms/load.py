"""Clients by our generator (generator.c), and what they saw."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import msgspec

from tests.bench.rooms import made
from tests.bench.tiles.servers import ASKED_FROM, Server

COOKIES: Final = tuple(f"telepath=cookie-of-{key}" for key in ("zoe", "paul", "lea"))
PRESENTER: Final = COOKIES[:1]
PATIENCE: Final = 600.0


class Client(NamedTuple):
    """``role``: m moves, f follows, s follows by a link of its own, i is idle, d never reads again."""

    role: str
    port: int
    path: str
    cookie: str


def clients(role: str, count: int, port: int, path: str, cookies: Sequence[str] = COOKIES) -> list[Client]:
    return [Client(role, port, path, cookies[number % len(cookies)]) for number in range(count)]


class Seen(msgspec.Struct):
    """By all followers together, or by the slow one. Milliseconds from a mover's write to the read."""

    frames: int
    least: float
    p50: float
    p99: float
    p999: float
    most: float
    last: float


class Measured(msgspec.Struct):
    followers: Seen
    slow: Seen
    cpu: float
    """Seconds that the servers were on a processor."""
    grown: float
    """Bytes by which the first server's memory grew between the first and the last frame."""
    offered: int
    """Frames that each follower was to get."""

    @property
    def cost(self) -> float:
        """Microseconds of processor for each frame that arrived."""
        return self.cpu / max(1, self.followers.frames) * 1e6


@contextmanager
def connected(
    dialect: str, everybody: Sequence[Client], *, hertz: float, warm: float, seconds: float, size: int
) -> "Iterator[subprocess.Popen[str]]":
    """The generator with all its clients in their room, before anybody moves."""
    program = made.program("generator")
    assert program is not None
    command = ["taskset", "-c", str(ASKED_FROM), str(program), dialect, *map(str, (hertz, warm, seconds, size))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            _say(running, "".join(f"{' '.join(map(str, one))}\n" for one in everybody) + "\n")
            _hear(running, "ready")
            yield running
        finally:
            running.kill()


def measure(
    dialect: str,
    everybody: Sequence[Client],
    servers: Sequence[Server],
    *,
    size: int,
    hertz: float = 60,
    warm: float = 1,
    seconds: float = 5,
) -> Measured:
    """Let the movers move. ``size``: bytes of a frame, as generator.c has them."""
    with connected(dialect, everybody, hertz=hertz, warm=warm, seconds=seconds, size=size) as running:
        before = resident(servers[0])
        _say(running, "\n")
        _hear(running, "begin")
        cpu = sum(server.cpu() for server in servers)
        _hear(running, "end")
        cpu = sum(server.cpu() for server in servers) - cpu
        grown = resident(servers[0]) - before
        assert running.stdout is not None
        followers, slow = (_seen(line) for line in running.stdout.read().splitlines())
    movers = sum(one.role == "m" for one in everybody)
    return Measured(followers, slow, cpu, grown, round(hertz * seconds * movers))


def resident(server: Server) -> int:
    """Bytes of the first process that are in memory."""
    return int(server.processes()[0].memory_info().rss)


def _say(running: "subprocess.Popen[str]", what: str) -> None:
    assert running.stdin is not None
    running.stdin.write(what)
    running.stdin.flush()


def _hear(running: "subprocess.Popen[str]", word: str) -> None:
    assert running.stdout is not None
    heard = running.stdout.readline().strip()
    assert heard == word, f"the generator said {heard!r} and not {word!r}"


def _seen(line: str) -> Seen:
    _, frames, *delays = line.split()
    return Seen(int(frames), *(int(delay) / 1000 for delay in delays))
