"""What is read is on record before its first byte leaves, and is not shown when it cannot be recorded.

The whole application, on each database, as plain ASGI: the database is looked at in the very moment when the answer begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.types import ASGIApp, Message

from telepath.actor import SYSTEM
from telepath.db.database import Database
from tests.builders import VAULT_KEY
from tests.conftest import as_owner
from tests.lifespan import served
from tests.town import build
from web import audit_coverage
from web.app import Application
from web.settings import Settings

READINGS = sorted(
    name
    for name, covered in audit_coverage.ROUTES.items()
    if name.startswith("GET ") and not isinstance(covered, str) and not name.startswith(("GET /login/", "GET /asked/"))
)
"""The addresses that show something which is recorded. A login is recorded in the transaction that makes its session; the
door of who was asked is tried with a genuine letter in test_asked_pages.py."""
PATHS = {
    "GET /administration/break-glass/{id}": "/administration/break-glass/{glass}",
    "GET /administration/credentials": "/administration/credentials",
    "GET /administration/invitations": "/administration/invitations",
    "GET /administration/members": "/administration/members",
    "GET /administration/members/{id}": "/administration/members/{member}",
    "GET /attachments/{id}/pages/{page}": "/attachments/{attachment}/pages/1",
    "GET /audit": "/audit",
    "GET /audit/cases/{id}": "/audit/cases/{case}",
    "GET /audit/extract": "/audit/extract?case={case}",
    "GET /audit/integrity": "/audit/integrity",
    "GET /audit/mine": "/audit/mine",
    "GET /audit/opinion": "/audit/opinion?case={case}",
    "GET /audit/records": "/audit/records",
    "GET /audit/slide": "/audit/slide?case={slide}",
    "GET /audit/slides/{id}/picture": "/audit/slides/{slide}/picture",
    "GET /audit/{question}": "/audit/refusals",
    "GET /cases/{id}": "/cases/{case}",
    "GET /cases/{id}/edit": "/cases/{case}/edit",
    "GET /cases/{id}/patient": "/cases/{case}/patient",
    "GET /cases/{id}/patient/edit": "/cases/{case}/patient/edit",
    "GET /consults/new": "/consults/new?case={case}",
    "GET /consults/{id}": "/consults/{consult}",
    "GET /consults/{id}/report.pdf": "/consults/{consult}/report.pdf",
    "GET /links": "/links",
    "GET /regions/{id}/picture": "/regions/{region}/picture",
    "GET /slides/{id}/regions": "/slides/{slide}/regions",
    "GET /rooms/{id}": "/rooms/{room}",
    "GET /rooms/{id}/facts": "/rooms/{room}/facts",
    "GET /rooms/{id}/roll": "/rooms/{room}/roll",
    "GET /rooms/{id}/slide": "/rooms/{room}/slide",
    "GET /slides/{id}": "/slides/{slide}",
    "GET /slides/{id}/annotations": "/slides/{slide}/annotations",
    "GET /slides/{id}/copy": "/slides/{slide}/copy",
    "GET /slides/{id}/identity": "/slides/{slide}/identity",
    "GET /slides/{id}/identity/{picture}": "/slides/{slide}/identity/label",
    "GET /slides/{id}/thumbnail": "/slides/{slide}/thumbnail",
    "GET /slides/{id}/tiles/iiif/{picture}": "/slides/{slide}/tiles/iiif/full/9,/0/default.jpg",
    "GET /slides/{id}/tiles/image_files/{tile}": "/slides/{slide}/tiles/image_files/0/0_0.jpeg",
    "GET /slides/{id}/tiles/{tile}": "/slides/{slide}/tiles/0/0_0",
    "GET /slides/{id}/warm/{tiles}": "/slides/{slide}/warm/0-0_0",
    "GET /statistics": "/statistics",
    "GET /statistics/activity": "/statistics/activity",
    "GET /statistics/activity.csv": "/statistics/activity.csv",
    "GET /statistics/activity.pdf": "/statistics/activity.pdf",
    "GET /statistics/table.csv": "/statistics/table.csv",
}
WHO = {"/audit": "rosa", "/administration/credentials": "cora", "/administration": "adele", "/statistics": "cora"}
"""Beginnings of paths that are not Zoé's."""
LATER = {
    "GET /rooms/{id}/facts",
    "GET /slides/{id}/tiles/iiif/{picture}",
    "GET /slides/{id}/tiles/image_files/{tile}",
    "GET /slides/{id}/tiles/{tile}",
    "GET /slides/{id}/warm/{tiles}",
}
"""A stream, which is joined after its head and before its first event (tests/integration/realtime/test_live_coming.py); and
tiles, counted before they leave and refused when the counts cannot be recorded (test_sent_regions.py)."""


