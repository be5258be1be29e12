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
import shutil
import sys
import zipfile
from asyncio.subprocess import DEVNULL, PIPE
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ColumnElement, RowMapping, false, func, or_, select

from telepath.access import ObjectRef, institution_ref
from telepath.actor import Actor
from telepath.audit import ED25519, AuditRecord
from telepath.audit_event import audit_event
from telepath.audit_tree import WholeTree
from telepath.checkpoints import signed, signed_checkpoint, verified
from telepath.db import audit_log, audit_retire, audit_search
from telepath.db.audit_log import Shard
from telepath.db.audit_search import Entry, Search
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_shard
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.transaction import Reader
from telepath.errors import Invalid, Unavailable
from web import keys, verify_audit
from web.settings import Settings, old_keys
from web.whole_folder import appearing_whole

PAGE: Final = 2000
"""Records that are read at a time."""
VERIFIER: Final = Path(verify_audit.__file__)
EVERYTHING: Final = Search(everything=True)
README: Final = Path(__file__).with_name("audit_export_readme.txt")


class Selection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which records, and how they are told."""

    year: str = ""
    """Name of the tree, or the year of several."""
    search: Search = EVERYTHING
    """What the auditor's screens are asked: an export of one holds the records that it counts."""
    opened: bool = False
    """With the personal fields that the vault still opens."""
    checkpoints: tuple[str, ...] = ()
    """Signed heads that somebody kept: the export proves these too."""


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
    db: Database,
    settings: Settings,
    target: Path,
    selection: Selection,
    actor: Actor,
    things: Iterable[ObjectRef] = (),
    **said: Any,
) -> Exported:
    """Write the new folder ``target``; all of it or nothing. That ``actor`` exports is audited before the first byte: as told
    of each of ``things``, or of an institution, with what is ``said`` of it besides (as ``Transaction.audit``).

    Seals and signs first. Raises Invalid: ``target`` exists already, there is no such tree, or no record fits; Unavailable: the
    disk is short, the database does not answer, or records are missing."""
    if await asyncio.to_thread(os.path.lexists, target):
        raise Invalid("error-audit-export-target-exists")
    key = await asyncio.to_thread(keys.audit_key, settings)
    await _record(db, selection, actor, things, said)
    await audit_log.seal_all(db, settings.log_name)
    await audit_log.checkpoint(db, settings.log_name, key)
    async with appearing_whole(target, "error-audit-export-write") as folder:
        async with db.read() as reader:
            held = await asyncio.to_thread(_held, settings, selection.checkpoints)
            wanted = or_(false(), *await audit_search.parts(reader, selection.search))
            shards = await _chosen(reader, selection, wanted, {origin for origin, _ in held})
            files = await asyncio.to_thread(_Files, folder, opened=selection.opened)
            try:
                written = [
                    await _write_tree(db, reader, files, await _part(reader, settings, key, shard, held), wanted)
                    for shard in shards
                ]
            finally:
                await asyncio.to_thread(files.close)
        about = _about(selection, written, db.clock())
        exported = await asyncio.to_thread(_finish, folder, written, about, settings, key)
        problem = await refusal(folder, _public(settings), folder / VERIFIER.name)
    return msgspec.structs.replace(exported, problem=problem)


async def export_zip(
    db: Database,
    settings: Settings,
    path: Path,
    selection: Selection,
    actor: Actor,
    things: Iterable[ObjectRef] = (),
    **said: Any,
) -> Exported:
    """The same in one new ZIP file. Raises as ``export``."""
    inner = path.with_suffix("")
    exported = await export(db, settings, inner, selection, actor, things, **said)
    try:
        await asyncio.to_thread(_zip, inner, path)
    except OSError as error:
        raise Unavailable("error-audit-export-write") from error
    return exported


async def _record(
    db: Database, selection: Selection, actor: Actor, things: Iterable[ObjectRef], said: Mapping[str, Any]
) -> None:
    search = selection.search
    institution = search.institution or actor.institution_id
    given: dict[str, Any] = {
        "tree": selection.year,
        "since": search.since.isoformat() if search.since else "",
        "until": search.until.isoformat() if search.until else "",
        "person": next(iter(search.actors)) if search.actors and len(search.actors) == 1 else "",
        "opened": selection.opened,
    }
    given = {name: value for name, value in given.items() if value} | dict(said)
    async with db.write(actor) as tx:
        for thing in list(things) or [institution_ref(institution)]:
            await tx.audit("audit.exported", thing, format="ndjson", **given)


