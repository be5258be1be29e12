"""Who is who: people, institutions, departments, memberships, credentials, expertise. Reading only; auth writes."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import literal, or_, select

from telepath.actor import Role
from telepath.db.schema.directory import absence, delegation, expertise, institution, membership, person
from telepath.db.schema.directory import credential as credentials
from telepath.db.schema.directory import department as department_table
from telepath.db.transaction import Reader
from telepath.identifiers import PSC, rpps_of
from telepath.territories import USUAL, Calendar, territory_of


def called(title: str, given_name: str, family_name: str) -> str:
    """Somebody as colleagues see them: "Dr Zoé Marchand"."""
    return " ".join(part for part in (title, given_name, family_name) if part)


class Institution(msgspec.Struct, frozen=True):
    id: str
    finess: str
    name: str
    city: str
    region: str
    """INSEE region code: 03 is Guyane, 32 Hauts-de-France."""
    time_zone: str
    calendar: Calendar | None = None
    """None: the usual one."""
    disabled_at: datetime | None = None

    @property
    def own_hours(self) -> Calendar:
        """As its administrator keeps them, without the public holidays of its territory."""
        return self.calendar or USUAL

    @property
    def hours(self) -> Calendar:
        """When people work there."""
        return msgspec.structs.replace(self.own_hours, territory=territory_of(self.region, self.finess))


class Department(msgspec.Struct, frozen=True):
    id: str
    institution_id: str
    name: str


class Person(msgspec.Struct, frozen=True):
    id: str
    subject_name_id: str
    title: str
    given_name: str
    family_name: str
    profession: str
    know_how: str
    email: str
    language: str
    kind: str = "professional"
    """``professional``, or ``guest``."""
    provider: str = PSC
    """Key of the identity provider that proves who they are."""
    first_seen_at: datetime | None = None
    """When they first signed in; None: they are expected."""
    disabled_at: datetime | None = None

    @property
    def foreign(self) -> bool:
        """Known by another provider than Pro Santé Connect, and so without an RPPS number."""
        return self.provider != PSC

    @property
    def name(self) -> str:
        """As colleagues see it."""
        return called(self.title, self.given_name, self.family_name)


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody may practise, checked by a coordinator in the register of an authority, as its number there."""

    id: str
    person_id: str
    institution_id: str
    """Whose coordinator checked it."""
    authority: str
    number: str
    country: str
    """ISO 3166-1, two letters: ``BE``."""
    verified_by: str
    verified_at: datetime
    withdrawn_at: datetime | None


