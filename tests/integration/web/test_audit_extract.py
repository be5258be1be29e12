"""Who saw a patient's data: the extract for the patient, and everybody's own trail."""

import re
from pathlib import Path

import httpx2
import pytest

from telepath.actor import Role
from telepath.db.database import Database
from tests.builders import World
from tests.told import Told, people, signed, told_by, told_of
from tests.web_client import client
from web.routes import audit

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def world(database: Database) -> World:
    return await people(database)


@pytest.fixture
async def told(world: World) -> Told:
    return await told_of(world)


@pytest.mark.parametrize("who", ["auditor", "coordinator"])
async def test_a_patient_s_extract_says_in_plain_words_who_saw_what_and_why(
    world: World, told: Told, tmp_path: Path, who: str
) -> None:
    await told.note(
        "stranger", "access.refused", told.case, "", outcome="refused", action="case.view", reason="no-grant"
    )
    async with client(audit.routes, world.db, tmp_path, world.actors[who]) as reader:
        page = (await reader.get("/audit/extract?case=26-00417")).text
    said = told_by(page)
    for words in ("Dr Hugo Delannoy", "CHU de Lille", "a regardé les lames", "un avis lui a été demandé", "1 fois"):
        assert words in said
    assert "Kerbrat" not in said
    async with client(audit.routes, world.db, tmp_path, world.actors["auditor"]) as auditor:
        assert world.actors[who].name in (await auditor.get("/audit/exports")).text


@pytest.mark.parametrize("who", ["zoe", "hugo", "stranger"])
async def test_nobody_else_makes_an_extract(world: World, told: Told, tmp_path: Path, who: str) -> None:
    async with client(audit.routes, world.db, tmp_path, world.actors[who]) as other:
        for case in ("26-00417", told.case.id):
            assert (await other.get(f"/audit/extract?case={case}")).status_code == 404


async def test_everybody_reads_their_own_trail_and_nobody_else_s(world: World, told: Told, tmp_path: Path) -> None:
    await told.note("hugo", "access.refused", told.case, "", outcome="refused", action="case.edit", reason="no-role")
    async with client(audit.routes, world.db, tmp_path, world.actors["hugo"]) as hugo:
        page = told_by((await hugo.get("/audit/mine")).text)
        refused = told_by((await hugo.get("/audit/mine?acts=refused")).text)
        sessions = told_by((await hugo.get("/audit/mine?acts=sessions")).text)
        wrong = (await hugo.get("/audit/mine?since=demain&acts=none")).text
    assert "Lame consultée" in page
    assert "192.0.2.7" in page
    assert "Dossier créé" not in page
    assert "Accès refusé" in refused
    assert "26-00417" not in refused  # it is another institution's
    assert "Aucun enregistrement" in sessions
    assert "n’est pas une date" in wrong


async def asked_of_everything(auditor: httpx2.AsyncClient, case_id: str) -> None:
    for path in ("/audit/cases/", "/audit/opinion?case=", "/audit/slide?case=", "/audit/records?case="):
        await auditor.get(f"{path}{case_id}")
    await auditor.post("/audit/records/csv", content=f"case={case_id}", headers=FORM)


async def test_an_auditor_who_looks_into_a_case_stands_in_the_extract_of_its_patient(
    world: World, told: Told, tmp_path: Path
) -> None:
    await signed(told, "Lésion bénigne.")
    await world.person("lille auditor", "lille", "Anne", "Vasseur", roles=[Role.AUDITOR])
    for who in ("auditor", "lille auditor", "stranger"):
        async with client(audit.routes, world.db, tmp_path, world.actors[who]) as auditor:
            await asked_of_everything(auditor, told.case.id)
            await auditor.get("/audit/records")  # of no patient in particular
            if who == "auditor":
                await auditor.get(f"/audit/slides/{told.slide.id}/picture")
    async with client(audit.routes, world.db, tmp_path, world.actors["coordinator"]) as coordinator:
        page = (await coordinator.get("/audit/extract?case=26-00417")).text
    rows = {row.split("</th>")[0]: told_by(row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)}
    own, of_lille = (next(row for head, row in rows.items() if name in head) for name in ("Cléry", "Vasseur"))
    assert "a contrôlé le dossier" in own
    assert "travaille dans l’établissement qui tient ce dossier" in own
    assert "6 fois" in own
    assert "CHU de Lille" in of_lille
    assert "motif inscrit au journal" in of_lille
    assert "5 fois" in of_lille
    assert "Kerbrat" not in page  # whom nothing was shown


async def test_reading_an_opinion_is_recorded_of_each_consult_that_is_shown(
    world: World, told: Told, tmp_path: Path
) -> None:
    consult_id = await signed(told, "Lésion bénigne.")
    async with client(audit.routes, world.db, tmp_path, world.actors["auditor"]) as auditor:
        assert "bénigne" in (await auditor.get(f"/audit/opinion?case={consult_id}")).text
        trail = (await auditor.get(f"/audit/records?kind=audit.read&case={consult_id}")).text
    assert "Qu’est-ce qui a changé dans cet avis" in trail
