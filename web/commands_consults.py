"""``telepath consults export`` and ``telepath consults import``: a consult leaves as one signed archive, and comes back."""

import argparse
import asyncio
from pathlib import Path

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import NotFound
from telepath.ids import is_id
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from web import consult_archive, consult_import, keys
from web.archive_file import verifier_keys
from web.settings import Settings, old_keys
from web.words import Wording


def declare_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("consult", help="its identifier, as in the address of its page")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="a new file")


def declare_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="what 'telepath consults export' wrote")
    parser.add_argument(
        "--key",
        default="",
        help="what 'telepath audit key' prints where it comes from, received by another way than the file; several are"
        " separated by commas. Without it, the keys of this service alone",
    )


async def export(
    db: Database, settings: Settings, storage: Storage, actor: Actor, wanted: argparse.Namespace, t: Wording
) -> list[str]:
    """Raises as ``consult_archive.export``."""
    if not is_id(wanted.consult):
        raise NotFound("error-archive-consult-unknown")
    made = await consult_archive.export(db, settings, storage, actor, wanted.consult, wanted.to, t)
    return [
        t("command-consult-exported", slides=made.slides, megabytes=round(made.bytes / 1e6)),
        t("command-consult-export-digest", digest=made.digest),
        t("command-audit-export-key", key=str(await asyncio.to_thread(keys.public_key, settings))),
        t("command-consult-export-secret"),
    ]


async def bring(
    db: Database,
    settings: Settings,
    storage: Storage,
    decoders: DecoderPool,
    actor: Actor,
    wanted: argparse.Namespace,
    t: Wording,
) -> list[str]:
    """Raises as ``consult_import.bring``; Invalid: what was given is no key."""
    own = [await asyncio.to_thread(keys.public_key, settings), *old_keys(settings)]
    signers = verifier_keys(wanted.key) if wanted.key else own
    came = await consult_import.bring(db, settings, storage, decoders, actor, wanted.file, signers)
    return [
        t("command-consult-imported", number=came.case_number, slides=came.slides, origin=came.origin),
        t("command-consult-imported-at", address=f"{settings.origin}/consults/{came.consult_id}"),
    ]
