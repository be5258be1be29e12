"""The tokens and documents that leave the simulator, spoilt where the conditions say so."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.responses import Response

from auth.simulator.conditions import Trouble
from auth.simulator.identities import other_ids, userinfo
from auth.simulator.realm import Client, Grant, Provider, Token, WalletSession, answer_of, base64_url, new_key

SCOPE: Final = "openid scope_all"
LOGOUT_LIFE: Final = timedelta(minutes=2)
"""Back-Channel Logout 1.0, 2.4: "preferably at most two minutes in the future"."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
STRANGER: Final = "8f14e45f-ceea-467f-a0e6-000000000000"
"""The subject of nobody here."""


def token_answer(provider: Provider, grant: Grant, *, trouble: Trouble) -> Response:
    """Access token, ID token, and a refresh token as long as the session lives (RFC 6749 5.1)."""
    now = provider.clock()
    lifetimes = grant.session.lifetimes
    access = secrets.token_urlsafe(32)
    provider.access[access] = Token(grant=grant, until=now + lifetimes.access)
    document: dict[str, Any] = {
        "access_token": access,
        "expires_in": int(lifetimes.access.total_seconds()),
        "token_type": "Bearer",
        "id_token": id_token(provider, grant, access, trouble=trouble),
        "not-before-policy": 0,
        "session_state": grant.session.sid,
        "scope": SCOPE,
    }
    if lifetimes.refresh:
        refresh = secrets.token_urlsafe(32)
        # The session at the provider ends first where it is shorter: the real one shortens the answer too.
        until = min(now + lifetimes.refresh, grant.session.auth_time + lifetimes.session)
        provider.refresh[refresh] = Token(grant=grant, until=until)
        document |= {"refresh_token": refresh, "refresh_expires_in": int((until - now).total_seconds())}
    return answer_of(provider.alter("token", document))


def id_token(provider: Provider, grant: Grant, access_token: str, *, trouble: Trouble) -> str:
    """OIDC Core 2, with Pro Santé Connect's claims."""
    now, identity = provider.clock(), grant.identity
    sub = STRANGER if trouble is Trouble.REFRESH_OTHER else provider.sub(identity)
    claims: dict[str, Any] = {
        "iss": provider.issuer,
        "aud": grant.client.client_id,
        "azp": grant.client.client_id,
        "sub": sub,
        "SubjectNameID": identity.subject_name_id,
        "PSISubjectNameID": "",
        "preferred_username": identity.subject_name_id,
        "otherIds": other_ids(identity),
        "sid": grant.session.sid,
        "acr": identity.acr,
        "authMode": identity.auth_mode,
        "auth_level": "1",
        "exp": _seconds(now + grant.session.lifetimes.access),
        "iat": _seconds(now),
        "auth_time": _seconds(grant.session.auth_time),
        "jti": secrets.token_hex(16),
        "nonce": grant.nonce,
        "at_hash": base64_url(hashlib.sha256(access_token.encode()).digest()[:16]),
        "typ": "ID",
    }
    for name in ("acr", "nonce"):
        if not claims[name]:
            del claims[name]
    match trouble:
        case Trouble.WRONG_NONCE:
            claims["nonce"] = secrets.token_urlsafe(32)
        case Trouble.WRONG_ISSUER:
            claims["iss"] = "https://evil.example/auth/realms/esante-wallet"
        case Trouble.WRONG_AUDIENCE:
            claims["aud"] = claims["azp"] = "another-service"
        case Trouble.EXPIRED:
            claims |= {"iat": _seconds(now - timedelta(hours=1)), "exp": _seconds(now - timedelta(minutes=58))}
        case Trouble.LONG_AGO:
            claims["auth_time"] = _seconds(now - timedelta(hours=5))
        case Trouble.NEW_KEY:
            provider.rotate_key()
        case _:
            pass
    return _signed(provider, "claims", claims, trouble)


