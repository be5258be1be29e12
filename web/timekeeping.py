"""Where the time comes from, and how far it may be trusted: the kernel's own account, the database server's, the identity
provider's. Measured at the start and every hour, and kept in the audit: a record's time is worth what the clock was."""

import asyncio
import ctypes
import logging
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx2
import msgspec
from sqlalchemy import text

from telepath.actor import SYSTEM
from telepath.background import Background
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import Unavailable

MEASURE_EVERY: Final = 3600.0
LOOK_EVERY: Final = 10.0
"""Seconds between two looks at whether the clock was put back."""
PATIENCE: Final = 10.0
"""Seconds for the identity provider to answer."""
STEP: Final = timedelta(seconds=1)
"""A time service slews less than this between two looks: more is a jump."""

log = logging.getLogger("telepath.timekeeping")


class Kernel(msgspec.Struct, frozen=True):
    """What the time service last told the kernel. ``synchronised`` None: this system does not say."""

    synchronised: bool | None
    error_ms: float | None = None
    """Estimated error, in milliseconds."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement. Offsets: that clock minus ours, in milliseconds; None: not known."""

    source: str
    kernel: Kernel
    database_ms: int | None
    provider_ms: int | None

    def detail(self) -> dict[str, Any]:
        """As the audit keeps it: without what is not known."""
        known = {
            "source": self.source,
            "synchronised": self.kernel.synchronised,
            "error_ms": self.kernel.error_ms,
            "database_ms": self.database_ms,
            "provider_ms": self.provider_ms,
        }
        return {name: value for name, value in known.items() if value is not None}


class _Timex(ctypes.Structure):
    """The beginning of struct timex (adjtimex(2)) on Linux; the rest is room for the kernel to write into."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("rest", ctypes.c_char * 1020),
    )


_TIME_ERROR: Final = 5


def kernel() -> Kernel:
    """adjtimex(2), which changes nothing with no ``modes``: "TIME_ERROR: The system clock is not synchronized", "esterror:
    Estimated error (microseconds)"."""
    told = _Timex()
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return Kernel(None)
    if answer < 0:
        return Kernel(None)
    return Kernel(answer != _TIME_ERROR, round(told.esterror / 1000, 3))


SERVICES: Final = {
    "chrony": "chrony",
    "systemd-timesyncd": "systemd/timesync/synchronized",
    "ntpsec": "ntpsec.pid",
    "ntp": "ntpd.pid",
}
"""Time service → what of it is to be seen below /run while it keeps the clock."""


def source(run: Path = Path("/run")) -> str:
    """The time service of this machine; ``unknown`` when none is to be seen (in a container the host keeps the clock)."""
    for name, trace in SERVICES.items():
        try:
            if (run / trace).exists():
                return name
        except OSError:
            continue
    return "unknown"


async def provider_offset(client: httpx2.AsyncClient, url: str) -> timedelta | None:
    """The clock of who answers at ``url``, by its ``Date`` header, minus ours. None: no answer, or none that tells the time.

    The header has whole seconds: exact to half a second, and half the time that the answer took."""
    try:
        before = datetime.now(UTC)
        answer = await client.get(url)
        after = datetime.now(UTC)
        told = parsedate_to_datetime(answer.headers["date"])
        # The moment it names began up to a second before the answer was made.
        return told + timedelta(seconds=0.5) - (before + (after - before) / 2)
    except (httpx2.HTTPError, httpx2.InvalidURL, KeyError, ValueError, TypeError):
        return None


async def database_offset(reader: Reader) -> timedelta | None:
    """The clock of the database server minus ours, exact to half the time of a question. None: SQLite is this machine."""
    if reader.connection.dialect.name != "postgresql":
        return None
    before = datetime.now(UTC)
    told: datetime = await reader.connection.scalar(text("SELECT clock_timestamp()"))
    after = datetime.now(UTC)
    return told.astimezone(UTC) - (before + (after - before) / 2)


class Timekeeping:
    """``async with Timekeeping(...)``: a node's measurements, at once and every hour, and each time the clock is put back."""

    def __init__(
        self, db: Database, discovery: str, tls: ssl.SSLContext | None = None, *, look_every: float = LOOK_EVERY
    ) -> None:
        """``discovery``: the identity provider's address whose ``Date`` is compared; ``tls``: as it is spoken to."""
        self._db = db
        self._discovery = discovery
        self._tls = tls or ssl.create_default_context()
        self._look_every = look_every
        self._background = Background()

    async def __aenter__(self) -> Self:
        self._background.start(self._watch(), "timekeeping")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()

    async def measured(self) -> Measured:
        """Raises Unavailable: the database does not answer."""
        async with self._db.read() as reader:
            database = await database_offset(reader)
        async with httpx2.AsyncClient(verify=self._tls, timeout=PATIENCE, trust_env=False) as client:
            provider = await provider_offset(client, self._discovery)
        return Measured(
            source=await asyncio.to_thread(source),
            kernel=await asyncio.to_thread(kernel),
            database_ms=_milliseconds(database),
            provider_ms=_milliseconds(provider),
        )

    async def record(self, back: timedelta | None = None) -> None:
        """Measure, and keep it in the audit; ``back``: the clock was put back by this much. Raises Unavailable."""
        found = await self.measured()
        stepped: dict[str, Any] = {} if back is None else {"back_ms": _milliseconds(back)}
        failed = found.kernel.synchronised is False or back is not None
        async with self._db.write(SYSTEM) as tx:
            await tx.audit("clock.measured", outcome="failure" if failed else "success", **found.detail(), **stepped)

    async def _watch(self) -> None:
        watch = StepWatch()
        due, back = 0.0, None
        while True:
            now = time.monotonic()
            back = watch.look(datetime.now(UTC), now) or back
            if back is not None:
                log.warning("the clock was put back by %.1f s", back.total_seconds())
            if back is not None or now >= due:
                try:
                    await self.record(back)
                    due, back = now + MEASURE_EVERY, None
                except Unavailable:
                    log.warning("the clock could not be recorded: the database does not answer")
                except Exception:
                    log.exception("the clock could not be recorded")
                    due = now + MEASURE_EVERY
            await asyncio.sleep(self._look_every)


class StepWatch:
    """Tells by how much the wall clock was put back since the last look, by the monotonic clock, which nobody can put back."""

    def __init__(self) -> None:
        self._ahead: timedelta | None = None

    def look(self, wall: datetime, monotonic: float) -> timedelta | None:
        """None: it went on, or was put forward, which happens when a machine wakes up."""
        ahead = wall - datetime.fromtimestamp(monotonic, UTC)
        before, self._ahead = self._ahead, ahead
        return before - ahead if before is not None and before - ahead > STEP else None


def _milliseconds(offset: timedelta | None) -> int | None:
    return None if offset is None else round(offset / timedelta(milliseconds=1))
