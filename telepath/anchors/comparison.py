"""Compares the log with what anchors hold: when a node starts, and when an anchor refuses what does not go on from there.

A log that is shorter than a head held outside, or another one, is never sealed on under the same name: what is missing is
recorded, and a new tree begins (gaps.py)."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Final, Self

import msgspec
from sqlalchemy import select

from telepath.actor import SYSTEM
from telepath.anchors import gaps
from telepath.anchors.gaps import Gap
from telepath.anchors.model import TREE, Anchor, Head, Held, tree_of, troubled
from telepath.audit import extends, parse_note
from telepath.background import Background
from telepath.checkpoints import verified
from telepath.db import audit_log, audit_retire
from telepath.db.audit_log import Shard
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.transaction import Reader
from telepath.errors import NotFound, TelepathError, Unavailable

PATIENCE: Final = 3.0
"""Seconds that a start waits for anchors."""
AGAIN: Final = 60.0
"""Seconds until one that did not answer is asked again."""
BEHIND: Final = 500
"""Heads of one tree that are read behind those that we never signed."""
BEHIND_FOR: Final = 20.0
"""Seconds that this may take for all trees of an anchor."""

log = logging.getLogger("telepath.anchors")


class Log(msgspec.Struct, frozen=True):
    """Whose heads are compared: the name under which they are signed, and the keys of it, the present one first."""

    name: str
    public_keys: Sequence[bytes]


class StartComparison:
    """``async with StartComparison(…)``: compares with every anchor. The block begins once each was asked, or after PATIENCE
    seconds; who did not answer by then is asked again and again while it lasts."""

    def __init__(self, db: Database, anchors: Iterable[Anchor], of: Log) -> None:
        self._db = db
        self._anchors = tuple(anchors)
        self._log = of
        self._background = Background()

    async def __aenter__(self) -> Self:
        asked = [asyncio.Event() for _ in self._anchors]
        for anchor, event in zip(self._anchors, asked, strict=True):
            self._background.start(self._until_compared(anchor, event), f"compare {anchor.name}")
        try:
            async with asyncio.timeout(PATIENCE):
                for event in asked:
                    await event.wait()
        except TimeoutError:
            log.warning("not every anchor of the audit answers; the start goes on, and compares with them later")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()

    async def _until_compared(self, anchor: Anchor, asked: asyncio.Event) -> None:
        while True:
            try:
                await compare(self._db, anchor, self._log)
            except Unavailable as error:
                log.warning("the audit could not be compared with %s: %s", anchor.name, error.code)
            except TelepathError as error:
                log.error("the audit could not be compared with %s: %s", anchor.name, error.code)
            except Exception:
                log.exception("the audit could not be compared with %s", anchor.name)
            else:
                return
            finally:
                asked.set()
            await asyncio.sleep(AGAIN)


async def compare(db: Database, anchor: Anchor, of: Log) -> list[Gap]:
    """Compare the log with the newest heads of ours that ``anchor`` holds, and record what is missing; what was recorded
    before is returned too. Raises what ``newest`` and ``held`` raise; Invalid: it shows a head that we never signed, and was
    compared as far as it goes."""
    async with db.read() as reader:
        trees = await audit_log.shards(reader)
        heads = [head for tree in trees if (head := await newest_head(db, reader, tree.name)) is not None]
    held = await anchor.newest(heads) or ()
    outside = [_tree_name(one.origin, of) for one in held]
    ours = [one for one in held if _is_ours(one, of)]
    false = {tree_of(parse_note(one.note)) for one in held if one not in ours}
    gaps = [gap for one in ours if (gap := await found(db, anchor.name, one, of, outside)) is not None]
    if false:
        known = {tree.name for tree in trees}
        for one in await _newest_of_ours(anchor, of, sorted(false, key=lambda name: name not in known)):
            await found(db, anchor.name, one, of, outside)
        raise troubled("false")
    return gaps


async def found(db: Database, anchor: str, held: Held, of: Log, outside: Iterable[str] = ()) -> Gap | None:
    """Compare one tree with what ``anchor`` holds of it; a gap is recorded, once. None: the log has all of it, or it is another
    log's. ``outside``: the names of all trees that it holds. Raises Invalid: a head that we never signed."""
    if not _is_ours(held, of):
        raise troubled("false")
    async with db.read() as reader:
        gap = await _gap(reader, anchor, held, of)
    if gap is None:
        return None
    async with db.write(SYSTEM, unaudited="of several nodes one records it") as tx:
        await audit_log.alone(tx)
        gap = await _gap(tx, anchor, held, of)
        if gap is not None:
            await gaps.record(tx, of.name, gap, outside)
    return gap


