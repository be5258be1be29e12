"""A case and its specimens."""

from typing import Any

import msgspec
import pytest

from telepath.cases.model import CaseFacts, case_number, specimen_facts
from telepath.errors import Invalid, TooLarge

GOOD = CaseFacts(number=" 26-00417 ", organ="skin", title=" Lésion du dos ", clinical_context="ABCDE.\r\nÉvolutive.")


def test_facts_are_kept_trimmed() -> None:
    assert GOOD.checked() == CaseFacts(
        number="26-00417", organ="skin", title="Lésion du dos", clinical_context="ABCDE.\nÉvolutive."
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": ""}, "error-text-missing"),
        ({"number": "255081416802538"}, "error-case-number-patient"),
        ({"number": "=CMD()"}, "error-case-number-form"),
        ({"number": "<img src=x>"}, "error-case-number-form"),
        ({"number": "26-00417-"}, "error-case-number-form"),
        ({"organ": "liver"}, "error-case-organ"),
        ({"title": "   "}, "error-text-missing"),
        ({"title": "NIR 2 55 08 14 168 025 38"}, "error-text-patient"),
        ({"proposed_diagnosis": "NIR 2 55 08 14 168 025 38"}, "error-text-patient"),
        ({"gross_description": "x" * 4001}, "error-text-too-long"),
        ({"codings": "OMIM 1"}, "error-coding-unreadable"),
        ({"circumstances": ("rich",)}, "error-field-choice"),
    ],
)
def test_wrong_facts_are_refused_with_what_is_wrong(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        msgspec.structs.replace(GOOD, **change).checked()
    assert caught.value.code == code


def test_everything_that_is_wrong_is_told_together() -> None:
    wrong = CaseFacts(number="", organ="liver", title="NIR 2 55 08 14 168 025 38")
    assert [problem.code for problem in wrong.problems()] == [
        "error-text-missing",
        "error-case-organ",
        "error-text-patient",
    ]
    assert GOOD.problems() == []


def test_a_context_over_its_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        msgspec.structs.replace(GOOD, clinical_context="x" * 4001).checked()


@pytest.mark.parametrize("number", ["26-00417", "H26/417", "P 26.417_b", "7"])
def test_numbers_of_laboratories_pass(number: str) -> None:
    assert case_number(number) == number


def test_a_specimen_needs_a_label() -> None:
    assert specimen_facts(" A ", " Biopsie ") == ("A", "Biopsie")
    with pytest.raises(Invalid):
        specimen_facts("  ", "Biopsie")
