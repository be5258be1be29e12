"""Does the label of a slide name the case it was sent to? Pure.

Laboratories print what they like on their labels, so most barcodes prove nothing: what is not understood is *not verified*, and
no disagreement. A disagreement is what is understood and names something else:

- the number of another case that the institution knows, in full or without the zeros in front;
- a number built exactly as the case's own (``26-00417`` and ``26-00418``), though nobody knows it yet;
- right behind the case's number, another block (``A1`` and ``B2``), or a specimen that is not the slide's, or not of the case;
- the FINESS number or the name of another institution that the service knows.

Numbers are compared piece by piece: ``26-00417`` is found in ``CAY 2600417 A1`` and in ``026/0417-A1``, not in ``26-004170``.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

TOLD: Final = 80
"""Characters of what a label says that are told to its sender."""
DISTINCT: Final = 4
"""A shorter number of a case cannot be told from a block's, and is looked for in no other label."""
_PIECES: Final = re.compile(r"[0-9]+|[A-Z]+")
_PIECE_BEHIND: Final = re.compile(r"[^0-9A-Z]*([A-Z]+[0-9]{0,3}|[0-9]{1,3})(?![0-9A-Z])")
_BLOCK: Final = re.compile(r"([A-Z])([0-9]{0,3})")
_FINESS: Final = re.compile(r"(?<![0-9A-Z])[0-9][0-9AB][0-9A-Z][0-9]{6}(?![0-9A-Z])")


class Source(StrEnum):
    """Where a text of the label comes from."""

    BARCODE = "barcode"
    """A barcode in the picture of the label, or its text in the file."""
    SPECIMEN = "specimen"
    """What the file says the specimen is."""
    INSTITUTION = "institution"
    """Where the file says it was made: a name."""


class Mark(msgspec.Struct, frozen=True):
    """A text that came with the slide."""

    source: Source
    text: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender says: to which case, of which specimen (its label) and block; "": not said."""

    number: str
    finess: str
    institution: str
    specimens: tuple[str, ...] = ()
    """The labels of all specimens of the case."""
    specimen: str = ""
    block: str = ""


class Known(msgspec.Struct, frozen=True):
    """What else a label could name: other cases of the institution, and other institutions (FINESS → name)."""

    numbers: Collection[str]
    institutions: Mapping[str, str]


class Verdict(StrEnum):
    VERIFIED = "verified"
    """Some text of the label names the case."""
    UNVERIFIED = "unverified"
    """Nothing to read, or nothing that is understood."""
    MISMATCHED = "mismatched"


class Problem(msgspec.Struct, frozen=True):
    """``kind``: case, block, specimen or institution. ``expected``: by the sender; ``found``: on the label."""

    kind: str
    expected: str
    found: str


class Checked(msgspec.Struct, frozen=True):
    verdict: Verdict
    problems: tuple[Problem, ...] = ()


def check(marks: Iterable[Mark], expected: Expected, known: Known) -> Checked:
    """Mismatched as soon as one text disagrees, whatever the others say."""
    named, problems = False, []
    for mark in marks:
        text = _plain(mark.text)
        if mark.source is Source.INSTITUTION:
            other = _institution_named(text, expected, known)
            if other:
                problems.append(Problem("institution", expected.institution, other))
            continue
        finess = next((code for code in _FINESS.findall(text) if code != expected.finess), "")
        if finess in known.institutions:
            problems.append(Problem("institution", expected.institution, known.institutions[finess]))
        place = _place(expected.number, text, exactly=True)
        another = _another(text, place, expected, known)
        if another is None and place is None:
            place = _place(expected.number, text, exactly=False)
            another = _another(text, place, expected, known, exactly=False) or (
                _built_alike(expected.number, text) if place is None else None
            )
        if another is not None:
            problems.append(Problem("case", expected.number, another))
        elif place is not None:
            named = True
            problems += _parts(text[place[1] :], expected)
    told = tuple(dict.fromkeys(msgspec.structs.replace(one, found=one.found[:TOLD]) for one in problems))
    if told:
        return Checked(Verdict.MISMATCHED, told)
    return Checked(Verdict.VERIFIED if named else Verdict.UNVERIFIED)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _pieces(number: str) -> list[str]:
    return _PIECES.findall(_plain(number))


def _pattern(number: str, *, exactly: bool) -> re.Pattern[str] | None:
    """Finds a number of a case in a text; ``exactly``: each run of digits as long as it is."""
    pieces = _pieces(number)
    if not pieces:
        return None
    whole = "[^0-9A-Z]*".join(pieces) if exactly else _without_zeros(pieces)
    before = "(?<![0-9])" if pieces[0].isdigit() else "(?<![A-Z])"
    after = "(?![0-9])" if pieces[-1].isdigit() else "(?![A-Z])"
    return re.compile(before + whole + after)


def _without_zeros(pieces: list[str]) -> str:
    """The pattern of a number whose runs of digits may begin with any zeros: only a sign between two of them then tells where
    one ends."""
    runs = [f"0*{piece.lstrip('0')}" if piece.isdigit() and piece.strip("0") else piece for piece in pieces]
    whole = runs[0]
    for (before, piece), run in zip(pairwise(pieces), runs[1:], strict=True):
        whole += ("[^0-9A-Z]+" if before.isdigit() and piece.isdigit() else "[^0-9A-Z]*") + run
    return whole


def _may_stand(pieces: list[str], squeezed: str, *, exactly: bool) -> bool:
    """Whether ``squeezed`` has what a number is made of. To look further takes a hundred times as long, and an institution has
    a hundred thousand numbers."""
    if exactly:
        return "".join(pieces) in squeezed
    return all(piece.lstrip("0") in squeezed for piece in pieces)


def _place(number: str, text: str, *, exactly: bool) -> tuple[int, int] | None:
    """Where ``text`` names the number; None: nowhere."""
    pattern = _pattern(number, exactly=exactly)
    found = pattern.search(text) if pattern is not None else None
    return found.span() if found is not None else None


def _another(
    text: str, place: tuple[int, int] | None, expected: Expected, known: Known, *, exactly: bool = True
) -> str | None:
    """The number of another case that the text names; not one that is merely a part of the case's own number."""
    squeezed = "".join(_PIECES.findall(text))
    own = _pieces(expected.number)
    for number in known.numbers:
        pieces = _pieces(number)
        whole = "".join(pieces)
        if pieces == own or len(whole) < DISTINCT or not _may_stand(pieces, squeezed, exactly=exactly):
            continue
        found = _place(number, text, exactly=exactly)
        if found is None or (place is not None and place[0] <= found[0] and found[1] <= place[1]):
            continue
        return number
    return None


