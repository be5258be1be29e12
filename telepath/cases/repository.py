"""Rows of cases and specimens, as plain objects."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, func, or_, select, update

from telepath.access import ObjectRef
from telepath.cases.model import Case, Specimen
from telepath.db.schema.cases import case, specimen
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction

PAGE = 50


def _case(row: RowMapping) -> Case:
    return msgspec.convert({str(name): value for name, value in row.items()}, Case)


async def get(reader: Reader, case_id: str) -> Case:
    """Raises NotFound: absent, or erased."""
    return _case(await reader.one(select(case).where(case.c.id == case_id, case.c.erased_at.is_(None))))


async def by_number(reader: Reader, institution_id: str, number: str) -> str | None:
    """The case of the institution with this number."""
    found: str | None = await reader.scalar(
        select(case.c.id).where(
            case.c.institution_id == institution_id, case.c.number == number, case.c.erased_at.is_(None)
        )
    )
    return found


class Listed(msgspec.Struct, frozen=True):
    """A line of the list of cases."""

    case: Case
    slides: int


async def listed(
    reader: Reader, institution_id: str, shared: Iterable[str] = (), *, containing: str = "", page: int = 0
) -> tuple[list[Listed], bool]:
    """The cases of an institution and those ``shared`` with the reader, last active first; whether more follow.

    ``containing``: a piece of the number or the title, whatever the capitals."""
    mine = case.c.institution_id == institution_id
    statement = select(case).where(or_(mine, case.c.id.in_(set(shared))), case.c.erased_at.is_(None))
    if containing:
        statement = statement.where(
            or_(
                case.c.number.icontains(containing, autoescape=True),
                case.c.title.icontains(containing, autoescape=True),
            )
        )
    statement = statement.order_by(case.c.active_at.desc(), case.c.id.desc()).offset(page * PAGE).limit(PAGE + 1)
    found = [_case(row) for row in await reader.all(statement)]
    counts = await slide_counts(reader, [one.id for one in found])
    return [Listed(one, counts.get(one.id, 0)) for one in found[:PAGE]], len(found) > PAGE


async def slide_counts(reader: Reader, case_ids: Iterable[str]) -> dict[str, int]:
    """Case id → how many slides; cases without slides are left out."""
    rows = await reader.all(
        select(slide.c.case_id, func.count().label("slides"))
        .where(slide.c.case_id.in_(set(case_ids)))
        .group_by(slide.c.case_id)
    )
    return {row["case_id"]: row["slides"] for row in rows}


async def specimens(reader: Reader, case_id: str) -> list[Specimen]:
    """By label."""
    rows = await reader.all(select(specimen).where(specimen.c.case_id == case_id).order_by(specimen.c.label))
    return [msgspec.convert({str(name): value for name, value in row.items()}, Specimen) for row in rows]


async def insert(tx: Transaction, made: Case) -> None:
    await tx.insert(case, **msgspec.to_builtins(made, builtin_types=(datetime,)))


async def save(tx: Transaction, case_id: str, seen: int, **values: Any) -> None:
    """Raises Conflict: another version than ``seen`` came first."""
    await tx.update(case, case_id, seen, **msgspec.to_builtins(values), active_at=tx.now)


async def touch(tx: Transaction, case_id: str) -> None:
    """Something happened in the case (a line, a slide, a consult): it comes first in the list. Not an edit: no version."""
    await tx.execute(update(case).where(case.c.id == case_id).values(active_at=tx.now))


async def note_non_opposition(tx: Transaction, case_id: str, said: str, by: str) -> None:
    """What the patient said, by whom it was noted, now. Not an edit of the texts: no version."""
    noted = {"non_opposition": said, "non_opposition_by": by, "non_opposition_at": tx.now}
    await tx.execute(update(case).where(case.c.id == case_id).values(**noted, active_at=tx.now))


async def add_specimen(tx: Transaction, made: Specimen) -> None:
    await tx.insert(specimen, **msgspec.structs.asdict(made))


class SlideCard(msgspec.Struct, frozen=True):
    """A slide as the page of its case shows it."""

    id: str
    institution_id: str
    specimen_id: str | None
    label: str
    stain: str
    block: str
    format: str
    width: int
    height: int
    mpp: float | None
    bytes: int
    added_at: datetime
    section: str
    label_check: str
    mpp_source: str
    mpp_by: str
    mpp_offered: float | None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("slide", self.id, self.institution_id)


async def slides(reader: Reader, case_id: str) -> list[SlideCard]:
    """All slides of a case, by label: the caller shows those that the reader may see."""
    rows = await reader.all(select(slide).where(slide.c.case_id == case_id).order_by(slide.c.label, slide.c.id))
    return [msgspec.convert({str(name): value for name, value in row.items()}, SlideCard) for row in rows]
