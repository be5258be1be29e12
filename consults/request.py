"""Asking for an opinion: who could give it, the request itself, and taking it back."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from consults import asking, chain, clock, completeness, offering, repository
from consults.candidates import Sought, ranking
from consults.deadlines import Urgency
from consults.kinds import ConsultKind, Policy
from consults.lifecycle import CONSULT, ConsultAction, ConsultStatus, ReadingStatus, step
from consults.model import Consult, Question
from consults.networks import find
from consults.routing import Proposal, Ranking
from consults.terms import Terms
from telepath import grants, guests
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.transaction import Reader

AS_USUAL: Final = Terms()
"""One expert is asked, by name."""
DESPITE_LIMIT: Final = 300


async def proposals(
    reader: Reader,
    actor: Actor,
    case: Case,
    organ: str,
    urgency: Urgency,
    asked: Iterable[str] = (),
    *,
    terms: Terms = AS_USUAL,
    requester_id: str = "",
) -> Ranking:
    """Who could answer, best first, with reasons, and who not; ``asked``: persons who were already asked, ``requester_id``: who
    asks, where it is not the actor.

    Raises Refused: the actor may not ask for this case."""
    await grants.require(reader, actor, Action.CONSULT_REQUEST, case.ref)
    return await ranked(reader, actor, case, organ, urgency, asked, terms=terms, requester_id=requester_id)


async def ranked(
    reader: Reader,
    actor: Actor,
    case: Case,
    organ: str,
    urgency: Urgency,
    asked: Iterable[str] = (),
    *,
    terms: Terms = AS_USUAL,
    requester_id: str = "",
    beside: bool = False,
    centres_of: str = "",
    apart_from: str = "",
) -> Ranking:
    """The same; the caller has asked for the right to know. ``beside``: sought is who reads or signs beside an expert;
    ``centres_of``: the network whose coordinating centres come first; ``apart_from``: an institution that has read it."""
    network = find(terms.network) if terms.kind is ConsultKind.NETWORK else None
    sought = Sought(
        case=case,
        organ=organ,
        urgency=urgency,
        requester_id=requester_id or actor.person_id,
        language=actor.language,
        kind=terms.kind,
        network=network.code if network else "",
        pool_id=terms.pool_id if terms.policy is Policy.POOL else None,
        asked=frozenset(asked),
        beside=beside,
        centres_of=centres_of,
        apart_from=apart_from,
    )
    return await ranking(reader, sought)


def terms_of(consult: Consult) -> Terms:
    """On what terms it was asked, as far as they say who may be."""
    return Terms(kind=consult.kind, network=consult.network, policy=consult.policy, pool_id=consult.pool_id)


async def request(
    db: Database,
    actor: Actor,
    case_id: str,
    question: Question,
    expert_id: str,
    *,
    terms: Terms = AS_USUAL,
    shows_identity: bool = False,
    despite: str = "",
    follows_id: str = "",
    shows_earlier: bool = False,
) -> str:
    """Ask this expert for an opinion on a case, and return the consult's id.

    The expert may now see the request: question, context, organ and urgency, but neither case nor slides. ``terms``: kind,
    network, who is asked and how; ``expert_id``: who is asked first, of the policies ONE_BY_ONE. ``shows_identity``: who
    accepts may also see who the patient is. ``follows_id``: the answered consult of this case that this one follows, whose
    opinions the new reader sees only with ``shows_earlier``. ``despite``: why an expert who was left out is asked
    all the same.
    Raises Refused; Invalid: the question, the terms, what the case lacks for them, or the expert is not one of the proposals;
    TooLarge."""
    question = msgspec.structs.replace(question, urgency=terms.urgency_of(question.urgency)).checked()
    terms = terms.checked(question.urgency)
    async with db.write(actor) as tx:
        case = await cases.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_REQUEST, case.ref)
        completeness.ready(case, material_of(await cases.slides(tx, case.id)), terms)
        already = await chain.readers_before(tx, case, follows_id)
        ranked_now = await proposals(tx, actor, case, question.organ, question.urgency, already, terms=terms)
        several = terms.policy in asking.AT_ONCE
        if several:
            asked = asking.all_at_once(terms.policy, ranked_now, tx.now)
        else:
            asked = (chosen(ranked_now, expert_id, despite),)
        consult = Consult(
            id=tx.new_id(),
            case_id=case.id,
            institution_id=case.institution_id,
            requester_id=actor.person_id,
            status=step(CONSULT, ConsultStatus.DRAFT, ConsultAction.REQUEST),
            question=question.text,
            clinical_context=question.clinical_context,
            organ=question.organ,
            urgency=question.urgency,
            requested_at=tx.now,
            due_at=min(one.due_at for one in asked),
            shows_identity=shows_identity,
            kind=terms.kind,
            network=terms.network,
            trigger=terms.trigger,
            policy=terms.policy,
            pool_id=terms.pool_id,
            blind=terms.blind,
            first_diagnosis=case.proposed_diagnosis,
            countersigned=terms.countersigned,
            follows_id=follows_id or None,
            shows_earlier=bool(follows_id) and shows_earlier,
        )
        await repository.insert_consult(tx, consult)
        made = await asking.ask(tx, consult, asked)
        await cases.touch(tx, case.id)
        first = {} if several else {"offer": made[0].id, "expert": made[0].expert_id}
        await tx.audit(
            "consult.requested",
            consult.ref,
            because=allowed,
            urgency=question.urgency,
            shows_identity=shows_identity,
            private={"despite": despite.strip(), "left_out": asked[0].despite} if asked[0].despite else None,
            **first,
            **_said(terms),
            **_follows(consult),
        )
        if several:
            await asking.record(tx, consult, made)
        if terms.policy is Policy.RING:
            await asking.begin_to_ring(tx, consult)
    return consult.id


async def revoke(db: Database, actor: Actor, consult_id: str) -> None:
    """Take a request back: offers are withdrawn, work is cancelled, every right that it gave ends. What is signed and waits for
    another signature stays as it is, and never goes out.

    Raises Refused; InvalidTransition: it was answered or revoked already; Conflict: just answered."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_MANAGE, consult.ref)
        await repository.save_consult(tx, consult.revoked(tx.now))
        told = []
        for offer in await repository.offers_of(tx, consult_id):
            if offer.open:
                await repository.save_offer(tx, offer.withdraw(tx.now))
                await offering.close(tx, offer)
                told.append(offer.expert_id)
        await clock.stop_timers(tx, consult)
        for reading in await repository.readings_of(tx, consult_id):
            if reading.status is not ReadingStatus.CANCELLED:
                if not reading.signed:
                    await repository.save_reading(tx, reading.cancel(tx.now))
                told.append(reading.expert_id)
        await tx.revoke("consult", consult_id)
        await guests.over(tx, "consult", consult_id)
        await tx.audit("consult.revoked", consult.ref, because=allowed)
        for person_id in told:
            await tx.emit("consult.revoked", person=person_id, consult=consult_id, by=actor.person_id)


