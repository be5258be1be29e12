"""The text files that name a slide's parts: sections of fields, with names as they are written. Runs in the sandbox."""

import configparser
from pathlib import Path
from typing import Final

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable

Sections = dict[str, dict[str, str]]
MAX_BYTES: Final = 4 << 20
MAX_NUMBER: Final = 100_000


def read(path: Path) -> Sections:
    """Raises SlideUnreadable, SlideIncomplete: it is not there, SlideForbidden: it is larger than any."""
    if not path.is_file():
        raise SlideIncomplete("error-slide-companion-missing")
    if path.stat().st_size > MAX_BYTES:
        raise SlideForbidden("error-slide-limit", what="directories")
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig", errors="replace"))
    except configparser.Error:
        raise SlideUnreadable from None
    return {name: {key: value or "" for key, value in parser[name].items()} for name in parser.sections()}


def written(sections: Sections, *, mark: bool) -> bytes:
    """``mark``: with a byte order mark in front, as 3DHISTECH's files have it."""
    lines = [line for name, fields in sections.items() for line in (f"[{name}]", *_fields(fields))]
    return ("\ufeff" if mark else "").encode() + "\r\n".join([*lines, ""]).encode()


def _fields(fields: dict[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in fields.items()]


def value(sections: Sections, section: str, key: str, otherwise: str | None = None) -> str:
    """``section`` and ``key`` in small letters. Raises SlideUnreadable: it is not there, and there is nothing otherwise."""
    fields = next((fields for name, fields in sections.items() if name.casefold() == section), {})
    found = next((one for name, one in fields.items() if name.casefold() == key), otherwise)
    if found is None:
        raise SlideUnreadable
    return found


def number(sections: Sections, section: str, key: str) -> int:
    """Raises SlideUnreadable: it is none, or larger than any count of parts."""
    text = value(sections, section, key)
    if not text.strip().isdecimal() or int(text) > MAX_NUMBER:
        raise SlideUnreadable
    return int(text)