class Expertise(msgspec.Struct, frozen=True):
    """One organ that one expert reads, at one institution."""

    person: Person
    institution: Institution
    organ: str
    networks: tuple[str, ...]
    languages: tuple[str, ...]
    available: bool
    median_hours: float | None
    """As it was said when they were registered; what was measured is consults/track_record.py's."""
    answers: bool = True
    """False: no expert where they read it any more, or may not sign in."""


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody answers no request. ``institution_id`` "": wherever they work."""

    person_id: str
    starts_at: datetime
    ends_at: datetime
    institution_id: str = ""


def _person(row: object) -> Person:
    return msgspec.convert(row, Person, from_attributes=True)


def _institution(row: object) -> Institution:
    return msgspec.convert(row, Institution, from_attributes=True)


async def people(reader: Reader, ids: Iterable[str] | None = None) -> dict[str, Person]:
    """The persons of these ids, guests too; unknown ids are left out. Without ``ids`` everybody but guests."""
    statement = select(person).where(person.c.kind != "guest" if ids is None else person.c.id.in_(set(ids)))
    rows = (await reader.connection.execute(statement)).all()
    return {row.id: _person(row) for row in rows}


async def person_by_subject(reader: Reader, subject_name_id: str) -> Person | None:
    """Bind on Pro Santé Connect's SubjectNameID and on nothing else. A guest is nobody's login, whatever a provider says."""
    whose = (person.c.subject_name_id == subject_name_id) & (person.c.kind == "professional")
    row = (await reader.connection.execute(select(person).where(whose))).first()
    return None if row is None else _person(row)


async def institutions(reader: Reader, ids: Iterable[str] | None = None) -> dict[str, Institution]:
    """Institutions by id; all of them without ``ids``."""
    statement = select(institution)
    if ids is not None:
        statement = statement.where(institution.c.id.in_(set(ids)))
    rows = (await reader.connection.execute(statement)).all()
    return {row.id: _institution(row) for row in rows}


async def institution_by_finess(reader: Reader, finess: str) -> Institution | None:
    """``finess`` as it is kept: nine characters without spaces, letters in capitals."""
    row = (await reader.connection.execute(select(institution).where(institution.c.finess == finess))).first()
    return None if row is None else _institution(row)


async def departments(reader: Reader, institution_id: str) -> list[Department]:
    """Those of an institution, by name."""
    table = department_table
    rows = await reader.all(select(table).where(table.c.institution_id == institution_id).order_by(table.c.name))
    return [msgspec.convert(row, Department) for row in rows]


async def memberships(reader: Reader, person_id: str) -> dict[str, frozenset[Role]]:
    """Institution id → roles of this person there."""
    rows = await reader.all(select(membership).where(membership.c.person_id == person_id))
    return {row["institution_id"]: frozenset(Role(role) for role in row["roles"]) for row in rows}


async def holding(reader: Reader, institution_id: str, roles: Collection[Role]) -> list[str]:
    """The members of an institution who have one of these roles there, in the order of their ids. Not who is suspended: they
    are told nothing, and do nothing for it."""
    rows = await reader.all(
        select(membership.c.person_id, membership.c.roles)
        .join(person, person.c.id == membership.c.person_id)
        .where(membership.c.institution_id == institution_id, person.c.disabled_at.is_(None))
        .order_by(membership.c.person_id)
    )
    return [row["person_id"] for row in rows if not {Role(role) for role in row["roles"]}.isdisjoint(roles)]


async def credential(reader: Reader, person_id: str) -> Credential | None:
    """The standing credential of this person, the newest; None: nobody checked any, or it was withdrawn."""
    row = await reader.first(
        select(credentials)
        .where(credentials.c.person_id == person_id, credentials.c.withdrawn_at.is_(None))
        .order_by(credentials.c.verified_at.desc(), credentials.c.id.desc())
    )
    return None if row is None else msgspec.convert(row, Credential)


async def staff(reader: Reader, institution_id: str) -> list[Person]:
    """The members of an institution, by family name."""
    rows = await reader.connection.execute(
        select(person)
        .join(membership, membership.c.person_id == person.c.id)
        .where(membership.c.institution_id == institution_id)
        .order_by(person.c.family_name)
    )
    return [_person(row) for row in rows.all()]


async def absences(reader: Reader, person_ids: Iterable[str]) -> dict[str, list[Absence]]:
    """Person id → their absences that are not over, by when they begin. Who has left a delegate is absent where they did."""
    whose = set(person_ids)
    said = select(
        absence.c.person_id, absence.c.starts_at, absence.c.ends_at, literal("").label("institution_id")
    ).where(absence.c.person_id.in_(whose), absence.c.ended_at.is_(None), absence.c.ends_at > reader.now)
    left = select(
        delegation.c.absent_id, delegation.c.starts_at, delegation.c.ends_at, delegation.c.institution_id
    ).where(delegation.c.absent_id.in_(whose), delegation.c.ended_at.is_(None), delegation.c.ends_at > reader.now)
    rows = await reader.all(select(said.union_all(left).subquery()))
    found: dict[str, list[Absence]] = {}
    for one in sorted((msgspec.convert(row, Absence) for row in rows), key=lambda one: (one.starts_at, one.ends_at)):
        found.setdefault(one.person_id, []).append(one)
    return found


async def experts(reader: Reader, organ: str) -> list[Expertise]:
    """Everyone who reads this organ, is still an expert where they read it, and may sign in."""
    return [one for one in await registered_experts(reader, organ) if one.answers]


async def registered_experts(reader: Reader, organ: str) -> list[Expertise]:
    """Everyone who was registered for this organ. Who has left, lost the role, was disabled, or has neither an RPPS number nor
    a credential that stands, can no longer answer. Three statements, however many they are."""
    belongs = (membership.c.person_id == expertise.c.person_id) & (
        membership.c.institution_id == expertise.c.institution_id
    )
    verified = select(credentials.c.person_id).where(credentials.c.withdrawn_at.is_(None))
    may_sign_in = (
        person.c.disabled_at.is_(None)
        & institution.c.disabled_at.is_(None)
        & or_(person.c.provider == PSC, person.c.id.in_(verified))
    )
    rows = await reader.all(
        select(expertise, membership.c.roles, may_sign_in.label("may_sign_in"))
        .join(person, person.c.id == expertise.c.person_id)
        .join(institution, institution.c.id == expertise.c.institution_id)
        .outerjoin(membership, belongs)
        .where(expertise.c.organ == organ)
    )
    persons = await people(reader, (row["person_id"] for row in rows))
    places = await institutions(reader, (row["institution_id"] for row in rows))
    found = []
    for row in rows:
        known = persons[row["person_id"]]
        numbered = known.foreign or bool(rpps_of(known.subject_name_id))
        found.append(
            Expertise(
                person=known,
                institution=places[row["institution_id"]],
                organ=row["organ"],
                networks=tuple(row["networks"]),
                languages=tuple(row["languages"]),
                available=row["available"],
                median_hours=row["median_hours"],
                answers=bool(row["may_sign_in"]) and Role.EXPERT in (row["roles"] or ()) and numbered,
            )
        )
    return found
