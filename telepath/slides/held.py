"""Slides that are kept apart because their label names another case: to mix two patients is the worst error there is.

Such a slide is of no case, and nobody is told of it but who sent it. They correct what they had said of it, so that it comes
into the case where it belongs, or discard it. The checks run again, on what was read when it came in (label_check.py): there is
no way to let a slide in against its label."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from telepath import directory, grants
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.db.schema.cases import case, held_slide, specimen
from telepath.db.transaction import Reader, Transaction
from telepath.errors import NotFound, SlideHeld
from telepath.slides import catalogue, label_check, leftovers, pyramid_builder
from telepath.slides.catalogue import Slide
from telepath.slides.label_check import Checked, Expected, Known, Mark, Problem
from telepath.storage import Storage

Share = Callable[[Transaction, Slide], Awaitable[None]]
"""Gives a slide that has just come into a case to who else may see it."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What its sender says of a slide."""

    case_id: str
    institution_id: str
    specimen_id: str | None = None
    block: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A slide that waits for its sender."""

    id: str
    institution_id: str
    case_id: str
    sent_by: str
    sent_at: datetime
    problems: tuple[Problem, ...]
    slide: Slide
    """As it would have come into the case."""
    marks: tuple[Mark, ...]
    version: int

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("slide", self.id, self.institution_id)


async def expected(reader: Reader, said: Said) -> Expected:
    """What the label should name. Raises NotFound: no such case of the institution, or specimen of the case."""
    of = await reader.one(
        select(case.c.number).where(
            case.c.id == said.case_id, case.c.institution_id == said.institution_id, case.c.erased_at.is_(None)
        )
    )
    rows = await reader.all(select(specimen.c.id, specimen.c.label).where(specimen.c.case_id == said.case_id))
    labels: Mapping[str, str] = {row["id"]: row["label"] for row in rows}
    if said.specimen_id and said.specimen_id not in labels:
        raise NotFound("error-specimen-unknown")
    place = (await directory.institutions(reader, [said.institution_id]))[said.institution_id]
    return Expected(
        number=of["number"],
        finess=place.finess,
        institution=place.name,
        specimens=tuple(labels.values()),
        specimen=labels.get(said.specimen_id or "", ""),
        block=said.block,
    )


async def check(reader: Reader, said: Said, marks: Iterable[Mark]) -> Checked:
    """What the slide's own marks say to it. Raises NotFound, as ``expected``."""
    wanted, marks = await expected(reader, said), tuple(marks)
    known = Known((), {})
    if marks:
        numbers = await reader.all(
            select(case.c.number).where(case.c.institution_id == said.institution_id, case.c.erased_at.is_(None))
        )
        places = await directory.institutions(reader)
        known = Known(
            [row["number"] for row in numbers],
            {place.finess: place.name for place in places.values() if place.id != said.institution_id},
        )
    return label_check.check(marks, wanted, known)


async def register(tx: Transaction, slide: Slide, share: Share, because: Allowed | None = None) -> None:
    """The slide is of its case from now on."""
    await catalogue.insert(tx, slide)
    await pyramid_builder.want(tx, slide)
    await share(tx, slide)
    await tx.audit(
        "slide.added",
        ObjectRef("slide", slide.id, slide.institution_id),
        because=because,
        case_id=slide.case_id,
        digest=slide.digest,
        bytes=slide.bytes,
        format=slide.format,
        label_check=slide.label_check,
    )


async def hold(tx: Transaction, slide: Slide, marks: Iterable[Mark], problems: Iterable[Problem]) -> None:
    """Keep the slide apart. What its label says is recorded under the key of the case that it was sent to."""
    problems = tuple(problems)
    await tx.insert(
        held_slide,
        id=slide.id,
        institution_id=slide.institution_id,
        case_id=slide.case_id,
        sent_by=slide.added_by,
        sent_at=slide.added_at,
        label=slide.label,
        folder=slide.folder,
        problems=msgspec.to_builtins(problems),
        facts={"slide": msgspec.to_builtins(slide), "marks": msgspec.to_builtins(tuple(marks))},
        ended="",
    )
    await _record(tx, slide, problems)


