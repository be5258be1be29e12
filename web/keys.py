"""The three secrets of the service: what signs tile capabilities, what signs audit checkpoints, what wraps the vault's keys.

Given by the settings; otherwise made once in ``data``/keys, so that the embedded defaults start by themselves. In production
the settings must give them (web/settings.py), and they should lie on another machine than the database. The one that wraps the
vault's may come in a file, as a key management service leaves it."""

import os
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.audit import ED25519, VerifierKey
from telepath.checkpoints import verifier_key
from telepath.db.database import Database
from telepath.errors import Invalid
from web.settings import PREFIX, Settings, old_keys

NAMES = ("secret_key", "audit_key", "vault_key")
OTHERS = stat.S_IRWXG | stat.S_IRWXO
KEY_FILE_LIMIT = 1024
"""Bytes of a file that holds a key."""


def capability_key(settings: Settings) -> bytes:
    """32 bytes. Raises Invalid: not 64 hex digits. Blocks: reads a file, and writes it the first time."""
    return _key(settings, "secret_key")


def audit_key(settings: Settings) -> Ed25519PrivateKey:
    """Raises Invalid: not 64 hex digits. Blocks as ``capability_key``."""
    return Ed25519PrivateKey.from_private_bytes(_key(settings, "audit_key"))


def public_key(settings: Settings) -> VerifierKey:
    """What outsiders need in order to check our checkpoints. Blocks as ``capability_key``."""
    return verifier_key(audit_key(settings), settings.log_name)


def public_keys(settings: Settings) -> list[bytes]:
    """What the audit was ever signed with, the present key first: 32 bytes each. Blocks as ``capability_key``."""
    before = [key.public_key for key in old_keys(settings) if key.kind == ED25519]
    return [public_key(settings).public_key, *before]


def vault_key(settings: Settings) -> bytes:
    """32 bytes: the master key of the vault. Raises Invalid: not 64 hex digits, or in a file that cannot be read, or that
    others can read. Blocks as ``capability_key``."""
    if settings.vault_key_file:
        return _in_file(Path(settings.vault_key_file), f"{PREFIX}VAULT_KEY_FILE")
    return _key(settings, "vault_key")


def _in_file(path: Path, name: str) -> bytes:
    """The key in a file of ours alone. Raises Invalid, with the setting ``name``."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise Invalid("error-key-file-open", name=name)
            key = bytes.fromhex(file.read(KEY_FILE_LIMIT).decode("ascii").strip())
    except OSError:
        raise Invalid("error-key-file-missing", name=name) from None
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Invalid("error-setting-invalid", name=name, reason="key-file")
    return key


def database(settings: Settings) -> Database:
    """The database of these settings, with its vault. Blocks as ``capability_key``."""
    return Database(settings.database_url, vault_key(settings))


def key_file(settings: Settings, name: str) -> Path:
    """Where the generated key ``name`` lies, or will lie."""
    return settings.data / "keys" / f"{name.replace('_', '-')}.hex"


def _key(settings: Settings, name: str) -> bytes:
    text = getattr(settings, name) or _generated(key_file(settings, name))
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Invalid("error-setting-key-missing", name=PREFIX + name.upper())
    return key


def _generated(path: Path) -> str:
    if not path.exists():
        place(path, secrets.token_hex(32))
    return path.read_text().strip()


def place(path: Path, text: str) -> bool:
    """Keep ``text`` as the key at ``path``, readable by this user alone; False: there is one already, which stays.

    Of several processes that start together the first one's key is everybody's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        return False
    finally:
        partial.unlink(missing_ok=True)
    return True
