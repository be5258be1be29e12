"""A read snapshot, and a write transaction that carries its audit, its rights and its outgoing events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    RowMapping,
    Select,
    Table,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from telepath.access import Allowed, ObjectRef, Right
from telepath.actor import Actor, Subject
from telepath.audit import ACTOR_FIELDS, AuditRecord, written_alike
from telepath.db.objects import owned
from telepath.db.schema.grants import grants
from telepath.db.schema.outbox import outbox
from telepath.db.schema.slides import slide_view
from telepath.db.vault_store import Keys
from telepath.errors import Conflict, NotFound, Unavailable
from telepath.ids import make_id

_KEEP: Final = {
    "postgresql": text("INSERT INTO audit_pending (record) SELECT json_array_elements(CAST(:records AS json))"),
    "sqlite": text("INSERT INTO audit_pending (record) SELECT value FROM json_each(:records)"),
}
"""All records of a transaction in one statement, in their order."""


class Reader:
    """Rows as mappings. ``now`` is one instant for the whole transaction."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    async def all(self, statement: Select[Any]) -> list[RowMapping]:
        return list((await self.connection.execute(statement)).mappings().all())

    async def first(self, statement: Select[Any]) -> RowMapping | None:
        row: RowMapping | None = (await self.connection.execute(statement)).mappings().first()
        return row

    async def one(self, statement: Select[Any]) -> RowMapping:
        """Raises NotFound: no row."""
        row = await self.first(statement)
        if row is None:
            raise NotFound
        return row

    async def scalar(self, statement: Executable) -> Any:
        return await self.connection.scalar(statement)


