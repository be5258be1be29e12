"""Verifies the whole audit: every record, every copy of it in a column, every signed head, those kept outside included."""

import hmac
from bisect import bisect_right
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import aclosing, closing
from itertools import pairwise
from typing import Any, Final

import msgspec
from sqlalchemy import URL, Text, cast, func, select

from telepath.audit import EMPTY_ROOT, Frontier, Note, folded
from telepath.checkpoints import verified
from telepath.db.audit_retire import Retired, retired, too_young
from telepath.db.audit_stretch import FEW, PART, Recomputed, Source, Stretch, in_workers, question, recompute
from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_shard
from telepath.db.transaction import Reader

PROBLEMS_KEPT: Final = 100
FIRST: Final = "first"
FIRST_ORIGIN: Final = "telepath/audit"
"""Of what was sealed before there was a tree for each year."""


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
    retired: tuple[str, ...] = ()
    """Trees of which only the last head is kept, as the log says."""
    problems: tuple[Problem, ...]


class _Tree(msgspec.Struct):
    """A shard while it is recomputed."""

    name: str
    origin: str
    start: int
    kept: tuple[int, list[str]]
    """What the database holds of its frontier: size, and the hashes in hex; anything, when it was damaged."""
    heads: dict[int, bytes]
    """Size → root of the signed heads that were not met yet."""
    frontier: Frontier
    parts: Frontier
    """The same of the subtrees of ``PART`` leaves."""


async def verify(
    reader: Reader, public_keys: Collection[bytes], outside: Iterable[str] = (), *, retention: int = 0
) -> Verdict:
    """Recompute every leaf and every signed head in one pass over the log.

    ``public_keys``: the present key and those before it; ``outside``: signed checkpoints that others kept; ``retention``:
    years for which a tree has to be kept, 0 for ever.

    A long log is read by other processes, of what is committed. About 8 µs a record on two processors; blocks the event loop:
    call it in a thread with a loop of its own. Raises Unavailable: the database does not answer."""
    found = _Problems()
    trees = await _trees(reader, found)
    notes = [row["note"] for row in await reader.all(select(cast(audit_checkpoint.c.note, Text).label("note")))]
    held = list(outside)
    _read_heads(trees, [*notes, *held], public_keys, found)
    gone = await _without_records(reader, trees)
    present = trees[len(gone) :]
    records = await _recompute(reader, present, found)
    for tree, said in gone:
        _compare_retired(tree, said, found)
        if too_young(tree.name, reader.now, retention):
            found.add("tree-retired-early", tree=tree.name, years=retention)
    for tree in present:
        for size, head in sorted(tree.heads.items()):
            if size:
                found.add("records-missing", tree=tree.name, signed=size, present=tree.frontier.size)
            elif head != EMPTY_ROOT:
                found.add("head-differs", tree=tree.name, first=tree.start, last=tree.start)
        if (tree.frontier.size, [digest.hex() for digest in tree.frontier.hashes]) != tree.kept:
            found.add("tree-altered", tree=tree.name, records=tree.frontier.size)
    await _compare_openings(reader, trees, len(gone), found)
    return Verdict(
        records=records,
        checkpoints=len(notes),
        anchored=len(held),
        retired=tuple(tree.name for tree, _ in gone),
        problems=tuple(found.listed),
    )


async def _trees(reader: Reader, found: "_Problems") -> list[_Tree]:
    """Their names are those that outsiders know: an origin is what was signed."""
    hashes = cast(audit_shard.c.hashes, Text).label("hashes")
    columns = audit_shard.c.name, audit_shard.c.origin, audit_shard.c.start, audit_shard.c.size
    trees = []
    for row in await reader.all(select(*columns, hashes).order_by(audit_shard.c.start)):
        name = FIRST if row["origin"] == FIRST_ORIGIN else row["origin"].rpartition("/")[2]
        if name != row["name"]:
            found.add("tree-altered", tree=name, records=row["size"])
        try:
            kept = msgspec.json.decode(row["hashes"], type=list[str])
        except msgspec.DecodeError:
            kept = []
        trees.append(_Tree(name, row["origin"], row["start"], (row["size"], kept), {}, Frontier(), Frontier()))
    return trees


class _Problems:
    def __init__(self) -> None:
        self.listed: list[Problem] = []

    def add(self, code: str, **params: str | int) -> None:
        problem = Problem(code, params)
        if len(self.listed) < PROBLEMS_KEPT and problem not in self.listed:
            self.listed.append(problem)


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
    told = await retired(reader)
    old = [tree for tree, after in pairwise(trees) if after.start <= beginning]
    while old and old[-1].name not in told:
        old.pop()
    return [(tree, told.get(tree.name)) for tree in old]


def _compare_retired(tree: _Tree, said: Retired | None, found: _Problems) -> None:
    size, root = _kept(tree)
    if said is not None and (size, root.hex()) != (said.size, said.root):
        found.add("tree-altered", tree=tree.name, records=said.size)
    for signed, head in tree.heads.items():
        if signed > size:
            found.add("records-missing", tree=tree.name, signed=signed, present=size)
        elif signed == size and head != root:
            found.add("head-differs", tree=tree.name, first=tree.start, last=tree.start + size - 1)


