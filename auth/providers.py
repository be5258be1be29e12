"""Every identity provider that is believed: Pro Santé Connect, and those that institutions named for experts from abroad.

Those others stand in a TOML file, which holds no secret itself:

    [[provider]]
    key = "leuven"                            # never changes: people are bound under "leuven:<sub>"
    name = "KU Leuven"                        # what people read on the button
    institution = "000000000"                 # FINESS of the institution that invites its experts
    issuer = "https://idp.example.be/realms/staff"
    client_id = "telepath"
    client_secret_file = "leuven.secret"      # or client_auth = "private_key_jwt" or "tls_client_auth", with client_key…
    accepted_acr = ["https://refeds.org/profile/mfa"]

Whoever is in that file may say who somebody is, so the audit keeps its digest (web/startup_record.py).
"""

import asyncio
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from auth.agreement import LONGEST_ACR, Provider
from auth.client_authentication import Credentials, Method
from auth.endpoints import ENDPOINTS
from auth.foreign import ClaimNames
from auth.identity import IdentityProvider
from auth.identity_oidc import OpenIdProvider
from telepath.db.database import utc_now
from telepath.errors import Invalid
from telepath.identifiers import PSC, finess_state

KEY: Final = re.compile(r"[a-z][a-z0-9-]{1,23}")
"""Short, as 64 characters hold it and the subject."""
MAX_AGE: Final = 4 * 3600
"""Seconds: as long as a session may last after an authentication."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[provider]]`` of the file. Files that it names lie beside it, unless their paths are absolute."""

    key: str
    name: str
    institution: str
    issuer: str
    discovery: str = ""
    """Empty: OpenID Connect Discovery 4: issuer + /.well-known/openid-configuration."""
    endpoints: dict[str, str] = {}
    client_id: str
    client_auth: Method = Method.SECRET
    client_secret_file: str = ""
    client_key: str = ""
    client_certificate: str = ""
    authorities: str = ""
    scope: str = "openid profile"
    acr_values: str = ""
    """Empty: the accepted ones, in their order."""
    accepted_acr: list[str]
    claims: ClaimNames = ClaimNames()


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A provider of experts from abroad, as pages and the directory know it."""

    key: str
    name: str
    institution: str
    """FINESS of the institution that invites them."""


class Registry:
    """The providers by their keys. ``get`` is what ``auth.identity.Providers`` asks for."""

    def __init__(self, psc: OpenIdProvider, others: Iterable[tuple[Listed, IdentityProvider]] = ()) -> None:
        pairs = list(others)
        self.psc: Final = psc
        self.listed: Final = tuple(listed for listed, _ in pairs)
        self.names: Final = {listed.key: listed.name for listed in self.listed}
        """What people read on the button, by the key; Pro Santé Connect is not among them."""
        self._known: Final[dict[str, IdentityProvider]] = {psc.key: psc} | {
            listed.key: provider for listed, provider in pairs
        }

    def get(self, key: str) -> IdentityProvider | None:
        return self._known.get(key)

    def of(self, finess: str) -> tuple[Listed, ...]:
        """Those whose experts this institution invites."""
        return tuple(listed for listed in self.listed if listed.institution == finess)

    def origins(self) -> frozenset[str]:
        """Where a form of ours may end, for ``form-action``."""
        return frozenset().union(*(provider.origins() for provider in self._known.values()))

    async def prepare(self) -> None:
        """Learn of all of them at once, as far as they answer."""
        await asyncio.gather(*(provider.prepare() for provider in self._known.values()))


def read(path: Path) -> list[Entry]:
    """The entries of a file, each plausible by itself and none in another's place. Blocks.

    Raises Invalid: names the entry and what is wrong with it."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise Invalid("error-providers-file", reason="unreadable", detail="") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("error-providers-file", reason="toml", detail=str(error)) from None
    found = document.pop("provider", [])
    if document or not isinstance(found, list) or not found:
        raise Invalid("error-providers-file", reason="entries", detail=", ".join(document))
    entries = [_entry(number, raw) for number, raw in enumerate(found, 1)]
    for field in ("key", "issuer"):
        seen: set[str] = set()
        for entry in entries:
            if getattr(entry, field) in seen:
                raise _wrong(entry.key, f"{field}-twice")
            seen.add(getattr(entry, field))
    return entries


