"""Writes a part of the audit, or all of it, into a folder that an outsider can check with nothing but Python.

export-folder/
├── README.txt           how it is checked, in French and in English
├── verify_audit.py      the verifier (web/verify_audit.py), standard library only
├── manifest.note        SHA-256 of every other file, as a note signed by the log
├── records.ndjson       the exact bytes that are sealed, a record a line
├── proofs.ndjson        for each record, in the same order: that it is in its tree (RFC 6962)
├── checkpoints/…        signed tree heads (C2SP signed notes)
├── consistency.ndjson   that each of these heads is the beginning of the newest of its tree
├── fhir.ndjson          the same records as FHIR R4 AuditEvents (IHE BALP)
└── opened.ndjson        only when asked for: what the vault still opens of each record
"""

from datetime import datetime
from pathlib import Path

import msgspec

from telepath.actor import Actor
from telepath.db.database import Database
from web.settings import Settings


class Selection(msgspec.Struct, frozen=True, kw_only=True):
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


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds. ``digest``: SHA-256 of its manifest, in hex; written down elsewhere, it proves the whole."""

    records: int
    trees: int
    checkpoints: int
    bytes: int
    digest: str


async def export(db: Database, settings: Settings, target: Path, selection: Selection, actor: Actor) -> Exported:
    """Write the new folder ``target``; all of it or nothing. That ``actor`` exports is audited before the first byte.

    Seals and signs first. Raises Invalid: ``target`` exists already, there is no such tree, or no record fits; Unavailable: the
    disk is short, the database does not answer, or the kept tree was damaged."""
    raise NotImplementedError


async def export_zip(db: Database, settings: Settings, folder: Path, selection: Selection, actor: Actor) -> Path:
    """The same in one ZIP file in ``folder``, which the caller removes. Raises as ``export``."""
    raise NotImplementedError
