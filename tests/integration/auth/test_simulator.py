"""The identity simulator by itself, over real HTTP: what a client of Pro Santé Connect may rely on."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from auth.simulator import create_app
from auth.simulator.conditions import Conditions, Userinfo
from auth.simulator.telephone import GRANT_TYPE
from telepath.errors import Invalid
from tests.identities import HUGO, INES
from tests.simulator_stand import HEADER, RETURN, SUBJECT, Stand, assertion, standing

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_it_refuses_to_start_in_production() -> None:
    with pytest.raises(Invalid):
        create_app("https://wallet.example/realm", [], [], production=True)


async def test_a_refresh_token_renews_once_and_ends_with_the_session(stand: Stand) -> None:
    first = await stand.log_in()
    assert first["refresh_expires_in"] == 1800
    stand.clock.advance(minutes=29)
    second = await stand.refresh(first)
    before, after = stand.claims(first["id_token"]), stand.claims(second["id_token"])
    assert {name: before[name] for name in ("sub", "sid", "auth_time", "SubjectNameID", "acr")} == {
        name: after[name] for name in ("sub", "sid", "auth_time", "SubjectNameID", "acr")
    }
    assert after["iat"] > before["iat"]
    assert second["refresh_token"] != first["refresh_token"]
    # Whoever renews keeps the session at the provider alive.
    for _ in range(7):
        stand.clock.advance(minutes=29)
        second = await stand.refresh(second)
    assert second["refresh_expires_in"] == 8 * 60, "four hours in all, and 232 minutes have gone"
    stand.clock.advance(minutes=8)
    assert (await stand.refresh(second))["error"] == "invalid_grant"
    assert stand.provider.sessions == {}

    first = await stand.log_in()
    stand.clock.advance(minutes=30)
    assert (await stand.refresh(first))["error"] == "invalid_grant", "the session was idle"


async def test_a_refresh_token_used_twice_revokes_what_it_gave(stand: Stand) -> None:
    first = await stand.log_in()
    second = await stand.refresh(first)
    assert (await stand.person(second)).status_code == 200
    assert (await stand.refresh(first))["error"] == "invalid_grant"
    assert (await stand.refresh(second))["error"] == "invalid_grant"
    assert (await stand.person(second)).status_code == 401
    assert (await stand.refresh({"refresh_token": "invented"}))["error"] == "invalid_grant"


async def test_a_code_serves_once_for_a_minute_and_to_the_browser_that_asked(stand: Stand) -> None:
    callback = await stand.choose(INES)
    given = await stand.redeem(callback)
    assert (await stand.redeem(callback))["error"] == "invalid_grant"
    assert (await stand.person(given)).status_code == 401, "RFC 6749 4.1.2: what it gave is revoked"
    callback = await stand.choose(INES)
    wrong = await stand.ask(
        "token",
        grant_type="authorization_code",
        code=callback["code"],
        redirect_uri=RETURN,
        code_verifier="w" * 43,
    )
    assert wrong["error"] == "invalid_grant"
    callback = await stand.choose(INES)
    stand.clock.advance(seconds=60)
    assert (await stand.redeem(callback))["error"] == "invalid_grant"
    assert (await stand.ask("token", grant_type="client_credentials"))["error"] == "unsupported_grant_type"


async def test_tokens_are_introspected_and_revoked_by_their_own_client(stand: Stand) -> None:
    given = await stand.log_in()
    for name, kind in (("access_token", "Bearer"), ("refresh_token", "Refresh")):
        seen = await stand.ask("token/introspect", token=given[name])
        assert seen["active"] is True
        assert seen["typ"] == kind
        assert seen["SubjectNameID"] == INES.subject_name_id
        other = await stand.post("token/introspect", {"token": given[name]} | assertion(stand.provider))
        assert other.json() == {"active": False}
    assert await stand.ask("token/introspect", token="invented") == {"active": False}
    await stand.post("revoke", {"token": given["refresh_token"]} | assertion(stand.provider))
    assert (await stand.ask("token/introspect", token=given["refresh_token"]))["active"] is True
    assert await stand.ask("revoke", token=given["refresh_token"]) == {}
    assert await stand.ask("token/introspect", token=given["refresh_token"]) == {"active": False}
    assert (await stand.person(given)).status_code == 401
    for address in ("token/introspect", "revoke", "token", "ext/ciba/auth"):
        assert (await stand.post(address, {"token": "x"})).status_code == 401


async def test_a_client_is_who_can_prove_it(stand: Stand, subtests: pytest.Subtests) -> None:
    provider = stand.provider

    async def known(form: dict[str, str], **options: Any) -> bool:
        answer = await stand.post("token/introspect", {"token": "x"} | form, **options)
        assert answer.status_code in (200, 401)
        return answer.status_code == 200

    later = int((provider.clock() + timedelta(hours=1)).timestamp())
    before = int((provider.clock() - timedelta(minutes=1)).timestamp())
    cases: list[tuple[str, bool, dict[str, str], dict[str, Any]]] = [
        ("secret, basic", True, {}, {"auth": ("one", "secret")}),
        ("secret, post", True, {"client_id": "one", "client_secret": "secret"}, {}),
        ("wrong secret", False, {}, {"auth": ("one", "Secret")}),
        ("unknown client", False, {}, {"auth": ("zero", "secret")}),
        ("basic that is none", False, {}, {"headers": {"Authorization": "Basic %%%"}}),
        ("empty secret of one without", False, {"client_id": "two", "client_secret": ""}, {}),
        ("no proof", False, {"client_id": "one"}, {}),
        ("two proofs at once", False, {"client_id": "one", "client_secret": "secret"}, {"auth": ("one", "secret")}),
        ("key", True, assertion(provider), {}),
        ("key, for the token endpoint", True, assertion(provider, aud=[f"{provider.connect}/token"]), {}),
        ("key of another", False, assertion(provider, RSAKey.generate_key(2048)), {}),
        ("key, for another provider", False, assertion(provider, aud="https://evil.example"), {}),
        ("key, in another name", False, assertion(provider, sub="one"), {}),
        ("key, by another", False, assertion(provider, iss="one"), {}),
        ("key, expired", False, assertion(provider, exp=before), {}),
        ("key, for an hour", False, assertion(provider, exp=later), {}),
        ("key, for ever", False, assertion(provider, exp=None), {}),
        ("key, without jti", False, assertion(provider, jti=None), {}),
        ("key, of another kind of assertion", False, assertion(provider) | {"client_assertion_type": "saml"}, {}),
        ("no token at all", False, assertion(provider) | {"client_assertion": "e30.e30."}, {}),
        ("certificate", True, {"client_id": "three"}, {"headers": {HEADER: SUBJECT.encode()}}),
        ("another certificate", False, {"client_id": "three"}, {"headers": {HEADER: b"CN=evil.example"}}),
        ("two certificates", False, {"client_id": "three"}, {"headers": [(HEADER, SUBJECT.encode())] * 2}),
        ("certificate of who has a secret", False, {"client_id": "one"}, {"headers": {HEADER: SUBJECT.encode()}}),
    ]
    for name, good, form, options in cases:
        with subtests.test(name):
            assert await known(form, **options) is good
    once = assertion(provider)
    assert await known(once)
    assert not await known(once), "its jti was used"
    async with standing(certificate_header="") as open_to_all:
        form = {"token": "x", "client_id": "three"}
        answer = await open_to_all.post("token/introspect", form, headers={HEADER: SUBJECT.encode()})
        assert answer.status_code == 401, "no TLS terminator in front: the header is anybody's"


async def test_a_login_is_answered_on_the_telephone(stand: Stand) -> None:
    asked = await stand.ask(
        "ext/ciba/auth", scope="openid scope_all", login_hint=INES.subject_name_id, binding_message="47"
    )
    assert (asked["expires_in"], asked["interval"]) == (120, 1)

    async def poll(**seconds: float) -> dict[str, Any]:
        stand.clock.advance(**seconds)
        return await stand.ask("token", grant_type=GRANT_TYPE, auth_req_id=asked["auth_req_id"])

    assert (await poll())["error"] == "authorization_pending"
    assert (await poll(seconds=0.1))["error"] == "slow_down"
    assert (await poll(seconds=1))["error"] == "slow_down", "six seconds from now on"
    assert (await poll(seconds=11))["error"] == "authorization_pending"
    strange = {"grant_type": GRANT_TYPE, "auth_req_id": asked["auth_req_id"]} | assertion(stand.provider)
    assert (await stand.post("token", strange)).json()["error"] == "invalid_grant"

    phone = f"{stand.provider.origin}/phone/{INES.subject_name_id}"
    page = await stand.http.get(phone)
    assert "47" in page.text
    assert "refresh" not in page.headers, "a request stands still"
    call = re.findall(r'name="call" value="([^"]+)"', page.text)[0]
    assert asked["auth_req_id"] not in page.text
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    refused = await stand.http.post(phone, data={"call": call, "answer": "approve"}, headers=elsewhere)
    assert refused.status_code == 403
    await stand.http.post(f"{phone[:-1]}9", data={"call": call, "answer": "approve"})
    hugo = f"{stand.provider.origin}/phone/{HUGO.subject_name_id}"
    done = await stand.http.post(hugo, data={"call": call, "answer": "approve"})
    assert done.headers["location"].endswith("answered=late"), "it is not on his telephone"
    assert (await poll(seconds=11))["error"] == "authorization_pending"
    await stand.http.post(phone, data={"call": call, "answer": "approve"})
    given = await poll()
    claims = stand.claims(given["id_token"])
    assert claims["SubjectNameID"] == INES.subject_name_id
    assert claims["authMode"] == "MOBILE"
    assert claims["auth_time"] == int(stand.clock().timestamp())
    assert "nonce" not in claims
    assert (await stand.person(given)).json()["SubjectNameID"] == INES.subject_name_id
    assert "access_token" in await stand.refresh(given)
    assert (await poll(seconds=11))["error"] == "invalid_grant", "it serves once"


async def test_a_telephone_that_refuses_or_stays_silent_gives_nothing(stand: Stand) -> None:
    async def ask(**changes: str) -> dict[str, Any]:
        form = {"scope": "openid", "login_hint": HUGO.subject_name_id, "binding_message": "07"} | changes
        return await stand.ask("ext/ciba/auth", **{name: value for name, value in form.items() if value})

    async def poll(asked: dict[str, Any]) -> dict[str, Any]:
        return await stand.ask("token", grant_type=GRANT_TYPE, auth_req_id=asked["auth_req_id"])

    phone = f"{stand.provider.origin}/phone/{HUGO.subject_name_id}"
    page = await stand.http.get(phone)
    assert page.headers["refresh"] == "2"
    assert "refresh" not in (await stand.http.get(f"{phone}?still=1")).headers, "WCAG 2.2.1: it can be turned off"
    refused, silent = await ask(), await ask()
    assert "1 demande" not in (await stand.http.get(f"{stand.provider.origin}/phone")).text
    calls = re.findall(r'name="call" value="([^"]+)"', (await stand.http.get(phone)).text)
    for call in calls[:1]:
        await stand.http.post(phone, data={"call": call, "answer": "refuse"})
    assert {(await poll(refused))["error"], (await poll(silent))["error"]} == {"access_denied", "authorization_pending"}
    late = await ask()
    call = re.findall(r'name="call" value="([^"]+)"', (await stand.http.get(phone)).text)[0]
    stand.clock.advance(seconds=120)
    answered = await stand.http.post(phone, data={"call": call, "answer": "approve"})
    assert answered.headers["location"].endswith("answered=late")
    assert (await poll(late))["error"] == "expired_token"
    for changes, error in (
        ({"login_hint": "899700400000"}, "unknown_user_id"),
        ({"login_hint": ""}, "invalid_request"),
        ({"login_hint_token": "x"}, "invalid_request"),
        ({"binding_message": "7"}, "invalid_binding_message"),
        ({"binding_message": "٠٧"}, "invalid_binding_message"),
        ({"binding_message": ""}, "invalid_binding_message"),
        ({"scope": "scope_all"}, "invalid_scope"),
    ):
        assert (await ask(**changes))["error"] == error
    assert (await stand.http.get(f"{stand.provider.origin}/phone/899700400000")).status_code == 404


async def test_clients_are_told_of_the_end_of_a_session(stand: Stand, subtests: pytest.Subtests) -> None:
    provider = stand.provider

    async def told() -> list[dict[str, Any]]:
        await stand.sender.settled()
        tokens = [stand.claims(token) for token in stand.heard]
        stand.heard.clear()
        return tokens

    with subtests.test("signed out by the service"):
        given = await stand.log_in()
        id_claims = stand.claims(given["id_token"])
        provider.rotate_key()  # a hint may be older than the keys
        left = await stand.http.get(
            f"{provider.connect}/logout",
            params={
                "id_token_hint": given["id_token"],
                "post_logout_redirect_uri": "http://service.example/left",
                "state": "s",
            },
        )
        assert left.headers["location"] == "http://service.example/left?state=s"
        await stand.sender.settled()
        header = jwt.decode(stand.heard[0], provider.key, algorithms=["RS256"]).header
        assert header["typ"] == "logout+jwt"
        [claims] = await told()
        assert {name: claims[name] for name in ("iss", "aud", "sub", "sid")} == {
            name: id_claims[name] for name in ("iss", "aud", "sub", "sid")
        }
        assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert "nonce" not in claims
        assert claims["exp"] - claims["iat"] == 120
        assert claims["jti"]
        assert (await stand.refresh(given))["error"] == "invalid_grant"
        assert (await stand.person(given)).status_code == 401
    with subtests.test("ended from elsewhere, on the page"):
        given = await stand.log_in()
        page = await stand.http.get(f"{provider.origin}/conditions")
        [sid] = re.findall(r'name="end" value="([^"]+)"', page.text)
        away = await stand.http.post(
            f"{provider.origin}/conditions", data={"end": sid}, headers={"Sec-Fetch-Site": "same-site"}
        )
        assert away.status_code == 403
        assert sid in provider.sessions
        await stand.http.post(f"{provider.origin}/conditions", data={"end": sid})
        [claims] = await told()
        assert claims["sid"] == sid
        assert "reçu" in (await stand.http.get(f"{provider.origin}/conditions")).text
    with subtests.test("another person in the same browser"):
        await stand.log_in(INES)
        again = await stand.log_in(INES, prompt="login")
        assert await told() == [], "the same person goes on"
        await stand.log_in(HUGO, prompt="login")
        [claims] = await told()
        assert claims["sid"] == stand.claims(again["id_token"])["sid"]
    with subtests.test("run out, and nobody asks"):
        stand.called.clear()
        stand.clock.advance(minutes=30)
        await stand.called.wait()
        [claims] = await told()
        assert provider.sessions == {}
    with subtests.test("a service in trouble is told again, a refusal is final"):
        for answers, tries in (([500, 503], 3), ([400], 1), ([500, 500, 500], 3)):
            await stand.log_in()
            stand.answers = answers
            [sid] = provider.sessions
            provider.end_session(sid)
            heard = await told()
            assert len(heard) == tries
            assert len({claims["jti"] for claims in heard}) == 1
            assert stand.sender.deliveries[0].tries == tries


async def test_the_discovery_document_is_like_the_real_one(stand: Stand) -> None:
    document = (await stand.http.get(f"{stand.provider.issuer}/.well-known/wallet-openid-configuration")).json()
    assert document["acr_values_supported"] == ["0", "0"]
    assert {"authorization_code", "refresh_token", GRANT_TYPE} <= set(document["grant_types_supported"])
    assert {"private_key_jwt", "tls_client_auth"} <= set(document["token_endpoint_auth_methods_supported"])
    assert document["backchannel_logout_supported"] is document["backchannel_logout_session_supported"] is True
    usual = (await stand.http.get(f"{stand.provider.issuer}/.well-known/openid-configuration")).json()
    different = {name for name, value in document.items() if usual[name] != value}
    assert different == {"authorization_endpoint"}, "the trap of the real one"
    native = stand.wallet().replace(f"{stand.provider.origin}/auth", usual["authorization_endpoint"])
    assert "Qui êtes-vous" in (await stand.http.get(native)).text
    for name, address in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert (await stand.http.get(address)).status_code != 404, name


async def test_single_sign_on_ends_where_the_client_says(stand: Stand) -> None:
    await stand.log_in()
    stand.clock.advance(minutes=5)
    for more, asks in (
        ({}, False),
        ({"max_age": "301"}, False),
        ({"max_age": "300"}, True),
        ({"max_age": "0"}, True),
        ({"max_age": "9" * 40}, False),
        ({"prompt": "login"}, True),
    ):
        assert ((await stand.http.get(stand.wallet(**more))).status_code == 200) is asks, more
    silent = await stand.http.get(stand.wallet(max_age="0", prompt="none"))
    assert "error=login_required" in silent.headers["location"]
    many = "&".join(f"field{number}=x" for number in range(60))
    assert (await stand.http.post(f"{stand.provider.origin}/auth", content=many)).status_code == 400
    async with httpx2.AsyncClient(trust_env=False) as other:
        assert (await other.get(stand.wallet())).status_code == 200, "another browser is nobody yet"


async def test_userinfo_is_json_or_a_signed_token(stand: Stand) -> None:
    plain = await stand.person(await stand.log_in())
    stand.provider.conditions = Conditions(userinfo=Userinfo.JWT)
    signed = await stand.person(await stand.log_in())
    assert signed.headers["content-type"] == "application/jwt"
    claims = stand.claims(signed.text)
    assert claims.pop("iss") == stand.provider.issuer
    assert claims.pop("aud") == "one"
    assert claims == plain.json()
