"""Figures as the cells of a table: the first row names the columns. Nothing stands in a file that its page does not show."""

from collections.abc import Mapping

from consults.activity import Direction
from consults.activity_report import Statement
from consults.disclosure import Table
from consults.figures import Figures, Line
from web.words import Wording

CUTS = ("month", "urgency", "organ", "kind", "network", "region", "place", "expert")
"""Of ``Figures``, each as ``by_<cut>``."""


def of_figures(found: Figures, names: Mapping[str, str], t: Wording) -> list[list[str]]:
    head = ("table", "line", "asked", "answered", "revoked", "deferred", "median-hours", "p90-hours", "in-time")
    rows = [[t(f"figures-{column}") for column in head], _line(t("figures-total"), "", found.total)]
    for cut in CUTS:
        for line in getattr(found, f"by_{cut}"):
            rows.append(_line(t(f"figures-by-{cut}"), called(cut, line.key, names, t), line))
    for status, count in found.offers.items():
        rows.append([t("figures-offers"), t(f"figures-offer-{status}"), str(count)])
    for one in found.agreement:
        for grade in ("concordant", "minor", "major"):
            rows.append([t(f"figures-agreement-{one.side}"), t(f"figures-{grade}"), str(getattr(one, grade))])
    for kind, count in found.incidents.items():
        rows.append([t("figures-incidents"), t(f"incident-{kind}"), str(count)])
    return rows


def of_region(tables: Mapping[str, Table], t: Wording) -> list[list[str]]:
    head = [t(f"figures-{column}") for column in ("table", "line", "asked", "answered", "median-hours")]
    rows = [head]
    for cut, table in tables.items():
        for line in table.lines:
            shown = [line.asked, line.answered, line.median_hours] if cut == "organ" else [line.asked]
            cells = [t("statistics-withheld") if value is None else _number(value) for value in shown]
            rows.append([t(f"figures-by-{cut}"), called(cut, line.key, {}, t), *cells])
    return rows


def of_statement(of: Statement, t: Wording) -> list[list[str]]:
    what = ("partner", "expert", "kind", "urgency", "organ", "asked", "answered")
    rows = [[t(f"figures-{column}") for column in ("from", "to", "institution", "direction", *what)]]
    for direction in Direction:
        for part in of.parts[direction]:
            rows.append(
                [
                    of.period.first,
                    of.period.last,
                    of.place.name,
                    t(f"direction-{direction}"),
                    of.names.get(part.place, t("figures-unread")),
                    of.names.get(part.expert, ""),
                    t(f"kind-{part.kind}"),
                    t(f"urgency-{part.urgency}"),
                    t(f"organ-{part.organ}"),
                    str(part.asked),
                    str(part.answered),
                ]
            )
    return rows


def called(cut: str, key: str, names: Mapping[str, str], t: Wording) -> str:
    """What a line of this cut is called; a month and a network are called by their code."""
    if cut in {"urgency", "organ", "kind"}:
        return t(f"{cut}-{key}")
    return names.get(key, key)


def _line(table: str, name: str, line: Line) -> list[str]:
    counts = [str(line.asked), str(line.answered), str(line.revoked), str(line.deferred)]
    measures = (line.median_hours, line.p90_hours, line.in_time)
    return [table, name, *counts, *("" if value is None else _number(value) for value in measures)]


def _number(value: float) -> str:
    """With a point, for a spreadsheet of any language to be told so once."""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
