"""What the requester makes of the answer: adopts it, refuses it or contests it; and what the expert may say then."""

from typing import Final

import msgspec

from consults import repository
from consults.kinds import Adoption
from consults.model import FOLLOW_UP, Consult
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.cases.non_opposition import Patient
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.transaction import Transaction
from telepath.errors import Invalid, InvalidTransition

REASON_LIMIT: Final = 2_000
"""Characters."""
DISPUTED: Final = (Adoption.REFUSED, Adoption.CONTESTED)
EVENTS: Final = {
    Adoption.ADOPTED: "opinion.adopted",
    Adoption.REFUSED: "opinion.contested",
    Adoption.CONTESTED: "opinion.contested",
}


async def decide(db: Database, actor: Actor, consult_id: str, adoption: Adoption, reason: str) -> None:
    """Say what becomes of the answer; said again, it replaces what was said before. Its authors are told. Who disputes it opens
    the case again to who read it, for FOLLOW_UP, however long ago they answered, unless the patient has refused since; who
    adopts it then takes that back.

    Raises Refused; Invalid: no reason, for anything but an adoption; TooLarge; InvalidTransition: there is no answer yet;
    Conflict."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_MANAGE, consult.ref)
        why = plain(reason, field="adoption-reason", limit=REASON_LIMIT, lines=True)
        if adoption in DISPUTED and not why:
            raise Invalid("error-text-missing", field="adoption-reason")
        if not consult.opinions_released:
            raise InvalidTransition("decide", consult.status)
        before = consult.adoption
        patient = (await cases.get(tx, consult.case_id)).non_opposition
        decided = msgspec.structs.replace(consult, adoption=adoption, adoption_reason=why, adopted_at=tx.now)
        await repository.save_consult(tx, decided)
        kind = EVENTS[adoption]
        await tx.audit(
            kind, consult.ref, because=allowed, private={"reason": why}, adoption=adoption, adoption_before=before or ""
        )
        if adoption in DISPUTED and patient != Patient.REFUSED:
            await tx.limit("consult", consult.id, tx.now + FOLLOW_UP)
        elif before in DISPUTED and consult.ended_at is not None:
            await tx.limit("consult", consult.id, consult.ended_at + FOLLOW_UP)
        for person_id in await authors(tx, consult):
            await tx.emit(kind, person=person_id, consult=consult.id, by=actor.person_id)


async def propose_another(db: Database, actor: Actor, consult_id: str, text: str) -> None:
    """The expert, whose answer is refused or contested, proposes that somebody else reads the case: the requester is told.

    Raises Refused; Invalid: nothing is said; TooLarge; InvalidTransition: the answer stands undisputed."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        if consult.adoption not in DISPUTED:
            raise InvalidTransition("propose", consult.adoption or consult.status)
        if not plain(text, field="another-text", limit=REASON_LIMIT, lines=True):
            raise Invalid("error-text-missing", field="another-text")
        case = await cases.get(tx, consult.case_id)
        await threads.write(tx, actor, case, text, consult_id=consult.id)
        await tx.emit("consult.another-proposed", person=consult.requester_id, consult=consult.id, by=actor.person_id)


async def authors(tx: Transaction, consult: Consult) -> list[str]:
    """Person ids of who signed what the requester may see, in order, each once."""
    opinions = await repository.opinions_of(tx, consult.id)
    return list(dict.fromkeys(one.author_id for one in opinions if one.number <= consult.opinions_released))
