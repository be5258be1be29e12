"""Seals pending audit records into the log, signs its head, and gives the proofs that outsiders ask for.

One tree a year (a *shard*): what has to be kept no longer is deleted as a whole, and its last signed head stays. The log's
name is the host of the service and ``/audit``; a tree's *origin* adds the name of the shard."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, text, update

from telepath.actor import SYSTEM
from telepath.audit import (
    AuditRecord,
    Frontier,
    Span,
    canonical,
    complete,
    consistency_spans,
    folded,
    inclusion_spans,
    leaf_hash,
    root_of,
    written_alike,
)
from telepath.checkpoints import signed_checkpoint
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_node, audit_shard
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Unavailable

SEALER_LOCK: Final = 0x7E1E_A0D1
"""The PostgreSQL advisory lock of the one sealer."""
BATCH: Final = 1000
SIGN_AFTER: Final = 1000
"""Records after which a head is signed at once, …"""
SIGN_EVERY: Final = timedelta(seconds=60)
"""… and the time after which it is signed whatever came."""
_NAME: Final = re.compile(r"([0-9]{4})(?:-[0-9]+)?")
KEPT_LEVEL: Final = 8
"""Subtrees of 2**8 leaves and more are kept; smaller ones are computed from their leaves."""


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """One tree of the log: its records are ``seq`` ``start`` to before ``start`` + ``frontier.size``."""

    name: str
    origin: str
    start: int
    opened_at: datetime
    frontier: Frontier

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def end(self) -> int:
        """The ``seq`` that the next record would have."""
        return self.start + self.frontier.size


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A signed head, as it is kept and handed out."""

    shard: str
    size: int
    at: datetime
    note: str


_TAKE: Final = text(
    "DELETE FROM audit_pending WHERE position IN (SELECT position FROM audit_pending ORDER BY position LIMIT :most)"
    " RETURNING position, CAST(record AS text)"
)
_APPEND: Final = text(
    "INSERT INTO audit_log SELECT * FROM json_populate_recordset(CAST(NULL AS audit_log), CAST(:rows AS json))"
)
_decoder: Final = msgspec.json.Decoder(AuditRecord)


async def seal(db: Database, log_name: str) -> int:
    """Move what is pending into the log, in order, and return how many records were sealed: ``BATCH`` means there may be more.

    Any node may call this at any time: one seals, the others find nothing left. Raises Unavailable: the kept tree was damaged,
    or what waits is no record; what is pending stays pending."""
    async with db.write(SYSTEM, unaudited="sealing is the audit itself") as tx:
        await alone(tx)
        taken = sorted((await tx.connection.execute(_TAKE, {"most": BATCH})).all())
        if not taken:
            return 0
        shard = await _growing(tx, log_name)
        entries, nodes = [], []
        for _position, waiting in taken:
            record = _waiting(waiting)
            seq = shard.end
            body = canonical(record, seq)
            leaf = leaf_hash(body)
            entries.append(copied(record) | {"seq": seq, "body": body.decode(), "leaf": leaf})
            nodes += [
                {"shard": shard.name, "level": node.level, "index": node.index, "hash": node.hash}
                for node in shard.frontier.append(leaf)
                if node.level >= KEPT_LEVEL
            ]
        await _append(tx, entries)
        if nodes:
            await tx.execute(insert(audit_node), nodes)
        hashes = [digest.hex() for digest in shard.frontier.hashes]
        await tx.execute(
            update(audit_shard).where(audit_shard.c.name == shard.name).values(size=shard.size, hashes=hashes)
        )
    return len(taken)


def _waiting(record: str) -> AuditRecord:
    try:
        read = _decoder.decode(record)
    except msgspec.DecodeError:
        read = None
    if read is None or not written_alike(read.detail):
        raise Unavailable("error-audit-tree", what="a record that waits to be sealed")
    return read


async def seal_all(db: Database, log_name: str) -> None:
    """Seal until nothing is pending. Raises Unavailable as ``seal``."""
    while await seal(db, log_name) == BATCH:
        pass


