"""Conflicts of interest, computed from what was recorded: who made or saw the case, who works where, who said so before.

Nobody has to remember to declare them, and an expert who knows of another declines with that reason. Four statements, however
many experts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec
from sqlalchemy import or_, select

from consults.expert import Conflict
from consults.kinds import ConsultKind, DeclineCode
from consults.lifecycle import ReadingStatus
from telepath.cases.model import Case
from telepath.db.schema.consults import consult, offer, reading
from telepath.db.schema.directory import institution, membership
from telepath.db.schema.slides import slide, slide_view
from telepath.db.transaction import Reader

AS_STAFF: Final = "institution"
"""Why a slide was opened (``slide_view.because``): by a role in the institution that owns it."""


class Shared(msgspec.Struct, frozen=True):
    """A group that makes one house of several institutions (``gcs``), of which the asking institution is."""

    id: str
    name: str


async def of_experts(
    reader: Reader,
    case: Case,
    requester_id: str,
    kind: ConsultKind,
    person_ids: Collection[str],
    shared: Mapping[str, Collection[Shared]],
) -> dict[str, tuple[Conflict, ...]]:
    """Person id → conflicts with this request, those that bar first. ``shared``: person id → groups ``gcs`` that the expert's
    institution shares with the asking one."""
    found: dict[str, list[Conflict]] = defaultdict(list)
    if case.created_by in person_ids:
        found[case.created_by].append(Conflict("author", bars=True))
    for part in (
        await _of_places(reader, case, person_ids),
        await _of_looks(reader, case, person_ids),
        await _of_readings(reader, case, person_ids),
        await _of_refusals(reader, case, requester_id, kind, person_ids),
    ):
        for person_id, conflict in part:
            if conflict.code not in {one.code for one in found[person_id]}:
                found[person_id].append(conflict)
    for person_id, groups in shared.items():
        found[person_id].extend(Conflict("same-group", bars=False, params={"group": one.name}) for one in groups)
    return {
        person_id: tuple(sorted(conflicts, key=lambda conflict: not conflict.bars))
        for person_id, conflicts in found.items()
        if conflicts
    }


async def _of_places(reader: Reader, case: Case, person_ids: Collection[str]) -> list[tuple[str, Conflict]]:
    """Where they work besides: at the asking institution, or wherever the author of the first diagnosis does too."""
    rows = await reader.all(
        select(membership.c.person_id, membership.c.institution_id, institution.c.name)
        .join(institution, institution.c.id == membership.c.institution_id)
        .where(membership.c.person_id.in_({*person_ids, case.created_by}))
        .order_by(membership.c.person_id, institution.c.name, institution.c.id)
    )
    of_author = {row["institution_id"] for row in rows if row["person_id"] == case.created_by}
    found = []
    for row in rows:
        if row["person_id"] == case.created_by:
            continue
        named = {"institution": row["name"]}
        if row["institution_id"] == case.institution_id:
            found.append((row["person_id"], Conflict("member", bars=True, params=named)))
        elif row["institution_id"] in of_author:
            found.append((row["person_id"], Conflict("colleague", bars=True, params=named)))
    return found


async def _of_looks(reader: Reader, case: Case, person_ids: Collection[str]) -> list[tuple[str, Conflict]]:
    """They have opened slides of the case as staff of the asking side."""
    rows = await reader.all(
        select(slide_view.c.person_id)
        .join(slide, slide.c.id == slide_view.c.slide_id)
        .where(
            slide.c.case_id == case.id,
            slide_view.c.person_id.in_(set(person_ids)),
            slide_view.c.because == AS_STAFF,
            ~slide_view.c.warming,
        )
        .distinct()
    )
    return [(row["person_id"], Conflict("seen", bars=True)) for row in rows]


async def _of_readings(reader: Reader, case: Case, person_ids: Collection[str]) -> list[tuple[str, Conflict]]:
    """They have signed an opinion on this case: for the asking side, or for somebody else before, as far as that is out."""
    rows = await reader.all(
        select(reading.c.expert_id, reading.c.institution_id)
        .join(consult, consult.c.id == reading.c.consult_id)
        .where(
            consult.c.case_id == case.id,
            reading.c.expert_id.in_(set(person_ids)),
            reading.c.status == ReadingStatus.COMPLETED,
            or_(consult.c.opinions_released > 0, reading.c.institution_id == case.institution_id),
        )
    )
    return [
        (row["expert_id"], Conflict("signed", bars=True))
        if row["institution_id"] == case.institution_id
        else (row["expert_id"], Conflict("read-before", bars=False))
        for row in rows
    ]


async def _of_refusals(
    reader: Reader, case: Case, requester_id: str, kind: ConsultKind, person_ids: Iterable[str]
) -> list[tuple[str, Conflict]]:
    """They have declined before because of a conflict: this case, this requester, or the institution."""
    rows = await reader.all(
        select(offer.c.expert_id, consult.c.case_id, consult.c.requester_id, consult.c.kind)
        .join(consult, consult.c.id == offer.c.consult_id)
        .where(
            offer.c.expert_id.in_(set(person_ids)),
            offer.c.decline_code == DeclineCode.CONFLICT,
            or_(consult.c.requester_id == requester_id, consult.c.institution_id == case.institution_id),
        )
    )
    told = [
        (
            row["expert_id"],
            _of_refusal(
                same_case=row["case_id"] == case.id,
                same_requester=row["requester_id"] == requester_id,
                same_kind=row["kind"] == kind,
            ),
        )
        for row in rows
    ]
    return sorted(told, key=lambda one: (not one[1].bars, one[1].code))


def _of_refusal(*, same_case: bool, same_requester: bool, same_kind: bool) -> Conflict:
    """What was declined for this case, or for requests of this person of the same kind, is not asked again."""
    if same_case:
        return Conflict("declined-case", bars=True)
    if same_requester:
        return Conflict("declined-requester", bars=same_kind)
    return Conflict("declined-institution", bars=False)
