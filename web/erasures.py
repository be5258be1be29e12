"""The list of who was erased, outside the database and its backups: a restore of an older copy erases them again.

One file for each, ``<kind>-<identifier>.note``, signed with the key of the audit: no name stands in it, and nobody else can
add one. Files are added and never changed; the folder should lie where it survives the database (deploy/README.md)."""

import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.actor import Subject
from telepath.audit import VerifierKey, parse_signature
from telepath.cases.erasure import Erasure, Reason
from telepath.checkpoints import is_by, signed
from telepath.errors import Unavailable


class Read(msgspec.Struct, frozen=True):
    """What the list says. ``false``: names of files that none of our keys signed."""

    erasures: tuple[Erasure, ...]
    false: tuple[str, ...]


def add(folder: Path, key: Ed25519PrivateKey, log_name: str, erasure: Erasure) -> None:
    """Durable when it returns. Blocks. Raises Unavailable: the folder cannot be written."""
    subject = erasure.subject
    text = f"{log_name}/erasures\n{subject.kind} {subject.id}\n{erasure.reason}\n{erasure.at.astimezone(UTC).isoformat()}\n"
    path = folder / f"{subject.kind}-{subject.id}.note"
    partial = folder / f".{path.name}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with partial.open("x") as file:
            file.write(signed(key, log_name, text))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise Unavailable("error-erase-list") from error


def read(folder: Path, public_keys: Collection[bytes]) -> Read:
    """The whole list; empty when there is no such folder. Blocks."""
    found, false = [], []
    for path in sorted(folder.glob("*.note")):
        try:
            found.append(_read(path.read_text(), public_keys))
        except (ValueError, OSError):
            false.append(path.name)
    return Read(tuple(found), tuple(false))


def _read(note: str, public_keys: Collection[bytes]) -> Erasure:
    """Raises ValueError: not what ``add`` wrote with one of these keys."""
    text, _, tail = note.partition("\n\n")
    signature = parse_signature(tail)
    if not any(is_by(VerifierKey(signature.name, key), signature, f"{text}\n") for key in public_keys):
        raise ValueError("signed by nobody that we know")
    origin, subject, reason, at = text.split("\n")
    kind, key = subject.split(" ")
    if not origin.endswith("/erasures"):
        raise ValueError("not an erasure")
    return Erasure(Subject(kind, key), Reason(reason), datetime.fromisoformat(at))
