"""How far the log is sealed and signed; who outside holds its heads says telepath/anchors/state.py."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select

from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_pending, audit_shard
from telepath.db.transaction import Reader


class State(msgspec.Struct, frozen=True, kw_only=True):
    """``sealed`` records, ``waiting`` for the sealer. ``signed``: how many the newest head covers, since ``signed_at``.
    ``unsigned_since``: when the oldest record came that it does not cover; None: it covers all."""

    sealed: int
    waiting: int
    signed: int | None
    signed_at: datetime | None
    unsigned_since: datetime | None


async def state(reader: Reader) -> State:
    starts = {row["name"]: row for row in await reader.all(select(audit_shard))}
    newest = await reader.first(
        select(audit_checkpoint).order_by(audit_checkpoint.c.at.desc(), audit_checkpoint.c.size.desc()).limit(1)
    )

    def reached(shard: str, size: int) -> int:
        return int(starts[shard]["start"]) + size if shard in starts else size

    signed = reached(newest["shard"], newest["size"]) if newest else None
    return State(
        sealed=max((reached(name, row["size"]) for name, row in starts.items()), default=0),
        waiting=await reader.scalar(select(func.count()).select_from(audit_pending)),
        signed=signed,
        signed_at=newest["at"] if newest else None,
        unsigned_since=await reader.scalar(select(audit_log.c.at).where(audit_log.c.seq == (signed or 0))),
    )


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """One year of the log, and the last signature over it."""

    name: str
    first: int
    size: int
    opened_at: datetime
    signed: int | None
    signed_at: datetime | None
    note: str


async def trees(reader: Reader) -> list[Tree]:
    """Every tree, newest first."""
    rows = await reader.all(select(audit_shard).order_by(audit_shard.c.start.desc()))
    found = []
    for row in rows:
        signed = await reader.first(
            select(audit_checkpoint)
            .where(audit_checkpoint.c.shard == row["name"])
            .order_by(audit_checkpoint.c.size.desc())
            .limit(1)
        )
        found.append(
            Tree(
                name=row["name"],
                first=row["start"],
                size=row["size"],
                opened_at=row["opened_at"],
                signed=signed["size"] if signed else None,
                signed_at=signed["at"] if signed else None,
                note=signed["note"] if signed else "",
            )
        )
    return found
