"""Who is asked, and who next: the effect of a consult's policy (``consults.kinds.Policy``).

``NAMED``: one expert; after a refusal the requester chooses again. ``CHAIN``: one after another, best first: a refusal, or no
word until ``answer_by``, and the next is asked. ``POOL``, ``RING``: several at once, and whoever accepts first reads.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from consults import alarms, chain, clock, patience, repository
from consults.alarms import Cause
from consults.candidates import Sought, ranking
from consults.kinds import Policy, ReadingRole
from consults.model import Consult, Offer
from consults.offering import offer_to
from consults.routing import Proposal, Ranking
from telepath import directory
from telepath.cases import repository as cases
from telepath.cases.non_opposition import Patient
from telepath.db import timers
from telepath.db.timers import Timer
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid
from telepath.territories import is_working_time

AT_ONCE = (Policy.POOL, Policy.RING)
"""Policies by which several are asked together."""


def all_at_once(policy: Policy, ranked: Ranking, now: datetime) -> tuple[Proposal, ...]:
    """Who is asked together, best first: of a pool everyone, for a ring whoever is at work or on duty now; nobody anywhere:
    everyone. Raises Invalid: nobody can be asked."""
    if not ranked.proposals:
        raise Invalid("error-pool-empty" if policy is Policy.POOL else "error-ring-nobody")
    return (awake(ranked, now) or ranked.proposals) if policy is Policy.RING else ranked.proposals


def awake(ranked: Ranking, now: datetime) -> tuple[Proposal, ...]:
    """Who is at work now where they are, or on duty: as the day goes round, from territory to territory."""
    return tuple(
        one
        for one in ranked.proposals
        if one.expert.on_duty or is_working_time(now, one.expert.time_zone, one.expert.calendar)
    )


async def ask(tx: Transaction, consult: Consult, proposals: Iterable[Proposal]) -> list[Offer]:
    """Write an offer for each, let them see the request, tell them, and let the clock run. The caller has saved the consult,
    and writes the audit record."""
    made = [await _offer(tx, consult, proposal) for proposal in proposals]
    await clock.set_timers(tx, consult, asked=True)
    return made


async def record(tx: Transaction, consult: Consult, made: Iterable[Offer]) -> None:
    """One record for each offer that nobody chose by name."""
    for offer in made:
        await tx.audit("offer.made", consult.ref, offer=offer.id, expert=offer.expert_id, automatic=True)


async def begin_to_ring(tx: Transaction, consult: Consult) -> None:
    """Tell them again and again, until somebody accepts."""
    until = tx.now + patience.RING_LONGEST
    await timers.put(tx, clock.RING, consult.id, tx.now + patience.RING_EVERY, until=until.isoformat())
    await timers.put(tx, clock.UNHEARD, consult.id, tx.now + patience.RING_ALARM)


async def _offer(tx: Transaction, consult: Consult, proposal: Proposal) -> Offer:
    timer = clock.UNANSWERED if consult.policy is Policy.CHAIN else ""
    made = await offer_to(tx, consult, proposal, ReadingRole.EXPERT, timer=timer)
    await tx.emit("consult.offered", person=made.expert_id, consult=consult.id, by=consult.requester_id)
    return made


async def ranking_of(reader: Reader, consult: Consult, offers: Sequence[Offer]) -> Ranking:
    """Who could be asked now to read it, of who was not asked for that yet; nobody, once the patient has refused."""
    case = await cases.get(reader, consult.case_id)
    if case.non_opposition == Patient.REFUSED:
        return Ranking((), ())
    people = await directory.people(reader, [consult.requester_id])
    before = await chain.readers_before(reader, case, consult.follows_id or "")
    sought = Sought(
        case=case,
        organ=consult.organ,
        urgency=consult.urgency,
        requester_id=consult.requester_id,
        language=people[consult.requester_id].language,
        kind=consult.kind,
        network=consult.network,
        pool_id=consult.pool_id,
        asked=frozenset({*before, *asked_of(offers)}),
    )
    return await ranking(reader, sought)


def asked_of(offers: Iterable[Offer]) -> list[str]:
    """Who was asked to read as its expert: who reads or signs beside one may still be."""
    return [one.expert_id for one in offers if one.role is ReadingRole.EXPERT]


async def next_of(reader: Reader, consult: Consult, offers: Sequence[Offer], ended: Offer) -> Proposal | None:
    """Who is asked by itself when ``ended`` ends without a reader: the best of a chain, unless somebody else may still
    accept."""
    if consult.policy is not Policy.CHAIN or others_open(offers, ended):
        return None
    return next(iter((await ranking_of(reader, consult, offers)).proposals), None)


def others_open(offers: Iterable[Offer], ended: Offer) -> bool:
    """Whether somebody else was asked for the same, and may still accept."""
    return any(one.open and one.id != ended.id and one.role is ended.role for one in offers)


async def refused(
    tx: Transaction, consult: Consult, offers: Sequence[Offer], ended: Offer, next_one: Proposal | None
) -> None:
    """What follows a refusal, after the rows of the consult and of ``ended`` were saved: the next is asked, or somebody is told
    that nobody is left. ``next_one``: as ``next_of`` gave it."""
    if next_one is not None:
        await _ask_next(tx, consult, ended, next_one)
    elif others_open(offers, ended):
        if consult.policy not in AT_ONCE:
            await tx.emit("offer.declined", person=consult.requester_id, consult=consult.id, by=ended.expert_id)
    else:
        await tx.emit("offer.declined", person=consult.requester_id, consult=consult.id, by=ended.expert_id)
        await clock.stop_timers(tx, consult)
        if consult.policy is not Policy.NAMED:
            await alarms.give(tx, consult, Cause.UNANSWERED)


async def taken(tx: Transaction, consult: Consult) -> None:
    """Somebody reads it: no bell goes, and the clock runs towards what they were given."""
    for kind in (clock.RING, clock.UNHEARD):
        await timers.drop(tx, kind, consult.id)
    await clock.set_timers(tx, consult)


async def unanswered(tx: Transaction, timer: Timer) -> None:
    """Of ``offer.unanswered``: the next in the chain is asked in place of who said nothing. Nobody is left: the offer stays
    open, and the coordinators are alarmed."""
    consult = await alarms.under_way(tx, str(timer.body["consult"]))
    if consult is None:
        return
    offers = await repository.offers_of(tx, consult.id)
    silent = next((one for one in offers if one.id == timer.subject_id and one.open), None)
    if silent is None:
        return
    next_one = await next_of(tx, consult, offers, silent)
    if next_one is None and not others_open(offers, silent):
        await repository.save_consult(tx, consult)
        await repository.save_offer(tx, msgspec.structs.replace(silent, answer_by=None))
        await alarms.give(tx, consult, Cause.UNANSWERED, [consult.requester_id])
        return
    if next_one is not None:
        consult = consult.offered_again(next_one.due_at, tx.now)
    await repository.save_consult(tx, consult)
    await repository.save_offer(tx, silent.expire(tx.now))
    await tx.revoke("offer", silent.id)
    await tx.audit("offer.expired", consult.ref, offer=silent.id, expert=silent.expert_id)
    await tx.emit("offer.expired", person=silent.expert_id, consult=consult.id)
    if next_one is not None:
        await _ask_next(tx, consult, silent, next_one)


async def ring(tx: Transaction, timer: Timer) -> datetime | None:
    """Of ``consult.ring``: everyone who was asked is told again, and whoever has come to work or on duty since is asked too."""
    consult = await alarms.under_way(tx, timer.subject_id)
    if consult is None or await alarms.read(tx, consult) or tx.now >= datetime.fromisoformat(str(timer.body["until"])):
        return None
    offers = await repository.offers_of(tx, consult.id)
    newly = awake(await ranking_of(tx, consult, offers), tx.now)
    if newly:
        await repository.save_consult(tx, consult)
        await record(tx, consult, await ask(tx, consult, newly))
    for offer in offers:
        if offer.open and offer.role is ReadingRole.EXPERT:
            await tx.emit("consult.ringing", person=offer.expert_id, consult=consult.id, by=consult.requester_id)
    return tx.now + patience.RING_EVERY


async def unheard(tx: Transaction, timer: Timer) -> None:
    """Of ``consult.unheard``: nobody has accepted what rang for minutes. Its page shows the numbers of who is on duty."""
    consult = await alarms.under_way(tx, timer.subject_id)
    if consult is not None and not await alarms.read(tx, consult):
        await alarms.give(tx, consult, Cause.RING, [consult.requester_id])


async def _ask_next(tx: Transaction, consult: Consult, ended: Offer, next_one: Proposal) -> None:
    await record(tx, consult, await ask(tx, consult, [next_one]))
    await tx.emit("offer.passed-on", person=consult.requester_id, consult=consult.id, by=ended.expert_id)
