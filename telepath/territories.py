"""Regions, their time zones, public holidays and working hours. Pure.

Regions: INSEE codes. There is no region 05, and overseas collectivities have no region code: theirs has three digits.
Time is kept in UTC everywhere; a zone belongs to a place, and working days and deadlines are counted at that place.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

PARIS: Final = "Europe/Paris"


class Region(msgspec.Struct, frozen=True):
    code: str
    name: str
    time_zone: str
    """IANA name of the zone of its main place: French Polynesia has three."""


REGIONS: Final[dict[str, Region]] = {
    region.code: region
    for region in (
        Region("01", "Guadeloupe", "America/Guadeloupe"),
        Region("02", "Martinique", "America/Martinique"),
        Region("03", "Guyane", "America/Cayenne"),
        Region("04", "La Réunion", "Indian/Reunion"),
        Region("06", "Mayotte", "Indian/Mayotte"),
        Region("11", "Île-de-France", PARIS),
        Region("24", "Centre-Val de Loire", PARIS),
        Region("27", "Bourgogne-Franche-Comté", PARIS),
        Region("28", "Normandie", PARIS),
        Region("32", "Hauts-de-France", PARIS),
        Region("44", "Grand Est", PARIS),
        Region("52", "Pays de la Loire", PARIS),
        Region("53", "Bretagne", PARIS),
        Region("75", "Nouvelle-Aquitaine", PARIS),
        Region("76", "Occitanie", PARIS),
        Region("84", "Auvergne-Rhône-Alpes", PARIS),
        Region("93", "Provence-Alpes-Côte d’Azur", PARIS),
        Region("94", "Corse", PARIS),
        Region("975", "Saint-Pierre-et-Miquelon", "America/Miquelon"),
        Region("977", "Saint-Barthélemy", "America/St_Barthelemy"),
        Region("978", "Saint-Martin", "America/Marigot"),
        Region("984", "Terres australes et antarctiques françaises", "Indian/Kerguelen"),
        Region("986", "Wallis-et-Futuna", "Pacific/Wallis"),
        Region("987", "Polynésie française", "Pacific/Tahiti"),
        Region("988", "Nouvelle-Calédonie", "Pacific/Noumea"),
    )
}

OPENS: Final = time(8)
CLOSES: Final = time(18)
"""Working hours of a pathology department, local time, Monday to Friday."""


def local(instant: datetime, zone: str) -> datetime:
    """The same instant on the clock of ``zone`` (IANA name). ``instant`` is aware."""
    return instant.astimezone(ZoneInfo(zone))


def instant(there: datetime, zone: str) -> datetime:
    """When the clock of ``zone`` (IANA name) shows ``there``, in UTC; of what names a zone itself, that one's.
    Raises OverflowError: the first year begins before it in the east, and the last ends after it in the west."""
    return (there if there.tzinfo else there.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def easter(year: int) -> date:
    """Easter Sunday, Gregorian calendar. Source: the anonymous algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, skipped = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarter, odd = divmod(rest, 4)
    weekday = (32 + 2 * skipped + 2 * quarter - epact - odd) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


class Holiday(msgspec.Struct, frozen=True):
    """A public holiday that a territory has beside those of metropolitan France."""

    month: int = 0
    day: int = 0
    easter: int | None = None
    """Days from Easter Sunday, in place of a date."""
    first: int = 0
    last: int = 9999
    """Years in which it is one."""

    def falls(self, year: int) -> date | None:
        """None: not in this year."""
        if not self.first <= year <= self.last:
            return None
        return date(year, self.month, self.day) if self.easter is None else easter(year) + timedelta(self.easter)


GOOD_FRIDAY: Final = Holiday(easter=-2)

