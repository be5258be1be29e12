"""Draws, takes away and lists annotations, inside the caller's transaction."""

import msgspec
from sqlalchemy import RowMapping, func, select, update

from telepath import grants
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.annotations import PER_SLIDE, Annotation, Drawing, Shape
from telepath.cases.model import Case
from telepath.db.schema.cases import annotation
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, NotFound, TooLarge
from telepath.geometry import Size


class SlideFacts(msgspec.Struct, frozen=True):
    """What annotations need to know of a slide."""

    id: str
    case_id: str
    institution_id: str
    size: Size

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("slide", self.id, self.institution_id)


async def draw(tx: Transaction, actor: Actor, slide_id: str, drawing: Drawing) -> tuple[Annotation, bool]:
    """Return the annotation, and whether it is new: an ``operation_id`` that came before gives what it drew then.

    Raises: NotFound, Refused; Invalid: wrong or outside the slide; Conflict: the operation was another person's, or what it
    drew was taken away since."""
    on = await _slide(tx, slide_id)
    allowed = await grants.require(tx, actor, Action.ANNOTATION_WRITE, on.ref)
    drawing = drawing.checked(on.size)
    # Two copies of one operation wait for each other here: the slide's row is the queue (SQLite has one writer anyway).
    await tx.scalar(select(slide.c.id).where(slide.c.id == slide_id).with_for_update())
    same = select(annotation).where(
        annotation.c.slide_id == slide_id, annotation.c.operation_id == drawing.operation_id
    )
    before = await tx.first(same)
    if before is not None:
        if before["author_id"] != actor.person_id or before["deleted"]:
            raise Conflict("error-annotation-operation-used")
        return _annotation(before), False
    living = annotation.c.deleted.is_(False)
    if await tx.scalar(select(func.count()).where(annotation.c.slide_id == slide_id, living)) >= PER_SLIDE:
        raise TooLarge("error-annotation-too-many", limit=PER_SLIDE)
    made = Annotation(
        id=tx.new_id(),
        slide_id=slide_id,
        shape=drawing.shape,
        label=drawing.label,
        author_id=actor.person_id,
        created_at=tx.now,
    )
    shape = msgspec.to_builtins(made.shape)
    await tx.insert(
        annotation,
        id=made.id,
        slide_id=slide_id,
        case_id=on.case_id,
        kind=shape.pop("kind"),
        geometry=shape,
        label=made.label,
        author_id=made.author_id,
        created_at=made.created_at,
        deleted=False,
        operation_id=drawing.operation_id,
    )
    await repository.touch(tx, on.case_id)
    await tx.audit("annotation.created", on.ref, because=allowed, case_id=on.case_id, annotation=made.id)
    return made, True


async def erase(tx: Transaction, actor: Actor, slide_id: str, annotation_id: str) -> None:
    """Take away one's own annotation; the row stays, for the auditor. Raises NotFound: absent or somebody else's; Refused."""
    on = await _slide(tx, slide_id)
    allowed = await grants.require(tx, actor, Action.ANNOTATION_WRITE, on.ref)
    done = await tx.execute(
        update(annotation)
        .where(
            annotation.c.id == annotation_id,
            annotation.c.slide_id == slide_id,
            annotation.c.author_id == actor.person_id,
            annotation.c.deleted.is_(False),
        )
        .values(deleted=True, version=annotation.c.version + 1)
    )
    if done.rowcount != 1:
        raise NotFound
    await repository.touch(tx, on.case_id)
    await tx.audit("annotation.deleted", on.ref, because=allowed, case_id=on.case_id, annotation=annotation_id)


async def of_slide(reader: Reader, actor: Actor, slide_id: str) -> tuple[list[Annotation], Case, Allowed]:
    """What is drawn on a slide, oldest first; and for the record of who saw it, its case and why. Raises NotFound, Refused."""
    on = await _slide(reader, slide_id)
    allowed = await grants.require(reader, actor, Action.SLIDE_VIEW, on.ref)
    rows = await reader.all(
        select(annotation)
        .where(annotation.c.slide_id == slide_id, annotation.c.deleted.is_(False))
        .order_by(annotation.c.created_at, annotation.c.id)
        .limit(PER_SLIDE)
    )
    return [_annotation(row) for row in rows], await repository.get(reader, on.case_id), allowed


async def _slide(reader: Reader, slide_id: str) -> SlideFacts:
    row = await reader.one(select(slide).where(slide.c.id == slide_id, slide.c.folder != ""))
    return SlideFacts(row["id"], row["case_id"], row["institution_id"], Size(row["width"], row["height"]))


def _annotation(row: RowMapping) -> Annotation:
    return Annotation(
        id=row["id"],
        slide_id=row["slide_id"],
        shape=msgspec.convert({**row["geometry"], "kind": row["kind"]}, Shape),
        label=row["label"],
        author_id=row["author_id"],
        created_at=row["created_at"],
    )
