"""Seals pending audit records into the log, signs its head, and verifies all of it."""

import asyncio
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import delete, func, insert, select, text, update

from telepath.actor import SYSTEM
from telepath.audit import (
    AuditRecord,
    Frontier,
    canonical,
    checkpoint_text,
    key_id,
    leaf_hash,
    parse_note,
    signed_note,
)
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_pending, audit_tree
from telepath.db.transaction import Reader
from telepath.errors import Unavailable

ORIGIN = "telepath/audit"
SEALER_LOCK = 0x7E1E_A0D1
"""The PostgreSQL advisory lock of the one sealer."""
BATCH = 1000


async def seal(db: Database) -> int:
    """Move what is pending into the log, in order, and return how many records were sealed.

    Any node may call this at any time: one seals, the others find nothing left. Raises Unavailable: the kept tree was damaged;
    what is pending stays pending."""
    async with db.write(SYSTEM, unaudited="sealing is the audit itself") as tx:
        if not db.is_sqlite:
            await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), [{"key": SEALER_LOCK}])
        rows = await tx.all(select(audit_pending).order_by(audit_pending.c.position).limit(BATCH))
        if not rows:
            return 0
        frontier = await _frontier(tx)
        entries = []
        for row in rows:
            record = msgspec.convert(row["record"], AuditRecord)
            body = canonical(record, frontier.size)
            entries.append(_columns(record) | {"seq": frontier.size, "body": body.decode(), "leaf": leaf_hash(body)})
            frontier.append(leaf_hash(body))
        await tx.execute(insert(audit_log), entries)
        await tx.execute(delete(audit_pending).where(audit_pending.c.position.in_([row["position"] for row in rows])))
        state = {"size": frontier.size, "hashes": [digest.hex() for digest in frontier.hashes]}
        changed = await tx.execute(update(audit_tree).where(audit_tree.c.id == 1).values(**state))
        if changed.rowcount == 0:
            await tx.insert(audit_tree, id=1, **state)
    return len(rows)


async def checkpoint(db: Database, key: Ed25519PrivateKey, anchors: Path | None) -> str | None:
    """Sign the present head of the log, keep it, and see that the folder ``anchors`` has a copy of every signed head.

    Returns the signed note, or None when nothing came since the last one. Raises OSError: the folder cannot be written; the
    next call tries again."""
    async with db.write(SYSTEM, unaudited="signing the head of the audit") as tx:
        if not db.is_sqlite:
            await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), [{"key": SEALER_LOCK}])
        frontier = await _frontier(tx)
        last = await tx.scalar(select(func.max(audit_checkpoint.c.size)))
        note = None
        if frontier.size != (last or 0):
            head = checkpoint_text(ORIGIN, frontier.size, frontier.root())
            public = key.public_key().public_bytes_raw()
            note = signed_note(head, ORIGIN, public, key.sign(head.encode()))
            await tx.insert(audit_checkpoint, size=frontier.size, at=tx.now, note=note)
    if anchors is not None:
        await _anchor(db, anchors)
    return note


async def _anchor(db: Database, folder: Path) -> None:
    have = await asyncio.to_thread(_prepared, folder)
    newest = max(have, default=0)
    async with db.read() as reader:
        rows = await reader.all(select(audit_checkpoint).where(audit_checkpoint.c.size > newest))
    for row in rows:
        await asyncio.to_thread(_place, folder, row["size"], row["note"])


