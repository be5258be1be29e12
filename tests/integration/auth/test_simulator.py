"""The identity simulator by itself, over real HTTP: what a client of Pro Santé Connect may rely on, and its own pages."""

import asyncio
import base64
import hashlib
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.simulator import Client, Identity, Provider, create_app
from auth.simulator.clients import ASSERTION_TYPE
from auth.simulator.conditions import NORMAL, Conditions, Lifetimes, Stage, Trouble, Userinfo
from auth.simulator.logout_sender import LogoutSender
from auth.simulator.telephone import GRANT_TYPE
from telepath.errors import Invalid
from tests.builders import Clock
from tests.entrance import HUGO, INES, Entrance
from tests.login import free_port, issuer_at, login, serving

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
KEY = RSAKey.generate_key(2048)
SUBJECT = "CN=telepath.example,O=Beffroi,C=FR"
HEADER = "x-client-subject"
RETURN = "http://service.example/callback"
EDITH = Identity(
    subject_name_id="ANS20260311120000",
    given_name="Édith",
    family_name="Essai",
    title="",
    profession="",
    know_how="",
    origin="EDIT",
)
CAMILLE = Identity(
    subject_name_id="500000001815646/CPAT00045",
    given_name="Camille",
    family_name="Accueil",
    title="",
    profession="",
    know_how="",
    origin="CPA",
    institution_name="Hôpital du Beffroi, Lille",
)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Stand:
    """The simulator, a service that hears of logouts, and a clock to move."""

    app: Starlette
    clock: Clock
    http: httpx2.AsyncClient
    heard: list[str] = field(default_factory=list)
    """Logout tokens."""
    called: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with each of them."""
    answers: list[int] = field(default_factory=list)
    """What the service answers to the next ones; then 200."""

    @property
    def provider(self) -> Provider:
        provider: Provider = self.app.state.provider
        return provider

    @property
    def sender(self) -> LogoutSender:
        sender: LogoutSender = self.app.state.logout_sender
        return sender

    def start_anew(self) -> None:
        """Nobody is signed in, nothing was asked, heard or changed."""
        provider = self.provider
        for kept in (provider.asked, provider.sessions, provider.codes, provider.access, provider.refresh):
            kept.clear()
        self.app.state.telephone.calls.clear()
        self.http.cookies.clear()
        self.heard.clear()
        self.answers.clear()
        provider.conditions = NORMAL

    async def post(self, address: str, form: dict[str, str], **options: Any) -> httpx2.Response:
        return await self.http.post(f"{self.provider.connect}/{address}", data=form, **options)

    async def ask(self, address: str, **form: str) -> dict[str, Any]:
        """Post as the client ``one``, and read the answer. An error's name is under ``error``."""
        answer = await self.post(address, form, auth=("one", "secret"))
        return dict(answer.json()) if answer.content else {}

    def wallet(self, **more: str) -> str:
        query = {
            "client_id": "one",
            "redirect_uri": RETURN,
            "response_type": "code",
            "scope": "openid scope_all",
            "nonce": "number",
            "state": "state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.provider.origin}/auth?{urlencode(query | more)}"

    async def choose(self, identity: Identity, **more: str) -> dict[str, str]:
        """Pick an identity on the wallet page: the parameters of the callback."""
        page = await self.http.get(self.wallet(**more))
        if page.status_code == 200:
            ticket = html.unescape(re.findall(r'name="ticket" value="([^"]+)"', page.text)[0])
            form = {"ticket": ticket, "identity": identity.subject_name_id}
            page = await self.http.post(f"{self.provider.origin}/auth", data=form)
        assert page.status_code == 303
        return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["location"]).query).items()}

    async def redeem(self, callback: dict[str, str]) -> dict[str, Any]:
        return await self.ask(
            "token",
            grant_type="authorization_code",
            code=callback["code"],
            redirect_uri=RETURN,
            code_verifier=VERIFIER,
        )

    async def log_in(self, identity: Identity = INES, **more: str) -> dict[str, Any]:
        return await self.redeem(await self.choose(identity, **more))

    async def refresh(self, document: dict[str, Any]) -> dict[str, Any]:
        return await self.ask("token", grant_type="refresh_token", refresh_token=document["refresh_token"])

    def claims(self, token: str) -> dict[str, Any]:
        return dict(jwt.decode(token, self.provider.key, algorithms=["RS256"]).claims)

    async def person(self, document: dict[str, Any]) -> httpx2.Response:
        return await self.http.get(
            f"{self.provider.connect}/userinfo", headers={"Authorization": f"Bearer {document['access_token']}"}
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stand() -> AsyncIterator[Stand]:
    async with standing() as made:
        yield made


@pytest.fixture
def stand(one_stand: Stand) -> Stand:
    """The same for every test, and as new: keys and servers are dear."""
    one_stand.start_anew()
    return one_stand


@asynccontextmanager
async def standing(certificate_header: str = HEADER) -> AsyncIterator[Stand]:
    port, service = free_port(), free_port()
    one = Client(
        client_id="one",
        client_secret="secret",
        name="telepath",
        redirect_uris=(RETURN,),
        logout_uris=("http://service.example/left",),
        backchannel_logout_uri=f"http://127.0.0.1:{service}/gone",
    )
    with_key = Client(
        client_id="two",
        name="deux",
        redirect_uris=(RETURN,),
        public_keys=KeySet([KEY]).as_dict(private=False),
    )
    with_certificate = Client(client_id="three", name="trois", redirect_uris=(RETURN,), certificate_subject=SUBJECT)
    clock = Clock()
    app = create_app(
        issuer_at(port),
        [one, with_key, with_certificate],
        [INES, HUGO, EDITH, CAMILLE],
        clock,
        production=False,
        certificate_header=certificate_header,
    )
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as http:
        made = Stand(app, clock, http)
        made.sender.pauses = (0.0, 0.0, 0.0)

        async def gone(request: Request) -> Response:
            form = parse_qs((await request.body()).decode())
            made.heard.append(form["logout_token"][0])
            made.called.set()
            return Response(status_code=made.answers.pop(0) if made.answers else 200)

        told = Starlette(routes=[Route("/gone", gone, methods=["POST"])])
        async with serving(app, port), serving(told, service):
            yield made


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


def assertion(provider: Provider, key: RSAKey = KEY, **changes: Any) -> dict[str, str]:
    """The fields by which the client ``two`` authenticates (RFC 7523 2.2)."""
    now = provider.clock()
    claims = {
        "iss": "two",
        "sub": "two",
        "aud": provider.issuer,
        "exp": int((now + timedelta(minutes=1)).timestamp()),
        "jti": hashlib.sha256(repr(changes).encode() + str(len(_made)).encode()).hexdigest(),
    }
    _made.append(now)
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return {
        "client_id": "two",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"]),
    }


_made: list[datetime] = []


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


async def test_conditions_are_set_on_a_page_without_script_for_one_login_or_for_all(stand: Stand) -> None:
    provider, page = stand.provider, f"{stand.provider.origin}/conditions"
    for language, word in (("fr-FR", "Tout est normal"), ("en-GB", "Everything is normal")):
        shown = await stand.http.get(page, headers={"Accept-Language": language})
        assert f'<html lang="{language[:2]}">' in shown.text
        assert word in shown.text
        assert "<script" not in shown.text
        assert "style=" not in shown.text
    once = {"acr": "eidas2", "means": "MOBILE", "places": "several", "profession": "nurse", "refresh": "0"}
    assert (await stand.http.post(page, data=once | {"lasting": "once"})).status_code == 303
    shown = await stand.http.get(page)
    assert "Pour la prochaine connexion seulement" in shown.text
    assert "Conditions particulières" in (await stand.http.get(stand.wallet())).text
    given = await stand.log_in()
    claims = stand.claims(given["id_token"])
    assert (claims["acr"], claims["authMode"]) == ("eidas2", "MOBILE")
    assert "refresh_token" not in given
    [practice] = (await stand.person(given)).json()["SubjectRefPro"]["exercices"]
    assert practice["codeProfession"] == "60"
    assert len(practice["activities"]) == 3
    assert provider.conditions == NORMAL
    assert stand.claims((await stand.log_in())["id_token"])["acr"] == "eidas1"
    await stand.http.post(page, data={"acr": "absent", "lasting": "always"})
    for _ in range(2):
        assert "acr" not in stand.claims((await stand.log_in())["id_token"])
    await stand.http.post(page, data={"reset": "1"})
    assert provider.conditions == NORMAL
    await stand.http.post(page, data={"acr": "nonsense", "trouble": "", "session": "-1", "lasting": "always"})
    assert provider.conditions == NORMAL
    refused = await stand.http.post(page, data={"trouble": "down"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert provider.conditions == NORMAL


async def test_lifetimes_are_those_of_the_login_that_they_were_set_for(stand: Stand) -> None:
    short = Lifetimes(refresh=timedelta(seconds=20), session=timedelta(minutes=1), access=timedelta(seconds=10))
    stand.provider.conditions = Conditions(lifetimes=short, once=True)
    given = await stand.log_in()
    assert (given["expires_in"], given["refresh_expires_in"]) == (10, 20)
    stand.clock.advance(seconds=10)
    assert (await stand.person(given)).status_code == 401
    given = await stand.refresh(given)
    stand.clock.advance(seconds=49)
    assert (await stand.refresh(given))["error"] == "invalid_grant"
    stand.clock.advance(seconds=1)
    assert (await stand.log_in())["refresh_expires_in"] == 1800


async def test_a_trouble_of_the_renewal_waits_for_it(stand: Stand) -> None:
    provider = stand.provider
    given = await stand.log_in()
    for trouble, error in ((Trouble.REFRESH_DOWN, "temporarily_unavailable"), (Trouble.REFRESH_OTHER, "")):
        provider.conditions = Conditions(trouble=trouble, once=True)
        await stand.log_in()
        assert provider.conditions.trouble is trouble
        answer = await stand.refresh(given)
        assert answer.get("error", "") == error
        assert provider.conditions == NORMAL
        given = given if error else answer
    assert stand.claims(given["id_token"])["sub"] != provider.sub(INES)
    provider.conditions = Conditions(trouble=Trouble.REFRESH_REFUSED)
    assert (await stand.refresh(given))["error"] == "invalid_grant"


async def test_a_provider_that_is_down_answers_no_service_and_can_be_brought_back(stand: Stand) -> None:
    given = await stand.log_in()
    stand.provider.conditions = Conditions(trouble=Trouble.DOWN, once=True)
    well_known = f"{stand.provider.issuer}/.well-known/wallet-openid-configuration"
    for address in (well_known, f"{stand.provider.connect}/certs", stand.wallet()):
        assert (await stand.http.get(address)).status_code == 503
    assert (await stand.refresh(given))["error"] == "temporarily_unavailable"
    assert (await stand.person(given)).status_code == 503
    await stand.http.post(f"{stand.provider.origin}/conditions", data={"reset": "1"})
    assert (await stand.http.get(well_known)).status_code == 200
    assert "access_token" in await stand.refresh(given)


async def test_identities_of_other_origins_have_no_practice(stand: Stand) -> None:
    for identity in (EDITH, CAMILLE):
        given = await stand.log_in(identity, prompt="login")
        claims, person = stand.claims(given["id_token"]), (await stand.person(given)).json()
        assert claims["SubjectNameID"] == person["SubjectNameID"] == identity.subject_name_id
        assert person["otherIds"] == [
            {"identifiant": identity.subject_name_id, "origine": identity.origin, "qualite": 1}
        ]
        assert person["SubjectRefPro"]["exercices"] == []
        assert ("codeCivilite" in person) is (identity.origin == "EDIT")
        assert (await stand.http.get(f"{stand.provider.origin}/phone/{identity.subject_name_id}")).status_code == 200
    page = await stand.http.get(stand.wallet(prompt="login"))
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", page.text)
    assert headings == [INES.institution_name, HUGO.institution_name, "Sans lieu d’exercice"]
    assert "et aussi" in page.text
    assert HUGO.other_activities[0].institution_name in page.text


MET = {
    Trouble.CANCELLED: (200, ""),
    Trouble.UNAVAILABLE: (503, ""),
    Trouble.CODE_REFUSED: (403, "code-rejected"),
    Trouble.EXCHANGE_DOWN: (503, ""),
    Trouble.SLOW: (503, ""),
    Trouble.USERINFO_DOWN: (503, ""),
    Trouble.NEW_KEY: (303, "session.started"),
    Trouble.UNKNOWN_KEY: (403, "key-unknown"),
    Trouble.FORGED: (403, "signature"),
    Trouble.WRONG_NONCE: (403, "nonce"),
    Trouble.WRONG_ISSUER: (403, "issuer"),
    Trouble.WRONG_AUDIENCE: (403, "audience"),
    Trouble.EXPIRED: (403, "expired"),
    Trouble.LONG_AGO: (403, "stale"),
    Trouble.OTHER_SUBJECT: (403, "userinfo-subject"),
    Trouble.NO_IDENTIFIER: (403, "subject-name-id-missing"),
    Trouble.OTHER_STATE: (400, ""),
}
"""The status of the service's answer, and what its audit keeps. It keeps nothing of somebody who turns back, nor of a provider
in trouble."""


@pytest.mark.asyncio(loop_scope="function")
async def test_the_service_meets_every_trouble_of_a_login_as_the_page_says(
    plain_entrance: Entrance, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(MET) == {one for one in Trouble if one.stage is Stage.LOGIN} - {Trouble.NONE}
    monkeypatch.setattr("auth.endpoints.PATIENCE", 1.0)
    monkeypatch.setattr("auth.simulator.endpoints.SLOW", 1.3)
    for trouble, (status, kept) in MET.items():
        with subtests.test(trouble.value):
            before = len(await plain_entrance.audited())
            plain_entrance.simulator.conditions = Conditions(trouble=trouble, once=True)
            await plain_entrance.db.refusals.close()
            plain_entrance.clock.advance(seconds=11)  # the service fetches new keys every ten seconds at most
            async with plain_entrance.browser() as client:
                assert (await login(client, INES.subject_name_id)).status_code == status
                assert ((await client.get("/")).json() is not None) is (status == 303)
            assert plain_entrance.simulator.conditions == NORMAL
            assert [why or kind for kind, why in (await plain_entrance.audited())[before:]] == [kept] * bool(kept)
    assert await plain_entrance.sessions() == 1
