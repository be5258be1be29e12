"""What people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.cases.wording import looks_like_a_patient, names_a_patient, plain
from telepath.errors import Invalid, TooLarge

# The example that textbooks give, and one of Corsica: nobody's.
NIR = "255081416802538"
CORSICAN = "184062A00401238"


def test_text_is_trimmed_and_composed() -> None:
    assert plain("  prélèvement \n", field="title", limit=20) == "prélèvement"


def test_nothing_but_spaces_is_nothing_where_something_is_required() -> None:
    assert plain(" ", field="name", limit=10) == ""
    with pytest.raises(Invalid) as refused:
        plain(" ", field="name", limit=10, required=True)
    assert (refused.value.code, refused.value.params) == ("error-field-missing", {"field": "name"})


def test_line_ends_of_forms_become_ours() -> None:
    assert plain("un\r\ndeux", field="line", limit=20, lines=True) == "un\ndeux"


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\x7f", "\u202e", "\u2067", "\ud800"])
def test_control_characters_and_reversing_marks_are_refused(letter: str) -> None:
    with pytest.raises(Invalid) as caught:
        plain(f"a{letter}b", field="line", limit=20, lines=True)
    assert caught.value.code == "error-text-control"


def test_one_line_takes_no_line_end() -> None:
    with pytest.raises(Invalid):
        plain("un\ndeux", field="title", limit=20)


def test_a_text_over_its_limit_is_refused_with_the_limit() -> None:
    with pytest.raises(TooLarge) as caught:
        plain("x" * 21, field="title", limit=20)
    assert caught.value.params == {"field": "title", "limit": 20}


def test_a_megabyte_of_combining_characters_is_refused_before_it_is_composed() -> None:
    with pytest.raises(TooLarge):
        plain("e" + "\u0301" * 1_000_000, field="title", limit=200)


@given(st.text(max_size=300))
def test_what_is_kept_is_kept_again_as_it_is(text: str) -> None:
    try:
        kept = plain(text, field="line", limit=200, lines=True)
    except Invalid:
        return
    assert plain(kept, field="line", limit=200, lines=True) == kept


@pytest.mark.parametrize(
    "text", [NIR, CORSICAN, "2 55 08 14 168 025 38", "vue en 2024, NIR 2.55.08.14.168.025-38, revue"]
)
def test_a_social_security_number_in_a_text_is_refused(text: str) -> None:
    assert names_a_patient(text)
    with pytest.raises(Invalid) as caught:
        plain(text, field="line", limit=200)
    assert caught.value.code == "error-text-patient"


def test_the_same_digits_with_another_key_are_a_number_like_any_other() -> None:
    assert not names_a_patient(NIR[:-2] + "39")


@pytest.mark.parametrize("number", [NIR, CORSICAN, NIR[:13], "2 55 08 14 168 025"])
def test_a_case_number_of_the_form_of_a_social_security_number_is_refused(number: str) -> None:
    assert looks_like_a_patient(number)


@pytest.mark.parametrize("number", ["26-00417", "H2600417", "2026110012345", "26P004171", NIR[:-2] + "39"])
def test_numbers_of_laboratories_are_not_patients(number: str) -> None:
    assert not looks_like_a_patient(number)
