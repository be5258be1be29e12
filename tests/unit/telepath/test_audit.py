"""telepath/audit.py against the vectors of RFC 6962 as Certificate Transparency publishes them."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.actor import Subject
from telepath.audit import (
    COSIGNATURE,
    EMPTY_ROOT,
    AuditRecord,
    Frontier,
    Signature,
    Span,
    VerifierKey,
    canonical,
    checkpoint_text,
    complete,
    consistency_spans,
    extends,
    folded,
    includes,
    inclusion_spans,
    leaf_hash,
    node_hash,
    parse_note,
    parse_verifier_key,
    root_of,
    signature_line,
    subtrees,
    written_alike,
)

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60616263646566676869")
]
LEAVES[-1] = bytes.fromhex("606162636465666768696a6b6c6d6e6f")
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Merkle tree heads of the first n leaves: certificate-transparency's test vectors."""


@pytest.mark.parametrize("size", sorted(ROOTS))
def test_the_tree_head_is_that_of_rfc_6962(size: int) -> None:
    assert root_of(leaf_hash(leaf) for leaf in LEAVES[:size]).hex() == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == hashlib.sha256().digest()


def _by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)  # the largest power of two smaller than n
    return node_hash(_by_definition(leaves[:split]), _by_definition(leaves[split:]))


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70))
def test_appending_gives_the_root_of_the_definition(data: list[bytes]) -> None:
    leaves = [leaf_hash(item) for item in data]
    assert root_of(leaves) == _by_definition(leaves)


@given(st.lists(st.binary(max_size=4), max_size=40), st.lists(st.binary(max_size=4), max_size=40))
def test_a_kept_frontier_goes_on_where_it_was(first: list[bytes], second: list[bytes]) -> None:
    frontier = Frontier()
    for item in first:
        frontier.append(leaf_hash(item))
    resumed = Frontier(frontier.size, frontier.hashes)
    for item in second:
        resumed.append(leaf_hash(item))
    assert resumed.root() == root_of(leaf_hash(item) for item in first + second)


def test_a_frontier_that_does_not_fit_its_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves has 2 complete subtrees, got 1"):
        Frontier(3, [EMPTY_ROOT])


def test_canonical_bytes_do_not_depend_on_the_zone_of_the_clock() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=-3)))
    here, abroad = (AuditRecord(id="r", at=at, kind="slide.viewed", actor="p") for at in (noon, there))
    assert canonical(here, 7) == canonical(abroad, 7)
    assert b'"at":"2026-11-22T12:00:00.000000+00:00"' in canonical(here, 7)


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < split:
        return [*_path(index, leaves[:split]), _by_definition(leaves[split:])]
    return [*_path(index - split, leaves[split:]), _by_definition(leaves[:split])]


def _subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """RFC 6962 2.1.2, word for word."""
    if old == len(leaves):
        return [] if whole else [_by_definition(leaves)]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= split:
        return [*_subproof(old, leaves[:split], whole), _by_definition(leaves[split:])]
    return [*_subproof(old - split, leaves[split:], False), _by_definition(leaves[:split])]


def _over(leaves: list[bytes], spans: list[Span]) -> list[bytes]:
    """The roots over these spans, each made of its complete subtrees."""
    return [
        folded([root_of(leaves[index << level : (index + 1) << level]) for level, index in complete(span)])
        for span in spans
    ]


SIZES = range(1, 34)


