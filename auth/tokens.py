"""What an ID token, a userinfo answer, a logout token and a callback must say, once their signature holds. Pure.

Source: OpenID Connect Core 1.0 sections 3.1.3.6, 3.1.3.7, 5.3.2 and 12.2; OpenID Connect Back-Channel Logout 1.0 section 2.6;
OpenID CIBA Core 1.0 section 10.1.1; RFC 9207; RFC 9700. Stricter where those leave it to us:
``aud`` is this client and nobody else, ``acr`` and ``auth_time`` are never absent, the clocks differ by 30 s at most.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from auth.model import Authentication, LoginFailed, refused
from auth.sessions import LEEWAY
from telepath.errors import Unavailable

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Asymmetric, with SHA-256 (``at_hash`` needs to know). What the provider's discovery document lists changes nothing."""
LONGEST_AGE: Final = 600
"""Seconds: an ID token or a logout token is used right after it was issued; an older one is not of this occasion. So the
``jti`` of a logout token must be remembered for this long and twice the leeway, and no longer."""
LOGOUT_TYPES: Final = frozenset({"", "jwt", "logout+jwt", "application/logout+jwt"})
"""Back-Channel Logout 2.4 recommends the explicit type, and older providers do not send it; a type that says another purpose is
refused."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What this login asked for."""

    issuer: str
    client_id: str
    nonce: str
    """Empty: none was sent, as in a decoupled login, and none may come back."""
    accepted_acr: frozenset[str]
    authenticated_since: datetime | None = None
    """The person must have authenticated after this instant: step-up."""


def check_callback(answer: Mapping[str, str], issuer: str, *, names_issuer: bool) -> str:
    """Return the code of the provider's redirect. ``names_issuer``: the provider announced RFC 9207.

    Raises LoginFailed: cancelled, or not a valid answer; Unavailable: the provider says that it is."""
    # RFC 9207 2.4: "If the value does not match the expected issuer identifier, clients MUST reject the authorization
    # response and MUST NOT proceed with the authorization grant." Errors are such responses too.
    if "iss" in answer and answer["iss"] != issuer:
        raise refused("callback-issuer")
    if "iss" not in answer and names_issuer:
        raise refused("callback-issuer-missing")
    match answer.get("error"):
        case None:
            pass
        case "access_denied":
            raise LoginFailed("error-login-cancelled")
        case "server_error" | "temporarily_unavailable":
            raise Unavailable("error-login-unavailable")
        case _:
            raise refused("callback-error")
    if not answer.get("code"):
        raise refused("callback-code-missing")
    return answer["code"]


def check_id_token(claims: Mapping[str, Any], expected: Expected, access_token: str, now: datetime) -> None:
    """Raises LoginFailed: one of the claims is not what this login asked for."""
    _check_parties(claims, expected.issuer, expected.client_id)
    subject(claims)
    # OIDC Core 3.1.3.7: "If a nonce value was sent in the Authentication Request, a nonce Claim MUST be present".
    nonce = claims.get("nonce", "" if not expected.nonce else None)
    if not hmac.compare_digest(str(nonce).encode(), expected.nonce.encode()):
        raise refused("nonce")
    for name in ("exp", "iat", "auth_time"):
        if not _is_instant(claims.get(name)):
            raise refused(f"{name.replace('_', '-')}-missing")
    _check_times(claims, now)
    _check_authentication(claims, expected, now)
    _check_level(claims, expected.accepted_acr)
    _check_half_hash(claims, access_token)


def check_renewed_id_token(
    claims: Mapping[str, Any],
    issuer: str,
    client_id: str,
    accepted_acr: frozenset[str],
    access_token: str,
    now: datetime,
) -> None:
    """An ID token that came with a refresh. Core 12.2: issuer, subject and audience as in the first one, ``iat`` of now; no
    nonce is needed. That the subject is the session's is the caller's to check, and then ``check_same_login``.

    Raises LoginFailed: one of the claims does not hold."""
    _check_parties(claims, issuer, client_id)
    subject(claims)
    for name in ("exp", "iat"):
        if not _is_instant(claims.get(name)):
            raise refused(f"{name}-missing")
    if "auth_time" in claims and not _is_instant(claims["auth_time"]):
        raise refused("auth-time-missing")
    _check_times(claims, now)
    if "auth_time" in claims:
        _check_not_ahead(claims["auth_time"], now)
    _check_level(claims, accepted_acr)
    _check_half_hash(claims, access_token)


def authentication(claims: Mapping[str, Any]) -> Authentication:
    """Of a verified ID token. A nonce that is no text equals none that was sent."""
    told = claims.get("auth_time")
    return Authentication(
        nonce=str(claims["nonce"]) if "nonce" in claims else None,
        auth_time=None if told is None else datetime.fromtimestamp(told, UTC),
    )


