"""A whole service put into one folder, and brought back from it.

What lies in that folder: web/backup_folder.py. Slides never change once registered, so the database's instant decides which of
them belong to the backup. Who was erased stays erased: a restore does anew what the list outside says (web/erasures.py).
"""

import asyncio
import hashlib
import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import RowMapping, func, insert, or_, select, tuple_
from sqlalchemy.exc import DBAPIError

from telepath.actor import SYSTEM
from telepath.anchors import comparison
from telepath.anchors.gaps import Gap
from telepath.anchors.model import note_name
from telepath.audit import Note
from telepath.cases.attachments import page_key
from telepath.checkpoints import verified
from telepath.db import audit_check, audit_log, migrations, roles, snapshot
from telepath.db.audit_check import Problem
from telepath.db.database import Database
from telepath.db.schema.audit import audit_anchor, audit_checkpoint, subject_key
from telepath.db.schema.cases import attachment, held_slide
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, TelepathError, Unavailable
from telepath.slides.catalogue import INDEX, files_key
from telepath.slides.ingest import digest_of
from telepath.storage import Storage, check_key
from web import backup_apart, backup_folder, erasures, keys, outside
from web.backup_folder import ANCHORS, CHUNK, FORMAT, MANIFEST, SLIDES, Manifest, SubjectKey
from web.settings import Settings
from web.whole_folder import appearing_whole
from web.words import Wording

RESERVE: Final = 64 * 1024 * 1024
"""Bytes that must stay free on the disk beside what is written."""

log = logging.getLogger("telepath.backup")


class Made(msgspec.Struct, frozen=True):
    """What a backup holds. ``digest`` is the SHA-256 of its manifest: written down elsewhere, it proves the whole."""

    manifest: Manifest
    digest: str
    with_keys: bool

    @property
    def complete(self) -> bool:
        return not self.manifest.damaged


class Restored(msgspec.Struct, frozen=True):
    """What came back, and what the audit's outside witnesses say of it."""

    manifest: Manifest
    records: int
    missing: int
    """Audit records that once were signed, and that the backup does not have."""
    anchored: int
    """How many records the newest checkpoints outside were signed for, over all trees; 0: there is none."""
    lost_at: datetime | None
    """Since when somebody outside holds the newest checkpoint of the lost time, as far as it is known."""
    set_aside: int
    """Checkpoints of the lost time, moved into a folder of their own among the anchors."""
    problems: tuple[Problem, ...]
    """What the verification of the audit found."""
    erased: int = 0
    """Erasures of later than the backup, done again."""
    absent: tuple[str, ...] = ()
    """Slides that stayed in a bucket, and are not in that of this service."""
    still_there: int = 0
    """Those that could not be done again: somebody who was erased is back."""
    false_erasures: tuple[str, ...] = ()
    """Files of the list of erasures that none of our keys signed."""

    @property
    def complete(self) -> bool:
        lost = self.manifest.damaged or self.absent
        return not (self.problems or lost or self.false_erasures or self.still_there)


async def backup(settings: Settings, storage: Storage, target: Path, *, with_keys: bool = False) -> Made:
    """Write the whole service into the new folder ``target``, while it runs; all of it or nothing.

    Raises Invalid: ``target`` exists already; Unavailable: the disk is short, a program is missing, nothing answers."""
    if await asyncio.to_thread(os.path.lexists, target):
        raise Invalid("error-backup-target-exists")
    key = await asyncio.to_thread(keys.audit_key, settings)
    db = keys.database(settings)
    try:
        await audit_log.seal_all(db, settings.log_name)
        await audit_log.checkpoint(db, settings.log_name, key)
        await _room_for(await _needed(db, storage), target.parent)
        async with appearing_whole(target, "error-backup-write-failed") as folder:
            manifest = await _write(db, storage, folder, key)
            if storage.copied_apart:
                manifest = msgspec.structs.replace(manifest, slides_in=settings.storage_url)
            if with_keys:  # after the database: what it tells was written under keys that there are by now
                await asyncio.to_thread(backup_folder.write_keys, settings, await _vault(db), folder)
            text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
            await asyncio.to_thread(backup_folder.write, folder / MANIFEST, text)
            digest = hashlib.sha256(text).hexdigest()
            async with db.write(SYSTEM) as tx:
                await tx.audit(
                    "backup.made",
                    digest=digest,
                    records=manifest.records,
                    slides=manifest.slides,
                    damaged=len(manifest.damaged),
                    keys=with_keys,
                )
    finally:
        await db.close()
    return Made(manifest, digest, with_keys)


