"""Keys and tokens as nobody should send them: each is left out or refused, and none is an error of ours."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from auth.model import LoginFailed
from auth.signing_keys import SigningKeys
from telepath.db.database import utc_now
from telepath.errors import Unavailable
from tests.forgeries import CURVE_KEY, OTHER_KEY, part

RSA: dict[str, Any] = OTHER_KEY.as_dict(private=False) | {"kid": "rsa", "use": "sig"}
CURVE: dict[str, Any] = CURVE_KEY.as_dict(private=False) | {"kid": "curve", "use": "sig"}
SHORT = RSA | {"kid": "short", "n": base64.urlsafe_b64encode(b"\xc3" * 255).decode()}
ODD: tuple[Any, ...] = (None, 5, 1.5, True, "", "x", "é", "AQAB", "A" * 401, [], [5], {}, {"a": 1})


def token(key: RSAKey | ECKey = OTHER_KEY, kid: str = "rsa", algorithm: str = "RS256") -> str:
    return jwt.encode({"alg": algorithm, "kid": kid}, {"sub": "a"}, key, algorithms=[algorithm])


def published(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


async def opened(text: str, document: bytes) -> Any:
    async def fetch() -> bytes:
        return document

    return (await SigningKeys(utc_now).open(text, fetch)).claims


async def test_keys_that_cannot_be_used_are_left_out_and_the_others_stay() -> None:
    assert await opened(token(), published(RSA, CURVE)) == {"sub": "a"}
    assert await opened(token(CURVE_KEY, "curve", "ES256"), published(RSA, CURVE)) == {"sub": "a"}
    spoilt = [good | {name: odd} for good in (RSA, CURVE) for name in ("kty", "n", "e", "x", "y", "crv") for odd in ODD]
    lacking = [{name: good[name] for name in good if name != left} for good in (RSA, CURVE) for left in good]
    unfit = [one | {"kid": f"odd-{number}"} for number, one in enumerate([*spoilt, *lacking])]
    assert await opened(token(), published(*unfit, *ODD, RSA)) == {"sub": "a"}
    with pytest.raises(Unavailable):
        await opened(token(kid="short"), published(SHORT))
    for nothing in (b"", b"[]", b"5", b'{"keys": 5}', b'{"keys": [5]}', b"\xff", published()):
        with pytest.raises(Unavailable):
            await opened(token(), nothing)


async def test_no_header_is_an_error_of_ours() -> None:
    head, body, signature = token().split(".")
    names = ("alg", "kid", "crit", "b64", "typ", "jwk", "x5c", "enc", "exp")
    headers = [
        {"alg": "RS256", "kid": "rsa"} | {name: odd} for name in names for odd in (*ODD, "\ud800", ["x"], ["exp"])
    ]
    texts = [f"{part(one)}.{body}.{signature}" for one in headers if one.get("typ", "JWT") not in ODD]
    texts += [f"{head}.{body}", f"{head}.{body}.é", f"{head}.é.{signature}", "", "..", "é.é.é"]
    texts += [f"{base64.urlsafe_b64encode(raw).decode()}.{body}.{signature}" for raw in (b"5", b"[]", b"\xff", b"{")]
    for text in texts:
        with pytest.raises(LoginFailed) as refused:
            await opened(text, published(RSA, CURVE))
        assert refused.value.reason in {"signature", "key-unknown", "token-unreadable", "token-encrypted"}, text[:80]
