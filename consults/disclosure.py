"""Which counts may be shown to somebody who may see no case: never one that could be one person's. Pure.

A count under ``SMALLEST`` is withheld. Where what is withheld is less than that in all, the next smallest is withheld with it,
or the total would tell it: the usual two rules of statistical disclosure control (primary and secondary suppression)."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Final

import msgspec

SMALLEST: Final = 10


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table. None: withheld, because it is of fewer than ``SMALLEST`` consults, or would give one away."""

    key: str
    asked: int | None
    answered: int | None
    median_hours: float | None
    """From the request to the signature."""


class Table(msgspec.Struct, frozen=True):
    """``total`` is that of all lines, the withheld ones included; None: it would give one away."""

    lines: tuple[Line, ...]
    total: int | None


def table(asked: Mapping[str, int], hours: Mapping[str, Iterable[float]]) -> Table:
    """``asked``: key → consults; ``hours``: key → hours until the signature of each answered one. Only one table of the same
    consults may be given hours: two, cut differently, tell together what each withholds."""
    shown = withheld_out(asked)
    lines = []
    for key in sorted(asked):
        took = list(hours.get(key, ()))
        enough = key in shown and len(took) >= SMALLEST
        # How many are unanswered is a count too.
        open_ones = asked[key] - len(took)
        lines.append(
            Line(
                key=key,
                asked=asked[key] if key in shown else None,
                answered=len(took) if enough and (open_ones == 0 or open_ones >= SMALLEST) else None,
                median_hours=median(took) if enough else None,
            )
        )
    total = sum(asked.values())
    return Table(tuple(lines), total if total >= SMALLEST else None)


def beside(shown: Table, *others: Table) -> Table:
    """``shown`` beside ``others`` of the same consults: without any count where one of these withholds something. Systematic
    second readings are those of the networks, and lymphomas those of one network: cut so, it would tell what they withhold."""
    if all(line.asked is not None for other in others for line in other.lines):
        return shown
    nothing = {"asked": None, "answered": None, "median_hours": None}
    return Table(tuple(msgspec.structs.replace(line, **nothing) for line in shown.lines), shown.total)


def withheld_out(counts: Mapping[str, int]) -> frozenset[str]:
    """The keys whose counts may be shown beside the total."""
    small = {key for key, count in counts.items() if count < SMALLEST}
    withheld = sum(counts[key] for key in small)
    rest = sorted((count, key) for key, count in counts.items() if key not in small)
    # What is withheld together must be as many as one that may be shown: the total minus what is shown tells it.
    while small and withheld < SMALLEST and rest:
        count, key = rest.pop(0)
        small.add(key)
        withheld += count
    return frozenset(counts) - small
