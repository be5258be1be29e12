"""Slides beside their peers: one drawn slide of 40,000 x 30,000 px in every container, served by our node and by others in the
same run. ``make bench`` runs it whole; alone: ``python -m tests.bench.bench_tiles [--quick] [--only SECTION] [--table FILE]``.

Peers: OpenSlide's example of Deep Zoom (its defaults, and its kindest set-up), large_image, Debian's iipimage-server, and nginx
with the same bytes as files, which is the limit. Ours checks the capability and the list of revoked views and sends an ETag; no
peer checks anything. Servers have one core, whoever asks has the other, and the measure is the processor's time for a tile.

The decoded formats besides JPEG 2000 are those of TELEPATH_TEST_SLIDES, when it is set."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from telepath.errors import TelepathError
from telepath.slides.catalogue import Slide
from tests.bench import tools
from tests.bench.tiles import making, opening, rows, serving, truth
from tests.bench.tiles.node import House
from tests.bench.tiles.rows import Row, Table
from tests.bench.tiles.servers import ASKED_FROM
from tests.bench.tiles.slides import WRITERS, BenchSlide, write_all

GENERIC, HALVED, JPEG_2000 = "generic TIFF", "SVS YCbCr", "SVS JPEG 2000"
STORED: Final = [name for name in WRITERS if name != JPEG_2000]
BROUGHT: Final = {"NDPI": "crafted/ndpi/HE-ndpi.ndpi", "MIRAX": "crafted/mirax/HE-mirax.mrxs"}
"""Below TELEPATH_TEST_SLIDES. They are small: each round has a copy of its own, that nobody has asked for a tile yet."""


BUSY: Final = 0.5
"""Processes that want a core, on average."""


class Extent(msgspec.Struct, frozen=True):
    """How much is measured."""

    rounds: int
    seconds: float
    made: int
    """Tiles a round of those that must be made."""
    brought: int
    """The same of the small slides that were brought."""
    compared: int
    registered: int


FULL: Final = Extent(rounds=3, seconds=4.0, made=300, brought=90, compared=60, registered=1000)
QUICK: Final = Extent(rounds=1, seconds=2.0, made=100, brought=60, compared=10, registered=30)


class Bench:
    """The slides are drawn and registered once, for all sections."""

    def __init__(self, folder: Path, drawn: Path, extent: Extent) -> None:
        self.folder, self.extent = folder, extent
        drawn.mkdir(exist_ok=True)
        self.paths = write_all(drawn, BenchSlide())
        self.house = House(folder)
        self.slides: dict[str, Slide] = dict(zip(self.paths, self.house.add(self.paths.values()), strict=True))

    def native(self) -> tuple[list[Row], list[Table]]:
        return serving.measure(
            self.house, self.slides[GENERIC], self.folder, rounds=self.extent.rounds, seconds=self.extent.seconds
        )

    def missing(self) -> tuple[list[Row], list[Table]]:
        slide = self.slides[HALVED]
        work = making.lacking(self.house, slide)
        with ExitStack() as stack:
            servers = making.Beside(stack, self.house, self.folder)
            found = servers.measure([work] * self.extent.rounds, self.extent.made)
            some = list(islice(work.tiles, self.extent.compared))
            lost = truth.losses(self.house, servers.node, slide, some)
        goals = {making.DEFAULTS: 14.0, making.KINDEST: 14.0}
        made = making.beside("a level that the file lacks (1:2, 1:8)", found, goals)
        title = "Tiles of levels that the file lacks, each asked for once, median (least to most) of the rounds."
        return [*made, *making.alone(self.house, slide, some), *lost], [making.table(title, {HALVED: found})]

    def decoding(self) -> tuple[list[Row], list[Table]]:
        rounds = self.extent.rounds
        one = making.decoded(self.house, self.slides[JPEG_2000])
        works = {JPEG_2000: ([one] * rounds, self.extent.made)}
        brought, refused = os.environ.get("TELEPATH_TEST_SLIDES"), list[Row]()
        for kind, path in BROUGHT.items() if brought else ():
            try:
                copies = self.house.add([Path(brought or "") / path] * rounds)
            except TelepathError as error:
                refused.append(Row(f"decoded: {kind}", "to be registered", error.code, met=False))
            else:
                works[kind] = [making.decoded(self.house, copy) for copy in copies], self.extent.brought
        with ExitStack() as stack:
            servers = making.Beside(stack, self.house, self.folder)
            found = {kind: servers.measure(*work) for kind, work in works.items()}
        goals = {making.KINDEST: 1.4, making.DEFAULTS: 2.0}
        told = [row for kind, measured in found.items() for row in making.beside(f"decoded: {kind}", measured, goals)]
        title = "Tiles that must be decoded, each asked for once, median (least to most) of the rounds."
        return told + refused, [making.table(title, found)]

    def truth(self) -> tuple[list[Row], list[Table]]:
        with self.house.serve({}) as node:
            kinds = {name: self.slides[name] for name in STORED}
            return truth.exactness(self.house, node, kinds, self.extent.compared), []

    def opening(self) -> tuple[list[Row], list[Table]]:
        cold = {GENERIC: GENERIC, f"{HALVED}, a level that it lacks": HALVED, f"{JPEG_2000}, decoded": JPEG_2000}
        told = opening.index(self.house, self.slides[GENERIC])
        told += opening.first_tiles(self.house, {words: self.slides[name] for words, name in cold.items()})
        others = [self.slides[name] for name in STORED if name != GENERIC]
        return told + opening.memory(self.house, self.slides[GENERIC], others), []

    def registering(self) -> tuple[list[Row], list[Table]]:
        return opening.register(self.house, self.folder, self.extent.registered), []


SECTIONS: Final[dict[str, Callable[[Bench], tuple[list[Row], list[Table]]]]] = {
    "native": Bench.native,
    "missing": Bench.missing,
    "decoding": Bench.decoding,
    "truth": Bench.truth,
    "opening": Bench.opening,
    "registering": Bench.registering,
}


def run(wanted: argparse.Namespace) -> None:
    extent = QUICK if wanted.quick else FULL
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        bench = Bench(Path(folder), Path(wanted.slides or Path(folder) / "drawn"), extent)
        told: list[Row] = []
        tables: list[Table] = []
        try:
            print(f"Slides: drawn and registered after {time.monotonic() - began:.0f} s", flush=True)
            for name in wanted.only or SECTIONS:
                found, beside = SECTIONS[name](bench)
                rows.say(found, beside)
                told, tables = told + found, tables + beside
        finally:
            bench.house.close()
    print(f"\n{sum(row.met is False for row in told)} goals not met; {time.monotonic() - began:.0f} s")
    if wanted.table:
        wanted.table.write_text(rows.markdown(told, tables), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_tiles")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="this part; may be said again")
    parser.add_argument("--table", type=Path, help="write everything as Markdown to this file")
    parser.add_argument("--slides", type=Path, help="keep the drawn slides in this folder")
    wanted = parser.parse_args(arguments if arguments is not None else [])
    cores = os.sched_getaffinity(0)
    print(f"Slides of 40,000 x 30,000 px, {len(cores)} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f}")
    if os.getloadavg()[0] > BUSY:
        print("This machine has other work: no figure is worth keeping")
    if absent := tools.missing():
        print(f"Without {', '.join(absent)}: `python -m tests.bench.tools` gets them")
    if tools.gunicorn() is None:
        print("Without the peers in Python: `make bench` installs them")
    os.sched_setaffinity(0, {ASKED_FROM})
    try:
        run(wanted)
    finally:
        os.sched_setaffinity(0, cores)


if __name__ == "__main__":
    main(sys.argv[1:])
