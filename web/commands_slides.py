"""``telepath slides held``, ``let-in``, ``discard``: slides that the command line sent, and whose label names another case."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import select

from consults import offers
from telepath.actor import Actor
from telepath.cases.model import LABEL_LIMIT, NUMBER_LIMIT
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import case, specimen
from telepath.db.schema.directory import institution
from telepath.db.transaction import Reader
from telepath.errors import NotFound
from telepath.ids import is_id
from telepath.slides import held
from telepath.slides.held import Held, Said
from telepath.storage import Storage
from web.commands_directory import read_finess
from web.words import Wording

Command: TypeAlias = Callable[..., argparse.ArgumentParser]


def declare_place(parser: argparse.ArgumentParser) -> None:
    """To which case a slide goes."""
    parser.add_argument("--institution", required=True, help="FINESS number")
    parser.add_argument("--case", required=True, help="the case's number in that institution")
    parser.add_argument("--specimen", default="", help="the label of one of the case's specimens: A, B1")


def declare_held(parser: argparse.ArgumentParser, *, corrects: bool = False) -> None:
    parser.add_argument("slide", help="as 'telepath slides held' shows it")
    if corrects:
        declare_place(parser)
        parser.add_argument("--block", default="")


async def said_of(reader: Reader, wanted: argparse.Namespace, block: str) -> Said:
    """The place that was typed. Raises NotFound: no such case, or specimen of it; Invalid."""
    finess = read_finess(wanted.institution)
    number = plain(wanted.case, field="--case", limit=NUMBER_LIMIT)
    row = await reader.first(
        select(case.c.id, case.c.institution_id)
        .join(institution, institution.c.id == case.c.institution_id)
        .where(institution.c.finess == finess, case.c.number == number)
    )
    if row is None:
        raise NotFound("error-case-unknown", number=number, institution=finess)
    label = plain(wanted.specimen, field="--specimen", limit=LABEL_LIMIT)
    of = (specimen.c.case_id == row["id"]) & (specimen.c.label == label)
    found = await reader.scalar(select(specimen.c.id).where(of)) if label else None
    if label and found is None:
        raise NotFound("error-specimen-unknown")
    return Said(case_id=row["id"], institution_id=row["institution_id"], specimen_id=found, block=block)


async def listed(db: Database, actor: Actor, t: Wording) -> list[str]:
    """What waits for the command line, a line each with what disagrees."""
    async with db.read() as reader:
        found = await held.sent_by(reader, actor)
    return [line for one in found for line in _lines(one, t)] or [t("held-none")]


def _lines(one: Held, t: Wording) -> list[str]:
    head = f"{one.id}  {one.sent_at:%Y-%m-%d %H:%M} UTC  {one.slide.label}"
    return [head, *(f"  {t('held-problem', **problem_params(one, n))}" for n in range(len(one.problems)))]


def problem_params(one: Held, number: int) -> dict[str, str]:
    problem = one.problems[number]
    return {"kind": problem.kind, "expected": problem.expected, "found": problem.found}


async def let_in(db: Database, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    """Raises NotFound, SlideHeld, Conflict, Invalid."""
    slide_id = _identifier(wanted.slide)
    async with db.read() as reader:
        said = await said_of(reader, wanted, plain(wanted.block, field="--block", limit=40))
    await held.let_in(db, actor, slide_id, said, share=offers.give_slide)
    return t("command-slide-let-in", number=wanted.case)


async def discard(db: Database, storage: Storage, actor: Actor, wanted: argparse.Namespace, t: Wording) -> str:
    """Raises NotFound, Conflict, Unavailable."""
    await held.discard(db, storage, actor, _identifier(wanted.slide))
    return t("command-slide-discarded")


def _identifier(text: str) -> str:
    if not is_id(text):
        raise NotFound("error-slide-not-held")
    return text
