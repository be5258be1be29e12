"""``telepath institutions …`` and ``telepath people …``: who may sign in, for which institution, and who is asked.

Whoever runs a command can mend what was typed: a refusal names the option, and what it takes."""

import argparse
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeAlias, TypeVar

from auth import administration, institutions, suspension
from auth.permissions import expert_or_not
from consults import networks
from telepath import directory
from telepath.actor import Actor, Role
from telepath.cases.model import ORGANS
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.directory import Institution, Person
from telepath.errors import Invalid, NotFound
from telepath.identifiers import State, finess_of, finess_state, rpps_of, rpps_state
from telepath.notices.channels import is_address
from telepath.territories import REGIONS
from web.national_number import subject_of_colleague
from web.words import LANGUAGES, Wording

Act: TypeAlias = Callable[[Database, Actor, argparse.Namespace, Wording], Awaitable[str]]
"""What a command does; returns what it says. ``wanted.strict``: in production, where numbers must fit their check digits.
Raises Invalid, NotFound, Conflict."""
Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Code = TypeVar("Code", bound=str)

# As long as Pro Santé Connect's may be (auth/psc.py).
_SUBJECT: Final = re.compile(r"[!-~]{1,64}")
_CODE: Final = re.compile(r"[0-9A-Z]+")


def declare(commands: Group, run: object) -> None:
    """Say what the commands take. ``run`` is called with each, and finds the Act as ``wanted.act``."""

    def command(into: Group, name: str, act: Act, text: str) -> argparse.ArgumentParser:
        made = into.add_parser(name, help=text, description=text)
        made.set_defaults(run=run, act=act)
        return made

    places = commands.add_parser("institutions", help="Institutions.").add_subparsers(required=True, metavar="command")
    adding = command(places, "add", institutions_add, "Enter an institution.")
    adding.add_argument(
        "--finess", required=True, help="as Pro Santé Connect tells it: of the site or the legal entity"
    )
    adding.add_argument("--name", required=True)
    adding.add_argument("--city", required=True)
    adding.add_argument("--region", required=True, help="INSEE code: 03 is Guyane")
    text = "enter it though its check digit does not fit: looked up in the FINESS register"
    adding.add_argument("--unusual", action="store_true", help=text)
    adding.add_argument("--time-zone", default="", help="America/Cayenne; that of the region unless given")
    command(places, "list", institutions_list, "Show the institutions.")
    text = "Let nobody act for an institution; sessions for it end. Nothing else of it changes."
    closing = command(places, "suspend", institutions_suspend, text)
    opening = command(places, "restore", institutions_suspend, "Let people act for a suspended institution again.")
    for one, suspend in ((closing, True), (opening, False)):
        one.add_argument("--finess", required=True)
        one.set_defaults(suspend=suspend)

    people = commands.add_parser("people", help="People.").add_subparsers(required=True, metavar="command")
    entering = command(people, "add", people_add, "Enter a person. Without a role somewhere they cannot sign in yet.")
    identifier = entering.add_mutually_exclusive_group(required=True)
    identifier.add_argument("--rpps", help="eleven digits")
    identifier.add_argument("--subject-name-id", help="Pro Santé Connect's, for who has no RPPS number")
    entering.add_argument("--title", default="Dr")
    entering.add_argument("--given-name", required=True)
    entering.add_argument("--family-name", required=True)
    entering.add_argument("--email", default="", help="without it nothing is mailed")
    entering.add_argument("--language", default=LANGUAGES[0], help="of pages and mails: " + ", ".join(LANGUAGES))
    entering.add_argument("--profession", default="10", help="code of TRE_G15; 10 is a doctor")
    entering.add_argument("--know-how", help="code of TRE_R38; a doctor's is SM01, pathology, unless given")
    command(people, "list", people_list, "Show the people, their roles, and what they are asked for.")
    roles = command(people, "roles", people_roles, "Give a person exactly these roles in an institution; none ends it.")
    roles.add_argument("--role", action="append", default=[], help=", ".join(Role))
    text = "Say that a person is asked for opinions on these organs. Said again, the last word counts."
    expertise = command(people, "expertise", people_expertise, text)
    expertise.add_argument("--organ", action="append", required=True, help=", ".join(ORGANS))
    expertise.add_argument("--network", action="append", default=[], help="that vouches for the person: LYMPHOPATH…")
    expertise.add_argument("--language", action="append", help="they answer in; French unless given")
    expertise.add_argument("--unavailable", action="store_true", help="ask them no more, or not for now")
    closing = command(people, "suspend", people_suspend, "Let nobody sign in as a person; their sessions end.")
    opening = command(people, "restore", people_suspend, "Let a suspended person sign in again.")
    for one, suspend in ((closing, True), (opening, False)):
        one.add_argument("person", help="SubjectNameID (8 and the RPPS number), or telepath's identifier")
        one.set_defaults(suspend=suspend)
    for about in (roles, expertise):
        about.add_argument("person", help="SubjectNameID (8 and the RPPS number), or telepath's identifier")
        about.add_argument("--institution", required=True, help="FINESS number")


