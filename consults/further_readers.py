"""Who reads or signs beside the expert: co-readers, a second signature, a third reading.

Each is asked by an offer in a role of its own, and reads once it is accepted (consults/offers.py). A co-reader is invited by
the expert. A countersigner and a third reader are asked by themselves when their turn comes, best first among the members of
the network, and those of its coordinating centres before the others; the expert may ask another.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from consults import alarms, clock, offering, patience, repository
from consults.completion import Need, missing, reading_of
from consults.kinds import Dispute, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import Consult, Offer, Reading
from consults.request import chosen, ranked
from consults.routing import Proposal, Ranking
from consults.terms import Terms
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import non_opposition
from telepath.cases import repository as cases
from telepath.cases.non_opposition import Patient
from telepath.db.database import Database
from telepath.db.timers import Timer
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Forbidden, Invalid

SECOND_READING: Final = 2
THIRD_READING: Final = 3
RANKS: Final = {ReadingRole.THIRD: THIRD_READING}
"""Of a reading in this role; the others belong to the second."""
BESIDE: Final = (ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER, ReadingRole.THIRD)
TURN: Final = {Need.COUNTERSIGNER: ReadingRole.COUNTERSIGNER, Need.THIRD: ReadingRole.THIRD}
"""Who is asked without anybody's doing, once the answer waits for them alone."""


def rank_of(role: ReadingRole) -> int:
    return RANKS.get(role, SECOND_READING)


async def candidates(reader: Reader, actor: Actor, consult: Consult, role: ReadingRole) -> Ranking:
    """Who could be asked in this role, best first; of a network's consult only its members sign second or read third. Whoever
    already reads, or was asked, is left out; nobody, once the patient has refused. The caller has asked for the right to know.
    """
    case = await cases.get(reader, consult.case_id)
    if case.non_opposition == Patient.REFUSED:
        return Ranking((), ())
    offers = await repository.offers_of(reader, consult.id)
    readings = await repository.readings_of(reader, consult.id)
    again = OfferStatus.WITHDRAWN  # the expert took it back, and may think better of it
    taken = {one.expert_id for one in offers if one.open or (one.role is role and one.status is not again)}
    taken |= {one.expert_id for one in readings if one.status is not ReadingStatus.CANCELLED}
    lead = reading_of(readings, ReadingRole.EXPERT)
    # Whom the expert writes with is theirs to choose, of the network or not.
    terms = Terms() if role is ReadingRole.CO_READER else Terms(kind=consult.kind, network=consult.network)
    return await ranked(
        reader,
        actor,
        case,
        consult.organ,
        consult.urgency,
        taken,
        terms=terms,
        requester_id=consult.requester_id,
        beside=True,
        centres_of=consult.network,
        # Between two readings a third of the same house settles nothing.
        apart_from=lead.institution_id if lead is not None and role is ReadingRole.THIRD else "",
    )


async def invite(db: Database, actor: Actor, consult_id: str, role: ReadingRole, expert_id: str) -> str:
    """The expert asks somebody to read or sign beside them; returns the offer's id.

    Raises Refused; Forbidden: not the consult's expert; Invalid: this role is not needed now, somebody has it already, this
    expert cannot be asked, or the patient refused; Conflict."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        readings = await repository.readings_of(tx, consult_id)
        lead = led(readings, actor)
        if not wanted(consult, readings, role):
            raise Invalid("error-reader-not-needed")
        non_opposition.respected(await cases.get(tx, consult.case_id))
        proposal = chosen(await candidates(tx, actor, consult, role), expert_id)
        await repository.save_consult(tx, consult)
        # One who has not answered yet is asked no longer: the text waits for one second signature, one third reading.
        if role is not ReadingRole.CO_READER:
            await _withdraw_open(tx, consult, role)
        offer = await _offer(tx, consult, role, proposal)
        await tx.audit(
            "offer.made", consult.ref, because=allowed, offer=offer.id, expert=expert_id, role=role, reading=lead.id
        )
    return offer.id


async def ask_next(tx: Transaction, actor: Actor, consult: Consult) -> None:
    """Ask whoever the answer still waits for and nobody was asked: the best of the network for a second signature or a third
    reading. Nobody is left: the expert is told. The consult's row was saved before."""
    readings = await repository.readings_of(tx, consult.id)
    opinions = await repository.opinions_of(tx, consult.id)
    signatures = await repository.signatures_of(tx, consult.id)
    offers = await repository.offers_of(tx, consult.id)
    for one in missing(consult, readings, opinions, signatures):
        role = TURN.get(one.need)
        if role is None or one.person_id or any(offer.open and offer.role is role for offer in offers):
            continue
        best = next(iter((await candidates(tx, actor, consult, role)).proposals), None)
        lead = reading_of(readings, ReadingRole.EXPERT)
        if best is not None:
            offer = await _offer(tx, consult, role, best)
            await tx.audit("offer.made", consult.ref, offer=offer.id, expert=offer.expert_id, role=role, automatic=True)
        elif lead is not None:
            await tx.emit("reader.lacking", person=lead.expert_id, consult=consult.id)