async def newest_head(db: Database, reader: Reader, tree: str) -> Head | None:
    """The newest signed head of this tree; None: it has none yet."""
    checkpoint = await audit_log.newest_checkpoint(reader, tree)
    if checkpoint is None:
        return None

    async def prove(old: int) -> Sequence[bytes]:
        async with db.read() as later:
            shard = next(one for one in await audit_log.shards(later) if one.name == tree)
            return await audit_log.consistency_proof(later, shard, old, checkpoint.size)

    return Head(shard=tree, note=checkpoint.note, at=checkpoint.at, prove=prove)


async def shown(anchors: Sequence[Anchor], within: float = 60.0) -> dict[str, list[str]]:
    """Anchor → every head that it holds and can show, the newest first, as far as it gives them in ``within`` seconds: what a
    verification is compared with. Who does not answer is passed over, and the service's log says so."""
    notes = await asyncio.gather(*(_notes_of(anchor, within) for anchor in anchors))
    return dict(zip((anchor.name for anchor in anchors), notes, strict=True))


async def outside_notes(anchors: Sequence[Anchor], within: float = 60.0) -> list[str]:
    """What all of them show, each head once."""
    return list(dict.fromkeys(note for some in (await shown(anchors, within)).values() for note in some))


async def _notes_of(anchor: Anchor, within: float) -> list[str]:
    notes: list[str] = []
    try:
        async with asyncio.timeout(within):
            async for note in anchor.held():
                notes.append(note)
    except (TelepathError, TimeoutError) as error:
        log.warning("%s did not show all that it holds: %s", anchor.name, type(error).__name__)
    return notes


async def _newest_of_ours(anchor: Anchor, of: Log, trees: Iterable[str]) -> list[Held]:
    """Of each of these trees the largest head that we signed, behind those that we did not: as far as ``BEHIND`` heads of each
    tree, and ``BEHIND_FOR`` seconds, go. A verification reads all."""
    found: list[Held] = []
    try:
        async with asyncio.timeout(BEHIND_FOR):
            for tree in trees:
                one = await _largest_of_ours(anchor, of, tree)
                found += [one] if one else []
    except TimeoutError:
        log.warning("%s holds too many heads that we never signed to read behind them", anchor.name)
    return found


async def _largest_of_ours(anchor: Anchor, of: Log, tree: str) -> Held | None:
    read = 0
    async for text in anchor.held(tree):
        note = parse_note(text)
        held = Held(origin=note.origin, size=note.size, note=text)
        if _is_ours(held, of):
            return held
        read += 1
        if read == BEHIND:
            break
    return None


def _is_ours(held: Held, of: Log) -> bool:
    """False: it shows a note, and we never signed it."""
    if not held.note:
        return True
    try:
        verified(held.note, of.public_keys)
    except ValueError:
        return False
    return True


def _tree_name(origin: str, of: Log) -> str:
    return origin.removeprefix(f"{of.name}/")


async def _gap(reader: Reader, anchor: str, held: Held, of: Log) -> Gap | None:
    """Raises Unavailable: the kept tree was damaged."""
    tree = next((one for one in await audit_log.shards(reader) if one.origin == held.origin), None)
    name = tree.name if tree else _tree_name(held.origin, of)
    if not TREE.fullmatch(name):
        log.warning("%s holds heads of another log: %s", anchor, held.origin)
        return None
    present = tree.size if tree else 0
    if tree is None or held.size > present or held.refuses:
        differs = held.size <= present
    elif held.note and not await _goes_on(reader, tree, held, of):
        differs = True
    else:
        return None
    return Gap(tree=name, signed=held.size, present=present, differs=differs, anchor=anchor, held_at=held.at)


async def _goes_on(reader: Reader, tree: Shard, held: Held, of: Log) -> bool:
    """Whether the tree, as it is kept, begins with what ``held`` was signed for; `telepath audit verify` computes it anew."""
    first = await reader.scalar(select(log_table.c.seq).where(log_table.c.seq == tree.start))
    if first is None and tree.name not in {one.name for one in await audit_retire.kept(reader)}:
        return True  # retired as a whole: only its last head is left
    read = verified(held.note, of.public_keys)
    try:
        proof = await audit_log.consistency_proof(reader, tree, read.size, tree.size)
    except NotFound:  # a kept subtree is gone
        return False
    return extends(read.root, read.size, tree.frontier.root(), tree.size, proof)
