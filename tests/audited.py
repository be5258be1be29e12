"""What is recorded and not yet sealed, and what of it is kept in the vault, for tests."""

from typing import Any

from sqlalchemy import select

from telepath.actor import Subject
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.vault import Vault


async def records(db: Database, *kinds: str) -> list[dict[str, Any]]:
    """Those of these kinds, or all, in their order."""
    async with db.read() as reader:
        rows = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
    return [row["record"] for row in rows if not kinds or row["record"]["kind"] in kinds]


async def of_case(db: Database, record: dict[str, Any]) -> dict[str, Any]:
    """What the record holds under the key of its case."""
    return await _opened(db, Subject("case", record["case_id"]), record, "case_private")


async def of_actor(db: Database, record: dict[str, Any]) -> dict[str, Any]:
    """What the record holds under the key of who acted, or of those of the month who did not get in."""
    who = Subject("person", record["actor"]) if record["actor"] else Subject("visitor", record["at"][:7])
    return await _opened(db, who, record, "actor_private")


async def _opened(db: Database, subject: Subject, record: dict[str, Any], field: str) -> dict[str, Any]:
    async with db.read() as reader:
        keys = await db.keys.of(reader.connection, [subject])
    return Vault.opened(keys[subject], record["id"], record[field])
