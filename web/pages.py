"""From a request to a page: who asks, in which language and zone, which form fields, which template."""

import unicodedata
from collections.abc import Iterable
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse

from telepath.actor import Actor
from telepath.errors import Invalid, NotFound, TooLarge, Unauthenticated
from telepath.ids import is_id
from web.navigation import offered, places_of
from web.rendering import Reader
from web.request_body import media_type, read_body
from web.services import Services
from web.words import LANGUAGES, preferred

THEMES: Final = ("dark", "light")
"""The first is the reading room's: grey and dim beside a slide."""
DONE: Final = (
    "absence-ended",
    "absence-said",
    "accepted",
    "amended",
    "another-proposed",
    "attachment-added",
    "attachment-removed",
    "break-glass-ended",
    "break-glass-opened",
    "break-glass-reviewed",
    "calendar-changed",
    "case-changed",
    "case-created",
    "case-shared",
    "case-unshared",
    "committed",
    "consult-resumed",
    "countersigned",
    "credential-verified",
    "credential-withdrawn",
    "declined",
    "delegation-ended",
    "delegation-given",
    "department-added",
    "department-removed",
    "department-renamed",
    "duties-entered",
    "duty-withdrawn",
    "filter-removed",
    "filter-saved",
    "graded",
    "group-added",
    "group-ended",
    "group-joined",
    "group-left",
    "incident-noted",
    "institution-changed",
    "invitation-withdrawn",
    "invited",
    "invited-unsent",
    "letter-sent",
    "link-withdrawn",
    "material-answered",
    "material-asked",
    "member-changed",
    "member-ended",
    "non-opposition-noted",
    "notices-chosen",
    "opinion-decided",
    "outcome-recorded",
    "patient-changed",
    "patient-removed",
    "pool-changed",
    "pool-ended",
    "pool-joined",
    "pool-left",
    "pool-made",
    "reader-dismissed",
    "reader-invited",
    "region-removed",
    "replaced",
    "revoked",
    "rule-ended",
    "rule-made",
    "saved",
    "sent",
    "sent-back",
    "session-ended",
    "signed",
    "signed-held",
    "slide-described",
    "slide-discarded",
    "slide-let-in",
    "slide-scale",
    "specimen-added",
    "swap-asked",
    "swap-declined",
    "swap-taken",
    "swap-withdrawn",
    "transferred",
    "turnaround-changed",
)
"""What ``?done=`` of a page may say was done a moment ago, worded as ``done-<code>``: anything else says nothing."""
FORM_LIMIT: Final = 256 * 1024
"""Bytes of a whole form; slides come another way."""
FIELD_COUNT: Final = 200
DEFAULT_ZONE: Final = "Europe/Paris"


def services(connection: HTTPConnection) -> Services:
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


def path_id(request: HTTPConnection, name: str = "id") -> str:
    """The identifier in the path. Raises NotFound: it cannot be one."""
    key = str(request.path_params[name])
    if not is_id(key):
        raise NotFound
    return key


def language(connection: HTTPConnection) -> str:
    """What was chosen on this screen, else the browser's language, else the one that is known of the person, else French."""
    chosen = connection.cookies.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    asked = preferred(connection.headers.get("accept-language", ""))
    if asked:
        return asked
    actor = visitor(connection)
    return actor.language if actor is not None and actor.language in LANGUAGES else LANGUAGES[0]


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
    done = request.query_params.get("done", "")
    common = {
        "actor": actor,
        "theme": theme if theme in THEMES else THEMES[0],
        "path": request.scope["path"],
        "here": here(request),
        "done": done if done in DONE else "",
        "production": made.settings.production,
        "menu": places_of(actor),
        "offered": partial(offered, actor),
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
    # RFC 3986 4.2: what begins with one stroke has no scheme and no host. Asked of the text: a parser fails at some others.
    ours = text.startswith("/") and text[1:2] not in {"/", "\\"} and len(text) <= 400 and text.isprintable()
    return text if ours else "/"


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
    if media_type(request) != "application/x-www-form-urlencoded":
        raise Invalid("error-form-unreadable")
    body = await read_body(request, FORM_LIMIT, TooLarge("error-form-too-large", limit=FORM_LIMIT // 1024))
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
