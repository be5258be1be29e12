"""What a page is made of: the templates, the built files of the client, and words, dates and numbers as its reader has them."""

import json
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from types import CodeType
from typing import Any, Final
from zoneinfo import ZoneInfo

import babel.dates
import babel.numbers
import msgspec
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup, escape

from consults import shown_slides
from consults.opinion import Content, Shown
from web.kept_fields import signed_fields
from web.words import Wording

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"


class StaticMissing(LookupError):
    """The client was not built, or has no such file."""


class Reader(msgspec.Struct, frozen=True):
    """For whom a page is being rendered: what words, dates and numbers depend on."""

    words: Wording
    zone: ZoneInfo
    now: datetime

    @property
    def language(self) -> str:
        return self.words.language


# Macros are imported without context, so what depends on the reader stands here for the time of one rendering.
_reader: ContextVar[Reader] = ContextVar("reader")


class _Compiled(BytecodeCache):
    """Each template is compiled once in a process (70 ms), by however many Pages."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_compiled: Final = _Compiled()


def _each_time(made: Callable[..., object]) -> Callable[..., object]:
    """A filter that knows the reader. Jinja works out a filter on a constant once for all, when it compiles the template, but
    for those that ask for the context."""

    @pass_context
    def asked(_context: Context, /, *given: object, **named: object) -> object:
        return made(*given, **named)

    return asked


class Pages:
    """The templates and the built files of the client."""

    def __init__(self, templates: Path = TEMPLATES, static: Path = STATIC) -> None:
        self._static = static
        self._manifest: dict[str, str] | None = None
        self.environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_compiled,
        )
        self.environment.globals.update(t=_words, static=self.static, now=lambda: _reader.get().now, zone=zone)
        self.environment.filters.update(paragraphs=paragraphs, unbroken=unbroken, signed_fields=signed_fields)
        of_the_reader: dict[str, Callable[..., object]] = {
            "datetime": as_datetime,
            "date": as_date,
            "time": as_time,
            "ago": ago,
            "soon": soon,
            "duration": as_duration,
            "number": as_number,
            "bytes": as_bytes,
            "slide_name": slide_name,
            "shown_slides": shown_lines,
        }
        self.environment.filters.update({name: _each_time(made) for name, made in of_the_reader.items()})

    def static(self, name: str) -> str:
        """The address of a built file, with its hash: ``static("app.css")``. Raises StaticMissing."""
        if self._manifest is None:
            try:
                self._manifest = json.loads((self._static / "manifest.json").read_text())
            except OSError:
                raise StaticMissing("the client is not built: run `make build`") from None
        try:
            return f"/static/{self._manifest[name]}"
        except KeyError:
            raise StaticMissing(f"{name} is not in the manifest of the client's build") from None

    def text(self, name: str, reader: Reader, context: dict[str, Any]) -> str:
        """Render a template. Raises jinja2's UndefinedError, WordsMissing, StaticMissing: programming errors."""
        token = _reader.set(reader)
        try:
            return self.environment.get_template(name).render(context | {"lang": reader.language})
        finally:
            _reader.reset(token)


def shown_lines(content: Content | Shown) -> list[str]:
    """How the slides of an opinion were shown to its author, or to who signed beside."""
    return shown_slides.lines(content, _words, as_date)


def _words(message: str, /, **params: object) -> str:
    return _reader.get().words(message, **params)


# English as read in Europe: the day before the month, 24 hours.
_DATES: Final = {"fr": "fr", "en": "en_GB"}


def as_date(value: datetime) -> str:
    """The day in the reader's zone: « 12 mars 2026 »."""
    who = _reader.get()
    return babel.dates.format_date(value.astimezone(who.zone), "d MMM y", locale=_DATES[who.language])


def as_time(value: datetime) -> str:
    """The time of day in the reader's zone: « 14:05 »."""
    who = _reader.get()
    return babel.dates.format_time(value, "HH:mm", tzinfo=who.zone, locale=_DATES[who.language])


