"""Forged headers, odd paths, other methods, other origins: what is decided is what would be decided without them, or less.

One real node on SQLite; each request is the very bytes that are written here, on a socket of its own."""

import asyncio
import re
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.routing import WebSocketRoute

from auth import links
from auth.links import Wish
from consults import offers, request
from consults.deadlines import Urgency
from consults.model import Question
from realtime import opening
from telepath.actor import Role
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.slides import ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.builders_slides import write_svs
from tests.login import free_port
from tests.rooms import Ward
from tests.running import TELEPATH, process
from web.app import ROUTES
from web.settings import Settings

SECRETS = (b"26-00417", b"Ganglion cervical", b"Ad\xc3\xa9nopathie", b"Lymphome", b"Marchand", b"Tamarin")
"""What stands in the case and its consult, and who is of Cayenne."""
LESS = {400, 404, 405}
"""Bad Request, Not Found, Method Not Allowed: a trick may get less than the plain request."""
ADDRESSES = {
    # who may see it, and the address; Max of another institution may see none of them, nor may who is not signed in
    "/cases/{case}": "zoe",
    "/cases/{case}/edit": "zoe",
    "/cases/{case}/patient": "zoe",
    "/consults/new?case={case}": "zoe",
    "/consults/{consult}": "paul",
    "/slides/{slide}": "zoe",
    "/slides/{slide}/annotations": "paul",
    "/rooms/{room}": "zoe",
    "/links/new?consult={consult}": "zoe",
    "/audit": "rosa",
    "/audit/cases/{case}": "rosa",
    "/administration": "adele",
    "/administration/members": "adele",
}
BY_EVERYBODY = {"/cases/{case}", "/slides/{slide}", "/audit", "/administration/members"}
"""Where every trick is tried by the person who may and by nobody too; elsewhere by Max."""
HEADERS = (
    "Host: evil.example",
    "Host: evil.example@localhost",
    "Host:",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: https",
    "X-Forwarded-For: 127.0.0.1, evil.example",
    "X-Forwarded-Prefix: /evil.example",
    "X-Forwarded-User: zoe",
    "Forwarded: for=127.0.0.1;host=evil.example",
    "X-Original-URL: {path}",
    "X-Rewrite-URL: {path}",
    "X-HTTP-Method-Override: DELETE",
    "X-HTTP-Method-Override: OPTIONS",
    "Sec-Fetch-Site: cross-site",
    "Content-Length: 0",
)
TARGETS = (
    # {path}: the address; {first}, {rest}: of its segments
    "http://evil.example{path}",
    "https://user:pass@evil.example{path}",
    "/{path}",
    "/evil.example{path}",
    "/.{path}",
    "/x/..{path}",
    "/x/..;{path}",
    "/..;{path}",
    "/about/..{path}",
    "/about;{path}",
    "/static/..{path}",
    "/static/%2e%2e{path}",
    "/guest/..{path}",
    "/health/%2e%2e{path}",
    "/%2e%2e{path}",
    "/%252e%252e{path}",
    "{path};jsessionid=1",
    "{path}%3bx",
    "{path}%00",
    "{path}%0d%0aX-Injected:%20yes",
    "{path}/",
    "{path}//",
    "{path}/.",
    "{path}%2f",
    "{path}%20",
    "{path}\\",
    "{path}.json",
    "{path}?_method=DELETE",
    "{path}#x",
    "//{first}//{rest}",
    "/{first}%2f{rest}",
    "/{first}%252f{rest}",
    "/{first}/./{rest}",
    "/{first}\\{rest}",
    "\\{first}/{rest}",
    "/{upper}",
    "{path}%c0%ae",
)
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version: 13",
)
METHODS = ("HEAD", "OPTIONS", "TRACE", "get", "CONNECT", "PROPFIND", "DEBUG")


@dataclass(frozen=True)
class Knock:
    """A request that is no page, and what it gets without a trick, by who asks; who is "" has no session. Tricks are tried by
    the last two."""

    path: str
    plain: dict[str, int]
    form: str | None = None
    """Sent by POST."""
    lines: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    """What else the browsers of these keep in cookies."""