async def _chosen(
    reader: Reader, selection: Selection, wanted: ColumnElement[bool], origins: Collection[str]
) -> list[Shard]:
    """Every tree of the export, oldest first: from the first on that holds something that is ``wanted``, or is one of
    ``origins``."""
    shards = await audit_retire.kept(reader)
    if selection.year:
        shards = [
            shard for shard in shards if shard.name.partition("-")[0] == selection.year or shard.name == selection.year
        ]
        if not shards:
            raise Invalid("error-audit-export-year", year=selection.year)
    low, high, seq = shards[0].start, shards[-1].end, log_table.c.seq
    for shard in shards:
        present = select(func.count()).where(seq >= shard.start, seq < shard.end)
        if await reader.scalar(present) != shard.size:
            raise Unavailable("error-audit-tree", what="the tree of the audit")
    first = await reader.first(select(seq).where(wanted, seq >= low, seq < high).order_by(seq).limit(1))
    if first is None:
        raise Invalid("error-audit-export-empty")
    oldest = next(at for at, shard in enumerate(shards) if shard.end > first["seq"] or shard.origin in origins)
    return shards[oldest:]


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
    later = await reader.first(select(audit_shard.c.name).where(audit_shard.c.start >= shard.end))
    notes = {size: note for (origin, size), note in held.items() if origin == shard.origin and 0 < size <= tree.size}
    notes |= await _notes(reader, shard, await _sizes(reader, shard))
    size = max(notes, default=0)
    if later is not None and size < tree.size:
        # It was closed between two signatures; the next tree names this end, and now it has a head of its own.
        size = tree.size
        root = await asyncio.to_thread(tree.root, size)
        notes[size] = signed_checkpoint(key, settings.log_name, shard.origin, size, root)
    return _Part(shard, size, tree, notes)


async def _sizes(reader: Reader, shard: Shard) -> list[int]:
    """Of the signed heads those that are exported: of each day the last, of the newest day all."""
    of_day: dict[date, list[int]] = {}
    heads = await reader.connection.stream(
        select(audit_checkpoint.c.at, audit_checkpoint.c.size)
        .where(audit_checkpoint.c.shard == shard.name, audit_checkpoint.c.size <= shard.size)
        .order_by(audit_checkpoint.c.size)
    )
    async for page in heads.partitions(20_000):
        for at, size in page:
            of_day.setdefault(at.date(), []).append(size)
    last = {sizes[-1] for sizes in of_day.values()}
    return sorted(last.union(of_day[max(of_day)] if of_day else ()))


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


async def _write_tree(
    db: Database, reader: Reader, files: _Files, part: _Part, wanted: ColumnElement[bool]
) -> _Written:
    written, log = 0, log_table.c
    first, end = part.shard.start, part.shard.start + part.size
    # Stretches of the log, and not so many records at a time: of those the database would sort all that fit, each time.
    for start in range(first, end, PAGE):
        stretch = select(log.seq, log.body).where(log.seq >= start, log.seq < min(start + PAGE, end))
        rows = await reader.all(stretch.where(or_(wanted, log.seq == first)).order_by(log.seq))
        if rows:
            opened = await _opened(db, reader, rows) if files.opened is not None else {}
            await asyncio.to_thread(_write_page, files, part, rows, opened)
            written += len(rows)
    await asyncio.to_thread(_write_heads, files, part)
    return _Written(written, part.size, len(part.notes))


async def _opened(db: Database, reader: Reader, rows: Iterable[RowMapping]) -> dict[int, dict[str, Any]]:
    """What the vault says of each record: ``actor`` and ``case``; under ``erased``, which of the two it opens no more."""
    records = ((row["seq"], _read(row["body"])) for row in rows)
    entries = [Entry(seq, record, b"") for seq, record in records if record is not None]
    told: dict[int, dict[str, Any]] = {}
    for one in await audit_search.opened(reader, db.keys, entries):
        fields = {"actor": one.of_actor, "case": one.of_case}
        erased = [name for name, value in fields.items() if value is None]
        told[one.seq] = {"seq": one.seq} | {name: value for name, value in fields.items() if value}
        if erased:
            told[one.seq]["erased"] = erased
    return told


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


async def refusal(folder: Path, public: str, program: Path) -> str:
    """Why the verifier does not accept the folder; empty: it does. ``program``: the verifier in it, or ours for a folder that
    came from elsewhere. In a process of its own, as outsiders run it: some 0.2 ms of pure Python a record would keep
    everybody waiting in this one."""
    verifier = await asyncio.create_subprocess_exec(
        sys.executable, "-I", program, folder, public, stdout=DEVNULL, stderr=PIPE
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
    asked = msgspec.to_builtins(msgspec.structs.replace(selection, checkpoints=()), order="deterministic")
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


def _zip(folder: Path, path: Path) -> None:
    """Blocks."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"audit-export/{file.relative_to(folder).as_posix()}")
    shutil.rmtree(folder)