def as_datetime(value: datetime, style: str = "", zones: Iterable[str] = ()) -> str:
    """« 12 mars 2026, 14:05 » in the reader's zone. ``zone`` names the place of the zone, ``seconds`` adds them.

    ``zones``: those of the others whom this time concerns; the place is named when it is another hour for one of them."""
    who = _reader.get()
    here = value.astimezone(who.zone).utcoffset()
    if any(value.astimezone(ZoneInfo(name)).utcoffset() != here for name in zones):
        style = "zone"
    pattern = "d MMM y, HH:mm:ss" if style == "seconds" else "d MMM y, HH:mm"
    text = babel.dates.format_datetime(value, pattern, tzinfo=who.zone, locale=_DATES[who.language])
    if style != "zone":
        return text
    place = babel.dates.get_timezone_location(who.zone, locale=_DATES[who.language], return_city=True)
    return f"{text} ({place})"


def zone() -> str:
    """Whose hours the reader reads, and how far they are from UTC: « Heures de Cayenne (UTC−3) »."""
    who = _reader.get()
    place = babel.dates.get_timezone_location(who.zone, locale=_DATES[who.language], return_city=True)
    offsets = sorted(
        {who.now.astimezone(who.zone).replace(month=month, day=1).utcoffset() or timedelta() for month in (1, 7)}
    )
    return _words(
        "zone", place=place, **{"from": _offset(offsets[0]), "to": _offset(offsets[-1]), "offsets": len(offsets)}
    )


def _offset(value: timedelta) -> str:
    """« −3 », « +5:30 »."""
    hours, minutes = divmod(abs(value) // timedelta(minutes=1), 60)
    return ("−" if value < timedelta() else "+") + str(hours) + (f":{minutes:02}" if minutes else "")


def ago(value: datetime) -> str:
    """How long ago, or in how long: « il y a 18 minutes », « dans 3 heures »."""
    who = _reader.get()
    return babel.dates.format_timedelta(value - who.now, add_direction=True, locale=_DATES[who.language])


def soon(value: datetime, there: str = "") -> str:
    """About when, for what nobody can promise to the minute: « dans 19 minutes », « demain matin », « mardi après-midi ».
    ``there``: the zone (IANA name) in which it is so; "": the reader's."""
    who = _reader.get()
    clock = ZoneInfo(there) if there else who.zone
    left = value - who.now
    if left < timedelta(hours=1):
        return _words("soon-minutes", count=max(-(-int(left.total_seconds()) // 60), 0))
    then = value.astimezone(clock)
    days = (then.date() - who.now.astimezone(clock).date()).days
    part = "morning" if then.hour < 12 else "afternoon" if then.hour < 18 else "evening"
    if days < 2:
        return _words("soon-tomorrow" if days else "soon-today", part=part)
    pattern = "EEEE" if days < 7 else "EEEE d MMMM"
    day = babel.dates.format_date(then, pattern, locale=_DATES[who.language])
    return _words("soon-day", part=part, day=day) if days < 7 else day


def as_duration(value: timedelta) -> str:
    """Two units at most: « 2 j 4 h », « 18 min »; no sign."""
    minutes = int(abs(value).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _words("duration-days", days=days, hours=hours)
    return _words("duration-hours", hours=hours, minutes=rest) if hours else _words("duration-minutes", minutes=rest)


def as_number(value: float, decimals: int = 0) -> str:
    """With the separators of the language: « 41 472 », « 0,25 »."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return babel.numbers.format_decimal(value, pattern, locale=_DATES[_reader.get().language])


def as_bytes(value: int) -> str:
    """A size as people read it: « 1,2 Go »."""
    size, unit = float(value), 0
    while size >= 1000 and unit < 4:
        size, unit = size / 1000, unit + 1
    return _words("size", value=as_number(size, 1 if unit and size < 100 else 0), unit="BKMGT"[unit])


def slide_name(label: str) -> str:
    """The label of a slide, or words for one that has none."""
    return label or _words("viewer-slide-unnamed")


_MEASURE: Final = re.compile(r"(?<=\d) (?=(?:[mcµ]?m|[mµk]?g|[mµ]?[lL]|%|ans?|mois|jours?|years?|months?|days?)\b|%)")


def unbroken(text: str) -> str:
    """The same text, in which no line breaks between a number and its unit."""
    return _MEASURE.sub("\u00a0", text)


def paragraphs(text: str) -> Markup:
    """Text as it was typed: an empty line begins a paragraph, a line end stays one. Everything is escaped."""
    blocks = (block.strip("\n") for block in text.split("\n\n"))
    return Markup().join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
        if block
    )