ELSEWHERE: Final[dict[str, tuple[Holiday, ...]]] = {
    "01": (Holiday(5, 27),),
    "02": (Holiday(5, 22),),
    "03": (Holiday(6, 10),),
    "04": (Holiday(12, 20),),
    "06": (Holiday(4, 27),),
    "977": (Holiday(10, 9),),
    "978": (Holiday(5, 27, last=2017), Holiday(5, 28, first=2018)),
    "986": (Holiday(4, 28), Holiday(7, 29)),
    "987": (Holiday(3, 5), GOOD_FRIDAY, Holiday(6, 29, last=2025), Holiday(11, 20, first=2026)),
    "988": (Holiday(9, 24),),
    "57": (GOOD_FRIDAY, Holiday(12, 26)),
    "67": (GOOD_FRIDAY, Holiday(12, 26)),
    "68": (GOOD_FRIDAY, Holiday(12, 26)),
}
"""Region, or one of the three départements of local law (Moselle, Bas-Rhin, Haut-Rhin: Code du travail, L3134-13) → what it
adds. Read in a text of law: the days of the abolition of slavery (Code du travail, L3422-2), but for Saint-Martin, where that
text said 27 May and 28 May is kept since 2018. Polynésie française: 5 March and Good Friday; the assembly put 20 November in
the place of 29 June from 2026 (loi du pays voted on 6 May 2025, press of that day). From other public lists: 24 September in
Nouvelle-Calédonie, 28 April and 29 July in Wallis-et-Futuna.

Not here, because only usage has them: Good Friday, carnival and 21 July in the Antilles, the Muslim feasts of Mayotte. An
institution names them in its own ``closed``."""
GRAND_EST: Final = "44"
LOCAL_LAW: Final = ("57", "67", "68")


def territory_of(region: str, finess: str) -> str:
    """Whose public holidays an institution has: its region's, or, where local law adds to them, its département's, with which a
    FINESS number begins."""
    return finess[:2] if region == GRAND_EST and finess[:2] in LOCAL_LAW else region


@lru_cache(maxsize=1024)
def public_holidays(year: int, territory: str = "") -> frozenset[date]:
    """The eleven public holidays of metropolitan France (Code du travail, L3133-1), and what this territory adds to them."""
    sunday = easter(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (1, 39, 50)  # days after Easter: Easter Monday, Ascension, Whit Monday
    everywhere = {date(year, *day) for day in fixed} | {sunday + timedelta(days) for days in moving}
    own = (holiday.falls(year) for holiday in ELSEWHERE.get(territory, ()))
    return frozenset(everywhere | {day for day in own if day is not None})


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """When people are at work in one place, on its own clock. Public holidays of its territory are closed; what a place adds
    to them is in ``closed``."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Of the week: 0 is Monday. Never empty."""
    opens: time = OPENS
    closes: time = CLOSES
    closed: tuple[date, ...] = ()
    territory: str = ""
    """For its public holidays (``territory_of``); "": those of metropolitan France alone."""

    def works(self, day: date) -> bool:
        if day.weekday() not in self.days or day in self.closed:
            return False
        return day not in public_holidays(day.year, self.territory)


USUAL: Final = Calendar()
"""Of a place that says nothing else."""


def is_working_day(day: date, calendar: Calendar = USUAL) -> bool:
    return calendar.works(day)


def is_working_time(instant: datetime, zone: str, calendar: Calendar = USUAL) -> bool:
    """Whether people are at work at this instant in ``zone``."""
    there = local(instant, zone)
    return calendar.works(there.date()) and calendar.opens <= there.time() < calendar.closes


def next_working_day(day: date, calendar: Calendar = USUAL) -> date:
    """``day`` itself when it is one."""
    while not calendar.works(day):
        day += timedelta(1)
    return day


def add_working_days(day: date, count: int, calendar: Calendar = USUAL) -> date:
    """The ``count``-th working day after ``day``; ``day`` itself never counts."""
    for _ in range(count):
        day = next_working_day(day + timedelta(1), calendar)
    return day


def closing_time(day: date, zone: str, calendar: Calendar = USUAL) -> datetime:
    """The instant at which work ends on ``day`` in ``zone``."""
    return datetime.combine(day, calendar.closes, ZoneInfo(zone))


def opening_after(instant: datetime, zone: str, calendar: Calendar = USUAL) -> datetime:
    """When work next begins in ``zone``, after ``instant``."""
    there = local(instant, zone)
    day = there.date() if there.time() < calendar.opens else there.date() + timedelta(1)
    return datetime.combine(next_working_day(day, calendar), calendar.opens, ZoneInfo(zone)).astimezone(UTC)
