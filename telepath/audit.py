"""The audit record, its canonical bytes, and the tree that seals it. Pure.

Leaves and tree: RFC 6962 section 2.1. Checkpoints: C2SP tlog-checkpoint and signed-note with Ed25519.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from telepath.actor import Subject

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


ACTOR_FIELDS: Final = ("subject_name_id", "address", "device")
"""What of an actor is personal: their national identifier, and where and with what they worked."""
SYSTEM_ID: Final = "system"
PRIVILEGED: Final = frozenset({"administrator", "auditor"})


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
    institution: str = ""
    roles: tuple[str, ...] = ()
    acr: str = ""
    session: str = ""
    object_kind: str = ""
    object_id: str = ""
    case_id: str = ""
    owner: str = ""
    """The institution that owns the object."""
    because: str = ""
    """Why the actor may: ``institution``, ``consult``, ``room``…"""
    because_id: str = ""
    detail: dict[str, Any] = {}
    actor_private: str = ""
    """Who exactly and from where (``ACTOR_FIELDS``), under the actor's own key: the leaf commits to the ciphertext."""
    case_private: str = ""
    """What was said of the patient's case, under the key of the case."""

    @property
    def actor_subject(self) -> Subject:
        """Whose key opens ``actor_private``. Who did not get in has no key of their own: one for all of the month."""
        return Subject("person", self.actor) if self.actor else Subject("visitor", f"{self.at.astimezone(UTC):%Y-%m}")

    @property
    def case_subject(self) -> Subject:
        """Whose key opens ``case_private``."""
        return Subject("case", self.case_id)

    @property
    def privileged(self) -> bool:
        """Done by an administrator or an auditor, or at the command line: the auditor asks for these by themselves."""
        return self.actor == SYSTEM_ID or not PRIVILEGED.isdisjoint(self.roles)


_encoder = msgspec.json.Encoder(order="sorted")


def canonical(record: AuditRecord, sequence: int) -> bytes:
    """Return the one byte string of this record at this place in the log: JSON, keys sorted, UTF-8, UTC times."""
    body = msgspec.to_builtins(record)
    body["at"] = record.at.astimezone(UTC).isoformat(timespec="microseconds")
    body["seq"] = sequence
    return _encoder.encode(body)


def written_alike(value: Any) -> bool:
    """Whether every JSON library writes the numbers of ``value`` the same way: no float with an exponent, no NaN. A canonical
    record holds no others."""
    if isinstance(value, float):
        return repr(value).lstrip("-").replace(".", "", 1).isdecimal()
    if isinstance(value, dict):
        return all(written_alike(part) for part in value.values())
    return not isinstance(value, list | tuple) or all(written_alike(part) for part in value)


