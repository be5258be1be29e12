"""web/verify_audit.py: short, alone, right about signatures and proofs, and not to be deceived."""

import ast
import json
import random
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from telepath.audit import canonical, consistency_spans, inclusion_spans, root_of
from telepath.checkpoints import signed_checkpoint
from tests import audit_exports
from tests.audit_exports import LOG, Files, files, line, listed, trees, verifier, write
from web import verify_audit
from web.verify_audit import ORDER, P, climb, valid, verify

SOURCE = Path(verify_audit.__file__)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
HONEST = files(trees([11, 7]), KEY)
"""Two years; heads at 4, 8 and 11, and at 4 and 7."""


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(1e-4, 1e15)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("aZé😀 ", max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.integers(0, 10**6))
def test_whatever_a_record_says_is_canonical_to_the_verifier_too(value: Any, seq: int) -> None:
    """But for numbers that JSON writes with an exponent: records have none."""
    body = canonical(audit_exports.record(seq, detail={"said": value}), seq)
    assert verify_audit.canonical(body + b"\n")["detail"] == {"said": value}


def note(size: int, tree: int = 0, key: Ed25519PrivateKey = KEY, log: str = LOG) -> bytes:
    """The head that an outsider kept of this tree."""
    made = trees([11, 7])[tree]
    return signed_checkpoint(key, log, f"{log}/{made.name}", size, root_of(made.leaves[:size])).encode()


def judged(folder: Path, written: Files, *kept: bytes, key: str = "") -> str:
    """What the verifier says of this export, beside these heads; raises what it raises."""
    shutil.rmtree(folder / "export", ignore_errors=True)
    write(folder / "export", written)
    paths = []
    for number, one in enumerate(kept):
        paths.append(str(folder / f"{number}.note"))
        Path(paths[-1]).write_bytes(one)
    said: str = verify(str(folder / "export"), key or verifier(KEY), *paths)
    return said


def refused(folder: Path, written: Files, *kept: bytes, key: str = "") -> str:
    with pytest.raises(Exception) as wrong:  # whatever it is: it is not accepted
        judged(folder, written, *kept, key=key)
    return str(wrong.value)


accepted = judged


def test_it_is_one_file_of_at_most_a_hundred_lines() -> None:
    assert len(SOURCE.read_text(encoding="utf-8").splitlines()) <= 100


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).partition(".")[0])
    assert imported
    assert imported <= sys.stdlib_module_names


RFC_8032 = {  # 7.1: secret key, public key, message, signature
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
}


@pytest.mark.parametrize("name", list(RFC_8032))
def test_the_signatures_of_rfc_8032_are_right(name: str) -> None:
    public, message, signature = (bytes.fromhex(text) for text in RFC_8032[name])
    assert valid(public, signature, message)
    assert not valid(public, signature, message + b"x")