async def checkpoint(db: Database, log_name: str, key: Ed25519PrivateKey, *, due_only: bool = False) -> str | None:
    """Sign the present head of the log and keep it. Returns the signed note, or None: nothing came since the last one, or with
    ``due_only`` neither SIGN_AFTER records nor SIGN_EVERY have passed."""
    async with db.read() as reader:  # most calls end here, and wait for nobody
        if not await _to_sign(reader, due_only):
            return None
    async with db.write(SYSTEM, unaudited="signing the head of the audit") as tx:
        await alone(tx)
        shard = await _to_sign(tx, due_only)
        if shard is None:
            return None
        note = signed_checkpoint(key, log_name, shard.origin, shard.size, shard.frontier.root())
        await tx.insert(audit_checkpoint, shard=shard.name, size=shard.size, at=tx.now, note=note)
    return note


def year_of(name: str) -> int | None:
    """The year that a tree of this name is of; None: of none, it was sealed before there were trees of a year."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


async def newest_checkpoint(reader: Reader, shard: str = "") -> Checkpoint | None:
    """The last one that was signed, of this shard or of all."""
    # Of one tree the largest, whatever the clock has done since.
    of_all = select(audit_checkpoint).order_by(audit_checkpoint.c.at.desc(), audit_checkpoint.c.size.desc())
    of_one = select(audit_checkpoint).where(audit_checkpoint.c.shard == shard).order_by(audit_checkpoint.c.size.desc())
    row = await reader.first((of_one if shard else of_all).limit(1))
    return Checkpoint(**dict(row)) if row else None


async def shards(reader: Reader) -> list[Shard]:
    """Every tree, oldest first. Raises Unavailable: one was damaged."""
    return [_shard(row) for row in await reader.all(select(audit_shard).order_by(audit_shard.c.start))]


async def open_shard(
    tx: Transaction, log_name: str, why: str, *, taken: Collection[str] = (), **detail: str | int
) -> None:
    """Close the growing tree as it is and begin another, which says so in its first record: a new year (``year``), the service
    has another host (``renamed``), the log goes on from an older copy than outside (``restored``), or cannot be continued
    (``damaged``). It gets none of the names
    ``taken``: those of trees that are known outside and not here."""
    await alone(tx)
    await _open(tx, log_name, why, detail, taken)


async def inclusion_proof(reader: Reader, shard: Shard, index: int, size: int) -> list[bytes]:
    """That leaf ``index`` of the shard is in its tree of ``size`` leaves. Raises ValueError: it has no such leaf, or tree."""
    return await _hashes(reader, shard, inclusion_spans(index, size), size)


async def consistency_proof(reader: Reader, shard: Shard, old: int, new: int) -> list[bytes]:
    """That the shard's tree of ``old`` leaves is the beginning of that of ``new``. Raises ValueError: it has not that many."""
    return await _hashes(reader, shard, consistency_spans(old, new), new)


def copied(record: AuditRecord) -> dict[str, Any]:
    """The columns of audit_log that copy what the body says."""
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
        "privileged": record.privileged,
    }


async def _append(tx: Transaction, entries: list[dict[str, Any]]) -> None:
    """Add rows to audit_log. PostgreSQL takes them as one JSON text: a statement for each row costs several times as much."""
    if tx.connection.dialect.name == "postgresql":
        rows = [entry | {"leaf": f"\\x{entry['leaf'].hex()}"} for entry in entries]
        await tx.connection.execute(_APPEND, {"rows": msgspec.json.encode(rows).decode()})
    else:
        await tx.execute(insert(audit_log), entries)


async def alone(tx: Transaction) -> None:
    """Until the end of this transaction nobody else seals or signs. SQLite: a writer is alone anyway."""
    if tx.connection.dialect.name == "postgresql":
        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), [{"key": SEALER_LOCK}])


async def _newest(reader: Reader) -> Shard | None:
    row = await reader.first(select(audit_shard).order_by(audit_shard.c.start.desc()).limit(1))
    return _shard(row) if row else None


async def _growing(tx: Transaction, log_name: str) -> Shard:
    newest = await _newest(tx)
    if newest is None or f"{newest.opened_at:%Y}" < f"{tx.now:%Y}":
        return await _open(tx, log_name, "year", {})
    if newest.origin != f"{log_name}/{newest.name}" and not await _known(tx, log_name):
        return await _open(tx, log_name, "renamed", {})
    return newest


