"""A provider that says whose sessions end: OpenID Connect Back-Channel Logout 1.0, over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import func, select

from auth.simulator.realm import Provider
from auth.simulator.tokens import logout_token
from telepath.db.schema.auth import logout_token as tokens
from telepath.db.schema.auth import session
from tests.entrance import Entrance
from tests.identities import HUGO, INES
from tests.login import login

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id
PATH = "/login/backchannel-logout/psc"


@pytest.fixture
async def wire(entrance: Entrance) -> AsyncIterator[httpx2.AsyncClient]:
    """The provider's server: no cookie, no Origin."""
    async with httpx2.AsyncClient(base_url=entrance.origin, trust_env=False, timeout=10) as made:
        yield made


def token_for(provider: Provider, of: str, /, **changes: Any) -> str:
    """A logout token of a session of the provider's; a claim that is changed to None is left out."""

    def altered(stage: str, claims: dict[str, Any]) -> dict[str, Any]:
        both = claims | changes if stage == "logout" else claims
        return {name: value for name, value in both.items() if value is not None}

    (client,) = provider.clients.values()
    before, provider.alter = provider.alter, altered
    try:
        return logout_token(provider, provider.sessions[of], client)
    finally:
        provider.alter = before


async def is_there(client: httpx2.AsyncClient) -> bool:
    return (await client.get("/")).json() is not None


async def sid_of(entrance: Entrance, client: httpx2.AsyncClient) -> str:
    actor = (await client.get("/")).json()
    async with entrance.db.read() as reader:
        sid: str = await reader.scalar(select(session.c.provider_session).where(session.c.id == actor["session_id"]))
        return sid


async def test_the_sessions_of_one_sid_end_or_all_of_a_subject_when_there_is_none(
    entrance: Entrance, wire: httpx2.AsyncClient
) -> None:
    async with entrance.browser() as one, entrance.browser() as two, entrance.browser() as hugo:
        for client, who in ((one, Ines), (two, Ines), (hugo, Hugo)):
            await login(client, who)
        await hugo.post("/login/institution", data={"institution": entrance.places["lille"]})
        sids = [await sid_of(entrance, client) for client in (one, two, hugo)]
        assert len(set(sids)) == 3
        first = token_for(entrance.simulator, sids[0])
        answer = await wire.post(PATH, data={"logout_token": first})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert [await is_there(client) for client in (one, two, hugo)] == [False, True, True]
        again = await wire.post(PATH, data={"logout_token": first})
        assert (again.status_code, again.headers["cache-control"]) == (400, "no-store")
        assert again.json() == {"error": "invalid_request", "error_description": "logout-replayed"}
        # 2.7: the person is logged out already; that is no failure.
        over = await wire.post(PATH, data={"logout_token": token_for(entrance.simulator, sids[0])})
        assert over.status_code == 200
        await login(one, Ines)
        everywhere = token_for(entrance.simulator, sids[0], sid=None)
        assert (await wire.post(PATH, data={"logout_token": everywhere})).status_code == 200
        assert [await is_there(client) for client in (one, two, hugo)] == [False, False, True]
    told = [entry for entry in await entrance.audited() if entry[0] != "session.started"]
    ended = ("session.ended", "provider-logout")
    assert told == [
        ("session.activity-chosen", ""),
        ("session.logout-received", ""),
        ended,
        ("session.logout-received", "logout-replayed"),
        ("session.logout-received", ""),
        ("session.logout-received", ""),
        ended,
        ended,
    ]