async def _record(tx: Transaction, slide: Slide, problems: Iterable[Problem], because: Allowed | None = None) -> None:
    problems = tuple(problems)
    await tx.audit(
        "slide.mismatched",
        ObjectRef("slide", slide.id, slide.institution_id),
        because=because,
        case_id=slide.case_id,
        outcome="failure",
        private={"problems": msgspec.to_builtins(problems)},
        disagrees=sorted({one.kind for one in problems}),
        digest=slide.digest,
    )


def told(slide: Slide, checked: Checked) -> None:
    """Raises SlideHeld: the slide was kept apart."""
    if checked.problems:
        first = checked.problems[0]
        raise SlideHeld(slide=slide.id, kind=first.kind, expected=first.expected, found=first.found)


async def sent_by(reader: Reader, actor: Actor) -> list[Held]:
    """Those of this sender that still wait, the latest first. Nobody else's."""
    rows = await reader.all(
        select(held_slide)
        .where(held_slide.c.sent_by == actor.person_id, held_slide.c.ended == "")
        .order_by(held_slide.c.sent_at.desc(), held_slide.c.id)
    )
    return [_held(row) for row in rows]


async def of_sender(reader: Reader, actor: Actor, held_id: str) -> Held:
    """Raises NotFound: not theirs, or not there any more."""
    return _held(
        await reader.one(
            select(held_slide).where(
                held_slide.c.id == held_id, held_slide.c.sent_by == actor.person_id, held_slide.c.ended == ""
            )
        )
    )


async def let_in(
    db: Database, actor: Actor, held_id: str, said: Said, *, share: Share, label: str | None = None
) -> Slide:
    """Let a held slide into the case where it belongs, as ``said`` now; ``label``: another one for the list.

    Raises NotFound: not theirs, or not there any more; no such case, or specimen of it. Refused: they may not add to that case.
    SlideHeld: the label still disagrees, and it stays where it is; recorded again. Conflict: they did so elsewhere."""
    async with db.write(actor) as tx:
        held = await of_sender(tx, actor, held_id)
        allowed = await _may_add(tx, actor, said)
        checked = await check(tx, said, held.marks)
        slide = msgspec.structs.replace(
            held.slide,
            case_id=said.case_id,
            institution_id=said.institution_id,
            specimen_id=said.specimen_id,
            block=said.block,
            label=held.slide.label if label is None else label,
            label_check=str(checked.verdict),
            added_at=tx.now,
        )
        if checked.problems:
            await tx.update(held_slide, held.id, held.version, problems=msgspec.to_builtins(checked.problems))
            await _record(tx, slide, checked.problems, allowed)
        else:
            # Its files are the slide's from now on.
            await tx.update(held_slide, held.id, held.version, **_over("corrected", tx.now))
            await register(tx, slide, share, allowed)
    told(slide, checked)
    return slide


async def discard(db: Database, storage: Storage, actor: Actor, held_id: str) -> None:
    """Give up a held slide, with its files. Raises NotFound: not theirs, or not there any more; Conflict; Unavailable."""
    async with db.write(actor) as tx:
        held = await of_sender(tx, actor, held_id)
        await leftovers.mark(storage, held.id)  # if this process is killed, the next one removes the files
        await tx.update(held_slide, held.id, held.version, **_over("discarded", tx.now))
        await tx.audit("slide.discarded", held.ref, case_id=held.case_id, digest=held.slide.digest)
    await storage.delete(held.slide.folder)
    await leftovers.unmark(storage, held.id)


def _over(how: str, at: datetime) -> dict[str, Any]:
    """The row stays, without what was typed or read."""
    return {"ended": how, "ended_at": at, "folder": "", "label": "", "problems": [], "facts": {}}


async def _may_add(tx: Transaction, actor: Actor, said: Said) -> Allowed | None:
    """Raises Refused. The command line adds slides to any case: whoever runs it rules over the machine."""
    if actor.person_id == SYSTEM.person_id:
        return None
    return await grants.require(tx, actor, Action.CASE_EDIT, ObjectRef("case", said.case_id, said.institution_id))


def _held(row: Mapping[Any, Any]) -> Held:
    return Held(
        id=row["id"],
        institution_id=row["institution_id"],
        case_id=row["case_id"],
        sent_by=row["sent_by"],
        sent_at=row["sent_at"],
        problems=msgspec.convert(row["problems"], tuple[Problem, ...]),
        slide=msgspec.convert(row["facts"]["slide"], Slide),
        marks=msgspec.convert(row["facts"]["marks"], tuple[Mark, ...]),
        version=row["version"],
    )
