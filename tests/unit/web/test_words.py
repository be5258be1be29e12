import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, FluentSerializer, ast

from web.words import LANGUAGES, LOCALE, Words, WordsMissing, preferred


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_alone_is_what_fluent_reads_in_its_file(language: str) -> None:
    """A node parses a message when it is first wanted: so none may need another, and each must be found whole."""
    parser, serializer, words = FluentParser(with_spans=False), FluentSerializer(), Words()
    for path in sorted((LOCALE / language).glob("*.ftl")):
        for entry in parser.parse(path.read_text(encoding="utf-8")).body:
            assert isinstance(entry, ast.Message | ast.BaseComment), path
            if isinstance(entry, ast.Message):
                entry.comment = None
                whole = serializer.serialize_entry(entry)
                (alone,) = parser.parse(words.bundles[language].source(entry.id.name)).body
                assert _breaking(serializer.serialize_entry(alone)) == _breaking(whole)
                assert re.search(r"\{\s*-?[a-z]", whole) is None, f"{entry.id.name} names another message"


def _breaking(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_message_goes_on_over_blank_lines_and_ends_where_another_begins(tmp_path: Path) -> None:
    text = "# of them\nfew = { $what ->\n    [a] First\n\n   *[b] Second\n}\n\nlast = Last\n    line\n"
    t = Words(folder(tmp_path, fr=text))("fr")
    assert (t("few", what="a"), t("few", what="x"), t("last")) == ("First", "Second", "Last\nline")


def test_what_fluent_cannot_read_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WordsMissing):
        Words(folder(tmp_path, fr="broken = { $name"))("fr")("broken", name="x")
