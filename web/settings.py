"""Every setting, read once from the environment (``TELEPATH_…``) into a frozen object.

deploy/telepath.env.example lists them all; a test keeps it complete."""

import ipaddress
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from auth.agreement import LONGEST_ACR
from auth.client_authentication import Method
from auth.endpoints import ENDPOINTS
from telepath import s3_address
from telepath.anchors import addresses
from telepath.anchors.addresses import Address
from telepath.audit import VerifierKey, parse_verifier_key
from telepath.errors import Invalid

PREFIX = "TELEPATH_"
SIMULATOR_SECRET = "simulator-only"
SIMULATOR_ISSUER = "http://localhost:{port}/auth/realms/esante-wallet"
ANCHORS = 2
"""Places outside that must keep the audit's signed heads in production."""
LEVELS = frozenset({"critical", "error", "warning", "info", "debug"})
DATABASES = ("sqlite+aiosqlite:///", "postgresql+psycopg://")
ORIGIN = re.compile(r"(https?)://(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?")
USUAL_PORTS = {"http": "80", "https": "443"}
KINDS: dict[Any, str] = {bool: "flag", Method: "client-auth"}
"""What is said of a value that is none of this kind; of all others that they are no number."""
CHANNELS = frozenset({"", "CARD", "MOBILE"})
SANDBOX = frozenset({"required", "optional"})
LOG_DAYS = (183, 366)
"""Technical logs are kept six to twelve months: CNIL, deliberation 2021-122 of 14 October 2021."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The name of a field in capitals, after TELEPATH_, is its environment variable."""

    data: Path = Path("var")
    """Folder of the embedded defaults: database, slides, keys, anchors. Must be on a durable disk."""
    production: bool = False
    """Refuses the simulator, plain HTTP and generated keys."""
    host: str = "127.0.0.1"
    port: int = 8000
    origin: str = "http://localhost:8000"
    """The one public origin (scheme, host, port): cookies, redirects and the WebSocket's Origin check stand on it."""
    database: str = ""
    """SQLAlchemy URL; empty: SQLite in ``data``. sqlite+aiosqlite:///… or postgresql+psycopg://…"""
    migrations_database: str = ""
    """The same database as the role that owns its tables: ``telepath migrate``, ``restore`` and ``audit retire`` use it. Empty:
    ``database``. The service itself must not have it."""
    bus: str = "memory:"
    """``memory:`` for one node, or redis://… (Redis, Valkey)."""
    storage: str = ""
    """Where slides lie: a folder URL, or s3://bucket/prefix (telepath/s3_address.py). Empty: file: in ``data``."""
    staging_gigabytes: float = 20.0
    """How much of ``data`` may hold local copies of slides in a bucket, for those that must be decoded. What is open is never
    removed."""
    upload_folder: str = ""
    """Folder of slides that are being sent; nodes on several machines share one. Empty: ``data``/uploads."""
    secret_key: str = ""
    """64 hex digits; signs tile capabilities. Empty: generated once in ``data`` (not in production)."""
    audit_key: str = ""
    """64 hex digits, Ed25519 seed; signs audit checkpoints. Empty: generated once in ``data`` (not in production)."""
    audit_old_keys: str = ""
    """Verifier keys of the audit from before, separated by commas, as ``telepath audit key`` prints them: what they signed
    still verifies after ``audit_key``, or the host of ``origin``, was changed."""
    vault_key: str = ""
    """64 hex digits; wraps the keys under which personal data is kept, patients' identities among them. Empty: read from
    ``vault_key_file``, else generated once in ``data`` (not in production)."""
    vault_key_file: str = ""
    """Instead of ``vault_key``: a file that holds it and that the service alone can read, as a key management service leaves
    it."""
    audit_anchors: str = ""
    """Who outside keeps the audit's signed heads: addresses of telepath/anchors/addresses.py, separated by spaces. In
    production at least two; empty otherwise: a folder in ``data`` and letters to nobody."""
    erasure_folder: str = ""
    """Folder of the list of who was erased, which a restore follows; best on another machine. Empty: ``data``/erasures."""
    oidc_issuer: str = SIMULATOR_ISSUER.format(port=8001)
    """Not said: the simulator at ``simulator_port``."""
    oidc_discovery: str = ""
    """Discovery document; empty: issuer + /.well-known/wallet-openid-configuration, as Pro Santé Connect has it."""
    oidc_endpoints: str = ""
    """Addresses that hold whatever the discovery document says: name=https://… pairs separated by spaces, with its names."""
    oidc_client_id: str = "telepath"
    oidc_client_auth: Method = Method.SECRET
    """client_secret_basic, private_key_jwt or tls_client_auth."""
    oidc_client_secret: str = SIMULATOR_SECRET
    oidc_client_key: str = ""
    """File: what signs for private_key_jwt (PEM or JWK), or the key of the certificate (PEM)."""
    oidc_client_certificate: str = ""
    """File: PEM, for tls_client_auth."""
    oidc_authorities: str = ""
    """File: PEM of who vouches for the provider's certificate; empty: those of the system."""
    oidc_scope: str = "openid scope_all"
    oidc_acr_values: str = "eidas1"
    oidc_accepted_acr: str = "eidas1,eidas2,eidas3"
    oidc_channel: str = ""
    """CARD or MOBILE: where a login by telephone is asked for; empty: wherever the provider likes."""
    oidc_providers: str = ""
    """File: further providers, for experts from abroad (auth/providers.py); empty: none."""
    session_hours: float = 4.0
    """Absolute life of a session, from the authentication at the identity provider."""
    session_idle_minutes: float = 30.0
    step_up_minutes: float = 5.0
    """How recent the authentication must be to sign, to open a case in an emergency, to activate emergency access, and to end
    one's other sessions."""
    mail: str = ""
    """smtp://user:password@host:587, or file:///folder; empty: folder in ``data``."""
    mail_from: str = "telepath@localhost"
    tile_lane: bool = True
    """Tiles are answered before ASGI sees them; false: by ASGI, with the same answers at twice the cost."""
    tile_cache: int = 2048
    """MB of ``data``/cache/tiles, where tiles that were made are kept; 0: in memory alone."""
    decoder_workers: int = 2
    """Processes that decode tiles which cannot be passed through."""
    decoder_sandbox: str = "required"
    """``required``: no slide is opened where the system gives the decoders no sandbox; ``optional``: they go without."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For is believed. Whether the service is reached by https is read from ``origin`` alone."""
    audit_retention_years: int = 20
    """Years after which a tree of the audit may be retired as a whole (``telepath audit retire``); 0: never."""
    log_level: str = "info"
    log_folder: str = ""
    """Folder of the technical log's files, one a day and node. Empty: ``data``/logs."""
    log_days: int = 365
    """How many days of the technical log are kept, today's included: six to twelve months (183 to 366)."""
    simulator_port: int = 8001
    """Where ``telepath demo`` runs the identity provider simulator."""

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{(self.data / 'telepath.db').absolute()}"

    @property
    def migrations_url(self) -> str:
        """The database as the owner of its tables."""
        return self.migrations_database or self.database_url

    @property
    def uploads_at(self) -> Path:
        return Path(self.upload_folder) if self.upload_folder else self.data / "uploads"

    @property
    def storage_url(self) -> str:
        return self.storage or (self.data / "slides").absolute().as_uri()

    @property
    def staged(self) -> Path:
        """The folder of local copies of slides in a bucket."""
        return self.data / "staged"

    @property
    def mail_url(self) -> str:
        return self.mail or (self.data / "mail").absolute().as_uri()

    @property
    def log_name(self) -> str:
        """The name under which the audit's heads are signed; outsiders know the log by it."""
        return f"{self.origin.partition('://')[2]}/audit"

    @property
    def anchor_addresses(self) -> list[Address]:
        """Raises Invalid: one of them is none."""
        return addresses.read(
            self.audit_anchors or f"{(self.data / 'anchors').absolute().as_uri()} mailto:audit@localhost"
        )

    @property
    def anchors(self) -> Path:
        """The first folder among them."""
        folders = [one.folder for one in self.anchor_addresses if one.folder is not None]
        return folders[0] if folders else self.data / "anchors"

    @property
    def erasures(self) -> Path:
        return Path(self.erasure_folder) if self.erasure_folder else self.data / "erasures"

    @property
    def sandbox_required(self) -> bool:
        return self.decoder_sandbox == "required"

    @property
    def logs(self) -> Path:
        return Path(self.log_folder) if self.log_folder else self.data / "logs"

    @property
    def endpoints(self) -> dict[str, str]:
        """Raises Invalid: one of them has no name of OpenID Connect Discovery, or is no address."""
        found: dict[str, str] = {}
        for pair in self.oidc_endpoints.split():
            name, _, address = pair.partition("=")
            if name not in ENDPOINTS or not address.startswith(("https://", "http://")):
                raise _invalid("oidc_endpoints", "endpoints")
            found[name] = address
        return found

    @property
    def secure(self) -> bool:
        """Whether the service is reached by https: decides the ``__Host-`` cookie name and Secure."""
        return self.origin.startswith("https://")


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises Invalid: an unknown TELEPATH_ variable (most often a typing error), or a value of the wrong kind."""
    types = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name.startswith(f"{PREFIX}TEST_"):
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in Settings.__struct_fields__:
            raise Invalid("error-setting-unknown", name=name)
        try:
            values[field] = Path(text) if types[field] is Path else msgspec.convert(text, types[field], strict=False)
        except msgspec.ValidationError:
            raise _invalid(field, KINDS.get(types[field], "number")) from None
    if "simulator_port" in values:
        values.setdefault("oidc_issuer", SIMULATOR_ISSUER.format(port=values["simulator_port"]))
    settings = Settings(**values)
    _check(settings)
    if settings.production:
        _check_production(settings)
    return settings


def _check(settings: Settings) -> None:
    """What would otherwise be noticed only by the first person who needs it."""
    for field in ("port", "simulator_port"):
        if not 0 < getattr(settings, field) < 65536:
            raise _invalid(field, "port")
    for field in ("session_hours", "session_idle_minutes", "step_up_minutes", "decoder_workers", "staging_gigabytes"):
        if not math.isfinite(getattr(settings, field)) or getattr(settings, field) <= 0:
            raise _invalid(field, "positive")
    # RFC 6454 6.2: a browser's Origin is in small letters, and without the port that its scheme has by itself.
    origin = ORIGIN.fullmatch(settings.origin)
    if origin is None or origin[2] == USUAL_PORTS[origin[1]]:
        raise _invalid("origin", "origin")
    if not settings.oidc_issuer.startswith(("https://", "http://")):
        raise _invalid("oidc_issuer", "address")
    if settings.oidc_discovery and not settings.oidc_discovery.startswith(("https://", "http://")):
        raise _invalid("oidc_discovery", "address")
    _ = settings.endpoints
    if "openid" not in settings.oidc_scope.split():
        raise _invalid("oidc_scope", "oidc-scope")
    if settings.oidc_channel not in CHANNELS:
        raise _invalid("oidc_channel", "channel")
    # An empty level would accept a provider that tells none.
    if not all(0 < len(level.strip()) <= LONGEST_ACR for level in settings.oidc_accepted_acr.split(",")):
        raise _invalid("oidc_accepted_acr", "acr")
    for field in ("database", "migrations_database"):
        if getattr(settings, field) and not getattr(settings, field).startswith(DATABASES):
            raise _invalid(field, "scheme")
    if settings.decoder_sandbox not in SANDBOX:
        raise _invalid("decoder_sandbox", "sandbox")
    _check_bucket(settings)
    if settings.log_level not in LEVELS:
        raise _invalid("log_level", "level")
    if not LOG_DAYS[0] <= settings.log_days <= LOG_DAYS[1]:
        raise _invalid("log_days", "months")
    if settings.tile_cache < 0:
        raise _invalid("tile_cache", "number")
    if settings.audit_retention_years < 0:
        raise _invalid("audit_retention_years", "years")
    _ = settings.anchor_addresses
    try:
        old_keys(settings)
    except ValueError:
        raise _invalid("audit_old_keys", "verifier-keys") from None
    for field in ("secret_key", "audit_key", "vault_key"):
        if not re.fullmatch("(?:[0-9a-fA-F]{64})?", getattr(settings, field)):
            raise _invalid(field, "key")
    if settings.vault_key and settings.vault_key_file:
        raise _invalid("vault_key_file", "one-key")
    try:
        for text in filter(None, settings.trusted_proxies.split(",")):
            ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise _invalid("trusted_proxies", "networks") from None


def _check_bucket(settings: Settings) -> None:
    if not settings.storage.startswith("s3:"):
        return
    try:
        bucket = s3_address.read(settings.storage)
    except ValueError:
        raise _invalid("storage", "bucket") from None
    if settings.production and bucket.in_the_clear:
        raise _invalid("storage", "bucket-tls")


def old_keys(settings: Settings) -> list[VerifierKey]:
    """The keys that signed the audit before the present one. Raises ValueError: not verifier keys."""
    return [parse_verifier_key(text) for text in settings.audit_old_keys.split(",") if text.strip()]


def _invalid(field: str, reason: str) -> Invalid:
    return Invalid("error-setting-invalid", name=PREFIX + field.upper(), reason=reason)


def _check_production(settings: Settings) -> None:
    if not settings.secure:
        raise Invalid("error-setting-insecure-origin")
    for name in ("secret_key", "audit_key", "vault_key"):
        if not getattr(settings, name) and not (name == "vault_key" and settings.vault_key_file):
            raise Invalid("error-setting-key-missing", name=PREFIX + name.upper())
    if not settings.oidc_issuer.startswith("https://"):
        raise Invalid("error-setting-insecure-issuer")
    addresses = [*settings.endpoints.values(), *filter(None, [settings.oidc_discovery])]
    if any(not address.startswith("https://") for address in addresses):
        raise Invalid("error-setting-insecure-issuer")
    if settings.oidc_client_auth is Method.SECRET:
        if not settings.oidc_client_secret.strip():
            raise Invalid("error-setting-secret-missing", name=f"{PREFIX}OIDC_CLIENT_SECRET")
        if settings.oidc_client_secret == SIMULATOR_SECRET:
            raise Invalid("error-setting-simulator", name=f"{PREFIX}OIDC_CLIENT_SECRET")
    held = sum(_is_outside(address, settings) for address in settings.anchor_addresses)
    if held < ANCHORS:
        raise Invalid("error-setting-anchors-few", name=f"{PREFIX}AUDIT_ANCHORS", held=held, needed=ANCHORS)


def _is_outside(address: Address, settings: Settings) -> bool:
    """Not in our own folder: who alters the database can alter that too; and letters that are files there reach nobody."""
    if address.scheme == "mailto":
        return not settings.mail_url.startswith("file:")
    folder = address.folder
    return folder is None or not folder.resolve().is_relative_to(settings.data.resolve())
