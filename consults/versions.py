"""What was signed, as it is read: which text stands, what replaced it, and who may see it yet. Pure."""

from collections.abc import Sequence

import msgspec

from consults.completion import SIGNS_BESIDE, Signature, led_by
from consults.kinds import ReadingRole
from consults.model import Consult, Opinion, Reading
from consults.opinion import Kind


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One signed statement, among the others. Titled in web/locale as ``version-<title>``."""

    opinion: Opinion
    title: str
    """``opinion``, ``third``, ``addendum`` or ``amendment``."""
    ordinal: int
    """1 for the first addendum, or amendment, of its reading."""
    superseded_by: int = 0
    """The number of the amendment that replaced it; 0: it stands."""
    beside: tuple[Signature, ...] = ()
    """Who signed it too, in order."""

    @property
    def stands(self) -> bool:
        return self.superseded_by == 0


def versions(
    opinions: Sequence[Opinion], readings: Sequence[Reading], signatures: Sequence[Signature] = ()
) -> list[Version]:
    """In the order in which they were signed. An amendment replaces all that its reader had signed before."""
    roles = {one.id: one.role for one in readings}
    made = []
    for opinion in opinions:
        later = [
            one.number
            for one in opinions
            if one.kind is Kind.AMENDMENT and one.reading_id == opinion.reading_id and one.number > opinion.number
        ]
        alike = [
            one
            for one in opinions
            if one.reading_id == opinion.reading_id and one.kind is opinion.kind and one.number <= opinion.number
        ]
        third = roles.get(opinion.reading_id) is ReadingRole.THIRD and opinion.kind is Kind.OPINION
        beside = sorted((one for one in signatures if one.opinion_id == opinion.id), key=lambda one: one.signed_at)
        made.append(
            Version(
                opinion=opinion,
                title="third" if third else str(opinion.kind),
                ordinal=len(alike),
                superseded_by=min(later, default=0),
                beside=tuple(beside),
            )
        )
    return made


def visible(
    consult: Consult, readings: Sequence[Reading], opinions: Sequence[Opinion], mine: Reading | None
) -> list[Opinion]:
    """What this reader may see: what was released; before, a reader what they signed or are to sign. ``mine``: the reading of
    whoever looks, if any."""
    own = set() if mine is None else {mine.id}
    if mine is not None and mine.role in SIGNS_BESIDE and (lead := led_by(readings, mine)) is not None:
        own.add(lead.id)
    return [one for one in opinions if one.number <= consult.opinions_released or one.reading_id in own]


def sealed(consult: Consult, mine: Reading | None) -> bool:
    """Whether the first diagnosis is hidden from this reader: they read blind, and have neither committed an opinion nor asked
    to see it. Not from who countersigns: they judge an opinion that stands."""
    return (
        consult.blind
        and mine is not None
        and mine.role is not ReadingRole.COUNTERSIGNER
        and mine.revealed_at is None
        and not mine.signed
    )
