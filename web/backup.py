"""A whole service put into one folder, and brought back from it.

backup-folder/
├── manifest.json      what is there: version, schema, head of the audit, size and SHA-256 of every file
├── database.…         one instant of the database (telepath/db/snapshot.py)
├── slides/…           every file of every slide that this instant knows, checked against its recorded digest
├── anchors/…          the signed checkpoints of the audit
└── keys.json          only when asked for: who holds it can sign a false audit

Slides never change once registered, so the database's instant decides which of them belong to the backup.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from telepath.actor import SYSTEM
from telepath.audit import parse_note
from telepath.db import audit_log, migrations, snapshot
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_tree
from telepath.db.schema.slides import slide
from telepath.errors import Invalid, NotFound, TelepathError, Unavailable
from telepath.slides.catalogue import files_key
from telepath.slides.ingest import digest_of
from telepath.storage import Storage, check_key
from web import keys
from web.settings import Settings
from web.words import Wording

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
KEYS: Final = "keys.json"
SLIDES: Final = "slides"
ANCHORS: Final = "anchors"
RESERVE: Final = 64 * 1024 * 1024
"""Bytes that must stay free on the disk beside what is written."""
CHUNK: Final = 1024 * 1024


class File(msgspec.Struct, frozen=True):
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    version: str
    made_at: datetime
    database: str
    """``sqlite`` or ``postgresql``: a backup goes back into the same kind."""
    revision: str
    records: int
    """Size of the sealed audit log, at the instant of the database."""
    audit_key: str
    """The public key, in hex, that checks the log's checkpoints."""
    slides: int
    damaged: tuple[str, ...]
    """Ids of slides whose files were missing, or were no longer what was registered."""
    files: dict[str, File]


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
    anchored: int
    """Size of the log that the newest checkpoint outside the backup was signed for; 0: there is none."""
    witnessed: datetime | None
    """When that checkpoint was written, as its file says."""
    set_aside: int
    """Checkpoints of the lost time, moved into a folder of their own among the anchors."""
    problems: tuple[str, ...]
    """What the verification of the audit found, in the words of telepath/db/audit_log.py."""

    @property
    def missing(self) -> int:
        """Audit records that once were signed, and that the backup does not have."""
        return max(0, self.anchored - self.records)

    @property
    def complete(self) -> bool:
        return not self.problems and not self.manifest.damaged


