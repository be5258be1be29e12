"""A small service that is backed up and comes back, for tests (fixtures in tests/integration/web/conftest.py)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from telepath.actor import SYSTEM, Actor
from telepath.audit import parse_note
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.storage_local import LocalStorage
from tests.conftest import as_owner
from web import keys
from web.settings import Settings

PICTURE = b"II*\0" + bytes(range(256)) * 400
ZOE = Actor(
    person_id="01kkec98g02zzdrwgamcarq000",
    name="Dr Zoé Marchand",
    institution_id="01kkec98g02zzdrwgamcarq001",
    subject_name_id="899700421102",
    address="203.0.113.7",
)


@dataclass
class Service:
    """A small service: its settings, and where its slides lie."""

    settings: Settings
    storage: LocalStorage
    slide_id: str = ""

    async def write(self, times: int = 1) -> None:
        """Somebody works: ``times`` changes, sealed and signed."""
        db = keys.database(self.settings)
        for _ in range(times):
            async with db.write(SYSTEM) as tx:
                await tx.audit("directory.changed")
        await audit_log.seal_all(db, self.settings.log_name)
        note = await audit_log.checkpoint(db, self.settings.log_name, keys.audit_key(self.settings))
        if note is not None:  # else the backup has just signed it
            hold(self.settings.anchors, note)
        await db.close()

    async def write_as(self, actor: Actor) -> None:
        async with opened(self) as db, db.write(actor) as tx:
            await tx.audit("directory.changed")


@asynccontextmanager
async def opened(service: Service) -> AsyncIterator[Database]:
    db = keys.database(service.settings)
    yield db
    await db.close()


def hold(anchors: Path, note: str) -> None:
    """Keep a signed head outside, as its anchor does."""
    parsed = parse_note(note)
    path = anchors / parsed.origin.rpartition("/")[2] / f"{parsed.size:012d}.note"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(note)


def settings_in(folder: Path, url: str) -> Settings:
    return Settings(
        data=folder,
        database=url,
        migrations_database=as_owner(url),
        audit_anchors=str(folder.parent / "elsewhere"),
        erasure_folder=str(folder.parent / "erasures"),
    )


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data
