"""Every sentence of the service, from web/locale/<language>/*.ftl (Project Fluent), and which language a reader wants."""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Resource

LANGUAGES: Final = ("fr", "en")
"""The first is the language of the service: used when nobody says otherwise."""
LOCALE: Final = Path(__file__).parent / "locale"

# French puts a space before these signs and inside its quotes, where a line must not break.
_FRENCH: Final = re.compile(r"(?<=\S) (?=[:;?!»%])|(?<=«) ")
# A message begins in the first column and goes on as long as lines are indented, or close a placeable.
_ENTRY: Final = re.compile(r"^([a-zA-Z][a-zA-Z0-9_-]*) *=.*(?:\n+[ }].*)*", re.MULTILINE)

log = logging.getLogger("telepath.words")


class WordsMissing(LookupError):
    """A message, or a variable of it, that web/locale does not have."""


class Wording:
    """The sentences of one language: ``t("worklist-title")``, ``t("cases-slides", count=3)``."""

    def __init__(self, words: "Words", language: str) -> None:
        self._words = words
        self.language = language

    def __call__(self, message: str, /, **params: object) -> str:
        """Return the worded message. Raises WordsMissing when strict; else the other language's words, or the id."""
        return self._words.format(self.language, message, params)

    def has(self, message: str) -> bool:
        return message in self._words.bundles[self.language]


class Words:
    """All languages, read once: ``words("fr")`` is the Wording of one.

    ``strict`` (tests, development) raises on a missing message or variable; production falls back to the other language and
    logs it, because a page half in English is better than none."""

    def __init__(self, folder: Path = LOCALE, *, strict: bool = True) -> None:
        self.strict = strict
        self.bundles = {language: _Bundle(folder / language, language) for language in LANGUAGES}
        self._wordings = {language: Wording(self, language) for language in LANGUAGES}

    def __call__(self, language: str) -> Wording:
        """The wording of ``language``; of the first language when it is not one of ours."""
        return self._wordings.get(language, self._wordings[LANGUAGES[0]])

    def format(self, language: str, message: str, params: Mapping[str, object]) -> str:
        try:
            return self.bundles[language].format(message, params)
        except WordsMissing as missing:
            if self.strict:
                raise
            log.error("words missing in %s: %s", language, missing)
        for other in LANGUAGES:
            if other != language:
                try:
                    return self.bundles[other].format(message, params)
                except WordsMissing:
                    continue
        return message


class _Bundle:
    """A message is parsed when it is first wanted: the parsed trees of all of them would take 16 MB, and most of a second."""

    def __init__(self, folder: Path, language: str) -> None:
        self._language = language
        self._sources = _sources(folder, language)

    @cached_property
    def _fluent(self) -> FluentBundle:
        """With what Unicode knows of the language: 4 MB for the first, 1 MB more for another."""
        # Isolating marks (U+2068) around each value would end in titles, mails and PDF; none of our languages needs them.
        return FluentBundle([self._language], use_isolating=False)

    def __contains__(self, message: str) -> bool:
        return message in self._sources

    def source(self, message: str) -> str:
        """As it stands in web/locale."""
        return self._sources[message]

    def format(self, message: str, params: Mapping[str, object]) -> str:
        if message not in self:
            raise WordsMissing(message)
        if not self._fluent.has_message(message):
            self._fluent.add_resource(_parsed(self.source(message)))
        try:
            pattern = self._fluent.get_message(message).value
        except LookupError:  # Fluent could not read it
            pattern = None
        if pattern is None:
            raise WordsMissing(message)
        text, errors = self._fluent.format_pattern(pattern, dict(params))
        if errors:
            raise WordsMissing(f"{message}: {'; '.join(str(error) for error in errors)}")
        return str(text)


@cache
def _sources(folder: Path, language: str) -> Mapping[str, str]:
    """What defines each message, as it is written. Read once in a process. No message of ours names another one."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.ftl")):
        text = path.read_text(encoding="utf-8")
        for entry in _ENTRY.finditer(_FRENCH.sub("\N{NO-BREAK SPACE}", text) if language == "fr" else text):
            found.setdefault(entry[1], entry[0])
    return found


@cache
def _parsed(source: str) -> Resource:
    return FluentResource(source)


def preferred(header: str) -> str | None:
    """The first of our languages in an Accept-Language header, by quality; None when it names none of them."""
    best: tuple[float, str] | None = None
    for language, quality in _ranges(header):
        if language in LANGUAGES and quality > 0 and (best is None or quality > best[0]):
            best = quality, language
    return best[1] if best else None


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header[:400].split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        yield tag.strip().lower().split("-")[0], quality