def leaf_hash(body: bytes) -> bytes:
    """RFC 6962 2.1: "MTH({d(0)}) = SHA-256(0x00 || d(0))"."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 2.1: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Node(msgspec.Struct, frozen=True):
    """The root of the complete subtree of 2**level leaves that begins at leaf ``index`` * 2**level."""

    level: int
    index: int
    hash: bytes


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first.

    Enough to append and to give the root at any size, in O(log n) memory."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} complete subtrees, got {len(self.hashes)}"
            )

    def append(self, leaf: bytes) -> list[Node]:
        """Add one leaf hash, and return the subtrees that it completes, smallest first (the leaf itself not among them)."""
        node, index, level, made = leaf, self.size, 0, []
        while index & 1:
            node = node_hash(self.hashes.pop(), node)
            index >>= 1
            level += 1
            made.append(Node(level, index, node))
        self.hashes.append(node)
        self.size += 1
        return made

    def root(self) -> bytes:
        """RFC 6962 MTH of all leaves appended so far."""
        return folded(self.hashes) if self.hashes else EMPTY_ROOT


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that stand side by side, largest first."""
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = node_hash(left, node)
    return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree head of these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def subtrees(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The roots of all complete subtrees over these leaf hashes, by level: ``[level][index]``; level 0 are the leaves.

    The same as ``Frontier`` finds one by one, for many at once."""
    levels = [list(leaves)]
    sha256 = hashlib.sha256
    while len(below := levels[-1]) > 1:
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return levels


Span = tuple[int, int]
"""Leaves from the first to before the second. A proof lists the roots over its spans; ``complete`` says of what each is."""


def inclusion_spans(index: int, size: int) -> list[Span]:
    """RFC 6962 2.1.1, the audit path of leaf ``index`` in the tree of ``size`` leaves. Raises ValueError: no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    low, high, spans = 0, size, list[Span]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """RFC 6962 2.1.2, the proof that the tree of ``old`` leaves is the beginning of that of ``new``. Nothing to prove for none,
    or for the same. Raises ValueError: ``old`` is larger."""
    if not 0 <= old <= new:
        raise ValueError(f"no tree of {old} leaves in one of {new}")
    if old in (0, new):
        return []
    low, high, spans, whole = 0, new, list[Span](), True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low, whole = middle, False
    if not whole:
        spans.append((low, high))
    return spans[::-1]


def complete(span: Span) -> list[tuple[int, int]]:
    """The complete subtrees, as (level, index), that a span of a proof is made of, largest first: ``folded`` joins them."""
    low, high = span
    parts = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append((level, low >> level))
        low += 1 << level
    return parts


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that ``leaf`` is the one at ``index`` of the tree with this root. RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return False
    first, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            node = node_hash(sibling, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and node == root


def extends(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``new`` leaves begins with that of ``old``. RFC 9162 2.1.4.2."""
    if old == new or old == 0:
        return not proof and (old_root == new_root if old == new else old_root == EMPTY_ROOT)
    if not 0 < old < new or not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """C2SP tlog-checkpoint: origin, size and base64 root, each on its line, ended by a newline."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


ED25519: Final = 1
COSIGNATURE: Final = 4
"""Kinds of C2SP signature: of the log itself, and of a witness (cosignature/v1), which says when it saw the head."""


def key_id(name: str, public_key: bytes, kind: int = ED25519) -> bytes:
    """C2SP signed-note: the first four bytes of SHA-256(name || "\\n" || kind || key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


class VerifierKey(msgspec.Struct, frozen=True):
    """Whose signature, and with which key it is checked. Its text, for outsiders: ``name+id+base64(kind || key)``."""

    name: str
    public_key: bytes
    kind: int = ED25519

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.public_key, self.kind)

    def __str__(self) -> str:
        blob = base64.b64encode(bytes([self.kind]) + self.public_key).decode()
        return f"{self.name}+{self.id.hex()}+{blob}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Read what ``str(VerifierKey)`` wrote. Raises ValueError: not a key, or of a kind that we do not check."""
    name, _, rest = text.strip().partition("+")
    number, _, blob = rest.partition("+")
    raw = base64.b64decode(blob, validate=True)
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise ValueError("not an Ed25519 verifier key")
    key = VerifierKey(name, raw[1:], raw[0])
    if key.id.hex() != number:
        raise ValueError("the key does not have the number that stands beside it")
    return key


class Signature(msgspec.Struct, frozen=True):
    """One signature line of a note, still to be checked. ``value``: 64 bytes; of a witness 8 bytes of time before."""

    name: str
    key_id: bytes
    value: bytes


def signature_line(key: VerifierKey, value: bytes) -> str:
    """C2SP signed-note: "— name base64(key id || signature)" and a newline."""
    return f"\N{EM DASH} {key.name} {base64.b64encode(key.id + value).decode()}\n"


def parse_signature(line: str) -> Signature:
    """Raises ValueError: not a signature line."""
    dash, name, blob = line.rstrip("\n").split(" ")
    raw = base64.b64decode(blob, validate=True)
    if dash != "\N{EM DASH}" or len(raw) not in (68, 76):
        raise ValueError("not an Ed25519 signature line")
    return Signature(name, raw[:4], raw[4:])


def cosigned_text(text: str, seconds: int) -> bytes:
    """C2SP tlog-cosignature: what a witness signs who saw the checkpoint ``text`` at this Unix time."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


class Note(msgspec.Struct, frozen=True):
    """A parsed signed checkpoint: what was signed, and the signatures still to be checked, the log's own first."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]


def parse_note(note: str) -> Note:
    """Read a signed checkpoint. Raises ValueError: not one."""
    try:
        text, _, tail = note.partition("\n\n")
        text += "\n"
        origin, size, root, *_ = text.split("\n")
        signatures = tuple(parse_signature(line) for line in tail.splitlines())
        if not signatures or not origin or str(int(size)) != size or int(size) < 0:
            raise ValueError("no signature, or no size")
        return Note(text, origin, int(size), base64.b64decode(root, validate=True), signatures)
    except ValueError as error:
        raise ValueError(f"not a signed checkpoint: {error}") from None
