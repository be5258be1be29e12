"""Claims that a login must not believe."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.model import Authentication, LoginFailed
from auth.tokens import (
    Expected,
    authentication,
    check_callback,
    check_id_token,
    check_renewed_id_token,
    check_same_login,
    check_userinfo,
)
from telepath.errors import Unavailable

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://auth.example/auth/realms/esante-wallet"
EXPECTED = Expected(
    issuer=ISSUER,
    client_id="telepath",
    nonce="n-0S6_WzA2Mj",
    accepted_acr=frozenset({"eidas1", "eidas2", "eidas3"}),
)
ACCESS = "SlAV32hkKG"


def half_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims, with these changes; ``None`` takes a claim away."""
    good = {
        "iss": ISSUER,
        "aud": "telepath",
        "azp": "telepath",
        "sub": "c5869b2a-d0e9-4012-8088-1bddda1c079a",
        "nonce": "n-0S6_WzA2Mj",
        "acr": "eidas1",
        "exp": SECONDS + 120,
        "iat": SECONDS,
        "auth_time": SECONDS - 3332,
        "at_hash": half_hash(ACCESS),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def reason(check: Callable[[], object]) -> str:
    with pytest.raises(LoginFailed) as refused:
        check()
    return refused.value.reason


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"aud": ["telepath"]},
        {"azp": None},
        {"at_hash": None},
        {"acr": "eidas2"},  # production since 2026: equality with eidas1 would refuse it
        {"acr": "eidas3"},
        {"exp": SECONDS - 29},
        {"iat": SECONDS + 29},
        {"nbf": SECONDS},
        {"jti": "x", "unknown": {"a": 1}},
    ],
)
def test_good_claims_pass(change: dict[str, Any]) -> None:
    check_id_token(claims(**change), EXPECTED, ACCESS, NOW)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "another"}, "audience"),  # though azp is ours: Authlib would take it
        ({"aud": ["another"]}, "audience"),
        ({"aud": ["telepath", "another"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": None}, "audience"),
        ({"azp": "another"}, "authorized-party"),
        ({"azp": ""}, "authorized-party"),
        ({"sub": None}, "subject-missing"),
        ({"sub": ""}, "subject-missing"),
        ({"sub": 7}, "subject-missing"),
        ({"sub": "x" * 256}, "subject-missing"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": "n-0S6_WzA2Mk"}, "nonce"),
        ({"nonce": ["n-0S6_WzA2Mj"]}, "nonce"),
        ({"exp": None}, "exp-missing"),
        ({"exp": "2026"}, "exp-missing"),
        ({"exp": True}, "exp-missing"),
        ({"exp": SECONDS - 30}, "expired"),
        ({"exp": SECONDS - 600}, "expired"),
        ({"iat": None}, "iat-missing"),
        ({"iat": SECONDS + 31}, "issued-in-the-future"),
        ({"iat": SECONDS - 3600}, "issued-too-long-ago"),
        ({"nbf": SECONDS + 31}, "not-yet-valid"),
        ({"nbf": "soon"}, "not-yet-valid"),
        ({"auth_time": None}, "auth-time-missing"),
        ({"auth_time": "today"}, "auth-time-missing"),
        ({"auth_time": SECONDS + 31}, "authenticated-in-the-future"),
        ({"acr": None}, "acr"),
        ({"acr": ""}, "acr"),
        ({"acr": "eidas0"}, "acr"),
        ({"acr": "EIDAS1"}, "acr"),
        ({"acr": ["eidas1"]}, "acr"),
        ({"at_hash": half_hash("another")}, "at-hash"),
        ({"at_hash": ""}, "at-hash"),
    ],
)
def test_bad_claims_are_refused(change: dict[str, Any], why: str) -> None:
    assert reason(lambda: check_id_token(claims(**change), EXPECTED, ACCESS, NOW)) == why


def test_a_login_that_sent_no_nonce_takes_none() -> None:
    """One that has a nonce is of another login: a token of the browser's door does not open that of the telephone."""
    decoupled = Expected(issuer=ISSUER, client_id="telepath", nonce="", accepted_acr=frozenset({"eidas1"}))
    for nonce in (None, ""):
        check_id_token(claims(nonce=nonce), decoupled, ACCESS, NOW)
    for other in ("n-0S6_WzA2Mj", ["x"], 0):
        changed = claims(nonce=other)
        assert reason(lambda changed=changed: check_id_token(changed, decoupled, ACCESS, NOW)) == "nonce"  # type: ignore[misc]


def test_a_step_up_wants_an_authentication_that_came_after_it_was_asked_for() -> None:
    asked = Expected(
        issuer=ISSUER,
        client_id="telepath",
        nonce="n-0S6_WzA2Mj",
        accepted_acr=EXPECTED.accepted_acr,
        authenticated_since=NOW - timedelta(minutes=2),
    )
    check_id_token(claims(auth_time=SECONDS - 60), asked, ACCESS, NOW)
    assert reason(lambda: check_id_token(claims(), asked, ACCESS, NOW)) == "authentication-too-old"


def test_an_id_token_that_comes_with_a_refresh_is_of_the_same_login() -> None:
    """Core 12.2: it need not name nonce and time, and where it does they are of the login, or of a later one."""
    first = authentication(claims())
    for same in ({}, {"nonce": None}, {"auth_time": None}, {"nonce": None, "auth_time": None}):
        check_same_login(authentication(claims(**same)), first)
    for nonce in ("another", "", 0, ["n-0S6_WzA2Mj"]):
        assert reason(lambda n=nonce: check_same_login(authentication(claims(nonce=n)), first)) == "renewed-nonce"  # type: ignore[misc]
    check_same_login(authentication(claims(nonce=None, auth_time=SECONDS - 3331)), first)
    for before in (SECONDS - 3333, SECONDS - 3332.5):
        told = authentication(claims(nonce=None, auth_time=before))
        assert reason(lambda told=told: check_same_login(told, first)) == "renewed-auth-time"  # type: ignore[misc]
    by_telephone = Authentication(nonce="", auth_time=first.auth_time)
    check_same_login(authentication(claims(nonce=None)), by_telephone)
    assert reason(lambda: check_same_login(first, by_telephone)) == "renewed-nonce"

    def renewed(**changes: Any) -> None:
        check_renewed_id_token(claims(**changes), ISSUER, "telepath", EXPECTED.accepted_acr, ACCESS, NOW)

    renewed(nonce=None, auth_time=None)
    for odd in ("2026", 0, True):
        assert reason(lambda odd=odd: renewed(auth_time=odd)) == "auth-time-missing"  # type: ignore[misc]


def test_userinfo_is_of_the_same_subject() -> None:
    check_userinfo({"sub": "a"}, {"sub": "a"})
    assert reason(lambda: check_userinfo({"sub": "b"}, {"sub": "a"})) == "userinfo-subject"
    assert reason(lambda: check_userinfo({}, {"sub": "a"})) == "subject-missing"


def test_a_callback_gives_its_code() -> None:
    assert check_callback({"code": "c", "iss": ISSUER}, ISSUER, names_issuer=True) == "c"
    assert check_callback({"code": "c"}, ISSUER, names_issuer=False) == "c"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"code": "c", "iss": "https://evil.example"}, "callback-issuer"),
        ({"error": "access_denied", "iss": "https://evil.example"}, "callback-issuer"),
        ({"code": "c"}, "callback-issuer-missing"),
        ({"iss": ISSUER}, "callback-code-missing"),
        ({"iss": ISSUER, "code": ""}, "callback-code-missing"),
        ({"iss": ISSUER, "error": "invalid_scope"}, "callback-error"),
        ({"iss": ISSUER, "error": "access_denied"}, "cancelled"),
    ],
)
def test_a_bad_callback_is_refused(answer: dict[str, str], why: str) -> None:
    assert reason(lambda: check_callback(answer, ISSUER, names_issuer=True)) == why


def test_a_provider_that_says_it_is_down_is_no_refusal() -> None:
    with pytest.raises(Unavailable):
        check_callback({"iss": ISSUER, "error": "temporarily_unavailable"}, ISSUER, names_issuer=True)
