"""Who should be asked: an ordered list of proposals, each with its reasons. Pure.

Nothing is hidden in a score: every point comes from a reason that is shown, and whoever is not proposed is named with why
not. Reasons are codes with parameters, worded in web/locale as ``reason-<code>`` and ``exclusion-<code>``.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from consults.deadlines import Urgency, due_at
from consults.networks import vouching
from telepath.territories import USUAL as USUAL_CALENDAR
from telepath.territories import Calendar, is_working_time, local


class Expert(msgspec.Struct, frozen=True, kw_only=True):
    """One expert who may be asked, at the place where they read."""

    person_id: str
    name: str
    institution_id: str
    institution_name: str
    city: str
    region: str
    time_zone: str
    calendar: Calendar = USUAL_CALENDAR
    organs: tuple[str, ...]
    networks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("fr",)
    available: bool = True
    median_hours: float | None = None
    """Usual time from request to signature."""
    load: int = 0
    """Consults that wait for this expert, accepted or not."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What the proposals are for."""

    organ: str
    urgency: Urgency
    institution_id: str
    region: str
    language: str = "fr"
    requester_id: str = ""
    already_asked: frozenset[str] = frozenset()
    """Persons who were already offered this consult."""


Param: TypeAlias = str | int | float


class Reason(msgspec.Struct, frozen=True):
    code: str
    params: Mapping[str, Param] = {}


class Proposal(msgspec.Struct, frozen=True):
    expert: Expert
    reasons: tuple[Reason, ...]
    points: int
    due_at: datetime
    """When this expert's answer would be due, on their own calendar."""


class Exclusion(msgspec.Struct, frozen=True):
    expert: Expert
    reason: Reason


class Ranking(msgspec.Struct, frozen=True):
    proposals: tuple[Proposal, ...]
    exclusions: tuple[Exclusion, ...]

    def proposal_of(self, person_id: str) -> Proposal | None:
        return next((proposal for proposal in self.proposals if proposal.expert.person_id == person_id), None)


NETWORK: Final = 30
REGION: Final = 20
LANGUAGE: Final = 10
WAITING: Final = -4
"""For each consult that already waits for the expert, down to WAITING_LEAST."""
WAITING_LEAST: Final = -40
AT_WORK: Final = {Urgency.FROZEN: 60, Urgency.URGENT: 25, Urgency.STANDARD: 2, Urgency.SYSTEMATIC: 0}
"""Being at work now decides a frozen section; it hardly matters for an answer within five days."""
USUAL: Final = ((6.0, 15), (24.0, 10), (72.0, 5))
"""Points for a usual answer within so many hours."""


def rank(experts: Iterable[Expert], ask: Ask, now: datetime) -> Ranking:
    """Order the experts for ``ask``, best first; equal ones by load, usual answer and name: never by chance.

    The identifier comes last, for two of one name."""
    proposals, exclusions = [], []
    for expert in experts:
        excluded = _excluded(expert, ask)
        if excluded is None:
            proposals.append(_proposal(expert, ask, now))
        else:
            exclusions.append(Exclusion(expert, excluded))
    proposals.sort(key=lambda proposal: (-proposal.points, *_tie(proposal.expert)))
    exclusions.sort(key=lambda exclusion: _tie(exclusion.expert))
    return Ranking(tuple(proposals), tuple(exclusions))


def _tie(expert: Expert) -> tuple[int, float, str, str]:
    usual = math.inf if expert.median_hours is None else expert.median_hours
    return expert.load, usual, expert.name, expert.person_id


def _excluded(expert: Expert, ask: Ask) -> Reason | None:
    if expert.person_id == ask.requester_id:
        return Reason("requester")
    if expert.institution_id == ask.institution_id:
        # A second opinion from the same department is no second opinion.
        return Reason("own-institution", {"institution": expert.institution_name})
    if expert.person_id in ask.already_asked:
        return Reason("already-asked")
    if ask.organ not in expert.organs:
        return Reason("other-organ", {"organ": ask.organ})
    if not expert.available:
        return Reason("not-available")
    return None


def _proposal(expert: Expert, ask: Ask, now: datetime) -> Proposal:
    weighed = list(_weighed(expert, ask, now))
    return Proposal(
        expert=expert,
        reasons=tuple(reason for reason, _ in weighed),
        points=sum(points for _, points in weighed),
        due_at=due_at(ask.urgency, now, expert.time_zone, expert.calendar),
    )


def _weighed(expert: Expert, ask: Ask, now: datetime) -> Iterable[tuple[Reason, int]]:
    """Each reason with its points, the most telling first."""
    yield Reason("reads-organ", {"organ": ask.organ}), 0
    for place, network in enumerate(vouching(expert.networks, ask.organ)):
        yield Reason("network", {"network": network.code}), NETWORK if place == 0 else 0
    if expert.region == ask.region:
        yield Reason("same-region", {"region": expert.region}), REGION
    if ask.language in expert.languages:
        yield Reason("language", {"language": ask.language}), LANGUAGE
    clock = {"city": expert.city, "time": local(now, expert.time_zone).strftime("%H:%M")}
    if is_working_time(now, expert.time_zone, expert.calendar):
        yield Reason("at-work", clock), AT_WORK[ask.urgency]
    else:
        yield Reason("not-at-work", clock), 0
    yield Reason("load", {"count": expert.load}), max(WAITING * expert.load, WAITING_LEAST)
    if expert.median_hours is not None:
        points = next((points for hours, points in USUAL if expert.median_hours <= hours), 0)
        yield Reason("usual-answer", {"hours": expert.median_hours}), points
