"""``telepath emergency …``: emergency access by the operator's hand, when no administrator can sign in to activate it.

An administrator asks for it all the same, by telephone: they are named, here and in all that is recorded and told of it."""

import argparse
from datetime import UTC, timedelta

from auth import emergency
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.directory import Institution, Person
from telepath.errors import Conflict, Invalid
from telepath.identifiers import subject_of_rpps
from web.commands_directory import Act, Group, find_institution, find_person
from web.routes.emergency import DOOR
from web.words import Wording


def declare(commands: Group, run: object) -> None:
    """As web/commands_directory.py declares its own."""

    def command(name: str, act: Act, text: str) -> argparse.ArgumentParser:
        made = group.add_parser(name, help=text, description=text)
        made.set_defaults(run=run, act=act)
        made.add_argument("--institution", required=True, help="FINESS number")
        return made

    text = "Let members of an institution in by codes while the identity provider is away."
    group = commands.add_parser("emergency", help=text).add_subparsers(required=True, metavar="command")
    on = command("on", activate, "Activate it; it ends by itself.")
    on.add_argument("--hours", type=float, default=4.0, help="24 at most; 4 unless given")
    command("off", end, "End it, and the sessions that it let in.")
    coding = command("code", code, "Print a code for one member: once, within 15 minutes.")
    coding.add_argument("person", help="SubjectNameID (8 and the RPPS number), or telepath's identifier")
    for opening in (on, coding):
        text = "the administrator of the institution who asks for it: RPPS number or SubjectNameID"
        opening.add_argument("--by", required=True, help=text)


async def activate(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    if not 0 < wanted.hours <= emergency.LONGEST / timedelta(hours=1):
        raise Invalid("error-emergency-span", hours=emergency.LONGEST // timedelta(hours=1))
    async with db.write(actor) as tx:
        place = await find_institution(tx, wanted.institution)
        asking = await _administrator(tx, wanted.by, place)
        made = await emergency.activate(tx, place.id, timedelta(hours=wanted.hours), asked_by=asking.id)
    until = made.until.astimezone(UTC).isoformat(sep=" ", timespec="minutes").removesuffix("+00:00")
    return t("command-emergency-on", institution=place.name, until=until, name=asking.name)


async def end(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    async with db.write(actor) as tx:
        place = await find_institution(tx, wanted.institution)
        found = await emergency.active(tx, place.id)
        if found is None or not await emergency.end(tx, found):
            raise Conflict("error-emergency-over")
    return t("command-emergency-off", institution=place.name)


async def code(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    async with db.write(actor) as tx:
        place = await find_institution(tx, wanted.institution)
        asking = await _administrator(tx, wanted.by, place)
        person = await find_person(tx, wanted.person)
        found = await emergency.active(tx, place.id)
        if found is None:
            raise Conflict("error-emergency-over")
        made = await emergency.make_code(tx, found, person.id, asked_by=asking.id)
    minutes = int(emergency.CODE_LIFE.total_seconds()) // 60
    return "\n".join(
        (
            t("command-emergency-code", name=person.name),
            made,
            t("command-emergency-code-once", minutes=minutes, address=DOOR),
        )
    )


async def _administrator(reader: Reader, identifier: str, place: Institution) -> Person:
    """Whoever asks for it. Raises NotFound: nobody has this identifier; Invalid: not an administrator there, or suspended."""
    found = await find_person(reader, subject_of_rpps(identifier) or identifier)
    if not await emergency.administers(reader, place.id, found.id):
        raise Invalid("error-emergency-by", name=found.name, institution=place.name)
    return found
