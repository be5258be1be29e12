"""PDF/A by typst: a template of ours, and data that it sets as text, so that nothing typed can become markup."""

import asyncio
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

STANDARDS: Final[list[Any]] = ["a-2a", "ua-1"]
"""PDF/A-2a and PDF/UA-1: fit for the archive, its structure and every character readable by machines and screen readers."""
LAST_LATIN: Final = "\u017f"
_UNPRINTABLE: Final = re.compile(r'(?:the text|the codepoint|contains the codepoint) `"(.+?)"`')


async def pdf(template: Path, data: dict[str, Any], at: datetime) -> bytes:
    """``data``: what the template gets as JSON in ``sys.inputs.document``; ``at``: when it was made, as the file says. The same
    gives the same bytes."""
    return await asyncio.to_thread(_compile, template, data, at)


def _compile(template: Path, data: dict[str, Any], at: datetime) -> bytes:
    import typst  # with its fonts it takes as much memory as all of a node's tiles: not before a first document is wanted

    text = msgspec.json.encode(data).decode()
    unprintable: set[str] = set()
    for _ in range(3):
        try:
            return _typeset(template, _spelled(text, unprintable), at)
        except typst.TypstError as error:
            found = _named_by(error.diagnostic) - unprintable
            if not found:
                raise
            unprintable |= found
    return _typeset(template, _spelled(text, {letter for letter in text if letter > LAST_LATIN}), at)


@cache
def _fonts() -> Any:
    """Those in the wheel, and no others: the same document on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def _typeset(template: Path, text: str, at: datetime) -> bytes:
    import typst

    return typst.compile(
        template,
        font_paths=_fonts(),
        sys_inputs={"document": text},
        pdf_standards=STANDARDS,
        timestamp=at.astimezone(UTC).replace(microsecond=0),  # typst refuses finer times
    )


def _named_by(diagnostic: str) -> set[str]:
    """The characters that typst says no font of ours has, or that PDF/A forbids. It writes them as Rust's Debug does."""
    found = _UNPRINTABLE.findall(diagnostic)
    letters = (re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), text) for text in found)
    return {letter for text in letters for letter in text if letter > "~"}


def _spelled(text: str, unprintable: set[str]) -> str:
    """A character that cannot be set is named, [U+1F52C], and never left out: a hole in an opinion could change it."""
    return text.translate({ord(letter): f"[U+{ord(letter):04X}]" for letter in unprintable})
