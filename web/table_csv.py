"""Tables for spreadsheets: text in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Final

BOM: Final = b"\xef\xbb\xbf"
"""Begins a file, so that a spreadsheet reads it as UTF-8."""
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""OWASP, CSV injection: a spreadsheet takes a cell that begins with one of these for a formula."""


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """The rows in UTF-8, with line ends as in RFC 4180."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(RISKY) else cell
