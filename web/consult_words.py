"""What the pages of consults say of experts and of the reasons for and against them, in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Final

import msgspec

from consults.model import Offer
from consults.routing import Param, Ranking, Reason
from telepath.territories import REGIONS
from web.words import Wording


class Worded(msgspec.Struct, frozen=True):
    """A reason in words. ``counts``: it speaks for the expert; else it only informs."""

    text: str
    counts: bool


class Choice(msgspec.Struct, frozen=True):
    """A proposal, worded."""

    person_id: str
    name: str
    place: str
    zone: str
    reasons: list[Worded]
    due: datetime


class LeftOut(msgspec.Struct, frozen=True):
    name: str
    why: str


def choices_of(t: Wording, ranking: Ranking) -> list[Choice]:
    return [
        Choice(
            person_id=proposal.expert.person_id,
            name=proposal.expert.name,
            place=place_name(proposal.expert.institution_name, proposal.expert.city),
            zone=proposal.expert.time_zone,
            reasons=[_worded(t, reason) for reason in proposal.reasons],
            due=proposal.due_at,
        )
        for proposal in ranking.proposals
    ]


def left_out_of(t: Wording, ranking: Ranking) -> list[LeftOut]:
    return [
        LeftOut(
            exclusion.expert.name,
            t(f"exclusion-{exclusion.reason.code}", **_params(t, exclusion.reason.params)),
        )
        for exclusion in ranking.exclusions
    ]


def reasons_of(t: Wording, offer: Offer) -> list[Worded]:
    return [_worded(t, msgspec.convert(reason, Reason)) for reason in offer.reasons]


def _worded(t: Wording, reason: Reason) -> Worded:
    text = t(f"reason-{reason.code}", **_params(t, reason.params))
    return Worded(text, reason.code not in _NEUTRAL and (reason.code != "load" or reason.params["count"] == 0))


_NEUTRAL: Final = frozenset({"not-at-work"})


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
    if "hours" in worded:
        hours = float(worded["hours"])
        worded |= (
            {"unit": "days", "count": ceil(hours / 24)} if hours >= 48 else {"unit": "hours", "count": ceil(hours)}
        )
    return worded
