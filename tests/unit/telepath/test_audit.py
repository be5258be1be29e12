"""telepath/audit.py against the vectors of RFC 6962 as Certificate Transparency publishes them."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.audit import (
    EMPTY_ROOT,
    AuditRecord,
    Frontier,
    canonical,
    checkpoint_text,
    leaf_hash,
    node_hash,
    parse_note,
    root_of,
    signed_note,
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


def test_a_signed_note_is_read_back_whole() -> None:
    text = checkpoint_text("telepath/audit", 8, bytes(32))
    note = parse_note(signed_note(text, "telepath/audit", bytes(32), bytes(64)))
    assert (note.text, note.origin, note.size, note.root, note.signer) == (
        text,
        "telepath/audit",
        8,
        bytes(32),
        "telepath/audit",
    )
    assert note.signature == bytes(64)


@pytest.mark.parametrize(
    "bad", ["", "telepath\n8\n", "a\nb\nc\n\n\N{EM DASH} n AAAA\n", "a\n1\n????\n\n\N{EM DASH} n AAAA\n"]
)
def test_what_is_not_a_signed_checkpoint_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a signed checkpoint"):
        parse_note(bad)
