"""The technical log: what the programs did, for who runs them. Apart from the audit, kept months instead of decades, and
without any health data: no name, no identifier of a person or a case, no address that was asked for, no content.

One JSON object a line, on standard error (the journal) and in a file for each day and node. So that nothing slips in:

- Messages of our own modules (loggers ``telepath…``, ``web…``) are sentences with codes and numbers; tests plant identifiers in
  requests and look for them here.
- Of a library's message only the template is kept, in its first line: what it fills in is often what a client sent.
- Of an exception the kind and the places in the code are kept, not its text, which often quotes the value that it choked on.
"""

import json
import logging
import re
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

from telepath.db.database import utc_now
from telepath.errors import Invalid, TelepathError
from web.settings import PREFIX, Settings

OURS: Final = ("telepath", "web", "auth", "consults", "realtime")
SERVER: Final = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""Loggers for which uvicorn has handlers of its own, unless it is told otherwise."""
PREFIX_OF_FILES: Final = "telepath-"
DATED: Final = re.compile(rf"{PREFIX_OF_FILES}.+-(\d{{4}}-\d\d-\d\d)\.jsonl")
TEMPLATE_LENGTH: Final = 200
FRAMES: Final = 30

request_number: ContextVar[str] = ContextVar("request_number", default="")
"""Of the request that is being answered: in each of its lines, and on its error page."""


def to_terminal(level: str) -> None:
    """For commands: sentences on standard error. Call it once, at the start of the process."""
    stream = Journal(sys.stderr)
    stream.setFormatter(Sentences(whole_traces=sys.stderr.isatty()))
    _install(level, stream)


def to_files(settings: Settings) -> None:
    """For the service: JSON on standard error (sentences when somebody sits there) and into this node's files.

    Raises Invalid: the folder cannot be written to."""
    node = f"{socket.gethostname()}:{settings.port}"
    stream = Journal(sys.stderr)
    stream.setFormatter(Sentences(whole_traces=True) if sys.stderr.isatty() else JsonLines(node))
    try:
        files = DailyFiles(settings.logs, node, settings.log_days)
    except OSError:
        name = "LOG_FOLDER" if settings.log_folder else "DATA"
        raise Invalid("error-setting-invalid", name=f"{PREFIX}{name}", reason="folder") from None
    files.setFormatter(JsonLines(node))
    _install(settings.log_level, stream, files)


def close() -> None:
    """Write out what is left, and give the handlers back; nothing is logged any more."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if getattr(one, "of_technical_log", False)]:
        root.removeHandler(handler)
        handler.close()


def _install(level: str, *handlers: logging.Handler) -> None:
    close()
    root = logging.getLogger()
    for handler in handlers:
        handler.of_technical_log = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    # Libraries quote what they were given at their lower levels: the setting is for our own modules.
    root.setLevel(max(logging.WARNING, _level(level)))
    for name in OURS:
        logging.getLogger(name).setLevel(_level(level))
    for name in SERVER:  # whoever set it up before us
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def _level(name: str) -> int:
    return logging.getLevelNamesMapping()[name.upper()]


