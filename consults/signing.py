"""Signing: a draft becomes an opinion, an addendum or an amendment, under the name of a freshly authenticated expert."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

import msgspec
from sqlalchemy.exc import IntegrityError

from consults import blind, release, repository
from consults.completion import SIGNS_BESIDE
from consults.concordance import grade_row
from consults.grades import Graded, disputed, needed
from consults.kinds import ReadingRole
from consults.model import Consult, Opinion, Reading, next_statement, signature_time
from consults.opinion import (
    Content,
    Display,
    IdentifiedBy,
    Kind,
    ShownField,
    SlideSeen,
    digest,
    finished,
    verification_code,
)
from consults.versions import sealed
from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import key_regions
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Forbidden, Invalid
from telepath.slides import catalogue, display_check, views

PROFILE_DIGITS: Final = 8
"""Of a profile's digest: enough to know it again."""
NO_PROVIDERS: Final[Mapping[str, str]] = MappingProxyType({})


async def sign(
    db: Database,
    actor: Actor,
    consult_id: str,
    seen: int,
    within: timedelta,
    *,
    providers: Mapping[str, str] = NO_PROVIDERS,
    amends: bool = False,
    graded: Graded | None = None,
) -> Opinion:
    """Sign the draft that is kept, if it is still version ``seen``; ``within``: how recent the authentication must be;
    ``providers``: what those of experts from abroad are called, by their keys.

    A reader's first signature is their opinion; a later one an addendum or, with ``amends``, what replaces it. The answer goes
    out, and the readers' rights end after FOLLOW_UP, once all that it needs is signed (consults/completion.py); what is signed
    after that, at once. ``graded``: how the opinion agrees with the first diagnosis, which a network wants to know with it.
    Who read blind until now has committed what they sign.

    Raises Refused; Conflict: another version came first; Invalid: the draft cannot be signed, or not yet; StepUpRequired;
    InvalidTransition: nothing was drafted, or the consult is on hold; Forbidden: no RPPS number and no credential that stands,
    or this person signs the text of another."""
    try:
        async with db.write(actor) as tx:
            consult = await repository.get(tx, consult_id)
            allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
            reading = await repository.reading_by(tx, consult_id, actor.person_id)
            content, auth_time = _checked(actor, consult, reading, seen, tx.now, within)
            graded = _graded(consult, reading, graded)
            identified_by = await identified(tx, actor, providers)
            earlier = await repository.opinions_of(tx, consult_id)
            content = msgspec.structs.replace(
                content,
                regions=await shown_fields(tx, consult_id, actor.person_id, () if amends else earlier),
                slides=await slides_seen(tx, consult, actor.person_id),
                display=await display_checked(tx, actor.person_id),
            )
            statement = next_statement(consult, reading, content, earlier, tx.now, identified_by, amends=amends)
            opinion = Opinion(
                id=tx.new_id(),
                consult_id=consult.id,
                reading_id=reading.id,
                number=statement.number,
                kind=statement.kind,
                author_id=statement.author_id,
                institution_id=statement.institution_id,
                content=statement.content,
                digest=digest(statement),
                signed_at=tx.now,
                acr=actor.acr,
                auth_time=auth_time,
                verification=verification_code(tx.random(8)),
                identified_by=identified_by,
            )
            unseen = sealed(consult, reading)
            signed = (reading.commit(tx.now).reveal(tx.now) if unseen else reading).sign(tx.now)
            readings = [signed if one.id == signed.id else one for one in await repository.readings_of(tx, consult_id)]
            opinions = [*earlier, opinion]
            standing = consult
            if reading.role is ReadingRole.EXPERT and opinion.kind is Kind.OPINION:
                standing = disputed(consult, graded)
            # The consult's row first, as in consults/offers.py.
            signatures = await repository.signatures_of(tx, consult_id)
            after = await release.save(tx, standing, readings, opinions, signatures)
            await repository.save_reading(tx, signed)
            await repository.insert_opinion(tx, opinion)
            await cases.touch(tx, consult.case_id)
            if unseen:
                await blind.with_co_readers(tx, signed)
                kept = signed.committed_digest
                await tx.audit("opinion.committed", consult.ref, because=allowed, reading=reading.id, digest=kept)
                await tx.audit("opinion.revealed", consult.ref, because=allowed, reading=reading.id, committed=True)
            await tx.audit(
                "opinion.signed" if opinion.kind is Kind.OPINION else "opinion.amended",
                consult.ref,
                because=allowed,
                opinion=opinion.id,
                number=opinion.number,
                digest=opinion.digest,
                previous=statement.previous,
                replaces=opinion.content.replaces,
            )
            if graded is not None:
                await grade_row(tx, actor, consult, reading, graded, allowed, dispute=standing.dispute)
            await release.follow(tx, actor, consult, after, opinions, opinion)
    except IntegrityError:
        raise Conflict("error-draft-conflict") from None
    return opinion


