"""telepath/audit.py and telepath/audit_tree.py against another implementation of RFC 6962, on random trees.

pymerkle is of the tests alone: its licence (GPL) does not go with the product's."""

import random

import pytest
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from telepath.audit import Frontier, consistency_spans, extends, includes, inclusion_spans, leaf_hash, root_of
from telepath.audit_tree import WholeTree
from web.verify_audit import climb

TREES = 500


def oracle(entries: list[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree


def test_five_hundred_random_trees_have_the_same_roots_and_proofs() -> None:
    chance, compared = random.Random(6962), 0
    for _ in range(TREES):
        entries = [chance.randbytes(chance.randrange(1, 40)) for _ in range(chance.randrange(1, 90))]
        size, theirs = len(entries), oracle(entries)
        leaves = [leaf_hash(entry) for entry in entries]
        ours, frontier, root = WholeTree(b"".join(leaves)), Frontier(), theirs.get_root(size)
        for leaf in leaves:
            frontier.append(leaf)
        assert ours.root(size) == frontier.root() == root_of(leaves) == root

        index = chance.randrange(size)
        proof = theirs.prove_inclusion(index + 1, size)
        verify_inclusion(leaves[index], root, proof)
        path = ours.inclusion(index, size)
        # The oracle counts from one, and puts the leaf before its path.
        assert [leaves[index], *path] == [bytes.fromhex(one) for one in proof.serialize()["path"]]
        assert path == [root_of(leaves[low:high]) for low, high in inclusion_spans(index, size)]
        assert includes(root, size, index, leaves[index], path)
        assert climb(index, index + 1, size, leaves[index], list(path))[1] == root

        old = chance.randrange(1, size + 1)
        before = theirs.get_root(old)
        verify_consistency(before, root, theirs.prove_consistency(old, size))
        path = ours.consistency(old, size)
        assert path == [root_of(leaves[low:high]) for low, high in consistency_spans(old, size)]
        if old < size:  # its proofs have another form: ours must lead to its roots
            node, *rest = path if old & (old - 1) else [before, *path]
            assert climb(old & (old - 1), old, size, node, rest) == (before, root)
        assert extends(before, old, root, size, path)
        compared += 1
    assert compared == TREES


def test_neither_accepts_a_false_proof() -> None:
    chance = random.Random(9162)
    for _ in range(100):
        entries = [chance.randbytes(8) for _ in range(chance.randrange(2, 60))]
        size, index = len(entries), chance.randrange(len(entries))
        leaves = [leaf_hash(entry) for entry in entries]
        tree = WholeTree(b"".join(leaves))
        path = tree.inclusion(index, size)
        wrong = chance.randrange(len(path))
        path[wrong] = bytes([path[wrong][0] ^ 1]) + path[wrong][1:]
        assert not includes(tree.root(size), size, index, leaves[index], path)
        assert climb(index, index + 1, size, leaves[index], list(path))[1] != tree.root(size)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 4), (0, 0)])
def test_a_tree_proves_no_leaf_that_it_does_not_have(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        WholeTree(bytes(32 * 3)).inclusion(index, size)


def test_a_tree_proves_no_later_one() -> None:
    for old, new in ((2, 4), (3, 2), (-1, 3)):
        with pytest.raises(ValueError):
            WholeTree(bytes(32 * 3)).consistency(old, new)


def test_a_tree_of_nothing_has_the_root_of_nothing() -> None:
    assert WholeTree(b"").root(0) == Frontier().root()