def false_or_refused(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        return not valid(public, signature, message)
    except ValueError:
        return True


def altered(signature: bytes) -> dict[str, bytes]:
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    return {
        "S and the order": r + (s + ORDER).to_bytes(32, "little"),
        "S negated": r + (ORDER - s).to_bytes(32, "little"),
        "S of zero": r + bytes(32),
        "S of the order": r + ORDER.to_bytes(32, "little"),
        "S of all ones": r + b"\xff" * 32,
        "R of zero": bytes(32) + signature[32:],
        "R of one": (1).to_bytes(32, "little") + signature[32:],
        "R beyond the field": P.to_bytes(32, "little") + signature[32:],
        "R of the other sign": r[:31] + bytes([r[31] ^ 0x80]) + signature[32:],
        "a byte more": signature + b"\0",
        "a byte less": signature[:-1],
        "nothing": b"",
        "R alone": r,
    }


@pytest.mark.parametrize("name", list(altered(bytes(64))))
def test_a_signature_has_one_form_alone(name: str) -> None:
    signature = KEY.sign(b"head")
    assert false_or_refused(KEY.public_key().public_bytes_raw(), altered(signature)[name], b"head")


SMALL = [  # the points whose order divides 8, and ways to write them that RFC 8032 5.1.3 forbids
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


@pytest.mark.parametrize("point", SMALL)
def test_no_key_of_small_order_signs_anything(point: str) -> None:
    public = bytes.fromhex(point)
    for r in (public, bytes.fromhex(SMALL[0])):
        for message in (b"", b"head", b"another head"):
            assert false_or_refused(public, r + bytes(32), message)


def test_it_agrees_with_the_library_about_good_and_bad_signatures() -> None:
    chance, seen = random.Random(8032), {True: 0, False: 0}
    for _ in range(150):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(200))
        right = key.sign(message)
        place = chance.randrange(64 * 8)
        flipped = (int.from_bytes(right, "little") ^ 1 << place).to_bytes(64, "little")
        for signature in (right, flipped):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
                expected = True
            except InvalidSignature:
                expected = False
            assert false_or_refused(public, signature, message) is not expected
            seen[expected] += 1
    assert seen == {True: 150, False: 150}


def test_proofs_lead_to_both_roots_and_to_no_other() -> None:
    leaves = [bytes([index]) * 32 for index in range(40)]
    for size in range(1, 40):
        root = root_of(leaves[:size])
        for index in range(size):
            path = [root_of(leaves[low:high]) for low, high in inclusion_spans(index, size)]
            assert climb(index, index + 1, size, leaves[index], path) == (root_of(leaves[: index + 1]), root)
        for old in range(1, size):
            path = [root_of(leaves[low:high]) for low, high in consistency_spans(old, size)]
            node = path.pop(0) if old & (old - 1) else root_of(leaves[:old])
            assert climb(old & (old - 1), old, size, node, path) == (root_of(leaves[:old]), root)


def test_an_honest_export_is_accepted_with_every_head_that_one_may_have_kept(tmp_path: Path) -> None:
    heads = [note(size, tree) for tree, most in ((0, 11), (1, 7)) for size in range(1, most + 1)]
    said = accepted(tmp_path, HONEST, *heads)
    assert f"Intact: 18 records of ['{LOG}/2026', '{LOG}/2027'], 5 heads, 18 that you kept" in said


def test_it_runs_alone_and_ends_with_a_status(tmp_path: Path) -> None:
    folder = write(tmp_path / "export", HONEST)
    script = shutil.copy(SOURCE, tmp_path / "alone.py")
    (tmp_path / "kept.note").write_bytes(note(5))

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", script, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path
        )

    good = run(folder, verifier(KEY), tmp_path / "kept.note")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("Intact: 18 records")
    (folder / "records.ndjson").write_bytes(HONEST["records.ndjson"].replace(b'"number":3', b'"number":4'))
    bad = run(folder, verifier(KEY))
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "files are missing, added or altered" in bad.stderr
    assert run().returncode == 1
    assert run(tmp_path / "nowhere", verifier(KEY)).returncode == 1


def part(*indexes: int, heads: list[int] | None = None) -> Files:
    """An honest export of a part of the first tree."""
    tree = trees([11])[0]
    tree.heads = heads or tree.heads
    whole = files([tree], KEY)
    chosen = {name: b"".join(whole[name].splitlines(True)[index] for index in indexes) for name in LINES}
    return listed(whole | chosen, KEY, complete=False, records=len(indexes))


LINES = ("records.ndjson", "proofs.ndjson")


def test_a_part_is_accepted_as_a_part_and_not_as_the_whole(tmp_path: Path) -> None:
    assert "Intact: 3 records" in accepted(tmp_path, part(0, 4, 7), note(4), note(8), note(11))
    said = listed(part(0, 4, 7), KEY, complete=True, records=3)
    assert "records are missing" in refused(tmp_path, said)


def test_the_whole_is_not_accepted_as_a_part(tmp_path: Path) -> None:
    assert "records are missing" in refused(tmp_path, listed(HONEST, KEY, complete=False, records=18))


def test_a_head_that_a_part_does_not_prove_says_what_to_ask_for(tmp_path: Path) -> None:
    assert "ask for an export with --checkpoint" in refused(tmp_path, part(0, 4, 7), note(7))


def test_a_head_of_more_records_than_are_here_is_refused(tmp_path: Path) -> None:
    tree = trees([11, 7])
    tree[1].heads = [3]
    tree[1].bodies = tree[1].bodies[:3]
    said = refused(tmp_path, files(tree, KEY), note(7, 1))
    assert f"('{LOG}/2027', '7'" in said


def test_a_head_of_a_tree_that_is_not_here_is_refused(tmp_path: Path) -> None:
    assert f"('{LOG}/2027', '7'" in refused(tmp_path, files(trees([11]), KEY), note(7, 1))


