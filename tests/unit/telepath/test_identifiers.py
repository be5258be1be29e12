"""Numbers of people and places, by their looks."""

import pytest

from telepath.identifiers import State, finess_of, finess_state, luhn, rpps_of, rpps_state, subject_of_rpps


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("99700218896", State.OK),
        ("99700427885", State.OK),
        ("99700771191", State.OK),
        ("99700771192", State.UNUSUAL),
        ("10102727017", State.UNUSUAL),
        ("9970021889", State.NOT_ONE),
        ("997002188960", State.NOT_ONE),
        ("9970021889A", State.NOT_ONE),
        ("٩٩٧٠٠٢١٨٨٩٦", State.NOT_ONE),
        ("99700218896\n", State.NOT_ONE),
        ("", State.NOT_ONE),
    ],
)
def test_an_rpps_number_is_told_by_its_looks(number: str, state: State) -> None:
    assert rpps_state(number) == state


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("540002698", State.OK),
        ("970100228", State.OK),
        ("2A0000014", State.OK),
        ("2B0000020", State.OK),
        ("540002699", State.UNUSUAL),
        ("754567860", State.UNUSUAL),
        ("0B0193488", State.UNUSUAL),
        ("54000269", State.NOT_ONE),
        ("5400026988", State.NOT_ONE),
        ("A40002698", State.NOT_ONE),
        ("0b0193488", State.NOT_ONE),
        ("", State.NOT_ONE),
    ],
)
def test_a_finess_number_is_told_by_its_looks(number: str, state: State) -> None:
    assert finess_state(number) == state


def test_an_unusual_number_is_refused_in_production_only() -> None:
    assert [state.acceptable(strict=True) for state in State] == [True, False, False]
    assert [state.acceptable(strict=False) for state in State] == [True, True, False]


def test_every_single_wrong_digit_is_noticed() -> None:
    good = "99700218896"
    for place, digit in ((place, digit) for place in range(11) for digit in "0123456789"):
        assert luhn(good[:place] + digit + good[place + 1 :]) == (digit == good[place])


def test_the_rpps_number_is_read_out_of_a_national_identifier() -> None:
    assert rpps_of("899700218896") == "99700218896"
    for other in ("099700218896", "ANS20231122132732", "500000001815646/CPAT00045", "8997002188", "", "8"):
        assert rpps_of(other) == ""


def test_numbers_are_found_in_what_people_type() -> None:
    for typed in ("99700218896", "899700218896", " 8 9970 0218\u202f896\n", "\u00a099700218896"):
        assert subject_of_rpps(typed) == "899700218896"
    for other in ("", "9970021889", "999700218896", "8997002188967", "99700218896A", "٩٩٧٠٠٢١٨٨٩٦"):
        assert subject_of_rpps(other) == ""
    assert [finess_of(typed) for typed in (" 9a 000 0001 ", "540002698", "2a0000014")] == [
        "9A0000001",
        "540002698",
        "2A0000014",
    ]
    assert [finess_of(other) for other in ("", "54000269", "A40002698")] == ["", "", ""]
