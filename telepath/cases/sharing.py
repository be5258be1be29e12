"""Shares a case with a group that its institution belongs to, or with one institution out of such a group.

A share is its rights: those that a group or an institution was given on the case and on each of its slides, for the reason
``share``, all under one identifier. It never says who the patient is. It ends at its day, when it is withdrawn, and, if it is
with a group, with that or when the case's institution leaves it; who belongs to the group, or works for the institution, has it
at that moment and no longer (telepath/access.py). While the case's own institution is suspended it goes on, as consults do:
others may be caring for that patient."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, func, or_, select

from telepath import directory, grants
from telepath.access import STAFF, Action, Allowed, ObjectRef, Right, subjects
from telepath.actor import Actor, Role
from telepath.cases import non_opposition, repository
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.db.schema.cases import case, thread_line
from telepath.db.schema.directory import care_group, care_group_member, institution, membership
from telepath.db.schema.grants import grants as rights
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound
from telepath.slides.catalogue import Slide

BECAUSE: Final = "share"
LONGEST: Final = 366
"""Days. A share without an end goes on until it is withdrawn."""
PERIODS: Final = (7, 30, 90, 365)
"""Days that are proposed."""
SHOWN: Final = 50
"""Cases of others on one list, the latest shared."""


class Level(StrEnum):
    """What those may do with whom a case is shared."""

    LOOK = "look"
    DISCUSS = "discuss"


ON_CASE: Final = {Level.LOOK: (Right.VIEW,), Level.DISCUSS: (Right.VIEW, Right.DISCUSS)}
ON_SLIDES: Final = {
    Level.LOOK: (Right.VIEW,),
    Level.DISCUSS: (Right.VIEW, Right.ANNOTATE, Right.PRESENT, Right.DISCUSS),
}
"""As for the expert who reads a consult of the case."""


class Partner(msgspec.Struct, frozen=True):
    """With whom a case can be shared."""

    kind: str
    """``group`` or ``institution``."""
    id: str
    name: str
    about: str
    """Of a group its kind: ``gcs``, ``regional`` or ``national``; of an institution its city."""
    stands: bool = True
    """False: it is suspended, or the institution that leads it is; what it was given counts for nobody meanwhile."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One that stands."""

    id: str
    partner: Partner
    level: Level
    since: datetime
    until: datetime | None
    """None: until it is withdrawn."""
    given_by: str
    """Name of the person."""


class SharedCase(msgspec.Struct, frozen=True):
    """A case of another institution, for who has it through a group or their own institution."""

    id: str
    number: str
    organ: str
    institution: str
    since: datetime


async def share(
    db: Database, actor: Actor, case_id: str, partner: tuple[str, str], level: Level, days: int | None = None
) -> str:
    """Let everybody of ``partner`` (kind, id) who works with cases see this one and all its slides, later ones too, for so many
    ``days``. Return the share's id.

    Raises NotFound; Refused; Invalid: no partner of the institution, not 1 to LONGEST days, or the patient refused; Conflict:
    shared with them."""
    if days is not None and not 1 <= days <= LONGEST:
        raise Invalid("error-share-days", limit=LONGEST)
    async with db.write(actor) as tx:
        shared, allowed = await _held(tx, actor, case_id)
        non_opposition.respected(shared)
        # No institution leaves the group, and no group ends, before what it is given is there to end with that.
        await tx.first(select(care_group.c.id).where(care_group.c.id == partner[1]).with_for_update())
        if partner not in {(one.kind, one.id) for one in await partners(tx, shared.institution_id)}:
            raise Invalid("error-share-partner")
        if any((one.partner.kind, one.partner.id) == partner for one in await of_case(tx, case_id)):
            raise Conflict("error-share-exists")
        key, until = tx.new_id(), None if days is None else tx.now + timedelta(days=days)
        for thing, given in [
            (("case", case_id), ON_CASE[level]),
            *((("slide", one.id), ON_SLIDES[level]) for one in await repository.slides(tx, case_id)),
        ]:
            await tx.grant(partner, thing, given, because=BECAUSE, because_id=key, until=until)
        await tx.audit(
            "case.shared",
            shared.ref,
            because=allowed,
            subject=partner[1],
            subject_kind=partner[0],
            rights=sorted(ON_SLIDES[level]),
            until="" if until is None else until.isoformat(timespec="seconds"),
            basis_id=key,
        )
    return key


