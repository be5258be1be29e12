"""What the letter to an expert who never came carries."""

import pytest

from consults.asked_token import mint, offer_of
from telepath.ids import make_id

KEY = bytes(range(32))
OFFER = make_id(1, bytes(10))


def test_a_token_opens_the_offer_that_it_was_made_for() -> None:
    assert offer_of(KEY, mint(KEY, OFFER)) == OFFER


def test_nothing_else_opens_anything() -> None:
    token, other = mint(KEY, OFFER), make_id(2, bytes(10))
    signature = token.partition(".")[2]
    for wrong in (
        "",
        OFFER,
        f"{OFFER}.",
        f"{other}.{signature}",
        f"{token}x",
        f" {token}",
        token[:-1],
        f"é.{signature}",
    ):
        assert offer_of(KEY, wrong) == ""
    assert offer_of(bytes(32), token) == ""


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mint(bytes(31), OFFER)
