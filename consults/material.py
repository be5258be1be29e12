"""The expert asks for more before answering; the clock stands still until the requester has answered everything.

What is asked and answered is said in the discussion too, so that it can be talked about."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import RowMapping, select

from consults import clock, repository, turnaround
from consults.completion import reading_of
from consults.deadlines import moved
from consults.kinds import HeldBecause, MaterialAnswer, MaterialKind, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import Consult, Reading
from telepath import directory, grants
from telepath.access import Action, Allowed
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.consults import material_request
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Forbidden, Invalid, InvalidTransition
from telepath.geometry import View

TEXT_LIMIT: Final = 2_000
"""Characters of what is asked, and of its answer."""
OPEN: Final = ""
ANSWERS: Final = (MaterialAnswer.PROVIDED, MaterialAnswer.IMPOSSIBLE)
"""What the requester may answer; ``withdrawn`` is the expert's own."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the expert asked for. ``answer``: a code of MaterialAnswer; "": none yet."""

    id: str
    consult_id: str
    reading_id: str
    kind: MaterialKind
    text: str
    asked_by: str
    asked_at: datetime
    answer: str = OPEN
    answer_text: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        return self.answer == OPEN

    def answered(self, answer: MaterialAnswer, text: str, by: str, now: datetime) -> "Wanted":
        """Raises Invalid: impossible without a reason, a patient's number; TooLarge."""
        said = plain(text, field="answer-text", limit=TEXT_LIMIT, lines=True)
        if answer is MaterialAnswer.IMPOSSIBLE and not said:
            raise Invalid("error-text-missing", field="answer-text")
        return msgspec.structs.replace(self, answer=answer, answer_text=said, answered_by=by, answered_at=now)


async def ask(
    db: Database,
    actor: Actor,
    consult_id: str,
    kind: MaterialKind,
    text: str,
    *,
    slide_id: str = "",
    view: View | None = None,
) -> str:
    """Ask the requester for more, and stop the clock; returns the request's id. ``slide_id``, ``view``: what it is about.

    Raises Refused; Forbidden: who only countersigns tells the expert, who asks; Invalid: nothing is said; TooLarge; Conflict;
    InvalidTransition: nobody reads it, or it has ended."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        reading = await repository.reading_by(tx, consult_id, actor.person_id)
        if reading.role is ReadingRole.COUNTERSIGNER:
            raise Forbidden("error-material-by-expert")
        said = plain(text, field="material-text", limit=TEXT_LIMIT, lines=True)
        if not said:
            raise Invalid("error-text-missing", field="material-text")
        held = waiting(consult, reading, tx.now)
        await repository.save_consult(tx, held)
        await clock.stop_timers(tx, held)
        wanted = Wanted(
            id=tx.new_id(),
            consult_id=consult.id,
            reading_id=reading.id,
            kind=kind,
            text=said,
            asked_by=actor.person_id,
            asked_at=tx.now,
        )
        await tx.insert(material_request, **msgspec.structs.asdict(wanted))
        await _say(tx, actor, consult, said, slide_id=slide_id, view=view)
        await tx.audit("consult.suspended", consult.ref, because=allowed, material=wanted.id, material_kind=kind)
        await tx.emit("consult.suspended", person=consult.requester_id, consult=consult.id)
    return wanted.id


async def answer(
    db: Database, actor: Actor, consult_id: str, material_id: str, given: MaterialAnswer, text: str
) -> bool:
    """The requester's side answers one thing (``material_id``; "": the oldest that is open); returns whether the consult goes
    on: nothing else is asked for.

    Raises Refused; Invalid: impossible, and no reason given; TooLarge; Conflict: it is answered, or was never asked;
    InvalidTransition: nothing is awaited."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_MANAGE, consult.ref)
        return await _close(tx, actor, allowed, consult, await _wanted(tx, consult, material_id), given, text)