async def restore(settings: Settings, storage: Storage, source: Path) -> Restored:
    """Bring the backup in the folder ``source`` back into an empty service, then verify its audit.

    Nothing is written before every file was compared with the manifest. Raises Invalid: not a backup, damaged, of another
    kind of database, of a newer telepath, signed by another key, or the service is not empty; Unavailable: as ``backup``, or
    ``error-restore-unfinished``: the database is back, and what must follow failed."""
    manifest = await asyncio.to_thread(backup_folder.read_manifest, source)
    vault = await asyncio.to_thread(backup_folder.read_vault, source)
    await _check_fits(settings, storage, manifest)
    await asyncio.to_thread(backup_folder.place_keys, settings, source)
    key = await asyncio.to_thread(keys.audit_key, settings)
    if key.public_key().public_bytes_raw().hex() != manifest.audit_key:
        raise Invalid("error-restore-audit-key")
    await _put_slides(storage, source, manifest)
    try:
        await snapshot.read_back(settings.migrations_url, source)
        await migrations.upgrade(settings.migrations_url)
        await roles.give(settings.migrations_url, settings.database_url)
    except BaseException:
        await _forget_slides(storage, manifest)
        raise
    try:
        return await _finish(settings, storage, source, manifest, vault)
    except (TelepathError, DBAPIError, OSError) as error:
        log.exception("the restore is not finished")
        raise Unavailable("error-restore-unfinished") from error


async def _finish(
    settings: Settings, storage: Storage, source: Path, manifest: Manifest, vault: list[SubjectKey]
) -> Restored:
    """All that comes after the database: keys of the vault, the log in a new tree, erasures of later than the backup."""
    db = Database(settings.migrations_url, keys.vault_key(settings))
    try:
        await _put_vault(db, vault)
        await audit_log.seal_all(db, settings.log_name)
        restored = await _compared(db, settings, manifest)
        await asyncio.to_thread(_bring_anchors, source / ANCHORS, settings.anchors)
        async with db.write(SYSTEM) as tx:
            await tx.audit(
                "backup.restored",
                outcome="failure" if restored.problems else "success",
                made_at=manifest.made_at.isoformat(),
                records=restored.records,
                anchored=restored.anchored,
                missing=restored.missing,
            )
        listed = await asyncio.to_thread(erasures.of, settings)
        again = await erasures.again(db, storage, SYSTEM, listed.erasures)
        absent = await _absent(db, storage) if manifest.slides_in else []
        await audit_log.seal_all(db, settings.log_name)
        await audit_log.checkpoint(db, settings.log_name, await asyncio.to_thread(keys.audit_key, settings))
    finally:
        await db.close()
    return msgspec.structs.replace(
        restored, erased=again.done, still_there=again.left, false_erasures=listed.false, absent=tuple(absent)
    )


def made_lines(made: Made, t: Wording) -> list[str]:
    """What the command line says after a backup."""
    manifest = made.manifest
    size = sum(file.bytes for file in manifest.files.values())
    lines = [
        t("operations-backup-made", files=len(manifest.files), megabytes=round(size / 1e6), slides=manifest.slides),
        *([t("operations-backup-apart")] if manifest.slides_in else []),
        t("operations-backup-audit", records=manifest.records),
        t("operations-backup-digest", digest=made.digest),
        t("operations-backup-with-keys" if made.with_keys else "operations-backup-without-keys"),
    ]
    return lines + [t("operations-backup-damaged", slide=slide_id) for slide_id in manifest.damaged]


