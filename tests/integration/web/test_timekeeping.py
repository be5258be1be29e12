"""What the audit knows of its clock: measured at the start and every hour, against whoever else tells the time."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from tests.login import free_port, serving
from web import timekeeping
from web.timekeeping import Kernel, StepWatch, Timekeeping

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def telling(ahead: timedelta) -> Starlette:
    """A provider whose clock is ``ahead`` of ours."""

    async def answer(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("", headers={"date": format_datetime(datetime.now(UTC) + ahead, usegmt=True)})

    return Starlette(routes=[Route("/", answer)])


async def measurements(db: Database) -> list[dict[str, Any]]:
    async with db.read() as reader:
        rows = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
    return [row["record"] for row in rows if row["record"]["kind"] == "clock.measured"]


async def test_a_node_measures_its_clock_when_it_starts_and_keeps_that_in_the_audit(database: Database) -> None:
    port = free_port()
    async with (
        serving(telling(timedelta(seconds=8)), port, date_header=False),
        Timekeeping(database, f"http://127.0.0.1:{port}/"),
    ):
        async with asyncio.timeout(20):
            while not (found := await measurements(database)):  # noqa: ASYNC110  # another task writes it
                await asyncio.sleep(0.01)
    detail = found[0]["detail"]
    assert 7_000 < detail["provider_ms"] < 9_500
    assert detail["source"] in {*timekeeping.SERVICES, "unknown"}
    assert ("database_ms" in detail) is (not database.is_sqlite)
    if not database.is_sqlite:
        assert abs(detail["database_ms"]) < 1000  # the tests' server has our own clock
    told = timekeeping.kernel()
    assert detail.get("synchronised") == told.synchronised
    assert found[0]["outcome"] == ("failure" if told.synchronised is False else "success")


async def test_nobody_else_tells_the_time(database: Database) -> None:
    await Timekeeping(database, f"http://127.0.0.1:{free_port()}/").record()
    (found,) = await measurements(database)
    assert "provider_ms" not in found["detail"]


async def test_a_clock_that_was_put_back_is_recorded_by_how_much(database: Database) -> None:
    await Timekeeping(database, f"http://127.0.0.1:{free_port()}/").record(timedelta(minutes=2))
    (found,) = await measurements(database)
    assert (found["detail"]["back_ms"], found["outcome"]) == (120_000, "failure")


def test_a_step_back_is_seen_and_nothing_else() -> None:
    watch = StepWatch()
    assert watch.look(NOON, 100.0) is None
    assert watch.look(NOON + timedelta(seconds=10), 110.0) is None
    assert watch.look(NOON + timedelta(seconds=19.8), 120.0) is None, "a time service slews"
    assert watch.look(NOON + timedelta(seconds=500), 130.0) is None, "the machine slept"
    assert watch.look(NOON + timedelta(seconds=450), 140.0) == timedelta(seconds=60)
    assert watch.look(NOON + timedelta(seconds=460), 150.0) is None, "told once"


def test_the_kernel_says_whether_its_clock_is_kept() -> None:
    told = timekeeping.kernel()
    assert told.synchronised in {True, False, None}
    assert (told.error_ms is None) == (told.synchronised is None)
    assert told.error_ms is None or told.error_ms >= 0
    assert Kernel(None).error_ms is None


@pytest.mark.parametrize("name", [*timekeeping.SERVICES, "unknown"])
def test_the_time_service_is_known_by_what_it_leaves_in_run(tmp_path: Path, name: str) -> None:
    if name in timekeeping.SERVICES:
        trace = tmp_path / timekeeping.SERVICES[name]
        trace.parent.mkdir(parents=True, exist_ok=True)
        trace.touch()
    assert timekeeping.source(tmp_path) == name


@pytest.mark.parametrize("date", ["", "yesterday", None])
async def test_an_answer_that_tells_no_time_is_none(date: str | None) -> None:
    async def answer(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("", headers={} if date is None else {"date": date})

    port = free_port()
    async with serving(Starlette(routes=[Route("/", answer)]), port, date_header=False), httpx2.AsyncClient() as client:
        assert await timekeeping.provider_offset(client, f"http://127.0.0.1:{port}/") is None
