"""A provider, or somebody in its place, that answers wrongly: each is refused, none gets a session.

The cases are those of the OpenID Foundation's relying party tests, and those that Authlib leaves to its caller."""

import asyncio
import base64
import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.exceptions import HTTPException

from auth.agreement import Provider
from auth.identity_oidc import OpenIdProvider
from telepath.errors import Unavailable
from tests.entrance import INES, Entrance
from tests.login import altering, free_port, issuer_at, location, login, pick

Document = dict[str, Any]
OTHER_KEY = RSAKey.generate_key(2048)


def part(document: Document) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def unpack(token: str) -> tuple[Document, Document]:
    header, claims = (json.loads(base64.urlsafe_b64decode(text + "==")) for text in token.split(".")[:2])
    return header, claims


def unsigned(sent: Document) -> Document:
    header, claims = unpack(sent["id_token"])
    return sent | {"id_token": f"{part(header | {'alg': 'none'})}.{part(claims)}."}


def signed_by(key: Any, algorithm: str, **header: Any) -> Callable[[Document], Document]:
    def change(sent: Document) -> Document:
        old, claims = unpack(sent["id_token"])
        return sent | {"id_token": jwt.encode(old | {"alg": algorithm} | header, claims, key, algorithms=[algorithm])}

    return change


def broken_signature(sent: Document) -> Document:
    head, body, signature = sent["id_token"].split(".")
    return sent | {"id_token": f"{head}.{body}.{signature[:-8]}AAAAAAAA"}


def tampered(sent: Document) -> Document:
    head, _, signature = sent["id_token"].split(".")
    _, claims = unpack(sent["id_token"])
    return sent | {"id_token": f"{head}.{part(claims | {'SubjectNameID': '899700421029'})}.{signature}"}


def without(*names: str) -> Callable[[Document], Document]:
    return lambda sent: {name: value for name, value in sent.items() if name not in names}


def with_(**values: Any) -> Callable[[Document], Document]:
    return lambda sent: sent | values


def later(name: str, seconds: int) -> Callable[[Document], Document]:
    return lambda sent: sent | {name: sent[name] + seconds}


