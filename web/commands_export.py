"""``telepath audit export``: a folder of the audit that an outsider can check."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from telepath.actor import Actor
from telepath.cases.model import NUMBER_LIMIT
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.directory import institution
from telepath.errors import Invalid, NotFound
from web import keys
from web.audit_export import Selection, export
from web.commands_directory import read_finess
from web.settings import Settings
from web.words import Wording


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
    exported = await export(db, settings, wanted.folder, await _selection(db, wanted), actor)
    counts = {"records": exported.records, "checkpoints": exported.checkpoints, "trees": exported.trees}
    said = [
        t("command-audit-exported", **counts, megabytes=round(exported.bytes / 1e6)),
        t("command-audit-export-digest", digest=exported.digest),
        t("command-audit-export-key", key=str(await asyncio.to_thread(keys.public_key, settings))),
    ]
    if exported.problem:
        said.append(t("command-audit-export-bad", problem=exported.problem))
    return not exported.problem, said


async def _selection(db: Database, wanted: argparse.Namespace) -> Selection:
    institution_id, case_id = await _place(db, wanted)
    return Selection(
        year=plain(wanted.year, field="--year", limit=20),
        since=_instant(wanted.since, "--since"),
        until=_instant(wanted.until, "--until"),
        case_id=case_id,
        person_id=plain(wanted.person, field="--person", limit=26),
        institution_id="" if case_id else institution_id,
        opened=wanted.open,
        checkpoints=tuple([await asyncio.to_thread(path.read_text) for path in wanted.checkpoint]),
    )


async def _place(db: Database, wanted: argparse.Namespace) -> tuple[str, str]:
    """The identifiers of --institution and --case; empty: not asked."""
    if not wanted.institution:
        if wanted.case:
            raise Invalid("error-audit-export-case-where")
        return "", ""
    finess = read_finess(wanted.institution)
    number = plain(wanted.case, field="--case", limit=NUMBER_LIMIT)
    async with db.read() as reader:
        place = await reader.first(select(institution.c.id).where(institution.c.finess == finess))
        if place is None:
            raise NotFound("error-audit-export-institution", institution=finess)
        if not number:
            return place["id"], ""
        found = await reader.first(
            select(case.c.id).where(case.c.institution_id == place["id"], case.c.number == number)
        )
    if found is None:
        raise NotFound("error-case-unknown", number=number, institution=finess)
    return place["id"], found["id"]


def _instant(text: str, field: str) -> datetime | None:
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("error-audit-date", field=field) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)
