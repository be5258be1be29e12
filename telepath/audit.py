"""The audit record, its canonical bytes, and the tree that seals it. Pure.

Leaves and tree: RFC 6962 section 2.1. Checkpoints: C2SP tlog-checkpoint and signed-note with Ed25519.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, on which object, from where, why, with what outcome. Carries no patient identity and no token."""

    id: str
    at: datetime
    kind: str
    """``object.verb`` of web/audit_catalogue: ``slide.viewed``, ``opinion.signed``."""
    outcome: str = "success"
    """``success``, ``refused`` or ``failure``."""
    actor: str
    """Person id; the name is read from the directory when shown."""
    subject_name_id: str = ""
    institution: str = ""
    roles: tuple[str, ...] = ()
    acr: str = ""
    session: str = ""
    address: str = ""
    device: str = ""
    object_kind: str = ""
    object_id: str = ""
    case_id: str = ""
    owner: str = ""
    """The institution that owns the object."""
    because: str = ""
    """Why the actor may: ``institution``, ``consult``, ``room``…"""
    because_id: str = ""
    detail: dict[str, Any] = {}


_encoder = msgspec.json.Encoder(order="sorted")


def canonical(record: AuditRecord, sequence: int) -> bytes:
    """Return the one byte string of this record at this place in the log: JSON, keys sorted, UTF-8, UTC times."""
    body = msgspec.to_builtins(record)
    body["at"] = record.at.astimezone(UTC).isoformat(timespec="microseconds")
    body["seq"] = sequence
    return _encoder.encode(body)


def leaf_hash(body: bytes) -> bytes:
    """RFC 6962 2.1: "MTH({d(0)}) = SHA-256(0x00 || d(0))"."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 2.1: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first.

    Enough to append and to give the root at any size, in O(log n) memory. Its JSON form is ``hashes`` in hex."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} complete subtrees, got {len(self.hashes)}"
            )

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self.hashes.pop(), node)
            size >>= 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """RFC 6962 MTH of all leaves appended so far."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree head of these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """C2SP tlog-checkpoint: origin, size and base64 root, each on its line, ended by a newline."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def key_id(name: str, public_key: bytes) -> bytes:
    """C2SP signed-note: the first four bytes of SHA-256(name || "\\n" || 0x01 || key) for Ed25519."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]


def signed_note(text: str, name: str, public_key: bytes, signature: bytes) -> str:
    """C2SP signed-note: the text, an empty line, and "— name base64(key id || signature)"."""
    blob = base64.b64encode(key_id(name, public_key) + signature).decode()
    return f"{text}\n\N{EM DASH} {name} {blob}\n"


class Note(msgspec.Struct, frozen=True):
    """A parsed signed note: what was signed, and the signature still to be checked."""

    text: str
    origin: str
    size: int
    root: bytes
    signer: str
    key_id: bytes
    signature: bytes


def parse_note(note: str) -> Note:
    """Read a signed checkpoint. Raises ValueError: not one."""
    try:
        text, _, tail = note.partition("\n\n")
        text += "\n"
        origin, size, root, *_ = text.split("\n")
        dash, signer, blob = tail.rstrip("\n").split(" ")
        raw = base64.b64decode(blob, validate=True)
        if dash != "\N{EM DASH}" or len(raw) != 68:
            raise ValueError("no Ed25519 signature line")
        return Note(text, origin, int(size), base64.b64decode(root, validate=True), signer, raw[:4], raw[4:])
    except ValueError as error:
        raise ValueError(f"not a signed checkpoint: {error}") from None
