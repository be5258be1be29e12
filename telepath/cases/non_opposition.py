"""What the patient said about showing the case to others, and who noted it: a refusal is respected.

Source: Code de la santé publique, R6316-2 and L1110-4: the patient is informed and may oppose; whoever asks keeps a trace.
"""

from enum import StrEnum

from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.errors import Invalid


class Patient(StrEnum):
    """Worded as ``non-opposition-<code>``."""

    INFORMED = "informed"
    """Knows that others may be asked, and does not oppose."""
    REFUSED = "refused"


async def note(db: Database, actor: Actor, case_id: str, said: Patient) -> None:
    """Note what the patient said. What runs already goes on: taking it back is the requester's.

    Raises Refused: the actor may not change the case."""
    async with db.write(actor) as tx:
        case = await repository.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.CASE_EDIT, case.ref)
        await repository.note_non_opposition(tx, case_id, said, actor.person_id)
        change = {"before": case.non_opposition, "after": said}
        await tx.audit("case.changed", case.ref, because=allowed, private=change, changed=["non_opposition"])


def respected(case: Case) -> None:
    """Before the case is shown to somebody new. Raises Invalid: the patient has refused."""
    if case.non_opposition == Patient.REFUSED:
        raise Invalid("error-patient-refused")
