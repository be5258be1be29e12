"""How soon a follower sees sharply what the presenter shows, over links of 250 ms at 10, 4 and 1 Mbit/s: our room, and plain
OpenSeadragon that is told the same fields and pulls the same tiles. About ten minutes; as root, with /dev/net/tun."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

import msgspec

from tests import tools
from tests.bench.sharp import network
from tests.bench.sharp.followers import OPENSEADRAGON
from tests.bench.sharp.results import HEADER, Result, judged
from tests.running import ROOT

MEGABITS: Final = (10.0, 4.0, 1.0)
AT_MOST: Final = 2400.0
"""Seconds for everything; then it is ended."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_sharp", description="How soon it is sharp.")
    parser.add_argument("--megabits", nargs="+", type=float, default=MEGABITS, help="of the links (default: 10 4 1)")
    parser.add_argument("--only", default="", help="the way of this name, or those in whose name it stands")
    parser.add_argument("--moves", action="store_true", help="each move besides")
    # `make bench` runs every main() with its own arguments.
    arguments = parser.parse_args(sys.argv[1:] if Path(sys.argv[0]).stem == "bench_sharp" else [])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was begun is undone
    missing = network.missing()
    if tools.chromium() is None:
        missing.append("Chromium")
    if not OPENSEADRAGON.exists():
        missing.append("the client's packages (make build)")
    if missing:
        print(f"Sharpness over a bad link was not measured; there is no {', no '.join(missing)}")
        return
    try:
        with tempfile.TemporaryDirectory(prefix="telepath-") as made, network.ends(Path(made)) as ends:
            results = measured(ends, Path(made), arguments.megabits, arguments.only)
    except subprocess.CalledProcessError as error:  # a container that has the device, and may not use it
        print(f"Sharpness over a bad link was not measured; refused: {' '.join(error.cmd)}")
        return
    busy = f"{os.getloadavg()[2]:.1f} processes waited for {os.cpu_count()} cores meanwhile, this bench's among them"
    print(f"Milliseconds from the presenter's last movement; 7 moves, 1600 x 900 px; {busy}")
    for megabits in arguments.megabits:
        of_link = [result for result in results if result.megabits == megabits]
        if of_link:
            print(f"\n{network.Link(megabits)}\n{HEADER}")
            for result in of_link:
                print(result.row())
                for line in result.each() if arguments.moves else ():
                    print(line)
    print()
    for line in judged(results):
        print(line)


def measured(ends: network.Ends, folder: Path, megabits: list[float], only: str) -> list[Result]:
    """Run it all in the server's namespace. What was measured before it failed, or took too long, counts."""
    # With processes of its own: when their first one ends, the system ends them all.
    alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*alone, "ip", "netns", "exec", ends.here, sys.executable, "-m", "tests.bench.sharp.measuring"]
    said = [*command, ends.here, ends.there, str(folder), *map(str, megabits), "--only", only]
    results = []
    with subprocess.Popen(said, cwd=ROOT, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        limit = threading.Timer(AT_MOST, running.kill)
        limit.start()
        try:
            for line in running.stdout:
                result = msgspec.json.decode(line, type=Result)
                print(f"{result.megabits:g} Mbit/s {result.row()}", file=sys.stderr, flush=True)
                results.append(result)
        finally:
            limit.cancel()
            running.kill()
    return results


if __name__ == "__main__":
    main()
