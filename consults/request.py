"""Asking for an opinion: who could give it, the request itself, and taking it back."""

from collections.abc import Iterable

from consults import repository
from consults.deadlines import Urgency
from consults.lifecycle import CONSULT, ConsultAction, ConsultStatus, OfferStatus, step
from consults.model import Consult, Offer, Question
from consults.routing import Ask, Expert, Proposal, Ranking, rank
from telepath import directory, grants, guests
from telepath.access import Action, Right
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid


async def proposals(
    reader: Reader, actor: Actor, case: Case, organ: str, urgency: Urgency, asked: Iterable[str] = ()
) -> Ranking:
    """Who could answer, best first, with reasons; ``asked``: persons who were already asked.

    Raises Refused: the actor may not ask for this case."""
    await grants.require(reader, actor, Action.CONSULT_REQUEST, case.ref)
    known = await directory.experts(reader, organ)
    home = (await directory.institutions(reader, [case.institution_id]))[case.institution_id]
    loads = await repository.loads(reader, (one.person.id for one in known))
    ask = Ask(
        organ=organ,
        urgency=urgency,
        institution_id=home.id,
        region=home.region,
        language=actor.language,
        requester_id=actor.person_id,
        already_asked=frozenset(asked),
    )
    return rank((_expert(one, loads.get(one.person.id, 0)) for one in known), ask, reader.now)


async def request(
    db: Database, actor: Actor, case_id: str, question: Question, expert_id: str, *, shows_identity: bool = False
) -> str:
    """Ask this expert for an opinion on a case, and return the consult's id.

    The expert may now see the request: question, context, organ and urgency, but neither case nor slides. ``shows_identity``:
    who accepts may also see who the patient is.
    Raises Refused; Invalid: the question, or the expert is not one of the proposals; TooLarge."""
    question = question.checked()
    async with db.write(actor) as tx:
        case = await cases.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_REQUEST, case.ref)
        proposal = chosen(await proposals(tx, actor, case, question.organ, question.urgency), expert_id)
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
            due_at=proposal.due_at,
            shows_identity=shows_identity,
        )
        await repository.insert_consult(tx, consult)
        offer = await offer_to(tx, consult, proposal)
        await cases.touch(tx, case.id)
        await tx.audit(
            "consult.requested",
            consult.ref,
            because=allowed,
            offer=offer.id,
            expert=expert_id,
            urgency=question.urgency,
            shows_identity=shows_identity,
        )
    return consult.id


async def revoke(db: Database, actor: Actor, consult_id: str) -> None:
    """Take a request back: offers are withdrawn, work is cancelled, every right that it gave ends.

    Raises Refused; InvalidTransition: it was answered or revoked already; Conflict: just answered."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_MANAGE, consult.ref)
        await repository.save_consult(tx, consult.revoked(tx.now))
        told = []
        for offer in await repository.offers_of(tx, consult_id):
            if offer.open:
                await repository.save_offer(tx, offer.withdraw(tx.now))
                await tx.revoke("offer", offer.id)
                told.append(offer.expert_id)
        for reading in await repository.readings_of(tx, consult_id):
            await repository.save_reading(tx, reading.cancel(tx.now))
            told.append(reading.expert_id)
        await tx.revoke("consult", consult_id)
        await guests.over(tx, "consult", consult_id)
        await tx.audit("consult.revoked", consult.ref, because=allowed)
        for person_id in told:
            await tx.emit("consult.revoked", person=person_id, consult=consult_id, by=actor.person_id)


def chosen(ranking: Ranking, expert_id: str) -> Proposal:
    """Raises Invalid: this expert was not proposed (any more)."""
    proposal = ranking.proposal_of(expert_id)
    if proposal is None:
        raise Invalid("error-expert-not-proposed")
    return proposal


async def offer_to(tx: Transaction, consult: Consult, proposal: Proposal) -> Offer:
    """Write the offer, let the expert see the request, and tell them. The caller writes the audit record."""
    offer = Offer(
        id=tx.new_id(),
        consult_id=consult.id,
        expert_id=proposal.expert.person_id,
        institution_id=proposal.expert.institution_id,
        status=OfferStatus.PROPOSED,
        reasons=[{"code": reason.code, "params": dict(reason.params)} for reason in proposal.reasons],
        offered_at=tx.now,
        due_at=proposal.due_at,
    )
    await repository.insert_offer(tx, offer)
    await tx.grant(
        ("person", offer.expert_id),
        ("consult", consult.id),
        [Right.VIEW],
        because="offer",
        because_id=offer.id,
        institution_id=offer.institution_id,
    )
    await tx.emit("consult.offered", person=offer.expert_id, consult=consult.id, by=consult.requester_id)
    return offer


def _expert(known: directory.Expertise, load: int) -> Expert:
    return Expert(
        person_id=known.person.id,
        name=known.person.name,
        institution_id=known.institution.id,
        institution_name=known.institution.name,
        city=known.institution.city,
        region=known.institution.region,
        time_zone=known.institution.time_zone,
        calendar=known.institution.hours,
        organs=(known.organ,),
        networks=known.networks,
        languages=known.languages,
        available=known.available,
        median_hours=known.median_hours,
        load=load,
    )
