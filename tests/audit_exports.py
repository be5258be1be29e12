"""Exports of an audit, made of any records and signed by any key: what an honest service writes, and what a forger would.

Of one file a name, in memory. tests/integration/web/test_audit_export.py compares it with what the service writes."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.audit import AuditRecord, canonical, consistency_spans, inclusion_spans, leaf_hash, root_of
from telepath.checkpoints import signed, signed_checkpoint, verifier_key

LOG = "audit.example.org/audit"
NOON = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
Files = dict[str, bytes]


class Tree(msgspec.Struct):
    """``bodies``: the records as they are sealed. ``heads``: sizes that were signed, the newest last."""

    name: str
    start: int
    bodies: list[bytes]
    heads: list[int]

    @property
    def leaves(self) -> list[bytes]:
        return [leaf_hash(body) for body in self.bodies]


def record(seq: int, **given: Any) -> AuditRecord:
    fields: dict[str, Any] = {
        "id": f"{seq:026d}",
        "at": NOON + timedelta(minutes=seq),
        "kind": "slide.viewed",
        "actor": "z" * 26,
    }
    return AuditRecord(**fields | {"object_kind": "slide", "object_id": "s" * 26, "detail": {"number": seq}} | given)


def trees(sizes: Sequence[int], salt: str = "") -> list[Tree]:
    """Trees of 2026, 2027…, each of so many records, signed after every fourth of them and at the end."""
    made: list[Tree] = []
    for number, size in enumerate(sizes):
        start = made[-1].start + len(made[-1].bodies) if made else 0
        name = str(2026 + number)
        detail: dict[str, Any] = {"because": "year"}
        if made:
            detail |= {"before": made[-1].name, "size": len(made[-1].bodies), "root": root_of(made[-1].leaves).hex()}
        first = record(
            start, kind="audit.tree-opened", actor="system", object_kind="tree", object_id=name, detail=detail
        )
        rest = [record(start + index, detail={"number": index, "salt": salt}) for index in range(1, size)]
        bodies = [canonical(one, start + index) for index, one in enumerate([first, *rest])]
        made.append(Tree(name, start, bodies, sorted({*range(4, size, 4), size})))
    return made


def files(made: Iterable[Tree], key: Ed25519PrivateKey, log: str = LOG, **about: Any) -> Files:
    """The whole export of these trees."""
    made = list(made)
    records, proofs, consistency, notes = b"", b"", b"", {}
    for tree in made:
        leaves, size, origin = tree.leaves, tree.heads[-1], f"{log}/{tree.name}"
        for index, body in enumerate(tree.bodies[:size]):
            records += body + b"\n"
            path = [root_of(leaves[low:high]) for low, high in inclusion_spans(index, size)]
            proofs += line({"index": index, "origin": origin, "path": [b64encode(one).decode() for one in path]})
        for head in tree.heads:
            root = root_of(leaves[:head])
            notes[f"checkpoints/{tree.name}-{head:012d}.note"] = signed_checkpoint(
                key, log, origin, head, root
            ).encode()
            if head < size:
                path = [root_of(leaves[low:high]) for low, high in consistency_spans(head, size)]
                path = path if head & (head - 1) else [root, *path]
                consistency += line({"old": head, "origin": origin, "path": [b64encode(one).decode() for one in path]})
    written = {"records.ndjson": records, "proofs.ndjson": proofs, "consistency.ndjson": consistency, **notes}
    said = {"complete": True, "records": records.count(b"\n"), "asked": {}} | about
    return listed(written, key, log, **said)


def listed(written: Files, key: Ed25519PrivateKey, log: str = LOG, **about: Any) -> Files:
    """These files with a manifest that lists them as they are now, signed by ``key``."""
    rest = {name: data for name, data in written.items() if name != "manifest.note"}
    lines = [f"{log} export 1", line(about).decode().rstrip("\n")]
    lines += [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in sorted(rest.items())]
    return rest | {"manifest.note": signed(key, log, "\n".join(lines) + "\n").encode()}


def line(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def write(folder: Path, written: Files) -> Path:
    for name, data in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def read(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def verifier(key: Ed25519PrivateKey, log: str = LOG) -> str:
    return str(verifier_key(key, log))
