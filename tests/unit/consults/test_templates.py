from consults.opinion import Draft, finished
from consults.templates import LIMITS, TEMPLATES, limits, text, with_limit, with_template
from telepath.cases.model import ORGANS


def test_every_organ_has_a_skeleton_in_both_languages_that_could_be_signed() -> None:
    assert set(TEMPLATES) == set(ORGANS)
    for organ in ORGANS:
        for language in ("fr", "en"):
            blank = text(organ, language)
            assert len(blank.conclusion.splitlines()) >= 4
            assert len(blank.description.splitlines()) >= 5
            assert finished(blank).conclusion
    assert "RO (%)" in text("breast", "fr").conclusion
    assert "ER (%)" in text("breast", "en").conclusion
    assert text("unheard-of", "fr") == text("other", "fr")


def test_a_skeleton_comes_behind_what_is_written_and_once() -> None:
    begun = Draft(conclusion="Carcinome.", remarks="Voir plus bas.")
    filled = with_template(begun, "breast", "fr")
    assert filled.conclusion.startswith("Carcinome.\nDiagnostic")
    assert filled.description == text("breast", "fr").description
    assert filled.remarks == begun.remarks
    assert with_template(filled, "breast", "fr") == filled


def test_a_limit_is_a_sentence_of_the_remarks_and_no_other_number_changes_anything() -> None:
    first = with_limit(Draft(), 0, "fr")
    assert first.remarks == limits("fr")[0]
    both = with_limit(first, 1, "fr")
    assert both.remarks.splitlines() == list(limits("fr")[:2])
    assert with_limit(both, 1, "fr") == both
    assert with_limit(both, len(LIMITS), "fr") == with_limit(both, -1, "fr") == both