class JsonLines(logging.Formatter):
    """A record as one line of ASCII: whatever it holds, control characters and line ends are escaped (CWE-117)."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "node": self._node,
            "request": request_number.get(),
            "message": message(record),
        }
        line |= fields(record)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = list(kinds(record.exc_info[1]))
            line["trace"] = places(record.exc_info[1])
        return json.dumps({name: value for name, value in line.items() if value not in ("", [])}, default=str)


class Sentences(logging.Formatter):
    """For whoever reads along on a terminal. ``whole_traces``: only there, where nothing is kept."""

    def __init__(self, *, whole_traces: bool) -> None:
        super().__init__()
        self._whole_traces = whole_traces

    def format(self, record: logging.LogRecord) -> str:
        said = "".join(letter if letter.isprintable() else " " for letter in message(record))
        more = " ".join(f"{name}={value}" for name, value in fields(record).items())
        lines = [f"{record.levelname} {record.name}: {said}" + (f" ({more})" if more else "")]
        if record.exc_info and record.exc_info[1] is not None:
            if self._whole_traces:
                lines.append(self.formatException(record.exc_info))
            else:
                lines[0] += f" [{' < '.join(kinds(record.exc_info[1]))}]"
        return "\n".join(lines)


def message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    return str(record.msg).partition("\n")[0][:TEMPLATE_LENGTH]


def fields(record: logging.LogRecord) -> Mapping[str, Any]:
    """``log.info("…", extra={"fields": {…}})``."""
    found: Mapping[str, Any] = getattr(record, "fields", {})
    return found


def kinds(error: BaseException) -> Iterator[str]:
    """The exception and what caused it, by kind; and by code where they have one that is not a quotation."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        code = at.code if isinstance(at, TelepathError) else at.strerror if isinstance(at, OSError) else None
        state = getattr(at, "sqlstate", None)
        yield ": ".join(str(part) for part in (type(at).__name__, code or state) if part)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def places(error: BaseException) -> list[str]:
    """Where it came from, innermost last: module file, line, function."""
    trace: TracebackType | None = error.__traceback__
    found = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{'/'.join(Path(one.filename).parts[-2:])}:{one.lineno} {one.name}" for one in found]


class Discreet(logging.Handler):
    """A line that cannot be written is lost, and not what was being done; and only where it came from is told."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """As logging's, which would quote the arguments."""
        place = f"{record.name}, {record.filename}:{record.lineno}: {type(sys.exception()).__name__}"
        with suppress(OSError, ValueError):
            sys.stderr.write(f"telepath: a line of the technical log is lost: {place}\n")


class Journal(Discreet, logging.StreamHandler[TextIO]):
    """Standard error."""


class DailyFiles(Discreet):
    """One file a UTC day and node: ``telepath-<node>-<day>.jsonl``. Keeps ``days`` days, today included, of every node's: one
    that is no more leaves no file for ever.

    A write that fails (a full disk) costs its line, and nothing else."""

    def __init__(self, folder: Path, node: str, days: int, clock: Callable[[], datetime] = utc_now) -> None:
        """Raises OSError: the folder cannot be written to."""
        self._file: TextIO | None = None
        super().__init__()  # logging knows it from now on, and closes it one day, whether or not the folder can be had
        self._folder, self._days, self._clock = folder, days, clock
        self._node = re.sub(r"[^A-Za-z0-9.]+", "-", node)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._day = clock().astimezone(UTC).date()
        self._file = self._open()
        self._failing = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            today = self._clock().astimezone(UTC).date()
            if self._file is None or today != self._day:
                self._day = today
                self._shut()
                self._file = self._open()
            self._file.write(self.format(record) + "\n")
            self._file.flush()
            self._failing = False
        except OSError as error:
            if not self._failing:
                with suppress(OSError, ValueError):
                    sys.stderr.write(f"telepath: the technical log cannot be written: {error.strerror}\n")
            self._failing = True
            self._shut()
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        self.acquire()
        try:
            self._shut()
        finally:
            self.release()
        super().close()

    def path(self, day: date) -> Path:
        return self._folder / f"{PREFIX_OF_FILES}{self._node}-{day.isoformat()}.jsonl"

    def _open(self) -> TextIO:
        remove_old(self._folder, self._day - timedelta(days=self._days - 1))
        return self.path(self._day).open("a", encoding="ascii")

    def _shut(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what could not be written once cannot be now
                file.close()


def remove_old(folder: Path, first_kept: date) -> None:
    """Delete the files of days before ``first_kept``; other files in the folder are not ours."""
    for path in folder.glob(f"{PREFIX_OF_FILES}*.jsonl"):
        match = DATED.fullmatch(path.name)
        # Another node may be at it too; and what is no day, or cannot be removed, keeps none of the others.
        with suppress(OSError, ValueError):
            if match and date.fromisoformat(match[1]) < first_kept:
                path.unlink(missing_ok=True)