def _signed(provider: Provider, stage: str, claims: dict[str, Any], trouble: Trouble) -> str:
    key = new_key() if trouble in (Trouble.UNKNOWN_KEY, Trouble.FORGED) else provider.key
    # A forgery names the key that it was not made with.
    kid = key.kid if trouble is Trouble.UNKNOWN_KEY else provider.key.kid
    header = provider.alter("header", {"alg": "RS256", "kid": kid})
    return jwt.encode(header, provider.alter(stage, claims), key, algorithms=["RS256"])


def userinfo_document(provider: Provider, grant: Grant, *, trouble: Trouble) -> dict[str, Any]:
    """OIDC Core 5.3.2, with Pro Santé Connect's claims."""
    identity = grant.identity
    document = userinfo(identity, STRANGER if trouble is Trouble.OTHER_SUBJECT else provider.sub(identity))
    if trouble is Trouble.NO_IDENTIFIER:
        del document["SubjectNameID"]
    return provider.alter("userinfo", document)


def signed_userinfo(provider: Provider, grant: Grant, document: dict[str, Any]) -> str:
    """OIDC Core 5.3.2: "If signed, the UserInfo Response MUST contain the Claims iss and aud as members"."""
    claims = {"iss": provider.issuer, "aud": grant.client.client_id} | document
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key, algorithms=["RS256"])


def logout_token(provider: Provider, session: WalletSession, client: Client) -> str:
    """Back-Channel Logout 1.0, 2.4."""
    now = provider.clock()
    claims = {
        "iss": provider.issuer,
        "aud": client.client_id,
        "sub": provider.sub(session.identity),
        "sid": session.sid,
        "iat": _seconds(now),
        "exp": _seconds(now + LOGOUT_LIFE),
        "jti": secrets.token_hex(16),
        "events": {LOGOUT_EVENT: {}},
    }
    header = {"alg": "RS256", "kid": provider.key.kid, "typ": "logout+jwt"}
    return jwt.encode(
        provider.alter("logout-header", header), provider.alter("logout", claims), provider.key, algorithms=["RS256"]
    )


def read_hint(provider: Provider, hint: str) -> tuple[Client | None, str]:
    """Client and ``sid`` of an ID token of ours, however old (RP-Initiated Logout 1.0, 2); None and an empty text of any
    other."""
    try:
        keys = KeySet([provider.key, *provider.former_keys])
        claims = jwt.decode(hint, keys, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        return None, ""
    client = provider.clients.get(str(claims.get("aud", "")))
    return client, str(claims.get("sid", "")) if client is not None else ""


def introspection(provider: Provider, text: str, client: Client) -> dict[str, Any]:
    """RFC 7662 2.2. Of another client's token: that it is not active."""
    for kind, tokens in (("Bearer", provider.access), ("Refresh", provider.refresh)):
        token = tokens.get(text)
        if token is not None and token.grant.client == client and provider.good(token):
            identity = token.grant.identity
            document = {
                "active": True,
                "typ": kind,
                "client_id": client.client_id,
                "iss": provider.issuer,
                "sub": provider.sub(identity),
                "SubjectNameID": identity.subject_name_id,
                "username": identity.subject_name_id,
                "scope": SCOPE,
                "sid": token.grant.session.sid,
                "acr": identity.acr,
                "exp": _seconds(token.until),
            }
            break
    else:
        document = {"active": False}
    return provider.alter("introspection", document)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def exchanged(provider: Provider, text: str, client: Client) -> Grant | None:
    """Spend a refresh token: its grant, once. None: it is not good, or another client's.

    RFC 9700 4.14.2: "the authorization server cannot determine which party submitted the invalid refresh token, but it will
    revoke the active refresh token"."""
    spent = provider.spent.get(text)
    if spent is not None:
        revoke(provider, spent.grant)
        return None
    token = provider.refresh.get(text)
    if token is None or token.grant.client != client or not provider.good(token):
        return None
    provider.spent[text] = provider.refresh.pop(text)
    token.grant.session.seen_at = provider.clock()
    return token.grant


def revoke(provider: Provider, grant: Grant) -> None:
    """Its tokens are worth nothing from now on."""
    grant.revoked = True
    for tokens in (provider.access, provider.refresh):
        for text in [text for text, token in tokens.items() if token.grant is grant]:
            del tokens[text]
