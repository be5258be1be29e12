"""``telepath slides held``, ``let-in``, ``discard``: slides that the command line sent, and whose label names another case;
``export``: a copy without the patient; ``reread``: reads registered slides again."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import select

from consults import offers
from telepath.actor import Actor
from telepath.cases import slide_identity
from telepath.cases.model import LABEL_LIMIT, NUMBER_LIMIT
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import case, specimen
from telepath.db.schema.directory import institution
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, TelepathError
from telepath.ids import is_id
from telepath.slides import deidentified, held, reread
from telepath.slides.decoder_pool import DecoderPool
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


def declare_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slide", help="its identifier: the end of the address of its viewer")
    parser.add_argument("target", type=Path, help="a new file; of a slide of several files, a ZIP")


def declare_reread(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("slide", nargs="?", help="its identifier: the end of the address of its viewer")
    which.add_argument("--all", action="store_true", help="every slide, one after the other")


async def read_again(
    db: Database,
    storage: Storage,
    decoders: DecoderPool,
    actor: Actor,
    wanted: argparse.Namespace,
    t: Wording,
    say: Callable[[str], None],
) -> int:
    """A line for each slide; one that cannot be read holds up no other. Returns how many could not. Raises NotFound, and of a
    single slide any error of ``reread``."""
    if not wanted.all and not is_id(wanted.slide):
        raise NotFound("error-slide-file-absent")
    failed = 0
    for slide_id in await reread.every(db) if wanted.all else [wanted.slide]:
        try:
            done = await reread.reread(db, storage, decoders, actor, slide_id)
        except TelepathError as error:
            if not wanted.all:
                raise
            failed += 1
            say(t("command-slide-not-reread", slide=slide_id, why=t(error.code, **error.params)))
            continue
        changed = ", ".join(t(f"reread-{name}") for name in done.changed)
        say(t("command-slide-reread", slide=slide_id, changed=changed or t("reread-nothing")))
        if done.levels_kept:
            say(f"  {t('command-slide-levels-kept')}")
    return failed


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


async def export(
    db: Database, storage: Storage, decoders: DecoderPool, actor: Actor, wanted: argparse.Namespace, t: Wording
) -> str:
    """Raises NotFound; Invalid: the target exists, or cannot be written; SlideUnreadable: nothing of it may leave."""
    if not is_id(wanted.slide):
        raise NotFound("error-slide-file-absent")
    if await asyncio.to_thread(os.path.lexists, wanted.target):
        raise Invalid("error-archive-target")
    slide, planned = await slide_identity.export(db, storage, decoders, actor, wanted.slide, operator=True)
    chunks = (
        deidentified.read(storage, slide, planned.files[0])
        if len(planned.files) == 1
        else deidentified.zipped(storage, slide, planned.files)
    )
    await _write(wanted.target, chunks)
    size = (await asyncio.to_thread(wanted.target.stat)).st_size
    removed = sum(one.times for one in planned.findings)
    said = {"files": len(planned.files), "target": wanted.target.name, "bytes": size, "removed": removed}
    return t("command-slide-exported", **said)


async def _write(target: Path, chunks: AsyncIterator[bytes]) -> None:
    """A new file, for this user alone; all of it or nothing."""
    descriptor = await asyncio.to_thread(os.open, target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        async for chunk in chunks:
            await asyncio.to_thread(_write_all, descriptor, chunk)
        await asyncio.to_thread(os.fsync, descriptor)
    except BaseException:
        await asyncio.to_thread(target.unlink)
        raise
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _identifier(text: str) -> str:
    if not is_id(text):
        raise NotFound("error-slide-not-held")
    return text
