"""The signature of a co-reader or countersigner under the expert's text, or why they do not sign it."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from consults import release, repository
from consults.completion import SIGNS_BESIDE, Signature, led_by, missing
from consults.model import Opinion, Reading, in_force, signature_time
from consults.opinion import Shown
from consults.signing import NO_PROVIDERS, display_checked, identified, slides_seen
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.transaction import Transaction
from telepath.errors import Conflict, Invalid


async def countersign(
    db: Database,
    actor: Actor,
    consult_id: str,
    number: int,
    within: timedelta,
    *,
    providers: Mapping[str, str] = NO_PROVIDERS,
) -> Signature:
    """Sign the opinion ``number`` beside its author. The answer goes out if nothing else is needed.

    Raises Refused; Forbidden: no RPPS number and no credential; Conflict: another text took its
    place, or it is signed already; Invalid: nothing is signed yet, or this person is its author; InvalidTransition: the consult
    is on hold; StepUpRequired."""
    try:
        async with db.write(actor) as tx:
            consult = await repository.get(tx, consult_id)
            allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
            readings = await repository.readings_of(tx, consult_id)
            opinions = await repository.opinions_of(tx, consult_id)
            reading, text = await _beside(tx, actor, consult_id, readings, opinions, number)
            consult.signable()
            auth_time = signature_time(actor, reading, tx.now, within)
            made = Signature(
                id=tx.new_id(),
                opinion_id=text.id,
                person_id=actor.person_id,
                institution_id=reading.institution_id,
                role=reading.role,
                digest=text.digest,
                signed_at=tx.now,
                acr=actor.acr,
                auth_time=auth_time,
                identified_by=await identified(tx, actor, providers),
                shown=Shown(
                    await slides_seen(tx, consult, actor.person_id), await display_checked(tx, actor.person_id)
                ),
            )
            signed = reading.countersign(tx.now)
            readings = [signed if one.id == signed.id else one for one in readings]
            signatures = [*await repository.signatures_of(tx, consult_id), made]
            after = await release.save(tx, consult, readings, opinions, signatures)
            await repository.save_reading(tx, signed)
            await repository.insert_signature(tx, made)
            await cases.touch(tx, consult.case_id)
            await tx.audit(
                "opinion.countersigned",
                consult.ref,
                because=allowed,
                opinion=text.id,
                number=text.number,
                digest=text.digest,
                role=reading.role,
            )
            await release.follow(tx, actor, consult, after, opinions, None)
    except IntegrityError:
        raise Conflict("error-signed-already") from None
    return made


async def send_back(db: Database, actor: Actor, consult_id: str, number: int, comment: str) -> None:
    """Do not sign the opinion ``number``, and say why: the expert amends it first.

    Raises Refused; Invalid: no comment, as for ``countersign``, or the answer went out; Conflict: as for
    ``countersign``; TooLarge."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        readings = await repository.readings_of(tx, consult_id)
        opinions = await repository.opinions_of(tx, consult_id)
        reading, text = await _beside(tx, actor, consult_id, readings, opinions, number)
        if not missing(consult, readings, opinions, await repository.signatures_of(tx, consult_id)):
            raise Invalid("error-released-already")
        returned = reading.send_back(comment, tx.now)
        await repository.save_consult(tx, consult)
        await repository.save_reading(tx, returned)
        said = {"comment": returned.draft.remarks}
        await tx.audit(
            "opinion.returned", consult.ref, because=allowed, private=said, opinion=text.id, number=text.number
        )
        await tx.emit("opinion.returned", person=text.author_id, consult=consult.id, by=actor.person_id)


async def _beside(
    tx: Transaction, actor: Actor, consult_id: str, readings: list[Reading], opinions: list[Opinion], number: int
) -> tuple[Reading, Opinion]:
    """The reading of who signs beside the expert, and the text that stands."""
    mine = await repository.reading_by(tx, consult_id, actor.person_id)
    if mine.role not in SIGNS_BESIDE:
        raise Invalid("error-signs-alone")
    lead = led_by(readings, mine)
    text = in_force(opinions, lead.id) if lead is not None else None
    if text is None:
        raise Invalid("error-nothing-to-sign")
    if text.number != number:
        raise Conflict("error-opinion-replaced")
    signatures = await repository.signatures_of(tx, consult_id)
    if any(one.opinion_id == text.id and one.person_id == actor.person_id for one in signatures):
        raise Conflict("error-signed-already")
    return mine, text
