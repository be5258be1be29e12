"""One offer: its row, the right to see the request, and the timer of its answer."""

from consults import clock, patience, repository
from consults.kinds import ReadingRole
from consults.lifecycle import OfferStatus
from consults.model import Consult, Offer
from consults.routing import Proposal
from telepath.access import Right
from telepath.db import timers
from telepath.db.transaction import Transaction


async def offer_to(
    tx: Transaction, consult: Consult, proposal: Proposal, role: ReadingRole, *, timer: str = ""
) -> Offer:
    """Write the offer to whoever is proposed, and let them see the request. ``timer``: kind of the timer that ends the wait for
    an answer; "": nobody is asked instead, however long it takes. The caller has saved the consult, and writes the audit record
    and the event."""
    expert = proposal.expert
    until = patience.answer_by(consult.urgency, tx.now, proposal.due_at, expert.time_zone, expert.calendar)
    made = Offer(
        id=tx.new_id(),
        consult_id=consult.id,
        expert_id=expert.person_id,
        institution_id=expert.institution_id,
        status=OfferStatus.PROPOSED,
        reasons=[{"code": reason.code, "params": dict(reason.params)} for reason in proposal.reasons],
        offered_at=tx.now,
        due_at=proposal.due_at,
        role=role,
        answer_by=until if timer else None,
    )
    await repository.insert_offer(tx, made)
    await tx.grant(
        ("person", made.expert_id),
        ("consult", consult.id),
        [Right.VIEW],
        because="offer",
        because_id=made.id,
        institution_id=made.institution_id,
    )
    if timer:
        await timers.put(tx, timer, made.id, until, consult=consult.id)
    return made


async def close(tx: Transaction, ended: Offer) -> None:
    """Once the row of an offer that was answered or withdrawn is saved: its right ends, and nobody waits for a word."""
    await tx.revoke("offer", ended.id)
    if ended.answer_by is not None:
        for kind in (clock.UNANSWERED, clock.SILENT):
            await timers.drop(tx, kind, ended.id)