async def withdraw(db: Database, actor: Actor, case_id: str, share_id: str) -> None:
    """End a share of this case, and what is open through it. Raises NotFound: none such stands; Refused."""
    async with db.write(actor) as tx:
        shared, allowed = await _held(tx, actor, case_id)
        found = next((one for one in await of_case(tx, case_id) if one.id == share_id), None)
        if found is None:
            raise NotFound
        await _end(tx, shared.ref, found.id, (found.partner.kind, found.partner.id), found.level, "", allowed)


async def group_over(tx: Transaction, group_id: str, reason: str, owner: str = "") -> None:
    """A group has ended, or an institution (``owner``) has left it: so have the shares with it, of all cases or of its own.

    In the caller's transaction; ``reason`` stands in the record of each."""
    rows = await tx.all(
        select(rights.c.because_id, rights.c.rights, case.c.id, case.c.institution_id)
        .join(case, (rights.c.object_kind == "case") & (rights.c.object_id == case.c.id))
        .where(rights.c.subject_kind == "group", rights.c.subject_id == group_id, _given(), _standing(tx.now))
        .order_by(rights.c.id)
    )
    for row in rows:
        if owner and row["institution_id"] != owner:
            continue
        thing = ObjectRef("case", row["id"], row["institution_id"], case_id=row["id"])
        await _end(tx, thing, row["because_id"], ("group", group_id), _level(row["rights"]), reason)


async def slide_added(tx: Transaction, added: Slide) -> None:
    """A case has one more slide: those with whom it is shared see it like the others."""
    for row in await tx.all(select(rights).where(_of_case(added.case_id), _standing(tx.now)).order_by(rights.c.id)):
        await tx.grant(
            (row["subject_kind"], row["subject_id"]),
            ("slide", added.id),
            ON_SLIDES[_level(row["rights"])],
            because=BECAUSE,
            because_id=row["because_id"],
            until=row["until"],
        )


async def partners(reader: Reader, institution_id: str) -> list[Partner]:
    """With whom this institution may share: the groups to which it belongs, then their other institutions, by name; those
    that are suspended are left out."""
    member = care_group_member
    mine = select(member.c.group_id).where(member.c.member_kind == "institution", member.c.member_id == institution_id)
    groups = [one for one in (await _groups(reader, care_group.c.id.in_(mine))).values() if one.stands]
    beside = select(member.c.member_id).where(
        member.c.member_kind == "institution", member.c.group_id.in_([one.id for one in groups])
    )
    places = await _places(reader, institution.c.id.in_(beside) & (institution.c.id != institution_id))
    return [*groups, *(one for one in places.values() if one.stands)]


async def of_case(reader: Reader, case_id: str) -> list[Share]:
    """The shares of a case that stand, the latest first. The caller has asked CASE_SHARE."""
    rows = await reader.all(
        select(rights).where(_of_case(case_id), _standing(reader.now)).order_by(rights.c.granted_at.desc(), rights.c.id)
    )
    ids = {row["subject_id"] for row in rows}
    known = await _groups(reader, care_group.c.id.in_(ids)) | await _places(reader, institution.c.id.in_(ids))
    people = await directory.people(reader, {row["granted_by"] for row in rows})
    return [
        Share(
            id=row["because_id"],
            partner=known[row["subject_id"]],
            level=_level(row["rights"]),
            since=row["granted_at"],
            until=row["until"],
            given_by=people[row["granted_by"]].name,
        )
        for row in rows
        if row["subject_id"] in known
    ]


async def with_us(reader: Reader, actor: Actor) -> list[SharedCase]:
    """The cases of other institutions that this person has through a group or their institution, the latest shared first."""
    held = [one for one in sorted(subjects(actor)) if one[0] in {"group", "institution"}]
    if not held:
        return []
    since = func.max(rights.c.granted_at, type_=rights.c.granted_at.type).label("since")
    rows = await reader.all(
        select(case.c.id, case.c.number, case.c.organ, institution.c.name, since)
        .join(rights, (rights.c.object_kind == "case") & (rights.c.object_id == case.c.id))
        .join(institution, institution.c.id == case.c.institution_id)
        .where(
            or_(*((rights.c.subject_kind == kind) & (rights.c.subject_id == key) for kind, key in held)),
            _given(),
            _standing(reader.now),
            case.c.institution_id != actor.institution_id,
            case.c.erased_at.is_(None),
        )
        .group_by(case.c.id, case.c.number, case.c.organ, institution.c.name)
        .order_by(since.desc(), case.c.id.desc())
        .limit(SHOWN)
    )
    return [SharedCase(row["id"], row["number"], row["organ"], row["name"], row["since"]) for row in rows]


