"""Who outside holds what of the audit, and what was found missing: for the auditor's page and `telepath check`."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from telepath.anchors import gaps
from telepath.anchors.gaps import Gap
from telepath.db.schema.audit import audit_anchor, audit_shard
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.transaction import Reader


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """One anchor."""

    name: str
    kind: str
    """``folder``, ``mail``, ``witness`` or ``bucket``."""
    every: timedelta | None
    """The least time between two copies; None: the settings name it no more."""
    shard: str
    """The tree of the head that it holds; empty: it holds none."""
    size: int
    held_at: datetime | None
    receipt: bool
    """Whether it gave one: a witness its cosignature, a mailbox the letter's number, a bucket the object's version."""
    error: str
    """A code of web/locale; empty: nothing went wrong since."""
    attempts: int
    """That have failed since."""
    held: int
    """Records of the whole log, from the first, that are covered by what it holds."""


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    holders: tuple[Holder, ...]
    gaps: tuple[Gap, ...]
    """Found, and not disproved since by a verification to which the same anchor showed a head as large."""
    held: int
    """Records of the whole log that at least one anchor holds."""
    unheld_since: datetime | None
    """When the oldest record came that no anchor holds yet; None: they hold all."""


async def state(reader: Reader) -> Outside:
    """What the database knows of it; asks no anchor."""
    starts = {row["name"]: row["start"] for row in await reader.all(select(audit_shard.c.name, audit_shard.c.start))}
    holders = tuple(
        Holder(
            name=row["name"],
            kind=row["kind"],
            every=None if row["every"] is None else timedelta(seconds=row["every"]),
            shard=row["shard"],
            size=row["size"],
            held_at=row["held_at"],
            receipt=bool(row["receipt"]),
            error=row["error"],
            attempts=row["attempts"],
            held=starts[row["shard"]] + row["size"] if row["shard"] in starts else 0,
        )
        for row in await reader.all(select(audit_anchor).order_by(audit_anchor.c.name))
    )
    held = max((holder.held for holder in holders), default=0)
    oldest = await reader.first(
        select(log_table.c.at).where(log_table.c.seq >= held).order_by(log_table.c.seq).limit(1)
    )
    return Outside(
        holders=holders,
        gaps=tuple(await gaps.standing(reader)),
        held=held,
        unheld_since=oldest["at"] if oldest else None,
    )