class Transaction(Reader):
    """What happens in it is committed with its audit records and outgoing events, or not at all."""

    def __init__(
        self, connection: AsyncConnection, now: datetime, actor: Actor, random: Callable[[int], bytes], keys: Keys
    ) -> None:
        super().__init__(connection, now)
        self.actor = actor
        self.random = random
        self.keys = keys
        self.audited = 0
        self._records: list[dict[str, Any]] = []

    def new_id(self) -> str:
        return make_id(int(self.now.timestamp() * 1000), self.random(10))

    async def execute(
        self, statement: Executable, rows: Iterable[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        return await self.connection.execute(statement, [dict(row) for row in rows] if rows is not None else None)

    async def insert(self, table: Table, **values: Any) -> None:
        await self.connection.execute(insert(table).values(**values))

    async def update(self, table: Table, key: str, seen: int, **values: Any) -> None:
        """Change the row ``key`` if its version is still ``seen``; the version grows by one.

        Raises Conflict: another version came first."""
        done = await self.connection.execute(
            update(table).where(table.c.id == key, table.c.version == seen).values(**values, version=seen + 1)
        )
        if done.rowcount != 1:
            raise Conflict

    async def audit(
        self,
        kind: str,
        thing: ObjectRef | None = None,
        *,
        because: Allowed | None = None,
        case_id: str = "",
        outcome: str = "success",
        private: Mapping[str, Any] | None = None,
        **detail: Any,
    ) -> None:
        """Record who did what: ``kind`` is declared in telepath/audit_catalogue.py. ``detail``: no patient, no token.

        ``private``: what people typed, or what was there before; kept under the key of the case, or of the actor when there
        is no case, and erased with it."""
        self._records.append(await self._recorded(kind, thing, because, case_id, outcome, private, detail))
        self.audited += 1

    async def _recorded(
        self,
        kind: str,
        thing: ObjectRef | None,
        because: Allowed | None,
        case_id: str,
        outcome: str,
        private: Mapping[str, Any] | None,
        detail: dict[str, Any],
    ) -> dict[str, Any]:
        """The record as it waits to be sealed."""
        if not written_alike(detail):
            raise ValueError(f"{kind}: a number in its detail has no canonical form")
        actor = self.actor
        if because is not None and because.on_behalf_of:
            detail = {**detail, "on_behalf_of": because.on_behalf_of}
        record = AuditRecord(
            id=self.new_id(),
            at=self.now,
            kind=kind,
            outcome=outcome,
            actor=actor.person_id,
            institution=actor.institution_id,
            roles=tuple(sorted(actor.roles)),
            acr=actor.acr,
            session=actor.session_id[:16],
            object_kind=thing.kind if thing else "",
            object_id=thing.id if thing else "",
            case_id=case_id or (thing.case_id if thing else ""),
            owner=thing.institution_id if thing else "",
            because=because.because if because else "",
            because_id=because.because_id if because else "",
            detail=detail,
        )
        of_actor: dict[str, Any] = {name: value for name in ACTOR_FIELDS if (value := getattr(actor, name))}
        if private and not record.case_id:
            of_actor["private"] = private
        closed = {}
        if of_actor:
            closed["actor_private"] = await self._closed(record.actor_subject, record, of_actor)
        if private and record.case_id:
            closed["case_private"] = await self._closed(record.case_subject, record, private)
        waiting: dict[str, Any] = msgspec.to_builtins(record) | closed
        return waiting

    async def keep_records(self) -> None:
        """Write down what was recorded. ``Database.write`` calls it last, right before the commit.

        Raises Unavailable: whatever keeps a record from being written, nothing is done or shown without it."""
        if self._records:
            records = msgspec.json.encode(self._records).decode()
            try:
                await self.connection.execute(_KEEP[self.connection.dialect.name], {"records": records})
            except DBAPIError as error:
                raise Unavailable(what="audit") from error
            self._records = []

    async def _closed(self, subject: Subject, record: AuditRecord, fields: Mapping[str, Any]) -> str:
        return await self.keys.closed(self.connection, self.now, subject, record.id, fields)

    async def emit(self, kind: str, **body: str | int) -> None:
        """Tell the rest of the service after the commit: identifiers only, never a patient."""
        await self.insert(outbox, kind=kind, body=body, emitted_at=self.now, due_at=self.now, attempts=0)

    async def grant(
        self,
        subject: tuple[str, str],
        thing: tuple[str, str],
        rights: Iterable[Right],
        *,
        because: str,
        because_id: str,
        until: datetime | None = None,
        institution_id: str = "",
    ) -> None:
        """Give ``subject`` (kind, id) these rights on ``thing`` (kind, id); recorded as ``right.given``. ``institution_id``: as
        whose member a person has them; who stands in for them there has them too."""
        same = (
            (grants.c.subject_kind == subject[0])
            & (grants.c.subject_id == subject[1])
            & (grants.c.object_kind == thing[0])
            & (grants.c.object_id == thing[1])
        )
        latest = await self.scalar(select(func.max(grants.c.epoch)).where(same))
        given = {
            "id": self.new_id(),
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "object_kind": thing[0],
            "object_id": thing[1],
            "rights": sorted(rights),
            "until": until,
            "because": because,
            "because_id": because_id,
            "epoch": (latest or 0) + 1,
            "granted_by": self.actor.person_id,
            "granted_at": self.now,
            "institution_id": institution_id,
        }
        await self.insert(grants, **given)
        await self._record_rights("right.given", [given])

    async def limit(self, because: str, because_id: str, until: datetime) -> None:
        """Let all that was given for this reason end at ``until``; recorded as ``right.limited``. Open views and sockets go on
        until then."""
        limited = await self._standing((grants.c.because == because) & (grants.c.because_id == because_id), until=until)
        await self._record_rights("right.limited", limited)

    async def revoke(self, because: str, because_id: str, person_id: str = "") -> None:
        """Withdraw all that was given for this reason, and the open views that stood on it; recorded as ``right.withdrawn``.
        ``person_id``: only what this person was given; the views of who was given the same by name stay open.

        Emits ``grant.revoked``: sockets and capability checks of every node hear of it."""
        of_reason = (grants.c.because == because) & (grants.c.because_id == because_id)
        whose = (grants.c.subject_kind == "person") & (grants.c.subject_id == person_id)
        withdrawn = await self._standing(of_reason & whose if person_id else of_reason, revoked_at=self.now)
        await self._record_rights("right.withdrawn", withdrawn)
        # A delegate's views stand on the right of who is absent, and are opened again where that still holds.
        by_name = select(grants.c.subject_id).where(of_reason, grants.c.revoked_at.is_(None))
        await self.execute(
            update(slide_view)
            .where(
                slide_view.c.because == because,
                slide_view.c.because_id == because_id,
                slide_view.c.revoked_at.is_(None),
                slide_view.c.person_id.not_in(by_name),
            )
            .values(revoked_at=self.now)
        )
        await self.emit("grant.revoked", because=because, because_id=because_id)

    async def withdraw(self, subject: tuple[str, str], thing: tuple[str, str]) -> None:
        """Withdraw what this subject (kind, id) holds on one thing (kind, id), as ``right.withdrawn``, and the open views of it
        that stood on that; nodes hear of it as of ``revoke``."""
        withdrawn = await self._standing(
            (grants.c.subject_kind == subject[0])
            & (grants.c.subject_id == subject[1])
            & (grants.c.object_kind == thing[0])
            & (grants.c.object_id == thing[1]),
            revoked_at=self.now,
        )
        await self._record_rights("right.withdrawn", withdrawn)
        for because, because_id in sorted({(row["because"], row["because_id"]) for row in withdrawn}):
            if thing[0] == "slide":
                await self.execute(
                    update(slide_view)
                    .where(
                        slide_view.c.slide_id == thing[1],
                        slide_view.c.because == because,
                        slide_view.c.because_id == because_id,
                        slide_view.c.revoked_at.is_(None),
                    )
                    .values(revoked_at=self.now)
                )
            await self.emit("grant.revoked", because=because, because_id=because_id)

    async def revoke_of(self, subject: tuple[str, str]) -> None:
        """Withdraw every right of this subject (kind, id), as ``right.withdrawn``. The caller ends what stood on them."""
        of_subject = (grants.c.subject_kind == subject[0]) & (grants.c.subject_id == subject[1])
        await self._record_rights("right.withdrawn", await self._standing(of_subject, revoked_at=self.now))

    async def _standing(self, which: ColumnElement[bool], **values: datetime) -> list[Mapping[str, Any]]:
        """Change those of the standing rights, and return them as they are then, oldest first."""
        standing = which & grants.c.revoked_at.is_(None)
        changed = await self.execute(update(grants).where(standing).values(**values).returning(grants))
        rows: list[Mapping[str, Any]] = [dict(row) for row in changed.mappings()]
        return sorted(rows, key=lambda row: str(row["id"]))

    async def _record_rights(self, kind: str, rights: Sequence[Mapping[str, Any]]) -> None:
        """One record for each right. They do not stand for the record of what was done: who gives or withdraws a right says
        why, by a record of their own."""
        if not rights:
            return
        things = await owned(self.connection, ((row["object_kind"], row["object_id"]) for row in rights))
        for row in rights:
            detail: dict[str, Any] = {
                "subject": row["subject_id"],
                "subject_kind": row["subject_kind"],
                "rights": list(row["rights"]),
                "basis": row["because"],
                "basis_id": row["because_id"],
            }
            if row["until"] is not None:
                detail["until"] = row["until"].astimezone(UTC).isoformat(timespec="seconds")
            thing = things[row["object_kind"], row["object_id"]]
            self._records.append(await self._recorded(kind, thing, None, "", "success", None, detail))