def _prepared(folder: Path) -> set[int]:
    """Make the folder, and return the sizes whose heads it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    return {int(path.stem) for path in folder.glob("*.note") if path.stem.isdecimal()}


def _place(folder: Path, size: int, note: str) -> None:
    # Two nodes may place the same head at once: each writes its own file, and the last name wins with the same text.
    partial = folder / f".{size:012d}.{secrets.token_hex(4)}.part"
    partial.write_text(note)
    partial.replace(folder / f"{size:012d}.note")


def _anchored(folder: Path | None) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.note"))] if folder else []


class Verdict(msgspec.Struct, frozen=True):
    """``problems`` is empty when nothing was altered."""

    records: int
    checkpoints: int
    anchored: int
    """Checkpoints that were compared with a copy outside the database."""
    problems: tuple[str, ...]


async def verify(db: Database, public_key: bytes, anchors: Path | None) -> Verdict:
    """Recompute every leaf and every signed head, those kept outside included. Reads the log in one pass."""
    problems: list[str] = []
    frontier = Frontier()
    async with db.read() as reader:
        notes = {row["size"]: row["note"] for row in await reader.all(select(audit_checkpoint))}
        outside = await asyncio.to_thread(_anchored, anchors)
        heads = _heads([*notes.values(), *outside], public_key, problems)
        async for row in _log(reader):
            if row["seq"] != frontier.size:
                problems.append(f"record {frontier.size}: missing, {row['seq']} follows")
                break
            problems += _check_row(row)
            frontier.append(leaf_hash(row["body"].encode()))
            expected = heads.pop(frontier.size, None)
            if expected is not None and not hmac.compare_digest(expected, frontier.root()):
                problems.append(f"records 0 to {frontier.size - 1}: not what was signed")
        try:
            kept = (await _frontier(reader)).size
        except Unavailable:
            kept = -1
    problems += [f"records up to {size - 1}: signed, but no longer there" for size in sorted(heads) if size]
    if kept != frontier.size:
        problems.append(f"the kept tree is not that of the {frontier.size} records")
    return Verdict(frontier.size, len(notes), len(outside), tuple(problems))


async def _frontier(reader: Reader) -> Frontier:
    """Raises Unavailable: the kept tree was damaged."""
    row = await reader.first(select(audit_tree).where(audit_tree.c.id == 1))
    if row is None:
        return Frontier()
    try:
        return Frontier(row["size"], [bytes.fromhex(digest) for digest in row["hashes"]])
    except (ValueError, TypeError):
        raise Unavailable("error-audit-tree", what="the tree of the audit") from None


def _columns(record: AuditRecord) -> dict[str, Any]:
    return {
        "at": record.at,
        "kind": record.kind,
        "outcome": record.outcome,
        "actor": record.actor,
        "institution": record.institution,
        "object_kind": record.object_kind,
        "object_id": record.object_id,
        "case_id": record.case_id,
        "owner": record.owner,
    }


def _check_row(row: Any) -> list[str]:
    if row["leaf"] != leaf_hash(row["body"].encode()):
        return [f"record {row['seq']}: altered"]
    try:
        body = json.loads(row["body"])
        body["at"] = datetime.fromisoformat(body["at"])
    except (ValueError, KeyError, TypeError):
        return [f"record {row['seq']}: unreadable"]
    wrong = [name for name in ("seq", *_COPIED) if body.get(name) != row[name]]
    return [f"record {row['seq']}: its {name} was altered" for name in wrong]


_COPIED = ("at", "kind", "outcome", "actor", "institution", "object_kind", "object_id", "case_id", "owner")


def _heads(notes: Iterable[str], public_key: bytes, problems: list[str]) -> dict[int, bytes]:
    heads: dict[int, bytes] = {}
    for text_ in notes:
        try:
            note = parse_note(text_)
            if note.key_id != key_id(note.signer, public_key):
                raise ValueError("signed by another key")
            Ed25519PublicKey.from_public_bytes(public_key).verify(note.signature, note.text.encode())
            if heads.setdefault(note.size, note.root) != note.root:
                problems.append(f"two different heads were signed at {note.size} records")
        except InvalidSignature:
            problems.append("a checkpoint has a false signature")
        except ValueError as error:
            problems.append(f"a checkpoint is false: {error}")
    return heads


async def _log(reader: Reader) -> AsyncIterator[Any]:
    start = 0
    while rows := await reader.all(
        select(audit_log).where(audit_log.c.seq >= start).order_by(audit_log.c.seq).limit(5000)
    ):
        for row in rows:
            yield row
        start = rows[-1]["seq"] + 1
