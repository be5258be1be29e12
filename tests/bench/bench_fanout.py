"""One moves at 60 Hz and 200 follow; ten move; many are there and nobody moves; one follower never reads. Our node beside what
rooms are made with elsewhere, and beside the least that a server can do: one send() for each follower, in C.

The peers are spared what the room does besides: they check nothing, bound nothing, and nobody acknowledges anything to them.
Figures are the processor's time of the server for each frame that arrived; of several rounds, in turn, the least."""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.rooms import load, made, servers
from tests.bench.rooms.load import Client, Measured, clients
from tests.bench.rooms.servers import BROADCAST, FLOOR, SOCKETIO, WS, YJS, Peer

FOLLOWERS: Final = 200
ROUNDS: Final = 3
POINTERS: Final = 10
VIEWPORT: Final = 36
POINTER: Final = 24
DETAILED: Final = 296
"""Bytes of a viewport with 32 channels, the most there are."""
IDLE: Final = 5000
PER_ROOM: Final = 100
HEALTHY: Final = 10
OURS: Final = Peer("telepath", "room")


class Bench:
    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds
        self.database, self._rooms = servers.rooms(folder, 200)

    def room(self) -> str:
        """The path of one where nobody has been."""
        return self._rooms.pop()

    def once(self, peer: Peer, everybody: str, size: int) -> Measured:
        """A fresh server. ``everybody``: the roles, one letter for each client."""
        ours = peer is OURS
        path = self.room() if ours else peer.path
        starting = servers.node(self.folder, self.database) if ours else servers.running(peer, self.folder)
        with starting as server:
            who: list[Client] = []
            for number, role in enumerate(everybody):
                # Only the presenter's viewport goes to everybody.
                cookies = load.PRESENTER if role == "m" and size != POINTER else load.COOKIES[number % 3 :]
                who += clients(role, 1, server.port, path, cookies)
            return load.measure(peer.dialect, who, [server], size=size)

    def fan_out(self, title: str, peers: Sequence[Peer], everybody: str, size: int) -> None:
        """Each peer once a round; the least processor time, the best tail."""
        found: dict[Peer, list[Measured]] = {peer: [] for peer in peers}
        for _ in range(self.rounds):
            for peer in peers:
                found[peer].append(self.once(peer, everybody, size))
        costs = {peer: min(one.cost for one in all_of_it) for peer, all_of_it in found.items()}
        print(f"\n{title}")
        columns = ("µs CPU each", "x Node ws", "x broadcast", "p50 ms", "p99 ms", "x C p99", "arrived")
        print(f"{'':22}" + "".join(f"{column:>13}" for column in columns))
        for peer, measured in found.items():
            tail = min(one.followers.p99 for one in measured)
            floor = min((one.followers.p99 for one in found.get(FLOOR, ())), default=float("nan"))
            arrived = statistics.median(one.followers.frames / one.offered / everybody.count("f") for one in measured)
            print(
                f"{peer.name:22}{costs[peer]:13.2f}{_ratio(costs, peer, WS):13.2f}{_ratio(costs, peer, BROADCAST):13.2f}"
                f"{min(one.followers.p50 for one in measured):13.2f}{tail:13.2f}{tail / floor:13.2f}{arrived:13.1%}"
            )

    def dead(self, peers: Sequence[Peer]) -> None:
        """40 move, ten healthy ones follow, with and without one who never reads again: 2,400 frames a second, 0.7 MB."""
        print(f"\nOne follower never reads: {HEALTHY} others, 40 move, {DETAILED} bytes each")
        print(f"{'':22}{'p99 without':>13}{'p99 with':>13}{'ratio':>13}{'arrived':>13}{'grown KB':>13}{'without':>13}")
        for peer in peers:
            without, beside = [], []
            for _ in range(self.rounds):
                without.append(self.once(peer, "m" * 40 + "f" * HEALTHY, DETAILED))
                beside.append(self.once(peer, "m" * 40 + "f" * HEALTHY + "d", DETAILED))
            best = [min(one.followers.p99 for one in some) for some in (without, beside)]
            grown = [min(one.grown for one in some) / 1024 for some in (beside, without)]
            arrived = beside[0].followers.frames / beside[0].offered / HEALTHY
            print(
                f"{peer.name:22}{best[0]:13.2f}{best[1]:13.2f}{best[1] / best[0]:13.2f}{arrived:13.1%}"
                f"{grown[0]:13.0f}{grown[1]:13.0f}"
            )

    def idle(self, count: int) -> None:
        """So many sockets on one node, in rooms of a hundred, nobody moves."""
        with servers.node(self.folder, self.database) as server:
            warm = clients("i", PER_ROOM, server.port, self.room())
            with load.connected("room", warm, hertz=0, warm=0, seconds=0, size=POINTER):
                pass
            before, cpu = load.resident(server), server.cpu()
            who: list[Client] = []
            while len(who) < count:
                who += clients("i", min(PER_ROOM, count - len(who)), server.port, self.room())
            with load.connected("room", who, hertz=0, warm=0, seconds=0, size=POINTER):
                each = (load.resident(server) - before) / count / 1024
                came = (server.cpu() - cpu) / count * 1000
                print(
                    f"\n{count} idle sockets on one node: {each:.1f} KiB each; to let one in takes {came:.1f} ms of processor"
                )


def _ratio(costs: dict[Peer, float], one: Peer, other: Peer) -> float:
    return costs[one] / costs[other] if other in costs else float("nan")


def main(arguments: Sequence[str] = ()) -> None:
    """Sections by name, all of them when none is named: one, ten, dead, idle; a number is that of the rounds."""
    if made.program("generator") is None:
        print("There is no C compiler, hence nobody to follow: sudo apt-get install gcc")
        return
    wanted = {word for word in arguments if not word.isdigit()}
    rounds = next((int(word) for word in arguments if word.isdigit()), ROUNDS)
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        bench = Bench(Path(folder), rounds)
        if not wanted or "one" in wanted:
            peers = servers.present(FLOOR, WS, BROADCAST, SOCKETIO, YJS)
            bench.fan_out(f"One moves, {FOLLOWERS} follow", [*peers, OURS], "m" + "f" * FOLLOWERS, VIEWPORT)
        if not wanted or "ten" in wanted:
            peers = servers.present(FLOOR, WS, BROADCAST)
            title = f"{POINTERS} pointers move, {FOLLOWERS} follow"
            bench.fan_out(title, [*peers, OURS], "m" * POINTERS + "f" * FOLLOWERS, POINTER)
        if not wanted or "dead" in wanted:
            bench.dead([*servers.present(WS, BROADCAST), OURS])
        if not wanted or "idle" in wanted:
            bench.idle(IDLE)


if __name__ == "__main__":
    main(sys.argv[1:])
