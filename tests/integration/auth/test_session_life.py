"""How long a session lives, as requests of people and of pages by themselves make it."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update
from websockets.asyncio.client import connect
from websockets.typing import Origin

from auth.sessions import LONGEST, LONGEST_IDLE
from telepath.actor import SYSTEM
from telepath.db.schema.auth import session
from tests.entrance import Entrance
from tests.identities import INES
from tests.login import login, pick

Ines = INES.subject_name_id
NONSENSE = (b"", b"-5", b"+5", b"1e3", b"0x10", b"1.5", b"soon", b"99999999", "\u0665".encode())


async def seen_at(entrance: Entrance) -> datetime:
    async with entrance.db.read() as reader:
        found: datetime = await reader.scalar(select(session.c.seen_at).where(session.c.ended_at.is_(None)))
        return found


async def told(client: httpx2.AsyncClient) -> Any:
    answer = await client.get("/session", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()


async def test_what_a_page_does_by_itself_does_not_keep_a_session_alive(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        start = await seen_at(entrance)
        entrance.clock.advance(minutes=20)

        for nothing in NONSENSE:
            assert (await client.get("/", headers={b"Telepath-Idle": nothing})).json() is not None
        await client.get("/", headers={"Accept": "text/event-stream"})
        await client.get("/", headers={"Sec-Fetch-Dest": "image"})
        await client.get("/session")
        socket = entrance.origin.replace("http", "ws") + "/socket"
        cookie = f"telepath={client.cookies['telepath']}"
        async with connect(
            socket, origin=Origin(entrance.origin), additional_headers={"Cookie": cookie}
        ) as open_socket:
            assert await open_socket.recv() == "Dr Inès Flamboyant"
        # Nobody has done anything since before the last sign: time that was seen is not taken back.
        await client.get("/", headers={"Telepath-Idle": "3000"})
        assert await seen_at(entrance) == start

        await client.get("/", headers={"Telepath-Idle": "300"})
        assert await seen_at(entrance) == start + timedelta(minutes=15)
        entrance.clock.advance(minutes=25)
        assert (await client.get("/", headers={"Telepath-Idle": "1800"})).json() is None
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "idle")]


async def test_a_page_learns_how_long_its_session_lives_and_says_that_somebody_is_there(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        assert (await client.get("/session", headers={"Accept": "application/json"})).status_code == 401
        await login(client, Ines)
        start = entrance.clock.now
        actor = (await client.get("/")).json()
        entrance.clock.advance(minutes=26)
        life = await told(client)
        assert datetime.fromisoformat(life["now"]) == start + timedelta(minutes=26)
        assert datetime.fromisoformat(life["idle_at"]) == start + LONGEST_IDLE
        assert datetime.fromisoformat(life["expires_at"]) == start + LONGEST
        assert life["idle_seconds"] == 1800
        assert (life["person"], life["name"]) == (actor["person_id"], "Dr Inès Flamboyant")

        quiet = {"Accept": "application/json", "Telepath-Idle": "60"}
        seen = (await client.post("/session/seen", headers=quiet)).json()
        assert datetime.fromisoformat(seen["idle_at"]) == start + timedelta(minutes=25) + LONGEST_IDLE
        evil = await client.post("/session/seen", headers=quiet | {"Origin": "https://evil.example"})
        assert evil.status_code == 403

        # A fresh authentication in a small window gives the session its full life again, under a new id.
        old = client.cookies["telepath"]
        await client.get(await pick(client, "/login/step-up?return_to=/session/renewed", Ines))
        page = await client.get("/session/renewed")
        assert page.status_code == 200
        assert 'id="session-renewed"' in page.text
        assert client.cookies["telepath"] != old
        assert datetime.fromisoformat((await told(client))["expires_at"]) == entrance.clock.now + LONGEST

        # One that an administrator opened in an emergency cannot be renewed: the provider is away.
        assert (life["renewable"], life["guest"]) == (True, False)
        async with entrance.db.write(SYSTEM, unaudited="as if opened in an emergency") as tx:
            await tx.execute(update(session).where(session.c.ended_at.is_(None)).values(emergency_id="E"))
        assert not (await told(client))["renewable"]

        entrance.clock.advance(minutes=31)
        late = await client.post("/session/seen", headers=quiet)
        assert late.status_code == 401
        assert (await client.get("/session/renewed")).headers["location"] == "/login?return_to=%2Fsession%2Frenewed"


@pytest.mark.parametrize("header", ["0", None])
async def test_a_form_or_a_page_is_a_sign_of_a_person(plain_entrance: Entrance, header: str | None) -> None:
    async with plain_entrance.browser() as client:
        await login(client, Ines)
        for _ in range(3):
            plain_entrance.clock.advance(minutes=29)
            await client.get("/", headers={} if header is None else {"Telepath-Idle": header})
            assert await seen_at(plain_entrance) == plain_entrance.clock.now
