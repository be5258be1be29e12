"""``telepath slides watch``: a folder into which scanners drop slides (telepath/uploads/drop.py)."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from consults import offers
from telepath import directory
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import Conflict, NotFound, Unavailable
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from telepath.uploads.drop import QUIET, Drop, Outcome
from web.commands_directory import read_finess
from web.words import Wording

EVERY = 5.0
"""Seconds between two looks, at most."""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--institution", required=True, help="FINESS number")
    parser.add_argument(
        "--as",
        dest="sender",
        default="",
        help="the national number of somebody of that institution: the slides are theirs, and so are those that are held",
    )
    parser.add_argument("--once", action="store_true", help="take what is there, then stop")
    parser.add_argument(
        "--quiet", type=float, default=QUIET, help="seconds without a change after which a slide is taken"
    )


async def run(
    db: Database, storage: Storage, decoders: DecoderPool, operator: Actor, wanted: argparse.Namespace, t: Wording
) -> int:
    """Until SIGTERM, or, with ``--once``, until nothing waits. Returns 1: something was refused, with ``--once``.

    Raises NotFound: no such folder, institution or person; with ``--once`` also Unavailable."""
    drop = await _drop(db, storage, decoders, operator, wanted)
    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    refused, every = False, min(EVERY, max(0.05, drop.quiet / 2))
    say = _words(t)
    while not ended.is_set():
        try:
            refused |= any(not outcome.slide for outcome in await drop.look(say))
        except Unavailable as error:
            if wanted.once:
                raise
            _say(t(error.code, **error.params))
        if wanted.once and not drop.waits:
            break
        await _rest(ended, every)
    return 1 if refused and wanted.once else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _rest(ended: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        return


async def _drop(
    db: Database, storage: Storage, decoders: DecoderPool, operator: Actor, wanted: argparse.Namespace
) -> Drop:
    if not await asyncio.to_thread(wanted.folder.is_dir):
        raise NotFound("error-watch-folder")
    finess = read_finess(wanted.institution)
    async with db.read() as reader:
        place = await directory.institution_by_finess(reader, finess)
        if place is None:
            raise NotFound("error-watch-institution", institution=finess)
        actor = operator
        if wanted.sender:
            found = await directory.person_by_subject(reader, wanted.sender)
            if found is None:
                raise NotFound("error-watch-person", number=wanted.sender)
            actor = Actor(person_id=found.id, name=found.name, institution_id=place.id, device=operator.device)
    return Drop(db, storage, decoders, actor, offers.give_slide, wanted.folder.resolve(), place.id, quiet=wanted.quiet)


def _words(t: Wording) -> Callable[[Outcome], str]:
    def told(outcome: Outcome) -> str:
        error = outcome.error
        if error is None or (isinstance(error, Conflict) and outcome.slide):
            text = t("watch-added" if error is None else "watch-twice", number=outcome.number)
        else:
            text = t("watch-refused", reason=t(error.code, **error.params))
        _say(text)
        return text

    return told
