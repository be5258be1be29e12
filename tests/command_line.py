"""Runs a command of ``telepath`` in this process, as an operator would type it."""

import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from web import cli


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