async def _known(reader: Reader, log_name: str) -> bool:
    """Whether a tree bears this name of the log: two nodes that disagree about it would open trees in turn, for ever."""
    origins = await reader.all(select(audit_shard.c.origin))
    return any(row["origin"].rpartition("/")[0] == log_name for row in origins)


async def _open(
    tx: Transaction, log_name: str, why: str, detail: dict[str, str | int], taken: Collection[str] = ()
) -> Shard:
    try:
        before = await _newest(tx)
    except Unavailable:
        before = None
    row = await tx.first(select(audit_shard).order_by(audit_shard.c.start.desc()).limit(1))
    last = await tx.first(select(audit_log.c.seq).order_by(audit_log.c.seq.desc()).limit(1))
    start = last["seq"] + 1 if last else 0
    if row is not None and row["start"] >= start:
        raise Unavailable("error-audit-tree", what="the tree of the audit")
    name, number = f"{tx.now:%Y}", 1
    while name in taken or await tx.first(select(audit_shard.c.name).where(audit_shard.c.name == name)):
        number += 1
        name = f"{tx.now:%Y}-{number}"
    first = AuditRecord(
        id=tx.new_id(),
        at=tx.now,
        kind="audit.tree-opened",
        actor=SYSTEM.person_id,
        institution=SYSTEM.institution_id,
        object_kind="tree",
        object_id=name,
        detail={"because": why, **detail}
        | ({"before": before.name, "size": before.size, "root": before.frontier.root().hex()} if before else {}),
    )
    body = canonical(first, start)
    frontier = Frontier()
    frontier.append(leaf_hash(body))
    await tx.insert(audit_log, seq=start, body=body.decode(), leaf=leaf_hash(body), **copied(first))
    shard = Shard(name=name, origin=f"{log_name}/{name}", start=start, opened_at=tx.now, frontier=frontier)
    hashes = [digest.hex() for digest in frontier.hashes]
    await tx.insert(audit_shard, name=name, origin=shard.origin, start=start, size=1, hashes=hashes, opened_at=tx.now)
    return shard


async def _to_sign(reader: Reader, due_only: bool) -> Shard | None:
    shard = await _newest(reader)
    if shard is None or not shard.size:
        return None
    last = await newest_checkpoint(reader, shard.name)
    if last is None:
        return shard
    grown = shard.size - last.size
    if grown <= 0 or (due_only and grown < SIGN_AFTER and timedelta() <= reader.now - last.at < SIGN_EVERY):
        return None
    return shard


async def _hashes(reader: Reader, shard: Shard, spans: Sequence[Span], size: int) -> list[bytes]:
    if size > shard.size:
        raise ValueError(f"the tree has {shard.size} leaves")
    return [await _root(reader, shard, complete(span)) for span in spans]


async def _root(reader: Reader, shard: Shard, parts: Iterable[tuple[int, int]]) -> bytes:
    return folded([await _node(reader, shard, level, index) for level, index in parts])


async def _node(reader: Reader, shard: Shard, level: int, index: int) -> bytes:
    if level >= KEPT_LEVEL:
        kept: bytes | None = await reader.scalar(
            select(audit_node.c.hash).where(
                audit_node.c.shard == shard.name, audit_node.c.level == level, audit_node.c.index == index
            )
        )
        if kept is not None:
            return kept
        # What was sealed before trees were kept has none.
    low = shard.start + (index << level)
    rows = await reader.all(
        select(audit_log.c.leaf)
        .where(audit_log.c.seq >= low, audit_log.c.seq < low + (1 << level))
        .order_by(audit_log.c.seq)
    )
    return root_of(row["leaf"] for row in rows)


def _shard(row: Any) -> Shard:
    """Raises Unavailable: the kept tree was damaged."""
    try:
        frontier = Frontier(row["size"], [bytes.fromhex(digest) for digest in row["hashes"]])
    except (ValueError, TypeError):
        raise Unavailable("error-audit-tree", what="the tree of the audit") from None
    return Shard(
        name=row["name"], origin=row["origin"], start=row["start"], opened_at=row["opened_at"], frontier=frontier
    )