def restored_lines(restored: Restored, t: Wording) -> list[str]:
    """What the command line says after a restore."""
    manifest = restored.manifest
    lines = [
        t("operations-restore-done", made=f"{manifest.made_at:%Y-%m-%d %H:%M} UTC", slides=manifest.slides),
        t("operations-restore-records", records=restored.records),
    ]
    if not restored.anchored:
        lines.append(t("operations-restore-no-witness"))
    elif restored.missing:
        last = f"{restored.lost_at.astimezone():%Y-%m-%d %H:%M %Z}" if restored.lost_at else "?"
        lines.append(t("operations-restore-missing", missing=restored.missing, anchored=restored.anchored, last=last))
        if restored.set_aside:
            lines.append(t("operations-restore-set-aside", count=restored.set_aside))
    else:
        lines.append(t("operations-restore-nothing-missing", anchored=restored.anchored))
    lines += [t("operations-backup-damaged", slide=slide_id) for slide_id in manifest.damaged]
    lines += [t("operations-restore-absent", slide=slide_id) for slide_id in restored.absent]
    if restored.erased:
        lines.append(t("erase-again-done", count=restored.erased))
    if restored.still_there:
        lines.append(t("erase-again-left", count=restored.still_there))
    lines += [t("operations-restore-erasure-false", file=name) for name in restored.false_erasures]
    if restored.problems:
        lines.append(t("operations-restore-audit-bad"))
        return lines + [f"  {t(f'audit-problem-{problem.code}', **problem.params)}" for problem in restored.problems]
    return [*lines, t("operations-restore-audit-good")]


async def _needed(db: Database, storage: Storage) -> int:
    if storage.copied_apart:
        return await snapshot.size(db)
    async with db.read() as reader:
        slides = [int(row["bytes"]) for row in await reader.all(select(slide.c.bytes))]
    return sum(slides) + await snapshot.size(db)


async def _room_for(needed: int, folder: Path) -> None:
    await asyncio.to_thread(lambda: folder.mkdir(parents=True, exist_ok=True))
    free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    if free < needed + RESERVE:
        raise Unavailable("error-backup-disk-short", needed=round((needed + RESERVE) / 1e6), free=round(free / 1e6))


async def _write(db: Database, storage: Storage, folder: Path, key: Ed25519PrivateKey) -> Manifest:
    damaged: list[str] = []
    async with snapshot.written_out(db, folder) as reader:
        rows = await reader.all(
            select(slide.c.id, slide.c.folder, slide.c.digest).where(slide.c.folder != "").order_by(slide.c.id)
        )
        beside = await _beside(reader)
        kept_apart = await backup_apart.registered(reader)
        sizes = {shard.origin: shard.size for shard in await audit_log.shards(reader)}
        heads = await _heads(reader)
        revision = await snapshot.revision(reader)
    if storage.copied_apart:
        damaged += await backup_apart.missing(storage, kept_apart, beside)
        beside = {}
    for row in rows if not storage.copied_apart else ():
        try:
            async with storage.fetch(row["folder"]) as files:
                await asyncio.to_thread(backup_folder.copy_tree, files, folder / SLIDES / row["folder"])
        except NotFound:
            damaged.append(row["id"])
            continue
        if await asyncio.to_thread(_digest, folder / SLIDES / files_key(row["folder"])) != row["digest"]:
            damaged.append(row["id"])
    for identifier, (kept, files_of) in beside.items():
        try:
            async with storage.fetch(kept) as files:
                await asyncio.to_thread(backup_folder.copy_tree, files, folder / SLIDES / kept)
        except NotFound:
            damaged.append(identifier)
            continue
        copied = await asyncio.to_thread(backup_folder.inventory, folder / SLIDES / kept)
        if not files_of <= copied.keys():
            damaged.append(identifier)
    await asyncio.to_thread(_write_anchors, heads, folder / ANCHORS)
    return Manifest(
        format=FORMAT,
        version=version("telepath-server"),
        made_at=db.clock(),
        database="sqlite" if db.is_sqlite else "postgresql",
        revision=revision,
        records=sum(sizes.values()),
        audit_key=key.public_key().public_bytes_raw().hex(),
        slides=len(rows),
        damaged=tuple(damaged),
        files=await asyncio.to_thread(backup_folder.inventory, folder),
    )


