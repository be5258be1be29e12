"""What the consults of a period come to: volumes, answer times, acceptance, deferral, concordance, load, incidents. Pure.

Exact, for who may open each of the consults. What may be shown to others: consults/disclosure.py."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from statistics import median, quantiles
from typing import Final, TypeVar

import msgspec

from consults.kinds import Grade, Side
from consults.lifecycle import OfferStatus

ANSWERS: Final = (OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.EXPIRED)

K = TypeVar("K", bound=Hashable)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One consult. ``expert``, ``region``: of who reads or read it; "": nobody yet."""

    id: str
    month: str
    """In which it was asked: 2026-11."""
    organ: str
    urgency: str
    kind: str
    network: str
    requested_at: datetime
    due_at: datetime
    signed_at: datetime | None
    paused_seconds: int
    revoked: bool
    deferred: bool
    """The expert needed more before answering: recuts, other stains, the clinical facts."""
    expert: str
    place: str
    """Institution of the other side: of the expert, or of the requester."""
    region: str

    @property
    def hours(self) -> float | None:
        """From the request to the first signature, without the time the clock stood still."""
        if self.signed_at is None:
            return None
        return max(0.0, (self.signed_at - self.requested_at).total_seconds() - self.paused_seconds) / 3600

    @property
    def in_time(self) -> bool:
        return self.signed_at is not None and self.signed_at <= self.due_at


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """``key``: a code, an identifier or a month. Hours and share: None when nothing was answered."""

    key: str
    asked: int
    answered: int
    revoked: int
    deferred: int
    median_hours: float | None
    p90_hours: float | None
    in_time: float | None
    """Of what was answered: share signed by its deadline, 0 to 1."""


class Agreement(msgspec.Struct, frozen=True):
    """How opinions agreed with the first diagnosis, as one side graded them."""

    side: str
    concordant: int
    minor: int
    major: int

    @property
    def total(self) -> int:
        return self.concordant + self.minor + self.major

    @property
    def share(self) -> float | None:
        """Of what was graded: neither minor nor major discordance."""
        return self.concordant / self.total if self.total else None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an activity statement: what one expert and one other institution had to do with each other."""

    place: str
    expert: str
    kind: str
    urgency: str
    organ: str
    asked: int
    answered: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    total: Line
    by_month: list[Line]
    by_urgency: list[Line]
    by_organ: list[Line]
    by_kind: list[Line]
    by_network: list[Line]
    by_region: list[Line]
    by_place: list[Line]
    by_expert: list[Line]
    offers: dict[str, int]
    """Status → how many were asked: accepted, declined, expired."""
    agreement: list[Agreement]
    incidents: dict[str, int]

    @property
    def acceptance(self) -> float | None:
        """Of the offers that were answered or ran out: share accepted."""
        ended = sum(self.offers.get(status, 0) for status in ANSWERS)
        return self.offers.get(OfferStatus.ACCEPTED, 0) / ended if ended else None

    @property
    def deferral(self) -> float | None:
        """Of what an expert took: share for which they needed more before answering."""
        taken = sum(one.asked for one in self.by_expert)
        return self.total.deferred / taken if taken else None


def figures(
    rows: Sequence[Row],
    months: Iterable[str],
    offers: Iterable[str],
    grades: Iterable[tuple[str, str]],
    incidents: Iterable[str],
) -> Figures:
    """``offers``: statuses; ``grades``: (side, grade); ``incidents``: kinds; each one of these consults."""
    graded = Counter(grades)
    return Figures(
        total=line("", rows),
        by_month=[line(month, found) for month, found in _cut(rows, lambda row: row.month, months).items()],
        by_urgency=_lines(rows, lambda row: row.urgency),
        by_organ=_lines(rows, lambda row: row.organ),
        by_kind=_lines(rows, lambda row: row.kind),
        by_network=_lines([row for row in rows if row.network], lambda row: row.network),
        by_region=_lines([row for row in rows if row.region], lambda row: row.region),
        by_place=_lines([row for row in rows if row.place], lambda row: row.place),
        by_expert=_lines([row for row in rows if row.expert], lambda row: row.expert),
        offers={status: count for status, count in Counter(offers).items() if status in set(ANSWERS)},
        agreement=[
            Agreement(side, *(graded[side, grade] for grade in (Grade.CONCORDANT, Grade.MINOR, Grade.MAJOR)))
            for side in Side
        ],
        incidents=dict(sorted(Counter(incidents).items())),
    )


def line(key: str, rows: Iterable[Row]) -> Line:
    """The figures of these consults together."""
    found = list(rows)
    hours = [row.hours for row in found if row.hours is not None]
    return Line(
        key=key,
        asked=len(found),
        answered=len(hours),
        revoked=sum(row.revoked for row in found),
        deferred=sum(row.deferred for row in found),
        median_hours=median(hours) if hours else None,
        p90_hours=_p90(hours),
        in_time=sum(row.in_time for row in found) / len(hours) if hours else None,
    )


def statement(rows: Iterable[Row]) -> list[Part]:
    """By institution, expert, kind, urgency and organ, in this order."""
    found = _cut(rows, lambda row: (row.place, row.expert, row.kind, row.urgency, row.organ))
    return [
        Part(
            place=place,
            expert=expert,
            kind=kind,
            urgency=urgency,
            organ=organ,
            asked=len(some),
            answered=sum(row.signed_at is not None for row in some),
        )
        for (place, expert, kind, urgency, organ), some in sorted(found.items())
    ]


def _p90(hours: list[float]) -> float | None:
    if len(hours) < 2:
        return hours[0] if hours else None
    return quantiles(hours, n=10, method="inclusive")[8]


def _lines(rows: Iterable[Row], key: Callable[[Row], str]) -> list[Line]:
    """The most frequent first."""
    found = [line(name, some) for name, some in _cut(rows, key).items()]
    return sorted(found, key=lambda one: (-one.asked, one.key))


def _cut(rows: Iterable[Row], key: Callable[[Row], K], keys: Iterable[K] = ()) -> dict[K, list[Row]]:
    found: dict[K, list[Row]] = defaultdict(list)
    for name in keys:
        found[name] = []
    for row in rows:
        found[key(row)].append(row)
    return dict(found)
