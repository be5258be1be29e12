"""What an expert who never came is shown before any login: who asks, how urgently, until when.

Nothing of the patient, of the case or of the question: whoever holds the letter may read it."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from consults import repository
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus, OfferStatus
from telepath import directory
from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.consults import offer
from telepath.db.transaction import Reader
from telepath.directory import Institution, Person
from telepath.errors import NotFound


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that waits for its answer. ``place``: of who asks."""

    consult_id: str
    requester: Person
    place: Institution
    expert: Person
    expert_place: Institution
    urgency: Urgency
    due_at: datetime
    """When the opinion is due."""
    answer_by: datetime | None
    """When the next expert is asked; None: nobody is."""


async def waiting(reader: Reader, consult_id: str, expert_id: str) -> str:
    """The id of what waits for this expert's answer; "": nothing does."""
    found: str | None = await reader.scalar(
        select(offer.c.id)
        .where(
            offer.c.consult_id == consult_id,
            offer.c.expert_id == expert_id,
            offer.c.status == OfferStatus.PROPOSED,
        )
        .order_by(offer.c.id.desc())
        .limit(1)
    )
    return found or ""


async def opened(db: Database, actor: Actor, offer_id: str) -> Asked:
    """What was asked, recorded. ``actor``: whoever opens the letter, who may be nobody; ``offer_id``: "" of a letter that
    is not ours.

    Raises NotFound: no such offer, or it waits for nobody any more: answered, withdrawn, ended, or its expert suspended."""
    async with db.read() as reader:
        try:
            found = await _asked(reader, offer_id)
        except NotFound:
            found = None
    if found is None:
        await db.refusals.record(actor, "offer.opened")
        raise NotFound
    asked, thing = found
    await db.record(actor, "offer.opened", thing, offer=offer_id)
    return asked


async def _asked(reader: Reader, offer_id: str) -> tuple[Asked, ObjectRef]:
    row = await reader.one(select(offer.c.consult_id).where(offer.c.id == offer_id))
    consult = await repository.get(reader, row["consult_id"])
    made = next(one for one in await repository.offers_of(reader, consult.id) if one.id == offer_id)
    people = await directory.people(reader, {consult.requester_id, made.expert_id})
    places = await directory.institutions(reader, {consult.institution_id, made.institution_id})
    expert = people[made.expert_id]
    if not made.open or consult.status not in (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD) or expert.disabled_at:
        raise NotFound
    asked = Asked(
        consult_id=consult.id,
        requester=people[consult.requester_id],
        place=places[consult.institution_id],
        expert=expert,
        expert_place=places[made.institution_id],
        urgency=consult.urgency,
        due_at=made.due_at,
        answer_by=made.answer_by,
    )
    return asked, consult.ref
