"""What anchors hold and the log does not: recorded in the log itself, once, and known until a verification disproves it."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import select

from telepath.access import ObjectRef
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


class _Said(msgspec.Struct):
    signed: int
    present: int
    differs: bool
    anchor: str
    held_at: str
    """ISO 8601; empty: it is not known."""


class _Found(msgspec.Struct):
    """What is read of a record of a gap."""

    at: datetime
    object_id: str
    detail: _Said


class _Compared(msgspec.Struct):
    compared: dict[str, dict[str, int]] = {}
    """Anchor → tree → the size of the largest head that it showed."""


class _Check(msgspec.Struct):
    """What is read of a record of a verification."""

    detail: _Compared


class _Copied(msgspec.Struct):
    records: int
    """That the restored copy of the log had."""


class _Restore(msgspec.Struct):
    """What is read of a record of a restore."""

    detail: _Copied


Read = TypeVar("Read", _Check, _Restore)


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
    found = [(seq, check.detail.compared) for seq, check in await _successes(reader, CHECKED, _Check)]
    within = [range(restore.detail.records, seq) for seq, restore in await _successes(reader, RESTORED, _Restore)]
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
    """All that were ever recorded, with their place in the log; None: not sealed yet. What says nothing that can be read is not
    ``record``'s: it is passed over, and the service's log says so."""
    sealed = await reader.all(
        select(log_table.c.seq, log_table.c.body).where(log_table.c.kind == KIND).order_by(log_table.c.seq)
    )
    pending = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
    said: list[tuple[int | None, Any]] = [(row["seq"], row["body"]) for row in sealed]
    said += [(None, row["record"]) for row in pending if _is_told(row["record"])]
    return [(seq, gap) for seq, record in said if (gap := _gap(record)) is not None]


def _is_told(record: Any) -> bool:
    return isinstance(record, dict) and record.get("kind") == KIND


def _gap(record: Any) -> Gap | None:
    """``record``: JSON, or what it says. None: not a record of a gap."""
    try:
        told = msgspec.json.decode(record, type=_Found) if isinstance(record, str) else msgspec.convert(record, _Found)
        held_at = datetime.fromisoformat(told.detail.held_at) if told.detail.held_at else None
    except ValueError:
        log.error("a record of a gap in the audit cannot be read")
        return None
    return Gap(
        tree=told.object_id,
        signed=told.detail.signed,
        present=told.detail.present,
        differs=told.detail.differs,
        anchor=told.detail.anchor,
        held_at=held_at,
        found_at=told.at,
    )


async def _successes(reader: Reader, kind: str, what: type[Read]) -> list[tuple[int, Read]]:
    """The successes of this kind, with their place in the log; one that says nothing that can be read ends no gap."""
    rows = await reader.all(
        select(log_table.c.seq, log_table.c.body).where(log_table.c.kind == kind, log_table.c.outcome == "success")
    )
    found = []
    for row in rows:
        with suppress(ValueError):
            found.append((row["seq"], msgspec.json.decode(row["body"], type=what)))
    return found
