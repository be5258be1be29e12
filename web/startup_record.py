"""What whoever runs the service changed: found at the start, by comparison with the last start of any node, and kept in the
audit.

The table ``setting_seen`` holds what was seen last: a setting that was never seen counts as having its default. Of what holds a
secret only an HMAC under the capability key lies there, and the record says that it changed, not from what to what. Of the
three keys it is a number that says which one it is."""

import hashlib
import hmac
import re
from typing import Any, Final

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from auth import providers
from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Subject
from telepath.db.database import Database
from telepath.db.schema.audit import setting_seen, subject_key
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid
from telepath.vault import Vault
from web import keys
from web.settings import Settings

LOCK: Final = 0x7E1E_A0D2
"""The PostgreSQL advisory lock of the node that compares."""
OF_ONE_NODE: Final = frozenset(
    {"host", "port", "data", "log_folder", "log_level", "simulator_port", "decoder_workers", "vault_key_file"}
)
"""What nodes of one service may have differently, and what says nothing about who sees what. Where the vault's key lies is
such; which one it is, is compared."""
NOT_OF_THE_SERVICE: Final = frozenset({"migrations_database"})
"""What the service itself must not have: a node that has it is refused elsewhere, a command that has it is no change."""
SECRETS: Final = frozenset({"oidc_client_secret"})
"""Shown not at all. Addresses that hold a password or a token are shown without it."""
PASSWORD: Final = re.compile(r"//([^:/@\s]*):\S*@")
"""Up to the last "@" of the word: a password may hold one."""
USER: Final = re.compile(r"(?i)\b(https?)://[^:/?#\s]+@")
"""Who asks by HTTP with a user alone has a token there; a database's or a mail server's user is a name."""
QUERY: Final = re.compile(r"(?i)\b([\w-]*(?:password|passwd|pwd|secret|token|signature|(?<!v)key))=[^&\s]*")
"""A witness's ``vkey`` is public."""
KEPT: Final = 300
"""Letters of a value that are kept and shown; of a longer one the beginning, and its digest."""


async def record(db: Database, settings: Settings) -> int:
    """Record what differs from the last start; return how many records that made. Of nodes that start together one does.

    Blocks as ``keys.capability_key``. Raises Unavailable: the database does not answer."""
    capability = keys.capability_key(settings)
    present = _present(settings, capability)
    async with db.read() as reader:
        if not _differing(present, await _seen(reader)):
            return 0
    async with db.write(SYSTEM, unaudited="what differs is recorded; nothing may") as tx:
        if tx.connection.dialect.name == "postgresql":
            await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), [{"lock": LOCK}])
        seen = await _seen(tx)
        changed = _differing(present, seen)
        # Under another capability key every HMAC differs, and says nothing.
        blind = seen.get("secret_key", present["secret_key"]) != present["secret_key"]
        for name in changed:
            before = seen.get(name)
            if not (blind and present[name].startswith(_MARK) and before is not None and before.startswith(_MARK)):
                await _record(tx, settings, name, before, present[name])
            await _keep(tx, name, before, present[name])
        return tx.audited


async def check_vault(settings: Settings) -> None:
    """Raises Invalid: what lies in the database was wrapped under another vault key. Blocks as ``keys.capability_key``."""
    engine = create_async_engine(settings.database_url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            newest = (
                select(subject_key).where(subject_key.c.wrapped.is_not(None)).order_by(subject_key.c.made_at.desc())
            )
            row = (await connection.execute(newest.limit(1))).mappings().first()
    except SQLAlchemyError:
        return  # whoever opens it next says what is wrong
    finally:
        await engine.dispose()
    if row is None:
        return
    vault = Vault(keys.vault_key(settings), lambda _size: b"")
    try:
        vault.unwrapped(Subject(row["kind"], row["id"]), row["wrapped"])
    except ValueError:
        raise Invalid("error-vault-key-wrong") from None


_MARK: Final = "hmac-sha256:"


def _present(settings: Settings, capability: bytes) -> dict[str, str]:
    """Every setting that counts, as ``setting_seen`` keeps it."""
    left_out = OF_ONE_NODE | NOT_OF_THE_SERVICE | set(keys.NAMES)
    found = {name: getattr(settings, name) for name in settings.__struct_fields__ if name not in left_out}
    # Who may say who somebody is stands in the file, not in its name.
    found["oidc_providers"] = providers.digest(settings.oidc_providers)
    kept = {name: _kept(name, str(value), capability) for name, value in found.items()}
    return kept | {
        "secret_key": _number(capability),
        "audit_key": str(keys.public_key(settings)),
        "vault_key": _number(keys.vault_key(settings)),
    }


def _kept(name: str, value: str, capability: bytes) -> str:
    if value and (name in SECRETS or shown(value) != value):
        return _MARK + hmac.new(capability, f"{name}={value}".encode(), hashlib.sha256).hexdigest()
    return value if len(value) <= KEPT else f"{value[:KEPT]}… {hashlib.sha256(value.encode()).hexdigest()}"


def shown(value: str) -> str:
    """Addresses without what is secret in them."""
    return QUERY.sub(r"\1=…", USER.sub(r"\1://…@", PASSWORD.sub(r"//\1:…@", value)))


def _number(key: bytes) -> str:
    """Which key it is: of 256 bits of chance nothing can be guessed from these 64."""
    return hashlib.sha256(b"telepath key number\0" + key).hexdigest()[:16]


async def _seen(reader: Reader) -> dict[str, str]:
    return {row["name"]: row["value"] for row in await reader.all(select(setting_seen))}


def _differing(present: dict[str, str], seen: dict[str, str]) -> list[str]:
    return [name for name, value in present.items() if seen.get(name, _defaults().get(name)) != value]


def _defaults() -> dict[str, str]:
    defaults = Settings()
    return {name: _kept(name, str(getattr(defaults, name)), b"") for name in defaults.__struct_fields__}


async def _record(tx: Transaction, settings: Settings, name: str, before: str | None, after: str) -> None:
    thing = ObjectRef("setting", name, SYSTEM.institution_id)
    if name in keys.NAMES:
        if before is not None:  # the first key of all was not changed
            numbers = [_key_number(name, value) for value in (before, after)]
            more: dict[str, Any] = {"verifier": after} if name == "audit_key" else {}
            await tx.audit("key.changed", thing, name=name, before=numbers[0], after=numbers[1], **more)
        return
    was = _defaults().get(name, "") if before is None else before
    secret = after.startswith(_MARK) or was.startswith(_MARK)
    told: dict[str, Any] = {"before": was, "after": after}
    if secret:
        told = {"after": "" if name in SECRETS else shown(str(getattr(settings, name)))[:KEPT]}
    await tx.audit("setting.changed", thing, name=name, **{key: value for key, value in told.items() if value})


def _key_number(name: str, value: str) -> str:
    """C2SP's of the audit's key: what stands in each signature line."""
    return value.split("+")[1] if name == "audit_key" else value


async def _keep(tx: Transaction, name: str, before: str | None, value: str) -> None:
    if before is None:
        await tx.insert(setting_seen, name=name, value=value, at=tx.now)
    else:
        await tx.execute(update(setting_seen).where(setting_seen.c.name == name).values(value=value, at=tx.now))