def test_a_head_of_another_history_is_refused(tmp_path: Path) -> None:
    """Everything rewritten and signed anew by the right key: nothing but a head kept outside tells."""
    rewritten = files(trees([11, 7], salt="rewritten"), KEY)
    assert "Intact" in accepted(tmp_path, rewritten)
    for size, tree in ((2, 0), (11, 0), (7, 1)):
        assert "heads not proven" in refused(tmp_path, rewritten, note(size, tree))


def test_two_years_are_one_log(tmp_path: Path) -> None:
    """A year from another history does not follow this one."""
    mixed = [trees([11, 7])[0], trees([11, 7], salt="another")[1]]
    assert "does not continue" in refused(tmp_path, files(mixed, KEY))
    assert "does not continue" in refused(tmp_path, files([trees([11, 7])[0], trees([11, 7, 5])[2]], KEY))
    assert refused(tmp_path, files(reversed(trees([11, 7])), KEY))


FORGERIES: dict[str, Callable[[], Files]] = {
    "an empty folder": lambda: {"README.txt": b""},
    "no heads": lambda: relisted({name: data for name, data in HONEST.items() if "checkpoint" not in name}),
    "no records": lambda: relisted(HONEST | {"records.ndjson": b"", "proofs.ndjson": b""}),
    "no proofs": lambda: relisted(HONEST | {"proofs.ndjson": b""}),
    "no file of proofs": lambda: relisted({name: data for name, data in HONEST.items() if name != "proofs.ndjson"}),
    "an unlisted file": lambda: HONEST | {"more.ndjson": b"{}\n"},
    "an unlisted head": lambda: HONEST | {"checkpoints/2028-1.note": HONEST["checkpoints/2026-000000000004.note"]},
    "signed by another key": lambda: files(trees([11, 7]), OTHER),
    "a manifest signed by another key": lambda: listed(HONEST, OTHER, complete=True, records=18),
    "a head signed by another key": lambda: relisted(HONEST | {"checkpoints/2026-1.note": note(1, key=OTHER)}),
    "a head of another log": lambda: relisted(HONEST | {"checkpoints/x.note": note(1, log="other.example.org/audit")}),
    "another log": lambda: files(trees([11, 7]), KEY, log="other.example.org/audit"),
    "a year without records": lambda: without_year(HONEST),
    "CR LF": lambda: relisted(HONEST | {"records.ndjson": HONEST["records.ndjson"].replace(b"\n", b"\r\n")}),
    "no newline at the end": lambda: relisted(HONEST | {"records.ndjson": HONEST["records.ndjson"][:-1]}),
    "an empty line at the end": lambda: relisted(HONEST | {"records.ndjson": HONEST["records.ndjson"] + b"\n"}),
    "bytes behind the manifest": lambda: HONEST | {"manifest.note": HONEST["manifest.note"] + b"x"},
    "a newline behind the manifest": lambda: HONEST | {"manifest.note": HONEST["manifest.note"] + b"\n"},
    "a manifest without its last byte": lambda: HONEST | {"manifest.note": HONEST["manifest.note"][:-1]},
    "a manifest without signature": lambda: HONEST | {"manifest.note": HONEST["manifest.note"].partition(b"\n\n")[0]},
    "a head as the manifest": lambda: HONEST | {"manifest.note": note(11)},
    "the manifest as a head": lambda: relisted(HONEST | {"checkpoints/m.note": HONEST["manifest.note"]}),
    "a key said twice": lambda: sealed('{"actor":"a","actor":"b","seq":1}'),
    "keys out of order": lambda: sealed('{"seq":1,"actor":"b"}'),
    "a space more": lambda: sealed('{"actor": "b","seq":1}'),
    "not a number": lambda: sealed('{"actor":NaN,"seq":1}'),
    "infinity": lambda: sealed('{"actor":1E400,"seq":1}'),
    "a huge number": lambda: sealed('{"actor":' + "9" * 5000 + ',"seq":1}'),
    "very deep": lambda: sealed('{"actor":' + "[" * 100_000 + "]" * 100_000 + ',"seq":1}'),
    "half a character": lambda: sealed('{"actor":"\\ud800","seq":1}'),
    "not text": lambda: sealed("\x00"),
    "a byte order mark": lambda: sealed('\ufeff{"actor":"b","seq":1}'),
    "a record of another place": lambda: sealed('{"actor":"b","seq":2}'),
    "a place that is no number": lambda: sealed('{"actor":"b","seq":"1"}'),
    "no place": lambda: sealed('{"actor":"b"}'),
    "a list": lambda: sealed("[1]"),
    "proofs of others": lambda: relisted(
        HONEST | {"proofs.ndjson": b"".join(reversed(HONEST["proofs.ndjson"].splitlines(True)))}
    ),
    "a proof that is longer": lambda: proof(lambda one: one | {"path": [*one["path"], one["path"][0]]}),
    "a proof that is shorter": lambda: proof(lambda one: one | {"path": one["path"][1:]}),
    "a proof of a place below the first": lambda: proof(lambda one: one | {"index": -1}),
    "a proof of a place beyond the last": lambda: proof(lambda one: one | {"index": one["index"] + 16}),
    "a proof of another tree": lambda: proof(lambda one: one | {"origin": f"{LOG}/2027"}),
    "a proof of an unknown tree": lambda: proof(lambda one: one | {"origin": f"{LOG}/2030"}),
    "one proof more": lambda: relisted(
        HONEST | {"proofs.ndjson": HONEST["proofs.ndjson"] + HONEST["proofs.ndjson"].splitlines(True)[-1]}
    ),
    "a false consistency": lambda: relisted(
        HONEST | {"consistency.ndjson": HONEST["consistency.ndjson"].replace(b'"old":8', b'"old":5')}
    ),
}


