"""``telepath erase``: a patient's case, or a practitioner who left, for good. It says what goes, and asks before it does.
``telepath erase-again``: whom an older copy of the database brought back, though they stand in the list of erasures."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from sqlalchemy.exc import ProgrammingError

from auth import erasure as people
from telepath.actor import Actor
from telepath.cases import erasure
from telepath.cases.erasure import Contents, Erasure, Listed, Reason
from telepath.cases.model import NUMBER_LIMIT
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.errors import Forbidden, Invalid, NotFound
from telepath.storage import Storage
from web import erasures, keys
from web.commands_directory import read_finess
from web.settings import Settings
from web.words import Wording

CONFIRMED: Final = "--yes"
NO_RIGHT: Final = "42501"
"""PostgreSQL's insufficient_privilege."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--case", default="", help="the case's number in the institution")
    which.add_argument("--person", default="", help="the identifier of a person who left and signed nothing")
    parser.add_argument("--institution", default="", help="FINESS number, with --case")
    parser.add_argument("--because", required=True, choices=[str(reason) for reason in Reason], help="the reason")
    parser.add_argument(
        "--motive", required=True, help="in a sentence, without the patient's name: a letter's reference"
    )
    parser.add_argument(CONFIRMED, action="store_true", help="do not ask")


def database(settings: Settings) -> Database:
    """The database as the owner of its tables: the service's own role can erase nothing. Blocks."""
    return Database(settings.migrations_url, keys.vault_key(settings))


def listed(settings: Settings) -> Listed:
    """Notes an erasure in the list outside the database (web/erasures.py)."""

    async def add(made: Erasure) -> None:
        await asyncio.to_thread(erasures.add, settings.erasures, keys.audit_key(settings), settings.log_name, made)

    return add


async def erase(
    settings: Settings, storage: Storage, actor: Actor, wanted: argparse.Namespace, t: Wording
) -> tuple[bool, list[str]]:
    """Do what was asked; returns whether nothing remains, and what to say. Raises as ``erase_case`` and ``erase_person``;
    Forbidden: PostgreSQL lets this role delete nothing."""
    async with _as_owner(settings) as db:
        if wanted.person:
            return await _person(settings, db, actor, wanted, t)
        return await _case(settings, db, storage, actor, wanted, t)


async def again(settings: Settings, storage: Storage, actor: Actor, t: Wording) -> tuple[bool, list[str]]:
    """Do again what the list of erasures says and this database does not know; returns as ``erase``. Raises Unavailable,
    Forbidden: as ``erase``."""
    listed = await asyncio.to_thread(erasures.of, settings)
    async with _as_owner(settings) as db:
        made = await erasures.again(db, storage, actor, listed.erasures)
    lines = [t("erase-again-done", count=made.done)]
    lines += [t("erase-again-left", count=made.left)] if made.left else []
    lines += [t("erase-leftover", slide=slide_id) for slide_id in made.leftovers]
    lines += _remains(made.wiped, t)
    lines += [t("operations-restore-erasure-false", file=name) for name in listed.false]
    return made.complete and not listed.false, lines


@asynccontextmanager
async def _as_owner(settings: Settings) -> AsyncIterator[Database]:
    """Raises Forbidden: PostgreSQL lets this role delete nothing."""
    db = database(settings)
    try:
        yield db
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != NO_RIGHT:
            raise
        raise Forbidden("error-erase-role") from error
    finally:
        await db.close()


async def _case(
    settings: Settings, db: Database, storage: Storage, actor: Actor, wanted: argparse.Namespace, t: Wording
) -> tuple[bool, list[str]]:
    finess = read_finess(wanted.institution)
    number = plain(wanted.case, field="--case", limit=NUMBER_LIMIT)
    async with db.read() as reader:
        case_id, there = await erasure.find(reader, finess, number)
    await _ask(wanted, t("erase-case-question", number=number, **_counts(there)), number, t)
    done = await erasure.erase_case(
        db, storage, actor, case_id, Reason(wanted.because), wanted.motive, listed(settings)
    )
    lines = [t("erase-case-done", id=case_id, **_counts(done.contents))]
    lines += [t("erase-leftover", slide=slide_id) for slide_id in done.leftovers]
    return not done.leftovers and done.wiped, lines + _remains(done.wiped, t)


async def _person(
    settings: Settings, db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording
) -> tuple[bool, list[str]]:
    try:
        async with db.read() as reader:
            name = await people.check(reader, wanted.person)
    except NotFound:
        raise NotFound("error-directory-person-unknown", identifier=wanted.person) from None
    await _ask(wanted, t("erase-person-question", name=name), wanted.person, t)
    wiped = await people.erase_person(db, actor, wanted.person, Reason(wanted.because), wanted.motive, listed(settings))
    return wiped, [t("erase-person-done", id=wanted.person), *_remains(wiped, t)]


async def _ask(wanted: argparse.Namespace, question: str, expected: str, t: Wording) -> None:
    """Raises Invalid: nobody is there to answer, or the answer is not what was asked for."""
    if wanted.yes:
        return
    if not sys.stdin.isatty():
        raise Invalid("error-erase-unconfirmed")
    answer = await asyncio.to_thread(input, f"{question}\n{t('erase-confirm', expected=expected)} ")
    if answer.strip() != expected:
        raise Invalid("error-erase-unconfirmed")


def _counts(there: Contents) -> dict[str, int]:
    return msgspec.structs.asdict(there)


def _remains(wiped: bool, t: Wording) -> list[str]:
    return [] if wiped else [t("erase-not-wiped")]
