"""Who should be asked: an ordered list of proposals, each with its reasons. Pure.

Nothing is hidden in a score: every point comes from a reason that is shown, and whoever is not proposed is named with why
not. Reasons are codes with parameters, worded in web/locale as ``reason-<code>``, ``exclusion-<code>`` and ``routing-<code>``.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from consults.deadlines import USUAL, Urgency, due_at
from consults.expectation import Basis, Expectation, expected
from consults.expert import SUBSPECIALTIES, Ask, Expert, Identity, Reason
from consults.networks import find, vouching
from consults.routing_rules import Effect, Rule, decisive
from telepath.errors import Invalid
from telepath.territories import is_working_time, local

OVERRIDABLE: Final = frozenset({"absent", "not-available", "not-in-network", "not-in-pool", "rule-excludes"})
"""Why somebody was left out and may be chosen all the same, with a reason. A conflict of interest, the same institution, an
expert who is none any more: never."""


DESPITE: Final = "chosen-despite"


class Proposal(msgspec.Struct, frozen=True):
    expert: Expert
    reasons: tuple[Reason, ...]
    """The weightiest first, for and against alike."""
    points: int
    due_at: datetime
    """When this expert's answer would be due, on their own calendar."""
    expected: Expectation

    @property
    def late(self) -> bool:
        """The answer is expected after it is due."""
        return self.expected.at > self.due_at

    @property
    def despite(self) -> str:
        """The code of the exclusion that was set aside; "": they were proposed."""
        aside = next((reason for reason in self.reasons if reason.code == DESPITE), None)
        return "" if aside is None else str(aside.params["exclusion"])


class Exclusion(msgspec.Struct, frozen=True):
    expert: Expert
    reason: Reason
    otherwise: Proposal | None = None
    """How they would be proposed, if the reason may be set aside; None: it may not."""


class Ranking(msgspec.Struct, frozen=True):
    proposals: tuple[Proposal, ...]
    exclusions: tuple[Exclusion, ...]
    notes: tuple[Reason, ...] = ()
    """What is to be said of the whole list: that the country is proposed because the region has nobody."""

    def proposal_of(self, person_id: str) -> Proposal | None:
        return next((proposal for proposal in self.proposals if proposal.expert.person_id == person_id), None)

    def exclusion_of(self, person_id: str) -> Exclusion | None:
        return next((exclusion for exclusion in self.exclusions if exclusion.expert.person_id == person_id), None)

    def chosen(self, person_id: str, despite: str = "") -> Proposal:
        """The proposal of whom the requester chose; ``despite``: why, of somebody who was left out.

        Raises Invalid: unknown here (any more), left out for what nobody may set aside, or without a reason why."""
        proposal = self.proposal_of(person_id)
        if proposal is not None:
            return proposal
        exclusion = self.exclusion_of(person_id)
        if exclusion is None:
            raise Invalid("error-expert-not-proposed")
        if exclusion.otherwise is None:
            raise Invalid("error-expert-barred", field="expert")
        if not despite:
            raise Invalid("error-override-missing", field="despite")
        return exclusion.otherwise


NETWORK: Final = 30
NETWORK_ASKED: Final = 60
PREFERRED: Final = 50
RULE: Final = 35
SUBSPECIALTY: Final = 25
REGION: Final = 20
POOL: Final = 15
LANGUAGE: Final = 10
KNOWN: Final = (3, 9)
"""For each opinion that this requester had from them, and at most."""
CENTRE: Final = 10
REGIONAL_FIRST: Final = 1_000
"""More than all other reasons together."""
COORDINATING: Final = 2_000
"""More than even that: a third reading is the coordinating centre's. Source: USCAP 2012, abstract 30."""
WAITING: Final = -4
"""For each consult that already waits for the expert, down to WAITING_LEAST."""
WAITING_LEAST: Final = -40
AT_WORK: Final = {Urgency.FROZEN: 60, Urgency.URGENT: 25, Urgency.STANDARD: 2, Urgency.SYSTEMATIC: 0}
"""Being at work now decides a frozen section; it hardly matters for an answer within five days."""
ON_DUTY: Final = {Urgency.FROZEN: 80, Urgency.URGENT: 40, Urgency.STANDARD: 0, Urgency.SYSTEMATIC: 0}
NEVER_CAME: Final = {Urgency.FROZEN: -60, Urgency.URGENT: -25, Urgency.STANDARD: -5, Urgency.SYSTEMATIC: -2}
CONFLICT: Final = -45
"""Each conflict that only warns."""
LATE: Final = -50
QUICK: Final = ((6.0, 15), (24.0, 10), (72.0, 5))
"""Points for a usual answer within so many hours."""

Weighed: TypeAlias = tuple[Reason, int]


