"""Signing in, proving again and signing out through the simulator, over real HTTP."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest
from sqlalchemy import select, text
from starlette.exceptions import HTTPException

from auth import administration
from auth.identity_oidc import OpenIdProvider
from auth.providers import Registry
from auth.simulator import create_app
from telepath import directory
from telepath.actor import SYSTEM, Role
from telepath.db.schema.auth import login as login_table
from telepath.db.schema.auth import session
from telepath.db.schema.directory import person
from telepath.errors import Conflict, Invalid
from tests.entrance import Entrance
from tests.forgeries import with_
from tests.identities import HOMELESS, HUGO, INES, UNKNOWN
from tests.login import altering, client_of, free_port, issuer_at, location, login, pick, pick_at

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id


def out_of_order(_stage: str, _document: dict[str, Any]) -> dict[str, Any]:
    raise HTTPException(503)


async def who(client: httpx2.AsyncClient) -> Any:
    return (await client.get("/")).json()


async def test_a_member_signs_in_and_is_recognised(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        answer = await login(client, Ines, "/cases/1")
        assert (answer.status_code, location(answer)) == (303, "/cases/1")
        actor = await who(client)
    assert actor["name"] == "Dr Inès Flamboyant"
    assert actor["institution_id"] == entrance.places["cayenne"]
    assert actor["time_zone"] == "America/Cayenne"
    assert set(actor["roles"]) == {"expert", "requester"}
    assert actor["subject_name_id"] == Ines
    assert actor["acr"] == "eidas1"
    assert actor["address"] == "127.0.0.1"
    assert await entrance.audited() == [("session.started", "")]


async def test_what_a_provider_tells_at_length_is_kept(entrance: Entrance) -> None:
    """A level of authentication may have a long name; PostgreSQL cuts nothing, and refuses."""
    level = "https://refeds.org/profile/mfa"
    entrance.identity.provider = msgspec.structs.replace(entrance.identity.provider, accepted_acr=frozenset({level}))
    entrance.alter = altering(claims=with_(acr=level, authMode="M" * 21))
    async with entrance.browser() as client:
        assert (await login(client, Ines)).status_code == 303
        assert (await who(client))["acr"] == level
    async with entrance.db.read() as reader:
        row = await reader.one(select(session))
    assert (row["acr"], row["auth_mode"]) == (level, "M" * 20)


async def test_the_cookie_is_opaque_and_only_its_hash_is_stored(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        answer = await login(client, Ines)
        cookie = client.cookies["telepath"]
    flags = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("telepath="))
    assert "HttpOnly" in flags
    assert "SameSite=lax" in flags
    assert "Max-Age" not in flags
    async with entrance.db.read() as reader:
        row = await reader.one(select(session))
    assert len(cookie) >= 43
    assert cookie not in str(dict(row))


async def test_the_wallet_is_asked_for_what_pro_sante_connect_needs(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        away = await client.get("/login/start")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location(away)).query).items()}
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid scope_all"
    assert asked["acr_values"] == "eidas1"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{entrance.origin}/login/callback"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert "prompt" not in asked
    async with entrance.db.read() as reader:
        row = await reader.one(select(login_table))
    assert asked["state"] not in str(dict(row))


async def test_turning_back_at_the_wallet_gives_a_page_and_no_session(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        page = await client.get(await pick(client, "/login/start?return_to=/cases", None))
        assert page.status_code == 200
        assert "Connexion abandonnée" in page.text
        assert "/login/start?return_to=%2Fcases" in page.text
    assert await entrance.sessions() == 0
    assert await entrance.audited() == []


async def test_a_callback_serves_once(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        callback = await pick(client, "/login/start", Ines)
        assert (await client.get(callback)).status_code == 303
        cookie = client.cookies["telepath"]
        again = await client.get(callback)
        assert again.status_code == 400
        assert "n’est plus en cours" in again.text
        assert client.cookies["telepath"] == cookie
    assert await entrance.sessions() == 1


async def test_an_invented_state_gives_no_session_and_does_not_fill_the_audit(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        for query in ("state=invented&code=c", "code=c", "", "state=&code=c", "error=access_denied"):
            assert (await client.get(f"/login/callback?{query}")).status_code == 400
    assert await entrance.sessions() == 0
    assert await entrance.audited() == []


async def test_two_tabs_that_sign_in_at_once_both_succeed(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        first, second = await client.get("/login/start?return_to=/1"), await client.get("/login/start?return_to=/2")
        one, two = await pick_at(client, location(first), Ines), await pick_at(client, location(second), Ines)
        assert location(await client.get(two)) == "/2"
        assert location(await client.get(one)) == "/1"
        assert (await who(client))["name"] == "Dr Inès Flamboyant"
    assert await entrance.sessions() == 1
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "replaced"), ("session.started", "")]


async def test_a_login_begun_in_another_browser_is_refused_and_used_up(entrance: Entrance) -> None:
    async with entrance.browser() as attacker, entrance.browser() as victim:
        callback = await pick(attacker, "/login/start", Ines)
        page = await victim.get(callback)
        assert page.status_code == 400
        assert "commencée ailleurs" in page.text
        assert (await attacker.get(callback)).status_code == 400
    assert await entrance.sessions() == 0
    assert await entrance.audited() == [("session.refused", "other-browser")]


async def test_a_login_that_took_too_long_is_refused(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        away = await client.get("/login/start")
        entrance.clock.advance(minutes=9)
        callback = await pick_at(client, location(away), Ines)
        entrance.clock.advance(minutes=2)
        page = await client.get(callback)
        assert page.status_code == 400
        assert "pris trop de temps" in page.text
    assert await entrance.sessions() == 0


@pytest.mark.parametrize(
    ("subject", "text", "reason"),
    [
        (UNKNOWN.subject_name_id, "pas encore inscrit", "no-account"),
        (HOMELESS.subject_name_id, "Aucun établissement", "no-institution"),
    ],
)
async def test_whoever_is_no_member_is_told_so(entrance: Entrance, subject: str, text: str, reason: str) -> None:
    async with entrance.browser() as client:
        page = await login(client, subject)
        assert page.status_code == 403
        assert text in page.text
        assert "fresh=1" in page.text
    assert await entrance.sessions() == 0
    assert await entrance.audited() == [("session.refused", reason)]


async def test_a_person_with_two_institutions_chooses_one_and_the_choice_is_audited(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        answer = await login(client, Hugo, "/cases")
        assert location(answer) == "/login/institution?return_to=%2Fcases"
        assert await who(client) is None
        before = client.cookies["telepath"]
        page = await client.get(location(answer))
        assert page.text.index("Hôpital des Ajoncs") < page.text.index("Hôpital du Beffroi")
        assert "CHU" not in page.text
        wrong = {"institution": entrance.places["cayenne"], "return_to": "/cases"}
        assert (await client.post("/login/institution", data=wrong)).status_code == 403
        right = {"institution": entrance.places["rennes"], "return_to": "/cases"}
        chosen = await client.post("/login/institution", data=right)
        assert (chosen.status_code, location(chosen)) == (303, "/cases")
        assert client.cookies["telepath"] != before
        assert (await who(client))["institution_name"] == "Hôpital des Ajoncs"
    assert await entrance.sessions() == 1
    assert await entrance.audited() == [("session.started", ""), ("session.activity-chosen", "")]


async def test_a_membership_that_ends_ends_what_its_session_may(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        actor = await who(client)
        async with entrance.db.write(SYSTEM) as tx:
            await administration.set_membership(tx, actor["person_id"], entrance.places["cayenne"], [])
        assert await who(client) is None
    assert await entrance.sessions() == 0
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "membership")]


async def test_a_role_that_is_lost_ends_the_sessions_of_that_institution_and_one_that_is_won_none(
    entrance: Entrance,
) -> None:
    async def set_roles(place: str, *roles: Role) -> None:
        async with entrance.db.write(SYSTEM) as tx:
            await administration.set_membership(tx, actor["person_id"], entrance.places[place], roles)

    async with entrance.browser() as client:
        await login(client, Hugo)
        await client.post("/login/institution", data={"institution": entrance.places["lille"], "return_to": "/"})
        actor = await who(client)
        await set_roles("lille", Role.REQUESTER, Role.EXPERT, Role.AUDITOR)
        await set_roles("rennes")
        assert set((await who(client))["roles"]) == {"requester", "expert", "auditor"}
        await set_roles("lille", Role.AUDITOR, Role.ADMINISTRATOR)
        assert await who(client) is None
        await login(client, Hugo)
        assert set((await who(client))["roles"]) == {"auditor", "administrator"}
    ended = [reason for kind, reason in await entrance.audited() if kind == "session.ended"]
    assert ended == ["membership"]


async def test_a_session_that_had_expired_unseen_is_not_said_to_end_with_the_membership(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        actor = await who(client)
        entrance.clock.advance(hours=5)
        async with entrance.db.write(SYSTEM) as tx:
            await administration.set_membership(tx, actor["person_id"], entrance.places["cayenne"], [])
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "expired")]


async def test_a_session_ends_after_thirty_idle_minutes_and_the_end_is_audited_once(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        for _ in range(3):
            entrance.clock.advance(minutes=29)
            assert await who(client) is not None
        entrance.clock.advance(minutes=30)
        assert await who(client) is None
        assert await who(client) is None
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "idle")]


async def test_a_session_ends_four_hours_after_the_authentication_not_after_the_login(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        for _ in range(9):
            entrance.clock.advance(minutes=25)
            # The wallet remembers the browser and hands over the authentication of noon again and again.
            await client.get(await pick(client, "/login/start", Ines))
        assert (await who(client))["auth_time"].startswith("2026-03-11T12:00")
        entrance.clock.advance(minutes=14)
        assert await who(client) is not None
        entrance.clock.advance(minutes=1)
        assert await who(client) is None
    assert (await entrance.audited())[-1] == ("session.ended", "expired")


async def test_an_authentication_older_than_a_session_may_live_asks_for_a_new_one(entrance: Entrance) -> None:
    def long_ago(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        return document | {"auth_time": document["auth_time"] - 4 * 3600} if stage == "claims" else document

    entrance.alter = long_ago
    async with entrance.browser() as client:
        page = await login(client, Ines)
        assert page.status_code == 403
        assert "/login/start?return_to=%2F&amp;fresh=1" in page.text
        away = await client.get("/login/start?fresh=1")
        assert "prompt=login" in location(away)
    assert await entrance.sessions() == 0


async def test_proving_again_gives_a_new_session_id_and_a_fresh_authentication(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        before, cookie = await who(client), client.cookies["telepath"]
        entrance.clock.advance(minutes=20)
        away = await client.get("/login/step-up?return_to=/consults/1")
        assert "prompt=login" in location(away)
        assert "max_age=0" in location(away)
        answer = await client.get(await pick_at(client, location(away), Ines))
        assert location(answer) == "/consults/1"
        after = await who(client)
        assert client.cookies["telepath"] != cookie
        assert after["auth_time"] > before["auth_time"]
        assert after["institution_id"] == before["institution_id"]
        client.cookies.set("telepath", cookie, domain="127.0.0.1", path="/")
        assert await who(client) is None
    assert await entrance.sessions() == 1
    assert await entrance.audited() == [("session.started", ""), ("session.stepped-up", "")]


async def test_a_swapped_card_ends_the_session_instead_of_renewing_it(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        page = await client.get(await pick(client, "/login/step-up?return_to=/consults/1", Hugo))
        assert page.status_code == 403
        assert "pas la même personne" in page.text
        assert await who(client) is None
    assert await entrance.sessions() == 0
    assert await entrance.audited() == [
        ("session.started", ""),
        ("session.ended", "other-person"),
        ("session.step-up-refused", "other-person"),
    ]


async def test_a_wallet_that_remembers_too_well_does_not_renew(entrance: Entrance) -> None:
    """It ignores prompt=login and max_age=0 and sends the old authentication again."""
    async with entrance.browser() as client:
        await login(client, Ines)
        entrance.clock.advance(minutes=20)
        old = int(entrance.clock.now.timestamp()) - 20 * 60
        entrance.alter = lambda stage, sent: sent | {"auth_time": old} if stage == "claims" else sent
        page = await client.get(await pick(client, "/login/step-up", Ines))
        assert page.status_code == 403
        assert "authentication-too-old" in page.text
        assert (await who(client))["auth_time"].startswith("2026-03-11T12:00")
    assert await entrance.audited() == [("session.started", ""), ("session.step-up-refused", "authentication-too-old")]


async def test_turning_back_at_a_step_up_leaves_the_session_and_the_way_back(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        page = await client.get(await pick(client, "/login/step-up?return_to=/consults/1", None))
        assert 'href="/consults/1"' in page.text
        assert await who(client) is not None


async def test_nobody_proves_again_who_is_not_signed_in(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        answer = await client.get("/login/step-up?return_to=/consults/1")
        assert location(answer).startswith("/login?return_to=")


async def test_another_person_on_the_same_browser_gets_a_session_of_their_own_at_the_start_page(
    entrance: Entrance,
) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        first = client.cookies["telepath"]
        answer = await client.get(await pick(client, "/login/start?fresh=1&return_to=/cases/of-ines", Hugo))
        assert location(answer) == "/login/institution?return_to=%2F"
        client.cookies.set("telepath", first, domain="127.0.0.1", path="/")
        assert await who(client) is None
    assert ("session.ended", "other-person") in await entrance.audited()


async def test_signing_out_ends_the_session_here_and_at_the_wallet(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        cookie = client.cookies["telepath"]
        away = await client.post("/logout")
        assert away.status_code == 303
        assert away.headers["clear-site-data"] == '"cache", "storage"'
        back = await client.get(location(away))
        assert location(back) == f"{entrance.origin}/login/left"
        assert "Déconnexion effectuée" in (await client.get(location(back))).text
        client.cookies.set("telepath", cookie, domain="127.0.0.1", path="/")
        assert await who(client) is None
        wallet = await client.get(location(await client.get("/login/start")))
        assert wallet.status_code == 200, "the wallet must ask again"
    assert await entrance.sessions() == 0
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "logout")]


async def test_signing_out_while_the_wallet_is_away_says_that_its_session_lives_and_tries_again(
    plain_entrance: Entrance,
) -> None:
    entrance = plain_entrance
    async with entrance.browser() as client:
        await login(client, Ines)
        known = entrance.providers
        elsewhere = msgspec.structs.replace(entrance.identity.provider, issuer=f"http://127.0.0.1:{free_port()}/realm")
        entrance.providers = Registry(OpenIdProvider(elsewhere, clock=entrance.clock))
        half = location(await client.post("/logout"))
        assert half == "/login/left?half=1"
        assert await who(client) is None
        page = (await client.get(half)).text
        assert "Déconnexion effectuée" not in page
        assert "Déconnexion incomplète" in page
        assert '<form method="post" action="/logout">' in page
        assert "/login/start?return_to=%2F&amp;fresh=1" in page
        assert location(await client.post("/logout")) == half
        # Nor is another one's way out taken for the wallet's.
        entrance.providers = Registry(OpenIdProvider(entrance.identity.provider, clock=entrance.clock))
        entrance.alter = altering(discovery=with_(issuer="https://evil.example"))
        astray = await client.post("/logout")
        assert (location(astray), astray.headers["clear-site-data"]) == (half, '"cache", "storage"')

        entrance.providers, entrance.alter = known, None
        back = await client.get(location(await client.post("/logout")))
        assert location(back) == f"{entrance.origin}/login/left"
        assert "telepath" not in client.cookies
        wallet = await client.get(location(await client.get("/login/start")))
        assert wallet.status_code == 200, "the wallet must ask again"
    assert await entrance.audited() == [("session.started", ""), ("session.ended", "logout")]


async def test_a_session_that_had_ended_by_itself_leaves_the_wallet_too_once_and_within_its_time(
    plain_entrance: Entrance,
) -> None:
    entrance = plain_entrance
    async with entrance.browser() as client:
        for minutes, leaves in ((30, True), (60 * 4, False)):
            await login(client, Ines)
            cookie = client.cookies["telepath"]
            entrance.clock.advance(minutes=minutes)
            assert await who(client) is None
            assert location(await client.post("/logout")).startswith(entrance.settings.oidc_issuer) is leaves
            # An old cookie brings no ID token any more.
            client.cookies.set("telepath", cookie, domain="127.0.0.1", path="/")
            assert location(await client.post("/logout")) == "/login/left"
            client.cookies.clear()
    ended = [reason for kind, reason in await entrance.audited() if kind == "session.ended"]
    assert ended == ["idle", "expired"]


async def test_signing_out_says_nothing_of_an_end_that_was_not_written(plain_entrance: Entrance) -> None:
    entrance = plain_entrance
    async with entrance.browser() as client:
        await login(client, Ines)
        async with entrance.db.engine.begin() as connection:
            full = "CREATE TRIGGER full BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            await connection.execute(text(full))
        answer = await client.post("/logout")
        assert (answer.status_code, "clear-site-data" in answer.headers) == (503, False)
        async with entrance.db.engine.begin() as connection:
            await connection.execute(text("DROP TRIGGER full"))
        assert await who(client) is not None
        assert location(await client.post("/logout")).startswith(entrance.settings.oidc_issuer)


async def test_signing_out_twice_is_no_error(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        assert location(await client.post("/logout")) == "/login/left"
    assert await entrance.audited() == []


async def test_the_wallet_hands_over_its_session_without_asking(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        wallet = await client.get(location(await client.get("/login/start")))
        assert wallet.status_code == 303
        assert (await client.get(location(wallet))).status_code == 303
        assert await who(client) is not None


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "cases", "/%09/x\n"],
)
async def test_nobody_is_sent_elsewhere_after_login(entrance: Entrance, elsewhere: str) -> None:
    async with entrance.browser() as client:
        away = await client.get("/login/start", params={"return_to": elsewhere})
        answer = await client.get(await pick_at(client, location(away), Ines))
        assert location(answer) == "/"


async def test_the_login_page_has_one_way_in_and_says_what_telepath_is_not(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        page = await client.get("/login?return_to=/cases")
        assert page.status_code == 200
        assert 'href="/login/start?return_to=%2Fcases"' in page.text
        assert "dispositif médical" in page.text
        english = await client.get("/login", headers={"Accept-Language": "en"})
        assert "Sign in with Pro Santé Connect" in english.text
        await login(client, Ines)
        assert location(await client.get("/login?return_to=/cases")) == "/cases"


async def test_a_provider_that_is_down_gives_a_clear_page_and_leaves_sessions_alone(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        callback = await pick(client, "/login/start", Ines)
        entrance.alter = out_of_order
        page = await client.get(callback)
        assert page.status_code == 503
        assert "ne répond pas" in page.text
        assert await who(client) is not None
        assert location(await client.post("/logout")).startswith(entrance.settings.oidc_issuer)
    assert await entrance.sessions() == 0


def test_the_simulator_does_not_start_in_production() -> None:
    with pytest.raises(Invalid, match="simulator-in-production"):
        create_app(issuer_at(1), [client_of("https://telepath.example")], [INES], production=True)


async def test_the_directory_takes_nobody_twice(entrance: Entrance) -> None:
    with pytest.raises(Conflict):
        async with entrance.db.write(SYSTEM) as tx:
            await administration.add_person(tx, subject_name_id=Ines, given_name="Inès", family_name="Flamboyant")
    with pytest.raises(Conflict):
        async with entrance.db.write(SYSTEM) as tx:
            await administration.add_institution(
                tx, finess=INES.finess, name="Autre", city="Autre", region="03", time_zone="America/Cayenne"
            )
    async with entrance.db.read() as reader:
        assert len(await reader.all(select(person).where(person.c.subject_name_id == Ines))) == 1


@pytest.mark.parametrize("what", ["institution", "person", "roles", "expertise"])
async def test_what_two_operators_enter_at_the_same_instant_is_entered_once(entrance: Entrance, what: str) -> None:
    async with entrance.db.read() as reader:
        homeless = await directory.person_by_subject(reader, HOMELESS.subject_name_id)
    assert homeless is not None
    place, first, done = entrance.places["rennes"], asyncio.Event(), []

    async def enter() -> None:
        async with entrance.db.write(SYSTEM) as tx:
            match what:
                case "institution":
                    await administration.add_institution(
                        tx, finess="0Z0000099", name="Neuf", city="Neuf", region="03", time_zone="America/Cayenne"
                    )
                case "person":
                    await administration.add_person(tx, subject_name_id="899700477777", given_name="A", family_name="B")
                case "roles":
                    await administration.set_membership(tx, homeless.id, place, [Role.EXPERT])
                case _:
                    await administration.set_expertise(tx, homeless.id, place, "skin")
            done.append(what)
            first.set()
            await asyncio.sleep(0.3)  # the other one is in the middle of the same

    one = asyncio.create_task(enter())
    await first.wait()
    other = asyncio.create_task(enter())
    await one
    # Who waits its turn (SQLite) sees the first one's row, and what may be replaced is.
    if entrance.db.is_sqlite and what in {"roles", "expertise"}:
        await other
        assert len(done) == 2
    else:
        with pytest.raises(Conflict):
            await other
        assert len(done) == 1


async def test_expertise_and_roles_are_replaced_not_added(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        await login(client, Ines)
        actor = await who(client)
        async with entrance.db.write(SYSTEM) as tx:
            for hours in (10.0, 20.0):
                await administration.set_expertise(
                    tx, actor["person_id"], entrance.places["cayenne"], "skin", median_hours=hours
                )
            now = [Role.COORDINATOR, Role.EXPERT]
            await administration.set_membership(tx, actor["person_id"], entrance.places["cayenne"], now)
        assert set((await who(client))["roles"]) == {"coordinator", "expert"}