CASES: dict[str, tuple[dict[str, Callable[[Document], Document]], str]] = {
    "another issuer": ({"claims": with_(iss="https://evil.example")}, "issuer"),
    "another audience, azp ours": ({"claims": with_(aud="another")}, "audience"),
    "one audience too many": ({"claims": with_(aud=["telepath", "another"])}, "audience"),
    "another authorized party": ({"claims": with_(azp="another")}, "authorized-party"),
    "no subject": ({"claims": without("sub")}, "subject-missing"),
    "a bad nonce": ({"claims": with_(nonce="another")}, "nonce"),
    "no nonce": ({"claims": without("nonce")}, "nonce"),
    "no iat": ({"claims": without("iat")}, "iat-missing"),
    "no exp": ({"claims": without("exp")}, "exp-missing"),
    "expired 31 s ago": ({"claims": later("exp", -151)}, "expired"),
    "issued in the future": ({"claims": later("iat", 60)}, "issued-in-the-future"),
    "no acr": ({"claims": without("acr")}, "acr"),
    "a low acr": ({"claims": with_(acr="0")}, "acr"),
    "no auth_time": ({"claims": without("auth_time")}, "auth-time-missing"),
    "a wrong at_hash": ({"claims": with_(at_hash="AAAAAAAAAAAAAAAAAAAAAA")}, "at-hash"),
    "alg none": ({"token": unsigned}, "signature"),
    "alg none, listed by discovery": (
        {"token": unsigned, "discovery": with_(id_token_signing_alg_values_supported=["none", "RS256"])},
        "signature",
    ),
    "a broken signature": ({"token": broken_signature}, "signature"),
    "changed after signing": ({"token": tampered}, "signature"),
    "signed by a stranger under our key's name": ({"token": signed_by(OTHER_KEY, "RS256")}, "signature"),
    "signed by a stranger who brings his key": (
        {"token": signed_by(OTHER_KEY, "RS256", kid="evil", jwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"})},
        "key-unknown",
    ),
    "signed with an algorithm that is not pinned": ({"token": signed_by(OTHER_KEY, "RS512")}, "signature"),
    "signed with a shared secret": (
        {"token": signed_by(OctKey.import_key("simulator-only" * 4), "HS256")},
        "signature",
    ),
    "signed by a key of another kind": ({"token": signed_by(ECKey.generate_key("P-256"), "ES256")}, "signature"),
    "no ID token": ({"token": without("id_token")}, "id-token-missing"),
    "an ID token that is none": ({"token": with_(id_token="not.a.token")}, "token-unreadable"),
    "an empty ID token": ({"token": with_(id_token="")}, "id-token-missing"),
    "an ID token of a megabyte": ({"token": with_(id_token="e30." + "A" * 1_000_000 + ".A")}, "signature"),
    "no access token": ({"token": without("access_token")}, "access-token-missing"),
    "no SubjectNameID": ({"userinfo": without("SubjectNameID")}, "subject-name-id-missing"),
    "an empty SubjectNameID": ({"userinfo": with_(SubjectNameID="")}, "subject-name-id-missing"),
    "somebody else's SubjectNameID": ({"userinfo": with_(SubjectNameID="899700421029")}, "subject-name-id-differs"),
    "userinfo of another subject": ({"userinfo": with_(sub="another")}, "userinfo-subject"),
    "userinfo without subject": ({"userinfo": without("sub")}, "userinfo-subject"),
    "another issuer in the callback": ({"callback": with_(iss="https://evil.example")}, "callback-issuer"),
    "no issuer in the callback": ({"callback": without("iss")}, "callback-issuer-missing"),
    "no code in the callback": ({"callback": without("code")}, "callback-code-missing"),
    "an invented code": ({"callback": with_(code="invented")}, "code-rejected"),
}


async def test_a_wrong_answer_gives_no_session(plain_entrance: Entrance, subtests: pytest.Subtests) -> None:
    for number, (case, (changes, reason)) in enumerate(CASES.items(), 1):
        with subtests.test(case):
            plain_entrance.alter = altering(**changes)
            plain_entrance.identity._endpoints.discovery = None
            await plain_entrance.db.refusals.close()  # the same reason again within a minute would be only counted
            async with plain_entrance.browser() as client:
                page = await login(client, INES.subject_name_id)
                assert page.status_code == 403
                assert reason in page.text
                assert "telepath" not in client.cookies
                assert (await client.get("/")).json() is None
            assert await plain_entrance.sessions() == 0
            assert (await plain_entrance.audited())[number - 1 :] == [("session.refused", reason)]


async def test_a_token_that_expired_within_the_leeway_is_still_good(plain_entrance: Entrance) -> None:
    plain_entrance.alter = altering(claims=later("exp", -149))
    async with plain_entrance.browser() as client:
        assert (await login(client, INES.subject_name_id)).status_code == 303


async def test_every_accepted_level_is_accepted(plain_entrance: Entrance) -> None:
    for acr in ("eidas1", "eidas2", "eidas3"):
        plain_entrance.alter = altering(claims=with_(acr=acr))
        async with plain_entrance.browser() as client:
            assert (await login(client, INES.subject_name_id)).status_code == 303
            assert (await client.get("/")).json()["acr"] == acr


async def test_a_new_signing_key_is_fetched_once_when_it_first_appears(plain_entrance: Entrance) -> None:
    fetched = 0

    def count(stage: str, document: Document) -> Document:
        nonlocal fetched
        fetched += stage == "keys"
        return document

    plain_entrance.alter = count
    async with plain_entrance.browser() as client:
        await login(client, INES.subject_name_id)
        await login(client, INES.subject_name_id)
        assert fetched == 1
        plain_entrance.simulator.rotate_key()
        plain_entrance.clock.advance(seconds=10)
        assert (await login(client, INES.subject_name_id)).status_code == 303
        assert fetched == 2


async def test_a_key_that_stays_unknown_is_asked_for_once_per_login(plain_entrance: Entrance) -> None:
    fetched = 0

    def stranger(stage: str, document: Document) -> Document:
        nonlocal fetched
        fetched += stage == "keys"
        return document | {"kid": "unheard-of"} if stage == "header" else document

    plain_entrance.alter = stranger
    async with plain_entrance.browser() as client:
        assert "key-unknown" in (await login(client, INES.subject_name_id)).text
    assert fetched == 1


async def test_a_token_may_leave_the_only_key_unnamed_but_not_one_of_several(plain_entrance: Entrance) -> None:
    plain_entrance.alter = altering(header=without("kid"))
    async with plain_entrance.browser() as client:
        assert (await login(client, INES.subject_name_id)).status_code == 303
    two = KeySet([plain_entrance.simulator.key, OTHER_KEY]).as_dict(private=False)
    plain_entrance.simulator.rotate_key()
    plain_entrance.alter = altering(header=without("kid"), keys=lambda sent: {"keys": [*sent["keys"], *two["keys"]]})
    plain_entrance.clock.advance(hours=1)
    async with plain_entrance.browser() as client:
        assert "key-unknown" in (await login(client, INES.subject_name_id)).text


async def test_a_provider_in_trouble_is_unavailable_not_a_refusal(
    plain_entrance: Entrance, subtests: pytest.Subtests
) -> None:
    for stage, status in product(("token", "userinfo", "keys", "discovery"), (500, 502, 503, 504)):

        def trouble(at: str, document: Document, stage: str = stage, status: int = status) -> Document:
            if at == stage:
                raise HTTPException(status)
            return document

        with subtests.test(f"{stage} {status}"):
            plain_entrance.alter = trouble
            plain_entrance.clock.advance(hours=1)
            async with plain_entrance.browser() as client:
                if stage == "discovery":
                    page = await client.get("/login/start")
                else:
                    page = await login(client, INES.subject_name_id)
                assert page.status_code == 503
                assert "Ce n’est pas un refus" in page.text
    assert await plain_entrance.sessions() == 0
    assert await plain_entrance.audited() == []


async def test_a_discovery_document_of_another_issuer_is_refused(plain_entrance: Entrance) -> None:
    plain_entrance.alter = altering(discovery=with_(issuer="https://evil.example"))
    async with plain_entrance.browser() as client:
        page = await client.get("/login/start")
        assert page.status_code == 403
        assert "discovery-issuer" in page.text


async def test_a_code_is_worth_nothing_without_its_verifier(plain_entrance: Entrance) -> None:
    """Whoever stole a code from a log cannot redeem it."""
    async with plain_entrance.browser() as client:
        callback = await pick(client, "/login/start", INES.subject_name_id)
        for code in plain_entrance.simulator.codes.values():
            code.asked = type(code.asked)(
                **{name: getattr(code.asked, name) for name in code.asked.__struct_fields__ if name != "challenge"},
                challenge="A" * 43,
            )
        assert "code-rejected" in (await client.get(callback)).text


async def test_the_wallet_sends_nobody_to_an_address_that_is_not_registered(plain_entrance: Entrance) -> None:
    async with plain_entrance.browser() as client:
        away = location(await client.get("/login/start"))
        for wrong in (away.replace("client_id=telepath", "client_id=evil"), away.replace("callback", "callback2")):
            page = await client.get(wrong)
            assert page.status_code == 400
            assert "location" not in page.headers


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("code_challenge_method=S256", "code_challenge_method=plain"), "invalid_request"),
        (("response_type=code", "response_type=token"), "unsupported_response_type"),
        (("scope=openid+scope_all", "scope=profile"), "invalid_scope"),
    ],
)
async def test_the_wallet_refuses_what_the_real_one_would(
    plain_entrance: Entrance, change: tuple[str, str], error: str
) -> None:
    async with plain_entrance.browser() as client:
        away = location(await client.get("/login/start"))
        assert change[0] in away
        answer = await client.get(away.replace(*change))
        assert f"error={error}" in location(answer)


