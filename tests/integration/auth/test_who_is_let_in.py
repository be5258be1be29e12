"""Who is disabled, somebody else, or somebody of another provider: none of them gets in, and none leaves a session open."""

from typing import Any

import httpx2
import msgspec
from sqlalchemy import update

from auth import suspension
from auth.simulator.conditions import NORMAL, Lifetimes
from telepath.actor import SYSTEM
from telepath.db.schema.directory import person
from tests.entrance import Entrance
from tests.identities import HUGO, INES, UNKNOWN
from tests.login import location, login, pick

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id


async def is_there(client: httpx2.AsyncClient) -> bool:
    return (await client.get("/")).json() is not None


async def set_person(entrance: Entrance, subject_name_id: str, **values: Any) -> None:
    async with entrance.db.write(SYSTEM, unaudited="a test's directory") as tx:
        await tx.execute(update(person).where(person.c.subject_name_id == subject_name_id).values(**values))


async def test_who_is_disabled_is_not_let_in_and_does_not_stay(entrance: Entrance) -> None:
    places = entrance.places
    async with entrance.browser() as ines, entrance.browser() as hugo:
        await login(ines, Ines)
        who = (await ines.get("/")).json()["person_id"]
        async with entrance.db.write(SYSTEM, unaudited="the second time it is nothing") as tx:
            assert await suspension.suspend_person(tx, who)
            assert not await suspension.suspend_person(tx, who)
        assert not await is_there(ines)
        page = await login(ines, Ines)
        assert page.status_code == 403
        assert "Votre accès est suspendu" in page.text
        async with entrance.db.write(SYSTEM, unaudited="the second time it is nothing") as tx:
            assert await suspension.restore_person(tx, who)
            assert not await suspension.restore_person(tx, who)
        assert (await login(ines, Ines)).status_code == 303
        await set_person(entrance, Ines, kind="guest")
        assert (await login(ines, Ines)).status_code == 403, "no login finds a guest"

        async with entrance.db.write(SYSTEM) as tx:
            await suspension.suspend_institution(tx, places["lille"])
        assert location(await login(hugo, Hugo, "/cases")) == "/cases", "there is one place left, and nothing to choose"
        assert (await hugo.get("/")).json()["institution_id"] == entrance.places["rennes"]
        assert await is_there(hugo)
        async with entrance.db.write(SYSTEM) as tx:
            await suspension.suspend_institution(tx, places["rennes"])
        assert not await is_there(hugo)
        assert (await login(hugo, Hugo)).status_code == 403
        async with entrance.db.write(SYSTEM) as tx:
            await suspension.restore_institution(tx, places["lille"])
        assert (await login(hugo, Hugo)).status_code == 303
    reasons = [reason for kind, reason in await entrance.audited() if kind != "session.started"]
    assert reasons == ["person-suspended", "disabled", "no-account", "institution-suspended", "disabled"]


async def test_another_card_in_the_reader_ends_the_session_even_when_its_owner_is_not_let_in(
    entrance: Entrance,
) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        page = await client.get(await pick(client, "/login/start?fresh=1", UNKNOWN.subject_name_id))
        assert page.status_code == 403
        assert "Revenir à la page précédente" not in page.text, "that page is of whom the session was"
        assert "Recommencer la connexion" in page.text
        assert not await is_there(client)
        await client.get(await pick(client, "/login/start?fresh=1", Ines))
        assert await is_there(client)

        def another_sub(stage: str, document: dict[str, Any]) -> dict[str, Any]:
            return document | {"sub": "another"} if stage in {"claims", "userinfo"} else document

        entrance.alter = another_sub
        answer = await client.get(await pick(client, "/login/start?fresh=1&return_to=/cases", Ines))
        assert location(answer) == "/", "who it is was not sure: nobody lands on the page of before"
    assert await entrance.audited() == [
        ("session.started", ""),
        ("session.ended", "other-person"),
        ("session.refused", "no-account"),
        ("session.started", ""),
        ("session.ended", "other-person"),
        ("session.started", ""),
    ]


async def test_nobody_is_let_in_by_another_provider_than_their_own(plain_entrance: Entrance) -> None:
    entrance = plain_entrance
    await set_person(entrance, Ines, provider="leuven")
    async with entrance.browser() as client:
        page = await login(client, Ines)
        assert page.status_code == 403
        assert (await client.get("/login/start?provider=leuven")).status_code == 404
    assert await entrance.audited() == [("session.refused", "other-provider")]


async def test_an_automatic_logout_leaves_the_wallet_alone_and_a_return_from_it_needs_no_state(
    plain_entrance: Entrance,
) -> None:
    entrance = plain_entrance
    # The wallet is used elsewhere meanwhile.
    used = msgspec.structs.replace(Lifetimes(), idle=Lifetimes().session)
    entrance.simulator.conditions = msgspec.structs.replace(NORMAL, lifetimes=used)
    async with entrance.browser() as client:
        for query in ("", "?state=", "?state=unknown"):
            page = await client.get(f"/login/left{query}")
            assert page.status_code == 200
            assert "Déconnexion effectuée" in page.text
        await login(client, Ines)
        entrance.clock.advance(minutes=30)
        assert not await is_there(client)
        again = await client.get(location(await client.get("/login/start")))
        assert again.status_code == 303, "the wallet still knows the person"
        assert (await client.get(location(again))).status_code == 303
        assert await is_there(client)
    assert ("session.ended", "idle") in await entrance.audited()
