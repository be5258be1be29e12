"""Signs checkpoints of the audit, and checks those of others: C2SP signed notes and cosignatures, Ed25519."""

from collections.abc import Collection

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from telepath.audit import (
    COSIGNATURE,
    Note,
    Signature,
    VerifierKey,
    checkpoint_text,
    cosigned_text,
    key_id,
    parse_note,
    signature_line,
)


def verifier_key(key: Ed25519PrivateKey, name: str) -> VerifierKey:
    """What outsiders need in order to check what ``key`` signs as ``name``."""
    return VerifierKey(name, key.public_key().public_bytes_raw())


def signed(key: Ed25519PrivateKey, name: str, text: str) -> str:
    """``text`` (ends with a newline) as a signed note."""
    return f"{text}\n{signature_line(verifier_key(key, name), key.sign(text.encode()))}"


def signed_checkpoint(key: Ed25519PrivateKey, name: str, origin: str, size: int, root: bytes) -> str:
    """The head of a log as a signed note; ``name`` is the signer's."""
    return signed(key, name, checkpoint_text(origin, size, root))


def verified(note: str, public_keys: Collection[bytes]) -> Note:
    """Read a signed checkpoint that one of ``public_keys`` (32 bytes, Ed25519) signed, under whatever name.

    Raises ValueError: not one, by nobody that we know, or falsely."""
    parsed = parse_note(note)
    ours = [
        (VerifierKey(one.name, key), one)
        for one in parsed.signatures
        for key in public_keys
        if key_id(one.name, key) == one.key_id
    ]
    if not ours:
        raise ValueError("signed by another key")
    if not all(is_by(key, one, parsed.text) for key, one in ours):
        raise ValueError("a false signature")
    return parsed


def is_by(key: VerifierKey, signature: Signature, text: str) -> bool:
    """Whether ``key`` signed ``text``; of a witness: cosigned it, at the time that its signature says."""
    message, value = text.encode(), signature.value
    if key.kind == COSIGNATURE:
        message, value = cosigned_text(text, int.from_bytes(value[:8], "big")), value[8:]
    if (signature.name, signature.key_id) != (key.name, key.id) or len(value) != 64:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(value, message)
    except InvalidSignature:
        return False
    return True
