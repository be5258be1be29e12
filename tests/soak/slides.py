"""Mutants of slides, in processes of their own that are the web process: what ``make soak`` and the tests run."""

import os
import shutil
import tempfile
from collections import Counter
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvloop

from tests.soak import originals
from tests.soak.gauntlet import Findings, Gauntlet
from tests.soak.mutants import Original

REAL_SHARE: Final = 0.1
"""Of the mutants that are made of real slides: they are a hundred times larger."""
SLOWEST: Final = 5


def run(seed: str, count: int, nodes: int = 2) -> Findings:
    """``count`` mutants, shared out to ``nodes`` processes. Raises ChildProcessError: one of them ended."""
    context = get_context("spawn")
    folder = tempfile.mkdtemp(prefix="telepath-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    try:
        lines = []
        for number in range(nodes):
            ours, theirs = context.Pipe(duplex=False)
            share = count // nodes + (number < count % nodes)
            node = context.Process(target=_node, args=(Path(folder, str(number)), f"{seed}-{number}", share, theirs))
            node.start()
            theirs.close()
            lines.append((node, ours))
        found = [_told(ours) for _, ours in lines]
        for node, _ in lines:
            node.join()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    whole = [one for one in found if one is not None]
    if len(whole) < nodes or any(node.exitcode != 0 for node, _ in lines):
        raise ChildProcessError("a web process ended")
    return together(whole)


def _told(line: Connection) -> Findings | None:
    try:
        found: Findings = line.recv()
    except EOFError:
        return None
    return found


def _node(folder: Path, seed: str, count: int, tell: Connection) -> None:
    folder.mkdir(parents=True)
    slides, weights = chosen(folder / "originals")
    tell.send(uvloop.run(Gauntlet(folder, slides, weights).run(seed, count)))


def chosen(folder: Path) -> tuple[list[Original], list[float]]:
    """The slides that mutants are made of, and how often each is."""
    ours = originals.made(folder)
    if "TELEPATH_TEST_SLIDES" not in os.environ:
        return ours, [1.0] * len(ours)
    real = originals.real()
    return [*ours, *real], [(1 - REAL_SHARE) / len(ours)] * len(ours) + [REAL_SHARE / len(real)] * len(real)


def together(all_found: list[Findings]) -> Findings:
    """The findings of several nodes as one."""
    return Findings(
        mutants=sum(one.mutants for one in all_found),
        outcomes=sum((one.outcomes for one in all_found), Counter()),
        tiles=sum((one.tiles for one in all_found), Counter()),
        wrong_sizes=[name for one in all_found for name in one.wrong_sizes],
        deaths=sum(one.deaths for one in all_found),
        killed=sum(one.killed for one in all_found),
        waits=[wait for one in all_found for wait in one.waits],
        copies=sum((one.copies for one in all_found), Counter()),
        broken=[text for one in all_found for text in one.broken],
        labels=[name for one in all_found for name in one.labels],
        outside=[name for one in all_found for name in one.outside],
        slowest=sorted((slow for one in all_found for slow in one.slowest), reverse=True)[:SLOWEST],
        largest=max(one.largest for one in all_found),
    )


def check(found: Findings, wait: float = 0.5) -> None:
    """What must not come of any slide. ``wait``: seconds for somebody else's tile after a worker died."""
    assert not found.broken, found.broken[0]
    assert not found.outside, found.outside
    assert not found.labels, found.labels
    assert not found.wrong_sizes, found.wrong_sizes
    assert max(found.waits, default=0.0) <= wait, sorted(found.waits)[-5:]


def told(found: Findings, seconds: float) -> list[str]:
    """The findings in a few lines."""
    waits = f"{1000 * max(found.waits, default=0.0):.0f} ms at most"
    return [
        f"slides: {found.mutants} mutants, {seconds:.0f} s; the web process lived, {found.largest >> 20} MB at most",
        f"  {found.deaths} workers died of them, {found.killed} were killed; somebody else's next tile: {waits}",
        f"  files opened outside: {len(found.outside)}; labels served: {len(found.labels)}; "
        f"tiles of another size: {len(found.wrong_sizes)}; broken: {len(found.broken)}",
        "  tiles: " + ", ".join(f"{status}: {times}" for status, times in sorted(found.tiles.items())),
        "  copies: " + ", ".join(f"{outcome}: {times}" for outcome, times in found.copies.most_common()),
        *(f"  {times:6d}  {outcome}" for outcome, times in found.outcomes.most_common()),
        *(f"  {slow:.1f} s  {name}" for slow, name in found.slowest),
    ]
