"""Signing: a draft becomes an opinion, or an addendum to it, under the name of a freshly authenticated expert."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy.exc import IntegrityError

from consults import repository
from consults.model import FOLLOW_UP, Opinion, Reading, next_statement, signature_time
from consults.opinion import Content, IdentifiedBy, Kind, digest, finished, verification_code
from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Forbidden

NO_PROVIDERS: Final[Mapping[str, str]] = MappingProxyType({})
EVENTS = {Kind.OPINION: "opinion.signed", Kind.ADDENDUM: "opinion.amended"}


async def sign(
    db: Database,
    actor: Actor,
    consult_id: str,
    seen: int,
    within: timedelta,
    *,
    providers: Mapping[str, str] = NO_PROVIDERS,
) -> Opinion:
    """Sign the draft that is kept, if it is still version ``seen``; ``within``: how recent the authentication must be;
    ``providers``: what those of experts from abroad are called, by their keys.

    The first signature completes the consult and lets the expert's rights end after FOLLOW_UP; every later one is an
    addendum. Raises Refused; Conflict: another version came first; Invalid: the draft cannot be signed; StepUpRequired;
    InvalidTransition: nothing was drafted; Forbidden: no RPPS number, and no credential that stands."""
    try:
        async with db.write(actor) as tx:
            consult = await repository.get(tx, consult_id)
            allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
            reading = await repository.reading_by(tx, consult_id, actor.person_id)
            content, auth_time = _checked(actor, reading, seen, tx.now, within)
            identified_by = await _identified_by(tx, actor, providers)
            earlier = await repository.opinions_of(tx, consult_id)
            statement = next_statement(consult, reading, content, earlier, tx.now, identified_by)
            opinion = Opinion(
                id=tx.new_id(),
                consult_id=consult.id,
                reading_id=reading.id,
                number=statement.number,
                kind=statement.kind,
                author_id=statement.author_id,
                institution_id=statement.institution_id,
                content=content,
                digest=digest(statement),
                signed_at=tx.now,
                acr=actor.acr,
                auth_time=auth_time,
                verification=verification_code(tx.random(8)),
                identified_by=identified_by,
            )
            signed = reading.sign(tx.now)
            if opinion.kind is Kind.OPINION:  # the consult's row first, as in consults/offers.py
                await repository.save_consult(tx, consult.completed(tx.now))
                await tx.limit("consult", consult.id, tx.now + FOLLOW_UP)
            await repository.save_reading(tx, signed)
            await repository.insert_opinion(tx, opinion)
            await cases.touch(tx, consult.case_id)
            kind = EVENTS[opinion.kind]
            await tx.audit(
                kind,
                consult.ref,
                because=allowed,
                opinion=opinion.id,
                number=opinion.number,
                digest=opinion.digest,
                previous=statement.previous,
            )
            await tx.emit(kind, person=consult.requester_id, consult=consult.id, by=actor.person_id)
    except IntegrityError:
        raise Conflict("error-draft-conflict") from None
    return opinion


async def signable(db: Database, actor: Actor, consult_id: str, seen: int, within: timedelta) -> None:
    """Whether ``sign`` would sign; nothing is signed. Raises Refused, Conflict, Invalid, StepUpRequired: as it would."""
    async with db.read() as read:
        consult = await repository.get(read, consult_id)
        await grants.require(read, actor, Action.CONSULT_ANSWER, consult.ref)
        reading = await repository.reading_by(read, consult_id, actor.person_id)
        _checked(actor, reading, seen, read.now, within)
        await _identified_by(read, actor, NO_PROVIDERS)


async def _identified_by(reader: Reader, actor: Actor, providers: Mapping[str, str]) -> IdentifiedBy | None:
    """On whose word an expert without an RPPS number signs; None for everybody else."""
    author = (await directory.people(reader, [actor.person_id]))[actor.person_id]
    if not author.foreign:
        return None
    credential = await directory.credential(reader, author.id)
    if credential is None:
        raise Forbidden("error-credential-missing")
    verifier = (await directory.people(reader, [credential.verified_by]))[credential.verified_by]
    return IdentifiedBy(
        provider=providers.get(author.provider, author.provider),
        authority=credential.authority,
        number=credential.number,
        country=credential.country,
        verified_by=verifier.name,
        verified_at=credential.verified_at,
    )


def _checked(actor: Actor, reading: Reading, seen: int, now: datetime, within: timedelta) -> tuple[Content, datetime]:
    """What may be signed, and when the signer last proved who they are."""
    if reading.version != seen:
        raise Conflict("error-draft-conflict")
    return finished(reading.draft), signature_time(actor, reading, now, within)
