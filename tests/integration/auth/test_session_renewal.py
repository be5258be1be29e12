"""Sessions ask the provider whether they may go on: against the simulator, over real HTTP, as two nodes would."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import httpx2
import msgspec
import pytest
from sqlalchemy import select, text
from starlette.exceptions import HTTPException

from auth import repository
from auth.agreement import Provider
from auth.identity import IdentityProvider, Providers, Renewed
from auth.identity_oidc import OpenIdProvider
from auth.model import LoginFailed
from auth.opening import nobody, replace
from auth.providers import Registry
from auth.sessions import Limits
from auth.simulator.conditions import NORMAL, Lifetimes, Trouble
from auth.upkeep import AGAIN_AFTER, Upkeep
from telepath.actor import Origin
from telepath.db.schema.auth import session
from telepath.errors import Unavailable
from tests.audited import records
from tests.entrance import Entrance
from tests.forgeries import Change, Document, broken_signature, id_token, later, part, with_, without
from tests.identities import HUGO, INES
from tests.login import altering, login, pick

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id


def upkeep(entrance: Entrance) -> Upkeep:
    """That of one node, which looks when it is told to."""
    return Upkeep(entrance.db, entrance.providers.get, Limits())


async def living(entrance: Entrance) -> list[dict[str, Any]]:
    async with entrance.db.read() as reader:
        return [dict(row) for row in await reader.all(select(session).where(session.c.ended_at.is_(None)))]


async def is_there(client: httpx2.AsyncClient) -> bool:
    return (await client.get("/")).json() is not None


def away(status: int) -> Change:
    def change(_sent: Document) -> Document:
        raise HTTPException(status)

    return change


def refusing(status: int, error: str) -> Change:
    """The endpoint says no, as RFC 6749 5.2 writes it."""

    def change(_sent: Document) -> Document:
        raise HTTPException(status, f'{{"error": "{error}"}}')

    return change


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

    another, another_sub = with_(SubjectNameID=Hugo), with_(sub="another", nonce="another")
    unsigned, wrong_acr = id_token(broken_signature), with_(acr="0")
    known = entrance.providers.get
    # OpenID Connect Core 12.2.
    other_logins = [
        (with_(nonce="another"), {"reason": "refresh-unverified", "failed": "renewed-nonce"}),
        (with_(nonce=""), {"reason": "refresh-unverified", "failed": "renewed-nonce"}),
        (later("auth_time", -1), {"reason": "refresh-unverified", "failed": "renewed-auth-time"}),
    ]
    cases: tuple[tuple[Trouble, dict[str, Change], Providers, dict[str, str]], ...] = (
        (Trouble.REFRESH_REFUSED, {}, known, {"reason": "refresh-failed"}),
        (Trouble.NONE, {}, nobody, {"reason": "refresh-failed"}),
        # Somebody else, and nobody hides behind another fault: what could be read of either document names them.
        (Trouble.REFRESH_OTHER, {}, known, {"reason": "other-person"}),
        (Trouble.NONE, {"claims": another, "userinfo": another}, known, {"reason": "other-person"}),
        (Trouble.NONE, {"claims": another_sub, "userinfo": another_sub}, known, {"reason": "other-person"}),
        (Trouble.NONE, {"token": unsigned, "userinfo": another}, known, {"reason": "other-person"}),
        (Trouble.NONE, {"claims": with_(acr="0", sub="another")}, known, {"reason": "other-person"}),
        (Trouble.NONE, {"claims": another, "userinfo": away(503)}, known, {"reason": "other-person"}),
        # Said in full, and wrong.
        (Trouble.NONE, {"token": unsigned}, known, {"reason": "refresh-unverified", "failed": "signature"}),
        (Trouble.NONE, {"claims": wrong_acr}, known, {"reason": "refresh-unverified", "failed": "acr"}),
        *((Trouble.NONE, {"claims": one}, known, told) for one, told in other_logins),
        (
            Trouble.NONE,
            {"userinfo": without("sub")},
            known,
            {"reason": "refresh-unverified", "failed": "subject-missing"},
        ),
        (
            Trouble.NONE,
            {"token": unsigned, "userinfo": away(503)},
            known,
            {"reason": "refresh-unverified", "failed": "signature"},
        ),
    )
    async with entrance.browser() as client:
        for trouble, changes, providers, detail in cases:
            entrance.simulator.conditions, entrance.alter = NORMAL, None
            await client.get(await pick(client, "/login/start?fresh=1", Ines))
            entrance.clock.advance(minutes=15)
            entrance.simulator.conditions = msgspec.structs.replace(NORMAL, trouble=trouble)
            entrance.alter = altering(**changes)
            await Upkeep(entrance.db, providers, Limits()).renew()
            assert not await is_there(client), detail
            assert (await records(entrance.db, "session.ended"))[-1]["detail"] == detail
            assert await entrance.sessions() == 0


async def test_what_may_be_a_hiccup_of_the_provider_is_forgiven_once(entrance: Entrance) -> None:
    """The simulator takes no refresh token twice: the one that came with the spoilt answer is needed, whatever is spoilt."""
    hiccups: tuple[tuple[dict[str, Change], str], ...] = (
        ({"token": without("access_token")}, "access-token-missing"),
        ({"userinfo": away(401)}, "userinfo-refused"),
        ({"userinfo": without("SubjectNameID")}, "subject-name-id-missing"),
        ({"discovery": with_(issuer="https://evil.example")}, "discovery-issuer"),
    )

    agreed = entrance.identity.provider
    unknown_to_it = msgspec.structs.replace(agreed, client_secret="no longer ours")
    away_for_now = refusing(429, "invalid_client"), refusing(400, "temporarily_unavailable")

    async def due_in(changes: dict[str, Change], after: timedelta, provider: Provider = agreed) -> timedelta | None:
        """When the provider is asked next, once it answered so ``after`` a while; None: the session ended."""
        entrance.clock.now += after
        assert await is_there(client)
        # The discovery document is asked for anew.
        entrance.providers = Registry(OpenIdProvider(provider, clock=entrance.clock))
        entrance.alter = altering(**changes)
        await Upkeep(entrance.db, entrance.providers.get, Limits()).renew()
        entrance.alter = None
        rows = await living(entrance)
        return None if not rows else rows[0]["refresh_due_at"] - entrance.clock.now

    half = Lifetimes().refresh / 2
    async with entrance.browser() as client:
        for changes, failed in hiccups:
            await client.get(await pick(client, "/login/start?fresh=1", Ines))
            assert await due_in(changes, half) == AGAIN_AFTER, failed
            assert await due_in({}, AGAIN_AFTER) == half, failed
            assert await due_in(changes, half) == AGAIN_AFTER, "the renewal between made it good"
            assert await due_in({"userinfo": away(503)}, AGAIN_AFTER) == AGAIN_AFTER
            assert await due_in(changes, AGAIN_AFTER) is None, "no answer between makes nothing good"
            told = (await records(entrance.db, "session.ended"))[-1]["detail"]
            assert told == {"reason": "refresh-unverified", "failed": failed}
        # A refusal of us, before the refresh token is looked at; what is said of this moment alone is no answer at all.
        for change in away_for_now:
            entrance.providers = Registry(entrance.identity)
            await client.get(await pick(client, "/login/start?fresh=1", Ines))
            assert await due_in({"token": change}, half) == AGAIN_AFTER
            assert await due_in({}, AGAIN_AFTER, unknown_to_it) == AGAIN_AFTER
            assert await due_in({}, AGAIN_AFTER, unknown_to_it) is None
            told = (await records(entrance.db, "session.ended"))[-1]["detail"]
            assert told == {"reason": "refresh-unverified", "failed": "refresh-client-refused"}


async def test_every_session_that_could_not_be_renewed_is_told_of(
    plain_entrance: Entrance, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def refresh(self, refresh_token: str) -> Renewed:
            raise RuntimeError("a mistake of ours")

    entrance, broken = plain_entrance, cast("Any", Broken())
    async with entrance.browser() as one, entrance.browser() as two, entrance.browser() as three:
        for client in (one, two, three):
            await login(client, Ines)
        entrance.clock.advance(minutes=15)
        with pytest.raises(RuntimeError):
            await Upkeep(entrance.db, {"psc": broken}.get, Limits()).renew()
    assert [record.message for record in caplog.records if record.exc_info] == [
        "another session could not be renewed"
    ] * 2


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


async def test_an_id_token_of_a_later_login_is_not_kept_at_a_renewal(entrance: Entrance) -> None:
    """The same person, at another service: the session goes on, with the token that the next renewal needs."""
    asked = counting(entrance)
    count = entrance.alter
    assert count is not None
    async with entrance.browser() as client:
        await login(client, Ines)
        await client.get(await pick(client, "/login/step-up", Ines))
        (before,) = await living(entrance)
        changes: tuple[Change, ...] = (later("auth_time", 60), without("auth_time", "nonce"), with_())
        for number, change in enumerate(changes, 3):

            def other_login(stage: str, document: dict[str, Any], change: Change = change) -> dict[str, Any]:
                return change(document) if stage == "claims" else count(stage, document)

            entrance.alter = other_login
            entrance.clock.advance(minutes=15)
            assert await is_there(client)
            await upkeep(entrance).renew()
            (row,) = await living(entrance)
            assert (row["id_token"] == before["id_token"]) is (number == 3)
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
