"""The state of the log for its readers: how far it is signed, who holds copies, what the last verification found; and the
verification itself."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import msgspec

from telepath import directory
from telepath.access import Allowed, ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.anchors import state as anchors
from telepath.anchors.model import tree_of
from telepath.anchors.state import Outside
from telepath.audit import AuditRecord, Note, extends, parse_note
from telepath.checkpoints import verified
from telepath.db import audit_check, audit_log, audit_retire, audit_search, audit_state
from telepath.db.audit_check import Problem, Verdict
from telepath.db.audit_log import Shard
from telepath.db.audit_search import Search
from telepath.db.audit_state import State
from telepath.db.transaction import Reader, Transaction
from telepath.errors import NotFound
from web import keys, outside
from web.services import Services
from web.settings import Settings

PROBLEMS_KEPT: Final = 20
OUTSIDE: Final = 60.0
"""Seconds that a verification takes to read what others hold."""
LATE: Final = timedelta(minutes=10)
"""After which a signature that has not come is said to be late."""

log = logging.getLogger("telepath.audit")


class Check(msgspec.Struct, frozen=True):
    """The last verification, as it was recorded."""

    record: AuditRecord
    by: str

    @property
    def problems(self) -> int:
        return int(self.record.detail.get("problems", self.record.outcome == "failure"))


class _Told(msgspec.Struct):
    """What a page reads of the record of a verification."""

    records: int = 0
    anchored: int = 0
    problems: int = 0
    first_problems: list[Problem] = []


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    state: State
    outside: Outside
    window: int
    """Seconds after which a head is signed, whatever came."""
    sealed: bool
    """False: nothing can be sealed, the kept tree was damaged."""
    late: bool
    """Records have waited for a signature for too long."""
    check: Check | None
    public_key: str
    """C2SP verifier key, for whoever checks our signatures."""


class Verified(Verdict, frozen=True, kw_only=True):
    """A verdict, and how far others would have noticed."""

    compared: dict[str, dict[str, int]]
    """Anchor → tree → size of the largest head that it showed; empty when anything is wrong."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint that somebody kept, against the log. ``code`` is worded by ``audit-compared-<code>``."""

    code: str
    """``same``, ``false`` (not one of ours), ``unknown`` (no such tree), ``missing`` (the log is shorter), ``differs``; of a
    tree that was retired ``retired-same``, ``retired-differs``, or ``retired``: only its end is kept."""
    tree: str = ""
    size: int = 0
    present: int = 0

    @property
    def title(self) -> str:
        """``good``, ``bad``, or ``retired``: nobody can tell here."""
        told = {"same": "good", "retired-same": "good", "retired": "retired"}
        return told.get(self.code, "bad")


async def chain(reader: Reader, made: Services, actor: Actor, *, sealed: bool) -> Chain:
    """``sealed``: whether the log could be sealed up to this moment."""
    state = await audit_state.state(reader)
    check = await _last_check(reader, made, actor)
    by = "" if check is None else await _name(reader, check.actor)
    key = await asyncio.to_thread(keys.public_key, made.settings)
    return Chain(
        state=state,
        outside=await anchors.state(reader),
        window=int(audit_log.SIGN_EVERY.total_seconds()),
        sealed=sealed,
        late=state.unsigned_since is not None and reader.now - state.unsigned_since > LATE,
        check=None if check is None else Check(check, by),
        public_key=str(key),
    )


async def _last_check(reader: Reader, made: Services, actor: Actor) -> AuditRecord | None:
    """None: there was none, or its record says nothing that can be read: ``record`` did not write it."""
    wanted = Search(institution=actor.institution_id, service=True, kinds=frozenset({"audit.verified"}))
    found = await audit_search.search(reader, made.db.keys, wanted, 1)
    try:
        msgspec.convert([one.record.detail for one in found], list[_Told])
    except msgspec.ValidationError:
        log.error("the record of the last verification of the audit cannot be read")
        return None
    return found[0].record if found else None


async def _name(reader: Reader, person_id: str) -> str:
    """Empty: the service itself, at the command line."""
    if person_id == SYSTEM.person_id:
        return ""
    found = (await directory.people(reader, [person_id])).get(person_id)
    return found.name if found else person_id


async def verify(settings: Settings, patience: float = OUTSIDE) -> Verified:
    """Recompute the whole log, with what others hold of it; ``patience``: seconds to read that."""
    return await asyncio.to_thread(_verify, settings, patience)


async def record(
    tx: Transaction, verdict: Verified, thing: ObjectRef | None = None, because: Allowed | None = None
) -> None:
    """Record that the log was verified, and what was found."""
    await tx.audit(
        "audit.verified",
        thing,
        because=because,
        outcome="failure" if verdict.problems else "success",
        records=verdict.records,
        checkpoints=verdict.checkpoints,
        anchored=verdict.anchored,
        compared=verdict.compared,
        problems=len(verdict.problems),
        first_problems=msgspec.to_builtins(verdict.problems[:PROBLEMS_KEPT]),
    )


def _verify(settings: Settings, patience: float) -> Verified:
    """Runs in a thread, with a connection and an event loop of its own: hashing a long log would hold up everybody else."""

    async def run() -> Verified:
        # Before the log is read: it must not be older than what it is compared with.
        held = await outside.notes(settings, patience)
        notes = dict.fromkeys(note for some in held.values() for note in some)
        db = keys.database(settings)
        try:
            async with db.read() as reader:
                public, years = keys.public_keys(settings), settings.audit_retention_years
                verdict = await audit_check.verify(reader, public, notes, retention=years)
                compared = {name: _largest(some) for name, some in held.items() if some and not verdict.problems}
                return Verified(**msgspec.structs.asdict(verdict), compared=compared)
        finally:
            await db.close()

    return asyncio.run(run())


def _largest(notes: Iterable[str]) -> dict[str, int]:
    """Tree → size of the largest of these heads, which all are ours."""
    found: dict[str, int] = {}
    for note in map(parse_note, notes):
        found[tree_of(note)] = max(found.get(tree_of(note), 0), note.size)
    return found


async def compare(reader: Reader, settings: Settings, note: str) -> Comparison:
    """Whether the log still begins with what this signed checkpoint says: by its signature, and by the tree's own hashes at
    that size. Raises Unavailable: the kept tree was damaged."""
    public = await asyncio.to_thread(keys.public_keys, settings)
    try:
        kept = verified(note.strip() + "\n", public)
    except ValueError:
        return Comparison(code="false")
    trees = {shard.origin: shard for shard in await audit_log.shards(reader)}
    tree = trees.get(kept.origin)
    if tree is None:
        return Comparison(code="unknown", tree=kept.origin, size=kept.size)
    return Comparison(code=await _compared(reader, tree, kept), tree=tree.name, size=kept.size, present=tree.size)


async def _compared(reader: Reader, tree: Shard, kept: Note) -> str:
    """The code of a ``Comparison`` with a tree that there is, or was."""
    if kept.size > tree.size:
        return "missing"
    if tree.name not in {shard.name for shard in await audit_retire.kept(reader)}:
        if kept.size < tree.size:
            return "retired"
        return "retired-same" if kept.root == tree.frontier.root() else "retired-differs"
    try:
        proof = await audit_log.consistency_proof(reader, tree, kept.size, tree.size)
    except (NotFound, ValueError):
        return "differs"
    return "same" if extends(kept.root, kept.size, tree.frontier.root(), tree.size, proof) else "differs"