async def _absent(db: Database, storage: Storage) -> list[str]:
    async with db.read() as reader:
        slides, beside = await backup_apart.registered(reader), await _beside(reader)
    return await backup_apart.missing(storage, slides, beside)


async def _beside(reader: Reader) -> dict[str, tuple[str, set[str]]]:
    """Held slides and attachments: identifier → where the files lie, and which there must be at least."""
    found: dict[str, tuple[str, set[str]]] = {}
    for row in await reader.all(select(held_slide.c.id, held_slide.c.folder).where(held_slide.c.folder != "")):
        found[row["id"]] = row["folder"], {INDEX}
    columns = attachment.c.id, attachment.c.folder, attachment.c.pages
    for row in await reader.all(select(*columns).where(attachment.c.folder != "")):
        pages = range(1, len(row["pages"]) + 1)
        found[row["id"]] = row["folder"], {page_key("", number).lstrip("/") for number in pages}
    return found


def _digest(files: Path) -> str:
    return digest_of({name: file.sha256 for name, file in backup_folder.inventory(files).items()})


async def _vault(db: Database) -> list[SubjectKey]:
    async with db.read() as reader:
        return [SubjectKey(**dict(row)) for row in await reader.all(select(subject_key))]


async def _put_vault(db: Database, vault: list[SubjectKey]) -> None:
    if vault:
        async with db.write(SYSTEM, unaudited="the restore is audited as a whole") as tx:
            await tx.execute(insert(subject_key), [msgspec.structs.asdict(row) for row in vault])


async def _compared(db: Database, settings: Settings, manifest: Manifest) -> Restored:
    """Say what others hold of later than this copy of the log, let it go on in a new tree, and verify what there is.

    In the same tree it might sign heads that contradict those of the lost time, wherever these may be held."""
    of = await asyncio.to_thread(outside.log_of, settings)
    before = await _sizes(db)
    gaps: list[Gap] = []
    async with outside.anchors(settings) as anchors:
        for anchor in anchors:
            try:
                gaps += await comparison.compare(db, anchor, of)
            except TelepathError as error:
                log.warning("the audit could not be compared with %s: %s", anchor.name, error.code)
        texts = await comparison.outside_notes(anchors)
    held = {text: note for text in texts if (note := _ours(text, of.public_keys)) is not None}
    newest: dict[str, int] = {}
    for note in held.values():
        newest[note.origin] = max(newest.get(note.origin, 0), note.size)
    missing = sum(max(0, size - before.get(origin, 0)) for origin, size in newest.items())
    if await _sizes(db) == before:
        taken = [origin.rpartition("/")[2] for origin in newest]
        async with db.write(SYSTEM, unaudited="the first record of the tree says why") as tx:
            await audit_log.open_shard(tx, settings.log_name, "restored", taken=taken)
    async with db.read() as reader:
        known = [text for text, note in held.items() if note.size <= before.get(note.origin, 0)]
        verdict = await audit_check.verify(reader, of.public_keys, known, retention=settings.audit_retention_years)
    return Restored(
        manifest=manifest,
        records=sum(before.values()),
        missing=missing,
        anchored=sum(newest.values()),
        lost_at=max((gap.held_at for gap in gaps if gap.held_at is not None), default=None),
        set_aside=await asyncio.to_thread(_set_aside, settings, before, f"lost-{db.clock():%Y%m%dT%H%M%SZ}"),
        problems=verdict.problems,
    )


