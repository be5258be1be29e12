"""Diagnostic codes in words, as far as we have words for them."""

from collections.abc import Iterable

import msgspec

from consults import adicap
from telepath.cases.codings import Coding
from web.words import Wording


class Worded(msgspec.Struct, frozen=True):
    coding: Coding
    said: str
    """"": the code alone has to do."""


def in_words(t: Wording, codings: Iterable[Coding]) -> list[Worded]:
    return [Worded(one, _said(t, one)) for one in codings]


def _said(t: Wording, coding: Coding) -> str:
    code = adicap.parse(coding.code) if coding.system == "ADICAP" else None
    return "" if code is None else " · ".join(t(part) for part in code.parts())
