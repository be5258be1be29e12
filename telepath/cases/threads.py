"""What is said about a case. Questions on a consult and chat in a room are the same lines; each may carry a view of a slide."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import RowMapping, select

from telepath import grants
from telepath.access import Action, ObjectRef, Right
from telepath.actor import Actor
from telepath.cases import repository, sharing
from telepath.cases.model import Case
from telepath.cases.wording import plain
from telepath.db.schema.cases import thread_line
from telepath.db.schema.directory import membership
from telepath.db.schema.grants import grants as grants_table
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid, NotFound
from telepath.geometry import View

TEXT_LIMIT: Final = 4000
SHOWN: Final = 500
"""The latest lines of a case that are read at once."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said. ``consult_id``, ``room_id`` and ``slide_id`` are empty when it is about none."""

    id: str
    case_id: str
    consult_id: str
    room_id: str
    author_id: str
    text: str
    slide_id: str
    view: View | None
    written_at: datetime


async def write(
    tx: Transaction,
    actor: Actor,
    case: Case,
    text: str,
    *,
    consult_id: str = "",
    room_id: str = "",
    slide_id: str = "",
    view: View | None = None,
    tell: Iterable[str] = (),
    unnamed_to: Collection[str] = (),
) -> Line:
    """Add a line to the case, in the caller's transaction, and tell the persons ``tell`` (never the author); those of
    ``unnamed_to`` are not told by whom.

    Raises: Refused; Invalid: empty, or a view that cannot be, or without its slide; TooLarge; NotFound: the slide is not
    of this case, or the author may not see it."""
    allowed = await grants.require(tx, actor, Action.THREAD_WRITE, case.ref)
    text = plain(text, field="line", limit=TEXT_LIMIT, lines=True)
    if not text:
        raise Invalid("error-text-missing", field="line")
    if view is not None and not (slide_id and view.valid()):
        raise Invalid("error-thread-view")
    if slide_id:
        shown = await tx.one(select(slide).where(slide.c.id == slide_id, slide.c.folder != ""))
        if shown["case_id"] != case.id:
            raise NotFound
        await grants.require(tx, actor, Action.SLIDE_VIEW, ObjectRef("slide", slide_id, shown["institution_id"]))
    line = Line(
        id=tx.new_id(),
        case_id=case.id,
        consult_id=consult_id,
        room_id=room_id,
        author_id=actor.person_id,
        text=text,
        slide_id=slide_id,
        view=view,
        written_at=tx.now,
    )
    await tx.insert(thread_line, **msgspec.structs.asdict(line) | {"view": msgspec.to_builtins(view)})
    await repository.touch(tx, case.id)
    # What was said stays out of the audit: it may be long, and the row itself is never changed.
    await tx.audit("thread.written", case.ref, because=allowed, line=line.id, consult=consult_id, room=room_id)
    for person_id in sorted(set(tell) - {actor.person_id}):
        by = "" if person_id in unnamed_to else actor.person_id
        await tx.emit("thread.written", person=person_id, case=case.id, consult=consult_id, by=by)
    return line


async def of_case(reader: Reader, case_id: str, consult_id: str | None = None) -> list[Line]:
    """The lines of a case, or of one of its consults, oldest first; the latest SHOWN. The caller has asked THREAD_READ."""
    statement = select(thread_line).where(thread_line.c.case_id == case_id)
    if consult_id is not None:
        statement = statement.where(thread_line.c.consult_id == consult_id)
    statement = statement.order_by(thread_line.c.written_at.desc(), thread_line.c.id.desc()).limit(SHOWN)
    return [_line(row) for row in reversed(await reader.all(statement))]


async def parties(reader: Reader, case: Case) -> set[str]:
    """Who takes part in what is said about a case and still may: who opened it, its own staff who wrote, whoever holds the
    right to discuss it, and of those with whom it is shared who wrote."""
    authors = await reader.all(
        select(thread_line.c.author_id)
        .join(membership, membership.c.person_id == thread_line.c.author_id)
        .where(thread_line.c.case_id == case.id, membership.c.institution_id == case.institution_id)
        .distinct()
    )
    invited = await reader.all(
        select(grants_table).where(
            grants_table.c.subject_kind == "person",
            grants_table.c.object_kind == "case",
            grants_table.c.object_id == case.id,
            grants_table.c.revoked_at.is_(None),
        )
    )
    standing = {
        row["subject_id"]
        for row in invited
        if Right.DISCUSS in row["rights"] and (row["until"] is None or row["until"] > reader.now)
    }
    shared = await sharing.discussing(reader, case.id)
    return {case.created_by, *(row["author_id"] for row in authors), *standing, *shared}


def _line(row: RowMapping) -> Line:
    view = None if row["view"] is None else msgspec.convert(row["view"], View)
    return Line(**{**row, "view": view})
