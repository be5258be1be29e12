"""/notices: the page, and the stream that is resumed without a loss."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from auth.sessions import Limits
from realtime import opening, operations
from realtime.bus import Bus
from realtime.messages import CloseRoom
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.ids import make_id
from telepath.notices import store
from telepath.notices.model import KINDS, Notice
from tests.builders import World
from tests.house import WORDS, House, application, house, visited
from tests.login import free_port, serving
from web.relay import topic
from web.routes import notices

CONSULT = make_id(1, bytes(10))
Event = tuple[str, str, Any]
Open = Callable[..., AsyncIterator[Event]]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    async with world.db.write(zoe, unaudited="test") as tx:
        await tx.insert(
            session,
            id=zoe.session_id,
            person_id=zoe.person_id,
            institution_id=zoe.institution_id,
            subject=zoe.subject_name_id,
            acr="eidas1",
            auth_time=tx.now,
            id_token="",
            provider_session="",
            finess=[],
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + timedelta(hours=4),
        )
    return zoe


@pytest.fixture
async def paul(world: World) -> Actor:
    return await world.person("paul", "lille", "Paul", "Lenoir")


async def tell(db: Database, to: Actor, by: Actor, source: str, kind: str = "consult.offered") -> Notice:
    body = {"person": to.person_id, "consult": CONSULT, "room": CONSULT, "by": by.person_id}
    made = await store.store(db, source, kind, body)
    assert made is not None
    return made


async def events(stream: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """(event, id, data) as a browser reads them; a comment is ("", "", text)."""
    async for chunk in stream:
        for block in chunk.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if block.startswith(":"):
                yield "", "", block
            elif "event" in fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])


@pytest.fixture
def opened(database: Database, zoe: Actor) -> Open:
    def stream(
        bus: Bus,
        *,
        last_id: str = "",
        heartbeat: float = 20.0,
        stopping: asyncio.Event | None = None,
        after: int | None = None,
    ) -> AsyncIterator[Event]:
        stop = stopping or asyncio.Event()
        return events(notices.told(database, bus, zoe, WORDS("fr"), Limits(), stop, last_id, heartbeat, after))

    return stream


async def test_the_stream_begins_with_the_number_of_unread(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, opened: Open
) -> None:
    await tell(database, zoe, paul, "1")
    stream = opened(bus)
    assert await anext(stream) == ("unread", "", {"unread": 1})


async def test_a_notice_is_told_as_soon_as_the_bus_says_so(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, opened: Open
) -> None:
    stream = opened(bus)
    await anext(stream)
    made = await tell(database, zoe, paul, "1")
    await bus.publish(topic(zoe.person_id), b"{}")
    assert await anext(stream) == (
        "notice",
        made.id,
        {
            "id": made.id,
            "kind": "consult.offered",
            "text": "Dr Paul Lenoir vous demande un avis.",
            "about": "",
            "path": f"/consults/{CONSULT}",
            "unread": 1,
            "browser": True,
            "number": 1,
        },
    )
    assert await anext(stream) == ("unread", "", {"unread": 1})


async def test_a_page_that_comes_back_gets_what_it_missed_once_and_in_order(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, opened: Open
) -> None:
    seen = await tell(database, zoe, paul, "1")
    missed = [await tell(database, zoe, paul, source) for source in ("2", "3")]
    stream = opened(bus, last_id=seen.id)
    assert [(await anext(stream))[1] for _ in missed] == [one.id for one in missed]
    assert (await anext(stream))[0] == "unread"


async def test_what_comes_between_a_page_and_its_stream_is_told(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, opened: Open
) -> None:
    known = await tell(database, zoe, paul, "1")
    between = await tell(database, zoe, paul, "2")
    assert (await anext(opened(bus, after=known.number)))[1] == between.id
    # What the stream has told counts more than what the page knew; a number of the future is none.
    assert (await anext(opened(bus, after=0, last_id=between.id)))[0] == "unread"
    assert (await anext(opened(bus, after=99)))[0] == "unread"


async def test_an_invitation_unanswered_is_told_again_to_each_page_while_its_room_goes_on(
    database: Database, bus: Bus, world: World, zoe: Actor, opened: Open
) -> None:
    lea = await world.person("lea", "cayenne", "Léa", "Tamarin")
    slide = await world.slide(zoe, await world.case(zoe))
    room = await opening.open_room(database, lea, slide, invited=[zoe.person_id])
    made = await store.store(
        database, "1", "room.invited", {"person": zoe.person_id, "room": room, "by": lea.person_id}
    )
    assert made is not None
    for _ in range(2):
        kind, key, data = await anext(opened(bus))
        assert (kind, key, data["id"]) == ("waiting", "", made.id)
        assert (data["path"], data["about"]) == (f"/rooms/{room}", "26-00417")
    await operations.perform(database, lea, room, "close-it", CloseRoom())
    assert (await anext(opened(bus)))[0] == "unread"


async def test_another_persons_notice_resumes_nothing(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, opened: Open
) -> None:
    other = await tell(database, paul, zoe, "1")
    await tell(database, zoe, paul, "2")
    stream = opened(bus, last_id=other.id)
    assert (await anext(stream))[0] == "unread"


async def test_what_the_bus_loses_is_told_at_the_next_heartbeat(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, opened: Open
) -> None:
    stream = opened(bus, heartbeat=0.05)
    await anext(stream)
    made = await tell(database, zoe, paul, "1")  # and nobody publishes
    async with asyncio.timeout(20):
        async for event, key, _ in stream:
            if event == "notice":
                assert key == made.id
                return


async def test_a_silent_stream_is_kept_open_by_comments(bus: Bus, opened: Open) -> None:
    stream = opened(bus, heartbeat=0.01)
    await anext(stream)
    assert (await anext(stream))[2].startswith(":")


@pytest.mark.parametrize("change", ["ended", "expired", "gone"])
async def test_the_stream_ends_with_the_session(
    database: Database, bus: Bus, world: World, zoe: Actor, opened: Open, change: str
) -> None:
    stream = opened(bus, heartbeat=0.01)
    await anext(stream)
    async with database.write(zoe, unaudited="test") as tx:
        row = update(session).where(session.c.id == zoe.session_id)
        if change == "ended":
            await tx.execute(row.values(ended_at=tx.now))
        elif change == "expired":
            await tx.execute(row.values(expires_at=tx.now))
        else:
            await tx.execute(row.values(id="another"))
    async with asyncio.timeout(20):
        async for event, _, _ in stream:
            assert event == ""


async def test_the_stream_ends_when_the_service_stops(bus: Bus, opened: Open) -> None:
    stopping = asyncio.Event()
    stream = opened(bus, stopping=stopping)
    await anext(stream)
    stopping.set()
    async with asyncio.timeout(20):
        assert [event async for event in stream] == []


async def test_the_stream_ends_when_the_bus_closes(bus: Bus, opened: Open) -> None:
    stream = opened(bus)
    await anext(stream)
    await bus.close()
    async with asyncio.timeout(20):
        assert [event async for event in stream] == []


@pytest.fixture
def services(database: Database, zoe: Actor, tmp_path: Path) -> House:
    made = house(database, tmp_path)
    made.actor = zoe
    return made


async def test_the_page_lists_notices_and_marks_them_read(
    services: House, database: Database, zoe: Actor, paul: Actor
) -> None:
    async with visited(services, notices.routes) as browser:
        assert "Aucune notification" in (await browser.get("/notices")).text
        last = await tell(database, zoe, paul, "1")
        text = (await browser.get("/notices")).text
        assert "Dr Paul Lenoir vous demande un avis." in text
        assert f'name="up_to" value="{last.number}"' in text
        late = await tell(database, zoe, paul, "2", "room.invited")
        assert (await browser.post("/notices", data={"up_to": str(last.number)})).is_redirect
        text = (await browser.get("/notices")).text
        assert "1 notification non lue" in text
        assert (await browser.post("/notices", data={"up_to": str(late.number)})).is_redirect
        assert "Tout est lu" in (await browser.get("/notices")).text
        assert (await browser.post("/notices", data={"up_to": "x"})).status_code == 422


async def test_what_leads_to_no_page_of_its_own_is_read_on_the_list(
    services: House, database: Database, zoe: Actor, paul: Actor
) -> None:
    await tell(database, zoe, paul, "1", "consult.revoked")
    await tell(database, zoe, paul, "2")
    async with visited(services, notices.routes) as browser:
        assert "2 notifications non lues" in (await browser.get("/notices", headers={"HX-Request": "true"})).text
        assert "2 notifications non lues" in (await browser.get("/notices")).text
        assert "1 notification non lue" in (await browser.get("/notices")).text


async def test_reading_in_one_page_counts_in_the_others(
    services: House, database: Database, zoe: Actor, paul: Actor, opened: Open
) -> None:
    await tell(database, zoe, paul, "1")
    stream = opened(services.bus)
    assert await anext(stream) == ("unread", "", {"unread": 1})
    async with visited(services, notices.routes) as browser:
        await browser.post("/notices", data={"up_to": "1"})
    assert await anext(stream) == ("unread", "", {"unread": 0})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_is_worded(language: str) -> None:
    for kind in KINDS:
        assert WORDS(language)("notices-" + kind.replace(".", "-"), by="Dr Zoé Marchand")


async def test_over_http_the_stream_is_neither_kept_nor_held_back(
    services: House, database: Database, zoe: Actor, paul: Actor
) -> None:
    port = free_port()
    app = application(services, notices.routes)
    async with serving(app, port), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as browser:
        async with browser.stream("GET", "/notices/stream") as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["x-accel-buffering"] == "no"
            assert answer.headers["cache-control"] == "no-store"
            stream = events(answer.aiter_bytes())
            assert await anext(stream) == ("unread", "", {"unread": 0})
            made = await tell(database, zoe, paul, "1")
            await services.bus.publish(topic(zoe.person_id), b"{}")
            assert (await anext(stream))[1] == made.id
            services.stopping.set()
            async with asyncio.timeout(20):
                async for _ in stream:
                    pass
        services.actor = None
        refused = await browser.get("/notices/stream", headers={"Accept": "text/event-stream"})
        assert refused.status_code == 401