def material_of(slides: Iterable[cases.SlideCard]) -> completeness.Material:
    """Of the slides of a case: how many there are, and what is not known of them."""
    known = list(slides)
    unstained, unblocked = sum(not one.stain for one in known), sum(not one.block for one in known)
    return completeness.Material(len(known), unstained, unblocked)


def chosen(ranking: Ranking, expert_id: str, despite: str = "") -> Proposal:
    """``despite``: why somebody who was left out is chosen all the same.

    Raises Invalid: this expert was not proposed (any more), may not be chosen, or nobody says why; TooLarge."""
    return ranking.chosen(expert_id, plain(despite, field="despite", limit=DESPITE_LIMIT))


def _follows(consult: Consult) -> dict[str, Any]:
    """For the record: which consult it continues, and whether its reader knows the answer to that one."""
    return {"follows": consult.follows_id, "shows_earlier": consult.shows_earlier} if consult.follows_id else {}


def _said(terms: Terms) -> dict[str, Any]:
    """For the record: on which terms, without what does not apply."""
    said = {"network": terms.network, "trigger": terms.trigger, "proof": terms.proof, "pool": terms.pool_id}
    return {"consult_kind": terms.kind, "policy": terms.policy, "blind": terms.blind} | {
        name: value for name, value in said.items() if value
    }