def _kept(tree: _Tree) -> tuple[int, bytes]:
    """Size and root that the database holds; no root: damaged."""
    size, hashes = tree.kept
    try:
        return size, Frontier(size, [bytes.fromhex(digest) for digest in hashes]).root()
    except (ValueError, TypeError):
        return size, b""


async def _recompute(reader: Reader, trees: list[_Tree], found: _Problems) -> int:
    """Recompute every tree from its records, and return how many records there are up to the first that is missing."""
    expected = first = trees[0].start if trees else 0
    lowest = await reader.scalar(select(func.min(audit_log.c.seq)))
    if lowest is not None and lowest < 0:
        found.add("record-foreign", seq=lowest)
    beginning = await _next(reader, -1)
    if beginning is None:
        return 0
    if beginning != first or not trees:
        found.add("record-missing", seq=first, next=beginning)
        return 0
    beyond = 1 + await reader.scalar(select(func.max(audit_log.c.seq)))
    ends = [*(min(tree.start, beyond) for tree in trees[1:]), beyond]
    plan = [(tree, stretch) for tree, end in zip(trees, ends, strict=True) for stretch in _stretches(tree, end)]
    async with aclosing(_results(reader, [stretch for _, stretch in plan])) as results:
        for tree, stretch in plan:
            result = await anext(results)
            _grow(tree, stretch, result, found)
            expected = stretch.first + result.present
            if expected < stretch.stop:
                found.add("record-missing", seq=expected, next=await _next(reader, expected) or beyond)
                break
    return expected - first


async def _results(reader: Reader, stretches: Sequence[Stretch]) -> AsyncGenerator[Recomputed]:
    if len(stretches) > FEW:
        with closing(in_workers(_source(reader.connection.engine.url), stretches)) as results:
            for result in results:
                yield result
        return
    raw = await reader.connection.get_raw_connection()
    driver: Any = raw.driver_connection
    of_server = reader.connection.dialect.name == "postgresql"
    for stretch in stretches:
        cursor = await driver.execute(question(stretch, of_server=of_server))
        yield recompute(await cursor.fetchall(), stretch)


def _source(url: URL) -> Source:
    if url.get_backend_name() == "sqlite":
        return Source(file=url.database or "")
    _, server = url.get_dialect()().create_connect_args(url)
    return Source(server=dict(server))


def _stretches(tree: _Tree, end: int) -> list[Stretch]:
    sizes = sorted(tree.heads)
    found = []
    for first in range(tree.start, end, PART):
        stop = min(first + PART, end)
        low, high = (bisect_right(sizes, seq - tree.start) for seq in (first, stop))
        found.append(Stretch(tree.start, first, stop, tuple(sizes[low:high])))
    return found


def _grow(tree: _Tree, stretch: Stretch, result: Recomputed, found: _Problems) -> None:
    """Let the tree grow by this stretch, and compare the heads that were signed within it."""
    for code, seq in result.problems:
        found.add(code, seq=seq)
    for size, edge in result.heads.items():
        if folded([*tree.parts.hashes, *edge]) != tree.heads.pop(size):
            found.add("head-differs", tree=tree.name, first=tree.start, last=tree.start + size - 1)
    edge = result.edge
    if result.present == PART:
        tree.parts.append(edge.pop())
    tree.frontier = Frontier(stretch.first + result.present - tree.start, [*tree.parts.hashes, *edge])


class _Opening(msgspec.Struct):
    """What the first record of a tree says of the tree before it; empty: nothing."""

    before: str = ""
    size: int = 0
    root: str = ""


class _Opened(msgspec.Struct):
    detail: _Opening


async def _compare_openings(reader: Reader, trees: list[_Tree], gone: int, found: _Problems) -> None:
    """A tree is closed by the next one, which says how it ended: that covers the records after its last signed head.

    Of the ``gone`` first trees there is only what the database kept."""
    for number, (before, after) in enumerate(pairwise(trees)):
        body = await reader.scalar(select(audit_log.c.body).where(audit_log.c.seq == after.start))
        if body is None:
            continue  # told as missing, or retired as well
        try:
            said = msgspec.json.decode(body, type=_Opened).detail
        except msgspec.DecodeError:
            continue  # told as altered
        size, root = _kept(before) if number < gone else (before.frontier.size, before.frontier.root())
        if before.start + size != after.start:
            found.add("tree-altered", tree=before.name, records=size)
        if said.before and (said.before, said.size, said.root) != (before.name, size, root.hex()):
            found.add("tree-altered", tree=before.name, records=size)


async def _next(reader: Reader, after: int) -> int | None:
    """The ``seq`` of the record that follows ``after``."""
    found: int | None = await reader.scalar(select(func.min(audit_log.c.seq)).where(audit_log.c.seq > after))
    return found