async def backup(settings: Settings, storage: Storage, target: Path, *, with_keys: bool = False) -> Made:
    """Write the whole service into the new folder ``target``, while it runs; all of it or nothing.

    Raises Invalid: ``target`` exists already; Unavailable: the disk is short, a program is missing, nothing answers."""
    if await asyncio.to_thread(os.path.lexists, target):
        raise Invalid("error-backup-target-exists")
    key = await asyncio.to_thread(keys.audit_key, settings)
    db = keys.database(settings)
    try:
        while await audit_log.seal(db):
            pass
        try:
            await audit_log.checkpoint(db, key, settings.anchors)
        except OSError as error:
            raise Unavailable("error-backup-anchors") from error
        await _room_for(await _needed(db), target.parent)
        async with _appearing_whole(target) as folder:
            if with_keys:
                await asyncio.to_thread(_write_keys, settings, folder)
            manifest = await _write(db, storage, settings, folder, key)
            text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
            await asyncio.to_thread(_write_file, folder / MANIFEST, text)
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
    kind of database, of a newer telepath, signed by another key, or the service is not empty; Unavailable: as ``backup``."""
    manifest = await asyncio.to_thread(_read_manifest, source)
    await _check_fits(settings, storage, manifest)
    await asyncio.to_thread(_place_keys, settings, source)
    key = await asyncio.to_thread(keys.audit_key, settings)
    public = key.public_key().public_bytes_raw()
    if public.hex() != manifest.audit_key:
        raise Invalid("error-restore-audit-key")
    await _put_slides(storage, source, manifest)
    try:
        await snapshot.read_back(settings.database_url, source)
        await migrations.upgrade(settings.database_url)
    except BaseException:
        await _forget_slides(storage, manifest)
        raise
    db = keys.database(settings)
    try:
        while await audit_log.seal(db):
            pass
        async with db.read() as reader:
            records = await reader.scalar(select(audit_tree.c.size)) or 0
        outside = await asyncio.to_thread(_witnesses, settings.anchors, public)
        lost = [path for size, path in outside.items() if size > records]
        newest = max(outside, default=0)
        witnessed = datetime.fromtimestamp(outside[newest].stat().st_mtime).astimezone() if outside else None
        await asyncio.to_thread(_set_aside, lost, settings.anchors / f"lost-{db.clock():%Y%m%dT%H%M%SZ}")
        await asyncio.to_thread(_bring_anchors, source, records, settings.anchors)
        verdict = await audit_log.verify(db, public, settings.anchors)
        restored = Restored(manifest, records, newest, witnessed, len(lost), verdict.problems)
        async with db.write(SYSTEM) as tx:
            await tx.audit(
                "backup.restored",
                outcome="failure" if verdict.problems else "success",
                made_at=manifest.made_at.isoformat(),
                records=records,
                anchored=newest,
                missing=restored.missing,
            )
        await audit_log.seal(db)
        await audit_log.checkpoint(db, key, settings.anchors)
    finally:
        await db.close()
    return restored


def made_lines(made: Made, t: Wording) -> list[str]:
    """What the command line says after a backup."""
    manifest = made.manifest
    size = sum(file.bytes for file in manifest.files.values())
    lines = [
        t("operations-backup-made", files=len(manifest.files), megabytes=round(size / 1e6), slides=manifest.slides),
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
    if restored.witnessed is None:
        lines.append(t("operations-restore-no-witness"))
    elif restored.missing:
        last = f"{restored.witnessed:%Y-%m-%d %H:%M %Z}"
        lines.append(t("operations-restore-missing", missing=restored.missing, anchored=restored.anchored, last=last))
        lines.append(t("operations-restore-set-aside", count=restored.set_aside))
    else:
        lines.append(t("operations-restore-nothing-missing", anchored=restored.anchored))
    lines += [t("operations-backup-damaged", slide=slide_id) for slide_id in manifest.damaged]
    if restored.problems:
        lines.append(t("operations-restore-audit-bad"))
        return lines + [f"  {problem}" for problem in restored.problems]
    return [*lines, t("operations-restore-audit-good")]


async def _needed(db: Database) -> int:
    async with db.read() as reader:
        slides = [int(row["bytes"]) for row in await reader.all(select(slide.c.bytes))]
    return sum(slides) + await snapshot.size(db)


async def _room_for(needed: int, folder: Path) -> None:
    await asyncio.to_thread(lambda: folder.mkdir(parents=True, exist_ok=True))
    free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    if free < needed + RESERVE:
        raise Unavailable("error-backup-disk-short", needed=round((needed + RESERVE) / 1e6), free=round(free / 1e6))


@asynccontextmanager
async def _appearing_whole(target: Path) -> AsyncIterator[Path]:
    """A folder to write into, which takes the name ``target`` when the block ends well, and vanishes when it does not."""
    folder = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    await asyncio.to_thread(folder.mkdir, mode=0o700)
    try:
        yield folder
        await asyncio.to_thread(_publish, folder, target)
    except OSError as error:
        raise Unavailable("error-backup-write-failed") from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _publish(folder: Path, target: Path) -> None:
    for inner, _, _ in os.walk(folder):
        _sync_folder(Path(inner))
    folder.rename(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _write(db: Database, storage: Storage, settings: Settings, folder: Path, key: Ed25519PrivateKey) -> Manifest:
    damaged: list[str] = []
    async with snapshot.written_out(db, folder) as reader:
        rows = await reader.all(select(slide.c.id, slide.c.folder, slide.c.digest).order_by(slide.c.id))
        records = await reader.scalar(select(audit_tree.c.size)) or 0
        notes = {row["size"]: row["note"] for row in await reader.all(select(audit_checkpoint))}
        revision = await snapshot.revision(reader)
    for row in rows:
        try:
            async with storage.fetch(row["folder"]) as files:
                await asyncio.to_thread(_copy_tree, files, folder / SLIDES / row["folder"])
        except NotFound:
            damaged.append(row["id"])
            continue
        if await asyncio.to_thread(_digest, folder / SLIDES / files_key(row["folder"])) != row["digest"]:
            damaged.append(row["id"])
    await asyncio.to_thread(_write_anchors, settings.anchors, notes, records, folder / ANCHORS)
    return Manifest(
        format=FORMAT,
        version=version("telepath-server"),
        made_at=db.clock(),
        database="sqlite" if db.is_sqlite else "postgresql",
        revision=revision,
        records=records,
        audit_key=key.public_key().public_bytes_raw().hex(),
        slides=len(rows),
        damaged=tuple(damaged),
        files=await asyncio.to_thread(_inventory, folder),
    )


def _digest(files: Path) -> str:
    measured = {
        path.relative_to(files).as_posix(): _measure(path).sha256 for path in files.rglob("*") if path.is_file()
    }
    return digest_of(measured)


def _copy_tree(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink():
            _copy(path, target / path.relative_to(source))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as old, target.open("xb") as new:
        shutil.copyfileobj(old, new, CHUNK)
        new.flush()
        os.fsync(new.fileno())


def _write_file(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write_keys(settings: Settings, folder: Path) -> None:
    held = {
        "secret_key": keys.capability_key(settings).hex(),
        "audit_key": keys.audit_key(settings).private_bytes_raw().hex(),
    }
    _write_file(folder / KEYS, msgspec.json.encode(held))


def _write_anchors(anchors: Path, notes: dict[int, str], records: int, folder: Path) -> None:
    """What the anchors hold, and what the database signed besides: the folder may have been out of reach for a while."""
    folder.mkdir(mode=0o700)
    for path in _signed_until(records, anchors):
        _copy(path, folder / path.name)
    for size, note in notes.items():
        path = folder / f"{size:012d}.note"
        if not path.exists():
            _write_file(path, note.encode())


def _signed_until(records: int, anchors: Path) -> list[Path]:
    """The files of the checkpoints that speak of no later log; the service signs on while it is backed up."""
    return [path for path in sorted(anchors.glob("*.note")) if path.stem.isdecimal() and int(path.stem) <= records]


def _inventory(folder: Path) -> dict[str, File]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): _measure(path) for path in paths}


def _measure(path: Path) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return File(os.fstat(file.fileno()).st_size, digest)


def _read_manifest(source: Path) -> Manifest:
    """Raises Invalid: no backup, or not whole: a file is missing, altered, or one too many."""
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        raise Invalid("error-restore-no-backup") from None
    if manifest.format != FORMAT:
        raise Invalid("error-restore-newer", version=manifest.version)
    for name, expected in manifest.files.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise Invalid("error-restore-no-backup")
        try:
            found = _measure(source / name)
        except OSError:
            raise Invalid("error-restore-file-missing", file=name) from None
        if found != expected:
            raise Invalid("error-restore-file-altered", file=name)
    there = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    strangers = there - set(manifest.files) - {MANIFEST}
    if strangers:
        raise Invalid("error-restore-file-stranger", file=min(strangers))
    return manifest


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


def _place_keys(settings: Settings, source: Path) -> None:
    """Keys that came with the backup go where generated ones lie, unless a setting or an older file is there."""
    if not (source / KEYS).exists():
        return
    held = msgspec.json.decode((source / KEYS).read_bytes(), type=dict[str, str])
    for name in keys.NAMES:
        if not getattr(settings, name):
            keys.place(keys.key_file(settings, name), held[name])


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


def _witnesses(anchors: Path, public_key: bytes) -> dict[int, Path]:
    """The checkpoints in ``anchors`` that our key signed, by the size of the log they speak of."""
    found = {}
    for path in anchors.glob("*.note"):
        with suppress(ValueError, InvalidSignature, OSError):
            note = parse_note(path.read_text())
            Ed25519PublicKey.from_public_bytes(public_key).verify(note.signature, note.text.encode())
            found[note.size] = path
    return found


def _set_aside(lost: list[Path], folder: Path) -> None:
    """The log goes on from the backup, so sizes will be signed again: the lost heads stay as evidence, apart."""
    for path in lost:
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)


def _bring_anchors(source: Path, records: int, anchors: Path) -> None:
    for path in _signed_until(records, source / ANCHORS):
        anchors.mkdir(parents=True, exist_ok=True)
        if not (anchors / path.name).exists():
            _copy(path, anchors / path.name)