def _built_alike(number: str, text: str) -> str | None:
    """A number in ``text`` with the same letters, signs and counts of digits as the case's own; None: there is none, or
    the number is built like any other."""
    plain = _plain(number)
    if len(_pieces(number)) < 2 or plain.isalnum():
        return None
    shape = "".join(r"[0-9]" if sign.isdigit() else re.escape(sign) for sign in plain)
    found = re.search(rf"(?<![0-9A-Z]){shape}(?![0-9])", text)
    return found[0] if found is not None and found[0] != plain else None


def _parts(rest: str, expected: Expected) -> list[Problem]:
    """What follows the number of the case: a block, whose letter is mostly the specimen's."""
    found = _PIECE_BEHIND.match(rest)
    piece = _BLOCK.fullmatch(found[1]) if found is not None else None
    if piece is None:
        return []
    letter, number = piece[1], piece[2].lstrip("0")
    problems = []
    block = _BLOCK.fullmatch("".join(_pieces(expected.block)))
    if block is not None and number and block[2] and (block[1], block[2].lstrip("0")) != (letter, number):
        problems.append(Problem("block", expected.block, piece[0]))
    lettered = [label for label in expected.specimens if re.fullmatch("[A-Z]", _plain(label))]
    if re.fullmatch("[A-Z]", _plain(expected.specimen)) and letter != _plain(expected.specimen):
        problems.append(Problem("specimen", expected.specimen, letter))
    elif lettered and len(lettered) == len(expected.specimens) and letter not in map(_plain, lettered):
        problems.append(Problem("specimen", ", ".join(sorted(expected.specimens)), letter))
    return problems


def _institution_named(text: str, expected: Expected, known: Known) -> str:
    """The name of another institution that the service knows, or nothing."""
    said = "".join(_PIECES.findall(_bare(text)))
    if not said or said == "".join(_PIECES.findall(_bare(expected.institution))):
        return ""
    return next(
        (name for code, name in known.institutions.items() if code != expected.finess and _same(name, said)), ""
    )


def _same(name: str, said: str) -> bool:
    return "".join(_PIECES.findall(_bare(name))) == said


def _bare(text: str) -> str:
    """In capitals, without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", _plain(text)) if not unicodedata.combining(sign))
