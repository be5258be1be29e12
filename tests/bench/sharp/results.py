"""What was measured, and what was to be reached. Pure."""

from collections.abc import Iterator, Sequence
from statistics import mean, median
from typing import Final

import msgspec


class Moved(msgspec.Struct, frozen=True):
    """Milliseconds after the presenter's last movement; None: the follower does not say."""

    name: str
    heard: float | None
    """When its last message was there."""
    usable: float | None
    """When all of the field was there, no more than four times as coarse."""
    sharp: float | None
    coding: str
    """Of the tiles when it was sharp: native or reduced."""
    changed: int
    """Px that were others at the end of the rest than when it was said to be sharp; -1: not looked at."""


class Result(msgspec.Struct, frozen=True):
    """One way to follow, over one link."""

    way: str
    megabits: float
    round_trip: float
    moves: list[Moved]
    received: int
    """Bytes at the follower's end of the line, from the first movement to the end of the last rest."""
    pushed: int

    def times(self, of: str) -> list[float]:
        return [value for move in self.moves if (value := getattr(move, of)) is not None]

    def row(self) -> str:
        sharp, usable, heard = self.times("sharp"), self.times("usable"), self.times("heard")
        told = " / ".join(f"{value:.0f}" for value in (median(sharp), mean(sharp), max(sharp)))
        coarse = f"{median(usable):.0f}" if usable else "-"
        looked = [move.changed for move in self.moves if move.changed >= 0 and move.coding != "reduced"]
        same = f"{sum(1 for changed in looked if changed == 0)} of {len(looked)}" if looked else "-"
        return (
            f"{self.way:28}{told:>22}{coarse:>9}{max(heard):>9.0f}{self.received / 1e6:>8.2f}"
            f"{self.pushed / 1e6:>8.2f}{sum(move.coding == 'reduced' for move in self.moves):>9}{same:>9}"
        )

    def each(self) -> Iterator[str]:
        """A line for each move."""
        for move in self.moves:
            figures = ("-" if value is None else f"{value:.0f}" for value in (move.sharp, move.usable, move.heard))
            told = "".join(
                f"{name:>9}{figure:>6}" for name, figure in zip(("sharp", "usable", "last"), figures, strict=True)
            )
            yield f"    {move.name:20}{told}  {move.coding}"


HEADER: Final = (
    f"{'':28}{'sharp, ms':>22}{'usable':>9}{'last':>9}{'MB':>8}{'pushed':>8}{'reduced':>9}{'same':>9}\n"
    f"{'':28}{'median / mean / worst':>22}{'median':>9}{'worst':>9}"
)


class Goal(msgspec.Struct, frozen=True):
    """Of a way, at a link: a figure that is at most this much."""

    way: str
    megabits: float
    what: str
    most: float

    def reached(self, result: Result) -> tuple[float, bool] | None:
        """The figure, and whether it is; None: it was not measured."""
        if self.what == "bytes":
            return result.received / 1e6, result.received / 1e6 <= self.most
        figures = result.times({"sharp": "sharp", "usable": "usable", "last message": "heard"}[self.what])
        if not figures:
            return None
        figure = max(figures) if self.what == "last message" else median(figures)
        return figure, figure <= self.most


OURS: Final = "telepath"
WARM: Final = "telepath, warm"
GOALS: Final = (
    Goal(OURS, 10, "sharp", 250),
    Goal(OURS, 4, "sharp", 400),
    Goal(OURS, 1, "sharp", 2200),
    Goal(OURS, 1, "usable", 400),
    Goal(WARM, 4, "sharp", 250),
    Goal(OURS, 10, "last message", 125 + 150),
    Goal(OURS, 4, "last message", 125 + 150),
    Goal(OURS, 1, "last message", 125 + 350),
    Goal(OURS, 4, "bytes", 2.5),
)
UNITS: Final = {"bytes": "MB"}


def judged(results: Sequence[Result]) -> Iterator[str]:
    """A line for each goal whose link was measured."""
    for goal in GOALS:
        of_link = [result for result in results if result.megabits == goal.megabits]
        found = next((result for result in of_link if result.way == goal.way), None)
        if not of_link:
            continue
        unit = UNITS.get(goal.what, "ms")
        said = f"{goal.way}, {goal.megabits:g} Mbit/s, {goal.what} at most {goal.most:g} {unit}:"
        got = None if found is None else goal.reached(found)
        if got is None:
            yield f"{said} not measured"
        else:
            yield (
                f"{said} {got[0]:.2f} {unit}, {'reached' if got[1] else 'NOT REACHED'}"
                if unit == "MB"
                else (f"{said} {got[0]:.0f} {unit}, {'reached' if got[1] else 'NOT REACHED'}")
            )
