"""A key for each subject, wrapped by one master key: to destroy the key is to erase what was encrypted under it.

A *subject* is a person whose data we hold: a practitioner (``person``), the patient as the case of one examination tells of
them (``case``), who a patient is (``patient``), or those of one month who did not get in (``visitor``). The wrapped keys lie in
the table ``subject_key`` (telepath/db/vault_store.py), the master key with the other keys of the service, outside the database.
AES-256-GCM (NIST SP 800-38D) throughout, with random nonces of 96 bits.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from telepath.actor import Subject

KEY: Final = 32
NONCE: Final = 12


class Vault:
    """Makes subjects' keys and wraps them under the master key (32 bytes). Holds no key but that one."""

    def __init__(self, master_key: bytes, random: Callable[[int], bytes]) -> None:
        if len(master_key) != KEY:
            raise ValueError("the master key has 32 bytes")
        self._master = AESGCM(master_key)
        # RFC 5869: a key for each purpose, none of which tells anything of another.
        self._finder = HKDF(SHA256(), KEY, salt=None, info=b"telepath lookup").derive(master_key)
        self._carrier = HKDF(SHA256(), KEY, salt=None, info=b"telepath carried").derive(master_key)
        self._random = random

    def new_key(self) -> bytes:
        """A key for a subject that has none."""
        return self._random(KEY)

    def wrapped(self, subject: Subject, key: bytes) -> bytes:
        """``key`` as it may lie in the database: useless without the master key, and for another subject."""
        nonce = self._random(NONCE)
        return nonce + self._master.encrypt(nonce, key, f"subject key {subject}".encode())

    def unwrapped(self, subject: Subject, wrapped: bytes) -> bytes:
        """Raises ValueError: damaged, of another subject, or wrapped under another master key."""
        try:
            return self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], f"subject key {subject}".encode())
        except InvalidTag:
            raise ValueError("this key was not wrapped by this vault for this subject") from None

    def lookup(self, *words: str) -> str:
        """64 hex digits by which the same words are found again: HMAC-SHA-256 (RFC 2104) under a key of this master key.
        Without it nobody can try the words that there could be."""
        length_first = "".join(f"{len(word)}:{word}" for word in words)
        return hmac.new(self._finder, length_first.encode(), hashlib.sha256).hexdigest()

    def closed(self, key: bytes, context: str, fields: Mapping[str, Any]) -> str:
        """``fields``, as base64 text, under a subject's key. ``context`` is where they stand (the id of the record): they can
        be opened nowhere else."""
        nonce = self._random(NONCE)
        return b64encode(nonce + AESGCM(key).encrypt(nonce, _encoder.encode(fields), context.encode())).decode()

    def carried(self, context: str, fields: Mapping[str, Any]) -> str:
        """``fields`` as a browser may carry them, unread and unchanged: base64 text. ``context``: whose, and for what."""
        return self.closed(self._carrier, context, fields)

    def brought_back(self, context: str, text: str) -> dict[str, Any]:
        """What ``carried`` was given. Raises ValueError: altered, or not of this ``context``."""
        return self.opened(self._carrier, context, text)

    @staticmethod
    def opened(key: bytes, context: str, text: str) -> dict[str, Any]:
        """What ``closed`` was given. Raises ValueError: altered, moved to another place, or under another key."""
        raw = b64decode(text, validate=True)
        try:
            clear = AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], context.encode())
        except InvalidTag:
            raise ValueError("not what was put into the vault here") from None
        fields: dict[str, Any] = msgspec.json.decode(clear)
        return fields


_encoder: Final = msgspec.json.Encoder(order="sorted")
