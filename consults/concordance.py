"""Grading how an opinion agrees with the first diagnosis: the expert with the signature or after it, the requester once they
have read it."""

from sqlalchemy.exc import IntegrityError

from consults import repository
from consults.completion import reading_of
from consults.grades import Concordance, Graded
from consults.kinds import Dispute, ReadingRole, Side
from consults.model import Consult, Reading, in_force
from telepath import grants
from telepath.access import Action, Allowed
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.transaction import Transaction
from telepath.errors import Conflict, Invalid


async def grade(db: Database, actor: Actor, consult_id: str, side: Side, graded: Graded) -> None:
    """Say how the opinion agrees with the first diagnosis: as the expert who signed it, of one's own; as the requester's side,
    of the last word that was released. Once: what the other side said is shown then.

    Raises Refused; Invalid: nothing to grade, no first diagnosis, a major discordance without a word; TooLarge;
    Conflict: this side has graded already."""
    graded = graded.checked()
    try:
        async with db.write(actor) as tx:
            consult = await repository.get(tx, consult_id)
            action = Action.CONSULT_ANSWER if side is Side.EXPERT else Action.CONSULT_MANAGE
            allowed = await grants.require(tx, actor, action, consult.ref)
            if not consult.first_diagnosis:
                raise Invalid("error-no-first-diagnosis")
            reading = await graded_reading(tx, consult, actor, side)
            if reading is None:
                raise Invalid("error-nothing-to-grade")
            await repository.save_consult(tx, consult)
            await grade_row(tx, actor, consult, reading, graded, allowed, side=side)
            if side is Side.REQUESTER:
                await tx.emit("opinion.graded", person=reading.expert_id, consult=consult.id, by=actor.person_id)
            elif consult.opinions_released:
                await tx.emit("opinion.graded", person=consult.requester_id, consult=consult.id, by=actor.person_id)
    except IntegrityError:
        raise Conflict("error-graded-already") from None


async def graded_reading(tx: Transaction, consult: Consult, actor: Actor, side: Side) -> Reading | None:
    """Whose opinion this side grades now; None: there is none."""
    readings = await repository.readings_of(tx, consult.id)
    opinions = await repository.opinions_of(tx, consult.id)
    if side is Side.EXPERT:
        mine = next((one for one in readings if one.expert_id == actor.person_id and one.signed), None)
        return mine if mine is not None and in_force(opinions, mine.id) is not None else None
    if not consult.opinions_released:
        return None
    return final_reading(readings)


def final_reading(readings: list[Reading]) -> Reading | None:
    """Whose opinion is the last word: the third reader's, else the expert's."""
    third = reading_of(readings, ReadingRole.THIRD)
    return third if third is not None and third.signed else reading_of(readings, ReadingRole.EXPERT)


async def grade_row(
    tx: Transaction,
    actor: Actor,
    consult: Consult,
    reading: Reading,
    graded: Graded,
    allowed: Allowed,
    *,
    side: Side = Side.EXPERT,
    dispute: Dispute | None = None,
) -> None:
    """Write one grade, and its record. Raises IntegrityError: this side has graded already."""
    made = Concordance(
        id=tx.new_id(),
        consult_id=consult.id,
        reading_id=reading.id,
        side=side,
        grade=graded.grade,
        comment=graded.comment,
        graded_by=actor.person_id,
        graded_at=tx.now,
    )
    await repository.insert_grade(tx, made)
    await tx.audit(
        "opinion.graded",
        consult.ref,
        because=allowed,
        private={"comment": graded.comment},
        reading=reading.id,
        side=side,
        grade=graded.grade,
        dispute=dispute or "",
    )
