"""From a request to a page: who asks, in which language and zone, which form fields, which template."""

import json
import unicodedata
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import babel.dates
import babel.numbers
import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse

from telepath.access import STAFF
from telepath.actor import Actor
from telepath.errors import Invalid, TooLarge, Unauthenticated
from web.words import LANGUAGES, Wording, preferred

if TYPE_CHECKING:
    from web.bootstrap import Services

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
THEMES: Final = ("dark", "light")
"""The first is the reading room's: grey and dim beside a slide."""
FORM_LIMIT: Final = 256 * 1024
"""Bytes of a whole form; slides come another way."""
FIELD_COUNT: Final = 200
DEFAULT_ZONE: Final = "Europe/Paris"


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
        )
        self.environment.globals.update(t=_words, static=self.static, now=lambda: _reader.get().now)
        self.environment.filters.update(
            datetime=as_datetime,
            date=as_date,
            time=as_time,
            ago=ago,
            duration=as_duration,
            number=as_number,
            bytes=as_bytes,
            paragraphs=paragraphs,
            slide_name=slide_name,
        )

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


def services(connection: HTTPConnection) -> "Services":
    """All that the service is made of, as web/bootstrap.py put it together."""
    found: Services = connection.state.services
    return found


def visitor(connection: HTTPConnection) -> Actor | None:
    """Who asks, or None: nobody is signed in."""
    actor: Actor | None = getattr(connection.state, "actor", None)
    return actor


def signed_in(connection: HTTPConnection) -> Actor:
    """Who asks. Raises Unauthenticated: nobody is signed in."""
    actor = visitor(connection)
    if actor is None:
        raise Unauthenticated
    return actor


def language(connection: HTTPConnection) -> str:
    """What was chosen on this screen, else the person's own language, else the browser's, else French."""
    chosen = connection.cookies.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    actor = visitor(connection)
    if actor is not None and actor.language in LANGUAGES:
        return actor.language
    return preferred(connection.headers.get("accept-language", "")) or LANGUAGES[0]


def reader(connection: HTTPConnection) -> Reader:
    """Words, zone and clock for whoever asks."""
    made = services(connection)
    actor = visitor(connection)
    return Reader(
        made.words(language(connection)), ZoneInfo(actor.time_zone if actor else DEFAULT_ZONE), made.db.clock()
    )


def render(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page from web/templates, which also has what web/templates/README.md lists: ``actor``, ``lang``, ``t``…"""
    made = services(request)
    theme = request.cookies.get("theme", "")
    actor = visitor(request)
    common = {
        "actor": actor,
        "theme": theme if theme in THEMES else THEMES[0],
        "path": request.scope["path"],
        "here": here(request),
        "production": made.settings.production,
        "is_staff": actor is not None and bool(actor.roles & STAFF),
    }
    page = made.pages.text(name, reader(request), common | context)
    return HTMLResponse(page, status, {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"})


def redirect(path: str) -> RedirectResponse:
    """To another page, always by GET (303). Only paths of our own."""
    return RedirectResponse(local_path(path), status_code=303)


def here(request: Request) -> str:
    """Path and query of the page that is asked for; what ``return_to`` carries."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return local_path(f"{path}?{query}" if query else path)


def local_path(text: str) -> str:
    """``text`` if it is a path of this service, else ``/``: nobody is sent elsewhere by a link to us."""
    parts = urlsplit(text) if len(text) <= 400 and text.isprintable() else None
    if parts is None or parts.scheme or parts.netloc or not text.startswith("/") or text[1:2] in {"/", "\\"}:
        return "/"
    return text


class Form:
    """The fields of a submitted form. What a field must be is asked for here; what it is not raises Invalid."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str, limit: int, *, required: bool = False) -> str:
        """Lines of at most ``limit`` characters in all. Raises Invalid: too long, or missing though ``required``."""
        value = clean(self._fields.get(name, [""])[0]).strip()
        if len(value) > limit:
            raise Invalid("error-field-too-long", field=name, limit=limit, length=len(value))
        if required and not value:
            raise Invalid("error-field-missing", field=name)
        return value

    def line(self, name: str, limit: int, *, required: bool = False) -> str:
        """One line: white space of any kind becomes one space."""
        return " ".join(self.text(name, limit, required=required).split())

    def choice(self, name: str, among: Iterable[str], *, required: bool = True) -> str:
        """One of ``among``; empty when not ``required``. Raises Invalid: something else."""
        value = self._fields.get(name, [""])[0]
        if (value or required) and value not in set(among):
            raise Invalid("error-field-choice" if value else "error-field-missing", field=name)
        return value

    def values(self, name: str, limit: int = 50) -> list[str]:
        """All values of a field that may be given several times (check boxes). Raises Invalid: more than ``limit``."""
        values = self._fields.get(name, [])
        if len(values) > limit:
            raise Invalid("error-field-too-many", field=name, limit=limit)
        return values

    def number(self, name: str, lowest: int, highest: int) -> int:
        """A whole number. Raises Invalid: none, or outside the bounds."""
        value = self._fields.get(name, [""])[0].strip()
        if not value.removeprefix("-").isdecimal() or len(value) > 18 or not lowest <= int(value) <= highest:
            raise Invalid("error-field-number", field=name, lowest=lowest, highest=highest)
        return int(value)

    def ticked(self, name: str) -> bool:
        return bool(self._fields.get(name))


async def read_form(request: Request) -> Form:
    """The submitted form, of ``application/x-www-form-urlencoded``. Raises TooLarge; Invalid: not a form, not UTF-8."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Invalid("error-form-unreadable")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise TooLarge("error-form-too-large", limit=FORM_LIMIT // 1024)
    try:
        return Form(parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELD_COUNT, errors="strict"))
    except ValueError:
        raise Invalid("error-form-unreadable") from None


_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """``text`` composed (NFC), its line ends as \\n, without control characters and marks that reverse the direction."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        letter for letter in lines if letter in "\n\t" or not (unicodedata.category(letter) == "Cc" or letter in _BIDI)
    )


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


def as_datetime(value: datetime, style: str = "") -> str:
    """« 12 mars 2026, 14:05 » in the reader's zone. ``zone`` names the place of the zone, ``seconds`` adds them."""
    who = _reader.get()
    pattern = "d MMM y, HH:mm:ss" if style == "seconds" else "d MMM y, HH:mm"
    text = babel.dates.format_datetime(value, pattern, tzinfo=who.zone, locale=_DATES[who.language])
    if style != "zone":
        return text
    place = babel.dates.get_timezone_location(who.zone, locale=_DATES[who.language], return_city=True)
    return f"{text} ({place})"


def ago(value: datetime) -> str:
    """How long ago, or in how long: « il y a 18 minutes », « dans 3 heures »."""
    who = _reader.get()
    return babel.dates.format_timedelta(value - who.now, add_direction=True, locale=_DATES[who.language])


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


def paragraphs(text: str) -> Markup:
    """Text as it was typed: an empty line begins a paragraph, a line end stays one. Everything is escaped."""
    blocks = (block.strip("\n") for block in text.split("\n\n"))
    return Markup().join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
        if block
    )