async def shown_fields(
    reader: Reader, consult_id: str, author_id: str, earlier: Iterable[Opinion]
) -> tuple[ShownField, ...]:
    """The fields that this author has pinned in the consult and not signed before: they go with what is signed next."""
    before = {one.id for opinion in earlier if opinion.author_id == author_id for one in opinion.content.regions}
    found = [one for one in await key_regions.pinned(reader, consult_id, author_id) if one.id not in before]
    slides = await catalogue.by_id(reader, {one.slide_id for one in found})
    return tuple(
        ShownField(one.id, one.slide_id, slides[one.slide_id].label, one.label, one.view, one.digest) for one in found
    )


async def slides_seen(reader: Reader, consult: Consult, author_id: str) -> tuple[SlideSeen, ...]:
    """The slides of the case that this author has opened since the consult was asked for, and in which colours: their own
    views alone."""
    slides = await catalogue.of_case(reader, consult.case_id)
    shown = await views.showings(reader, author_id, [one.id for one in slides], consult.requested_at)
    return tuple(
        SlideSeen(
            slide_id=one.id,
            slide=one.label,
            colours=shown[one.id][0],
            profile=one.profile.digest[:PROFILE_DIGITS] if one.profile.applied else "",
            qualities=shown[one.id][1],
        )
        for one in slides
        if one.id in shown
    )


async def display_checked(reader: Reader, author_id: str) -> Display | None:
    """The last display check of this author, on whichever screen."""
    last = await display_check.last_of(reader, author_id)
    if last is None:
        return None
    at = last.done_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Display(at=at, seen=last.seen, trials=last.trials, faintest=last.faintest)


async def signable(db: Database, actor: Actor, consult_id: str, seen: int, within: timedelta) -> None:
    """Whether ``sign`` would sign; nothing is signed. Raises Refused, Conflict, Invalid, StepUpRequired: as it would."""
    async with db.read() as read:
        consult = await repository.get(read, consult_id)
        await grants.require(read, actor, Action.CONSULT_ANSWER, consult.ref)
        reading = await repository.reading_by(read, consult_id, actor.person_id)
        _checked(actor, consult, reading, seen, read.now, within)
        await identified(read, actor, NO_PROVIDERS)


async def identified(reader: Reader, actor: Actor, providers: Mapping[str, str]) -> IdentifiedBy | None:
    """On whose word an expert without an RPPS number signs; None for everybody else. Raises Forbidden: on nobody's."""
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


def _checked(
    actor: Actor, consult: Consult, reading: Reading, seen: int, now: datetime, within: timedelta
) -> tuple[Content, datetime]:
    """What may be signed, and when the signer last proved who they are."""
    if reading.role in SIGNS_BESIDE:
        raise Forbidden("error-not-the-expert")
    if reading.version != seen:
        raise Conflict("error-draft-conflict")
    consult.signable()
    content = finished(reading.draft)
    if not reading.signed and needed(consult) and sealed(consult, reading):
        raise Invalid("error-reveal-first")
    return content, signature_time(actor, reading, now, within)


def _graded(consult: Consult, reading: Reading, graded: Graded | None) -> Graded | None:
    """The grade that goes with this signature. Raises Invalid: it is missing; TooLarge."""
    if reading.signed or not consult.first_diagnosis or sealed(consult, reading):
        return None
    if graded is None:
        if needed(consult):
            raise Invalid("error-grade-missing", field="grade")
        return None
    return graded.checked()