def rank(experts: Iterable[Expert], ask: Ask, now: datetime) -> Ranking:
    """Order the experts for ``ask``, best first; equal ones by load, usual answer and name: never by chance.

    The identifier comes last, for two of one name."""
    ask = msgspec.structs.replace(
        ask, rules=tuple(rule for rule in ask.rules if rule.applies(ask.organ, ask.kind, ask.urgency))
    )
    proposals, exclusions = [], []
    for expert in experts:
        excluded = _excluded(expert, ask, now)
        if excluded is None:
            proposals.append(_proposal(expert, ask, now))
        else:
            otherwise = _proposal(expert, ask, now, excluded) if excluded.code in OVERRIDABLE else None
            exclusions.append(Exclusion(expert, excluded, otherwise))
    proposals, notes = _regional_first(proposals, ask, now)
    proposals.sort(key=lambda proposal: (-proposal.points, *_tie(proposal.expert)))
    exclusions.sort(key=lambda exclusion: (exclusion.otherwise is None, *_tie(exclusion.expert)))
    return Ranking(tuple(proposals), tuple(exclusions), notes)


def _tie(expert: Expert) -> tuple[int, float, str, str]:
    usual = math.inf if expert.median_hours is None else expert.median_hours
    return expert.load, usual, expert.name, expert.person_id


def _excluded(expert: Expert, ask: Ask, now: datetime) -> Reason | None:
    """Why this expert is not proposed: first what nobody may set aside."""
    if expert.person_id == ask.requester_id:
        return Reason("requester")
    if expert.institution_id == ask.institution_id:
        # A second opinion from the same department is no second opinion.
        return Reason("own-institution", {"institution": expert.institution_name})
    if ask.apart_from and expert.institution_id == ask.apart_from:
        return Reason("expert-s-institution", {"institution": expert.institution_name})
    barring = next((conflict for conflict in expert.conflicts if conflict.bars), None)
    if barring is not None:
        return Reason(f"conflict-{barring.code}", barring.params)
    if not expert.answers:
        return Reason("no-longer-expert", {"institution": expert.institution_name})
    if expert.person_id in ask.already_asked:
        return Reason("already-asked")
    if ask.organ not in expert.organs:
        return Reason("other-organ", {"organ": ask.organ})
    rule = decisive(ask.rules, expert.belonging(_codes(expert)))
    if rule is not None and rule.effect is Effect.EXCLUDE:
        return _of_rule("rule-excludes", rule)
    if ask.pool is not None and expert.person_id not in ask.pool:
        return Reason("not-in-pool")
    if ask.network and ask.network not in _codes(expert):
        return Reason("not-in-network", {"network": ask.network})
    if not expert.available:
        return Reason("not-available")
    begins = _expected(expert, ask, now).begins_at
    if _away(expert, now) and not expert.on_duty and begins >= _due(expert, ask, now):
        return Reason("absent", {"day": _day(begins, expert)})
    return None


def _proposal(expert: Expert, ask: Ask, now: datetime, despite: Reason | None = None) -> Proposal:
    """``despite``: what was set aside to choose this expert; it goes with the reasons."""
    due, expectation = _due(expert, ask, now), _expected(expert, ask, now)
    weighed = list(_weighed(expert, ask, now))
    if expectation.at > due:
        weighed.append((Reason("late", {"day": _day(expectation.at, expert)}), LATE))
    first, *rest = weighed
    # A stable sort: of equal weight, in the order in which they are told.
    rest.sort(key=lambda one: -abs(one[1]))
    reasons = [reason for reason, _ in (first, *rest)]
    if despite is not None:
        reasons.insert(0, Reason(DESPITE, {"exclusion": despite.code, **despite.params}))
    return Proposal(
        expert=expert,
        reasons=tuple(reasons),
        points=sum(points for _, points in weighed),
        due_at=due,
        expected=expectation,
    )


def _away(expert: Expert, now: datetime) -> bool:
    return any(one.starts_at <= now < one.ends_at for one in expert.away)


def _day(instant: datetime, expert: Expert) -> str:
    """The day at the expert's place, ISO 8601."""
    return local(instant, expert.time_zone).date().isoformat()


def _due(expert: Expert, ask: Ask, now: datetime) -> datetime:
    return due_at(ask.within or USUAL[ask.urgency], now, expert.time_zone, expert.calendar)


def _expected(expert: Expert, ask: Ask, now: datetime) -> Expectation:
    return expected(
        ask.urgency,
        now,
        expert.time_zone,
        expert.calendar,
        hours=expert.median_hours,
        basis=Basis.RECORD if expert.answered else Basis.SAID,
        answers=expert.answered,
        load=expert.load,
        away=expert.away,
        on_duty=expert.on_duty,
    )


def _weighed(expert: Expert, ask: Ask, now: datetime) -> Iterable[Weighed]:
    """Each reason with its points; the first is why they are here at all."""
    yield Reason("reads-organ", {"organ": ask.organ}), 0
    yield from _of_competence(expert, ask)
    yield from _of_the_asking_side(expert, ask)
    yield from _of_the_moment(expert, ask, now)
    for conflict in expert.conflicts:
        if not conflict.bars:
            yield Reason(f"conflict-{conflict.code}", conflict.params), CONFLICT


