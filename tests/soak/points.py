"""The points at which a life ends, and the trap that ends it there: hooks around the product, none in it."""

import os
import random
import signal
from collections.abc import Callable
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, PoolProxiedConnection, event


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    BEFORE_COMMIT = "before the commit"
    AFTER_COMMIT = "after the commit"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """Where a process ends: at a ``moment`` of a ``statement`` (or of its transaction) that says ``about``."""

    name: str
    statement: str
    moment: Moment
    about: str = ""
    often: int = 3
    """The life ends at one of the first so many times."""

    @property
    def kind(self) -> str:
        """What is being done there."""
        return self.name.partition(":")[0]


_PENDING: Final = "INSERT INTO audit_pending"
_LOG: Final = "INSERT INTO audit_log"
_NODE: Final = "INSERT INTO audit_node"
_TAKEN: Final = "DELETE FROM audit_pending"
_TREE: Final = "INSERT INTO audit_shard"
_GROWN: Final = "UPDATE audit_shard"
_HEAD: Final = "INSERT INTO audit_checkpoint"
_KEY: Final = "INSERT INTO subject_key"
VIEWS: Final = "slide.regions"
CHANGE: Final = "thread.written"
READING: Final = "case.viewed"

POINTS: Final = (
    Point(name="start: before the first statement", statement="", moment=Moment.BEFORE, often=1),
    Point(name="key: made", statement=_KEY, moment=Moment.AFTER, often=4),
    Point(name="key: before its commit", statement=_KEY, moment=Moment.BEFORE_COMMIT, often=4),
    Point(name="key: after its commit", statement=_KEY, moment=Moment.AFTER_COMMIT, often=4),
    *(
        Point(name=f"{name}: {when}", statement=_PENDING, moment=moment, about=about, often=often)
        for name, about, often in (("change", CHANGE, 30), ("reading", READING, 20), ("views", VIEWS, 8))
        for when, moment in (
            ("before its record", Moment.BEFORE),
            ("after its record", Moment.AFTER),
            ("before its commit", Moment.BEFORE_COMMIT),
            ("after its commit, not yet acknowledged", Moment.AFTER_COMMIT),
        )
    ),
    Point(name="tree: opened", statement=_TREE, moment=Moment.AFTER, often=1),
    Point(name="tree: before its commit", statement=_TREE, moment=Moment.BEFORE_COMMIT, often=1),
    Point(name="tree: after its commit", statement=_TREE, moment=Moment.AFTER_COMMIT, often=1),
    Point(name="seal: before taking what is pending", statement=_TAKEN, moment=Moment.BEFORE, often=6),
    Point(name="seal: after taking it", statement=_TAKEN, moment=Moment.AFTER, often=6),
    Point(name="seal: before the log", statement=_LOG, moment=Moment.BEFORE, often=6),
    Point(name="seal: after the log", statement=_LOG, moment=Moment.AFTER, often=6),
    Point(name="seal: after the subtrees", statement=_NODE, moment=Moment.AFTER, often=1),
    Point(name="seal: after the frontier", statement=_GROWN, moment=Moment.AFTER, often=6),
    Point(name="seal: before its commit", statement=_GROWN, moment=Moment.BEFORE_COMMIT, often=6),
    Point(name="seal: after its commit", statement=_GROWN, moment=Moment.AFTER_COMMIT, often=6),
    Point(name="sign: before the head", statement=_HEAD, moment=Moment.BEFORE),
    Point(name="sign: after the head", statement=_HEAD, moment=Moment.AFTER),
    Point(name="sign: before its commit", statement=_HEAD, moment=Moment.BEFORE_COMMIT),
    Point(name="sign: after its commit", statement=_HEAD, moment=Moment.AFTER_COMMIT),
    Point(name="anchor: half written", statement="", moment=Moment.AFTER),
    Point(name="anchor: written, not yet on the disk", statement="", moment=Moment.BEFORE_COMMIT),
)


def in_turn(chance: random.Random, first: int) -> list[Point]:
    """Every point once, in an order of ``chance`` in which the kinds take turns, so that few lives meet all of them.
    ``first``: which of its kind comes first; with another number those that begin are others."""
    kinds: dict[str, list[Point]] = {}
    for point in chance.sample(POINTS, len(POINTS)):
        kinds.setdefault(point.kind, []).append(point)
    turned = [points[first % len(points) :] + points[: first % len(points)] for points in kinds.values()]
    return [point for turn in zip_longest(*turned) for point in turn if point is not None]


class Trap:
    """Ends its own process by SIGKILL when it comes to ``point`` for the ``nth`` time; ``tell`` hears of it right before."""

    def __init__(self, point: Point, nth: int, tell: Callable[[], None]) -> None:
        self._point = point
        self._left = nth
        self._tell = tell

    def close(self) -> None:
        self._left -= 1
        if not self._left:
            self._tell()
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self, *engines: Engine) -> None:
        """Watch what these engines are about to do."""
        if self._point.kind == "start":
            for engine in engines:
                event.listen(engine, "begin", lambda _connection: self.close())
        elif self._point.kind == "anchor":
            self._watch_files()
        else:
            for engine in engines:
                event.listen(engine, "before_cursor_execute", self._before)
                event.listen(engine, "after_cursor_execute", self._after)
                self._watch_commits(engine)

    def _is_it(self, statement: str, parameters: Any) -> bool:
        return self._point.statement in statement and self._point.about in str(parameters)

    def _before(self, connection: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not self._is_it(statement, parameters):
            return
        if self._point.moment == Moment.BEFORE:
            self.close()
        connection.info["at the point"] = True

    def _after(self, _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if self._point.moment == Moment.AFTER and self._is_it(statement, parameters):
            self.close()

    def _watch_commits(self, engine: Engine) -> None:
        commit = engine.dialect.do_commit

        def watched(dbapi_connection: PoolProxiedConnection) -> None:
            mine = dbapi_connection.info.pop("at the point", False)
            if mine and self._point.moment == Moment.BEFORE_COMMIT:
                self.close()
            commit(dbapi_connection)
            if mine and self._point.moment == Moment.AFTER_COMMIT:
                self.close()

        engine.dialect.do_commit = watched  # type: ignore[method-assign]

    def _watch_files(self) -> None:
        write, fsync = os.write, os.fsync

        def half(descriptor: int, data: bytes) -> int:
            if self._left == 1:
                write(descriptor, data[: len(data) // 2])
            self.close()
            return write(descriptor, data)

        def too_early(descriptor: int) -> None:
            self.close()
            fsync(descriptor)

        if self._point.moment == Moment.AFTER:
            os.write = half  # type: ignore[assignment]
        else:
            os.fsync = too_early  # type: ignore[assignment]
