"""The expert's answer to an offer, and the requester's next offer.

Each of these changes the consult's row first, even if only its version grows: of two people who act at the same instant
one wins and the other gets Conflict, and they cannot wait for each other.
"""

from collections.abc import Sequence

from sqlalchemy import select

from consults import alarms, asking, blind, further_readers, offering, repository
from consults.further_readers import rank_of
from consults.kinds import DeclineCode, ReadingRole
from consults.lifecycle import READING, OfferStatus, ReadingAction, ReadingStatus, step
from consults.model import Consult, Offer, Reading
from consults.opinion import Draft
from consults.request import chosen, proposals, terms_of
from telepath import grants, guests
from telepath.access import Action, Right
from telepath.actor import Actor
from telepath.cases import non_opposition, sharing
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.slides import slide
from telepath.db.transaction import Transaction
from telepath.errors import Conflict, InvalidTransition, Refused
from telepath.slides.catalogue import Slide

ON_SLIDES = (Right.VIEW, Right.ANNOTATE, Right.PRESENT, Right.DISCUSS)
"""Rights of who reads a consult on the slides of its case."""


async def accept(db: Database, actor: Actor, consult_id: str) -> str:
    """Take the consult, and return the reading's id. The expert now sees the case and its slides; other offers end.

    Raises Refused: nothing was offered to this person, or they are no expert now; Conflict: another expert was quicker, or it
    was withdrawn; InvalidTransition: answered already."""
    async with db.write(actor) as tx:
        consult, offers, mine = await _offered(tx, actor, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ACCEPT, consult.ref)
        taken = mine.accept(tx.now)
        alone = mine.role is ReadingRole.EXPERT
        changed = consult.accepted(mine.due_at) if alone else consult
        await repository.save_consult(tx, changed)
        await repository.save_offer(tx, taken)
        reading = Reading(
            id=tx.new_id(),
            consult_id=consult.id,
            expert_id=mine.expert_id,
            institution_id=mine.institution_id,
            status=step(READING, ReadingStatus.REQUESTED, ReadingAction.ACCEPT),
            rank=rank_of(mine.role),
            draft=Draft(),
            started_at=tx.now,
            role=mine.role,
            paused_before=consult.paused_seconds,
        )
        readings = await repository.readings_of(tx, consult_id)
        reading = blind.begun(consult, readings, reading, tx.now)
        await repository.insert_reading(tx, reading)
        await offering.close(tx, mine)
        await _let_read(tx, consult, reading)
        for other in offers:
            # A co-reader reads with others; of every other role there is one.
            same = other.role is mine.role and mine.role is not ReadingRole.CO_READER
            if other.open and other.id != mine.id and same:
                await repository.save_offer(tx, other.withdraw(tx.now))
                await offering.close(tx, other)
                await tx.emit("offer.withdrawn", person=other.expert_id, consult=consult.id)
        await tx.audit("offer.accepted", consult.ref, because=allowed, offer=mine.id, reading=reading.id)
        if alone:
            await asking.taken(tx, changed)
            await tx.emit("consult.accepted", person=consult.requester_id, consult=consult.id, by=actor.person_id)
        else:
            await further_readers.answered(tx, actor, consult, accepts=True)
    return reading.id


async def decline(
    db: Database, actor: Actor, consult_id: str, reason: str, code: DeclineCode = DeclineCode.OTHER
) -> None:
    """Say no, and why: the next in a chain is asked; else the requester is told and may ask another expert.

    ``code`` says it in one word; a conflict of interest is remembered (consults/conflicts.py). Raises Refused; Conflict;
    InvalidTransition: as for ``accept``; Invalid: ``other``, and no reason given; TooLarge."""
    async with db.write(actor) as tx:
        consult, offers, mine = await _offered(tx, actor, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_VIEW, consult.ref)
        refused = mine.decline(reason, tx.now, code)
        alone = mine.role is ReadingRole.EXPERT
        following = await asking.next_of(tx, consult, offers, mine) if alone else None
        changed = consult
        if following is not None:
            changed = consult.offered_again(following.due_at, tx.now)
        elif alone:
            changed = consult.declined(asking.others_open(offers, mine), tx.now)
        await repository.save_consult(tx, changed)
        await repository.save_offer(tx, refused)
        await offering.close(tx, mine)
        said = {"reason": refused.decline_reason}
        await tx.audit("offer.declined", consult.ref, because=allowed, private=said, offer=mine.id, decline=code)
        if alone:
            await asking.refused(tx, changed, offers, mine, following)
        else:
            await further_readers.answered(tx, actor, consult, accepts=False)


