"""Asks the whole service for each cell of matrix.txt."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import urlencode

import pytest

from auth import oversight
from realtime import messages
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.transaction import Transaction
from telepath.storage_local import LocalStorage
from tests.addresses import ABSENT, TABLE, Row, filled
from tests.builders import VAULT_KEY
from tests.lifespan import served
from tests.login import free_port, issuer_at, simulating
from tests.rights.quarter import DRAWN, Quarter, cookie
from tests.rights.watched_room import Plug, WatchedRoom
from tests.town import REFERENCE
from web.app import Application
from web.settings import Settings
from web.tile_rights import COOKIE

MATRIX: Final = Path(__file__).with_name("matrix.txt")
ALLOWED, ABSENT_TO_THEM, DOOR, REFUSED = "+", "-", ">", "x"
METHODS: Final = {"SAY": "POST", "TILE": "GET"}
CELLS: Final = 2000


def _said(**act: object) -> Row:
    body = {"type": "op", "id": "an-operation-of-a-test", "act": act}
    return Row("room", "/rooms/{room}/operations", body, json=True)


MESSAGES: Final = {
    "SAY take": _said(kind="take", epoch=1),
    "SAY hand-over": _said(kind="hand-over", epoch=1, to="{heir}"),
    "SAY ask": _said(kind="ask"),
    "SAY slide": _said(kind="slide", epoch=1, slide="{other}"),
    "SAY say": _said(kind="say", text="Voyez-vous la mitose ?"),
    "SAY close": _said(kind="close"),
    "SAY gather": _said(kind="gather", epoch=1),
    "SAY draw": _said(kind="draw", slide="{slide}", points=[[1, 2], [3, 4]]),
    "SAY erase": _said(kind="erase", drawn=DRAWN),
    "SAY agenda": _said(kind="agenda", items=[{"id": "another-point", "label": "Lame A1"}]),
    "SAY item": _said(kind="item", epoch=1, item="the-first-point"),
    "SAY onward": _said(kind="onward", epoch=1, room="{onward}"),
}
"""What can be done in a room: over its socket or, as here, by POST; both go the same way (realtime/hub.py)."""
TILE: Final = Row("slide", "/slides/{slide}/tiles/0/0_0")
TILES: Final = {"TILE": "/slides/{slide}", "TILE beside": "/slides/{other}"}
"""A tile with the cookie that this page gives to this person, if it gives one."""
FRAMES: Final = {"FRAME pointer": "pointer", "FRAME viewport": "viewport"}
"""What is sent over the room's socket without an answer: done when another in the room gets it."""
ROWS: Final = TABLE | MESSAGES | dict.fromkeys(TILES, TILE) | dict.fromkeys(FRAMES, TABLE["WS /rooms/{id}/live"])


def matrix() -> tuple[list[str], dict[str, dict[str, str]]]:
    """The columns, and row → column → cell."""
    columns: list[str] = []
    rows: dict[str, dict[str, str]] = {}
    for line in MATRIX.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, cells = line.partition("|")
        if name.strip() == "column":
            columns.append(cells.strip().partition(" ")[0])
            continue
        found = cells.replace(" ", "").replace("|", "")
        assert len(found) == len(columns), f"{name.strip()}: {len(found)} cells for {len(columns)} columns"
        assert name.strip() not in rows, name
        rows[name.strip()] = dict(zip(columns, found, strict=True))
    return columns, rows


def _json(body: dict[str, Any], names: Mapping[str, str]) -> bytes:
    text = json.dumps(body)
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text.encode()