async def _sizes(db: Database) -> dict[str, int]:
    """Origin of each tree → how many records it has."""
    async with db.read() as reader:
        return {shard.origin: shard.size for shard in await audit_log.shards(reader)}


def _ours(text: str, public_keys: Sequence[bytes]) -> Note | None:
    with suppress(ValueError):
        return verified(text, public_keys)
    return None


def _set_aside(settings: Settings, sizes: Mapping[str, int], name: str) -> int:
    """Move the heads of the lost time out of the anchors' folders, one level down, where nobody compares with them any more;
    returns how many. From a folder in which nothing can be moved they are not: each verification then tells of them."""
    moved = 0
    public = keys.public_keys(settings)
    for folder in (address.folder for address in settings.anchor_addresses):
        for path in folder.glob("[0-9]*/*.note") if folder is not None else ():
            with suppress(OSError):
                note = _ours(path.read_text(), public)
                if folder is not None and note is not None and note.size > sizes.get(note.origin, 0):
                    there = folder / name / path.relative_to(folder)
                    there.parent.mkdir(parents=True, exist_ok=True)
                    path.rename(there)
                    moved += 1
    return moved


async def _heads(reader: Reader) -> list[RowMapping]:
    """The newest signed head of each tree, and those that the service knows to be held outside."""
    newest = select(audit_checkpoint.c.shard, func.max(audit_checkpoint.c.size)).group_by(audit_checkpoint.c.shard)
    place = tuple_(audit_checkpoint.c.shard, audit_checkpoint.c.size)
    held = select(audit_anchor.c.shard, audit_anchor.c.size)
    return await reader.all(select(audit_checkpoint).where(or_(place.in_(newest), place.in_(held))))


def _write_anchors(heads: Iterable[RowMapping], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for head in heads:
        backup_folder.write(folder / head["shard"] / note_name(head["size"]), head["note"].encode())


async def _check_fits(settings: Settings, storage: Storage, manifest: Manifest) -> None:
    kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if manifest.database != kind:
        raise Invalid("error-restore-other-database", made=manifest.database, here=kind)
    if not snapshot.is_known(manifest.revision):
        raise Invalid("error-restore-newer", version=manifest.version)
    if not await snapshot.is_empty(settings.database_url):
        raise Invalid("error-restore-not-empty")
    for key in _slide_keys(manifest):
        with suppress(NotFound):
            await storage.size(check_key(key))
            raise Invalid("error-restore-not-empty")
    await _room_for(sum(file.bytes for file in manifest.files.values()), settings.data)


def _slide_keys(manifest: Manifest) -> list[str]:
    return [name.removeprefix(f"{SLIDES}/") for name in manifest.files if name.startswith(f"{SLIDES}/")]


async def _put_slides(storage: Storage, source: Path, manifest: Manifest) -> None:
    try:
        for key in _slide_keys(manifest):
            await storage.put_stream(key, _chunks(source / SLIDES / key))
    except BaseException:
        await _forget_slides(storage, manifest)
        raise


async def _forget_slides(storage: Storage, manifest: Manifest) -> None:
    for prefix in {key.split("/")[0] for key in _slide_keys(manifest)}:
        with suppress(TelepathError):
            await storage.delete(prefix)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


def _bring_anchors(source: Path, anchors: Path) -> None:
    """What the backup has and the folder outside does not: it may have been lost with the rest."""
    for path in source.glob("*/*.note"):
        with suppress(OSError):
            if not (anchors / path.relative_to(source)).exists():
                backup_folder.copy(path, anchors / path.relative_to(source))
