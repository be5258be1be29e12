"""Verifies the whole audit: every record, every copy of it in a column, every signed head, those kept outside included."""

import hmac
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select, text

from telepath.audit import PRIVILEGED, SYSTEM_ID, Frontier, Note, leaf_hash
from telepath.checkpoints import verified
from telepath.db.schema.audit import audit_checkpoint, audit_shard
from telepath.db.transaction import Reader

PAGE: Final = 20_000
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
    """What of a body stands in columns too."""

    seq: int
    at: datetime
    kind: str
    outcome: str
    actor: str
    institution: str
    roles: tuple[str, ...]
    object_kind: str
    object_id: str
    case_id: str
    owner: str


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

    About 4 µs a record; blocks the event loop for a page of records at a time: call it in a thread with a loop of its own."""
    found = _Problems()
    trees = [
        _Tree(row["name"], row["origin"], row["start"], (row["size"], row["hashes"]), {}, Frontier())
        for row in await reader.all(select(audit_shard).order_by(audit_shard.c.start))
    ]
    notes = [row["note"] for row in await reader.all(select(audit_checkpoint.c.note))]
    held = list(outside)
    _read_heads(trees, [*notes, *held], public_keys, found)
    records = await _recompute(reader, trees, found)
    for tree in trees:
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


async def _recompute(reader: Reader, trees: list[_Tree], found: _Problems) -> int:
    """Append every record to the tree that it is of, and return how many there are."""
    first = trees[0].start if trees else 0
    expected, at = first, 0
    starts = [tree.start for tree in trees]
    async for page in _pages(reader):
        for seq, body, leaf, *columns in page:
            if seq != expected or not trees:
                found.add("record-missing", seq=expected, next=seq)
                return expected - first
            while at + 1 < len(trees) and seq >= starts[at + 1]:
                at += 1
            tree = trees[at]
            data = body.encode()
            computed = leaf_hash(data)
            if computed != leaf:
                found.add("record-altered", seq=seq)
            else:
                _compare(data, seq, columns, found)
            tree.frontier.append(computed)
            expected += 1
            head = tree.heads.pop(tree.frontier.size, None)
            if head is not None and head != tree.frontier.root():
                found.add("head-differs", tree=tree.name, first=tree.start, last=seq)
    return expected - first


_NAMES: Final = ("kind", "outcome", "actor", "institution", "object_kind", "object_id", "case_id", "owner")
_decoder: Final = msgspec.json.Decoder(_Copied)


def _compare(data: bytes, seq: int, columns: Sequence[Any], found: _Problems) -> None:
    """``columns``: at, _NAMES, privileged."""
    try:
        said = _decoder.decode(data)
    except msgspec.DecodeError:
        found.add("record-unreadable", seq=seq)
        return
    at, *copies, privileged = columns
    if isinstance(at, str):  # SQLite
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    right = (
        said.seq == seq
        and at == said.at
        and copies
        == [
            said.kind,
            said.outcome,
            said.actor,
            said.institution,
            said.object_kind,
            said.object_id,
            said.case_id,
            said.owner,
        ]
        and bool(privileged) == (said.actor == SYSTEM_ID or not PRIVILEGED.isdisjoint(said.roles))
    )
    if not right:
        found.add("copy-altered", seq=seq)


async def _pages(reader: Reader) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """Rows as the driver gives them: what SQLAlchemy does for each column would take longer than all the hashing."""
    statement = text(
        f"SELECT seq, body, leaf, at, {', '.join(_NAMES)}, privileged FROM audit_log"  # noqa: S608
        " WHERE seq >= :start ORDER BY seq LIMIT :page"
    )
    start = -1
    while True:
        rows = (await reader.connection.execute(statement, {"start": start, "page": PAGE})).fetchall()
        yield rows
        if len(rows) < PAGE:
            return
        start = rows[-1][0] + 1
