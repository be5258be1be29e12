"""telepath/checkpoints.py: only what was signed by a known key, and as it was signed."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.audit import (
    COSIGNATURE,
    Signature,
    VerifierKey,
    checkpoint_text,
    cosigned_text,
    parse_signature,
    parse_verifier_key,
)
from telepath.checkpoints import is_by, signed, signed_checkpoint, verified, verifier_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
NAME = "telepath.example/audit"
NOTE = signed_checkpoint(KEY, NAME, f"{NAME}/2026", 7, bytes(32))


def test_a_checkpoint_is_read_when_one_of_the_known_keys_signed_it() -> None:
    for keys in ([PUBLIC], [OTHER.public_key().public_bytes_raw(), PUBLIC]):
        note = verified(NOTE, keys)
        assert (note.origin, note.size, note.root) == (f"{NAME}/2026", 7, bytes(32))


def test_a_key_that_we_do_not_know_signs_nothing() -> None:
    with pytest.raises(ValueError, match="another key"):
        verified(NOTE, [OTHER.public_key().public_bytes_raw()])
    with pytest.raises(ValueError, match="another key"):
        verified(NOTE, [])


@pytest.mark.parametrize(("old", "new"), [("\n7\n", "\n8\n"), ("/2026", "/2027"), ("AAAA", "AAAB")])
def test_a_changed_checkpoint_is_false(old: str, new: str) -> None:
    with pytest.raises(ValueError, match="false signature"):
        verified(NOTE.replace(old, new, 1), [PUBLIC])


def test_a_signature_of_ours_stands_even_beside_one_of_a_stranger() -> None:
    stranger = signed(OTHER, "stranger", checkpoint_text(f"{NAME}/2026", 7, bytes(32))).split("\n\n")[1]
    assert verified(NOTE + stranger, [PUBLIC]).size == 7


def test_a_second_signature_under_our_key_must_hold_too() -> None:
    false = signed(KEY, NAME, "something else\n").split("\n\n")[1]
    with pytest.raises(ValueError, match="false signature"):
        verified(NOTE + false, [PUBLIC])


def test_a_witness_signs_the_head_with_the_time_at_which_it_saw_it() -> None:
    text = checkpoint_text(f"{NAME}/2026", 7, bytes(32))
    witness = VerifierKey("witness.example", PUBLIC, COSIGNATURE)
    value = (1_800_000_000).to_bytes(8, "big") + KEY.sign(cosigned_text(text, 1_800_000_000))
    assert is_by(witness, Signature(witness.name, witness.id, value), text)
    later = (1_800_000_001).to_bytes(8, "big") + value[8:]
    assert not is_by(witness, Signature(witness.name, witness.id, later), text)
    assert not is_by(witness, Signature(witness.name, witness.id, KEY.sign(text.encode())), text)
    assert not is_by(verifier_key(KEY, witness.name), Signature(witness.name, witness.id, value), text)


def test_the_example_of_the_c2sp_text_verifies() -> None:
    key = parse_verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = (
        "\N{EM DASH} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ineya"
        "QM="
    )
    assert is_by(key, parse_signature(line), "This is an example message.\n")
    assert not is_by(key, parse_signature(line), "This is another message.\n")
