"""Opening, editing and seeing cases."""

import asyncio

import msgspec
import pytest
from sqlalchemy import select

from telepath.access import Action, Right
from telepath.actor import Actor, Role
from telepath.cases import actions, repository
from telepath.cases.codings import Coding
from telepath.cases.model import Case, CaseFacts
from telepath.db.database import Database
from telepath.db.schema.cases import case_view
from telepath.errors import Conflict, Refused
from telepath.grants import require
from tests import audited
from tests.builders import World

FACTS = CaseFacts(number="26-00417", organ="digestive", title="Biopsie gastrique")


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


async def read(db: Database, case_id: str) -> Case:
    async with db.read() as reader:
        return await repository.get(reader, case_id)


async def test_a_case_is_opened_with_its_audit_record(database: Database, zoe: Actor) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    assert await read(database, made.id) == made
    assert made.institution_id == zoe.institution_id
    (record,) = await audited.records(database, "case.created")
    assert (record["object_id"], record["because"]) == (made.id, "institution")
    for typed in (FACTS.number, FACTS.title, FACTS.organ):
        assert typed not in str(record)
    said = {"number": FACTS.number, "organ": FACTS.organ, "title": FACTS.title}
    assert await audited.of_case(database, record) == said


async def test_what_a_case_says_of_its_diagnosis_is_kept_and_recorded_in_the_vault_alone(
    database: Database, zoe: Actor
) -> None:
    told = msgspec.structs.replace(
        FACTS,
        proposed_diagnosis="Lymphome du MALT ?",
        gross_description="Quatre fragments de 3 mm.",
        codings="cim-o: 9699/3\nADICAP BHDE0040",
        circumstances=("hiv", "child"),
    )
    made = await actions.create_case(database, zoe, told)
    case = await read(database, made.id)
    assert case == made
    assert case.codings == (Coding("ICD-O", "9699/3"), Coding("ADICAP", "BHDE0040"))
    assert case.circumstances == ("child", "hiv")
    less = msgspec.structs.replace(told, codings="CIM-O 9690/3", circumstances=())
    await actions.edit_case(database, zoe, made.id, 1, less)
    assert (await read(database, made.id)).codings == (Coding("ICD-O", "9690/3"),)
    (record,) = await audited.records(database, "case.changed")
    assert record["detail"] == {"changed": ["circumstances", "codings"], "version": 2}
    said = await audited.of_case(database, record)
    assert said["before"]["circumstances"] == ["child", "hiv"]
    assert said["after"]["codings"] == [{"system": "ICD-O", "code": "9690/3"}]


async def test_a_change_of_a_case_records_what_was_there_before_in_the_vault_alone(
    database: Database, zoe: Actor
) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    await actions.edit_case(database, zoe, made.id, 1, msgspec.structs.replace(FACTS, title="Tout autre titre"))
    specimen = await actions.add_specimen(database, zoe, made.id, "B7", "Curage axillaire")
    edited, added = await audited.records(database, "case.changed")
    assert edited["detail"] == {"changed": ["title"], "version": 2}
    before, after = {"title": FACTS.title}, {"title": "Tout autre titre"}
    assert await audited.of_case(database, edited) == {"before": before, "after": after}
    assert added["detail"] == {"changed": ["specimens"], "specimen": specimen.id}
    assert await audited.of_case(database, added) == {"label": "B7", "description": "Curage axillaire"}


async def test_who_only_audits_opens_no_case(database: Database, world: World) -> None:
    auditor = await world.person("audit", "cayenne", "Line", "Audit", roles=(Role.AUDITOR,))
    with pytest.raises(Refused):
        await actions.create_case(database, auditor, FACTS)
    assert not await audited.records(database, "case.created")


async def test_one_institution_has_a_number_once_and_another_may_have_it_too(
    database: Database, world: World, zoe: Actor
) -> None:
    await actions.create_case(database, zoe, FACTS)
    with pytest.raises(Conflict) as caught:
        await actions.create_case(database, zoe, FACTS)
    assert caught.value.code == "error-case-number-taken"
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    await actions.create_case(database, paul, FACTS)


