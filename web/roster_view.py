"""A week of a duty roster as a page shows it: on the clock of who looks, and on that of each territory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from consults import duties, pools
from consults.duties import Duty
from consults.pools import Member, Pool
from consults.roster import Span, at_work, joined, overlap, twice, week_of, without
from telepath import directory
from telepath.db.transaction import Reader
from telepath.territories import REGIONS, Calendar, local
from web.words import Wording


class Clock(msgspec.Struct, frozen=True):
    """From when to when, on one clock: the day of the week is named where it is not the one of the column."""

    begin: str
    end: str


class Own(msgspec.Struct, frozen=True):
    """One's own duty, on one's own clock and on that of its territory (None: it is the same)."""

    duty: Duty
    day: str
    """Of the week, on which it begins."""
    here: Clock
    there: Clock | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A duty, or a time when nobody has one."""

    duty: Duty | None = None
    """None: nobody."""
    here: Clock
    there: Clock | None = None
    """On the clock of the territory; None: it is the same."""
    twice: bool = False
    """Somebody else has the same duty in a part of that time."""
    absent: bool = False
    """Who has it said that they are away then."""
    unable: bool = False
    """Who has it can no longer answer."""
    alone: bool = False
    """Of a time when nobody is on duty: nobody of the whole pool is there."""


class Row(msgspec.Struct, frozen=True):
    """One territory, with what begins on each of the seven days."""

    name: str
    cells: tuple[tuple[Entry, ...], ...]


class Week(msgspec.Struct, frozen=True, kw_only=True):
    days: tuple[datetime, ...]
    """Its seven midnights."""
    over: datetime
    """The eighth."""
    monday: date
    rows: tuple[Row, ...]
    holes: tuple[Clock, ...]
    """When nobody of the pool is on duty, and nobody is at work where they read."""

    @property
    def last(self) -> datetime:
        """Within its last day."""
        return self.over - timedelta(microseconds=1)

    @property
    def before(self) -> date:
        return self.monday - timedelta(7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(7)


async def week(reader: Reader, pool: Pool, day: date, zone: str, t: Wording) -> Week:
    """The week of ``day`` on the clock of ``zone``, with the territories where the pool has or had duties."""
    midnights = week_of(day, zone)
    whole = (midnights[0], midnights[-1])
    found = await duties.between(reader, pool.id, *whole)
    members = await pools.members(reader, pool.id)
    people = {one.person_id for one in members} | {one.person_id for one in found}
    away = {
        key: [(one.starts_at, one.ends_at) for one in absences]
        for key, absences in (await directory.absences(reader, people)).items()
    }
    able = {one.person_id for one in members}
    there = [(one.starts_at, one.ends_at) for one in found if one.person_id in able]
    there += await _working(reader, members, away, whole)
    holes = without([whole], there)
    rows = []
    for code in await duties.territories(reader, pool.id):
        mine = [one for one in found if one.territory == code]
        rows.append(Row(REGIONS[code].name, _cells(mine, code, midnights, zone, able, away, holes, t)))
    return Week(
        days=tuple(midnights[:7]),
        over=midnights[7],
        monday=local(midnights[0], zone).date(),
        rows=tuple(sorted(rows, key=lambda row: row.name)),
        holes=tuple(spoken(hole, zone, t) for hole in holes),
    )


def own(duty: Duty, zone: str, t: Wording) -> Own:
    day = local(duty.starts_at, zone).date()
    span, far = (duty.starts_at, duty.ends_at), REGIONS[duty.territory].time_zone
    here, there = (_clock(span, one, day, t) for one in (zone, far))
    return Own(duty, t(f"weekday-{day.weekday()}"), here, None if there == here else there)


def spoken(span: Span, zone: str, t: Wording) -> Clock:
    """With the day of the week on which it begins, and that of its end where it is another one."""
    begin = local(span[0], zone)
    there = _clock(span, zone, begin.date(), t)
    return Clock(f"{t(f'weekday-{begin.weekday()}')} {there.begin}", there.end)


async def _working(
    reader: Reader, members: Iterable[Member], away: Mapping[str, Sequence[Span]], whole: Span
) -> list[Span]:
    """When a member is at work where they read, and not absent."""
    places = await directory.institutions(reader, {one.institution_id for one in members})
    hours = {key: at_work(whole, place.time_zone, place.hours) for key, place in places.items()}
    return joined(span for one in members for span in without(hours[one.institution_id], away.get(one.person_id, ())))


def _cells(
    found: Sequence[Duty],
    territory: str,
    midnights: Sequence[datetime],
    zone: str,
    able: Collection[str],
    away: Mapping[str, Sequence[Span]],
    holes: Sequence[Span],
    t: Wording,
) -> tuple[tuple[Entry, ...], ...]:
    whole = (midnights[0], midnights[-1])
    far = REGIONS[territory].time_zone
    doubled = twice([(one.starts_at, one.ends_at) for one in found])
    gaps = without(
        [whole], [*((one.starts_at, one.ends_at) for one in found), *at_work(whole, far, Calendar(territory=territory))]
    )
    spans: list[tuple[Span, Duty | None]] = [((one.starts_at, one.ends_at), one) for one in found]
    spans += [(gap, None) for gap in gaps]
    cells: list[list[Entry]] = [[] for _ in range(7)]
    for span, duty in sorted(spans, key=lambda one: one[0]):
        column = max(place for place in range(7) if place == 0 or midnights[place] <= span[0])
        day = local(midnights[column], zone).date()
        here, there = _clock(span, zone, day, t), _clock(span, far, day, t)
        cells[column].append(
            Entry(
                duty=duty,
                here=here,
                there=None if there == here else there,
                twice=duty is not None and any(overlap(span, one) for one in doubled),
                absent=duty is not None and any(overlap(span, one) for one in away.get(duty.person_id, ())),
                unable=duty is not None and duty.person_id not in able,
                alone=duty is None and any(overlap(span, one) for one in holes),
            )
        )
    return tuple(tuple(cell) for cell in cells)


def _clock(span: Span, zone: str, day: date, t: Wording) -> Clock:
    return Clock(*(_time(local(at, zone), day, t) for at in span))


def _time(at: datetime, day: date, t: Wording) -> str:
    text = f"{at:%H:%M}"
    return text if at.date() == day else f"{t(f'weekday-{at.weekday()}')} {text}"
