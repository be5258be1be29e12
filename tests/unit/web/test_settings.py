"""Every setting is checked when it is read, so that the first person who needs it does not find out."""

import pytest

from telepath.audit import COSIGNATURE, VerifierKey
from telepath.errors import Invalid
from web.settings import Settings, read
from web.words import LANGUAGES, Words

WORDS = Words()
OLD_KEY = str(VerifierKey("telepath.example.org/audit", bytes(32)))
REAL = {
    "TELEPATH_PRODUCTION": "true",
    "TELEPATH_ORIGIN": "https://telepath.example.org",
    "TELEPATH_OIDC_ISSUER": "https://wallet.example.org/realm",
    "TELEPATH_OIDC_CLIENT_SECRET": "a secret of the real provider",
    "TELEPATH_SECRET_KEY": "1" * 64,
    "TELEPATH_AUDIT_KEY": "f" * 64,
    "TELEPATH_VAULT_KEY": "a" * 64,
    "TELEPATH_AUDIT_ANCHORS": "file:///srv/telepath-anchors mailto:audit@hopital.example",
    "TELEPATH_MAIL": "smtp://mail.example.org",
}
WITNESS_KEY = str(VerifierKey("witness.example/w1", bytes(32), COSIGNATURE))


def refused(**environment: str) -> str:
    """The code of the refusal and its reason; it names the setting, and has a sentence in every language."""
    with pytest.raises(Invalid) as caught:
        read(environment)
    sentences = {WORDS(language)(caught.value.code, **caught.value.params) for language in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)
    if "name" in caught.value.params:
        assert all(str(caught.value.params["name"]) in sentence for sentence in sentences)
    return str(caught.value.params.get("reason", caught.value.code))


def test_without_any_variable_everything_has_its_default() -> None:
    assert read({}) == Settings()


def test_the_simulator_is_the_provider_at_whatever_port_it_runs() -> None:
    moved = read({"TELEPATH_SIMULATOR_PORT": "9001"})
    assert moved.oidc_issuer == Settings().oidc_issuer.replace(":8001", ":9001")
    named = {"TELEPATH_SIMULATOR_PORT": "9001", "TELEPATH_OIDC_ISSUER": "https://wallet.example.org/realm"}
    assert read(named).oidc_issuer == "https://wallet.example.org/realm"


def test_variables_of_others_and_of_the_tests_are_none_of_its_business() -> None:
    assert read({"TELEPATH": "1", "PATH": "/bin", "TELEPATH_TEST_SLIDES": "/slides"}) == Settings()