KNOCKS = {
    "a line of the case": Knock("/cases/{case}/lines", {"zoe": 303, "max": 404, "": 401}, "line=Un+mot."),
    "the socket of a room": Knock("/rooms/{room}/live", {"zoe": 101, "max": 404, "": 401}, lines=UPGRADE),
    "a tile": Knock("/slides/{tiled}/tiles/0/0_0", {"zoe": 200, "max": 404, "": 404}, kept={"zoe": "{tiles}"}),
    "the guest's door": Knock("/guest/enter", {"": 403}, "digits=12345678", kept={"": "telepath-guest={token}"}),
    "the way back from the provider": Knock("/login/callback?code=x&state=y", {"max": 400, "": 400}),
    "the back channel": Knock("/login/backchannel-logout/psc", {"max": 400, "": 400}, "logout_token=e30.e30.AA"),
}
"""Beside Zoé's line nothing that is knocked for here may be written: no line, no session, no end of one, no visit."""


@dataclass
class Town:
    port: int
    database: Path
    names: dict[str, str]

    def answer(self, who: str, target: str, *lines: str, method: str = "GET", form: str = "") -> tuple[int, bytes]:
        """Status and all bytes of the answer to this very request; 0: the server hung up without one. Of a socket that is
        opened the first bytes: it is left at once."""
        cookie = f"Cookie: telepath=cookie-of-{who}" if who else "X-Nobody: yes"
        named = {line.partition(":")[0].casefold() for line in lines}
        usual = (f"Host: localhost:{self.port}", "Accept: application/json", cookie, "Connection: close")
        sent = [line for line in usual if line.partition(":")[0].casefold() not in named]
        text = "\r\n".join([f"{method} {target} HTTP/1.1", *sent, *lines, "", form])
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as plug:
            plug.sendall(text.encode())
            whole = b""
            while not whole.startswith(b"HTTP/1.1 101") and (more := plug.recv(65536)):
                whole += more
        return int(whole.split(b" ", 2)[1]) if whole else 0, whole

    def knock(self, knock: Knock, who: str, target: str = "", *lines: str) -> tuple[int, bytes]:
        """``target``: where to, instead of the knock's own path."""
        words = self.names
        usual = [line.format_map(words) for line in knock.lines]
        if who in knock.kept:
            usual.append(f"Cookie: telepath=cookie-of-{who}; {knock.kept[who].format_map(words)}")
        if knock.form is not None:
            usual += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(knock.form)}"]
        if knock.form is not None or knock.lines:
            usual.append(f"Origin: http://localhost:{self.port}")
        named = {line.partition(":")[0].casefold() for line in lines}
        sent = [line for line in usual if line.partition(":")[0].casefold() not in named]
        method = "GET" if knock.form is None else "POST"
        path = target or knock.path.format_map(words)
        return self.answer(who, path, *sent, *lines, method=method, form=knock.form or "")

    def written(self) -> list[int]:
        """How many lines, sessions, sessions that ended and visits of rooms there are."""
        counted = ("thread_line", "session", "session WHERE ended_at IS NOT NULL", "room_visit")
        with closing(sqlite3.connect(self.database)) as db:
            return [db.execute(f"SELECT count(*) FROM {what}").fetchone()[0] for what in counted]  # noqa: S608 - ours

    def refusals(self) -> list[str]:
        """Whose session another site used for a socket, as the audit says, sealed or not."""
        query = (
            "SELECT actor FROM (SELECT actor, body FROM audit_log UNION ALL"
            " SELECT json_extract(record, '$.actor'), record FROM audit_pending)"
            " WHERE json_extract(body, '$.detail.action') = 'socket.open'"
        )
        with closing(sqlite3.connect(self.database)) as db:
            return [actor for (actor,) in db.execute(query)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("tricks")
    settings, port = Settings(data=folder / "data"), free_port()
    settings.data.mkdir()
    names = asyncio.run(build(settings, folder))
    origin = f"http://localhost:{port}"
    environment = {
        "TELEPATH_DATA": str(settings.data),
        "TELEPATH_PORT": str(port),
        "TELEPATH_ORIGIN": origin,
        "TELEPATH_OIDC_ISSUER": f"http://127.0.0.1:{free_port()}/nobody",
        "TELEPATH_VAULT_KEY": VAULT_KEY,
    }
    with process([*TELEPATH, "serve"], environment, f"{origin}/health/live", folder / "log"):
        made = Town(port, settings.data / "telepath.db", names)
        page = made.answer("zoe", f"/slides/{names['tiled']}")[1].partition(b"\r\n\r\n")[0].decode()
        (names["tiles"],) = re.findall(r"telepath_tiles=[^;\r]+", page)
        yield made
    assert '"trace"' not in (folder / "log").read_text()


async def build(settings: Settings, folder: Path) -> dict[str, str]:
    await upgrade(settings.database_url)
    db = Database(settings.database_url, MASTER_KEY)
    storage = LocalStorage(settings.data / "slides")
    try:
        ward = await Ward(db).build()
        for key, role in (("rosa", Role.AUDITOR), ("adele", Role.ADMINISTRATOR)):
            await ward.world.person(key, "cayenne", key.title(), "Registre", roles=(role,))
            await ward.sign_in(key)
        zoe, paul = ward.actor("zoe"), ward.actor("paul")
        question = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)
        consult = await request.request(db, zoe, ward.case, question, paul.person_id)
        await offers.accept(db, paul, consult)
        room = await opening.open_room(db, zoe, ward.slides[0])
        now = db.clock()
        wish = Wish(
            name="Ada Invitée",
            email="ada@example.org",
            language="fr",
            not_before=now,
            expires_at=now + timedelta(hours=4),
        )
        letter = await links.make(db, zoe, "room", room, wish)
        path = write_svs(folder / "slide.svs", width=600, height=400)
        async with DecoderPool(storage, 1) as decoders:
            tiled = await ingest.add(
                db, storage, decoders, zoe, path, case_id=ward.case, institution_id=zoe.institution_id, label="A3"
            )
        return {
            "case": ward.case,
            "consult": consult,
            "slide": ward.slides[0],
            "tiled": tiled.id,
            "room": room,
            "token": letter.token,
            "zoe": zoe.person_id,
        }
    finally:
        await storage.close()
        await db.close()