async def test_of_two_people_who_take_a_number_at_once_one_is_told(database: Database, zoe: Actor) -> None:
    answers = await asyncio.gather(
        *(actions.create_case(database, zoe, FACTS) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Case", "Conflict", "Conflict", "Conflict"]


async def test_of_two_edits_of_the_same_version_the_second_changes_nothing(database: Database, zoe: Actor) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    await actions.edit_case(database, zoe, made.id, 1, msgspec.structs.replace(FACTS, title="Premier"))
    with pytest.raises(Conflict) as caught:
        await actions.edit_case(database, zoe, made.id, 1, msgspec.structs.replace(FACTS, title="Second"))
    assert caught.value.code == "error-conflict"
    assert (await read(database, made.id)).title == "Premier"
    (record,) = await audited.records(database, "case.changed")
    assert record["detail"] == {"changed": ["title"], "version": 2}


async def test_another_institution_cannot_edit_even_with_a_grant(database: Database, world: World, zoe: Actor) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    async with database.write(zoe, unaudited="test") as tx:
        await tx.grant(("person", paul.person_id), ("case", made.id), list(Right), because="consult", because_id="c")
    with pytest.raises(Refused):
        await actions.edit_case(database, paul, made.id, 1, FACTS)
    with pytest.raises(Refused):
        await actions.add_specimen(database, paul, made.id, "A", "")


async def test_a_specimen_is_added_once(database: Database, zoe: Actor) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    specimen = await actions.add_specimen(database, zoe, made.id, " A ", "Antre")
    async with database.read() as reader:
        assert await repository.specimens(reader, made.id) == [specimen]
    with pytest.raises(Conflict):
        await actions.add_specimen(database, zoe, made.id, "A", "")


async def test_a_session_that_reloads_a_case_is_recorded_once_an_hour(
    database: Database, world: World, zoe: Actor
) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    async with database.read() as reader:
        allowed = await require(reader, zoe, Action.CASE_VIEW, made.ref)
    for _ in range(3):
        await actions.record_view(database, zoe, made, allowed)
    assert len(await audited.records(database, "case.viewed")) == 1
    await actions.record_view(database, msgspec.structs.replace(zoe, session_id="another"), made, allowed)
    assert len(await audited.records(database, "case.viewed")) == 2
    world.clock.advance(minutes=61)
    await actions.record_view(database, zoe, made, allowed)
    assert len(await audited.records(database, "case.viewed")) == 3
    async with database.read() as reader:
        assert len(await reader.all(select(case_view))) == 1, "rows of past hours go away"


async def test_pages_opened_at_the_same_instant_are_one_view(database: Database, zoe: Actor) -> None:
    made = await actions.create_case(database, zoe, FACTS)
    async with database.read() as reader:
        allowed = await require(reader, zoe, Action.CASE_VIEW, made.ref)
    await asyncio.gather(*(actions.record_view(database, zoe, made, allowed) for _ in range(4)))
    assert len(await audited.records(database, "case.viewed")) == 1


async def test_the_list_has_the_last_active_first_and_those_shared(
    database: Database, world: World, zoe: Actor
) -> None:
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    mine = await world.case(zoe, "26-1")
    world.clock.advance(minutes=1)
    other = await world.case(zoe, "26-2")
    shared, hidden = await world.case(paul, "L-1"), await world.case(paul, "L-2")
    await world.slide(zoe, mine)
    world.clock.advance(minutes=1)
    async with database.write(zoe, unaudited="test") as tx:
        await repository.touch(tx, mine)
    async with database.read() as reader:
        found, more = await repository.listed(reader, zoe.institution_id, [shared])
    assert [line.case.id for line in found[:1]] == [mine]
    assert {line.case.id for line in found} == {mine, other, shared}
    assert hidden not in {line.case.id for line in found}
    assert (found[0].slides, more) == (1, False)


async def test_the_filter_takes_percent_and_underscore_as_they_are(
    database: Database, world: World, zoe: Actor
) -> None:
    await world.case(zoe, "26_1")
    await world.case(zoe, "26-2")
    async with database.read() as reader:
        for wanted, numbers in (("6_", ["26_1"]), ("%", []), ("GANGLION", ["26_1", "26-2"])):
            found, _ = await repository.listed(reader, zoe.institution_id, containing=wanted)
            assert sorted(line.case.number for line in found) == sorted(numbers)


async def test_a_long_list_is_given_in_pages(
    database: Database, world: World, zoe: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "PAGE", 2)
    for number in range(3):
        await world.case(zoe, f"26-{number}")
    async with database.read() as reader:
        first, more = await repository.listed(reader, zoe.institution_id)
        second, end = await repository.listed(reader, zoe.institution_id, page=1)
    assert (len(first), more, len(second), end) == (2, True, 1, False)
