import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.ids import make_id
from telepath.slides.capability import Capability, mint, verify

KEY = bytes(range(32))
SLIDE, OTHER, VIEW = (make_id(1_700_000_000_000 + n, bytes([n] * 10)) for n in range(3))
NOW = 1_700_000_000
GIVEN = Capability(SLIDE, VIEW, 3, NOW + 900)


def test_a_capability_opens_its_slide_until_it_ends() -> None:
    text = mint(KEY, GIVEN)
    assert verify(KEY, SLIDE, text, NOW) == GIVEN
    assert verify(KEY, SLIDE, text, NOW + 899) == GIVEN
    assert verify(KEY, SLIDE, text, NOW + 900) is None


def test_a_capability_opens_no_other_slide() -> None:
    assert verify(KEY, OTHER, mint(KEY, GIVEN), NOW) is None


def test_a_capability_of_another_service_is_worth_nothing() -> None:
    assert verify(KEY, SLIDE, mint(bytes(32), GIVEN), NOW) is None


@pytest.mark.parametrize("place", range(len(mint(KEY, GIVEN))))
def test_a_capability_with_one_character_changed_is_worth_nothing(place: int) -> None:
    text = mint(KEY, GIVEN)
    changed = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
    assert verify(KEY, SLIDE, changed, NOW) is None


@given(st.text(max_size=300))
def test_anything_else_is_worth_nothing(text: str) -> None:
    assert verify(KEY, SLIDE, text, NOW) is None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mint(b"short", GIVEN)
