"""The checks of ``telepath check`` that concern the audit: its keys, its signatures, who outside holds copies of them, and
whether who was erased is gone."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from telepath.anchors import state as anchor_state
from telepath.audit import parse_note
from telepath.checkpoints import verified
from telepath.db import audit_log, snapshot
from telepath.db.audit_log import Checkpoint
from telepath.db.database import Database
from telepath.db.schema import audit as schema
from telepath.vault import KEY
from web import erasures, keys, startup_record
from web.findings import Result, State
from web.settings import Settings

UNSIGNED: Final = timedelta(minutes=5)
"""The running service signs the head of the audit every minute, and hands it out at once."""


async def audit(settings: Settings) -> list[Result]:
    """The newest checkpoint was signed by our key, and is young enough."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("audit", state, f"operations-check-audit-{finding}", params)]

    public = await asyncio.to_thread(keys.public_keys, settings)
    db = await _opened(settings)
    if db is None:
        return say(State.FAILED, "no-log")
    try:
        async with db.read() as reader:
            newest = await audit_log.newest_checkpoint(reader)
            starts = {tree.name: tree.start for tree in await audit_log.shards(reader)}
            signed = starts[newest.shard] + newest.size if newest and newest.shard in starts else 0
            log, pending = schema.audit_log, schema.audit_pending
            waiting_since: datetime | None = await reader.scalar(select(func.min(log.c.at)).where(log.c.seq >= signed))
            unsealed = await reader.scalar(select(func.count()).select_from(pending))
            now = reader.now
    except SQLAlchemyError:
        return say(State.FAILED, "no-log")
    finally:
        await db.close()
    if newest is not None and not _signed_by(newest.note, public[:1]):
        return say(State.FAILED, "other-key")
    if waiting_since is not None and now - waiting_since > UNSIGNED:
        minutes = int((now - waiting_since).total_seconds() // 60)
        return say(State.FAILED, "unsigned", minutes=minutes, unsealed=unsealed)
    return say(State.OK, "good", size=signed)


async def anchors(settings: Settings) -> list[Result]:
    """Whoever the settings name holds the newest head, as far as the database knows; nothing was found missing."""

    def say(state: State, finding: str, **params: Any) -> Result:
        return Result("anchors", state, f"operations-check-anchors-{finding}", params)

    db = await _opened(settings)
    if db is None:
        return [say(State.WARNING, "none")]
    try:
        async with db.read() as reader:
            outside = await anchor_state.state(reader)
            now = reader.now
    except SQLAlchemyError:
        return [say(State.WARNING, "none")]
    finally:
        await db.close()
    named = [holder for holder in outside.holders if holder.every is not None]
    results = [
        say(State.FAILED, "gap", tree=gap.tree, signed=gap.signed, present=gap.present, anchor=gap.anchor)
        for gap in outside.gaps
    ]
    results += [
        say(State.FAILED, "troubled", name=holder.name, attempts=holder.attempts, reason=holder.error)
        for holder in named
        if holder.error
    ]
    if not named:
        results.append(say(State.WARNING, "none"))
    elif outside.unheld_since is not None and now - outside.unheld_since > UNSIGNED and not results:
        minutes = int((now - outside.unheld_since).total_seconds() // 60)
        results.append(say(State.FAILED, "late", minutes=minutes))
    return results or [say(State.OK, "good", holders=len(named), size=outside.held)]


async def audit_keys(settings: Settings) -> list[Result]:
    """The vault's key opens what lies in the database, and every tree was last signed by a key that is known."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("keys", state, f"operations-check-keys-{finding}", params)]

    await startup_record.check_vault(settings)  # raises what is told of it
    public = await asyncio.to_thread(keys.public_key, settings)
    db = await _opened(settings)
    if db is None:
        return say(State.OK, "new", number=public.id.hex())
    try:
        async with db.read() as reader:
            trees = await audit_log.shards(reader)
            last = [await audit_log.newest_checkpoint(reader, tree.name) for tree in trees]
    except SQLAlchemyError:
        return say(State.OK, "new", number=public.id.hex())
    finally:
        await db.close()
    known = await asyncio.to_thread(keys.public_keys, settings)
    strange = [one for one in last if one is not None and not _signed_by(one.note, known)]
    if strange:
        return say(State.FAILED, "unknown", trees=", ".join(one.shard for one in strange), number=_signer(strange[-1]))
    return say(State.OK, "good", number=public.id.hex(), keys=len(known))


async def erased(settings: Settings) -> list[Result]:
    """Nothing is left of whom the list of erasures names, and nobody else put a name there."""

    def say(state: State, finding: str, **params: Any) -> Result:
        return Result("erasures", state, f"operations-check-erasures-{finding}", params)

    listed = await asyncio.to_thread(erasures.of, settings)
    results = [say(State.FAILED, "false", file=name) for name in listed.false]
    db = await _opened(settings)
    if db is not None:
        try:
            async with db.read() as reader:
                there = await erasures.standing(reader, listed.erasures)
        except SQLAlchemyError:
            return [*results, say(State.FAILED, "unknown")]
        finally:
            await db.close()
        if there:
            results.append(say(State.FAILED, "there", count=len(there)))
    return results or [say(State.OK, "good", count=len(listed.erasures))]


async def _opened(settings: Settings) -> Database | None:
    """None: there is nothing to look into. Nothing personal is read: any vault key will do, and none is made."""
    try:
        if await snapshot.is_empty(settings.database_url):
            return None
    except (SQLAlchemyError, OSError):
        return None
    return Database(settings.database_url, bytes(KEY))


def _signed_by(note: str, public_keys: Collection[bytes]) -> bool:
    try:
        verified(note, public_keys)
    except ValueError:
        return False
    return True


def _signer(checkpoint: Checkpoint) -> str:
    try:
        return parse_note(checkpoint.note).signatures[0].key_id.hex()
    except ValueError:
        return "–"
