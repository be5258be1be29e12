"""The list of who was erased, outside the database and its backups: whom an older copy brings back is erased again.

One file for each, ``<kind>-<identifier>.note``, signed with the key of the audit: no name stands in it, and nobody else can
add one. Files are added and never changed; the folder should lie where it survives the database (deploy/README.md)."""

import logging
import os
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, ProgrammingError

from auth import erasure as people
from telepath.actor import Actor, Subject
from telepath.audit import VerifierKey, parse_signature
from telepath.cases import erasure as cases
from telepath.cases.erasure import Erasure, Reason
from telepath.checkpoints import is_by, signed
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log, subject_key
from telepath.db.transaction import Reader
from telepath.errors import NotFound, TelepathError, Unavailable
from telepath.storage import Storage
from web import keys
from web.settings import Settings

ANEW: Final = "erased before; an older copy of the database came back"
"""The motive of an erasure that is done again."""
AT_ONCE: Final = 500
"""Erasures that are looked up by one query."""

log = logging.getLogger("telepath.erasures")


class Read(msgspec.Struct, frozen=True):
    """What the list says. ``false``: names of files that none of our keys signed."""

    erasures: tuple[Erasure, ...]
    false: tuple[str, ...]


class Again(msgspec.Struct, frozen=True):
    """What came of erasing again. ``left``: who is still there, and the log says why. ``leftovers`` and ``wiped`` as of one
    erasure (telepath/cases/erasure.py)."""

    done: int
    left: int
    leftovers: tuple[str, ...]
    wiped: bool

    @property
    def complete(self) -> bool:
        return not self.left and not self.leftovers and self.wiped


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


def of(settings: Settings) -> Read:
    """The list of this service. Blocks."""
    return read(settings.erasures, keys.public_keys(settings))


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


async def standing(reader: Reader, listed: Sequence[Erasure]) -> list[Erasure]:
    """Those of whom the database still holds something, their key at least: an older copy of it came back."""
    found = []
    for start in range(0, len(listed), AT_ONCE):
        some = listed[start : start + AT_ONCE]
        ids = [made.subject.id for made in some]
        alive = {Subject("case", key) for key in await cases.living(reader, ids)}
        alive |= {Subject("person", key) for key in await people.living(reader, ids)}
        held = select(subject_key.c.kind, subject_key.c.id).where(
            subject_key.c.id.in_(ids), subject_key.c.wrapped.is_not(None)
        )
        alive |= {Subject(row["kind"], row["id"]) for row in await reader.all(held)}
        found += [made for made in some if made.subject in alive]
    return found


async def again(db: Database, storage: Storage, actor: Actor, listed: Sequence[Erasure]) -> Again:
    """Erase whom this database still has, though they were erased; one who cannot be does not keep the others. A key that came
    with an older copy may be of before an erasure that the log knows of, and the list does not: it is destroyed in any case.

    Raises Unavailable: the database does not answer; ProgrammingError: this role may not."""

    async def known(_made: Erasure) -> None:
        pass

    async with db.read() as reader:
        there = await standing(reader, listed)
    done, leftovers, wiped = 0, list[str](), True
    for made in there:
        try:
            if made.subject.kind == "case":
                erased = await cases.erase_case(
                    db, storage, actor, made.subject.id, made.reason, ANEW, known, anew=True
                )
                leftovers += erased.leftovers
                wiped &= erased.wiped
            else:
                wiped &= await people.erase_person(db, actor, made.subject.id, made.reason, ANEW, known, anew=True)
            done += 1
        except NotFound:  # all but the key is gone
            continue
        except ProgrammingError:
            raise
        except (TelepathError, DBAPIError) as error:
            why = error.code if isinstance(error, TelepathError) else type(error).__name__
            log.error("somebody who was erased is there again, and could not be erased: %s", why)
    await _destroy_keys(db, actor, listed)
    async with db.read() as reader:
        left = await standing(reader, listed)
    return Again(done, len(left), tuple(leftovers), wiped)


async def _destroy_keys(db: Database, actor: Actor, listed: Sequence[Erasure]) -> None:
    async with db.write(actor, unaudited="what is destroyed was erased by its own record") as tx:
        columns = audit_log.c.object_kind, audit_log.c.object_id
        rows = await tx.all(select(*columns).where(audit_log.c.kind == "subject.erased"))
        subjects = {Subject(row["object_kind"], row["object_id"]) for row in rows} | {made.subject for made in listed}
        for subject in sorted(subjects, key=str):
            await tx.keys.destroy(tx.connection, tx.now, subject)
