"""Sessions ask the provider whether they may go on: against the simulator, over real HTTP, as two nodes would."""

import asyncio
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select, text
from starlette.exceptions import HTTPException

from auth import repository
from auth.identity import IdentityProvider, Renewed
from auth.model import LoginFailed
from auth.opening import nobody, replace
from auth.sessions import Limits
from auth.simulator.conditions import NORMAL, Lifetimes, Trouble
from auth.upkeep import AGAIN_AFTER, Upkeep
from telepath.actor import Origin
from telepath.db.schema.auth import session
from telepath.errors import Unavailable
from tests.entrance import HUGO, INES, Entrance
from tests.forgeries import part
from tests.login import login, pick

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id


def upkeep(entrance: Entrance) -> Upkeep:
    """That of one node, which looks when it is told to."""
    return Upkeep(entrance.db, entrance.providers.get, Limits())


async def living(entrance: Entrance) -> list[dict[str, Any]]:
    async with entrance.db.read() as reader:
        return [dict(row) for row in await reader.all(select(session).where(session.c.ended_at.is_(None)))]


async def is_there(client: httpx2.AsyncClient) -> bool:
    return (await client.get("/")).json() is not None


def counting(entrance: Entrance) -> list[str]:
    """Every answer of the token endpoint from now on."""
    asked: list[str] = []

    def count(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        if stage == "token":
            asked.append(document["refresh_token"])
        return document

    entrance.alter = count
    return asked


async def test_a_session_that_is_used_is_renewed_at_half_of_its_token_s_life_by_one_node(entrance: Entrance) -> None:
    asked = counting(entrance)
    nodes = upkeep(entrance), upkeep(entrance)
    async with entrance.browser() as client:
        await login(client, Ines)
        (first,) = await living(entrance)
        assert asked[0] not in str(first), "the token lies closed in the row"
        assert first["refresh"]
        entrance.clock.advance(minutes=14)
        assert await is_there(client)
        await asyncio.gather(*(node.renew() for node in nodes))
        assert len(asked) == 1, "only the login"
        entrance.clock.advance(minutes=1)
        await asyncio.gather(*(node.renew() for node in nodes))
        assert len(asked) == 2, "one node asked"
        (renewed,) = await living(entrance)
        assert renewed["id"] == first["id"]
        assert renewed["refresh"] != first["refresh"]
        assert renewed["refresh_due_at"] == entrance.clock.now + (renewed["refresh_until"] - entrance.clock.now) / 2
        for number in range(3, 6):
            entrance.clock.advance(minutes=15)
            assert await is_there(client)
            await nodes[0].renew()
            assert len(asked) == number, "each with the token of the one before: the simulator takes none twice"
        # What proves again who is there brings a token of its own.
        await client.get(await pick(client, "/login/step-up", Ines))
        entrance.clock.advance(minutes=15)
        assert await is_there(client)
        await nodes[0].renew()
        assert len(asked) == 7
        assert await is_there(client)
    assert [kind for kind, _ in await entrance.audited()] == ["session.started", "session.stepped-up"]


async def test_the_choice_of_an_activity_takes_the_token_along_even_while_the_provider_is_asked(
    entrance: Entrance,
) -> None:
    async with entrance.browser() as client:
        await login(client, Hugo)
        entrance.clock.advance(minutes=15)

        class Chosen:
            """Hugo chooses while the provider's answer is on its way."""

            async def refresh(self, refresh_token: str) -> Renewed:
                answer = await entrance.identity.refresh(refresh_token)
                await client.post("/login/institution", data={"institution": entrance.places["rennes"]})
                return answer

        meanwhile: Any = Chosen()
        await Upkeep(entrance.db, {"psc": meanwhile}.get, Limits()).renew()
        (row,) = await living(entrance)
        assert row["institution_id"] == entrance.places["rennes"]
        for _ in range(2):
            entrance.clock.advance(minutes=15)
            assert await is_there(client)
            await upkeep(entrance).renew()
        assert await is_there(client), "the token of the answer was kept with the session that took the place"


async def test_a_renewal_that_fails_ends_the_session_and_says_why(entrance: Entrance) -> None:
    def nobody(_key: str) -> IdentityProvider | None:
        return None

    def another_person(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        return document | {"SubjectNameID": Hugo} if stage in {"claims", "userinfo"} else document

    def another_sub(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        return document | {"sub": "another", "nonce": "another"} if stage in {"claims", "userinfo"} else document

    known = entrance.providers.get
    cases = (
        (Trouble.REFRESH_REFUSED, None, known, "refresh-failed"),
        (Trouble.REFRESH_OTHER, None, known, "refresh-failed"),
        (Trouble.NONE, another_person, known, "other-person"),
        (Trouble.NONE, another_sub, known, "other-person"),
        (Trouble.NONE, None, nobody, "refresh-failed"),
    )
    async with entrance.browser() as client:
        for trouble, alter, providers, reason in cases:
            entrance.simulator.conditions, entrance.alter = NORMAL, None
            await client.get(await pick(client, "/login/start?fresh=1", Ines))
            entrance.clock.advance(minutes=15)
            entrance.simulator.conditions = msgspec.structs.replace(NORMAL, trouble=trouble)
            entrance.alter = alter
            await Upkeep(entrance.db, providers, Limits()).renew()
            assert not await is_there(client), trouble
            assert (await entrance.audited())[-1] == ("session.ended", reason)
            assert await entrance.sessions() == 0


async def test_while_the_provider_is_away_a_session_lives_on_to_its_own_limit(entrance: Entrance) -> None:
    node = upkeep(entrance)
    async with entrance.browser() as client:
        await login(client, Ines)
        entrance.simulator.conditions = msgspec.structs.replace(NORMAL, trouble=Trouble.REFRESH_DOWN)
        entrance.clock.advance(minutes=15)
        assert await is_there(client)
        await node.renew()
        (row,) = await living(entrance)
        assert row["refresh_due_at"] > entrance.clock.now, "asked again later"
        entrance.clock.advance(minutes=2)
        entrance.simulator.conditions = NORMAL
        await node.renew()
        (row,) = await living(entrance)
        assert row["refresh_until"] > entrance.clock.now, "the provider was back in time"
        entrance.simulator.conditions = msgspec.structs.replace(NORMAL, trouble=Trouble.REFRESH_DOWN)
        for _ in range(8):
            entrance.clock.advance(minutes=25)
            await node.renew()
            assert await is_there(client)
        (row,) = await living(entrance)
        assert row["refresh_due_at"] is None, "the token is worth nothing any more"
        entrance.clock.advance(minutes=24)
        assert not await is_there(client)
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "expired")]


async def test_what_cannot_be_verified_after_the_token_was_taken_ends_nothing(entrance: Entrance) -> None:
    """The simulator takes no refresh token twice: the next renewal needs the one that came with the spoilt answer."""

    def down(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        if stage == "userinfo":
            raise HTTPException(503)
        return document

    def strange_key(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        return document | {"kid": "unheard-of"} if stage == "header" else document

    async with entrance.browser() as client:
        await login(client, Ines)
        for spoilt in (down, strange_key):
            entrance.clock.advance(minutes=15)
            assert await is_there(client)
            entrance.alter = spoilt
            await upkeep(entrance).renew()
            (row,) = await living(entrance)
            assert row["refresh_due_at"] == entrance.clock.now + AGAIN_AFTER
            entrance.alter = None
            entrance.clock.advance(minutes=1)
            await upkeep(entrance).renew()
            (row,) = await living(entrance)
            assert row["refresh_due_at"] == entrance.clock.now + Lifetimes().refresh / 2
        # Somebody sends a token of their own, and the provider changes its keys before they may be asked for again.
        entrance.clock.advance(minutes=15)
        assert await is_there(client)
        with pytest.raises(LoginFailed):
            await entrance.identity.read_logout(f"{part({'alg': 'RS256', 'kid': 'junk'})}.e30.AA")
        entrance.clock.advance(seconds=5)
        entrance.simulator.rotate_key()
        with pytest.raises(Unavailable):
            await entrance.identity.read_logout(f"{part({'alg': 'RS256', 'kid': entrance.simulator.key.kid})}.e30.AA")
        await upkeep(entrance).renew()
        entrance.clock.advance(minutes=1)
        await upkeep(entrance).renew()
        (row,) = await living(entrance)
        assert row["refresh_due_at"] == entrance.clock.now + Lifetimes().refresh / 2
    assert await entrance.audited() == [("session.started", "")]


async def test_an_id_token_of_another_login_is_not_kept_at_a_renewal(entrance: Entrance) -> None:
    """Core 12.2. Nobody else is there, so the session goes on, with the token that the next renewal needs."""
    asked = counting(entrance)
    count = entrance.alter
    assert count is not None
    async with entrance.browser() as client:
        await login(client, Ines)
        await client.get(await pick(client, "/login/step-up", Ines))
        (before,) = await living(entrance)
        changes: tuple[dict[str, Any], ...] = ({"nonce": "another"}, {"auth_time": 1_700_000_000}, {"nonce": ""}, {})
        for number, change in enumerate(changes, 3):

            def other_login(stage: str, document: dict[str, Any], change: dict[str, Any] = change) -> dict[str, Any]:
                return document | change if stage == "claims" else count(stage, document)

            entrance.alter = other_login
            entrance.clock.advance(minutes=15)
            assert await is_there(client)
            await upkeep(entrance).renew()
            (row,) = await living(entrance)
            assert (row["id_token"] == before["id_token"]) is bool(change), change
            assert len(asked) == number
            assert row["refresh_due_at"] == entrance.clock.now + Lifetimes().refresh / 2
    assert [kind for kind, _ in await entrance.audited()] == ["session.started", "session.stepped-up"]


async def test_a_token_is_kept_with_a_session_that_is_being_replaced_at_this_moment(entrance: Entrance) -> None:
    replaced = asyncio.Event()
    jobs: list[asyncio.Task[None]] = []
    async with entrance.browser() as client:
        await login(client, Ines)
        (old,) = await living(entrance)
        entrance.clock.advance(minutes=15)
        assert await is_there(client)

        async def replacing() -> None:
            async with entrance.db.write(nobody(Origin()), unaudited="as a step-up does") as tx:
                found = await repository.owner(tx, old["id"])
                assert found is not None
                await replace(tx, found[0], msgspec.structs.replace(found[0], id="new"), Origin())
                replaced.set()
                if not entrance.db.is_sqlite:  # there, two writers follow each other
                    await waited_for(entrance)

        class Meanwhile:
            async def refresh(self, refresh_token: str) -> Renewed:
                answer = await entrance.identity.refresh(refresh_token)
                jobs.append(asyncio.create_task(replacing()))
                await replaced.wait()
                return answer

        meanwhile: Any = Meanwhile()
        await Upkeep(entrance.db, {"psc": meanwhile}.get, Limits()).renew()
        await asyncio.gather(*jobs)
        (row,) = await living(entrance)
        assert (row["id"], row["refresh_due_at"]) == ("new", entrance.clock.now + Lifetimes().refresh / 2)


async def waited_for(entrance: Entrance) -> None:
    """Until another transaction waits for a row of this one."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while True:
            async with entrance.db.engine.connect() as connection:
                if await connection.scalar(waiting):
                    return


async def test_nobody_s_session_is_renewed_for_ever(entrance: Entrance) -> None:
    asked = counting(entrance)
    limits = Limits()
    async with entrance.browser() as client:
        await login(client, Ines)
        entrance.clock.advance(minutes=limits.idle.total_seconds() / 60)
        await upkeep(entrance).renew()
        assert len(asked) == 1, "the provider was not asked"
        assert await entrance.sessions() == 0
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "idle")]


async def test_a_session_without_a_token_lives_without_renewal(entrance: Entrance) -> None:
    entrance.simulator.conditions = msgspec.structs.replace(
        NORMAL, lifetimes=msgspec.structs.replace(Lifetimes(), refresh=Lifetimes().refresh * 0)
    )
    async with entrance.browser() as client:
        await login(client, Ines)
        (row,) = await living(entrance)
        assert (row["refresh"], row["refresh_due_at"]) == ("", None)
        entrance.clock.advance(minutes=29)
        await upkeep(entrance).renew()
        assert await is_there(client)


async def test_the_loop_renews_by_itself_and_finishes_what_it_began(entrance: Entrance) -> None:
    asked = counting(entrance)
    async with entrance.browser() as client:
        await login(client, Ines)
        entrance.clock.advance(minutes=15)
        async with Upkeep(entrance.db, entrance.providers.get, Limits(), look_every=0.01), asyncio.timeout(10):
            while len(asked) < 2:  # noqa: ASYNC110 - the answer is what we wait for
                await asyncio.sleep(0.005)
        (row,) = await living(entrance)
        assert row["refresh_due_at"] > entrance.clock.now + Lifetimes().refresh / 3
