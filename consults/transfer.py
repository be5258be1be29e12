"""The expert hands a consult over before anything is signed: to a colleague, or back to whoever chooses the next."""

from consults import asking, clock, further_readers, repository
from consults.completion import reading_of
from consults.kinds import HeldBecause, Policy, ReadingRole
from consults.lifecycle import ConsultAction, ConsultStatus, OfferStatus
from consults.model import DECLINE_LIMIT, Consult, Offer
from consults.routing import Proposal
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.transaction import Transaction
from telepath.errors import Forbidden, InvalidTransition


async def transfer(db: Database, actor: Actor, consult_id: str, reason: str, to: str = "") -> str:
    """Hand over what the actor reads as its expert, and return the new offer's id. ``to``: the colleague who is asked; "": the
    next in a chain, else the requester chooses and "" is returned.

    The rights of who leaves end at once, and with them those of whom they had invited to read or sign; the draft stays
    unseen. Raises Refused; Forbidden: somebody else is its expert; Invalid: no reason, or this colleague cannot be asked;
    TooLarge; InvalidTransition: signed already, waiting for its requester, or ended; Conflict."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        readings = await repository.readings_of(tx, consult_id)
        mine = reading_of(readings, ReadingRole.EXPERT)
        if mine is None or mine.expert_id != actor.person_id:
            raise Forbidden("error-not-the-expert")
        why = plain(reason, field="transfer-reason", limit=DECLINE_LIMIT, lines=True, required=True)
        if consult.status is not ConsultStatus.ACTIVE:
            raise InvalidTransition(ConsultAction.HOLD, consult.status)
        left = mine.cancel(tx.now)
        offers = await repository.offers_of(tx, consult_id)
        proposal = await _to(tx, consult, offers, to)
        if proposal is None:
            passed = consult.held(HeldBecause.DECLINED, tx.now)
        else:
            passed = consult.offered_again(proposal.due_at, tx.now)
        await repository.save_consult(tx, passed)
        await repository.save_reading(tx, left)
        for offer in offers:
            if (offer.expert_id, offer.role, offer.status) == (actor.person_id, mine.role, OfferStatus.ACCEPTED):
                await repository.save_offer(tx, offer.handed_over(why))
        await tx.revoke("consult", consult.id, actor.person_id)
        await further_readers.over(tx, consult, [one for one in readings if one.id != mine.id])
        said = {"reason": why}
        asked = {"expert": proposal.expert.person_id} if proposal else {}
        await tx.audit("consult.transferred", consult.ref, because=allowed, private=said, reading=mine.id, **asked)
        await tx.emit("consult.transferred", person=consult.requester_id, consult=consult.id, by=actor.person_id)
        if proposal is None:
            await clock.stop_timers(tx, passed)
            return ""
        (made,) = await asking.ask(tx, passed, [proposal])
        await tx.audit("offer.made", consult.ref, because=allowed, offer=made.id, expert=made.expert_id)
    return made.id


async def _to(tx: Transaction, consult: Consult, offers: list[Offer], to: str) -> Proposal | None:
    ranked = await asking.ranking_of(tx, consult, offers)
    if to:
        return ranked.chosen(to)
    return next(iter(ranked.proposals), None) if consult.policy is Policy.CHAIN else None
