"""The expert goes on without somebody who was invited to read or sign beside them."""

from consults import further_readers, release, repository
from consults.completion import missing
from consults.lifecycle import ReadingStatus
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import Invalid


async def dismiss(db: Database, actor: Actor, consult_id: str, expert_id: str) -> None:
    """Take an invitation back, or go on without who accepted it and has signed nothing: their rights end. The answer goes out
    if it waited for them alone.

    Raises Refused; Forbidden: not the consult's expert; Invalid: nobody such; InvalidTransition: they have signed, or the
    answer would go out while the consult waits for its requester; Conflict."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        readings = await repository.readings_of(tx, consult_id)
        further_readers.led(readings, actor)
        beside = [one for one in await repository.offers_of(tx, consult_id) if one.role in further_readers.BESIDE]
        asked = next((one for one in beside if one.open and one.expert_id == expert_id), None)
        if asked is not None:
            await repository.save_consult(tx, consult)
            await further_readers.withdraw(tx, consult, asked)
            await tx.audit("offer.withdrawn", consult.ref, because=allowed, expert=expert_id)
            return
        living = [one for one in readings if one.status is not ReadingStatus.CANCELLED]
        left = next((one for one in living if one.expert_id == expert_id and one.role in further_readers.BESIDE), None)
        if left is None:
            raise Invalid("error-reader-gone")
        gone = left.cancel(tx.now)
        remaining = [one for one in living if one.id != left.id]
        opinions = await repository.opinions_of(tx, consult_id)
        signatures = await repository.signatures_of(tx, consult_id)
        after = await release.save(tx, consult, remaining, opinions, signatures)
        await repository.save_reading(tx, gone)
        await tx.revoke("consult", consult.id, expert_id)
        await tx.emit("offer.withdrawn", person=expert_id, consult=consult.id)
        await tx.audit("offer.withdrawn", consult.ref, because=allowed, expert=expert_id)
        if not missing(after, remaining, opinions, signatures):
            await release.follow(tx, actor, consult, after, opinions, None)