async def test_what_is_no_logout_token_ends_nothing_and_fills_no_log(
    entrance: Entrance, wire: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        sid = await sid_of(entrance, client)

        def token(**changes: Any) -> str:
            return token_for(entrance.simulator, sid, **changes)

        async with entrance.db.read() as reader:
            id_token = await reader.scalar(select(session.c.id_token))
        forms: list[tuple[Any, str]] = [
            ({"logout_token": token(nonce="n")}, "logout-nonce"),
            ({"logout_token": token(events=None)}, "logout-event"),
            ({"logout_token": token(events={"http://schemas.openid.net/event/other": {}})}, "logout-event"),
            ({"logout_token": token(aud="another")}, "audience"),
            ({"logout_token": token(iss="https://evil.example")}, "issuer"),
            ({"logout_token": token(sid=None, sub=None)}, "logout-of-nobody"),
            ({"logout_token": token(jti=None)}, "logout-jti-missing"),
            ({"logout_token": token(iat=1)}, "issued-too-long-ago"),
            ({"logout_token": f"{token()[:-8]}AAAAAAAA"}, "signature"),
            ({"logout_token": token(exp=None)}, "exp-missing"),
            ({"logout_token": id_token}, "logout-event"),
            ({"logout_token": ["a.b.c", "a.b.c"]}, "logout-token-missing"),
            ({"token": token()}, "logout-token-missing"),
            ({"logout_token": "x" * 20_000}, "logout-form"),
        ]
        for form, reason in forms:
            answer = await wire.post(PATH, data=form)
            assert answer.status_code == 400, form
            assert answer.headers["content-type"] == "application/json"
            assert answer.json() == {"error": "invalid_request", "error_description": reason}
        assert (await wire.post(PATH, json={"logout_token": token()})).status_code == 400
        assert (await wire.post("/login/backchannel-logout/other", data={"logout_token": token()})).status_code == 404
        assert (await wire.get(PATH)).status_code == 405
        assert await is_there(client)
    assert await entrance.audited() == [("session.started", "")]
    # What a provider does wrong with every token is for its operator and ours; the rest anybody may send.
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "a logout token of the provider psc was refused: exp-missing"
    ]


async def test_a_provider_whose_keys_cannot_be_had_may_send_its_token_again(
    plain_entrance: Entrance,
) -> None:
    """And what was seen is forgotten when no token of it could come again."""
    entrance = plain_entrance
    async with entrance.browser() as client, httpx2.AsyncClient(base_url=entrance.origin, trust_env=False) as wire:
        await login(client, Ines)
        sid = await sid_of(entrance, client)
        entrance.simulator.rotate_key()
        entrance.clock.advance(minutes=11)
        assert await is_there(client)
        token = token_for(entrance.simulator, sid)

        def away(stage: str, document: dict[str, Any]) -> dict[str, Any]:
            return {"keys": "none"} if stage == "keys" else document

        entrance.alter = away
        answer = await wire.post(PATH, data={"logout_token": token})
        assert (answer.status_code, answer.json()) == (400, {"error": "temporarily_unavailable"})
        assert await is_there(client)
        entrance.alter = None
        entrance.clock.advance(minutes=1)
        assert (await wire.post(PATH, data={"logout_token": token})).status_code == 200
        assert not await is_there(client)
        entrance.clock.advance(hours=2)
        await login(client, Ines)
        answer = await wire.post(
            PATH, data={"logout_token": token_for(entrance.simulator, await sid_of(entrance, client))}
        )
        assert answer.status_code == 200
    async with entrance.db.read() as reader:
        assert await reader.scalar(select(func.count()).select_from(tokens)) == 1


async def test_a_logout_at_the_wallet_reaches_the_service(plain_entrance: Entrance) -> None:
    """The whole way: the simulator tells its clients by itself."""
    entrance = plain_entrance
    (known,) = entrance.simulator.clients.values()
    told = msgspec.structs.replace(known, backchannel_logout_uri=f"{entrance.origin}{PATH}")
    entrance.simulator.clients[known.client_id] = told
    async with entrance.browser() as client:
        await login(client, Ines)
        entrance.simulator.end_session(await sid_of(entrance, client))
        while await entrance.sessions():
            await (await client.get("/")).aread()
        assert not await is_there(client)
    assert ("session.ended", "provider-logout") in await entrance.audited()
