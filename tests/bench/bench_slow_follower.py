"""A follower behind 1 Mbit/s and a round trip of 250 ms, while 40 streams send 2.3 times what that link carries: how old is
what it sees? Ten others follow on a good link. Our node beside Node ws, socket.io, y-websocket; link: rooms/link.py."""

import tempfile
from pathlib import Path
from typing import Final

from tests.bench.rooms import load, made, servers
from tests.bench.rooms.load import Measured, Seen, clients
from tests.bench.rooms.servers import SOCKETIO, WS, YJS, Peer

MBITS: Final = 1.0
ONE_WAY: Final = 125.0
STREAMS: Final = 40
HEALTHY: Final = 10
SIZE: Final = 120
"""Bytes of a viewport with ten channels: 40 x 60 x 120 bytes are 2.3 Mbit/s."""
WARM: Final = 2.0
SECONDS: Final = 14.0
OURS: Final = Peer("telepath", "room")


def once(folder: Path, peer: Peer, path: str, database: str, streams: int) -> Measured:
    starting = servers.node(folder, database) if peer is OURS else servers.running(peer, folder)
    with starting as server, servers.link(folder, server, MBITS, ONE_WAY) as slow:
        who = [
            *clients("m", streams, server.port, path, load.PRESENTER),
            *clients("f", HEALTHY, server.port, path),
            *clients("s", 1, slow, path, load.COOKIES[1:]),
        ]
        return load.measure(peer.dialect, who, [server], size=SIZE, warm=WARM, seconds=SECONDS)


def main() -> None:
    if made.program("generator") is None:
        print("There is no C compiler, hence nobody to follow: sudo apt-get install gcc")
        return
    with tempfile.TemporaryDirectory(prefix="telepath-") as name:
        folder = Path(name)
        database, rooms = servers.rooms(folder, 2)
        print(
            f"{MBITS:g} Mbit/s, {2 * ONE_WAY:.0f} ms there and back; {STREAMS} streams of {SIZE} bytes, 60 Hz, {SECONDS:g} s"
        )
        columns = ("p50 ms", "p99 ms", "last ms", "Hz in all", "others p99", "grown KB")
        print(f"{'one way':26}" + "".join(f"{column:>12}" for column in columns))
        _tell("telepath, one stream", once(folder, OURS, rooms.pop(), database, 1))
        path = rooms.pop()
        for peer in (OURS, *servers.present(WS, SOCKETIO, YJS)):
            _tell(peer.name, once(folder, peer, path if peer is OURS else peer.path, database, STREAMS))


def _tell(name: str, measured: Measured) -> None:
    slow: Seen = measured.slow
    print(
        f"{name:26}{slow.p50:12.0f}{slow.p99:12.0f}{slow.last:12.0f}{slow.frames / SECONDS:12.0f}"
        f"{measured.followers.p99:12.1f}{measured.grown / 1024:12.0f}"
    )


if __name__ == "__main__":
    main()