def check_same_login(renewed: Authentication, first: Authentication) -> None:
    """Of an ID token that came with a refresh, and the one of the login that gave the refresh token.

    Raises LoginFailed: it is of another login."""
    # Core 12.2: "it SHOULD NOT have a nonce Claim …; however, if it is present, its value MUST be the same as in the ID Token
    # issued at the time of the original authentication".
    if renewed.nonce is not None and renewed.nonce != first.nonce:
        raise refused("renewed-nonce")
    # Core 12.2: "if the ID Token contains an auth_time Claim, its value MUST represent the time of the original
    # authentication". Keycloak may tell that of its own session: later, when the person signed in anew for another service.
    if renewed.auth_time is not None and (first.auth_time is None or renewed.auth_time < first.auth_time):
        raise refused("renewed-auth-time")


def check_logout_token(kind: str, claims: Mapping[str, Any], issuer: str, client_id: str, now: datetime) -> None:
    """``kind``: the ``typ`` of the token's header. Back-Channel Logout 2.6, but for the replay, which the caller finds.

    Raises LoginFailed: the token ends nothing."""
    if kind.lower() not in LOGOUT_TYPES:
        raise refused("logout-type")
    _check_parties(claims, issuer, client_id)
    for name in ("exp", "iat"):
        if not _is_instant(claims.get(name)):
            raise refused(f"{name}-missing")
    _check_times(claims, now)
    # 2.4: "This is the sub Claim … A Logout Token MUST contain either a sub or a sid Claim, and MAY contain both."
    told = [claims[name] for name in ("sub", "sid") if name in claims]
    if not told or not all(_is_text(value) and len(value) <= 255 for value in told):
        raise refused("logout-of-nobody")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise refused("logout-event")
    # "Verify that the Logout Token does not contain a nonce Claim": an ID token is not one.
    if "nonce" in claims:
        raise refused("logout-nonce")
    if not _is_text(claims.get("jti")) or len(claims["jti"]) > 255:
        raise refused("logout-jti-missing")


def _check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise refused("issuer")
    # Core 3.1.3.7: "The ID Token MUST be rejected if the ID Token does not list the Client as a valid audience, or if it
    # contains additional audiences not trusted by the Client." We trust none, whatever azp says.
    if claims.get("aud") not in (client_id, [client_id]):
        raise refused("audience")
    if claims.get("azp", client_id) != client_id:
        raise refused("authorized-party")


def subject(claims: Mapping[str, Any]) -> str:
    """Raises LoginFailed: there is none. Core 2: it "MUST NOT exceed 255 ASCII characters"."""
    found = claims.get("sub")
    if not isinstance(found, str) or not 0 < len(found) <= 255:
        raise refused("subject-missing")
    return found


def subjects(documents: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Everybody whom these name, whether or not the rest of them holds."""
    return frozenset(one["sub"] for one in documents if _is_text(one.get("sub")))


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """``exp`` and ``nbf`` where they are, and ``iat``, which the caller knows to be an instant."""
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if "exp" in claims and not (_is_instant(claims["exp"]) and claims["exp"] > instant - leeway):
        raise refused("expired")
    if claims["iat"] > instant + leeway:
        raise refused("issued-in-the-future")
    if "nbf" in claims and not (_is_instant(claims["nbf"]) and claims["nbf"] <= instant + leeway):
        raise refused("not-yet-valid")
    if claims["iat"] < instant - LONGEST_AGE:
        raise refused("issued-too-long-ago")


def _check_authentication(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    _check_not_ahead(claims["auth_time"], now)
    since = expected.authenticated_since
    if since is not None and claims["auth_time"] < since.timestamp() - LEEWAY.total_seconds():
        raise refused("authentication-too-old")


def _check_not_ahead(auth_time: float, now: datetime) -> None:
    if auth_time > now.timestamp() + LEEWAY.total_seconds():
        raise refused("authenticated-in-the-future")


def _check_level(claims: Mapping[str, Any], accepted: frozenset[str]) -> None:
    if not _is_text(claims.get("acr")) or claims["acr"] not in accepted:
        raise refused("acr")


def _check_half_hash(claims: Mapping[str, Any], access_token: str) -> None:
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token):
        raise refused("at-hash")


def check_signed_userinfo(userinfo: Mapping[str, Any], issuer: str, client_id: str) -> None:
    """Core 5.3.2: "If signed, the UserInfo Response MUST contain the Claims iss (issuer) and aud (audience) as members."

    Raises LoginFailed: they are another's."""
    if userinfo.get("iss") != issuer:
        raise refused("userinfo-issuer")
    audience = userinfo.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise refused("userinfo-audience")


def check_userinfo(userinfo: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Core 5.3.2: "The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID Token;
    if they do not match, the UserInfo Response values MUST NOT be used." Raises LoginFailed: they do not, or there is none."""
    if subject(userinfo) != claims["sub"]:
        raise refused("userinfo-subject")


def _half_hash(access_token: str) -> str:
    """Core 3.1.3.6: base64url of the left half of the hash of the access token; SHA-256 for our algorithms."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).decode().rstrip("=")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**40
