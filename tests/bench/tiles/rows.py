"""What the bench of tiles says: figures with their goal, and the figures of each server, as text and as Markdown."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Self

import msgspec


class Row(msgspec.Struct, frozen=True):
    """A goal of ours. ``met`` None: it was only measured, or could not be."""

    what: str
    goal: str
    figure: str
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "NOT MET", None: ""}[self.met]


class Table(msgspec.Struct, frozen=True):
    """Figures of servers beside each other: a heading for each column, the first one the server's name."""

    title: str
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]


class Spread(msgspec.Struct, frozen=True):
    """One figure of each round."""

    rounds: tuple[float, ...]

    @classmethod
    def of(cls, rounds: Iterable[float]) -> Self:
        return cls(tuple(rounds))

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def words(self, digits: int = 1, unit: str = "") -> str:
        """Median, and the smallest and largest."""
        least, most = min(self.rounds), max(self.rounds)
        return f"{self.median:.{digits}f}{unit} ({least:.{digits}f} to {most:.{digits}f})"


def ratio(of: Iterable[float], to: Iterable[float]) -> Spread:
    """Round by round: what was measured in the same minute."""
    return Spread(tuple(one / other for one, other in zip(of, to, strict=True)))


def at_least(what: str, found: Spread, goal: float, unit: str) -> Row:
    """``unit``: what the figure is a multiple of."""
    return Row(what, f"≥ {goal:g} × {unit}", found.words(2 if found.median < 10 else 0, " ×"), found.median >= goal)


def at_most(what: str, found: float, goal: float, unit: str, digits: int = 2) -> Row:
    return Row(what, f"≤ {goal:g} {unit}", f"{found:.{digits}f} {unit}", found <= goal)


def say(rows: Iterable[Row], tables: Iterable[Table], told: Callable[[str], None] = print) -> None:
    for table in tables:
        widths = [max(len(line[n]) for line in (table.headings, *table.lines)) for n in range(len(table.headings))]
        told(f"\n{table.title}")
        for line in (table.headings, *table.lines):
            first, *others = zip(line, widths, strict=True)
            told("  " + first[0].ljust(first[1]) + "".join(f"  {text:>{width}}" for text, width in others))
    told("")
    for row in rows:
        told(f"  {row.what:58} {row.goal:34} {row.figure:32} {row.verdict}".rstrip())


def markdown(rows: Iterable[Row], tables: Iterable[Table]) -> str:
    """To be pasted; the first table has the goals."""
    lines = ["| what | goal | measured | |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.what} | {row.goal} | {row.figure} | {row.verdict} |" for row in rows]
    for table in tables:
        lines += [
            "",
            table.title,
            "",
            f"| {' | '.join(table.headings)} |",
            "| --- " + "| ---: " * (len(table.headings) - 1) + "|",
        ]
        lines += [f"| {' | '.join(line)} |" for line in table.lines]
    return "\n".join(lines) + "\n"
