"""Recomputes stretches of the log, several at a time: each worker is a process of its own, with its own connection.

Hashing and comparing a million records takes one processor more than ten seconds, and a node has people to serve meanwhile: the
workers give way to it."""

import multiprocessing
import os
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from telepath.audit import PRIVILEGED, SYSTEM_ID, complete, leaf_hash, subtrees
from telepath.errors import Unavailable

if TYPE_CHECKING:
    import psycopg

PART: Final = 1 << 14
"""Records that are read and hashed at once: a complete subtree."""
FEW: Final = 4
"""As many stretches are done sooner than processes are started."""
WORKERS: Final = 4
GIVES_WAY: Final = 10
"""How much nicer than the node itself a worker is (nice(2))."""


class Source(msgspec.Struct, frozen=True):
    """Where the log is: SQLite's file, or what libpq needs to connect."""

    file: str = ""
    server: dict[str, Any] = {}


class Stretch(msgspec.Struct, frozen=True):
    """The records ``first`` to before ``stop`` of the tree that begins at ``start``: ``PART`` of them, or the tree's last.
    ``heads``: the sizes of the tree within it of which the head is asked for."""

    start: int
    first: int
    stop: int
    heads: tuple[int, ...]


class Recomputed(msgspec.Struct, frozen=True):
    """``present``: how many of the stretch's records there are before the first that is missing. ``edge``: the roots of the
    complete subtrees over these, largest first; ``heads``: the same at each size that was asked for, as far as present.
    ``problems``: code and ``seq``."""

    present: int
    edge: list[bytes]
    heads: dict[int, list[bytes]]
    problems: list[tuple[str, int]]


class _Copied(msgspec.Struct, gc=False):
    """What of a body stands in columns too; from ``seq`` on in the order of ``_COLUMNS``."""

    roles: tuple[str, ...]
    at: str
    seq: int
    kind: str
    outcome: str
    actor: str
    institution: str
    object_kind: str
    object_id: str
    case_id: str
    owner: str


_COLUMNS: Final = ("seq", "kind", "outcome", "actor", "institution", "object_kind", "object_id", "case_id", "owner")
_copies: Final = attrgetter(*_COLUMNS)
Connection: TypeAlias = "sqlite3.Connection | psycopg.Connection"
Row = tuple[Any, ...]
"""body (bytes), leaf, privileged, at (in UTC, without saying so), and ``_COLUMNS``: as the driver gives them."""
_SEQ: Final = 4
_decoder: Final = msgspec.json.Decoder(_Copied)


def in_workers(source: Source, stretches: Sequence[Stretch]) -> Generator[Recomputed]:
    """One after the other, in order; the caller waits for each, and may stop at any.

    Raises Unavailable: the database does not answer, or a worker was ended."""
    pool = ProcessPoolExecutor(
        max_workers=min(len(os.sched_getaffinity(0)), WORKERS),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(source,),
    )
    try:
        yield from pool.map(_in_worker, stretches)
    except (_not_answering(source), BrokenExecutor) as error:
        raise Unavailable(what="database") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _not_answering(source: Source) -> type[Exception]:
    if source.file:
        return sqlite3.OperationalError
    import psycopg

    return psycopg.OperationalError


def _connected(source: Source) -> Connection:
    """Reads one instant, from the first question on."""
    if source.file:
        connection = sqlite3.connect(source.file, isolation_level=None)
        connection.execute("BEGIN")
        return connection
    import psycopg

    server = psycopg.connect(**source.server, autocommit=True)
    server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    return server


_of_worker: list[Connection] = []
"""The connection of this process, when it is a worker."""


def _begin(source: Source) -> None:
    os.nice(GIVES_WAY)
    _of_worker.append(_connected(source))


def _in_worker(stretch: Stretch) -> Recomputed:
    connection = _of_worker[0]
    # Straight from the driver: what SQLAlchemy does for each column would take longer than all the hashing.
    if isinstance(connection, sqlite3.Connection):
        return recompute(connection.execute(question(stretch, of_server=False)), stretch)
    return recompute(connection.cursor(binary=True).execute(question(stretch, of_server=True)), stretch)


def question(stretch: Stretch, *, of_server: bool) -> str:
    """What ``recompute`` has to be given the rows of: of PostgreSQL or of SQLite."""
    body, at = ("convert_to(body, 'UTF8')", "at AT TIME ZONE 'UTC'") if of_server else ("CAST(body AS blob)", "at")
    return (
        f"SELECT {body}, leaf, privileged, {at}, {', '.join(_COLUMNS)} FROM audit_log"  # noqa: S608
        f" WHERE seq >= {stretch.first:d} AND seq < {stretch.stop:d} ORDER BY seq"
    )


def recompute(rows: Iterable[Row], stretch: Stretch) -> Recomputed:
    """``rows``: the answer to ``question``, in order; what follows a gap is not looked at."""
    problems: list[tuple[str, int]] = []
    leaves: list[bytes] = []
    for row in rows:
        if row[_SEQ] != stretch.first + len(leaves):
            break
        leaves.append(_leaf(row, problems))
    levels = subtrees(leaves)
    base = stretch.first - stretch.start
    return Recomputed(
        present=len(leaves),
        edge=_edge(levels, len(leaves)),
        heads={size: _edge(levels, size - base) for size in stretch.heads if size <= base + len(leaves)},
        problems=problems,
    )


def _edge(levels: list[list[bytes]], size: int) -> list[bytes]:
    """The frontier of the first ``size`` leaves under these subtrees."""
    return [levels[level][index] for level, index in complete((0, size))]


def _leaf(row: Row, problems: list[tuple[str, int]]) -> bytes:
    """The leaf hash of a record, after everything that stands beside it was compared with it."""
    body, leaf, privileged, at = row[:_SEQ]
    computed = leaf_hash(body)
    if computed != leaf:
        problems.append(("record-altered", row[_SEQ]))
        return computed
    try:
        said = _decoder.decode(body)
    except msgspec.DecodeError:
        problems.append(("record-unreadable", row[_SEQ]))
        return computed
    right = (
        _copies(said) == row[_SEQ:]
        and said.at
        == (f"{at[:10]}T{at[11:]}+00:00" if isinstance(at, str) and at[10:11] == " " else _said(at, said.at))
        and (said.actor == SYSTEM_ID or not PRIVILEGED.isdisjoint(said.roles)) == privileged
    )
    if not right:
        problems.append(("copy-altered", row[_SEQ]))
    return computed


def _said(at: object, said: str) -> str:
    """``said`` when it is how a record writes the instant ``at`` of PostgreSQL; nothing, when it is another. To write it would
    take longer than to read it."""
    try:
        return said if said[26:] == "+00:00" and datetime.fromisoformat(said[:26]) == at else ""
    except ValueError:
        return ""