async def test_the_wallet_page_is_in_english_for_an_english_browser(plain_entrance: Entrance) -> None:
    async with plain_entrance.browser() as client:
        client.headers["Accept-Language"] = "en-GB,en;q=0.9"
        page = await client.get(location(await client.get("/login/start")))
    assert '<html lang="en">' in page.text
    assert "This is not Pro Santé Connect." in page.text


async def test_the_wallet_page_says_that_its_identities_are_invented_and_has_no_script(
    plain_entrance: Entrance,
) -> None:
    async with plain_entrance.browser() as client:
        page = await client.get(location(await client.get("/login/start")))
    assert "Simulateur" in page.text
    assert "identités fictives" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {plain_entrance.origin}" in policy


def unreachable(port: int) -> OpenIdProvider:
    return OpenIdProvider(
        Provider(
            issuer=issuer_at(port),
            client_id="telepath",
            client_secret="secret",
            redirect_uri="http://127.0.0.1:1/login/callback",
            after_logout="http://127.0.0.1:1/login/left",
        )
    )


async def test_a_provider_that_is_not_there_is_unavailable_and_no_error_at_start() -> None:
    provider = unreachable(free_port())
    await provider.prepare()
    with pytest.raises(Unavailable):
        await provider.start(fresh=False)


async def test_a_provider_that_never_answers_is_given_up_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.endpoints.PATIENCE", 0.2)
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(Unavailable):
            await unreachable(port).start(fresh=False)
        await gone.wait()