def _of_competence(expert: Expert, ask: Ask) -> Iterable[Weighed]:
    asked = ask.network if ask.network in _codes(expert) else ""
    if asked:
        yield Reason("network", {"network": asked}), NETWORK_ASKED
    for place, network in enumerate(vouching(expert.networks, ask.organ)):
        if network.code != asked:
            yield Reason("network", {"network": network.code}), NETWORK if place == 0 and not asked else 0
    of_centre = ask.centres_of or asked
    if of_centre and of_centre in expert.coordinates:
        yield Reason("coordinating-centre", {"network": of_centre}), COORDINATING if ask.centres_of else CENTRE
    elif of_centre and of_centre in expert.centre_of:
        yield Reason("expert-centre", {"network": of_centre}), CENTRE
    if ask.organ in SUBSPECIALTIES.get(expert.know_how, ()):
        yield Reason("subspecialty", {"know_how": expert.know_how}), SUBSPECIALTY
    if expert.identity is Identity.EXPECTED:
        yield Reason("never-came"), NEVER_CAME[ask.urgency]
    else:
        yield Reason(f"identity-{expert.identity}"), 0


def _of_the_asking_side(expert: Expert, ask: Ask) -> Iterable[Weighed]:
    if expert.person_id in ask.preferred:
        yield Reason("preferred"), PREFERRED
    rule = decisive(ask.rules, expert.belonging(_codes(expert)))
    if rule is not None and rule.effect is Effect.PREFER:
        yield _of_rule("rule-prefers", rule), RULE
    if expert.region == ask.region:
        yield Reason("same-region", {"region": expert.region}), REGION
    for place, pool in enumerate(expert.pools):
        yield Reason("pool", {"pool": pool}), POOL if place == 0 else 0
    if ask.language in expert.languages:
        yield Reason("language", {"language": ask.language}), LANGUAGE
    if expert.answered_before:
        each, most = KNOWN
        yield Reason("answered-before", {"count": expert.answered_before}), min(each * expert.answered_before, most)


def _of_the_moment(expert: Expert, ask: Ask, now: datetime) -> Iterable[Weighed]:
    clock = {"city": expert.city, "time": local(now, expert.time_zone).strftime("%H:%M")}
    if expert.on_duty:
        yield Reason("on-duty", clock), ON_DUTY[ask.urgency]
    elif _away(expert, now):
        yield Reason("back", {"day": _day(_expected(expert, ask, now).begins_at, expert)}), 0
    elif is_working_time(now, expert.time_zone, expert.calendar):
        yield Reason("at-work", clock), AT_WORK[ask.urgency]
    else:
        yield Reason("not-at-work", clock), 0
    yield Reason("load", {"count": expert.load}), max(WAITING * expert.load, WAITING_LEAST)
    if expert.median_hours is not None:
        points = next((points for hours, points in QUICK if expert.median_hours <= hours), 0)
        if expert.answered:
            yield Reason("usual-answer", {"hours": expert.median_hours, "answers": expert.answered}), points
        else:
            yield Reason("said-answer", {"hours": expert.median_hours}), points


def _regional_first(proposals: list[Proposal], ask: Ask, now: datetime) -> tuple[list[Proposal], tuple[Reason, ...]]:
    """Where a rule says so, those of the region who are free come before everybody else; when there are none, the country."""
    if not any(rule.effect is Effect.REGIONAL_FIRST for rule in ask.rules):
        return proposals, ()
    free = {one.expert.person_id for one in proposals if one.expert.region == ask.region and _free(one, ask, now)}
    if not free:
        return proposals, (Reason("national-fallback", {"region": ask.region}),)
    first = Reason("regional-first", {"region": ask.region})
    return [
        msgspec.structs.replace(
            one,
            points=one.points + REGIONAL_FIRST,
            reasons=(one.reasons[0], first, *(each for each in one.reasons[1:] if each.code != "same-region")),
        )
        if one.expert.person_id in free
        else one
        for one in proposals
    ], (first,)


def _free(proposal: Proposal, ask: Ask, now: datetime) -> bool:
    """Answers in time; for a frozen section: now."""
    if ask.urgency is Urgency.FROZEN:
        return proposal.expected.begins_at == now
    return not proposal.late


def _codes(expert: Expert) -> frozenset[str]:
    """Codes of the networks that they belong to, under whatever name."""
    found = (find(name) for name in expert.networks)
    return frozenset(network.code for network in found if network is not None)


def _of_rule(code: str, rule: Rule) -> Reason:
    noted = {"noted": "yes", "note": rule.note} if rule.note else {"noted": "no", "note": ""}
    return Reason(code, {"scope": rule.scope_kind, **noted})