class Answer:
    """What one request got, and which records were committed when its first byte left."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.recorded: list[str] = []


class Node:
    """The application on one database, and what may be asked of it."""

    def __init__(
        self, app: ASGIApp, state: dict[str, Any], db: Database, owner: Database, names: dict[str, str]
    ) -> None:
        self.app, self.state, self.db, self.owner, self.names = app, state, db, owner, names

    async def kinds(self) -> list[str]:
        """Of every record, sealed or not."""
        async with self.db.read() as reader:
            json = (
                "json_extract(record, '$.kind')" if reader.connection.dialect.name == "sqlite" else "record ->> 'kind'"
            )
            query = f"SELECT kind FROM audit_log UNION ALL SELECT {json} FROM audit_pending"  # noqa: S608 - ours
            return [row[0] for row in await reader.connection.execute(text(query))]

    async def forget_views(self) -> None:
        """As if the sessions came for the first time: a case that is reloaded is recorded once an hour."""
        await self.execute("DELETE FROM case_view", "DELETE FROM consult_view")

    async def execute(self, *statements: str) -> None:
        async with self.owner.write(SYSTEM, unaudited="a test's fault") as tx:
            for statement in statements:
                await tx.execute(text(statement))

    @asynccontextmanager
    async def unwritable(self, fault: str) -> AsyncIterator[None]:
        """No record can be written: their table is away, or a trigger refuses them as what is there already."""
        sqlite = self.db.is_sqlite
        if fault == "the table is gone":
            broken = ["ALTER TABLE audit_pending RENAME TO away"]
            mended = ["ALTER TABLE away RENAME TO audit_pending"]
        elif sqlite:
            refuse = "BEFORE INSERT ON audit_pending BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed'); END"
            broken, mended = [f"CREATE TRIGGER refuse {refuse}"], ["DROP TRIGGER refuse"]
        else:
            body = "BEGIN RAISE unique_violation; END"
            broken = [
                f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS '{body}'",
                "CREATE TRIGGER refuse BEFORE INSERT ON audit_pending FOR EACH ROW EXECUTE FUNCTION refuse()",
            ]
            mended = ["DROP TRIGGER refuse ON audit_pending", "DROP FUNCTION refuse()"]
        await self.execute(*broken)
        try:
            yield
        finally:
            await self.execute(*mended)

    async def ask(self, route: str, *, looking: bool = True) -> Answer:
        path, _, query = PATHS[route].format_map(self.names).partition("?")
        who = next((one for start, one in WHO.items() if path.startswith(start)), "zoe")
        answer, before = Answer(), await self.kinds() if looking else []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (b"host", b"localhost:8000"),
                (b"accept", b"text/html"),
                (b"cookie", f"telepath=cookie-of-{who}".encode()),
            ],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "state": dict(self.state),
        }
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        coming = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            return coming.pop() if coming else await never

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.recorded = await self.kinds() if looking else []
                for kind in before:
                    answer.recorded.remove(kind)
            else:
                answer.body += message.get("body", b"")

        await self.app(scope, receive, send)
        return answer


@pytest.fixture
async def node(database_url: str, database: Database, owner: Database, tmp_path: Path) -> AsyncIterator[Node]:
    settings = Settings(
        data=tmp_path / "data", database=database_url, migrations_database=as_owner(database_url), vault_key=VAULT_KEY
    )
    settings.data.mkdir()
    names = await build(settings, tmp_path)
    app = Application(settings)
    async with served(app) as state:
        yield Node(app, state, database, owner, names)


def test_every_reading_that_is_recorded_is_tried_here() -> None:
    assert sorted(PATHS) == READINGS


async def test_what_is_read_is_on_record_before_its_first_byte(node: Node) -> None:
    wrong = []
    for route in [name for name in READINGS if name not in LATER]:
        await node.forget_views()
        answer = await node.ask(route)
        claimed = audit_coverage.kinds(audit_coverage.ROUTES[route])
        if answer.status != 200 or not answer.body or not any(kind in answer.recorded for kind in claimed):
            wrong.append((route, answer.status, answer.recorded))
    assert [one[:2] for one in wrong] == []


SHOWN = (b"26-00417", b"Ganglion", b"Lymphome", b"A1 HES", b"%PDF")
"""What stands on the pages."""


@pytest.mark.parametrize("fault", ["the table is gone", "a trigger refuses"])
async def test_what_cannot_be_recorded_is_not_shown(node: Node, fault: str) -> None:
    wrong = []
    async with node.unwritable(fault):
        for route in [name for name in READINGS if name not in LATER]:
            await node.forget_views()
            answer = await node.ask(route, looking=False)
            if answer.status != 503 or any(word in answer.body for word in SHOWN):
                wrong.append((route, answer.status, answer.body[:80]))
    assert [one[:2] for one in wrong] == []
    await node.forget_views()
    assert (await node.ask("GET /cases/{id}")).status == 200