def relisted(written: Files) -> Files:
    """Signed anew by the right key: the forger holds it."""
    return listed(written, KEY, complete=True, records=written.get("records.ndjson", b"").count(b"\n"))


def without_year(written: Files) -> Files:
    kept = {name: b"".join(written[name].splitlines(True)[:11]) for name in LINES}
    return relisted(written | kept)


def sealed(body: str) -> Files:
    """A tree whose second leaf is this text."""
    tree = trees([5])[0]
    tree.bodies[1] = body.encode("utf-8", "surrogatepass")
    return files([tree], KEY)


def proof(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Files:
    proofs = HONEST["proofs.ndjson"].splitlines(True)
    proofs[4] = line(change(json.loads(proofs[4])))
    return relisted(HONEST | {"proofs.ndjson": b"".join(proofs)})


@pytest.mark.parametrize("name", list(FORGERIES))
def test_it_is_not_deceived_by(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, FORGERIES[name]())


def test_a_link_is_not_a_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "export", HONEST)
    (folder / "records.ndjson").rename(tmp_path / "elsewhere")
    (folder / "records.ndjson").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="is not a file"):
        verify(str(folder), verifier(KEY))


@pytest.mark.parametrize("log", ["other.example.org/audit", LOG + "x", ""])
def test_a_key_of_another_name_is_not_this_logs(tmp_path: Path, log: str) -> None:
    assert "not signed with KEY" in refused(tmp_path, HONEST, key=verifier(KEY, log))


def test_the_former_key_is_accepted_beside_the_present_one(tmp_path: Path) -> None:
    former = files([trees([11, 7])[0]], OTHER)
    old = {name: data for name, data in former.items() if name.startswith("checkpoints/")}
    folder = write(tmp_path / "export", relisted(HONEST | old))
    assert "Intact" in verify(str(folder), f"{verifier(KEY)},{verifier(OTHER)}")
    with pytest.raises(ValueError, match="not signed with KEY"):
        verify(str(folder), verifier(KEY))


def test_a_log_that_moved_is_accepted_with_the_keys_of_both_names(tmp_path: Path) -> None:
    """The service has another address: its name changed, and the trees of before keep the one that they were opened under."""
    moved_from = "former.example.org/audit"
    before, both = files(trees([11, 7]), KEY, moved_from), f"{verifier(KEY)},{verifier(KEY, moved_from)}"
    parts = [files([tree], KEY, log) for tree, log in zip(trees([11, 7]), (moved_from, LOG), strict=True)]
    lines = {name: b"".join(part[name] for part in parts) for name in (*LINES, "consistency.ndjson")}
    after = relisted(parts[0] | parts[1] | lines)
    for written, only in ((before, verifier(KEY)), (after, verifier(KEY)), (after, verifier(KEY, moved_from))):
        assert "18 records" in accepted(tmp_path, written, note(5, log=moved_from), key=both)
        refused(tmp_path, written, key=only)
    stranger = files(trees([11, 7]), KEY, log="other.example.org/audit")
    assert "not signed with KEY" in refused(tmp_path, stranger, key=both)


