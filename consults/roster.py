"""Duties on a calendar: a weekly pattern as spans of time, when nobody is there, when two are. Pure.

A span is (first instant, instant after the last), in UTC. A roster is kept on the clock of its territory."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

import msgspec

from telepath.errors import Invalid
from telepath.territories import REGIONS, Calendar, instant, local

Span: TypeAlias = tuple[datetime, datetime]

LONGEST: Final = timedelta(days=366)
"""From the first to the last day of a pattern."""
EVERY: Final = 8
"""Weeks: who is on duty more rarely is entered week by week."""


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """A duty that comes back: these days of the week, from one time to another on the clock of the territory."""

    territory: str
    """INSEE code of a region."""
    days: frozenset[int]
    """Of the week: 0 is Monday. On which a duty begins."""
    begins: time
    ends: time
    """On the next day where it is not after ``begins``: from 18:00 to 08:00 is a night, from 08:00 to 08:00 a day and night."""
    first: date
    last: date
    """The last day on which one may begin."""
    every: int = 1
    """Weeks, counted from that of ``first``: 2 is every second week."""

    def checked(self) -> "Pattern":
        """The same. Raises Invalid: an unknown territory, no day, too long a time, or no duty in it at all."""
        if self.territory not in REGIONS:
            raise Invalid("error-field-choice", field="territory")
        if not self.days or not self.days <= set(range(7)):
            raise Invalid("error-duty-days", field="days")
        if not 1 <= self.every <= EVERY:
            raise Invalid("error-field-number", field="every", lowest=1, highest=EVERY)
        if self.last < self.first:
            raise Invalid("error-duty-order", field="last")
        if self.last - self.first > LONGEST:
            raise Invalid("error-duty-long", field="last", days=LONGEST.days)
        if not self.spans():
            raise Invalid("error-duty-none", field="days")
        return self

    def spans(self) -> list[Span]:
        """In order. A night in which the clocks change is an hour longer or shorter."""
        zone = REGIONS[self.territory].time_zone
        monday = self.first - timedelta(self.first.weekday())
        found = []
        for past in range((self.last - self.first).days + 1):
            day = self.first + timedelta(past)
            if day.weekday() in self.days and (day - monday).days // 7 % self.every == 0:
                over = day if self.ends > self.begins else day + timedelta(1)
                begin, end = datetime.combine(day, self.begins), datetime.combine(over, self.ends)
                found.append((instant(begin, zone), instant(end, zone)))
        return found


def overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same times in order, none touching the next."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif begin < end:
            found.append((begin, end))
    return found


def without(wanted: Iterable[Span], there: Iterable[Span]) -> list[Span]:
    """What of ``wanted`` is not in ``there``: when nobody is there."""
    taken = joined(there)
    found: list[Span] = []
    for begin, end in joined(wanted):
        at = begin
        for other_begin, other_end in taken:
            if other_end <= at or other_begin >= end:
                continue
            if at < other_begin:
                found.append((at, other_begin))
            at = other_end
        if at < end:
            found.append((at, end))
    return found


def twice(spans: Sequence[Span]) -> list[Span]:
    """When more than one of them runs."""
    shared = (
        (max(one[0], other[0]), min(one[1], other[1]))
        for place, one in enumerate(spans)
        for other in spans[place + 1 :]
        if overlap(one, other)
    )
    return joined(shared)


def at_work(within: Span, zone: str, calendar: Calendar) -> list[Span]:
    """When people are at work in a place, in this time."""
    begin, end = within
    day, last = local(begin, zone).date(), local(end, zone).date()
    found = []
    while day <= last:
        if calendar.works(day):
            opens, closes = (instant(datetime.combine(day, at), zone) for at in (calendar.opens, calendar.closes))
            found.append((max(opens, begin), min(closes, end)))
        day += timedelta(1)
    return joined(found)


def week_of(day: date, zone: str) -> list[datetime]:
    """The eight midnights of the week of ``day`` on the clock of ``zone``, in UTC: of Monday to the next Monday."""
    monday = day - timedelta(day.weekday())
    return [instant(datetime.combine(monday + timedelta(past), time()), zone) for past in range(8)]
