"""What an auditor takes along: the records of a question as a table, or as an export that an outsider can check.

Both are recorded, and the record committed, before their first byte."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from telepath import grants, standing
from telepath.access import Action
from telepath.actor import Actor
from telepath.db import audit_search
from telepath.db.audit_search import Search
from telepath.db.transaction import Reader
from telepath.errors import Conflict, NotFound
from web import audit_asking, audit_export, audit_lines
from web.audit_asking import Asked
from web.audit_lines import Line
from web.audit_questions import EVERYTHING, LISTED, Question
from web.middleware import session_limits
from web.pages import language, read_form, services, signed_in
from web.services import Services
from web.table_csv import BOM, written
from web.words import Wording

PAGE: Final = 500
COLUMNS: Final = (
    "sequence",
    "at",
    "kind",
    "what",
    "outcome",
    "who",
    "place",
    "roles",
    "object-kind",
    "object",
    "case",
    "why",
    "acr",
    "session",
    "address",
    "details",
)


async def table(request: Request) -> Response:
    """The whole answer to a question as CSV (RFC 4180), UTF-8 with a byte order mark, times in UTC."""
    actor, made = signed_in(request), services(request)
    question, fields = await _asked(request)
    allowed = await audit_asking.require(made, actor)
    async with made.db.read() as reader:
        wanted = await audit_asking.search(reader, fields, question, actor)
    things = await audit_asking.about(made, actor, wanted) or [audit_asking.institution_of(actor)]
    async with made.db.write(actor) as tx:
        for thing in things:
            await tx.audit(
                "audit.exported",
                thing,
                because=allowed,
                private={"asked": fields.given()} if fields.given() else None,
                question=question.code,
                format="csv",
            )
    await audit_asking.seal(made)
    t = made.words(language(request))
    name = f"{t('audit-file')}-{question.code}-{made.db.clock().astimezone(UTC):%Y%m%dT%H%M%SZ}.csv"
    return StreamingResponse(
        _rows(made, wanted, actor, t),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def archive(request: Request) -> Response:
    """The sealed records of the answer, with the proofs and the verifier, as ZIP.

    Raises Conflict: the verifier does not accept it."""
    actor, made = signed_in(request), services(request)
    question, fields = await _asked(request)
    allowed = await audit_asking.require(made, actor)
    async with made.db.read() as reader:
        wanted = await audit_asking.search(reader, fields, question, actor)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="telepath-export-"))
    path = folder / "audit-export.zip"
    try:
        exported = await audit_export.export_zip(
            made.db,
            made.settings,
            path,
            audit_export.Selection(search=wanted),
            actor,
            await audit_asking.about(made, actor, wanted),
            because=allowed,
            private={"asked": fields.given()} if fields.given() else None,
            question=question.code,
        )
        if exported.problem:
            raise Conflict("error-audit-export-refused", problem=exported.problem)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    name = f"{made.words(language(request))('audit-file')}-{made.db.clock().astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"
    return FileResponse(
        path,
        filename=name,
        media_type="application/zip",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True),
    )


async def _asked(request: Request) -> tuple[Question, Asked]:
    code = request.path_params["question"]
    question = EVERYTHING if code == EVERYTHING.code else LISTED.get(code)
    if question is None:
        raise NotFound
    form = await read_form(request)
    return question, Asked(**{name: form.line(name, 100) for name in Asked.__struct_fields__})


async def _rows(made: Services, wanted: Search, actor: Actor, t: Wording) -> AsyncIterator[bytes]:
    """Whoever takes the table slowly takes it for as long as they may: its last line then says that it is not whole."""
    yield BOM + written([[t(f"audit-column-{column}") for column in COLUMNS]])
    before: int | None = None
    while True:
        async with made.db.read() as reader:
            if before is not None and not await _still_may(made, reader, actor):
                yield written([[t("audit-file-cut")]])
                return
            entries = await audit_search.search(reader, made.db.keys, wanted, PAGE, before)
            shown = await audit_lines.lines(reader, entries, t, actor.institution_id)
        if shown:
            yield written([_cells(line, t) for line in shown])
        if len(entries) < PAGE:
            return
        before = entries[-1].seq


async def _still_may(made: Services, reader: Reader, actor: Actor) -> bool:
    now = await standing.of(reader, actor, session_limits(made.settings).idle)
    return now is not None and bool(
        await grants.decide(reader, now, Action.AUDIT_READ, audit_asking.institution_of(actor))
    )


def _cells(line: Line, t: Wording) -> list[str]:
    record = line.entry.record
    details = (
        t("audit-detail-part", name=name, value=value if isinstance(value, str) else _utc(value))
        for name, value in line.details
    )
    return [
        str(line.entry.seq),
        _utc(record.at),
        record.kind,
        line.what,
        line.outcome,
        line.who,
        line.place,
        line.roles,
        record.object_kind,
        line.on_what,
        line.case_number,
        line.why,
        record.acr,
        record.session,
        line.address,
        " · ".join(details),
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


routes: list[BaseRoute] = [
    Route("/audit/{question}/csv", table, methods=["POST"]),
    Route("/audit/{question}/zip", archive, methods=["POST"]),
]
