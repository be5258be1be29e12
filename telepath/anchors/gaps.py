"""What anchors hold and the log does not: recorded in the log itself, once, and known until a verification disproves it."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.audit import AuditRecord
from telepath.db import audit_log
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.audit import audit_pending
from telepath.db.transaction import Reader, Transaction

KIND: Final = "audit.gap-found"
CHECKED: Final = "audit.verified"
RESTORED: Final = "backup.restored"

log = logging.getLogger("telepath.anchors")


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """``differs``: the log has as many records as the head outside was signed for, but others."""

    tree: str
    signed: int
    """Records that the head outside was signed for."""
    present: int
    """Records that the tree had here."""
    differs: bool
    anchor: str
    """Who holds that head."""
    held_at: datetime | None
    """Since when, as far as it is known."""
    found_at: datetime | None = None

    @property
    def missing(self) -> int:
        """Records that were signed once and are not here."""
        return max(0, self.signed - self.present)

    def covers(self, other: "Gap") -> bool:
        """Whether the other one says nothing new."""
        same = (self.tree, self.anchor, self.differs) == (other.tree, other.anchor, other.differs)
        return same and self.signed >= other.signed


async def record(tx: Transaction, log_name: str, gap: Gap, outside: Iterable[str]) -> bool:
    """Record the gap, and let the log go on in a new tree, under none of the names of trees that are known ``outside``.

    False: it was recorded before. Call it while nobody else seals (``audit_log.alone``)."""
    before = [one for _, one in await _recorded(tx)]
    if any(one.covers(gap) for one in before):
        return False
    log.error(
        "the audit %s: tree %s has %d records, and %s holds a head that was signed for %d%s",
        "is not the one that was signed" if gap.differs else f"lost {gap.missing} records",
        gap.tree,
        gap.present,
        gap.anchor,
        gap.signed,
        f", since {gap.held_at:%Y-%m-%d %H:%M:%S}Z" if gap.held_at else "",
    )
    await tx.audit(
        KIND,
        ObjectRef("tree", gap.tree, ""),
        outcome="failure",
        signed=gap.signed,
        present=gap.present,
        differs=gap.differs,
        anchor=gap.anchor,
        held_at=gap.held_at.isoformat(timespec="seconds") if gap.held_at else "",
    )
    trees = [tree.name for tree in await audit_log.shards(tx)]
    new = gap.tree not in trees and gap.tree not in {one.tree for one in before}
    if new or trees[-1:] == [gap.tree]:
        taken = {gap.tree, *outside, *(one.tree for one in before)}
        why = "damaged" if gap.differs else "restored"
        await audit_log.open_shard(
            tx, log_name, why, taken=taken, tree=gap.tree, signed=gap.signed, present=gap.present
        )
    return True


async def standing(reader: Reader) -> list[Gap]:
    """The gaps that no later verification has disproved (it found nothing, and the same anchor showed it a head as large), and
    that were not recorded within the restore of a backup, which says what is lost: behind the records of its copy."""
    recorded = await _recorded(reader)
    if not recorded:
        return []
    checks = await reader.all(
        select(log_table.c.seq, log_table.c.body).where(log_table.c.kind == CHECKED, log_table.c.outcome == "success")
    )
    found = [(row["seq"], compared) for row in checks if (compared := _compared(row["body"]))]
    restores = await reader.all(
        select(log_table.c.seq, log_table.c.body).where(log_table.c.kind == RESTORED, log_table.c.outcome == "success")
    )
    within = [range(_copied(row["body"]), row["seq"]) for row in restores]
    return [
        gap
        for seq, gap in recorded
        if seq is None
        or not (
            any(seq in restore for restore in within)
            or any(later > seq and heads.get(gap.anchor, {}).get(gap.tree, 0) >= gap.signed for later, heads in found)
        )
    ]


async def _recorded(reader: Reader) -> list[tuple[int | None, Gap]]:
    """All that were ever recorded, with their place in the log; None: not sealed yet."""
    sealed = await reader.all(
        select(log_table.c.seq, log_table.c.body).where(log_table.c.kind == KIND).order_by(log_table.c.seq)
    )
    pending = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
    found = [(row["seq"], _gap(msgspec.json.decode(row["body"], type=AuditRecord))) for row in sealed]
    waiting = [row["record"] for row in pending if row["record"]["kind"] == KIND]
    return [*found, *((None, _gap(msgspec.convert(one, AuditRecord))) for one in waiting)]


def _gap(record: AuditRecord) -> Gap:
    said = record.detail
    return Gap(
        tree=record.object_id,
        signed=said["signed"],
        present=said["present"],
        differs=said["differs"],
        anchor=said["anchor"],
        held_at=datetime.fromisoformat(said["held_at"]) if said["held_at"] else None,
        found_at=record.at,
    )


class _Copied(msgspec.Struct):
    """Of what a restore recorded: how many records its copy of the log had."""

    records: int


class _Restore(msgspec.Struct):
    detail: _Copied


def _copied(body: str) -> int:
    return msgspec.json.decode(body, type=_Restore).detail.records


class _Compared(msgspec.Struct):
    """Of what a verification recorded: anchor → tree → the size of the largest head that it showed."""

    compared: dict[str, dict[str, int]] = {}


class _Check(msgspec.Struct):
    detail: _Compared


def _compared(body: str) -> dict[str, dict[str, int]]:
    return msgspec.json.decode(body, type=_Check).detail.compared
