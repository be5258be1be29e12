"""In which activity somebody works: chosen by them, or by itself where there is but one, and what it lets them be."""

from typing import Any

import httpx2
import msgspec
from sqlalchemy import select

from auth import administration
from auth.simulator.conditions import NORMAL, Profession
from auth.simulator.identities import Activity, Identity, Practice
from telepath.actor import SYSTEM, Role
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.directory import person
from tests.entrance import Entrance
from tests.identities import HUGO, INES
from tests.login import location, login, pick

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id
TEST_CARD = Identity(
    subject_name_id="ANS20260311120000",
    given_name="Carte",
    family_name="Dessai",
    finess="0D0000017",
    institution_name="Hôpital de l’Estuaire, Cayenne",
    origin="EDIT",
)


async def roles(client: httpx2.AsyncClient) -> set[str]:
    return set((await client.get("/")).json()["roles"])


async def records(entrance: Entrance, *kinds: str) -> list[dict[str, Any]]:
    async with entrance.db.read() as reader:
        rows = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
    return [row["record"]["detail"] for row in rows if row["record"]["kind"] in kinds]


async def test_each_activity_of_each_institution_may_be_chosen_and_decides_who_is_an_expert(entrance: Entrance) -> None:
    lille, rennes = entrance.places["lille"], entrance.places["rennes"]
    hospital = Activity(finess=HUGO.finess, institution_name=HUGO.institution_name)
    practice = Activity(finess=HUGO.finess, institution_name=HUGO.institution_name, mode="L", sector="SA07")
    entrance.simulator.identities[Hugo] = msgspec.structs.replace(
        HUGO,
        practices=(
            Practice(profession="10", know_how="SM01", activities=(hospital, hospital)),
            Practice(profession="10", know_how="SM05", activities=(practice,)),
        ),
        other_activities=(),
    )
    async with entrance.browser() as client:
        page = await client.get(location(await login(client, Hugo, "/cases")))
        shown = page.text
        assert [shown.count(f'value="{key}"') for key in (lille, f"{lille}.1", rennes, f"{rennes}.1")] == [1, 1, 1, 1]
        assert f"{lille}.2" not in shown, "what reads alike is offered once"
        assert shown.count("Médecin, anatomie et cytologie pathologiques") == 2
        assert "Salarié, établissement public de santé" in shown
        assert "Libéral, cabinet" in shown
        assert shown.count("vous ne pouvez pas rendre d’avis d’expert") == 2
        assert shown.count("déclaré dans Pro Santé Connect") == 2
        assert shown.index("Hôpital du Beffroi") < shown.index("Hôpital des Ajoncs"), "the declared ones come first"
        english = await client.get("/login/institution", headers={"Accept-Language": "en"})
        assert "Doctor, anatomical pathology and cytology" in english.text

        for key in (f"{lille}.7", entrance.places["cayenne"], "", f"{lille}."):
            assert (await client.post("/login/institution", data={"institution": key})).status_code in {403, 422}, key
        await client.post("/login/institution", data={"institution": f"{lille}.1", "return_to": "/cases"})
        assert await roles(client) == {"requester"}, "a surgeon reads for nobody"
        await client.post("/login/institution", data={"institution": lille})
        assert await roles(client) == {"requester", "expert"}
        await client.get(await pick(client, "/login/step-up", Hugo))
        assert await roles(client) == {"requester", "expert"}, "a step-up keeps the activity"
        await client.post("/login/institution", data={"institution": rennes})
        assert (await client.get("/")).json()["institution_name"] == "Hôpital des Ajoncs"
    surgeon = {"profession": "10", "know_how": "SM05", "mode": "L", "sector": "SA07", "finess": HUGO.finess}
    pathologist = {"profession": "10", "know_how": "SM01", "mode": "S", "sector": "SA01", "finess": HUGO.finess}
    undeclared = {"profession": "10", "know_how": "SM01"}
    assert await records(entrance, "session.activity-chosen") == [surgeon, pathologist, undeclared]


async def test_the_only_activity_is_taken_by_itself_and_who_is_no_pathologist_is_no_expert(entrance: Entrance) -> None:
    async with entrance.db.write(SYSTEM) as tx:
        card = await administration.add_person(
            tx, subject_name_id=TEST_CARD.subject_name_id, given_name="Carte", family_name="Dessai"
        )
        await administration.set_membership(tx, card, entrance.places["cayenne"], {Role.REQUESTER, Role.EXPERT})
    entrance.simulator.identities[TEST_CARD.subject_name_id] = TEST_CARD
    async with entrance.browser() as client:
        assert location(await login(client, Ines)) == "/"
        assert await roles(client) == {"requester", "expert"}
        started = {"auth_mode": "CARD", "profession": "10", "know_how": "SM01", "mode": "S", "sector": "SA01"}
        assert await records(entrance, "session.started") == [started | {"finess": INES.finess}]
        for profession in (Profession.OTHER_DOCTOR, Profession.TECHNICIAN, Profession.NONE):
            entrance.simulator.conditions = msgspec.structs.replace(NORMAL, profession=profession)
            await client.get(await pick(client, "/login/start?fresh=1", Ines))
            assert await roles(client) == {"requester"}, profession
        entrance.simulator.conditions = NORMAL
        await client.get(await pick(client, "/login/start?fresh=1", TEST_CARD.subject_name_id))
        assert await roles(client) == {"requester"}, "no RPPS number, no expert"


async def test_the_directory_says_what_the_provider_said_last(entrance: Entrance) -> None:
    async def row() -> tuple[Any, ...]:
        async with entrance.db.read() as reader:
            columns = (
                person.c.title,
                person.c.given_name,
                person.c.family_name,
                person.c.profession,
                person.c.know_how,
            )
            found = await reader.one(select(*columns, person.c.first_seen_at).where(person.c.subject_name_id == Ines))
            return tuple(found.values())

    before = len(await records(entrance, "directory.changed"))
    async with entrance.browser() as client:
        assert (await row())[-1] is None
        await login(client, Ines)
        first = await row()
        assert first == ("Dr", "Inès", "Flamboyant", "10", "SM01", entrance.clock.now)
        assert len(await records(entrance, "directory.changed")) == before, "FLAMBOYANT is the same name"
        entrance.simulator.identities[Ines] = msgspec.structs.replace(
            INES, title="Pr", family_name="Flamboyant-Roy", know_how="DSM211"
        )
    entrance.clock.advance(minutes=1)
    for _ in range(2):
        async with entrance.browser() as client:
            await login(client, Ines)
            assert await row() == ("Pr", "Inès", "Flamboyant-Roy", "10", "DSM211", first[-1])
            assert (await client.get("/")).json()["name"] == "Pr Inès Flamboyant-Roy"
    changed = (await records(entrance, "directory.changed"))[before:]
    assert changed == [{"change": "person-refreshed", "changed": ["family_name", "know_how", "title"]}]
