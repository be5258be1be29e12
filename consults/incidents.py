"""Technical incidents of a consult, noted by either side and printed in its report.

Code de la santé publique, R6316-4: the report of an act of telemedicine says "les incidents techniques survenus"."""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import select

from consults import repository
from consults.kinds import IncidentKind
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.consults import incident
from telepath.db.transaction import Reader
from telepath.errors import Invalid

TEXT_LIMIT: Final = 1_000
"""Characters."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    consult_id: str
    kind: IncidentKind
    text: str
    noted_by: str
    noted_at: datetime


async def note(db: Database, actor: Actor, consult_id: str, kind: IncidentKind, text: str) -> str:
    """Note one, for good; returns its id. Who may write in the discussion may.

    Raises Refused; Invalid: ``other`` and nothing said, a patient's number; TooLarge."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        await grants.require(tx, actor, Action.CONSULT_VIEW, consult.ref)
        case = await cases.get(tx, consult.case_id)
        allowed = await grants.require(tx, actor, Action.THREAD_WRITE, case.ref)
        said = plain(text, field="incident-text", limit=TEXT_LIMIT, lines=True)
        if kind is IncidentKind.OTHER and not said:
            raise Invalid("error-text-missing", field="incident-text")
        noted = Incident(
            id=tx.new_id(), consult_id=consult.id, kind=kind, text=said, noted_by=actor.person_id, noted_at=tx.now
        )
        await tx.insert(incident, **msgspec.structs.asdict(noted))
        await tx.audit(
            "consult.incident-noted", consult.ref, because=allowed, private={"incident_text": said}, incident=kind
        )
    return noted.id


async def of_consult(reader: Reader, consult_id: str) -> list[Incident]:
    """Oldest first. The caller has asked CONSULT_VIEW."""
    rows = await reader.all(
        select(incident).where(incident.c.consult_id == consult_id).order_by(incident.c.noted_at, incident.c.id)
    )
    return [msgspec.convert({str(name): value for name, value in row.items()}, Incident) for row in rows]