def betrayed(whole: bytes) -> list[bytes]:
    return [secret for secret in (*SECRETS, b"X-Injected: yes", b"x-injected: yes") if secret in whole]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_trick_gives_more_than_the_plain_request(town: Town, address: str) -> None:
    path, keeper = address.format_map(town.names), ADDRESSES[address]
    first, _, rest = path.removeprefix("/").partition("/")
    words = {"path": path, "first": first, "rest": rest, "upper": path.removeprefix("/").upper()}
    plain = {who: town.answer(who, path)[0] for who in (keeper, "max", "")}
    assert plain == {keeper: 200, "max": 404, "": 401}
    tried: list[tuple[str, tuple[str, ...], str]] = [(target.format_map(words), (), "GET") for target in TARGETS]
    tried += [(path, (line.format_map(words),), "GET") for line in HEADERS]
    tried += [(path, (), method) for method in METHODS]
    tried += [("/nowhere", (line.format_map(words),), "GET") for line in HEADERS if "URL" in line]
    wrong = []
    for who in plain if address in BY_EVERYBODY else ("max",):
        for target, lines, method in tried:
            status, whole = town.answer(who, target, *lines, method=method)
            # Another method is a change, which is taken from our own pages only.
            expected = {plain[who], *LESS} | ({403} if method not in {"GET", "HEAD"} else set())
            repeated = b"evil.example" in whole.partition(b"\r\n\r\n")[0]
            told = betrayed(whole) if who != keeper or status != 200 else []
            if status not in expected or repeated or told:
                wrong.append((who, method, target, lines, status, told))
    assert wrong == []


