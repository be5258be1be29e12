"""Verifies the whole audit: every record, every copy of it in a column, every signed head, those kept outside included."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import aclosing
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import msgspec
from msgspec.structs import astuple
from sqlalchemy import func, select

from telepath.audit import EMPTY_ROOT, PRIVILEGED, SYSTEM_ID, Frontier, Note, complete, folded, leaf_hash, subtrees
from telepath.checkpoints import verified
from telepath.db.audit_retire import Retired, retired
from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_shard
from telepath.db.transaction import Reader
from telepath.errors import Unavailable

PART: Final = 1 << 14
"""Records that are read and hashed at once: a complete subtree."""
PROBLEMS_KEPT: Final = 100


class Problem(msgspec.Struct, frozen=True):
    """What is wrong: ``audit-problem-`` and the code in web/locale words it."""

    code: str
    params: dict[str, str | int] = {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``problems`` is empty when nothing was altered; of very many only the first are listed."""

    records: int
    checkpoints: int
    anchored: int
    """Checkpoints that were compared with a copy outside the database."""
    problems: tuple[Problem, ...]


class _Copied(msgspec.Struct):
    """What of a body stands in columns too; from ``seq`` on in the order of ``_COLUMNS``."""

    roles: tuple[str, ...]
    at: datetime
    seq: int
    kind: str
    outcome: str
    actor: str
    institution: str
    object_kind: str
    object_id: str
    case_id: str
    owner: str


_COLUMNS: Final = "seq, kind, outcome, actor, institution, object_kind, object_id, case_id, owner"


class _Tree(msgspec.Struct):
    """A shard while it is recomputed. ``kept``: what the database holds of its frontier; None: damaged."""

    name: str
    origin: str
    start: int
    kept: tuple[int, list[str]] | None
    heads: dict[int, bytes]
    frontier: Frontier


async def verify(reader: Reader, public_keys: Collection[bytes], outside: Iterable[str] = ()) -> Verdict:
    """Recompute every leaf and every signed head in one pass over the log.

    ``public_keys``: the present key and those before it; ``outside``: signed checkpoints that others kept.

    About 10 µs a record; blocks the event loop for ``PART`` records at a time: call it in a thread with a loop of its own."""
    found = _Problems()
    trees = [
        _Tree(row["name"], row["origin"], row["start"], (row["size"], row["hashes"]), {}, Frontier())
        for row in await reader.all(select(audit_shard).order_by(audit_shard.c.start))
    ]
    notes = [row["note"] for row in await reader.all(select(audit_checkpoint.c.note))]
    held = list(outside)
    _read_heads(trees, [*notes, *held], public_keys, found)
    gone = await _without_records(reader, trees)
    present = trees[len(gone) :]
    records = await _recompute(reader, present, found)
    for tree, said in gone:
        _compare_retired(tree, said, found)
    for tree in present:
        for size in sorted(tree.heads):
            if size:
                found.add("records-missing", tree=tree.name, signed=size, present=tree.frontier.size)
        if (tree.frontier.size, [digest.hex() for digest in tree.frontier.hashes]) != tree.kept:
            found.add("tree-altered", tree=tree.name, records=tree.frontier.size)
    return Verdict(records=records, checkpoints=len(notes), anchored=len(held), problems=tuple(found.listed))


class _Problems:
    def __init__(self) -> None:
        self.listed: list[Problem] = []

    def add(self, code: str, **params: str | int) -> None:
        if len(self.listed) < PROBLEMS_KEPT:
            self.listed.append(Problem(code, params))


def _read_heads(trees: list[_Tree], notes: Iterable[str], keys: Collection[bytes], found: _Problems) -> None:
    by_origin = {tree.origin: tree for tree in trees}
    for text_ in dict.fromkeys(notes):
        try:
            note: Note = verified(text_, keys)
        except ValueError as error:
            found.add("checkpoint-false", why=str(error))
            continue
        tree = by_origin.get(note.origin)
        if tree is None:
            found.add("tree-missing", origin=note.origin, signed=note.size)
        elif not hmac.compare_digest(tree.heads.setdefault(note.size, note.root), note.root):
            found.add("two-heads", tree=tree.name, signed=note.size)


async def _without_records(reader: Reader, trees: list[_Tree]) -> list[tuple[_Tree, Retired | None]]:
    """The oldest trees, which have no records any more and were retired, as the log itself says; and what it says.

    Of a tree before one that was retired it may say nothing any more: where it did is retired too."""
    beginning = await _next(reader, -1)
    if beginning is None:
        return []
    try:
        told = await retired(reader)
    except Unavailable:
        return []
    old = [tree for tree, after in pairwise(trees) if after.start <= beginning]
    while old and old[-1].name not in told:
        old.pop()
    return [(tree, told.get(tree.name)) for tree in old]