class Answer:
    """What one request got. A stream is left at its first event."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def seen(self, names: Iterable[str]) -> tuple[int, list[tuple[str, str]], bytes]:
        """Everything but dates, references and the identifiers that were asked for."""
        body = REFERENCE.sub(b"-", self.body)
        headers = [(name, value) for name, value in self.headers if name not in {"date", "content-length"}]
        for one in sorted(set(names), key=len, reverse=True):
            body = body.replace(one.encode(), b"~")
            headers = [(name, value.replace(one, "~")) for name, value in headers]
        return self.status, headers, body

    def given(self, name: str) -> list[tuple[bytes, bytes]]:
        """The header that sends this cookie back; none when it was not set."""
        values = [value.partition(";")[0] for key, value in self.headers if key == "set-cookie"]
        return [(b"cookie", value.encode()) for value in values if value.startswith(f"{name}=")]

    @property
    def location(self) -> str:
        return dict(self.headers).get("location", "")


class Service:
    """The application with everything that it does undone."""

    def __init__(self, app: Application, state: dict[str, Any]) -> None:
        self.app, self.state = app, state

    async def ask(self, column: str, route: str, names: Mapping[str, str]) -> Answer:
        row, method = ROWS[route], METHODS.get(route.split()[0], route.split()[0])
        path, _, query = row.path.format_map(names).partition("?")
        body = _json(row.body, names) if row.json else urlencode(filled(row.body, names), doseq=True).encode()
        if method == "WS":
            return await self._handshake(column, path)
        body = body if row.piece is None else row.piece
        kind = b"application/json" if row.json else b"application/x-www-form-urlencoded"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        if row.headers:
            length = (b"content-length", str(len(body)).encode())
            headers = [*((name.lower().encode(), value.encode()) for name, value in row.headers.items()), length]
        if route in TILES:
            page = await self._request(column, method, TILES[route].format_map(names), "", [], b"")
            headers = page.given(COOKIE)
        return await self._request(column, method, path, query, headers, body)

    async def _request(
        self, column: str, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        answer, gone = Answer(), asyncio.Event()
        coming: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if coming:
                return coming.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
                return
            answer.body += message.get("body", b"")
            if ("content-type", "text/event-stream; charset=utf-8") in answer.headers:
                gone.set()

        # A defect is raised again after its answer: the cell says what was answered.
        with suppress(Exception):
            await self.app(self._scope("http", column, path, query, headers) | {"method": method}, receive, send)
        return answer

    async def cell(self, column: str, route: str, names: Mapping[str, str]) -> str:
        """What is asked for does not exist once more, where the answer alone does not tell."""
        answer = await self.ask(column, route, names)
        if route in MESSAGES and b'"type":"refused"' in answer.body:
            return ABSENT_TO_THEM
        if answer.status in {101, 200} or (answer.status == 303 and not answer.location.startswith("/login?")):
            return ALLOWED
        row = ROWS[route]
        about = any(f"{{{name}}}" in row.path + str(row.body) for name in names)
        missing = (
            await self.ask(column, route, dict.fromkeys(names, ABSENT) | {"handle": ABSENT[: oversight.HANDLE]})
            if about
            else None
        )
        return verdict(answer, missing, [ABSENT, *names.values()])

    def plug(self, column: str, path: str) -> Plug:
        return Plug(self.app, self._scope("websocket", column, path, "", []))

    async def _handshake(self, column: str, path: str) -> Answer:
        answer = Answer()
        coming: list[dict[str, Any]] = [{"type": "websocket.disconnect", "code": 1001}, {"type": "websocket.connect"}]

        async def receive() -> dict[str, Any]:
            return coming.pop() if coming else {"type": "websocket.disconnect", "code": 1001}

        async def send(message: Mapping[str, Any]) -> None:
            if not answer.status:
                answer.status = {"websocket.accept": 101}.get(message["type"], message.get("code", 0))

        await self.app(self._scope("websocket", column, path, "", []), receive, send)
        return answer

    def _scope(
        self, kind: str, column: str, path: str, query: str, headers: list[tuple[bytes, bytes]]
    ) -> dict[str, Any]:
        origin = b"http://localhost:8000"
        cookies = [(b"cookie", f"telepath={cookie(column)}".encode())] if column != "nobody" else []
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "subprotocols": [],
            "headers": [
                (b"host", b"localhost:8000"),
                (b"accept", b"text/html"),
                (b"accept-language", b"fr"),
                (b"origin", origin),
                *cookies,
                *headers,
            ],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "state": dict(self.state),
        }


class Undo(Exception):
    """Rolls a transaction back."""


_asking: ContextVar[bool] = ContextVar("asking", default=False)


@asynccontextmanager
async def undone(db: Database) -> AsyncIterator[None]:
    """What a request inside writes is rolled back, and whoever wrote it does not notice. The relay works on."""
    written = db.write

    @asynccontextmanager
    async def write(actor: Actor, *, unaudited: str = "", **options: Any) -> AsyncIterator[Transaction]:
        if not _asking.get():
            async with written(actor, unaudited=unaudited, **options) as tx:
                yield tx
            return
        with suppress(Undo):
            async with written(actor, unaudited=unaudited or "a cell of the matrix", **options) as tx:
                yield tx
                raise Undo

    vars(db)["write"] = write
    token = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(token)
        del vars(db)["write"]


def verdict(answer: Answer, missing: Answer | None, names: Iterable[str]) -> str:
    """The cell that this answer is. ``missing``: that for what does not exist, asked for only where it is needed."""
    if answer.status in {401, 4401} or (answer.status == 303 and answer.location.startswith("/login?")):
        return DOOR
    if missing is not None and answer.seen(names) == missing.seen(names):
        return ABSENT_TO_THEM
    if missing is None and answer.status in {404, 4404}:
        return ABSENT_TO_THEM
    if answer.status == 403:
        return REFUSED
    return ALLOWED if answer.status not in {404, 4403, 4404} and answer.status < 500 else f"?{answer.status}"


def frame_verdict(relayed: bool | int) -> str:
    """The cell of a frame: whether it was relayed, or the code that its socket was refused with."""
    if isinstance(relayed, bool):
        return ALLOWED if relayed else ABSENT_TO_THEM
    return {4401: DOOR, 4404: ABSENT_TO_THEM}.get(relayed, f"?{relayed}")


def test_everything_that_can_be_done_in_a_room_is_a_row() -> None:
    kinds = {act.__struct_config__.tag for act in get_args(messages.Act)}
    assert {row.body["act"]["kind"] for row in MESSAGES.values()} == kinds
    # What else a client may send asks for no right of its own: it is there already.
    assert set(get_args(messages.ClientMessage)) - {messages.Operation} == {
        messages.Hello,
        messages.Following,
        messages.Window,
        messages.Ping,
    }


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_every_cell_is_as_it_is_written(tmp_path: Path) -> None:
    columns, rows = matrix()
    assert sorted(rows) == sorted(ROWS), "a row for each route and message, and none for others"
    port = free_port()
    settings = Settings(data=tmp_path / "data", vault_key=VAULT_KEY, step_up_minutes=240, oidc_issuer=issuer_at(port))
    settings.data.mkdir()
    app = Application(settings)
    wrong = []
    async with simulating(settings.origin, port, []), served(app) as state:
        made = state["services"]
        quarter = await Quarter(made.db, LocalStorage(settings.data / "slides"), tmp_path, made.capability_key).build()
        service = Service(app, state)
        live = ROWS["WS /rooms/{id}/live"].path.format_map(quarter.names)
        room = WatchedRoom(lambda column: service.plug(column, live), "author", "own-requester")

        async def cell(column: str, route: str) -> str:
            if route in FRAMES:
                return frame_verdict(await room.relayed(column, FRAMES[route]))
            return await service.cell(column, route, quarter.names_of(column))

        async with room, undone(made.db):
            for route, expected in rows.items():
                found = await asyncio.gather(*(cell(column, route) for column in columns))
                wrong += [
                    f"{route}: {column}: written {expected[column]}, is {cell}"
                    for column, cell in zip(columns, found, strict=True)
                    if cell != expected[column]
                ]
    assert not wrong, "\n".join(wrong)
    assert len(rows) * len(columns) >= CELLS
