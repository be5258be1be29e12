"""What people type who are asked for their national identifier."""

import pytest

from telepath.errors import Invalid
from web.national_number import subject_name_id, subject_of_colleague


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("99700421003", "899700421003"),
        (" 997 0042 1003 ", "899700421003"),
        ("899700421003", "899700421003"),
        ("997\u00a00042\u202f1003", "899700421003"),
        ("ANS20231122132732", "ANS20231122132732"),
        ("500000001815646/CPAT00045", "500000001815646/CPAT00045"),
    ],
)
def test_the_identifier_is_found_in_what_was_typed(typed: str, meant: str) -> None:
    assert subject_name_id(typed) == meant


@pytest.mark.parametrize("typed", ["", "  ", "123", "9970042100", "997004210033", "٩٩٧٠٠٤٢١٠٠٣", "x" * 65, "né"])
def test_what_can_be_none_is_said(typed: str) -> None:
    with pytest.raises(Invalid):
        subject_name_id(typed)


def test_a_colleagues_number_has_its_key_in_production() -> None:
    assert subject_of_colleague(" 8 9970042 1102", strict=True) == "899700421102"
    assert subject_of_colleague("99700421101", strict=False) == "899700421101"
    for typed, strict, code in (
        ("99700421101", True, "error-directory-rpps-key"),
        ("ANS20231122132732", False, "error-directory-rpps"),
        ("", True, "error-directory-rpps"),
    ):
        with pytest.raises(Invalid) as refused:
            subject_of_colleague(typed, strict=strict)
        assert refused.value.code == code
