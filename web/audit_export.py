"""Writes a part of the audit, or all of it, into a folder that an outsider can check with nothing but Python.

export-folder/
├── README.txt           how it is checked, in French and in English
├── verify_audit.py      the verifier (web/verify_audit.py), standard library only
├── manifest.note        SHA-256 of every other file, as a note signed by the log
├── records.ndjson       the exact bytes that are sealed, a record a line
├── proofs.ndjson        for each record, in the same order: that it is in the newest of its tree (RFC 6962 2.1.1)
├── checkpoints/…        signed tree heads (C2SP signed notes): of each day the last, of the newest day all
├── consistency.ndjson   that each of these heads is the beginning of the newest of its tree (RFC 6962 2.1.2)
├── fhir.ndjson          the same records as FHIR R4 AuditEvents (IHE BALP)
└── opened.ndjson        only when asked for: what the vault still opens of each record

Whatever is asked for, the first record of each tree is there from the first tree that holds something on: it names the tree
before, so that the newest head speaks for all of them.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
import sys
import zipfile
from asyncio.subprocess import DEVNULL, PIPE
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ColumnElement, RowMapping, and_, or_, select, true

from telepath.access import Allowed, ObjectRef
from telepath.actor import Actor
from telepath.audit import ED25519, AuditRecord
from telepath.audit_event import audit_event
from telepath.audit_tree import WholeTree
from telepath.checkpoints import signed, signed_checkpoint, verified
from telepath.db import audit_log
from telepath.db.audit_log import Shard
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_shard
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.transaction import Reader
from telepath.errors import Invalid, Unavailable
from telepath.vault import Vault
from web import keys, verify_audit
from web.settings import Settings, old_keys

PAGE: Final = 2000
"""Records in memory at a time."""
VERIFIER: Final = Path(verify_audit.__file__)
README: Final = Path(__file__).with_name("audit_export_readme.txt")


class Selection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which records. Empty or ``None``: not asked; nothing asked: all of them. Every condition must hold."""

    year: str = ""
    """Name of the tree, or the year of several."""
    since: datetime | None = None
    until: datetime | None = None
    """Instants; ``until`` is excluded."""
    case_id: str = ""
    person_id: str = ""
    """What this person did."""
    institution_id: str = ""
    """What this institution owns, or what its members did; not what was refused to them elsewhere when a case is asked for."""
    opened: bool = False
    """With the personal fields that the vault still opens."""
    checkpoints: tuple[str, ...] = ()
    """Signed heads that somebody kept: the export proves these too."""

    def condition(self) -> ColumnElement[bool]:
        log = log_table.c
        found: ColumnElement[bool] = true()
        if self.since is not None:
            found = and_(found, log.at >= self.since)
        if self.until is not None:
            found = and_(found, log.at < self.until)
        if self.person_id:
            found = and_(found, log.actor == self.person_id)
        if self.case_id:
            found = and_(found, or_(log.case_id == self.case_id, log.object_id == self.case_id))
        if self.institution_id:
            found = and_(found, or_(log.owner == self.institution_id, log.institution == self.institution_id))
        if self.institution_id and self.case_id:
            found = and_(found, or_(log.owner == self.institution_id, log.outcome != "refused"))
        return found


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds. ``digest``: SHA-256 of its manifest, in hex; written down elsewhere, it proves the whole."""

    records: int
    trees: int
    checkpoints: int
    bytes: int
    digest: str
    problem: str = ""
    """Why the verifier that lies in the folder does not accept it; empty: it does."""


class _Part(msgspec.Struct, frozen=True):
    """What of one tree goes into the export: up to ``size`` leaves, the newest signed head."""

    shard: Shard
    size: int
    tree: WholeTree
    notes: dict[int, str]
    """Signed heads, by size; ``size`` among them."""


class _Written(msgspec.Struct, frozen=True):
    """How much of one tree was written, and how much there is."""

    records: int
    size: int
    checkpoints: int


async def export(
    db: Database, settings: Settings, target: Path, selection: Selection, actor: Actor, because: Allowed | None = None
) -> Exported:
    """Write the new folder ``target``; all of it or nothing. That ``actor`` exports is audited before the first byte.

    Seals and signs first. Raises Invalid: ``target`` exists already, there is no such tree, or no record fits; Unavailable: the
    disk is short, the database does not answer, or the kept tree was damaged."""
    if await asyncio.to_thread(os.path.lexists, target):
        raise Invalid("error-audit-export-target-exists")
    key = await asyncio.to_thread(keys.audit_key, settings)
    await _record(db, selection, actor, because)
    await audit_log.seal_all(db, settings.log_name)
    await audit_log.checkpoint(db, settings.log_name, key)
    try:
        async with _appearing_whole(target) as folder:
            async with db.read() as reader:
                shards, held = await _chosen(reader, settings, selection)
                files = await asyncio.to_thread(_Files, folder, opened=selection.opened)
                try:
                    written = [
                        await _write_tree(db, reader, files, await _part(reader, settings, key, shard, held), selection)
                        for shard in shards
                    ]
                finally:
                    await asyncio.to_thread(files.close)
            exported = await asyncio.to_thread(
                _finish, folder, written, _about(selection, written, db.clock()), settings, key
            )
            problem = await _refusal(folder, _public(settings))
    except OSError as error:
        raise Unavailable("error-audit-export-write") from error
    return msgspec.structs.replace(exported, problem=problem)


async def export_zip(
    db: Database, settings: Settings, folder: Path, selection: Selection, actor: Actor, because: Allowed | None = None
) -> Path:
    """The same in one ZIP file in ``folder``, which the caller removes. Raises as ``export``."""
    inner, path = folder / "audit-export", folder / "audit-export.zip"
    await export(db, settings, inner, selection, actor, because)
    await asyncio.to_thread(_zip, inner, path)
    return path


async def _record(db: Database, selection: Selection, actor: Actor, because: Allowed | None) -> None:
    institution = selection.institution_id or actor.institution_id
    given: dict[str, Any] = {
        "tree": selection.year,
        "since": selection.since.isoformat() if selection.since else "",
        "until": selection.until.isoformat() if selection.until else "",
        "person": selection.person_id,
        "opened": selection.opened,
    }
    async with db.write(actor) as tx:
        await tx.audit(
            "audit.exported",
            ObjectRef("institution", institution, institution),
            because=because,
            case_id=selection.case_id,
            format="ndjson",
            **{name: value for name, value in given.items() if value},
        )


async def _chosen(
    reader: Reader, settings: Settings, selection: Selection
) -> tuple[list[Shard], dict[tuple[str, int], str]]:
    """Every tree of the export, oldest first; and the heads that somebody kept, as ``_held`` gives them."""
    shards = [shard for shard in await audit_log.shards(reader) if await _present(reader, shard)]
    if selection.year:
        shards = [
            shard for shard in shards if shard.name.partition("-")[0] == selection.year or shard.name == selection.year
        ]
        if not shards:
            raise Invalid("error-audit-export-year", year=selection.year)
    low, high = (shards[0].start, shards[-1].end) if shards else (0, 0)
    seq = log_table.c.seq
    first = await reader.first(select(seq).where(selection.condition(), seq >= low, seq < high).order_by(seq).limit(1))
    if first is None:
        raise Invalid("error-audit-export-empty")
    held = await asyncio.to_thread(_held, settings, selection.checkpoints)
    origins = {origin for origin, _ in held}
    oldest = next(at for at, shard in enumerate(shards) if shard.end > first["seq"] or shard.origin in origins)
    return shards[oldest:], held


async def _present(reader: Reader, shard: Shard) -> bool:
    """Not retired as a whole."""
    return await reader.first(select(log_table.c.seq).where(log_table.c.seq == shard.start)) is not None


def _held(settings: Settings, notes: Iterable[str]) -> dict[tuple[str, int], str]:
    """Signed heads by origin and size. Raises Invalid: one is not ours."""
    try:
        parsed = {note: verified(note, keys.public_keys(settings)) for note in notes}
    except ValueError:
        raise Invalid("error-audit-export-checkpoint") from None
    return {(one.origin, one.size): note for note, one in parsed.items()}


async def _part(
    reader: Reader, settings: Settings, key: Ed25519PrivateKey, shard: Shard, held: Mapping[tuple[str, int], str]
) -> _Part:
    log, leaves = log_table.c, bytearray()
    rows = await reader.connection.stream(
        select(log.leaf).where(log.seq >= shard.start, log.seq < shard.end).order_by(log.seq)
    )
    async for page in rows.partitions(20_000):
        leaves += b"".join(row[0] for row in page)
    tree = await asyncio.to_thread(WholeTree, bytes(leaves))
    heads = await reader.all(
        select(audit_checkpoint.c.size, audit_checkpoint.c.at)
        .where(audit_checkpoint.c.shard == shard.name, audit_checkpoint.c.size <= tree.size)
        .order_by(audit_checkpoint.c.size)
    )
    if tree.size != shard.size:
        raise Unavailable("error-audit-tree", what="the tree of the audit")
    later = await reader.first(select(audit_shard.c.name).where(audit_shard.c.start >= shard.end))
    days = {row["at"].date(): row["size"] for row in heads}
    sizes = set(days.values()) | {row["size"] for row in heads if row["at"].date() == max(days)}
    notes = {size: note for (origin, size), note in held.items() if origin == shard.origin and 0 < size <= tree.size}
    notes |= await _notes(reader, shard, sorted(sizes))
    size = max(notes, default=0)
    if later is not None and size < tree.size:
        # It was closed between two signatures; the next tree names this end, and now it has a head of its own.
        size = tree.size
        root = await asyncio.to_thread(tree.root, size)
        notes[size] = signed_checkpoint(key, settings.log_name, shard.origin, size, root)
    return _Part(shard, size, tree, notes)


async def _notes(reader: Reader, shard: Shard, sizes: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(sizes), 500):
        rows = await reader.all(
            select(audit_checkpoint.c.size, audit_checkpoint.c.note).where(
                audit_checkpoint.c.shard == shard.name, audit_checkpoint.c.size.in_(sizes[start : start + 500])
            )
        )
        found |= {row["size"]: row["note"] for row in rows}
    return found


class _Files:
    """The files that grow by lines, and the folder of the heads."""

    def __init__(self, folder: Path, *, opened: bool) -> None:
        self.checkpoints = folder / "checkpoints"
        self.checkpoints.mkdir()
        self.consistency = (folder / "consistency.ndjson").open("xb")
        self.records = (folder / "records.ndjson").open("xb")
        self.proofs = (folder / "proofs.ndjson").open("xb")
        self.fhir = (folder / "fhir.ndjson").open("xb")
        self.opened = (folder / "opened.ndjson").open("xb") if opened else None

    def close(self) -> None:
        for file in (self.records, self.proofs, self.fhir, self.consistency, self.opened):
            if file is not None:
                file.close()


async def _write_tree(db: Database, reader: Reader, files: _Files, part: _Part, selection: Selection) -> _Written:
    written, log = 0, log_table.c
    start, end = part.shard.start, part.shard.start + part.size
    wanted = or_(selection.condition(), log.seq == start)
    while True:
        page = select(log.seq, log.body).where(wanted, log.seq >= start, log.seq < end)
        rows = await reader.all(page.order_by(log.seq).limit(PAGE))
        opened = await _opened(db, reader, rows) if files.opened is not None else {}
        await asyncio.to_thread(_write_page, files, part, rows, opened)
        written += len(rows)
        if len(rows) < PAGE:
            break
        start = rows[-1]["seq"] + 1
    await asyncio.to_thread(_write_heads, files, part)
    return _Written(written, part.size, len(part.notes))


async def _opened(db: Database, reader: Reader, rows: Iterable[RowMapping]) -> dict[int, dict[str, Any]]:
    """What the vault says of each record: ``actor`` and ``case``; under ``erased``, which of the two it opens no more."""
    records = {row["seq"]: record for row in rows if (record := _read(row["body"])) is not None}
    subjects = {one.actor_subject for one in records.values() if one.actor_private}
    subjects |= {one.case_subject for one in records.values() if one.case_private}
    held = await db.keys.of(reader.connection, subjects)
    told: dict[int, dict[str, Any]] = {}
    for seq, record in records.items():
        line = told[seq] = {"seq": seq}
        for name, subject, text in (
            ("actor", record.actor_subject, record.actor_private),
            ("case", record.case_subject, record.case_private),
        ):
            if text:
                fields = _fields(held.get(subject), record.id, text)
                line |= {name: fields} if fields else {"erased": [*line.get("erased", []), name]}
    return told


def _fields(key: bytes | None, record_id: str, text: str) -> dict[str, Any]:
    try:
        return Vault.opened(key, record_id, text) if key else {}
    except ValueError:
        return {}


def _read(body: str) -> AuditRecord | None:
    """None: altered in the database; the verifier will say so."""
    try:
        return msgspec.json.decode(body, type=AuditRecord)
    except msgspec.DecodeError:
        return None


def _write_page(files: _Files, part: _Part, rows: Iterable[RowMapping], opened: Mapping[int, dict[str, Any]]) -> None:
    origin = part.shard.origin
    for row in rows:
        seq, body = row["seq"], row["body"]
        index = seq - part.shard.start
        files.records.write(body.encode() + b"\n")
        files.proofs.write(
            _line({"index": index, "origin": origin, "path": _base64(part.tree.inclusion(index, part.size))})
        )
        told = opened.get(seq, {})
        if (record := _read(body)) is not None:
            files.fhir.write(_line(audit_event(record, seq, origin, told.get("actor"))))
        if files.opened is not None:
            files.opened.write(_line(told or {"seq": seq}))


def _write_heads(files: _Files, part: _Part) -> None:
    for size, note in sorted(part.notes.items()):
        (files.checkpoints / f"{part.shard.name}-{size:012d}.note").write_text(note)
        if size < part.size:
            files.consistency.write(_line(_consistency(part, size)))


def _finish(
    folder: Path,
    written: list[_Written],
    asked: Mapping[str, Any],
    settings: Settings,
    key: Ed25519PrivateKey,
) -> Exported:
    """Write what is not a line a record, and sign the list of all. Blocks."""
    shutil.copyfile(VERIFIER, folder / VERIFIER.name)
    (folder / "README.txt").write_text(README.read_text().replace("{key}", _public(settings)))
    listed = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{settings.log_name} export 1", _line(asked).decode().rstrip("\n")]
    lines += [f"{_digest(folder / name)}  {name}" for name in listed]
    manifest = signed(key, settings.log_name, "\n".join(lines) + "\n").encode()
    (folder / "manifest.note").write_bytes(manifest)
    return Exported(
        records=asked["records"],
        trees=len(written),
        checkpoints=sum(tree.checkpoints for tree in written),
        bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        digest=hashlib.sha256(manifest).hexdigest(),
    )


def _public(settings: Settings) -> str:
    """The KEY of the verifier: the present key, and those before it."""
    return ",".join(str(one) for one in [keys.public_key(settings), *old_keys(settings)] if one.kind == ED25519)


async def _refusal(folder: Path, public: str) -> str:
    """Why the verifier does not accept the folder; empty: it does. In a process of its own, as outsiders
    run it: some 0.2 ms of pure Python a record would keep everybody waiting in this one."""
    verifier = await asyncio.create_subprocess_exec(
        sys.executable, "-I", folder / VERIFIER.name, folder, public, stdout=DEVNULL, stderr=PIPE
    )
    try:
        _, said = await verifier.communicate()
    except BaseException:  # nobody waits for it any more
        verifier.kill()
        await verifier.wait()
        raise
    if verifier.returncode == 0:
        return ""
    return said.decode(errors="replace").strip().rpartition("\n")[2].removeprefix("ValueError: ")


def _consistency(part: _Part, size: int) -> dict[str, Any]:
    """RFC 9162 2.1.4.2, step 2: of a power of two the proof begins with the old head itself; here it always stands there."""
    path = part.tree.consistency(size, part.size)
    if size & (size - 1) == 0:
        path.insert(0, part.tree.root(size))
    return {"old": size, "origin": part.shard.origin, "path": _base64(path)}


def _about(selection: Selection, written: list[_Written], now: datetime) -> dict[str, Any]:
    """The line of the manifest that says what this is."""
    asked = msgspec.to_builtins(msgspec.structs.replace(selection, checkpoints=()))
    records = sum(tree.records for tree in written)
    return {
        "asked": asked,
        "complete": records == sum(tree.size for tree in written),
        "made": now.isoformat(timespec="seconds"),
        "records": records,
    }


def _line(value: Mapping[str, Any]) -> bytes:
    return _encoder.encode(value) + b"\n"


_encoder: Final = msgspec.json.Encoder(order="sorted")


def _base64(hashes: Iterable[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@asynccontextmanager
async def _appearing_whole(target: Path) -> AsyncIterator[Path]:
    """A folder to write into, which takes the name ``target`` when the block ends well, and vanishes when it does not."""
    folder = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
    try:
        yield folder
        await asyncio.to_thread(_publish, folder, target)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _publish(folder: Path, target: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)
    folder.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _zip(folder: Path, path: Path) -> None:
    """Blocks."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"audit-export/{file.relative_to(folder).as_posix()}")
    shutil.rmtree(folder)
