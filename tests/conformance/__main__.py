"""``make conformance``: Autobahn's cases against our WebSocket engine, in both ways in which it is used."""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from tests.conformance import autobahn
from tests.conformance.echo import WAYS, echoing
from tests.tools import ToolMissing

CASES: Final = 301
"""Of Autobahn's 517, without the 216 of compression."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description="Autobahn's cases, one by one.")
    parser.add_argument("--cases", nargs="*", default=["*"], help='some of them: "7.*" 9.1.6 (default: all)')
    parser.add_argument("--way", choices=WAYS, help="one of the two alone")
    parser.add_argument("--report", type=Path, default=autobahn.HOME / "report", help="folder for Autobahn's own pages")
    arguments = parser.parse_args()
    ways = (arguments.way,) if arguments.way else WAYS
    try:
        found = asyncio.run(play(autobahn.suite(), ways, arguments.cases, arguments.report))
    except ToolMissing as missing:
        print(missing)
        return 1
    passed = set(found) == set(ways)
    for way, cases in found.items():
        failed = [case for case in cases if not case.passed]
        counts = ", ".join(f"{count} {name}" for name, count in Counter(case.behaviour for case in cases).most_common())
        print(f"{way}: {len(cases) - len(failed)} of {len(cases)} cases passed ({counts})")
        for case in cases:
            if case in failed or case.behaviour != "OK":
                print(f"  {case.number:10} {case.behaviour}, closing {case.closing}")
        passed = passed and not failed and (len(cases) == CASES or arguments.cases != ["*"])
    print(f"Each case with its bytes: {arguments.report / 'index.html'}")
    return 0 if passed else 1


async def play(program: Path, ways: tuple[str, ...], cases: list[str], folder: Path) -> dict[str, list[autobahn.Case]]:
    async with echoing() as (_, port):
        await autobahn.run(program, port, ways, cases, folder)
    return autobahn.report(folder)


if __name__ == "__main__":
    sys.exit(main())
