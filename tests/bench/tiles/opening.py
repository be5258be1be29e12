"""How soon a slide is there: its index, the first tile after a start, a thousand slides; and what of memory it takes."""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from telepath.slides import tiff, tile_index
from telepath.slides.catalogue import Slide
from telepath.slides.decoder import OpenSlideReader
from tests.bench.tiles.load import fetched
from tests.bench.tiles.node import House, stored_levels
from tests.bench.tiles.rows import Row, at_most
from tests.bench.tiles.servers import Server
from tests.builders_slides import write_svs

TIMES: Final = 15
STARTS: Final = 3
PER: Final = 30_000
"""Tiles that the goal speaks of."""


def index(house: House, slide: Slide) -> list[Row]:
    """Looking for the tiles in the file, judging and writing them down; reading what was written."""
    path = house.file(slide)
    reader = OpenSlideReader(path)
    described = reader.describe()
    reader.close()
    kept = house.index_bytes(slide)
    header = tile_index.load(kept).header
    tiles = sum(level.columns * level.rows for level in header.levels)

    def build() -> None:
        found = tiff.tiles(path, described)
        assert found is not None
        for one in found:
            one.check()
        tile_index.dump(header, ((one.offsets, one.lengths) for one in found))

    return [
        at_most(f"index of {tiles} tiles, for each {PER}", _median_ms(build) * PER / tiles, 5.0, "ms"),
        at_most(f"kept index of {tiles} tiles, loaded", _median_ms(lambda: tile_index.load(kept)), 1.0, "ms"),
    ]


def _median_ms(work: Callable[[], object]) -> float:
    """Of the processor: what else the machine does is not the work's."""
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        work()
        took.append((time.process_time() - began) * 1000)
    return statistics.median(took)


def first_tiles(house: House, kinds: Mapping[str, Slide]) -> list[Row]:
    """The first tile of each slide that a node has not seen since it started, its worker's start included. The files are in the
    system's cache."""
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(STARTS):
        with house.serve({}) as node:
            for kind, slide in kinds.items():
                node.settle()
                asked = house.asked(node, slide, [(1, 1, 1)])
                began = time.perf_counter()
                _fetch(fetched(asked))
                took[kind].append((time.perf_counter() - began) * 1000)
    return [
        at_most(f"first tile of a cold slide, {kind}", statistics.median(one), 150.0, "ms", 1)
        for kind, one in took.items()
    ]


def memory(house: House, first: Slide, others: Sequence[Slide]) -> list[Row]:
    """Of the web process alone, without the processes that decode."""
    with house.serve({}) as node:
        node.settle()
        _look(house, node, [first])
        one = node.memory()
        _look(house, node, others)
        each = (node.memory() - one) / len(others)
    return [
        at_most("memory of a web process with one open slide", one, 100.0, "MB PSS", 1),
        at_most(f"for each of {len(others)} more slides", each, 5.0, "MB PSS", 2),
    ]


def _look(house: House, node: Server, slides: Iterable[Slide]) -> None:
    for slide in slides:
        levels = stored_levels(house.index(slide)) or [0]
        _fetch(fetched(house.asked(node, slide, [(level, 0, 0) for level in levels])))


def _fetch(answers: Iterable[tuple[str, object, bytes]]) -> None:
    for path, answer, _ in answers:
        status = getattr(answer, "status", 0)
        assert status == 200, f"{path}: {status}"


def register(house: House, folder: Path, count: int) -> list[Row]:
    """Small slides, each a file of its own, one after the other as ``telepath slides add`` does it."""
    path = write_svs(folder / "small.svs", width=1024, height=768, steps=(1, 4))
    before, began, used = _resident(), time.perf_counter(), time.process_time()
    slides = house.add([path] * count)
    seconds, busy, grown = time.perf_counter() - began, time.process_time() - used, _resident() - before
    with house.serve({}) as node:
        node.settle()
        empty = node.memory()
        _look(house, node, slides)
        shown = node.memory() - empty
    each = f"{seconds / count * 1000:.0f} ms, {busy / count * 1000:.0f} ms of it CPU outside the sandbox"
    return [
        Row(f"{count} slides registered", "", f"{seconds:.0f} s; each {each}"),
        Row("memory that who registers them grows by", "", f"{grown:.1f} MB"),
        Row("memory that a node grows by when it has shown all of them", "", f"{shown:.1f} MB PSS"),
    ]


def _resident() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0
