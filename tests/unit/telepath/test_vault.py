"""The vault: what was put under a key comes back under that key, in that place, and nowhere else."""

import itertools
from base64 import b64decode, b64encode

import pytest

from telepath.actor import Subject
from telepath.vault import KEY, NONCE, Vault

ZOE, KARIM = Subject("person", "zoe"), Subject("person", "karim")
FIELDS = {"subject_name_id": "899700421102", "address": "203.0.113.7"}


def vault(master: int = 1) -> Vault:
    numbers = itertools.count()
    return Vault(bytes([master]) * KEY, lambda length: next(numbers).to_bytes(length, "big"))


def test_what_was_closed_is_opened_with_its_key_in_its_place() -> None:
    one = vault()
    key = one.new_key()
    text = one.closed(key, "record-1", FIELDS)
    assert Vault.opened(key, "record-1", text) == FIELDS
    assert "899700421102" not in text
    assert b"899700421102" not in b64decode(text)


def test_another_key_opens_nothing() -> None:
    one = vault()
    text = one.closed(one.new_key(), "record-1", FIELDS)
    with pytest.raises(ValueError, match="not what was put"):
        Vault.opened(one.new_key(), "record-1", text)


def test_a_ciphertext_that_was_moved_to_another_record_is_refused() -> None:
    one = vault()
    key = one.new_key()
    text = one.closed(key, "record-1", FIELDS)
    with pytest.raises(ValueError, match="not what was put"):
        Vault.opened(key, "record-2", text)


@pytest.mark.parametrize("place", [0, NONCE, -1])
def test_an_altered_ciphertext_is_refused(place: int) -> None:
    one = vault()
    key = one.new_key()
    raw = bytearray(b64decode(one.closed(key, "record-1", FIELDS)))
    raw[place] ^= 1
    with pytest.raises(ValueError, match="not what was put"):
        Vault.opened(key, "record-1", b64encode(raw).decode())


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!"])
def test_what_is_no_ciphertext_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Vault.opened(bytes(KEY), "record-1", text)


def test_the_same_fields_twice_look_different() -> None:
    one = vault()
    key = one.new_key()
    assert one.closed(key, "record-1", FIELDS) != one.closed(key, "record-1", FIELDS)


def test_a_wrapped_key_comes_back_for_its_subject_alone() -> None:
    one = vault()
    key = one.new_key()
    wrapped = one.wrapped(ZOE, key)
    assert one.unwrapped(ZOE, wrapped) == key
    assert key not in wrapped
    with pytest.raises(ValueError, match="not wrapped by this vault"):
        one.unwrapped(KARIM, wrapped)


def test_a_key_that_another_master_key_wrapped_is_refused() -> None:
    wrapped = vault(1).wrapped(ZOE, bytes(KEY))
    with pytest.raises(ValueError, match="not wrapped by this vault"):
        vault(2).unwrapped(ZOE, wrapped)


@pytest.mark.parametrize("wrapped", [b"", bytes(NONCE), bytes(NONCE + KEY)])
def test_a_damaged_wrapped_key_is_refused(wrapped: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        vault().unwrapped(ZOE, wrapped)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(length), bytes)
