from pathlib import Path

import pytest

from web.words import Words, WordsMissing, preferred


def folder(tmp_path: Path, **languages: str) -> Path:
    for language in ("fr", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "area.ftl").write_text(languages.get(language, ""))
    return tmp_path


def test_a_message_is_worded_in_the_language_that_was_asked(tmp_path: Path) -> None:
    words = Words(folder(tmp_path, fr="slides = { $count } lames", en="slides = { $count } slides"))
    assert words("fr")("slides", count=3) == "3 lames"
    assert words("en")("slides", count=3) == "3 slides"


def test_an_unknown_language_is_answered_in_the_first(tmp_path: Path) -> None:
    assert Words(folder(tmp_path, fr="hello = Bonjour"))("de")("hello") == "Bonjour"


def test_a_value_is_not_wrapped_in_invisible_marks(tmp_path: Path) -> None:
    assert Words(folder(tmp_path, fr="hello = Bonjour { $name }"))("fr")("hello", name="Zoé") == "Bonjour Zoé"


def test_a_missing_message_or_variable_is_an_error_when_strict(tmp_path: Path) -> None:
    t = Words(folder(tmp_path, fr="hello = Bonjour { $name }"))("fr")
    with pytest.raises(WordsMissing):
        t("absent")
    with pytest.raises(WordsMissing):
        t("hello")


def test_production_falls_back_to_the_other_language_and_then_to_the_name(tmp_path: Path) -> None:
    t = Words(folder(tmp_path, en="only = Only in English"), strict=False)("fr")
    assert t("only") == "Only in English"
    assert t("nowhere") == "nowhere"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.2, fr;q=0.7", "fr"),
        ("de-DE", None),
        ("en;q=0", None),
        ("", None),
        ("*;q=x,,;;q=1", None),
    ],
)
def test_the_browser_s_languages_are_read_by_quality(header: str, language: str | None) -> None:
    assert preferred(header) == language


def test_a_french_line_does_not_break_before_its_high_signs(tmp_path: Path) -> None:
    words = Words(folder(tmp_path, fr="choice = « { $name } » : oui ?", en="choice = “{ $name }” : yes ?"))
    space = "\N{NO-BREAK SPACE}"
    assert words("fr")("choice", name="A : b") == f"«{space}A : b{space}»{space}: oui{space}?"
    assert words("en")("choice", name="x") == "“x” : yes ?"
