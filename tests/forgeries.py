"""Tokens and documents as whoever stands in a provider's place would make them, out of what the provider was about to send."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Document = dict[str, Any]
Change = Callable[[Document], Document]

OTHER_KEY: Final = RSAKey.generate_key(2048)
CURVE_KEY: Final = ECKey.generate_key("P-256")


def part(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def unpack(token: str) -> tuple[Document, Document]:
    header, claims = (json.loads(base64.urlsafe_b64decode(text + "==")) for text in token.split(".")[:2])
    return header, claims


def with_(**values: Any) -> Change:
    return lambda sent: sent | values


def without(*names: str) -> Change:
    return lambda sent: {name: value for name, value in sent.items() if name not in names}


def later(name: str, seconds: int) -> Change:
    return lambda sent: sent | {name: sent[name] + seconds}


def id_token(change: Callable[[str], str]) -> Change:
    """Another ID token in the token answer."""
    return lambda sent: sent | {"id_token": change(sent["id_token"])}


def unsigned(algorithm: str = "none") -> Callable[[str], str]:
    def change(token: str) -> str:
        header, claims = unpack(token)
        return f"{part(header | {'alg': algorithm})}.{part(claims)}."

    return change


def signed_by(key: RSAKey | ECKey, algorithm: str, **header: Any) -> Callable[[str], str]:
    """``header``: None takes a name away."""

    def change(token: str) -> str:
        old, claims = unpack(token)
        made = {name: value for name, value in (old | {"alg": algorithm} | header).items() if value is not None}
        return jwt.encode(made, claims, key, algorithms=[algorithm])

    return change


def sealed_with(secret: bytes, **names: str) -> Callable[[str], str]:
    """HS256: by whoever knows what everybody knows."""

    def change(token: str) -> str:
        header, claims = unpack(token)
        text = f"{part(header | {'alg': 'HS256'} | names)}.{part(claims)}"
        digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    return change


def broken_signature(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{signature[:-8]}AAAAAAAA"


def stripped(token: str) -> str:
    return f"{token.rpartition('.')[0]}."


def tampered(**claims: Any) -> Callable[[str], str]:
    def change(token: str) -> str:
        head, _, signature = token.split(".")
        return f"{head}.{part(unpack(token)[1] | claims)}.{signature}"

    return change


def encrypted(token: str) -> str:
    header, _ = unpack(token)
    return ".".join([part(header | {"alg": "RSA-OAEP-256", "enc": "A256GCM"}), "AA", "AA", "AA", "AA"])
