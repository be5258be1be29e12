"""``telepath audit export``: a folder of the audit that an outsider can check."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from telepath.access import ObjectRef, institution_ref
from telepath.actor import Actor
from telepath.cases.model import NUMBER_LIMIT
from telepath.cases.wording import plain
from telepath.db.audit_search import Search
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.directory import institution
from telepath.errors import Invalid, NotFound
from web import keys
from web.audit_export import Selection, export
from web.commands_directory import read_finess
from web.settings import Settings
from web.words import Wording

NOTE_LIMIT: Final = 65_536
"""Characters of a signed head, with the lines of very many witnesses."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, help="a new folder, which an outsider checks with the verify_audit.py in it"
    )
    parser.add_argument("--year", default="", help="only this year's tree, whole")
    parser.add_argument("--since", default="", help="date, or date and time; UTC if it names no zone")
    parser.add_argument("--until", default="", help="the same; excluded")
    parser.add_argument("--institution", default="", help="FINESS number: what is its own, and what its members did")
    parser.add_argument("--case", default="", help="the case's number in --institution")
    parser.add_argument("--person", default="", help="identifier of a person, as the trail has it: what they did")
    parser.add_argument("--open", action="store_true", help="with names, addresses and typed text, where not erased")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        default=[],
        help="signed heads that the outsider kept: proven too, even when only a part of the trail is exported",
    )


async def run(
    db: Database, settings: Settings, actor: Actor, wanted: argparse.Namespace, t: Wording
) -> tuple[bool, list[str]]:
    """Export, and say so. Returns whether the verifier accepts it. Raises as ``export``; NotFound: what is asked for."""
    place = await _place(db, wanted)
    things = [place] if place else []
    exported = await export(db, settings, wanted.folder, await _selection(wanted, place), actor, things)
    counts = {"records": exported.records, "checkpoints": exported.checkpoints, "trees": exported.trees}
    said = [
        t("command-audit-exported", **counts, megabytes=round(exported.bytes / 1e6)),
        t("command-audit-export-digest", digest=exported.digest),
        t("command-audit-export-key", key=str(await asyncio.to_thread(keys.public_key, settings))),
    ]
    if exported.problem:
        said.append(t("command-audit-export-bad", problem=exported.problem))
    return not exported.problem, said


async def _selection(wanted: argparse.Namespace, place: ObjectRef | None) -> Selection:
    person = plain(wanted.person, field="--person", limit=26)
    return Selection(
        year=plain(wanted.year, field="--year", limit=20),
        search=Search(
            everything=place is None or place.kind == "case",
            institution=place.id if place and place.kind == "institution" else "",
            places=frozenset({place.id}) if place and place.kind == "case" else None,
            actors=frozenset({person}) if person else None,
            since=_instant(wanted.since, "--since"),
            until=_instant(wanted.until, "--until"),
        ),
        opened=wanted.open,
        checkpoints=tuple([await asyncio.to_thread(_note, path) for path in wanted.checkpoint]),
    )


def _note(path: Path) -> str:
    """The beginning of a file; what is no signed head is found out later."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(NOTE_LIMIT)


async def _place(db: Database, wanted: argparse.Namespace) -> ObjectRef | None:
    """The case of --case, or the institution of --institution alone; None: neither."""
    if not wanted.institution:
        if wanted.case:
            raise Invalid("error-audit-export-case-where")
        return None
    finess = read_finess(wanted.institution)
    number = plain(wanted.case, field="--case", limit=NUMBER_LIMIT)
    async with db.read() as reader:
        place = await reader.first(select(institution.c.id).where(institution.c.finess == finess))
        if place is None:
            raise NotFound("error-audit-export-institution", institution=finess)
        if not number:
            return institution_ref(place["id"])
        found = await reader.first(
            select(case.c.id).where(case.c.institution_id == place["id"], case.c.number == number)
        )
    if found is None:
        raise NotFound("error-case-unknown", number=number, institution=finess)
    return ObjectRef("case", found["id"], place["id"], case_id=found["id"])


def _instant(text: str, field: str) -> datetime | None:
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
        return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first day begins before it in the east
        raise Invalid("error-audit-date", field=field) from None
