"""What the pages of consults say of experts and of the reasons for and against them, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from math import ceil
from typing import Final

import babel.dates
import msgspec

from consults.expert import Param, Reason
from consults.model import Offer
from consults.routing import DESPITE, Exclusion, Proposal, Ranking
from telepath.territories import REGIONS
from web.words import Wording


class Worded(msgspec.Struct, frozen=True):
    """A reason in words. ``counts``: it speaks for the expert; ``against``: it does not; neither: it only informs."""

    text: str
    counts: bool
    against: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal, worded. ``basis``: what the expected answer stands on."""

    person_id: str
    name: str
    place: str
    city: str
    zone: str
    reasons: list[Worded]
    due: datetime
    expected: datetime
    basis: str
    late: bool
    preferred: bool


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """``choice``: how they would be proposed, if the requester may choose them all the same."""

    name: str
    why: str
    choice: Choice | None = None


def choices_of(t: Wording, ranking: Ranking) -> list[Choice]:
    return [_choice(t, proposal) for proposal in ranking.proposals]


def left_out_of(t: Wording, ranking: Ranking) -> list[LeftOut]:
    """Those who may be chosen all the same come first."""
    return [
        LeftOut(
            name=exclusion.expert.name,
            why=_why(t, exclusion),
            choice=_choice(t, exclusion.otherwise) if exclusion.otherwise else None,
        )
        for exclusion in ranking.exclusions
    ]


def notes_of(t: Wording, ranking: Ranking) -> list[str]:
    """What is to be said of the whole list."""
    return [t(f"routing-{note.code}", **_params(t, note.params)) for note in ranking.notes]


def reasons_of(t: Wording, offer: Offer) -> list[Worded]:
    return [_worded(t, msgspec.convert(reason, Reason)) for reason in offer.reasons]


def _choice(t: Wording, proposal: Proposal) -> Choice:
    expected = proposal.expected
    return Choice(
        person_id=proposal.expert.person_id,
        name=proposal.expert.name,
        place=place_name(proposal.expert.institution_name, proposal.expert.city),
        city=proposal.expert.city,
        zone=proposal.expert.time_zone,
        # Why they were left out stands beside them already.
        reasons=[_worded(t, reason) for reason in proposal.reasons if reason.code != DESPITE],
        due=proposal.due_at,
        expected=expected.at,
        basis=t(f"expected-basis-{expected.basis}", count=expected.answers)
        if expected.answers
        else t(f"expected-basis-{expected.basis}"),
        late=proposal.late,
        preferred=any(reason.code == "preferred" for reason in proposal.reasons),
    )


def _why(t: Wording, exclusion: Exclusion) -> str:
    return t(f"exclusion-{exclusion.reason.code}", **_params(t, exclusion.reason.params))


def _worded(t: Wording, reason: Reason) -> Worded:
    code, params = reason.code, dict(reason.params)
    if code == DESPITE:
        why = t(f"exclusion-{params.pop('exclusion')}", **_params(t, params))
        return Worded(t(f"reason-{DESPITE}", why=why), counts=False, against=True)
    if code == "usual-answer" and "answers" not in params:
        code = "said-answer"  # an offer from before answers were measured
    count = int(params.get("count", 0))
    busy = code == "load" and count > BUSY
    against = busy or code in _AGAINST or code.startswith("conflict-")
    informs = code in _NEUTRAL or (code == "load" and count > 0)
    return Worded(t(f"reason-{code}", **_params(t, params)), counts=not (against or informs), against=against)


BUSY: Final = 5
"""More opinions than these that wait speak against asking."""
_NEUTRAL: Final = frozenset({"not-at-work", "identity-psc", "identity-credential", "back"})
_AGAINST: Final = frozenset({"late", "never-came"})
_DATES: Final = {"fr": "fr", "en": "en_GB"}


def place_name(name: str, city: str) -> str:
    """The city is added where the name does not have it already."""
    return name if city in name else f"{name}, {city}"


def _params(t: Wording, params: Mapping[str, Param]) -> dict[str, Param]:
    """Codes among the parameters become words; hours become days when they are many."""
    worded = dict(params)
    if "organ" in worded:
        organ = t(f"organ-{worded['organ']}")
        worded["organ"] = organ[:1].lower() + organ[1:]  # within a sentence
    if "region" in worded:
        region = REGIONS.get(str(worded["region"]))
        worded["region"] = region.name if region else str(worded["region"])
    if "language" in worded:
        worded["language"] = t(f"language-{worded['language']}")
    if "day" in worded:
        day = date.fromisoformat(str(worded["day"]))
        worded["day"] = babel.dates.format_date(day, "EEEE d MMMM", locale=_DATES[t.language])
    if "hours" in worded:
        hours = float(worded["hours"])
        worded |= (
            {"unit": "days", "count": ceil(hours / 24)} if hours >= 48 else {"unit": "hours", "count": ceil(hours)}
        )
    return worded