def test_a_head_of_a_log_that_no_key_names_is_refused(tmp_path: Path) -> None:
    tree, stranger = trees([11])[0], "other.example.org/audit"
    written = files([tree], KEY, stranger)
    heads = {
        name: signed_checkpoint(KEY, LOG, f"{stranger}/2026", size, root_of(tree.leaves[:size])).encode()
        for size, name in zip(tree.heads, sorted(name for name in written if "checkpoints" in name), strict=True)
    }
    assert "KEY has not the names" in refused(tmp_path, relisted(written | heads))


def test_what_a_witness_added_to_a_head_is_left_alone(tmp_path: Path) -> None:
    cosigned = note(5) + b"\xe2\x80\x94 witness.example.net " + b64encode(bytes(76)) + b"\n"
    assert "1 that you kept" in accepted(tmp_path, HONEST, cosigned)


KINDS = ("edit", "delete", "insert", "swap", "truncate", "duplicate", "bit flip", "rewrite")
EACH = 130


def tampered(kind: str, chance: random.Random) -> tuple[Files, list[bytes]]:
    """One tampering of this kind at a random place, and the heads that the outsider kept.

    The forger of one half cannot sign: any file may be touched. The other one has the log's key and signs the manifest anew,
    and touches the records, where the proofs alone can tell."""
    holds_key = chance.random() < 0.5
    if kind == "rewrite":
        return rewritten(chance)
    touched = HONEST | lines_touched(kind, chance, "records.ndjson" if holds_key else chance.choice(sorted(HONEST)))
    return (
        listed(touched, KEY, complete=True, records=HONEST["records.ndjson"].count(b"\n")) if holds_key else touched
    ), []


def lines_touched(kind: str, chance: random.Random, name: str) -> Files:
    data = HONEST[name]
    lines = data.splitlines(True)
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    if kind == "edit":
        place = chance.randrange(len(data))
        return {
            name: data[:place]
            + bytes([chance.choice([byte for byte in range(256) if byte != data[place]])])
            + data[place + 1 :]
        }
    if kind == "bit flip":
        place, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        return {name: data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]}
    if kind == "truncate":
        return {name: data[: chance.randrange(len(data))]}
    if kind == "delete":
        del lines[at]
    if kind == "insert":
        lines.insert(at, lines[at].replace(b"2", b"3") if b"2" in lines[at] else b"inserted\n")
    if kind == "duplicate":
        lines.insert(other, lines[at])
    if kind == "swap":
        while lines[at] == lines[other]:
            name = chance.choice([name for name in sorted(HONEST) if HONEST[name].count(b"\n") > 1])
            lines = HONEST[name].splitlines(True)
            at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return {name: b"".join(lines)}


def rewritten(chance: random.Random) -> tuple[Files, list[bytes]]:
    """Another history from a random place on, its trees and heads made and signed anew by the right key, and shown to somebody
    who kept a head from after that place: in its tree, or in the next."""
    made, honest = trees([11, 7]), trees([11, 7])
    tree, place = chance.choice([(0, chance.randrange(1, 11)), (1, chance.randrange(1, 7))])
    made[tree].bodies[place] = made[tree].bodies[place].replace(b"slide.viewed", b"slide.missed")
    if tree == 0:
        opening = json.loads(made[1].bodies[0])
        opening["detail"]["root"] = root_of(made[0].leaves).hex()
        made[1].bodies[0] = line(opening)[:-1]
    seen = chance.choice([tree, 1])
    least = place + 1 if seen == tree else 1
    size = chance.randrange(least, len(honest[seen].bodies) + 1)
    return files(made, KEY), [note(size, seen)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_tampering_is_caught(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The same heads again and again: their signatures are checked once.
    monkeypatch.setattr(verify_audit, "valid", cache(valid))
    chance, caught = random.Random(f"6962 {kind}"), 0
    for _ in range(EACH):
        written, kept = tampered(kind, chance)
        assert written != HONEST
        if kind == "rewrite":
            judged(tmp_path, written)  # the forgery is good: only the head that was kept tells
        assert refused(tmp_path, written, *kept)
        caught += 1
    judged(tmp_path, HONEST)
    assert caught == EACH


def test_a_thousand_tamperings_are_tried() -> None:
    assert EACH * len(KINDS) >= 1000
