"""The file of further providers: what may stand in it, and what becomes of an entry."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from auth import providers
from auth.agreement import Provider
from auth.client_authentication import ASSERTION_TYPE, ClientAuthentication, Credentials, Method
from auth.foreign import ClaimNames
from auth.identity_oidc import OpenIdProvider
from telepath.db.database import utc_now
from telepath.errors import Invalid
from web.words import LANGUAGES, Words

WORDS = Words()
ENTRY = {
    "key": "leuven",
    "name": "KU Leuven",
    "institution": "000000000",
    "issuer": "https://idp.example.be/realms/staff",
    "client_id": "telepath",
    "client_secret_file": "leuven.secret",
    "accepted_acr": ["https://refeds.org/profile/mfa"],
}
PSC = Provider(
    issuer="https://auth.example/realm",
    client_id="telepath",
    client_secret="secret",
    redirect_uri="https://telepath.example/login/callback",
    after_logout="https://telepath.example/login/left",
)


def toml(entry: dict[str, Any]) -> str:
    def written(value: Any) -> str:
        if isinstance(value, list):
            return f"[{', '.join(map(written, value))}]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{name} = {written(inner)}" for name, inner in value.items()) + "}"
        return f'"{value}"' if isinstance(value, str) else str(value)

    return "[[provider]]\n" + "".join(f"{name} = {written(value)}\n" for name, value in entry.items())


def read(folder: Path, *texts: str, production: bool = True) -> providers.Registry:
    (folder / "leuven.secret").write_text("of the provider\n")
    (folder / "empty.secret").write_text("\n")
    path = folder / "providers.toml"
    path.write_text("\n".join(texts))
    return providers.open_all(OpenIdProvider(PSC), path, production=production)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ENTRY.items() if name not in names}


def test_an_entry_becomes_a_provider_under_its_key(tmp_path: Path) -> None:
    registry = read(tmp_path, toml(ENTRY), toml(ENTRY | {"key": "gent", "issuer": "https://gent.example"}))
    assert [one.key for one in registry.listed] == ["leuven", "gent"]
    assert [one.name for one in registry.of("000000000")] == ["KU Leuven", "KU Leuven"]
    assert registry.of("970100228") == ()
    assert registry.get("psc") is registry.psc
    assert registry.get("another") is None
    made = registry.get("leuven")
    assert isinstance(made, OpenIdProvider)
    assert made.key == "leuven"
    agreed = made.provider
    assert agreed.discovery_url == "https://idp.example.be/realms/staff/.well-known/openid-configuration"
    assert agreed.redirect_uri == PSC.redirect_uri
    assert agreed.acr_values == "https://refeds.org/profile/mfa"
    assert agreed.accepted_acr == {"https://refeds.org/profile/mfa"}
    assert agreed.claims == ClaimNames()
    assert agreed.credentials is not None
    assert agreed.credentials.secret == "of the provider"
    assert registry.origins() == {"https://auth.example", "https://idp.example.be", "https://gent.example"}


def test_without_a_file_there_is_pro_sante_connect_alone() -> None:
    registry = providers.open_all(OpenIdProvider(PSC), None, production=True)
    assert registry.listed == ()
    assert registry.get("psc") is registry.psc


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (without("issuer"), "form"),
        (without("accepted_acr"), "form"),
        (without("institution"), "form"),
        (ENTRY | {"surprise": "yes"}, "form"),
        (ENTRY | {"name": 7}, "form"),
        (ENTRY | {"client_auth": "none"}, "form"),
        (ENTRY | {"claims": {"rpps": "rpps"}}, "form"),
        (ENTRY | {"key": "psc"}, "key"),
        (ENTRY | {"key": "le:uven"}, "key"),
        (ENTRY | {"key": "Leuven"}, "key"),
        (ENTRY | {"key": "8"}, "key"),
        (ENTRY | {"key": "l" * 25}, "key"),
        (ENTRY | {"name": " "}, "name"),
        (ENTRY | {"institution": "Leuven"}, "institution"),
        (ENTRY | {"institution": "0B0193488"}, "institution"),
        (ENTRY | {"issuer": "idp.example.be"}, "address"),
        (ENTRY | {"issuer": "https://idp.example.be?realm=1"}, "address"),
        (ENTRY | {"discovery": "file:///etc/passwd"}, "address"),
        (ENTRY | {"endpoints": {"token": "https://idp.example.be/token"}}, "endpoints"),
        (ENTRY | {"accepted_acr": []}, "acr"),
        (ENTRY | {"accepted_acr": ["mfa", ""]}, "acr"),
        (ENTRY | {"accepted_acr": ["m" * 256]}, "acr"),
        (ENTRY | {"scope": "profile"}, "scope"),
        (ENTRY | {"client_secret_file": "empty.secret"}, "secret"),
        (ENTRY | {"client_secret_file": "missing"}, "secret"),
        (without("client_secret_file"), "secret"),
        (ENTRY | {"issuer": PSC.issuer}, "issuer-psc"),
        (ENTRY | {"issuer": "http://idp.example.be"}, "insecure"),
        (ENTRY | {"discovery": "http://idp.example.be"}, "insecure"),
        (ENTRY | {"endpoints": {"jwks_uri": "http://idp.example.be"}}, "insecure"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_name(tmp_path: Path, entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(tmp_path, toml(entry))
    assert (refused.value.code, refused.value.params["reason"]) == ("error-providers-entry", reason)
    assert refused.value.params["entry"] == entry["key"]
    for language in LANGUAGES:
        assert str(entry["key"]) in WORDS(language)(refused.value.code, **refused.value.params)


@pytest.mark.parametrize(
    ("second", "reason"),
    [({"issuer": "https://another.example"}, "key-twice"), ({"key": "another"}, "issuer-twice")],
)
def test_two_entries_may_share_neither_key_nor_issuer(tmp_path: Path, second: dict[str, str], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(tmp_path, toml(ENTRY), toml(ENTRY | second))
    assert refused.value.params["reason"] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[provider", "toml"),
        ("", "entries"),
        ("providers = 1", "entries"),
        ("provider = 1", "entries"),
        (None, "unreadable"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str | None, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        if text is None:
            providers.read(tmp_path / "missing.toml")
        else:
            read(tmp_path, text)
    assert (refused.value.code, refused.value.params["reason"]) == ("error-providers-file", reason)


def test_the_digest_changes_with_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    assert providers.digest("") == ""
    assert providers.digest(str(path)) == str(path)
    path.write_text(toml(ENTRY))
    first = providers.digest(str(path))
    path.write_text(toml(ENTRY | {"name": "Another"}))
    assert providers.digest(str(path)) != first
    assert providers.digest(str(path)).startswith(str(path))


def authentication(credentials: Credentials) -> ClientAuthentication:
    return ClientAuthentication("leuven", "telepath", "https://idp.example", credentials, utc_now)


def test_a_key_or_a_certificate_that_cannot_be_used_is_refused_at_the_start(tmp_path: Path) -> None:
    weak, secret, public = tmp_path / "weak.pem", tmp_path / "secret.json", tmp_path / "public.pem"
    curve, none = tmp_path / "p384.pem", tmp_path / "missing.pem"
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505
    weak.write_bytes(small.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    curve.write_bytes(ECKey.generate_key("P-384").as_pem(private=True))
    public.write_bytes(RSAKey.generate_key(2048).as_pem(private=False))
    secret.write_text('{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}')
    for path in (weak, secret, public, curve, none, None):
        with pytest.raises(Invalid) as refused:
            authentication(Credentials(method=Method.PRIVATE_KEY, key=path))
        assert refused.value.params == {"provider": "leuven", "file": "key"}
    for path in (none, None, public):
        with pytest.raises(Invalid) as refused:
            authentication(Credentials(method=Method.CERTIFICATE, certificate=path))
        assert refused.value.params["file"] == "certificate"
    with pytest.raises(Invalid) as refused:
        authentication(Credentials(secret="x", authorities=none))
    assert refused.value.params["file"] == "authorities"


def test_an_assertion_is_of_one_minute_and_of_one_use(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    for key, algorithm in ((RSAKey.generate_key(2048), "RS256"), (ECKey.generate_key("P-256"), "ES256")):
        path.write_bytes(key.as_pem(private=True))
        made = authentication(Credentials(method=Method.PRIVATE_KEY, key=path))
        fields = [made.fields(), made.fields()]
        assert all(one["client_assertion_type"] == ASSERTION_TYPE for one in fields)
        first, second = (jwt.decode(one["client_assertion"], key, algorithms=[algorithm]).claims for one in fields)
        assert (first["iss"], first["sub"], first["aud"]) == ("telepath", "telepath", "https://idp.example")
        assert first["exp"] - first["iat"] == 60
        assert first["jti"] != second["jti"]
    path.write_text(json.dumps(key.as_dict(private=True, kid="ours")))
    assertion = authentication(Credentials(method=Method.PRIVATE_KEY, key=path)).fields()["client_assertion"]
    assert jwt.decode(assertion, key, algorithms=["ES256"]).header["kid"] == "ours"
