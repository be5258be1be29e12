"""Everybody who could be asked, with all that consults/routing.py weighs. Reading only, in a number of statements that does not
grow with the experts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

import msgspec
from sqlalchemy import and_, func, or_, select

from consults import conflicts, preferred_experts, repository, rules, track_record, turnaround
from consults.conflicts import Shared
from consults.deadlines import Urgency
from consults.expectation import Away
from consults.expert import Ask, Conflict, Expert, Identity
from consults.kinds import ConsultKind
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.networks import find
from consults.routing import Ranking, rank
from consults.track_record import TrackRecord
from telepath import directory
from telepath.cases.model import Case
from telepath.db.schema.consults import consult, duty, pool, pool_member, reading
from telepath.db.schema.directory import care_group, care_group_member
from telepath.db.transaction import Reader

GCS: Final = "gcs"
"""The kind of group that makes one house of several institutions; to be in one network is no conflict."""
NATIONAL: Final = "national"
"""The kind of group that is a network by one of its names (consults/networks.py): its lead is a coordinating centre, its
institutions are the centres. A network may have several, each with a group of its own."""
CALLED: Final = (Urgency.FROZEN, Urgency.URGENT)
"""Urgencies for which it matters who is on duty."""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """For what somebody is sought. ``asked``: persons."""

    case: Case
    organ: str
    urgency: Urgency
    requester_id: str
    language: str = "fr"
    kind: ConsultKind = ConsultKind.EXPERT
    network: str = ""
    """Code of the network that is asked; "": none."""
    pool_id: str | None = None
    """Its members alone. None: everybody."""
    asked: frozenset[str] = frozenset()
    beside: bool = False
    """Beside an expert who reads already: the requester's preference has no say in who checks them."""
    centres_of: str = ""
    """Code of the network whose coordinating centres come first; "": none."""
    apart_from: str = ""
    """An institution from which nobody is sought, besides the asking one."""


class _Groups(msgspec.Struct, frozen=True):
    """Of the experts and of the asking side."""

    asking: frozenset[str]
    leading: frozenset[str]
    """Institutions that lead one of those."""
    of_experts: Mapping[str, frozenset[str]]
    shared: Mapping[str, Collection[Shared]]
    coordinated: Mapping[str, frozenset[str]]
    """Institution → codes of the networks that it coordinates."""
    centres: Mapping[str, frozenset[str]]
    """Likewise, of those that it is a centre of."""


async def ranking(reader: Reader, sought: Sought) -> Ranking:
    """Who could answer, best first, with reasons, and who not. The caller has asked for the right to know."""
    known = await directory.registered_experts(reader, sought.organ)
    home = (await directory.institutions(reader, [sought.case.institution_id]))[sought.case.institution_id]
    ids = {one.person.id for one in known}
    loads = await repository.loads(reader, ids)
    absences = await directory.absences(reader, ids)
    records = await track_record.of_experts(reader, sought.organ, sought.urgency, ids)
    groups = await _groups(reader, sought, known)
    pools, members = await _pools(reader, sought, ids, groups)
    conflicted = await conflicts.of_experts(reader, sought.case, sought.requester_id, sought.kind, ids, groups.shared)
    answered = await _answered_before(reader, sought.requester_id, ids)
    preferred = frozenset() if sought.beside else await preferred_experts.of_person(reader, sought.requester_id)
    on_duty = await _on_duty(reader, ids) if sought.urgency in CALLED else frozenset()
    ask = Ask(
        organ=sought.organ,
        urgency=sought.urgency,
        institution_id=home.id,
        region=home.region,
        language=sought.language,
        requester_id=sought.requester_id,
        already_asked=sought.asked,
        within=await turnaround.within(reader, home.id, sought.urgency),
        kind=sought.kind,
        network=sought.network,
        centres_of=sought.centres_of,
        apart_from=sought.apart_from,
        pool=members,
        preferred=preferred,
        rules=tuple(await rules.standing(reader, home.id, groups.asking)),
    )
    experts = (
        _expert(
            one,
            records.get(one.person.id),
            absences.get(one.person.id, ()),
            conflicted.get(one.person.id, ()),
            load=loads.get(one.person.id, 0),
            on_duty=one.person.id in on_duty,
            pools=pools.get(one.person.id, ()),
            groups=groups,
            answered_before=answered.get(one.person.id, 0),
        )
        for one in known
    )
    return rank(experts, ask, reader.now)


def _expert(
    known: directory.Expertise,
    record: TrackRecord | None,
    absences: Collection[directory.Absence],
    conflicted: tuple[Conflict, ...],
    *,
    load: int,
    on_duty: bool,
    pools: Collection[str],
    groups: _Groups,
    answered_before: int,
) -> Expert:
    place = known.institution
    return Expert(
        person_id=known.person.id,
        name=known.person.name,
        institution_id=place.id,
        institution_name=place.name,
        city=place.city,
        region=place.region,
        time_zone=place.time_zone,
        calendar=place.hours,
        organs=(known.organ,),
        networks=known.networks,
        coordinates=groups.coordinated.get(place.id, frozenset()),
        centre_of=groups.centres.get(place.id, frozenset()),
        languages=known.languages,
        available=known.available,
        answers=known.answers,
        identity=_identity(known.person),
        know_how=known.person.know_how,
        median_hours=record.median_hours if record else known.median_hours,
        answered=record.answers if record else 0,
        load=load,
        away=tuple(Away(one.starts_at, one.ends_at) for one in absences if one.institution_id in ("", place.id)),
        on_duty=on_duty,
        pools=tuple(pools),
        groups=groups.of_experts.get(known.person.id, frozenset()),
        conflicts=conflicted,
        answered_before=answered_before,
    )