def test_a_variable_that_is_not_a_setting_is_most_often_a_typing_error_and_refused() -> None:
    assert refused(TELEPATH_PROT="8000") == "error-setting-unknown"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "abc", "number"),
        ("PORT", "", "number"),
        ("PORT", "0", "port"),
        ("PORT", "65536", "port"),
        ("SIMULATOR_PORT", "-1", "port"),
        ("SESSION_HOURS", "nan", "positive"),
        ("SESSION_HOURS", "inf", "positive"),
        ("SESSION_IDLE_MINUTES", "0", "positive"),
        ("STEP_UP_MINUTES", "-5", "positive"),
        ("STEP_UP_MINUTES", "five", "number"),
        ("DECODER_WORKERS", "0", "positive"),
        ("PRODUCTION", "perhaps", "flag"),
        ("ORIGIN", "telepath.example.org", "origin"),
        ("ORIGIN", "https://telepath.example.org/", "origin"),
        ("ORIGIN", "https://telepath.example.org/telepath", "origin"),
        ("ORIGIN", "https://Telepath.Example.org", "origin"),
        ("ORIGIN", "https://telepath.example.org:443", "origin"),
        ("ORIGIN", "https://user@telepath.example.org", "origin"),
        ("ORIGIN", "", "origin"),
        ("OIDC_ISSUER", "wallet.example.org", "address"),
        ("OIDC_CLIENT_AUTH", "client_secret_jwt", "client-auth"),
        ("OIDC_ENDPOINTS", "https://wallet.example.org/auth", "endpoints"),
        ("OIDC_ENDPOINTS", "token=https://wallet.example.org/token", "endpoints"),
        ("OIDC_ENDPOINTS", "token_endpoint=wallet.example.org", "endpoints"),
        ("OIDC_SCOPE", "scope_all", "oidc-scope"),
        ("OIDC_CHANNEL", "card", "channel"),
        ("OIDC_ACCEPTED_ACR", "", "acr"),
        ("OIDC_ACCEPTED_ACR", "eidas1,,eidas2", "acr"),
        ("OIDC_ACCEPTED_ACR", "e" * 256, "acr"),
        ("OIDC_DISCOVERY", "wallet.example.org", "address"),
        ("DATABASE", "mysql://localhost/telepath", "scheme"),
        ("DATABASE", "telepath.db", "scheme"),
        ("DATABASE", "postgresql://localhost/telepath", "scheme"),
        ("LOG_LEVEL", "loud", "level"),
        ("DECODER_SANDBOX", "maybe", "sandbox"),
        ("SECRET_KEY", "0123", "key"),
        ("AUDIT_KEY", "z" * 64, "key"),
        ("VAULT_KEY", "0" * 63, "key"),
        ("MIGRATIONS_DATABASE", "postgres://owner@localhost/telepath", "scheme"),
        ("STORAGE", "s3:///prefix", "bucket"),
        ("STORAGE", "s3://key:secret@bucket/prefix", "bucket"),
        ("STORAGE", "s3://bucket/prefix?endpoint=s3.example", "bucket"),
        ("STORAGE", "s3://bucket/prefix?years=10", "bucket"),
        ("STORAGE", "s3://bucket/prefix?region=", "bucket"),
        ("STAGING_GIGABYTES", "0", "positive"),
        ("AUDIT_OLD_KEYS", "f" * 64, "verifier-keys"),
        ("AUDIT_OLD_KEYS", f"{OLD_KEY},none", "verifier-keys"),
        ("AUDIT_RETENTION_YEARS", "-1", "years"),
        ("LOG_DAYS", "182", "months"),
        ("LOG_DAYS", "367", "months"),
        ("TRUSTED_PROXIES", "everybody", "networks"),
        ("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/99", "networks"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_should_be(name: str, value: str, reason: str) -> None:
    assert refused(**{f"TELEPATH_{name}": value}) == reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGIN", "https://telepath.example.org:8443"),
        ("ORIGIN", "http://127.0.0.1:8000"),
        ("ORIGIN", "http://[::1]:8000"),
        ("DATABASE", "sqlite+aiosqlite:////srv/telepath.db"),
        ("DATABASE", "postgresql+psycopg://telepath@db.example.org/telepath"),
        ("OIDC_CLIENT_AUTH", "tls_client_auth"),
        ("OIDC_ENDPOINTS", "token_endpoint=https://a.example/t?x=1 jwks_uri=https://b.example/k"),
        ("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,::1"),
        ("TRUSTED_PROXIES", ""),
        ("PRODUCTION", "0"),
        ("LOG_LEVEL", "debug"),
        ("DECODER_SANDBOX", "optional"),
        ("LOG_DAYS", "183"),
        ("LOG_DAYS", "366"),
        ("AUDIT_RETENTION_YEARS", "0"),
        ("AUDIT_OLD_KEYS", f"{OLD_KEY}, {OLD_KEY}"),
        ("STORAGE", "s3://bucket"),
        ("STORAGE", "s3://bucket/some/prefix?endpoint=http://127.0.0.1:8333&region=fr-par"),
        ("AUDIT_ANCHORS", "/srv/telepath-anchors"),
        ("AUDIT_ANCHORS", f"https://witness.example/w1?vkey={WITNESS_KEY}&every=60"),
        (
            "AUDIT_ANCHORS",
            "s3://anchors/telepath?region=fr-par&endpoint=https://s3.example&years=20 mailto:a@b.example",
        ),
    ],
)
def test_a_good_value_is_taken(name: str, value: str) -> None:
    assert isinstance(read({f"TELEPATH_{name}": value}), Settings)