async def institutions_add(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    finess = read_finess(wanted.finess)
    usual = finess_state(finess) is State.OK
    if wanted.strict and not (usual or wanted.unusual):
        raise Invalid("error-directory-finess-key")
    name = plain(wanted.name, field="--name", limit=200, required=True)
    city = plain(wanted.city, field="--city", limit=100, required=True)
    if wanted.region not in REGIONS:
        known = ", ".join(f"{region.code} {region.name}" for region in REGIONS.values())
        raise Invalid("error-directory-region", known=known)
    zone = wanted.time_zone or REGIONS[wanted.region].time_zone
    if not institutions.is_zone(zone):
        raise Invalid("error-directory-time-zone")
    async with db.write(actor) as tx:
        await administration.add_institution(
            tx, finess=finess, name=name, city=city, region=wanted.region, time_zone=zone
        )
    said = t("command-institution-added", name=name, finess=finess)
    return said if usual else f"{said}\n{t('command-finess-unusual')}"


async def institutions_list(db: Database, _actor: Actor, _wanted: argparse.Namespace, t: Wording) -> str:
    async with db.read() as reader:
        places = (await directory.institutions(reader)).values()
    rows = sorted((place.finess, place.name, place.city, place.region, place.time_zone) for place in places)
    return _table(rows) or t("command-institutions-none")


async def institutions_suspend(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    act = suspension.suspend_institution if wanted.suspend else suspension.restore_institution
    async with db.write(actor, unaudited="it may be so already") as tx:
        place = await find_institution(tx, wanted.finess)
        done = await act(tx, place.id)
    if wanted.suspend:
        said = "command-institution-suspended" if done else "command-institution-suspended-already"
    else:
        said = "command-institution-restored" if done else "command-institution-restored-already"
    return t(said, name=place.name)


async def people_add(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    if wanted.rpps is not None:
        subject_name_id = subject_of_colleague(wanted.rpps, strict=wanted.strict)
    else:
        subject_name_id = _subject(wanted.subject_name_id)
    title = plain(wanted.title, field="--title", limit=10)
    given = plain(wanted.given_name, field="--given-name", limit=100, required=True)
    family = plain(wanted.family_name, field="--family-name", limit=100, required=True)
    email = plain(wanted.email, field="--email", limit=200)
    if email and not is_address(email):
        raise Invalid("error-directory-email")
    profession = _code(wanted.profession, "--profession", 4)
    know_how = ("SM01" if profession == "10" else "") if wanted.know_how is None else wanted.know_how
    if know_how:
        _code(know_how, "--know-how", 10)
    language = _one_of(LANGUAGES, wanted.language, "--language")
    async with db.write(actor) as tx:
        await administration.add_person(
            tx,
            subject_name_id=subject_name_id,
            title=title,
            given_name=given,
            family_name=family,
            profession=profession,
            know_how=know_how,
            email=email,
            language=language,
        )
    said = t("command-person-added", name=directory.called(title, given, family), identifier=subject_name_id)
    unusual = wanted.rpps is not None and rpps_state(rpps_of(subject_name_id)) is not State.OK
    return f"{said}\n{t('command-rpps-unusual')}" if unusual else said


async def people_list(db: Database, actor: Actor, _wanted: argparse.Namespace, t: Wording) -> str:
    await db.record(actor, "directory.read")
    read: dict[str, list[str]] = defaultdict(list)
    rows = []
    async with db.read() as reader:
        for organ in ORGANS:
            for one in await directory.experts(reader, organ):
                read[one.person.id].append(organ if one.available else f"({organ})")
        places = await directory.institutions(reader)
        people = await directory.people(reader)
        for person in sorted(people.values(), key=lambda person: (person.family_name, person.given_name, person.id)):
            held = await directory.memberships(reader, person.id)
            roles = "; ".join(sorted(f"{places[place].finess}: {_listed(roles)}" for place, roles in held.items()))
            organs = _listed(read[person.id])
            rows.append((person.subject_name_id, person.name, person.email, roles or "-", organs))
    return _table(rows) or t("command-people-none")


async def people_roles(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    roles = [_one_of(tuple(Role), role, "--role") for role in wanted.role]
    async with db.write(actor) as tx:
        person, place = await find_person(tx, wanted.person), await find_institution(tx, wanted.institution)
        if not roles:
            await _require_member(tx, person, place)
        await administration.set_membership(tx, person.id, place.id, roles)
    if not roles:
        return t("command-roles-ended", name=person.name, institution=place.name)
    return t("command-roles-set", name=person.name, institution=place.name, roles=_listed(set(roles)))


async def people_suspend(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    act = suspension.suspend_person if wanted.suspend else suspension.restore_person
    async with db.write(actor, unaudited="it may be so already") as tx:
        person = await find_person(tx, wanted.person)
        done = await act(tx, person.id)
    if wanted.suspend:
        said = "command-person-suspended" if done else "command-person-suspended-already"
    else:
        said = "command-person-restored" if done else "command-person-restored-already"
    return t(said, name=person.name)


async def people_expertise(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    organs = [_one_of(ORGANS, organ, "--organ") for organ in dict.fromkeys(wanted.organ)]
    spoken = [
        _one_of(LANGUAGES, language, "--language") for language in dict.fromkeys(wanted.language or LANGUAGES[:1])
    ]
    vouching = list(dict.fromkeys(_network(name) for name in wanted.network))
    async with db.write(actor) as tx:
        person, place = await find_person(tx, wanted.person), await find_institution(tx, wanted.institution)
        await _require_member(tx, person, place)
        if not wanted.unavailable:
            await _require_expert(tx, person, place)
        for organ in organs:
            await administration.set_expertise(
                tx,
                person.id,
                place.id,
                organ,
                networks=vouching,
                languages=spoken,
                available=not wanted.unavailable,
            )
    said = "command-expertise-unavailable" if wanted.unavailable else "command-expertise-set"
    return t(said, name=person.name, institution=place.name, organs=", ".join(organs))


def read_finess(text: str) -> str:
    """A FINESS number as it is kept. Raises Invalid: it cannot be one."""
    number = finess_of(text)
    if not number:
        raise Invalid("error-directory-finess")
    return number


def _subject(text: str) -> str:
    if not _SUBJECT.fullmatch(text):
        raise Invalid("error-directory-identifier")
    return text


def _code(text: str, field: str, limit: int) -> str:
    if len(text) > limit or not _CODE.fullmatch(text):
        raise Invalid("error-directory-code", field=field, limit=limit)
    return text


def _one_of(known: Sequence[Code], value: str, field: str) -> Code:
    for one in known:
        if one == value:
            return one
    raise Invalid("error-directory-choice", field=field, known=", ".join(known))


def _network(name: str) -> str:
    found = networks.find(name)
    if found is None:
        known = ", ".join(network.code for network in networks.NETWORKS)
        raise Invalid("error-directory-choice", field="--network", known=known)
    return found.code


async def find_person(reader: Reader, identifier: str) -> Person:
    """The person of this SubjectNameID, or with this id."""
    key = _subject(identifier)
    found = await directory.person_by_subject(reader, key) or (await directory.people(reader, [key])).get(key)
    if found is None:
        raise NotFound("error-directory-person-unknown", identifier=key)
    return found


async def find_institution(reader: Reader, finess: str) -> Institution:
    """Raises Invalid: no FINESS number; NotFound: nobody's."""
    number = read_finess(finess)
    place = await directory.institution_by_finess(reader, number)
    if place is None:
        raise NotFound("error-directory-institution-unknown", finess=number)
    return place


async def _require_member(reader: Reader, person: Person, place: Institution) -> None:
    if place.id not in await directory.memberships(reader, person.id):
        raise Invalid("error-directory-not-a-member", name=person.name, institution=place.name)


async def _require_expert(reader: Reader, person: Person, place: Institution) -> None:
    """Who is asked for an opinion can give one. Raises Invalid."""
    expert_or_not(person, verified=await directory.credential(reader, person.id) is not None)
    if Role.EXPERT not in (await directory.memberships(reader, person.id))[place.id]:
        raise Invalid("error-directory-not-an-expert", name=person.name, institution=place.name)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns under each other, one row a line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