async def discussing(reader: Reader, case_id: str) -> set[str]:
    """Who wrote in the case and may still discuss it through a share."""
    rows = await reader.all(select(rights).where(_of_case(case_id), _standing(reader.now)))
    held = {(row["subject_kind"], row["subject_id"]) for row in rows if _level(row["rights"]) is Level.DISCUSS}
    if not held:
        return set()
    wrote = select(thread_line.c.author_id).where(thread_line.c.case_id == case_id)
    places = [key for kind, key in held if kind == "institution"]
    groups = await _groups(reader, care_group.c.id.in_([key for kind, key in held if kind == "group"]))
    members = await reader.all(
        select(care_group_member).where(
            care_group_member.c.group_id.in_([one.id for one in groups.values() if one.stands])
        )
    )
    by_name = {row["member_id"] for row in members if row["member_kind"] == "person"}
    places += [row["member_id"] for row in members if row["member_kind"] == "institution"]
    people = await reader.all(
        select(membership)
        .join(institution, institution.c.id == membership.c.institution_id)
        .where(membership.c.person_id.in_(wrote), institution.c.disabled_at.is_(None))
    )
    return {
        row["person_id"]
        for row in people
        if STAFF & {Role(role) for role in row["roles"]}
        and (row["person_id"] in by_name or row["institution_id"] in places)
    }


async def _held(tx: Transaction, actor: Actor, case_id: str) -> tuple[Case, Allowed]:
    """The case, on which nobody else changes anything until the commit: a slide may be on its way. Raises NotFound; Refused."""
    await tx.one(select(case.c.id).where(case.c.id == case_id, case.c.erased_at.is_(None)).with_for_update())
    found = await repository.get(tx, case_id)
    return found, await grants.require(tx, actor, Action.CASE_SHARE, found.ref)


async def _end(
    tx: Transaction,
    thing: ObjectRef,
    share_id: str,
    partner: tuple[str, str],
    level: Level,
    reason: str,
    because: Allowed | None = None,
) -> None:
    await tx.revoke(BECAUSE, share_id)
    await tx.audit(
        "case.unshared",
        thing,
        because=because,
        subject=partner[1],
        subject_kind=partner[0],
        rights=sorted(ON_SLIDES[level]),
        reason=reason,
        basis_id=share_id,
    )


def _level(given: Collection[str]) -> Level:
    return Level.DISCUSS if Right.DISCUSS in given else Level.LOOK


def _given() -> ColumnElement[bool]:
    return (rights.c.because == BECAUSE) & rights.c.revoked_at.is_(None)


def _standing(now: datetime) -> ColumnElement[bool]:
    return or_(rights.c.until.is_(None), rights.c.until > now)


def _of_case(case_id: str) -> ColumnElement[bool]:
    return _given() & (rights.c.object_kind == "case") & (rights.c.object_id == case_id)


async def _groups(reader: Reader, which: ColumnElement[bool]) -> dict[str, Partner]:
    """Those of these groups that have not ended, by id, in the order of their names."""
    rows = await reader.all(
        select(care_group.c.id, care_group.c.name, care_group.c.kind, institution.c.disabled_at)
        .join(institution, institution.c.id == care_group.c.institution_id)
        .where(which, care_group.c.ended_at.is_(None))
        .order_by(care_group.c.name, care_group.c.id)
    )
    return {
        row["id"]: Partner("group", row["id"], row["name"], row["kind"], stands=row["disabled_at"] is None)
        for row in rows
    }


async def _places(reader: Reader, which: ColumnElement[bool]) -> dict[str, Partner]:
    """These institutions by id, in the order of their names."""
    rows = await reader.all(select(institution).where(which).order_by(institution.c.name, institution.c.id))
    return {
        row["id"]: Partner("institution", row["id"], row["name"], row["city"], stands=row["disabled_at"] is None)
        for row in rows
    }