async def reoffer(db: Database, actor: Actor, consult_id: str, expert_id: str, *, despite: str = "") -> str:
    """Ask one more expert, after a refusal or beside one who has not answered; return the offer's id.

    Who accepts first reads. Raises Refused; Invalid: not one of the proposals, or the patient refused; InvalidTransition:
    somebody reads already, or the consult has ended; Conflict: something else was done with it at the same time."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_MANAGE, consult.ref)
        offers = await repository.offers_of(tx, consult_id)
        if await alarms.read(tx, consult):
            raise InvalidTransition("offer", OfferStatus.ACCEPTED)
        case = await cases.get(tx, consult.case_id)
        non_opposition.respected(case)
        ranking = await proposals(
            tx,
            actor,
            case,
            consult.organ,
            consult.urgency,
            asking.asked_of(offers),
            terms=terms_of(consult),
            requester_id=consult.requester_id,
        )
        proposal = chosen(ranking, expert_id, despite)
        consult = consult.offered_again(proposal.due_at, tx.now)
        await repository.save_consult(tx, consult)
        (offer,) = await asking.ask(tx, consult, [proposal])
        await tx.audit(
            "offer.made",
            consult.ref,
            because=allowed,
            private={"despite": despite.strip(), "left_out": proposal.despite} if proposal.despite else None,
            offer=offer.id,
            expert=expert_id,
        )
    return offer.id


async def _offered(tx: Transaction, actor: Actor, consult_id: str) -> tuple[Consult, Sequence[Offer], Offer]:
    consult = await repository.get(tx, consult_id)
    offers = await repository.offers_of(tx, consult_id)
    mine = next((offer for offer in reversed(offers) if offer.expert_id == actor.person_id), None)
    if mine is None:
        raise Refused(Action.CONSULT_ANSWER, "consult", consult_id, "no-offer")
    if mine.status is OfferStatus.WITHDRAWN:
        raise Conflict("error-offer-withdrawn")
    if mine.status is OfferStatus.EXPIRED:
        raise Conflict("error-offer-expired")
    return consult, offers, mine


async def _let_read(tx: Transaction, consult: Consult, reading: Reading) -> None:
    """Rights of who reads: on the consult, its case, and each slide that the case has now (``give_slide``: later ones); on the
    patient's identity where the requester chose so."""
    await tx.scalar(
        select(case.c.id).where(case.c.id == consult.case_id).with_for_update()
    )  # a slide may be on its way
    slides = await tx.all(select(slide.c.id).where(slide.c.case_id == consult.case_id).order_by(slide.c.id))
    rights = {
        ("consult", consult.id): [Right.VIEW, Right.ANSWER, Right.DISCUSS],
        ("case", consult.case_id): [Right.VIEW, Right.DISCUSS, *([Right.IDENTITY] if consult.shows_identity else [])],
    } | {("slide", row["id"]): ON_SLIDES for row in slides}
    for thing, given in rights.items():
        await tx.grant(
            ("person", reading.expert_id),
            thing,
            given,
            because="consult",
            because_id=consult.id,
            institution_id=reading.institution_id,
        )


async def give_slide(tx: Transaction, added: Slide) -> None:
    """Give a slide that has just come into a case to the experts who are reading that case, to the guests of its consults, and
    to those with whom the case is shared. For ``ingest.add``."""
    for consult_id, expert_id, institution_id in await repository.readers_of_case(tx, added.case_id):
        await tx.grant(
            ("person", expert_id),
            ("slide", added.id),
            ON_SLIDES,
            because="consult",
            because_id=consult_id,
            institution_id=institution_id,
        )
    await guests.slide_added(tx, added.case_id, added.id)
    await sharing.slide_added(tx, added)