async def withdraw(db: Database, actor: Actor, consult_id: str, material_id: str) -> bool:
    """The expert does without it; returns whether the consult goes on. Raises Refused; Conflict; InvalidTransition: as for
    ``answer``, and what another expert asked for is not there."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        wanted = await _wanted(tx, consult, material_id, asked_by=actor.person_id)
        return await _close(tx, actor, allowed, consult, wanted, MaterialAnswer.WITHDRAWN, "")


async def of_consult(reader: Reader, consult_id: str) -> list[Wanted]:
    """Oldest first. The caller has asked CONSULT_VIEW, and who is only asked to read is told nothing of them."""
    rows = await reader.all(
        select(material_request)
        .where(material_request.c.consult_id == consult_id)
        .order_by(material_request.c.asked_at, material_request.c.id)
    )
    return [_from_row(row) for row in rows]


async def came_since(reader: Reader, consult: Consult, wanted: Sequence[Wanted]) -> dict[str, list[str]]:
    """Id of a request → labels of the slides that came into the case between it and its answer, or until now."""
    if not wanted:
        return {}
    rows = await reader.all(
        select(slide.c.label, slide.c.added_at)
        .where(slide.c.case_id == consult.case_id, slide.c.folder != "", slide.c.added_at > wanted[0].asked_at)
        .order_by(slide.c.added_at, slide.c.id)
    )
    return {
        one.id: [row["label"] for row in rows if one.asked_at < row["added_at"] <= (one.answered_at or reader.now)]
        for one in wanted
    }


def waiting(consult: Consult, reading: Reading, now: datetime) -> Consult:
    """The consult, its clock stopped; it may stand still already. Raises InvalidTransition: nobody works on it."""
    if reading.status not in (ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS):
        raise InvalidTransition("ask", reading.status)
    if consult.status is ConsultStatus.ON_HOLD and consult.held_because is HeldBecause.MATERIAL:
        return consult
    return consult.held(HeldBecause.MATERIAL, now)


async def _close(
    tx: Transaction, actor: Actor, allowed: Allowed, consult: Consult, wanted: Wanted, given: MaterialAnswer, text: str
) -> bool:
    closed = wanted.answered(given, text, actor.person_id, tx.now)
    goes_on = not any(one.open and one.id != closed.id for one in await of_consult(tx, consult.id))
    after = await _resumed(tx, consult) if goes_on else consult
    await repository.save_consult(tx, after)
    await tx.update(
        material_request,
        closed.id,
        closed.version,
        answer=closed.answer,
        answer_text=closed.answer_text,
        answered_by=closed.answered_by,
        answered_at=closed.answered_at,
    )
    await clock.set_timers(tx, after)
    others = {closed.asked_by, consult.requester_id} - {actor.person_id}
    # Of what makes the consult go on, both are told by that.
    await _say(tx, actor, consult, closed.answer_text, tell=() if goes_on else others)
    await tx.audit(
        "consult.material-answered", consult.ref, because=allowed, material=closed.id, material_answer=closed.answer
    )
    if goes_on:
        await tx.audit(
            "consult.resumed", consult.ref, because=allowed, due_at=after.due_at.isoformat(timespec="seconds")
        )
        for person_id in sorted(others):
            await tx.emit("consult.resumed", person=person_id, consult=consult.id)
    return goes_on


async def _resumed(tx: Transaction, consult: Consult) -> Consult:
    """The consult, its clock running again: due when its expert was to answer, later by all that it stood still since then."""
    lead = reading_of(await repository.readings_of(tx, consult.id), ReadingRole.EXPERT)
    if lead is None:
        raise InvalidTransition("resume", consult.status)
    offers = await repository.offers_of(tx, consult.id)
    given = next(one for one in offers if one.role is lead.role and one.expert_id == lead.expert_id)
    stood = timedelta(seconds=consult.stood(tx.now) - lead.paused_before)
    within = await turnaround.within(tx, consult.institution_id, consult.urgency)
    place = (await directory.institutions(tx, [lead.institution_id]))[lead.institution_id]
    return consult.resumed(moved(given.due_at, stood, within, place.time_zone, place.hours), tx.now)


async def _say(
    tx: Transaction,
    actor: Actor,
    consult: Consult,
    text: str,
    *,
    slide_id: str = "",
    view: View | None = None,
    tell: Iterable[str] = (),
) -> None:
    if not text:
        return
    case = await cases.get(tx, consult.case_id)
    await threads.write(tx, actor, case, text, consult_id=consult.id, slide_id=slide_id, view=view, tell=tell)


async def _wanted(tx: Transaction, consult: Consult, material_id: str, asked_by: str = "") -> Wanted:
    """Raises InvalidTransition: the consult waits for nothing; Conflict: not for this."""
    if consult.status is not ConsultStatus.ON_HOLD or consult.held_because is not HeldBecause.MATERIAL:
        raise InvalidTransition("resume", consult.status)
    for one in await of_consult(tx, consult.id):
        if one.open and material_id in ("", one.id) and asked_by in ("", one.asked_by):
            return one
    raise Conflict("error-material-gone")


def _from_row(row: RowMapping) -> Wanted:
    return msgspec.convert({str(name): value for name, value in row.items()}, Wanted)