@pytest.mark.parametrize("size", SIZES)
def test_every_proof_of_inclusion_is_that_of_the_definition_and_holds_for_its_leaf_alone(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    root = root_of(leaves)
    for index in range(size):
        proof = _over(leaves, inclusion_spans(index, size))
        assert proof == _path(index, leaves)
        assert includes(root, size, index, leaves[index], proof)
        for other in range(-1, size + 2):
            assert includes(root, size, other, leaves[index], proof) == (other == index)
        assert not includes(root, size, index, leaf_hash(b"another"), proof)
        assert not includes(root, size, index, leaves[index], [*proof, root])
        assert not proof or not includes(root, size, index, leaves[index], proof[:-1])


@pytest.mark.parametrize("new", SIZES)
def test_every_proof_of_consistency_is_that_of_the_definition_and_holds_for_its_trees_alone(new: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(new)]
    root = root_of(leaves)
    for old in range(1, new + 1):
        old_root = root_of(leaves[:old])
        proof = _over(leaves, consistency_spans(old, new))
        assert proof == ([] if old == new else _subproof(old, leaves, True))
        assert extends(old_root, old, root, new, proof)
        assert not extends(leaf_hash(b"another"), old, root, new, proof)
        assert not extends(old_root, old, leaf_hash(b"another"), new, proof)
        assert not extends(old_root, old, root, new, [*proof, root])
        for other in set(range(new + 2)) - {old}:
            assert not extends(old_root, other, root, new, proof)
    assert extends(EMPTY_ROOT, 0, root, new, [])
    assert not extends(root, 0, root, new, [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_spans(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_there_is_no_proof_that_a_tree_shrank(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no tree"):
        consistency_spans(old, new)


def test_appending_tells_the_subtrees_that_became_complete() -> None:
    frontier, leaves = Frontier(), [leaf_hash(bytes([number])) for number in range(12)]
    made = [node for leaf in leaves for node in frontier.append(leaf)]
    assert [(node.level, node.index) for node in made][-3:] == [(1, 4), (1, 5), (2, 2)]
    for node in made:
        assert node.hash == root_of(leaves[node.index << node.level : (node.index + 1) << node.level])


def record(**fields: Any) -> AuditRecord:
    usual: dict[str, Any] = {"id": "r", "at": datetime(2026, 11, 22, tzinfo=UTC), "kind": "case.viewed", "actor": "p"}
    return AuditRecord(**usual | fields)


def test_who_did_not_get_in_shares_a_key_with_those_of_the_month() -> None:
    assert record().actor_subject == Subject("person", "p")
    assert record(actor="").actor_subject == Subject("visitor", "2026-11")
    assert record(case_id="c").case_subject == Subject("case", "c")


@pytest.mark.parametrize(
    ("fields", "privileged"),
    [
        ({}, False),
        ({"roles": ("expert", "requester")}, False),
        ({"roles": ("auditor", "expert")}, True),
        ({"roles": ("administrator",)}, True),
        ({"actor": "system"}, True),
    ],
)
def test_what_administrators_auditors_and_the_service_do_is_marked(fields: dict[str, Any], privileged: bool) -> None:
    assert record(**fields).privileged is privileged


@pytest.mark.parametrize("value", [1e16, 1e-5, -1e300, float("nan"), float("inf"), {"a": [{"b": (1, 1e-7)}]}])
def test_a_number_that_two_libraries_write_differently_is_told(value: Any) -> None:
    assert not written_alike(value)


@pytest.mark.parametrize("value", [1.5, -0.001, 0.0, 10**30, True, None, "1e16", {"a": [{"b": (1, 2.25)}]}])
def test_other_values_are_written_alike(value: Any) -> None:
    assert written_alike(value)
    assert msgspec.json.encode(value) == json.dumps(value, separators=(",", ":")).encode()


# C2SP signed-note, the example of its text
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_verifier_key_is_read_and_written_as_c2sp_says() -> None:
    key = parse_verifier_key(VERIFIER)
    assert (key.name, key.id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", VERIFIER)


@pytest.mark.parametrize(
    "bad", ["", "PeterNeumann", VERIFIER.replace("c74f", "c74e"), VERIFIER[:-4], "n+00000000+AAAA"]
)
def test_what_is_not_a_verifier_key_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):
        parse_verifier_key(bad)


def test_a_signed_note_is_read_back_whole() -> None:
    text = checkpoint_text("telepath/audit", 8, bytes(32))
    log, witness = VerifierKey("telepath/audit", bytes(32)), VerifierKey("witness", bytes(32), COSIGNATURE)
    note = parse_note(f"{text}\n{signature_line(log, bytes(64))}{signature_line(witness, bytes(72))}")
    assert (note.text, note.origin, note.size, note.root) == (text, "telepath/audit", 8, bytes(32))
    assert note.signatures == (
        Signature("telepath/audit", log.id, bytes(64)),
        Signature("witness", witness.id, bytes(72)),
    )


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "telepath\n8\n",
        "telepath\n8\nAAAA\n\n",
        "a\nb\nc\n\n\N{EM DASH} n AAAA\n",
        "a\n1\n????\n\n\N{EM DASH} n AAAA\n",
        f"a\n01\nAAAA\n\n{signature_line(VerifierKey('n', bytes(32)), bytes(64))}",
        f"a\n-1\nAAAA\n\n{signature_line(VerifierKey('n', bytes(32)), bytes(64))}",
        f"\n1\nAAAA\n\n{signature_line(VerifierKey('n', bytes(32)), bytes(64))}",
    ],
)
def test_what_is_not_a_signed_checkpoint_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a signed checkpoint"):
        parse_note(bad)


@given(st.integers(0, 70))
def test_subtrees_found_at_once_are_those_found_one_by_one(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    frontier = Frontier()
    made = [node for leaf in leaves for node in frontier.append(leaf)]
    levels = subtrees(leaves)
    assert levels[0] == leaves
    assert {(node.level, node.index): node.hash for node in made} == {
        (level, index): digest for level in range(1, len(levels)) for index, digest in enumerate(levels[level])
    }
    assert [levels[level][index] for level, index in complete((0, size))] == frontier.hashes