def wanted(consult: Consult, readings: Sequence[Reading], role: ReadingRole) -> bool:
    """Whether somebody may be asked in this role now."""
    if consult.status is not ConsultStatus.ACTIVE or role not in BESIDE:
        return False
    if role is ReadingRole.CO_READER:
        return True
    needed = consult.dispute is Dispute.THIRD
    if role is ReadingRole.COUNTERSIGNER:
        needed = consult.countersigned and consult.dispute is None
    return needed and reading_of(readings, role) is None


async def silent(tx: Transaction, timer: Timer) -> datetime | None:
    """Of ``reader.unanswered``: who said nothing is asked no longer, and the next one is. Nobody is left: the offer stays open,
    and the expert is told. While the consult is on hold nobody is hurried: it comes again."""
    consult = await alarms.standing(tx, str(timer.body["consult"]))
    if consult is None:
        return None
    if consult.status is ConsultStatus.ON_HOLD:
        return tx.now + patience.LOOK_AGAIN
    offers = await repository.offers_of(tx, consult.id)
    offer = next((one for one in offers if one.id == timer.subject_id and one.open), None)
    if offer is None:
        return None
    await repository.save_consult(tx, consult)
    if not (await candidates(tx, tx.actor, consult, offer.role)).proposals:
        await repository.save_offer(tx, msgspec.structs.replace(offer, answer_by=None))
        lead = reading_of(await repository.readings_of(tx, consult.id), ReadingRole.EXPERT)
        if lead is not None:
            await tx.emit("reader.lacking", person=lead.expert_id, consult=consult.id)
        await tx.audit("offer.expired", consult.ref, outcome="failure", offer=offer.id, expert=offer.expert_id)
        return None
    await repository.save_offer(tx, offer.expire(tx.now))
    await tx.revoke("offer", offer.id)
    await tx.audit("offer.expired", consult.ref, offer=offer.id, expert=offer.expert_id)
    await tx.emit("offer.expired", person=offer.expert_id, consult=consult.id)
    await ask_next(tx, tx.actor, consult)
    return None


async def answered(tx: Transaction, actor: Actor, consult: Consult, *, accepts: bool) -> None:
    """Somebody who was asked to read or sign beside the expert said yes, or no: the expert is told, the next one asked."""
    lead = reading_of(await repository.readings_of(tx, consult.id), ReadingRole.EXPERT)
    if lead is not None:
        kind = "reading.accepted" if accepts else "reading.declined"
        await tx.emit(kind, person=lead.expert_id, consult=consult.id, by=actor.person_id)
    if not accepts:
        await ask_next(tx, actor, consult)


async def over(tx: Transaction, consult: Consult, readings: Sequence[Reading]) -> None:
    """Nobody is asked to read or sign beside the expert any more: the answer is final, or its expert hands it over. Who was to
    is told."""
    for offer in await repository.offers_of(tx, consult.id):
        if offer.open:
            await withdraw(tx, consult, offer)
    for reading in readings:
        if reading.role in BESIDE and reading.status in repository.WORKING:
            await repository.save_reading(tx, reading.cancel(tx.now))
            await tx.revoke("consult", consult.id, reading.expert_id)
            await tx.emit("offer.withdrawn", person=reading.expert_id, consult=consult.id)


def led(readings: Sequence[Reading], actor: Actor) -> Reading:
    """The reading that this person leads. Raises Forbidden: somebody else does."""
    lead = reading_of(readings, ReadingRole.EXPERT)
    if lead is None or lead.expert_id != actor.person_id:
        raise Forbidden("error-not-the-expert")
    return lead


async def _offer(tx: Transaction, consult: Consult, role: ReadingRole, proposal: Proposal) -> Offer:
    made = await offering.offer_to(
        tx, consult, proposal, role, timer="" if role is ReadingRole.CO_READER else clock.SILENT
    )
    await tx.emit("reading.invited", person=made.expert_id, consult=consult.id, role=role)
    return made


async def _withdraw_open(tx: Transaction, consult: Consult, role: ReadingRole) -> None:
    for offer in await repository.offers_of(tx, consult.id):
        if offer.open and offer.role is role:
            await withdraw(tx, consult, offer)


async def withdraw(tx: Transaction, consult: Consult, offer: Offer) -> None:
    """Take one back, and tell whoever was asked. The consult's row was saved before."""
    await repository.save_offer(tx, offer.withdraw(tx.now))
    await offering.close(tx, offer)
    await tx.emit("offer.withdrawn", person=offer.expert_id, consult=consult.id)
