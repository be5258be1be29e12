"""Breaking the glass: a doctor opens one case of another institution without a right to it, for an hour at most, and says why.

    (a reason, a fresh authentication) ──► open ──(an hour, the doctor, a reviewer)──► ended
                                             └──► told at once to the owner ──► reviewed (auth/break_glass_reviews.py)

Who opens sees the case and the slides that it has then, and not the discussion, the opinions or the patient's identity. The
reason lies under the key of the case, in the row as in the audit: it is the patient's, and is erased with the case."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import select, update

from auth.permissions import DOCTOR
from telepath import directory, grants
from telepath.access import STAFF, Action, Allowed, ObjectRef, Right, institution_ref
from telepath.actor import SYSTEM, Actor, Role, Subject
from telepath.cases.model import NUMBER_LIMIT
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log, audit_pending
from telepath.db.schema.cases import case as cases
from telepath.db.schema.consults import consult
from telepath.db.schema.directory import person
from telepath.db.schema.links import break_glass
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid, InvalidTransition, NotFound, Refused
from telepath.slides import catalogue

LONGEST: Final = timedelta(minutes=60)
BECAUSE: Final = "break-glass"
"""TRE_G15: médecin."""
REASON_LEAST: Final = 20
REASON_LIMIT: Final = 500
REASON_LETTERS: Final = 6
"""Different ones: a key held down is no reason."""
ATTEMPTS: Final = 5
"""Of one person within ``ATTEMPTS_IN``, whether they opened a case or named none that there is."""
ATTEMPTS_IN: Final = timedelta(hours=1)
TOLD: Final = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR, Role.AUDITOR})
"""Who hears of it at once, in the institution that owns the case; besides them whoever cares for its patient."""

log = logging.getLogger("telepath.auth")


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A row of break_glass, without what was written."""

    id: str
    case_id: str
    institution_id: str
    """The owner of the case."""
    person_id: str
    of_institution_id: str
    """For whom the person was working."""
    opened_at: datetime
    until: datetime
    ended_at: datetime | None
    reviewed_at: datetime | None
    reviewed_by: str | None
    review: str
    version: int

    @property
    def ref(self) -> ObjectRef:
        """The case: what is recorded of an opening belongs to its patient."""
        return ObjectRef("case", self.case_id, self.institution_id, case_id=self.case_id)

    def standing(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.until


async def require(reader: Reader, actor: Actor) -> Allowed:
    """Raises Refused: not a doctor who cares for patients in their own institution."""
    home = institution_ref(actor.institution_id)
    allowed = await grants.require(reader, actor, Action.BREAK_GLASS_OPEN, home)
    if not await _doctor(reader, actor):
        raise Refused(Action.BREAK_GLASS_OPEN, home.kind, home.id, "no-role", home.institution_id)
    return allowed


async def may(reader: Reader, actor: Actor) -> bool:
    """Whether ``require`` would let this person try."""
    home = institution_ref(actor.institution_id)
    return bool(await grants.decide(reader, actor, Action.BREAK_GLASS_OPEN, home)) and await _doctor(reader, actor)


async def _doctor(reader: Reader, actor: Actor) -> bool:
    return bool(await reader.scalar(select(person.c.profession).where(person.c.id == actor.person_id)) == DOCTOR)


def reason(text: str) -> str:
    """A reason as it is kept. Raises Invalid: says too little, or names a patient's number; TooLarge."""
    kept = plain(text, field="reason", limit=REASON_LIMIT, lines=True)
    if len(" ".join(kept.split())) < REASON_LEAST or len({*kept.casefold()} - {*" \n\t.,-"}) < REASON_LETTERS:
        raise Invalid("error-break-glass-reason", field="reason", least=REASON_LEAST)
    return kept


async def open_case(
    db: Database, actor: Actor, institution_id: str, number: str, why: str, *, within: timedelta
) -> str:
    """Open the case with exactly this number for an hour, tell its owner, and return its id. A case that the actor may see
    anyway is not opened anew. ``within``: how recent their authentication must be.

    Raises Refused: not a doctor; Forbidden, StepUpRequired: who they are was not proven, or too long ago; Invalid, TooLarge:
    the reason, their own institution, too many attempts, or that there is no such case."""
    async with db.read() as reader:
        await require(reader, actor)
        why = reason(why)
        number = _number(number)
        actor.proven_at(reader.now, within)
        if institution_id == actor.institution_id:
            raise Invalid("error-break-glass-own", field="institution")
        found = await _find(reader, institution_id, number)
        if found is not None and await grants.decide(reader, actor, Action.CASE_VIEW, found):
            return found.id
    async with db.write(actor, unaudited="another tab may have opened it first") as tx:
        allowed = await require(tx, actor)
        # Of two attempts at once the second one counts the first, and finds what it opened.
        await tx.first(select(person.c.id).where(person.c.id == actor.person_id).with_for_update())
        found = await _find(tx, institution_id, number)
        if found is not None and await grants.decide(tx, actor, Action.CASE_VIEW, found):
            return found.id
        refused = await _refusal(tx, institution_id, number, found)
        if refused is None and found is not None:
            await _open(tx, found, why, allowed)
    if refused is not None or found is None:
        raise refused or NotFound
    return found.id


async def _refusal(tx: Transaction, institution_id: str, number: str, found: ObjectRef | None) -> Invalid | None:
    """Why not, recorded; what was typed lies under the key of who typed it."""
    if await _attempts(tx, tx.actor.person_id) >= ATTEMPTS:
        code, error = "too-many", Invalid("error-break-glass-too-many", count=ATTEMPTS)
    elif found is None:
        code, error = "no-such-case", Invalid("error-break-glass-absent", field="number")
    else:
        return None
    asked = institution_ref(institution_id)
    typed = {"asked": {"case": number}}
    await tx.audit("break-glass.refused", asked, outcome="refused", private=typed, reason=code)
    return error


async def _open(tx: Transaction, found: ObjectRef, why: str, allowed: Allowed) -> None:
    actor = tx.actor
    opening_id, until = tx.new_id(), tx.now + LONGEST
    await tx.insert(
        break_glass,
        id=opening_id,
        case_id=found.id,
        institution_id=found.institution_id,
        person_id=actor.person_id,
        of_institution_id=actor.institution_id,
        reason=await closed(tx, found.id, f"{opening_id} reason", why),
        opened_at=tx.now,
        until=until,
    )
    slides = await catalogue.ids_of_case(tx, found.id)
    for thing in (("case", found.id), *(("slide", one) for one in slides)):
        await tx.grant(
            ("person", actor.person_id), thing, [Right.VIEW], because=BECAUSE, because_id=opening_id, until=until
        )
    at = until.astimezone(UTC).isoformat(timespec="seconds")
    said = {"reason": why}
    await tx.audit(
        "break-glass.opened", found, because=allowed, private=said, opening=opening_id, until=at, slides=len(slides)
    )
    await _tell(tx, found, opening_id)


async def _tell(tx: Transaction, found: ObjectRef, opening_id: str) -> None:
    """Who may review it is led to the opening; who cares for the patient, to the case."""
    by = tx.actor.person_id
    reviewing = {*await directory.holding(tx, found.institution_id, TOLD)} - {by}
    caring = await _caring(tx, found) - reviewing - {by}
    for one in sorted(reviewing):
        await tx.emit("break-glass.opened", person=one, opening=opening_id, by=by)
    for one in sorted(caring):
        await tx.emit("break-glass.opened", person=one, case=found.id, by=by)
    if not reviewing | caring:
        log.error("a case was opened in an emergency, and its institution has nobody who could be told")


async def _caring(reader: Reader, found: ObjectRef) -> set[str]:
    """Whoever entered the case or asked for an opinion on it, as far as they still care for patients there."""
    entered = await reader.all(select(cases.c.created_by).where(cases.c.id == found.id))
    asked = await reader.all(select(consult.c.requester_id).where(consult.c.case_id == found.id))
    known = {row["created_by"] for row in entered} | {row["requester_id"] for row in asked}
    return known & {*await directory.holding(reader, found.institution_id, STAFF)}


async def end(db: Database, actor: Actor, opening_id: str) -> Opening:
    """End it before its time, and whatever else of this case the same person has open: who opened it, or who may review it.
    Raises NotFound, Refused; InvalidTransition: it has ended."""
    async with db.write(actor) as tx:
        opening = await get(tx, opening_id, lock=True)
        if opening.person_id != actor.person_id:
            await grants.require(tx, actor, Action.BREAK_GLASS_REVIEW, opening.ref)
        if not opening.standing(tx.now):
            raise InvalidTransition("end", "ended")
        await finish_standing(tx, opening, "person" if opening.person_id == actor.person_id else "review")
    return opening


async def end_expired(db: Database) -> bool:
    """Record the end of those whose time is over, which nobody could use any more; whether there was one."""
    over = break_glass.c.ended_at.is_(None)
    async with db.read() as reader:
        found = select(break_glass.c.id).where(over, break_glass.c.until <= reader.now).limit(1)
        if await reader.scalar(found) is None:
            return False
    async with db.write(SYSTEM, unaudited="another node may have been quicker") as tx:
        rows = await tx.all(
            select(break_glass).where(over, break_glass.c.until <= tx.now).with_for_update(skip_locked=True)
        )
        for row in rows:
            await finish(tx, of_row(row), "time")
    return bool(rows)


async def finish_standing(tx: Transaction, opening: Opening, how: str) -> None:
    """Withdraw all that this person still has open of this case, by ``opening`` or another one."""
    theirs = (break_glass.c.person_id == opening.person_id) & (break_glass.c.case_id == opening.case_id)
    standing = theirs & break_glass.c.ended_at.is_(None) & (break_glass.c.until > tx.now)
    for row in await tx.all(select(break_glass).where(standing).order_by(break_glass.c.id).with_for_update()):
        await finish(tx, of_row(row), how)


async def finish(tx: Transaction, opening: Opening, how: str) -> None:
    """Withdraw what it gave. ``how``: ``person``, ``review`` or ``time``."""
    at = min(tx.now, opening.until)
    await tx.execute(
        update(break_glass)
        .where(break_glass.c.id == opening.id, break_glass.c.ended_at.is_(None))
        .values(ended_at=at, version=break_glass.c.version + 1)
    )
    await tx.revoke(BECAUSE, opening.id)
    await tx.audit("break-glass.ended", opening.ref, opening=opening.id, reason=f"ended-by-{how}")


async def get(reader: Reader, opening_id: str, *, lock: bool = False) -> Opening:
    """Raises NotFound."""
    statement = select(break_glass).where(break_glass.c.id == opening_id)
    return of_row(await reader.one(statement.with_for_update() if lock else statement))


async def behind(reader: Reader, allowed: Allowed) -> Opening | None:
    """The opening on which somebody's right stands; None: it stands on something else."""
    return await get(reader, allowed.because_id) if allowed.because == BECAUSE else None


async def closed(tx: Transaction, case_id: str, context: str, text: str) -> str:
    """What somebody wrote about an opening, under the key of its case; empty: the case was erased."""
    return await tx.keys.closed(tx.connection, tx.now, Subject("case", case_id), context, {"text": text})


async def _find(reader: Reader, institution_id: str, number: str) -> ObjectRef | None:
    row = await reader.first(
        select(cases.c.id).where(
            cases.c.institution_id == institution_id, cases.c.number == number, cases.c.erased_at.is_(None)
        )
    )
    return None if row is None else ObjectRef("case", row["id"], institution_id, case_id=row["id"])


async def _attempts(reader: Reader, person_id: str) -> int:
    """How often this person tried of late, as the audit has it: what waits to be sealed, and then what is."""
    kinds, since = ("break-glass.opened", "break-glass.refused"), reader.now - ATTEMPTS_IN
    record = audit_pending.c.record
    waiting = await reader.all(
        select(record).where(record["actor"].as_string() == person_id, record["kind"].as_string().in_(kinds))
    )
    log = audit_log.c
    sealed = await reader.all(select(log.body).where(log.actor == person_id, log.kind.in_(kinds), log.at > since))
    found: list[dict[str, Any]] = [row["record"] for row in waiting]
    found += [msgspec.json.decode(row["body"]) for row in sealed]
    counted = (one for one in found if one["detail"].get("reason") != "too-many")
    recent = {one["id"] for one in counted if datetime.fromisoformat(one["at"]) > since}
    return len(recent)


def _number(text: str) -> str:
    """Raises Invalid, TooLarge."""
    return plain(text, field="number", limit=NUMBER_LIMIT, required=True)


def of_row(row: Any) -> Opening:
    return msgspec.convert({str(name): value for name, value in row.items()}, Opening)