def test_a_real_service_is_accepted() -> None:
    assert read(REAL).secure


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [("http://s3.example", "bucket-tls"), ("http://192.0.2.1:9000", "bucket-tls"), ("http://127.0.0.1:8333", None)],
)
def test_the_slides_of_a_real_service_go_in_the_clear_over_no_network(endpoint: str, reason: str | None) -> None:
    given = REAL | {"TELEPATH_STORAGE": f"s3://bucket?endpoint={endpoint}"}
    if reason is None:
        assert read(given).production
    else:
        assert refused(**given) == reason


def test_a_client_with_a_key_or_a_certificate_needs_no_secret() -> None:
    for method in ("private_key_jwt", "tls_client_auth"):
        assert read(REAL | {"TELEPATH_OIDC_CLIENT_AUTH": method, "TELEPATH_OIDC_CLIENT_SECRET": ""}).production


def test_the_key_of_the_vault_may_come_in_a_file_and_not_twice() -> None:
    in_a_file = {"TELEPATH_VAULT_KEY": "", "TELEPATH_VAULT_KEY_FILE": "/run/credentials/vault"}
    assert read(REAL | in_a_file).production
    assert refused(**REAL | {"TELEPATH_VAULT_KEY_FILE": "/run/credentials/vault"}) == "one-key"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ORIGIN", "http://telepath.example.org", "error-setting-insecure-origin"),
        ("OIDC_ISSUER", "http://localhost:8001/auth/realms/esante-wallet", "error-setting-insecure-issuer"),
        ("OIDC_ENDPOINTS", "token_endpoint=http://wallet.example.org", "error-setting-insecure-issuer"),
        ("OIDC_DISCOVERY", "http://wallet.example.org", "error-setting-insecure-issuer"),
        ("OIDC_CLIENT_SECRET", "simulator-only", "error-setting-simulator"),
        ("OIDC_CLIENT_SECRET", "", "error-setting-secret-missing"),
        ("OIDC_CLIENT_SECRET", " ", "error-setting-secret-missing"),
        ("SECRET_KEY", "", "error-setting-key-missing"),
        ("AUDIT_KEY", "", "error-setting-key-missing"),
        ("VAULT_KEY", "", "error-setting-key-missing"),
    ],
)
def test_what_is_only_for_a_trial_is_refused_in_production(name: str, value: str, code: str) -> None:
    assert refused(**REAL | {f"TELEPATH_{name}": value}) == code


@pytest.mark.parametrize(
    "anchors",
    [
        "",
        "file:///srv/telepath-anchors",
        "mailto:audit@hopital.example",
        "file:///srv/telepath-anchors file:///var/lib/telepath/anchors",
        "file:///srv/telepath-anchors /var/lib/telepath/../telepath/anchors",
    ],
)
def test_a_real_service_has_two_places_outside_that_keep_the_heads_of_its_audit(anchors: str) -> None:
    given = REAL | {"TELEPATH_AUDIT_ANCHORS": anchors, "TELEPATH_DATA": "/var/lib/telepath"}
    assert refused(**given) == "error-setting-anchors-few"


def test_letters_into_a_folder_are_no_copy_outside() -> None:
    assert refused(**REAL | {"TELEPATH_MAIL": "file:///srv/mail"}) == "error-setting-anchors-few"


def test_a_refusal_never_repeats_the_value_because_it_may_be_a_secret() -> None:
    for name in ("SECRET_KEY", "AUDIT_KEY", "VAULT_KEY", "AUDIT_ANCHORS", "MIGRATIONS_DATABASE", "DATABASE", "PORT"):
        with pytest.raises(Invalid) as caught:
            read({f"TELEPATH_{name}": "s3cret://value"})
        assert "s3cret" not in str(caught.value)
