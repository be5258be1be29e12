"""Within what time an institution wants its answers, where that is not the usual time: its coordinators say so."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from consults.deadlines import USUAL, Turnaround, Unit, Urgency
from telepath import grants
from telepath.access import Action, institution_ref
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.consults import turnaround
from telepath.db.schema.directory import institution
from telepath.db.transaction import Reader


async def of_institution(reader: Reader, institution_id: str) -> dict[Urgency, Turnaround]:
    """What counts for requests of this institution: its own word, else the one for all, else the usual."""
    said = await reader.all(
        select(turnaround)
        .where(turnaround.c.institution_id.in_(("", institution_id)))
        .order_by(turnaround.c.institution_id)
    )
    return USUAL | {Urgency(row["urgency"]): Turnaround(row["amount"], Unit(row["unit"])) for row in said}


async def within(reader: Reader, institution_id: str, urgency: Urgency) -> Turnaround:
    """For a request of this urgency, from this institution."""
    return (await of_institution(reader, institution_id))[urgency]


async def set_all(db: Database, actor: Actor, wanted: Mapping[Urgency, Turnaround]) -> None:
    """Say within what time the actor's institution wants its answers from now on; what is due already stays as it is. An
    urgency that is not in ``wanted``, or whose time is the usual one, is as everywhere.

    Raises Refused; Invalid: a time that is too short or too long."""
    place = actor.institution_id
    own = turnaround.c.institution_id == place
    async with db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.ROUTING_MANAGE, institution_ref(place))
        for urgency in wanted:
            wanted[urgency].checked()
        # The institution's row is the lock: of two at once, the later counts as a whole.
        await tx.first(select(institution.c.id).where(institution.c.id == place).with_for_update(key_share=True))
        before = await of_institution(tx, place)
        await tx.execute(delete(turnaround).where(own))
        everywhere = await of_institution(tx, place)
        for urgency, asked in wanted.items():
            if asked != everywhere[urgency]:
                row = {"urgency": urgency, "amount": asked.amount, "unit": asked.unit}
                await tx.insert(turnaround, institution_id=place, **row)
        after = await of_institution(tx, place)
        changed = {str(one): _said(after[one]) for one in Urgency if before[one] != after[one]}
        await tx.audit(
            "routing.changed", institution_ref(place), because=allowed, change="turnaround", turnaround=changed
        )


def _said(within: Turnaround) -> str:
    return f"{within.amount} {within.unit}"