def _compare_retired(tree: _Tree, said: Retired | None, found: _Problems) -> None:
    size, hashes = tree.kept or (0, [])
    try:
        root = Frontier(size, [bytes.fromhex(digest) for digest in hashes]).root()
    except (ValueError, TypeError):
        root = b""
    if said is not None and (size, root.hex()) != (said.size, said.root):
        found.add("tree-altered", tree=tree.name, records=said.size)
    for signed, head in tree.heads.items():
        if signed > size:
            found.add("records-missing", tree=tree.name, signed=signed, present=size)
        elif signed == size and head != root:
            found.add("head-differs", tree=tree.name, first=tree.start, last=tree.start + size - 1)


async def _recompute(reader: Reader, trees: list[_Tree], found: _Problems) -> int:
    """Recompute every tree from its records, and return how many records there are up to the first that is missing."""
    expected = first = trees[0].start if trees else 0
    beginning = await _next(reader, -1)
    if beginning is not None and (beginning != first or not trees):
        found.add("record-missing", seq=first, next=beginning)
        return 0
    ends = [*(tree.start for tree in trees[1:]), None]
    for tree, end in zip(trees, ends, strict=False):
        full, part, signed = Frontier(), list[bytes](), sorted(tree.heads, reverse=True)
        async with aclosing(_parts(reader, tree.start, end)) as parts:
            async for rows in parts:
                present = _gapless(rows, expected)
                levels = subtrees([_leaf(row, found) for row in present])
                base, expected = expected - tree.start, expected + len(present)
                while signed and signed[-1] <= base + len(present):
                    size = signed.pop()
                    head = folded([*full.hashes, *_edge(levels, size - base)]) if size else EMPTY_ROOT
                    if head != tree.heads.pop(size):
                        found.add("head-differs", tree=tree.name, first=tree.start, last=tree.start + size - 1)
                if len(present) == PART:
                    full.append(levels[-1][0])
                else:
                    part = _edge(levels, len(present))
        tree.frontier = Frontier(expected - tree.start, [*full.hashes, *part])
        following = await _next(reader, expected - 1)
        if following is not None and following != expected:
            found.add("record-missing", seq=expected, next=following)
            break
    return expected - first


def _edge(levels: list[list[bytes]], size: int) -> list[bytes]:
    """The frontier of the first ``size`` leaves under these subtrees."""
    return [levels[level][index] for level, index in complete((0, size))]


Row = tuple[Any, ...]
"""body, leaf, privileged, at, and ``_COLUMNS``: as the driver gives them."""
_SEQ: Final = 4


def _gapless(rows: list[Row], first: int) -> list[Row]:
    """Those of ``rows`` before the first that is missing."""
    if rows and rows[-1][_SEQ] == first + len(rows) - 1:
        return rows
    return [row for number, row in enumerate(rows) if row[_SEQ] == first + number]


_decoder: Final = msgspec.json.Decoder(_Copied)


def _leaf(row: Row, found: _Problems) -> bytes:
    """The leaf hash of a record, after everything that stands beside it was compared with it."""
    body, leaf, privileged, at = row[:_SEQ]
    data = body.encode()
    computed = leaf_hash(data)
    if computed != leaf:
        found.add("record-altered", seq=row[_SEQ])
        return computed
    try:
        said = _decoder.decode(data)
    except msgspec.DecodeError:
        found.add("record-unreadable", seq=row[_SEQ])
        return computed
    if isinstance(at, str):  # SQLite, in UTC
        at = datetime.fromisoformat(f"{at}+00:00")
    right = (
        astuple(said)[2:] == row[_SEQ:]
        and said.at == at
        and (said.actor == SYSTEM_ID or not PRIVILEGED.isdisjoint(said.roles)) == privileged
    )
    if not right:
        found.add("copy-altered", seq=row[_SEQ])
    return computed


async def _parts(reader: Reader, start: int, end: int | None) -> AsyncGenerator[list[Row], None]:
    """The records from ``start`` to before ``end`` (None: to the last), by PART. The first that is not full is the last one.

    The database looks for the next ones while these are hashed."""
    coming = asyncio.create_task(_rows(reader, start, end))
    try:
        while True:
            rows = await coming
            start += PART
            more = len(rows) == PART and (end is None or start < end)
            if more:
                coming = asyncio.create_task(_rows(reader, start, end))
                await asyncio.sleep(0)  # it asks, and waits for the answer
            yield rows
            if not more:
                return
    finally:
        await asyncio.wait([coming])


async def _rows(reader: Reader, start: int, end: int | None) -> list[Row]:
    """At most PART of them, straight from the driver: what SQLAlchemy does for each column would take longer than all the
    hashing."""
    stop = start + PART if end is None else min(start + PART, end)
    raw = await reader.connection.get_raw_connection()
    driver: Any = raw.driver_connection
    cursor = await driver.execute(
        f"SELECT body, leaf, privileged, at, {_COLUMNS} FROM audit_log"  # noqa: S608
        f" WHERE seq >= {start:d} AND seq < {stop:d} ORDER BY seq"
    )
    rows: list[Row] = await cursor.fetchall()
    return rows


async def _next(reader: Reader, after: int) -> int | None:
    """The ``seq`` of the record that follows ``after``."""
    found: int | None = await reader.scalar(select(func.min(audit_log.c.seq)).where(audit_log.c.seq > after))
    return found
