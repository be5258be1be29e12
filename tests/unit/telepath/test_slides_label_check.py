import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telepath.slides.label_check import Expected, Known, Mark, Problem, Source, Verdict, check

HERE = Expected(number="26-00417", finess="9A0000001", institution="CH de Cayenne")
KNOWN = Known({"26-00417", "26-00418", "T-12", "7"}, {"9A0000001": "CH de Cayenne", "9A0000002": "CHU de Lille"})


def said(*texts: str, expected: Expected = HERE, **facts: object) -> tuple[Verdict, list[tuple[str, str]]]:
    marks = [Mark(Source.BARCODE, text) for text in texts]
    found = check(marks, msgspec.structs.replace(expected, **facts), KNOWN)
    return found.verdict, [(one.kind, one.found) for one in found.problems]


@pytest.mark.parametrize(
    "text",
    [
        "26-00417",
        "26-00417-A1",
        "2600417",
        "2600417A1",
        "CAY 26/00417 B2 HES",
        "h26-00417",
        "026-0417-A1",
        "26-417 A1",
        "\uff12\uff16-00417",  # full-width digits are digits
        "https://laboratory.example/26-00417/A1",
        "26-00417;A1;9A0000001",
    ],
)
def test_a_label_that_names_the_case_is_verified(text: str) -> None:
    assert said(text) == (Verdict.VERIFIED, [])


@pytest.mark.parametrize("text", ["", "0001234567", "26-004170", "126-00417", "A1 HES", "CMU-1", "26"])
def test_a_label_in_a_scheme_that_nobody_knows_is_not_verified_and_no_disagreement(text: str) -> None:
    assert said(text) == (Verdict.UNVERIFIED, [])
    assert said() == (Verdict.UNVERIFIED, [])


def test_the_number_of_another_case_is_a_disagreement_in_any_writing() -> None:
    for text in ("26-00418", "26-00418-A1", "2600418A1", "26-418", "x 26/0418"):
        assert said(text) == (Verdict.MISMATCHED, [("case", "26-00418")]), text
    # Nobody knows it yet, but it is built as numbers are here.
    assert said("26-00999-A1") == (Verdict.MISMATCHED, [("case", "26-00999")])
    assert said("26-00417 26-00418") == (Verdict.MISMATCHED, [("case", "26-00418")])
    # One barcode that is right does not outweigh one that is wrong.
    assert said("26-00417", "26-00418") == (Verdict.MISMATCHED, [("case", "26-00418")])


def test_a_known_number_wins_over_one_that_only_lacks_its_zeros() -> None:
    known = Known({"26-0417", "26-00417"}, {})
    found = check([Mark(Source.BARCODE, "26-0417-A1")], HERE, known)
    assert found.problems == (Problem("case", "26-00417", "26-0417"),)
    assert check([Mark(Source.BARCODE, "26-00417")], HERE, known).verdict is Verdict.VERIFIED


def test_a_number_that_is_part_of_the_own_one_names_no_other_case() -> None:
    assert (
        check(
            [Mark(Source.BARCODE, "CAY-26-0412")],
            msgspec.structs.replace(HERE, number="CAY-26-0412"),
            Known({"26-0412"}, {}),
        ).verdict
        is Verdict.VERIFIED
    )
    longer = check(
        [Mark(Source.BARCODE, "CAY-26-0412")],
        msgspec.structs.replace(HERE, number="26-0412"),
        Known({"CAY-26-0412"}, {}),
    )
    assert longer.problems == (Problem("case", "26-0412", "CAY-26-0412"),)


def test_the_block_behind_the_number_must_be_the_one_that_was_said() -> None:
    assert said("26-00417-A1", block="A1") == (Verdict.VERIFIED, [])
    assert said("26-00417-A01-HES", block="A1") == (Verdict.VERIFIED, [])
    assert said("26-00417-B2", block="A1") == (Verdict.MISMATCHED, [("block", "B2")])
    # A stain, or a number of the laboratory, is no block.
    for text in ("26-00417-HES", "26-00417-CD20", "26-00417-3"):
        assert said(text, block="A1") == (Verdict.VERIFIED, []), text


def test_the_specimen_behind_the_number_must_be_of_the_case() -> None:
    two = ("A", "B")
    assert said("26-00417-A1", specimens=two, specimen="A") == (Verdict.VERIFIED, [])
    assert said("26-00417-B1", specimens=two, specimen="A") == (Verdict.MISMATCHED, [("specimen", "B")])
    assert said("26-00417-D1", specimens=two) == (Verdict.MISMATCHED, [("specimen", "D")])
    assert said("26-00417-D1", specimens=("biopsie", "A")) == (Verdict.VERIFIED, [])


def test_another_institution_on_the_label_is_a_disagreement() -> None:
    assert said("9A0000002 26-00417") == (Verdict.MISMATCHED, [("institution", "CHU de Lille")])
    for text, verdict in (
        ("CHU DE LILLE", Verdict.MISMATCHED),
        ("Chu de Lille", Verdict.MISMATCHED),
        ("CH de Cayenne", Verdict.UNVERIFIED),
        ("Anonymised Hospital", Verdict.UNVERIFIED),
    ):
        assert check([Mark(Source.INSTITUTION, text)], HERE, KNOWN).verdict is verdict, text


@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=8))
def test_any_text_on_a_label_gets_an_answer(text: str, number: str, block: str) -> None:
    expected = msgspec.structs.replace(HERE, number=number, block=block, specimens=("A", block))
    check([Mark(source, text) for source in Source], expected, Known({number, text, block}, {text: number}))


@given(st.from_regex(r"[0-9]{2}-[0-9]{5}", fullmatch=True), st.from_regex(r"[0-9]{2}-[0-9]{5}", fullmatch=True))
@example("00-00000", "00-00001")
@example("01-00100", "00-01100")
def test_two_numbers_of_one_scheme_never_pass_for_each_other(one: str, other: str) -> None:
    expected = msgspec.structs.replace(HERE, number=one)
    verdict = check([Mark(Source.BARCODE, f"{other}-A1")], expected, Known({one}, {})).verdict
    assert verdict is (Verdict.VERIFIED if one == other else Verdict.MISMATCHED)