def digest(path: str) -> str:
    """The path and the SHA-256 of what lies there: the setting, as it is compared between starts. Blocks."""
    if not path:
        return ""
    try:
        return f"{path} {hashlib.sha256(Path(path).read_bytes()).hexdigest()}"
    except OSError:
        return path


def open_all(
    psc: OpenIdProvider,
    path: Path | None,
    *,
    production: bool,
    clock: Callable[[], datetime] = utc_now,
) -> Registry:
    """``psc`` and the providers of the file, which answer where ``psc`` does. Blocks.

    Raises Invalid: an entry is wrong, or is Pro Santé Connect itself; in production also: it is not asked over https."""
    if path is None:
        return Registry(psc)
    made = []
    for entry in read(path):
        if entry.issuer == psc.provider.issuer:
            raise _wrong(entry.key, "issuer-psc")
        if production and not all(address.startswith("https://") for address in _addresses(entry)):
            raise _wrong(entry.key, "insecure")
        if production and not finess_state(entry.institution).acceptable(strict=True):
            raise _wrong(entry.key, "institution")
        listed = Listed(key=entry.key, name=entry.name, institution=entry.institution)
        made.append((listed, OpenIdProvider(_agreed(entry, path.parent, psc.provider), clock=clock)))
    return Registry(psc, made)


def _entry(number: int, raw: Any) -> Entry:
    named = raw.get("key") if isinstance(raw, Mapping) else None
    name = named if isinstance(named, str) and named else str(number)
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as error:
        raise _wrong(name, "form", str(error)) from None
    if not KEY.fullmatch(entry.key) or entry.key == PSC:
        raise _wrong(name, "key")
    if not entry.name.strip() or len(entry.name) > 80:
        raise _wrong(name, "name")
    if not finess_state(entry.institution).acceptable(strict=False):
        raise _wrong(name, "institution")
    if "?" in entry.issuer or not all(address.startswith(("https://", "http://")) for address in _addresses(entry)):
        raise _wrong(name, "address")
    if not set(entry.endpoints) <= set(ENDPOINTS):
        raise _wrong(name, "endpoints")
    # An empty list would accept nothing, and an empty level what the provider did not tell.
    if not entry.accepted_acr or not all(level.strip() and len(level) <= LONGEST_ACR for level in entry.accepted_acr):
        raise _wrong(name, "acr")
    if "openid" not in entry.scope.split():
        raise _wrong(name, "scope")
    return entry


def _addresses(entry: Entry) -> list[str]:
    """Where it is asked, as far as the entry says."""
    return [entry.issuer, *filter(None, [entry.discovery]), *entry.endpoints.values()]


def _agreed(entry: Entry, folder: Path, psc: Provider) -> Provider:
    def beside(name: str) -> Path | None:
        return folder / name if name else None

    return Provider(
        key=entry.key,
        issuer=entry.issuer,
        discovery=entry.discovery or f"{entry.issuer.rstrip('/')}/.well-known/openid-configuration",
        endpoints=entry.endpoints,
        client_id=entry.client_id,
        credentials=Credentials(
            method=entry.client_auth,
            secret=_secret(entry, folder) if entry.client_auth is Method.SECRET else "",
            key=beside(entry.client_key),
            certificate=beside(entry.client_certificate),
            authorities=beside(entry.authorities),
        ),
        redirect_uri=psc.redirect_uri,
        after_logout=psc.after_logout,
        scope=entry.scope,
        acr_values=entry.acr_values or " ".join(entry.accepted_acr),
        accepted_acr=frozenset(entry.accepted_acr),
        max_age=MAX_AGE,
        claims=entry.claims,
    )


def _secret(entry: Entry, folder: Path) -> str:
    try:
        secret = (folder / (entry.client_secret_file or ".")).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise _wrong(entry.key, "secret")
    return secret


def _wrong(entry: str, reason: str, detail: str = "") -> Invalid:
    return Invalid("error-providers-entry", entry=entry, reason=reason, detail=detail)
