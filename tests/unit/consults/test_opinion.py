from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.opinion import (
    CONCLUSION_LIMIT,
    Content,
    Draft,
    IdentifiedBy,
    Kind,
    Statement,
    canonical,
    digest,
    finished,
    verification_code,
)
from telepath.cases.codings import Coding, parse_codings
from telepath.errors import Invalid, TooLarge

STATEMENT = Statement(
    consult_id="c",
    number=1,
    kind=Kind.OPINION,
    question="Lymphome ?",
    author_id="e",
    institution_id="i",
    signed_at=datetime(2026, 3, 11, 12, 0, tzinfo=UTC),
    content=Content("Lymphome folliculaire, grade 1-2.", codings=(Coding("ADICAP", "BHSGH7A0"),)),
)


def test_on_whose_word_an_expert_without_an_rpps_number_signs_is_part_of_what_is_signed() -> None:
    assert b"identified_by" not in canonical(STATEMENT)
    word = IdentifiedBy(
        provider="KU Leuven",
        authority="Ordre des médecins",
        number="1-23456-78",
        country="BE",
        verified_by="Dr Cora Veille",
        verified_at=datetime(2026, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=1))),
    )
    signed = msgspec.structs.replace(STATEMENT, identified_by=word)
    assert b'"verified_at":"2026-03-01T08:00:00.000000+00:00"' in canonical(signed)
    other = msgspec.structs.replace(signed, identified_by=msgspec.structs.replace(word, number="1-23456-79"))
    assert len({digest(STATEMENT), digest(signed), digest(other)}) == 3


def test_an_opinion_without_a_conclusion_cannot_be_signed() -> None:
    with pytest.raises(Invalid) as refused:
        finished(Draft(conclusion=" \n ", description="Prolifération nodulaire."))
    assert refused.value.params["field"] == "conclusion"


def test_line_breaks_are_kept_and_spaces_around_are_not() -> None:
    assert finished(Draft(conclusion="  Un.\r\n\r\nDeux.  \n")).conclusion == "Un.\n\nDeux."


def test_a_draft_that_passes_a_limit_is_refused_with_its_field() -> None:
    with pytest.raises(TooLarge) as refused:
        Draft(conclusion="x" * (CONCLUSION_LIMIT + 1)).check()
    assert refused.value.params == {"field": "conclusion", "limit": CONCLUSION_LIMIT}


def test_the_number_of_a_patient_cannot_be_signed() -> None:
    with pytest.raises(Invalid) as refused:
        finished(Draft(conclusion="Patiente 2 79 03 51 215 189 89"))
    assert refused.value.code == "error-text-patient"


def test_codes_are_read_one_a_line_with_their_system() -> None:
    text = "adicap BHSGH7A0\n\nICD-O: 9690/3\nSNOMED CT 55150002\nCIM-10 C82.0"
    assert parse_codings(text) == (
        Coding("ADICAP", "BHSGH7A0"),
        Coding("ICD-O", "9690/3"),
        Coding("SNOMED CT", "55150002"),
        Coding("CIM-10", "C82.0"),
    )


@pytest.mark.parametrize(
    ("line", "coding"),
    [("CIM-O 9690/3", Coding("ICD-O", "9690/3")), ("icd-10: C82.0", Coding("CIM-10", "C82.0"))],
)
def test_a_system_may_be_called_by_its_name_in_the_other_language(line: str, coding: Coding) -> None:
    assert parse_codings(line) == (coding,)


@pytest.mark.parametrize("line", ["BHSGH7A0", "ADICAP", "ADICAP :", "ADICAPBHSG", "LOINC 1234-5"])
def test_a_line_that_is_no_code_is_named(line: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_codings(f"ADICAP BHSGH7A0\n{line}")
    assert refused.value.params["line"] == line


def test_the_digest_is_that_of_the_canonical_bytes_whatever_the_zone_of_the_signature() -> None:
    elsewhere = STATEMENT.signed_at.astimezone(timezone(timedelta(hours=-3)))
    assert digest(msgspec.structs.replace(STATEMENT, signed_at=elsewhere)) == digest(STATEMENT)
    assert digest(STATEMENT) == "b34ac71bb6b07241c2302ef9627bbb5f1a5e83f829ce441d111811834c96a048"


def test_canonical_bytes_sort_their_keys_and_keep_accents_readable() -> None:
    body = canonical(msgspec.structs.replace(STATEMENT, question="Évolutivité ?"))
    assert body.startswith(b'{"author_id":"e","consult_id":"c","content":{"codings":')
    assert "Évolutivité ?".encode() in body
    assert b'"signed_at":"2026-03-11T12:00:00.000000+00:00"' in body


FIELDS = st.sampled_from(["consult_id", "question", "author_id", "institution_id", "previous"])


@given(FIELDS, st.text(min_size=1))
def test_the_digest_changes_with_anything_that_the_signature_covers(field: str, text: str) -> None:
    changed = msgspec.structs.replace(STATEMENT, **{field: getattr(STATEMENT, field) + text})
    assert digest(changed) != digest(STATEMENT)


@given(st.text(), st.text())
def test_text_cannot_move_from_one_field_to_the_next_unnoticed(left: str, right: str) -> None:
    one = msgspec.structs.replace(STATEMENT, content=Content("x" + left, description=right))
    other = msgspec.structs.replace(STATEMENT, content=Content("x", description=left + right))
    assert (digest(one) == digest(other)) == (left == "")


@given(st.binary(min_size=8, max_size=8))
def test_a_verification_code_has_three_groups_without_look_alikes(randomness: bytes) -> None:
    code = verification_code(randomness)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set("ILOU") & set(code)
