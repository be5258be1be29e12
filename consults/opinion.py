"""The opinion: what an expert drafts, what is signed, and its digest. Pure.

A draft is plain text, as it stands in the editor, and may be unfinished. Signing checks it and turns it into ``Content``.
What is signed is never changed: a correction is a further statement that names the digest of the one before. An addendum adds
to it, an amendment replaces it.
"""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

from telepath.cases.codings import Coding, parse_codings
from telepath.cases.wording import plain
from telepath.errors import Invalid, TooLarge
from telepath.geometry import View
from telepath.ids import ALPHABET

CONCLUSION_LIMIT: Final = 10_000
DESCRIPTION_LIMIT: Final = 20_000
REMARKS_LIMIT: Final = 5_000
CODINGS_LIMIT: Final = 2_000
"""Limits of each text of a draft, in characters."""


class Draft(msgspec.Struct, frozen=True):
    """The texts of the editor. ``codings``: one code a line, its system first: "ADICAP BHGS0040"."""

    conclusion: str = ""
    description: str = ""
    remarks: str = ""
    """Comment, and the limits of reading these slides from afar."""
    codings: str = ""

    def check(self) -> None:
        """Raises TooLarge: a text passes its limit."""
        for field, text, limit in (
            ("conclusion", self.conclusion, CONCLUSION_LIMIT),
            ("description", self.description, DESCRIPTION_LIMIT),
            ("remarks", self.remarks, REMARKS_LIMIT),
            ("codings", self.codings, CODINGS_LIMIT),
        ):
            if len(text) > limit:
                raise TooLarge("error-text-too-long", field=field, limit=limit)

    @property
    def empty(self) -> bool:
        return not any(text.strip() for text in (self.conclusion, self.description, self.remarks, self.codings))


def changed(before: Draft, after: Draft) -> list[str]:
    """Which texts are not the same."""
    return [field for field in Draft.__struct_fields__ if getattr(before, field) != getattr(after, field)]


def fingerprint(draft: Draft) -> str:
    """SHA-256 of a draft, 64 hex digits. Not of what is signed: see ``digest``."""
    return hashlib.sha256(_encoder.encode(draft)).hexdigest()


class ShownField(msgspec.Struct, frozen=True):
    """A field that the expert shows with the opinion (telepath/cases/key_regions.py)."""

    id: str
    slide_id: str
    slide: str
    """What the laboratory had written on the glass."""
    label: str
    view: View
    picture: str
    """SHA-256 of its picture."""


class SlideSeen(msgspec.Struct, frozen=True):
    """How a slide was shown to the expert, as their viewer said (telepath/slides/shown.py)."""

    slide_id: str
    slide: str
    """What the laboratory had written on the glass."""
    colours: tuple[str, ...] = ()
    """``icc``, ``off``, ``failed``, ``none``; nothing: the viewer did not say."""
    profile: str = ""
    """First digits of the digest of the colour profile that was, or could have been, applied."""
    qualities: tuple[str, ...] = ()
    """``native``, ``reduced``."""


class Display(msgspec.Struct, frozen=True):
    """The display check that the expert had done last (telepath/slides/display_check.py)."""

    at: str
    """In UTC to the second, "2026-11-23T08:00:00Z"."""
    seen: int
    trials: int
    faintest: float | None = None
    """ΔE00 of the faintest letter that was read."""


class Shown(msgspec.Struct, frozen=True):
    """How the slides were shown to somebody who signs: of who signs beside the author, kept with the signature."""

    slides: tuple[SlideSeen, ...] = ()
    display: Display | None = None


class Content(msgspec.Struct, frozen=True):
    """What the expert says. Line breaks are kept, spaces around are not."""

    conclusion: str
    description: str = ""
    remarks: str = ""
    codings: tuple[Coding, ...] = ()
    replaces: int = 0
    """Of an amendment: the number of the statement that it replaces."""
    regions: tuple[ShownField, ...] = ()
    slides: tuple[SlideSeen, ...] = ()
    """Those that the expert had opened, each as it was shown."""
    display: Display | None = None
    """None: no display check was done."""


class Kind(StrEnum):
    OPINION = "opinion"
    ADDENDUM = "addendum"
    """Adds to what was signed, which stands."""
    AMENDMENT = "amendment"
    """Replaces what was signed, which stays readable."""


class IdentifiedBy(msgspec.Struct, frozen=True, kw_only=True):
    """Of an author without an RPPS number: who said who they are, and who found in which register that they may practise."""

    provider: str
    """Name of the identity provider, as people read it."""
    authority: str
    """Who keeps the register."""
    number: str
    country: str
    """ISO 3166-1, two letters."""
    verified_by: str
    """Name of the coordinator who looked it up."""
    verified_at: datetime


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """All that a signature covers: what was asked, who answers, when, and the words."""

    consult_id: str
    number: int
    """1 is the opinion; after it come addenda, amendments and further readings."""
    kind: Kind
    question: str
    author_id: str
    institution_id: str
    signed_at: datetime
    content: Content
    previous: str = ""
    """Digest of the statement before: an addendum cannot be moved to another opinion."""
    identified_by: IdentifiedBy | None = None
    """None: Pro Santé Connect, and an RPPS number."""


def finished(draft: Draft) -> Content:
    """The content that a signature may cover.

    Raises Invalid: no conclusion, a line that is no code, the number of a patient, control characters; TooLarge."""
    conclusion = plain(draft.conclusion, field="conclusion", limit=CONCLUSION_LIMIT, lines=True)
    if not conclusion:
        raise Invalid("error-text-missing", field="conclusion")
    return Content(
        conclusion=conclusion,
        description=plain(draft.description, field="description", limit=DESCRIPTION_LIMIT, lines=True),
        remarks=plain(draft.remarks, field="remarks", limit=REMARKS_LIMIT, lines=True),
        codings=parse_codings(plain(draft.codings, field="codings", limit=CODINGS_LIMIT, lines=True)),
    )


_encoder = msgspec.json.Encoder(order="sorted")


def canonical(statement: Statement) -> bytes:
    """The one byte string of a statement: JSON, keys sorted, UTF-8, time in UTC to the microsecond."""
    body = msgspec.to_builtins(statement)
    body["signed_at"] = _instant(statement.signed_at)
    # What was signed before anybody signed without an RPPS number has no such key, and keeps its digest.
    if statement.identified_by is None:
        del body["identified_by"]
    else:
        body["identified_by"]["verified_at"] = _instant(statement.identified_by.verified_at)
    if not statement.content.replaces:
        del body["content"]["replaces"]
    if not statement.content.regions:
        del body["content"]["regions"]
    if not statement.content.slides:
        del body["content"]["slides"]
    if statement.content.display is None:
        del body["content"]["display"]
    return _encoder.encode(body)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def digest(statement: Statement) -> str:
    """SHA-256 of the canonical bytes, 64 hex digits: kept with the opinion, in the audit, and printed on the report."""
    return hashlib.sha256(canonical(statement)).hexdigest()


def verification_code(randomness: bytes) -> str:
    """Twelve characters in three groups, easy to read aloud ("7K3M-9QWD-2XRT"): 60 bits of ``randomness`` (8 bytes)."""
    number = int.from_bytes(randomness[:8], "big")
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(12)).upper()
    return "-".join((letters[:4], letters[4:8], letters[8:]))
