"""A provider, or somebody in its place, that answers wrongly: each answer is refused, and none gives, keeps or ends a session.

The cases are those of the OpenID Foundation's relying party tests (basic, configuration, refresh, back-channel logout), those
that Authlib leaves to its caller, and those that were met with Pro Santé Connect."""

import re
import secrets
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select
from starlette.exceptions import HTTPException

from auth.identity import Unverified
from auth.model import LoginFailed
from auth.simulator.conditions import Conditions, Userinfo
from telepath.db.schema.auth import session
from tests.entrance import Entrance
from tests.forgeries import (
    CURVE_KEY,
    OTHER_KEY,
    Change,
    Document,
    broken_signature,
    encrypted,
    id_token,
    later,
    part,
    sealed_with,
    signed_by,
    stripped,
    tampered,
    unsigned,
    with_,
    without,
)
from tests.identities import HUGO, INES
from tests.login import SECRET, altering, location, login, pick, pick_at

Case = tuple[dict[str, Change], str]
"""By stage what the simulator sends instead, and the reason of the refusal."""
EVIL = "https://evil.example"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
UNAVAILABLE = "Ce n’est pas un refus"
"""Of a provider that nothing can be believed of, and that may be well again soon: a page of another kind, and no record."""
JWT = Conditions(userinfo=Userinfo.JWT)
Ines = INES.subject_name_id


def denied(status: int) -> Change:
    def change(_sent: Document) -> Document:
        raise HTTPException(status)

    return change


def claims() -> dict[str, Case]:
    """Of the ID token."""
    return {
        "another issuer": ({"claims": with_(iss=EVIL)}, "issuer"),
        "an issuer with a slash too many": ({"claims": lambda sent: sent | {"iss": sent["iss"] + "/"}}, "issuer"),
        "no issuer": ({"claims": without("iss")}, "issuer"),
        "another audience, azp ours": ({"claims": with_(aud="another")}, "audience"),
        "others as audience, azp ours": ({"claims": with_(aud=["another"])}, "audience"),
        "one audience too many": ({"claims": with_(aud=["telepath", "another"])}, "audience"),
        "no audience": ({"claims": without("aud")}, "audience"),
        "another authorized party": ({"claims": with_(azp="another")}, "authorized-party"),
        "no subject": ({"claims": without("sub")}, "subject-missing"),
        "an empty subject": ({"claims": with_(sub="")}, "subject-missing"),
        "a subject longer than any": ({"claims": with_(sub="s" * 256)}, "subject-missing"),
        "a bad nonce": ({"claims": with_(nonce="another")}, "nonce"),
        "no nonce": ({"claims": without("nonce")}, "nonce"),
        "an empty nonce": ({"claims": with_(nonce="")}, "nonce"),
        "no iat": ({"claims": without("iat")}, "iat-missing"),
        "no exp": ({"claims": without("exp")}, "exp-missing"),
        "exp as a text": ({"claims": with_(exp="2099")}, "exp-missing"),
        "expired 31 s ago": ({"claims": later("exp", -151)}, "expired"),
        "issued in the future": ({"claims": later("iat", 60)}, "issued-in-the-future"),
        "issued an hour ago": ({"claims": later("iat", -3600)}, "issued-too-long-ago"),
        "not valid yet": ({"claims": lambda sent: sent | {"nbf": sent["iat"] + 60}}, "not-yet-valid"),
        "no acr": ({"claims": without("acr")}, "acr"),
        "an empty acr": ({"claims": with_(acr="")}, "acr"),
        "a low acr": ({"claims": with_(acr="0")}, "acr"),
        "a list of acr": ({"claims": with_(acr=["eidas1"])}, "acr"),
        "no auth_time": ({"claims": without("auth_time")}, "auth-time-missing"),
        "authenticated in the future": ({"claims": later("auth_time", 60)}, "authenticated-in-the-future"),
        "a wrong at_hash": ({"claims": with_(at_hash="AAAAAAAAAAAAAAAAAAAAAA")}, "at-hash"),
        "an empty at_hash": ({"claims": with_(at_hash="")}, "at-hash"),
    }


