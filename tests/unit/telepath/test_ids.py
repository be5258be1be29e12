"""telepath/ids.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.ids import is_id, made_at, make_id

MILLISECONDS = st.integers(0, 2**47)
RANDOM = st.binary(min_size=10, max_size=10)


@given(MILLISECONDS, RANDOM)
def test_every_identifier_has_the_form_of_one(milliseconds: int, randomness: bytes) -> None:
    assert is_id(make_id(milliseconds, randomness))


@given(MILLISECONDS, RANDOM, RANDOM)
def test_identifiers_sort_by_time(milliseconds: int, first: bytes, second: bytes) -> None:
    assert make_id(milliseconds, first) < make_id(milliseconds + 1, second)


@given(MILLISECONDS, RANDOM)
def test_an_identifier_says_when_it_was_made(milliseconds: int, randomness: bytes) -> None:
    assert made_at(make_id(milliseconds, randomness)) == milliseconds


@given(MILLISECONDS, RANDOM, RANDOM)
def test_different_randomness_gives_different_identifiers(milliseconds: int, first: bytes, second: bytes) -> None:
    assert (make_id(milliseconds, first) == make_id(milliseconds, second)) == (first == second)


def test_too_little_randomness_is_an_error() -> None:
    with pytest.raises(ValueError, match="9 random bytes given, 10 needed"):
        make_id(0, bytes(9))


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "I" * 26, "0" * 25, "0" * 27, "é" * 26])
def test_anything_else_is_not_an_identifier(text: str) -> None:
    assert not is_id(text)
    with pytest.raises(ValueError, match="not an identifier"):
        made_at(text)
