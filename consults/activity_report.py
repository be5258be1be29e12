"""The activity statement of an institution as PDF/A, for its conventions with others: counts, without a patient or a price."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import babel.dates
import msgspec

from consults import typesetting
from consults.activity import Direction, Period
from consults.exchanges import Exchange, total
from consults.figures import Part
from consults.report import Words
from telepath.directory import Institution

TEMPLATE: Final = Path(__file__).with_name("activity_report.typ")
_LOCALES: Final = {"fr": "fr", "en": "en_GB"}


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one institution and others did for each other in a period."""

    place: Institution
    period: Period
    exchanges: Sequence[Exchange]
    parts: Mapping[Direction, Sequence[Part]]
    """The same by expert and organ."""
    names: Mapping[str, str]
    """Of people and institutions, by id."""
    expert: str = ""
    """Id of the one expert that it is of; "": of all. ``partner``: of the one other institution."""
    partner: str = ""
    made_at: datetime
    made_by: str


async def render(statement: Statement, words: Words) -> bytes:
    """The PDF in the language of ``words``. The same statement gives the same bytes."""
    return await typesetting.pdf(TEMPLATE, _data(statement, words), statement.made_at)


def _data(statement: Statement, words: Words) -> dict[str, Any]:
    there = statement.made_at.astimezone(ZoneInfo(statement.place.time_zone))
    locale = _LOCALES[words.language]
    first, last = _month(statement.period.first, locale), _month(statement.period.last, locale)
    span = words("figures-months", first=first, last=last) if first != last else first
    finess = statement.place.finess
    facts = [
        (words("figures-institution"), f"{statement.place.name}, {statement.place.city}"),
        *([(words("figures-finess"), finess)] if finess else []),
        (words("figures-period"), span),
        (words("figures-partner"), statement.names.get(statement.partner, words("figures-every-partner"))),
        (words("figures-expert"), statement.names.get(statement.expert, words("figures-every-expert"))),
    ]
    return {
        "language": words.language,
        "title": words("figures-statement"),
        "subtitle": f"{statement.place.name} · {span}",
        "author": statement.place.name,
        "date": {"year": there.year, "month": there.month, "day": there.day},
        "made": words(
            "figures-made",
            name=statement.made_by,
            at=babel.dates.format_datetime(there, "d MMMM y, HH:mm", locale=locale),
            place=statement.place.city,
        ),
        "use": words("figures-statement-hint"),
        "none": words("figures-none"),
        "facts": facts,
        "parts": [_by_place(statement, words), *(_by_expert(statement, one, words) for one in Direction)],
    }


def _by_place(statement: Statement, words: Words) -> dict[str, Any]:
    """Kinds and urgencies of each institution, and their sum where there are several."""
    head = ("partner", "kind", "urgency", "asked-of-them", "signed-by-them", "asked-of-us", "signed-by-us")
    rows = []
    for place in dict.fromkeys(one.place for one in statement.exchanges):
        name = statement.names.get(place, words("figures-unread"))
        of = [one for one in statement.exchanges if one.place == place]
        for one in of:
            rows.append(_row(name, words(f"kind-{one.kind}"), words(f"urgency-{one.urgency}"), *_counts(one)))
        if len(of) > 1:
            rows.append(_row(name, words("figures-total"), "", *_counts(total(of, place)), total=True))
    return {"title": words("figures-by-convention"), "head": _head(head, words), "words": 3, "rows": rows}


def _by_expert(statement: Statement, direction: Direction, words: Words) -> dict[str, Any]:
    head = ("partner", "expert", "kind", "urgency", "organ", "asked", "answered")
    rows = [
        _row(
            statement.names.get(part.place, words("figures-unread")),
            statement.names.get(part.expert, "–"),
            words(f"kind-{part.kind}"),
            words(f"urgency-{part.urgency}"),
            words(f"organ-{part.organ}"),
            part.asked,
            part.answered,
        )
        for part in statement.parts[direction]
    ]
    return {"title": words(f"direction-{direction}"), "head": _head(head, words), "words": 5, "rows": rows}


def _counts(one: Exchange) -> tuple[int, int, int, int]:
    return one.asked, one.received, one.answered, one.given


def _row(*cells: object, total: bool = False) -> dict[str, Any]:
    return {"cells": [str(cell) for cell in cells], "total": total}


def _head(names: Sequence[str], words: Callable[[str], str]) -> list[str]:
    return [words(f"figures-{name}") for name in names]


def _month(month: str, locale: str) -> str:
    """« mars 2026 »."""
    return babel.dates.format_date(datetime(int(month[:4]), int(month[5:]), 1), "MMMM y", locale=locale)  # noqa: DTZ001