def signatures(key: RSAKey) -> dict[str, Case]:
    """``key``: that of the provider, of which everybody knows the public half."""
    public = key.as_pem(private=False)
    two = {"keys": [one.as_dict(private=False) | {"use": "sig"} for one in (key, OTHER_KEY)]}
    cases = {
        "alg none": (unsigned(), "signature"),
        "alg None": (unsigned("None"), "signature"),
        "alg none, without its dot": (lambda token: unsigned()(token).rstrip("."), "signature"),
        "a signature cut off": (stripped, "signature"),
        "a broken signature": (broken_signature, "signature"),
        "changed after signing": (tampered(SubjectNameID="899700421029"), "signature"),
        "signed by a stranger under our key's name": (signed_by(OTHER_KEY, "RS256"), "signature"),
        "signed by a stranger who names himself": (signed_by(OTHER_KEY, "RS256", kid="evil"), "key-unknown"),
        "a stranger's RSA key in the header": (
            signed_by(OTHER_KEY, "RS256", kid="evil", jwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
            "key-unknown",
        ),
        "a stranger's EC key in the header": (
            signed_by(CURVE_KEY, "ES256", kid="evil", jwk=CURVE_KEY.as_dict(private=False)),
            "key-unknown",
        ),
        "a stranger's EC key in the header, under our key's name": (
            signed_by(CURVE_KEY, "ES256", jwk=CURVE_KEY.as_dict(private=False)),
            "signature",
        ),
        "an address of keys in the header": (signed_by(OTHER_KEY, "RS256", kid="evil", jku=EVIL), "key-unknown"),
        "an algorithm that is not pinned": (signed_by(OTHER_KEY, "RS512"), "signature"),
        "a key of another kind": (signed_by(CURVE_KEY, "ES256"), "signature"),
        "HS256 with the client's secret": (sealed_with(SECRET.encode()), "signature"),
        "HS256 with the public key": (sealed_with(public), "signature"),
        "HS256 with the public key, less a line": (sealed_with(public.strip()), "signature"),
        "encrypted": (encrypted, "token-encrypted"),
        "not a token": (lambda _token: "not.a.token", "token-unreadable"),
        "a megabyte": (lambda _token: "e30." + "A" * 1_000_000 + ".A", "signature"),
        "an access token in its place": (lambda _token: "opaque", "token-unreadable"),
    }
    return {f"ID token: {name}": ({"token": id_token(change)}, reason) for name, (change, reason) in cases.items()} | {
        "alg none, listed by discovery": (
            {"token": id_token(unsigned()), "discovery": with_(id_token_signing_alg_values_supported=["none"])},
            "signature",
        ),
        "HS256, listed by discovery": (
            {
                "token": id_token(sealed_with(public)),
                "discovery": with_(id_token_signing_alg_values_supported=["HS256", "RS256"]),
            },
            "signature",
        ),
        "an unnamed key where there are two": ({"header": without("kid"), "keys": lambda _sent: two}, "key-unknown"),
        "no key at all": ({"keys": with_(keys=[])}, UNAVAILABLE),
        "no key but one for encryption": (
            {"keys": lambda sent: {"keys": [one | {"use": "enc"} for one in sent["keys"]]}},
            UNAVAILABLE,
        ),
        "a shared secret among the keys": (
            {
                "token": id_token(sealed_with(b"known", kid="evil")),
                "keys": lambda sent: {"keys": [*sent["keys"], {"kty": "oct", "k": "a25vd24", "kid": "evil"}]},
            },
            "key-unknown",
        ),
    }


def documents() -> dict[str, Case]:
    """Discovery, callback, token answer, userinfo."""
    return {
        "discovery of another issuer": ({"discovery": with_(issuer=EVIL)}, "discovery-issuer"),
        "discovery that leads into another scheme": (
            {"discovery": with_(token_endpoint="file:///etc/passwd")},
            "discovery-issuer",
        ),
        "another issuer in the callback": ({"callback": with_(iss=EVIL)}, "callback-issuer"),
        "no issuer in the callback": ({"callback": without("iss")}, "callback-issuer-missing"),
        "no code in the callback": ({"callback": without("code")}, "callback-code-missing"),
        "an invented code": ({"callback": with_(code="invented")}, "code-rejected"),
        "an error that nobody knows": ({"callback": with_(error="evil")}, "callback-error"),
        "no ID token": ({"token": without("id_token")}, "id-token-missing"),
        "an empty ID token": ({"token": with_(id_token="")}, "id-token-missing"),
        "no access token": ({"token": without("access_token")}, "access-token-missing"),
        "an access token of another type": ({"token": with_(token_type="mac")}, "access-token-type"),
        "userinfo that is refused": ({"userinfo": denied(401)}, "userinfo-refused"),
        "no SubjectNameID": ({"userinfo": without("SubjectNameID")}, "subject-name-id-missing"),
        "an empty SubjectNameID": ({"userinfo": with_(SubjectNameID=" ")}, "subject-name-id-missing"),
        "a SubjectNameID in small letters": (
            {"userinfo": lambda sent: without("SubjectNameID")(sent) | {"SubjectNameId": sent["SubjectNameID"]}},
            "subject-name-id-missing",
        ),
        "somebody else's SubjectNameID": (
            {"userinfo": with_(SubjectNameID=HUGO.subject_name_id)},
            "subject-name-id-differs",
        ),
        "a SubjectNameID of another provider": (
            {"userinfo": with_(SubjectNameID="leuven:1"), "claims": without("SubjectNameID")},
            "subject-name-id-foreign",
        ),
        "a SubjectNameID longer than any": (
            {"userinfo": with_(SubjectNameID="8" * 65), "claims": without("SubjectNameID")},
            "subject-name-id-too-long",
        ),
        "userinfo of another subject": ({"userinfo": with_(sub="another")}, "userinfo-subject"),
        "userinfo without subject": ({"userinfo": without("sub")}, "subject-missing"),
    }


SIGNED_USERINFO: dict[str, Case] = {
    "signed userinfo of another issuer": ({"userinfo": with_(iss=EVIL)}, "userinfo-issuer"),
    "signed userinfo for another client": ({"userinfo": with_(aud="another")}, "userinfo-audience"),
    "signed userinfo for nobody": ({"userinfo": with_(aud=None)}, "userinfo-audience"),
    "signed userinfo of another subject": ({"userinfo": with_(sub="another")}, "userinfo-subject"),
}

RENEWALS: dict[str, Case] = {
    "another issuer": ({"claims": with_(iss=EVIL)}, "issuer"),
    "another audience": ({"claims": with_(aud="another")}, "audience"),
    "another subject in the ID token": ({"claims": with_(sub="another")}, "userinfo-subject"),
    "another subject in userinfo": ({"userinfo": with_(sub="another")}, "userinfo-subject"),
    "no subject": ({"claims": without("sub")}, "subject-missing"),
    "no iat": ({"claims": without("iat")}, "iat-missing"),
    "issued long ago": ({"claims": later("iat", -3600)}, "issued-too-long-ago"),
    "expired": ({"claims": later("exp", -151)}, "expired"),
    "a low acr": ({"claims": with_(acr="0")}, "acr"),
    "no acr": ({"claims": without("acr")}, "acr"),
    "a wrong at_hash": ({"claims": with_(at_hash="AAAAAAAAAAAAAAAAAAAAAA")}, "at-hash"),
    "alg none": ({"token": id_token(unsigned())}, "signature"),
    "a broken signature": ({"token": id_token(broken_signature)}, "signature"),
    "an ID token that is a number": ({"token": with_(id_token=7)}, "id-token-missing"),
    "no access token": ({"token": without("access_token")}, "access-token-missing"),
    "userinfo that is refused": ({"userinfo": denied(403)}, "userinfo-refused"),
    "no SubjectNameID": ({"userinfo": without("SubjectNameID")}, "subject-name-id-missing"),
    "a swapped card": ({"userinfo": with_(SubjectNameID=HUGO.subject_name_id)}, "subject-name-id-differs"),
}


async def test_every_wrong_answer_is_refused_and_none_gives_a_session(
    plain_entrance: Entrance, subtests: pytest.Subtests
) -> None:
    entrance, refused = plain_entrance, 0
    logins = claims() | signatures(entrance.simulator.key) | documents() | SIGNED_USERINFO
    async with entrance.browser() as client:
        for case, (changes, reason) in logins.items():
            with subtests.test(case):
                refused += await refuses(entrance, client, case, changes, reason)
    entrance.simulator.conditions = Conditions()
    for case, (changes, reason) in RENEWALS.items():
        with subtests.test(f"refresh: {case}"):
            entrance.clock.advance(hours=1)
            token = await refresh_token(entrance)
            entrance.alter = altering(**changes)
            assert await renewal(entrance, token) == reason
            refused += 1
    entrance.alter = None
    with subtests.test("refresh: twice"):
        token = await refresh_token(entrance)
        await entrance.identity.refresh(token)
        assert [await renewal(entrance, one) for one in (token, "invented")] == ["refresh-rejected"] * 2
        refused += 2
    assert refused == len(logins) + len(RENEWALS) + 2
    assert refused >= 60
    assert await entrance.sessions() == 0


async def refuses(
    entrance: Entrance, client: httpx2.AsyncClient, case: str, changes: dict[str, Change], reason: str
) -> int:
    # Discovery and keys are asked for anew, and the same reason again would within a minute be only counted.
    entrance.clock.advance(hours=1)
    await entrance.db.refusals.close()
    before = len(await entrance.audited())
    entrance.alter = altering(**changes)
    entrance.simulator.conditions = JWT if case in SIGNED_USERINFO else Conditions()
    page = await client.get("/login/start")
    if page.status_code == 303:
        page = await client.get(await pick_at(client, location(page), Ines))
    expected = 503 if reason is UNAVAILABLE else 403
    assert (page.status_code, reason in page.text) == (expected, True), re.findall("<h1>(.*)</h1>", page.text)
    assert "telepath" not in client.cookies
    assert (await client.get("/")).json() is None
    assert set((await entrance.audited())[before:]) <= {("session.refused", reason)}
    client.cookies.clear()
    return 1


async def refresh_token(entrance: Entrance) -> str:
    """Of a login that the service itself never hears of."""
    entrance.alter = None
    started = await entrance.identity.start(fresh=True)
    async with entrance.browser() as client:
        answer = httpx2.URL(await pick_at(client, started.url, Ines)).params
    proven = await entrance.identity.finish(
        dict(answer), nonce=started.nonce, verifier=started.verifier, authenticated_since=None
    )
    assert proven.refresh_token
    assert proven.refresh_until is not None
    return proven.refresh_token


async def renewal(entrance: Entrance, token: str) -> str:
    with pytest.raises((LoginFailed, Unverified)) as refused:
        await entrance.identity.refresh(token)
    failure: Exception = refused.value
    if isinstance(failure, Unverified):
        # The next renewal needs what this one gave, whatever is wrong with the rest.
        assert failure.refresh_token not in {"", token}
        failure = failure.failure
    assert isinstance(failure, LoginFailed)
    return failure.reason


async def test_a_callback_that_is_not_that_of_this_login_gives_no_session(entrance: Entrance) -> None:
    async with entrance.browser() as client, entrance.browser() as stranger:

        async def callback(page: str = Ines) -> httpx2.URL:
            return httpx2.URL(await pick(client, "/login/start", page))

        good, other = await callback(), await callback()
        state = other.params["state"]
        for wrong in (
            good.copy_remove_param("state"),
            good.copy_set_param("state", ""),
            good.copy_set_param("state", f"{good.params['state']}A"),
            # The code of one login under the state of another: mixed up, or injected.
            other.copy_set_param("code", good.params["code"]),
            # That login is used up by now.
            other.copy_set_param("state", state),
        ):
            assert (await client.get(str(wrong))).status_code in {400, 403}, wrong
        assert (await stranger.get(str(await callback()))).status_code == 400
        for error, status in (("access_denied", 200), ("server_error", 503), ("login_required", 403), ("evil", 403)):
            address = await callback()
            answer = address.copy_remove_param("code").copy_set_param("error", error)
            assert (await client.get(str(answer))).status_code == status
            assert (await client.get(str(address))).status_code == 400
        assert "telepath" not in client.cookies
    assert await entrance.sessions() == 0


async def test_no_wrong_logout_token_ends_a_session(plain_entrance: Entrance, subtests: pytest.Subtests) -> None:
    entrance, key = plain_entrance, plain_entrance.simulator.key

    def token(header: Document | None = None, signer: Any = key, **changes: Any) -> str:
        now = int(entrance.clock.now.timestamp())
        told = {
            "iss": entrance.simulator.issuer,
            "aud": "telepath",
            "sub": entrance.simulator.sub(INES),
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(16),
            "events": {EVENT: {}},
        } | changes
        head: Document = {"alg": "RS256", "kid": key.kid, "typ": "logout+jwt"} | (header or {})
        kept, head = ({name: value for name, value in one.items() if value is not None} for one in (told, head))
        return jwt.encode(head, kept, signer, algorithms=[head["alg"]])

    now = int(entrance.clock.now.timestamp())
    public = key.as_pem(private=False)
    cases: dict[str, tuple[str, str]] = {
        "alg none": (unsigned()(token()), "signature"),
        "another algorithm": (token({"alg": "RS512"}), "signature"),
        "HS256 with the public key": (sealed_with(public)(token()), "signature"),
        "another key": (token(signer=OTHER_KEY), "signature"),
        "a key that nobody knows": (token({"kid": "evil"}, OTHER_KEY), "key-unknown"),
        "another issuer": (token(iss=EVIL), "issuer"),
        "another audience": (token(aud="another"), "audience"),
        "an audience too many": (token(aud=["telepath", "another"]), "audience"),
        "another type": (token({"typ": "at+jwt"}), "logout-type"),
        "no event": (token(events=None), "logout-event"),
        "no event, and no type either": (token({"typ": None}, events=None), "logout-event"),
        "another event": (token(events={f"{EVENT}2": {}}), "logout-event"),
        "an event that says nothing": (token(events={EVENT: True}), "logout-event"),
        "a nonce": (token(nonce="n"), "logout-nonce"),
        "a nonce, and no type": (token({"typ": None}, nonce="n"), "logout-nonce"),
        "an empty nonce": (token({"typ": None}, nonce=""), "logout-nonce"),
        "nobody": (token(sub=None), "logout-of-nobody"),
        "an empty sid": (token(sid=""), "logout-of-nobody"),
        "a subject that is a list": (token(sub=[entrance.simulator.sub(INES)]), "logout-of-nobody"),
        "no jti": (token(jti=None), "logout-jti-missing"),
        "no iat": (token(iat=None), "iat-missing"),
        "no exp": (token(exp=None), "exp-missing"),
        "a critical header that is a number": (f"{part({'alg': 'RS256', 'crit': 5})}.{part({})}.AA", "signature"),
        "issued in the future": (token(iat=now + 60), "issued-in-the-future"),
        "issued long ago": (token(iat=now - 700), "issued-too-long-ago"),
        "expired": (token(exp=now - 31), "expired"),
        "encrypted": (encrypted(token()), "token-encrypted"),
        "nothing": ("", "logout-token-missing"),
    }
    async with entrance.browser() as client, httpx2.AsyncClient(base_url=entrance.origin, trust_env=False) as wire:
        await login(client, Ines)

        async def post(text: str) -> tuple[int, str]:
            answer = await wire.post("/login/backchannel-logout/psc", data={"logout_token": text})
            return answer.status_code, answer.json()["error_description"] if answer.status_code == 400 else ""

        for case, (text, reason) in cases.items():
            with subtests.test(case):
                assert await post(text) == (400, reason)
        assert len(cases) >= 8
        async with entrance.db.read() as reader:
            given = await reader.scalar(select(session.c.id_token))
        # It says of whom, to whom and when, without a type: only that it is about a login tells them apart.
        assert await post(given) == (400, "logout-event")
        assert await entrance.sessions() == 1
        # Back-Channel Logout 2.4 only recommends the type.
        good = token({"typ": None})
        assert await post(good) == (200, "")
        assert await entrance.sessions() == 0
        await login(client, Ines)
        assert await post(good) == (400, "logout-replayed")
        assert await entrance.sessions() == 1