def _identity(person: directory.Person) -> Identity:
    if person.foreign:
        return Identity.CREDENTIAL
    return Identity.PSC if person.first_seen_at else Identity.EXPECTED


async def _groups(reader: Reader, sought: Sought, known: Collection[directory.Expertise]) -> _Groups:
    """An institution belongs to a group that it leads, too."""
    home = sought.case.institution_id
    member = care_group_member
    persons = {sought.requester_id, *(one.person.id for one in known)}
    places = {home, *(one.institution.id for one in known)}
    rows = await reader.all(
        select(
            care_group.c.id,
            care_group.c.kind,
            care_group.c.name,
            care_group.c.institution_id.label("lead"),
            member.c.member_kind,
            member.c.member_id,
        )
        .join(member, member.c.group_id == care_group.c.id)
        .where(
            care_group.c.ended_at.is_(None),
            or_(
                and_(member.c.member_kind == "person", member.c.member_id.in_(persons)),
                and_(member.c.member_kind == "institution", member.c.member_id.in_(places)),
            ),
        )
    )
    belongs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        belongs[row["member_kind"], row["member_id"]].add(row["id"])
        belongs["institution", row["lead"]].add(row["id"])
    asking = belongs["institution", home] | belongs["person", sought.requester_id]
    houses = {row["id"]: row["name"] for row in rows if row["kind"] == GCS}
    at_home = belongs["institution", home] & set(houses)
    shared: dict[str, list[Shared]] = {}
    of_experts: dict[str, frozenset[str]] = {}
    for one in known:
        there = belongs["institution", one.institution.id]
        of_experts[one.person.id] = frozenset(there | belongs["person", one.person.id])
        shared[one.person.id] = [Shared(group, houses[group]) for group in sorted(at_home & there)]
    coordinated: dict[str, frozenset[str]] = defaultdict(frozenset)
    centres: dict[str, frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        network = find(row["name"]) if row["kind"] == NATIONAL else None
        if network is not None:
            coordinated[row["lead"]] |= {network.code}
            if row["member_kind"] == "institution":
                centres[row["member_id"]] |= {network.code}
    return _Groups(
        asking=frozenset(asking),
        leading=frozenset(row["lead"] for row in rows if row["id"] in asking),
        of_experts=of_experts,
        shared=shared,
        coordinated=coordinated,
        centres=centres,
    )


async def _pools(
    reader: Reader, sought: Sought, person_ids: Collection[str], groups: _Groups
) -> tuple[dict[str, list[str]], frozenset[str] | None]:
    """Person id → names of the pools for this organ that the asking side keeps; and who belongs to the pool that is asked."""
    rows = await reader.all(
        select(pool.c.id, pool.c.name, pool.c.organs, pool.c.institution_id, pool_member.c.person_id)
        .join(pool_member, pool_member.c.pool_id == pool.c.id)
        .where(pool.c.ended_at.is_(None), pool_member.c.person_id.in_(set(person_ids)))
        .order_by(pool.c.name, pool.c.id)
    )
    keeping = {sought.case.institution_id, *groups.leading}
    names: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["institution_id"] in keeping and (not row["organs"] or sought.organ in row["organs"]):
            names[row["person_id"]].append(row["name"])
    asked = frozenset(row["person_id"] for row in rows if row["id"] == sought.pool_id)
    return names, None if sought.pool_id is None else asked


async def _answered_before(reader: Reader, requester_id: str, person_ids: Collection[str]) -> dict[str, int]:
    """Person id → consults of this requester that they have answered."""
    rows = await reader.all(
        select(reading.c.expert_id, func.count().label("answered"))
        .join(consult, consult.c.id == reading.c.consult_id)
        .where(
            consult.c.requester_id == requester_id,
            reading.c.expert_id.in_(set(person_ids)),
            reading.c.status == ReadingStatus.COMPLETED,
            consult.c.status == ConsultStatus.COMPLETED,
        )
        .group_by(reading.c.expert_id)
    )
    return {row["expert_id"]: row["answered"] for row in rows}


async def _on_duty(reader: Reader, person_ids: Collection[str]) -> frozenset[str]:
    rows = await reader.all(
        select(duty.c.person_id).where(
            duty.c.person_id.in_(set(person_ids)),
            duty.c.withdrawn_at.is_(None),
            duty.c.starts_at <= reader.now,
            duty.c.ends_at > reader.now,
        )
    )
    return frozenset(row["person_id"] for row in rows)
