"""What an ID token, a userinfo answer and a callback must say, once their signature holds. Pure.

Source: OpenID Connect Core 1.0 sections 3.1.3.6, 3.1.3.7 and 5.3.2; RFC 9207; RFC 9700. Stricter where those leave it to us:
``aud`` is this client and nobody else, ``acr`` and ``auth_time`` are never absent, the clocks differ by 30 s at most.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from auth.model import LoginFailed, refused
from auth.sessions import LEEWAY
from telepath.errors import Unavailable

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Asymmetric, with SHA-256 (``at_hash`` needs to know). What the provider's discovery document lists changes nothing."""
LONGEST_AGE: Final = 600
"""Seconds: an ID token is used right after it was issued; an older one is not of this login."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What this login asked for."""

    issuer: str
    client_id: str
    nonce: str
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
    if claims.get("iss") != expected.issuer:
        raise refused("issuer")
    # Core 3.1.3.7: "The ID Token MUST be rejected if the ID Token does not list the Client as a valid audience, or if it
    # contains additional audiences not trusted by the Client." We trust none, whatever azp says.
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise refused("audience")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise refused("authorized-party")
    if not _is_text(claims.get("sub")) or len(claims["sub"]) > 255:
        raise refused("subject-missing")
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), expected.nonce.encode()):
        raise refused("nonce")
    _check_times(claims, expected, now)
    if not _is_text(claims.get("acr")) or claims["acr"] not in expected.accepted_acr:
        raise refused("acr")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token):
        raise refused("at-hash")


def _check_times(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    for name in ("exp", "iat", "auth_time"):
        if not _is_instant(claims.get(name)):
            raise refused(f"{name.replace('_', '-')}-missing")
    if claims["exp"] <= instant - leeway:
        raise refused("expired")
    if claims["iat"] > instant + leeway:
        raise refused("issued-in-the-future")
    if "nbf" in claims and not (_is_instant(claims["nbf"]) and claims["nbf"] <= instant + leeway):
        raise refused("not-yet-valid")
    if claims["iat"] < instant - LONGEST_AGE:
        raise refused("issued-too-long-ago")
    if claims["auth_time"] > instant + leeway:
        raise refused("authenticated-in-the-future")
    since = expected.authenticated_since
    if since is not None and claims["auth_time"] < since.timestamp() - leeway:
        raise refused("authentication-too-old")


def check_userinfo(userinfo: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Core 5.3.2: "The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID Token;
    if they do not match, the UserInfo Response values MUST NOT be used." Raises LoginFailed: they do not."""
    if userinfo.get("sub") != claims["sub"]:
        raise refused("userinfo-subject")


def _half_hash(access_token: str) -> str:
    """Core 3.1.3.6: base64url of the left half of the hash of the access token; SHA-256 for our algorithms."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).decode().rstrip("=")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**40
