"""The files of a backup's folder: what is written is durable, what is read was compared with the manifest.

backup-folder/
├── manifest.json      what is there: version, schema, size of the audit, size and SHA-256 of every file but the keys
├── database.…         one instant of the database, without the vault's keys (telepath/db/snapshot.py)
├── slides/…           every file of every slide that this instant knows, checked against its recorded digest; not those in
│                      a bucket
├── anchors/…          signed heads of the audit, the newest of each tree at least: <tree>/<size>.note
├── keys.json          only when asked for: who holds it can sign a false audit
└── vault.json         with it: the wrapped keys of the vault, without which personal fields of the audit cannot be read

The two files of keys are not in the manifest: they may be kept apart, and replaced by those of a later backup.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from telepath.errors import Invalid
from web import keys
from web.settings import Settings

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
KEYS: Final = "keys.json"
VAULT: Final = "vault.json"
SLIDES: Final = "slides"
ANCHORS: Final = "anchors"
APART: Final = frozenset({MANIFEST, KEYS, VAULT})
"""What the manifest does not list."""
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
    """How many the sealed audit log held, over all its trees, at the instant of the database."""
    audit_key: str
    """The public key, in hex, that checks the log's checkpoints."""
    slides: int
    damaged: tuple[str, ...]
    """Ids of slides whose files were missing, or were no longer what was registered."""
    slides_in: str = ""
    """The bucket in which the slides stay: it has copies of its own, and there are none here."""
    files: dict[str, File]


class SubjectKey(msgspec.Struct, frozen=True):
    """A row of subject_key. ``wrapped`` in base64; None: destroyed."""

    kind: str
    id: str
    wrapped: bytes | None
    made_at: datetime
    destroyed_at: datetime | None


def write_keys(settings: Settings, vault: Sequence[SubjectKey], folder: Path) -> None:
    held = {
        "secret_key": keys.capability_key(settings).hex(),
        "audit_key": keys.audit_key(settings).private_bytes_raw().hex(),
        "vault_key": keys.vault_key(settings).hex(),
    }
    write(folder / KEYS, msgspec.json.encode(held))
    write(folder / VAULT, msgspec.json.encode(vault))


def place_keys(settings: Settings, source: Path) -> None:
    """Keys that came with the backup go where generated ones lie, unless a setting or an older file is there."""
    if not (source / KEYS).exists():
        return
    held = msgspec.json.decode((source / KEYS).read_bytes(), type=dict[str, str])
    for name in keys.NAMES:
        given = getattr(settings, name) or (name == "vault_key" and settings.vault_key_file)
        if name in held and not given:
            keys.place(keys.key_file(settings, name), held[name])


def read_vault(source: Path) -> list[SubjectKey]:
    """The wrapped keys that came with the backup; none: it was made without keys. Raises Invalid: not what was written."""
    try:
        return msgspec.json.decode((source / VAULT).read_bytes(), type=list[SubjectKey])
    except FileNotFoundError:
        return []
    except msgspec.DecodeError:
        raise Invalid("error-restore-file-altered", file=VAULT) from None


def read_manifest(source: Path) -> Manifest:
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
            found = measure(source / name)
        except OSError:
            raise Invalid("error-restore-file-missing", file=name) from None
        if found != expected:
            raise Invalid("error-restore-file-altered", file=name)
    there = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    strangers = there - set(manifest.files) - APART
    if strangers:
        raise Invalid("error-restore-file-stranger", file=min(strangers))
    return manifest


def inventory(folder: Path) -> dict[str, File]:
    """Every file below ``folder``, but those that stand apart."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: measure(path) for name, path in found.items() if name not in APART}


def measure(path: Path) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return File(os.fstat(file.fileno()).st_size, digest)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as old, target.open("xb") as new:
        shutil.copyfileobj(old, new, CHUNK)
        new.flush()
        os.fsync(new.fileno())


def copy_tree(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink():
            copy(path, target / path.relative_to(source))


def write(path: Path, data: bytes) -> None:
    """A new file, for this user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
