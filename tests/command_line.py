"""Runs a command of ``telepath`` in this process, as an operator would type it; and looks at what it left in SQLite."""

import io
import os
import re
import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import pytest

from web import cli, demo

CASE: Final = ("--institution", demo.PLACES["cayenne"].finess, "--case", "CAY-26-0412")
DEMO: Final = ("demo", "--seed-only", "--bare")
"""What the commands are tried on; the whole of it: test_demo.py."""


class Said:
    """What one run of the command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def sentence(self, *hidden: Path) -> str:
        """The last line, of a refusal. It comes after nothing but lines of the log; no trace, none of these paths."""
        assert self.code == 1, (self.code, self.out, self.err)
        *log, line = self.err.splitlines()
        assert all(re.match(r"(?:INFO|WARNING|ERROR):? |\{", told) for told in log), self.err
        for path in hidden:
            assert str(path) not in self.err
            assert path.name not in self.err
        assert line.startswith("telepath: ")
        return line.removeprefix("telepath: ")


def tp(data: Path, *arguments: str | Path, language: str = "en", **settings: str) -> Said:
    """``telepath <arguments>`` with these settings, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as environment:
        for name in ("LC_ALL", "LC_MESSAGES", *(name for name in os.environ if name.startswith("TELEPATH_"))):
            environment.delenv(name, raising=False)
        environment.setenv("LANG", f"{language}_FR.UTF-8")
        for name, value in ({"data": str(data)} | settings).items():
            environment.setenv(f"TELEPATH_{name.upper()}", value)
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.main([str(argument) for argument in arguments])
    return Said(code, out.getvalue(), err.getvalue())


def rows(data: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(data / "telepath.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def stored(data: Path) -> set[str]:
    return {path.relative_to(data).as_posix() for path in (data / "slides").rglob("*")}


def pending(data: Path) -> list[str]:
    """The kinds of the audit records that are not sealed yet, in order."""
    query = "SELECT json_extract(record, '$.kind') FROM audit_pending ORDER BY position"
    with closing(sqlite3.connect(data / "telepath.db")) as db:
        return [kind for (kind,) in db.execute(query)]