@pytest.mark.parametrize("what", KNOCKS)
def test_no_trick_opens_what_is_no_page(town: Town, what: str) -> None:
    knock = KNOCKS[what]
    path = knock.path.format_map(town.names)
    first, _, rest = path.removeprefix("/").partition("/")
    words = {"path": path, "first": first, "rest": rest, "upper": path.removeprefix("/").upper()}
    assert {who: town.knock(knock, who)[0] for who in knock.plain} == knock.plain
    before = town.written()
    tried: list[tuple[str, str, tuple[str, ...]]] = []
    for who in list(knock.plain)[-2:]:
        tried += [(who, target.format_map(words), ()) for target in TARGETS]
        tried += [(who, path, (line.format_map(words),)) for line in HEADERS]
        tried += [(who, "/nowhere", (line.format_map(words),)) for line in HEADERS if "URL" in line]
    with ThreadPoolExecutor(6) as several:
        answers = list(several.map(lambda one: town.knock(knock, one[0], one[1], *one[2]), tried))
    wrong = []
    for (who, target, lines), (status, whole) in zip(tried, answers, strict=True):
        head = whole.partition(b"\r\n\r\n")[0]
        told = betrayed(whole) + re.findall(rb"(?i)evil\.example|set-cookie: telepath=[^;]+|image/jpeg", head)
        if status not in {knock.plain[who], 401, 403, *LESS} or told:
            wrong.append((who, target, lines, status, told))
    assert wrong == []
    assert town.written() == before


def origins(port: int) -> dict[str, tuple[str, ...]]:
    """The Origin headers of a handshake, by what is wrong with them."""
    ours = f"http://localhost:{port}"
    return {
        "evil": ("Origin: https://evil.example",),
        "null": ("Origin: null",),
        "none": (),
        "empty": ("Origin:",),
        "suffix of the host": (f"Origin: http://localhost.evil.com:{port}",),
        "suffix of the whole": (f"Origin: {ours}.evil.com",),
        "prefix": (f"Origin: http://evil.localhost:{port}",),
        "user": (f"Origin: http://localhost:{port}@evil.com",),
        "another port": (f"Origin: http://localhost:{port + 1}",),
        "no port": ("Origin: http://localhost",),
        "another scheme": (f"Origin: https://localhost:{port}",),
        "of the socket": (f"Origin: ws://localhost:{port}",),
        "another name of the host": (f"Origin: http://127.0.0.1:{port}",),
        "with a path": (f"Origin: {ours}/",),
        "upper case": (f"Origin: {ours.upper()}",),
        "ours, then evil": (f"Origin: {ours}", "Origin: https://evil.example"),
        "evil, then ours": ("Origin: https://evil.example", f"Origin: {ours}"),
        "ours twice": (f"Origin: {ours}", f"Origin: {ours}"),
        "two in one": (f"Origin: {ours}, https://evil.example",),
    }


TWICE = {"ours, then evil", "evil, then ours", "ours twice"}


def test_no_page_of_another_origin_opens_a_socket_with_somebody_s_session(town: Town) -> None:
    paths = [route.path for route in ROUTES if isinstance(route, WebSocketRoute)]
    assert len(paths) >= 2

    def handshake(path: str, who: str, *lines: str) -> int:
        target = path.replace("{id}", town.names["room"])
        return town.answer(who, target, *UPGRADE, *lines)[0]

    answers = {
        (name, path, who): handshake(path, who, *lines)
        for name, lines in origins(town.port).items()
        for path in paths
        for who in ("zoe", "")
    }
    # Of two headers the server itself says that there can be but one.
    assert {key: status for key, status in answers.items() if status != (400 if key[0] in TWICE else 403)} == {}
    # Recorded at once and once, of her whose session was used; what comes again within a minute is counted.
    assert town.refusals() == [town.names["zoe"]]
