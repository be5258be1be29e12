"""The auditor's questions, as pages."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Role, Subject
from telepath.checkpoints import signed_checkpoint
from telepath.db import audit_log, audit_retire
from telepath.db.database import Database
from telepath.db.schema.consults import opinion
from tests.builders import World
from tests.told import Told, people, signed, told_by, told_of
from tests.web_client import client
from web import audit_asking, keys
from web.audit_questions import LISTED, QUESTIONS
from web.routes import audit
from web.settings import Settings
from web.table_csv import RISKY

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def world(database: Database) -> World:
    return await people(database)


@pytest.fixture
async def told(world: World) -> Told:
    return await told_of(world)


@pytest.fixture
async def auditor(world: World, told: Told, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(audit.routes, world.db, tmp_path, world.actors["auditor"]) as made:
        yield made


async def test_the_first_page_asks_the_twelve_questions_and_says_how_far_the_log_is_held(
    auditor: httpx2.AsyncClient,
) -> None:
    page = (await auditor.get("/audit")).text
    assert all(f'href="/audit/{question.code}"' in page for question in QUESTIONS)
    assert "aucune copie au dehors" in page
    assert "60 secondes" in page


@pytest.mark.parametrize("code", [question.code for question in QUESTIONS])
async def test_every_question_answers_even_when_nothing_was_ever_done(auditor: httpx2.AsyncClient, code: str) -> None:
    answer = await auditor.get(f"/audit/{code}")
    assert answer.status_code == 200
    assert "Traçabilité</a>" in answer.text


@pytest.mark.parametrize("path", ["/audit/none", "/audit/records.csv", "/audit/extract?case=99", "/audit/extract"])
async def test_what_does_not_exist_is_not_found(auditor: httpx2.AsyncClient, path: str) -> None:
    assert (await auditor.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/audit", *(f"/audit/{question.code}" for question in QUESTIONS), "/audit/records"])
async def test_nobody_but_an_auditor_gets_an_answer(world: World, told: Told, tmp_path: Path, path: str) -> None:
    async with client(audit.routes, world.db, tmp_path, world.actors["zoe"]) as other:
        assert (await other.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/audit/records/csv", "/audit/records/zip", "/audit/verify", "/audit/checkpoint"])
async def test_nobody_but_an_auditor_takes_anything_along(world: World, told: Told, tmp_path: Path, path: str) -> None:
    async with client(audit.routes, world.db, tmp_path, world.actors["zoe"]) as other:
        assert (await other.post(path, content="note=x", headers=FORM)).status_code == 404


async def test_who_saw_a_slide_which_regions_from_where_and_by_what_right(
    auditor: httpx2.AsyncClient, told: Told
) -> None:
    page = (await auditor.get("/audit/slide?case=26-00417")).text
    said = told_by(page)
    for words in (
        "Dr Hugo Delannoy",
        "CHU de Lille",
        "niveaux 0 à 2",
        "12 vues partielles",
        "demande d’avis",
        "192.0.2.7",
        "Firefox of Lille",
        "eidas1",
    ):
        assert words in said
    assert 'viewBox="0 0 40000 30000"' in page
    assert re.search(r'<rect class="box fine" x="100" y="200" width="3000" height="2000">', page)
    assert f'href="/audit/slides/{told.slide.id}/picture"' in page
    assert "style=" not in page
    assert "<script" not in re.sub(r'<script (?:src|type="module" src)="/static[^>]*></script>', "", page)


async def test_a_case_of_several_slides_asks_which(auditor: httpx2.AsyncClient, world: World, told: Told) -> None:
    other = await world.slide(world.actors["zoe"], told.case.id, "B2 PAS")
    page = (await auditor.get("/audit/slide?case=26-00417")).text
    assert f"/audit/slide?case={other}" in page
    assert f"/audit/slide?case={told.slide.id}" in page
    assert "Hugo Delannoy" not in page


async def test_several_slides_of_another_institution_s_case_are_not_drawn_over_each_other(
    world: World, told: Told, tmp_path: Path
) -> None:
    other = await world.slide(world.actors["zoe"], told.case.id, "B2 PAS")
    unseen = await world.slide(world.actors["zoe"], told.case.id, "C3 PAS")
    await told.note("hugo", "slide.viewed", msgspec.structs.replace(told.slide, id=other), "consult", view="w")
    await world.person("lille auditor", "lille", "Anne", "Vasseur", roles=[Role.AUDITOR])
    async with client(audit.routes, world.db, tmp_path, world.actors["lille auditor"]) as of_lille:
        page = (await of_lille.get(f"/audit/slide?case={told.case.id}")).text
        chosen = (await of_lille.get(f"/audit/slide?case={told.slide.id}")).text
    assert all(f'href="/audit/slide?case={one}"' in page for one in (told.slide.id, other))
    assert unseen not in page  # nobody of Lille opened it
    assert "<svg viewBox=" not in page
    assert 'viewBox="0 0 40000 30000"' in chosen
    assert "/picture" not in chosen


async def test_a_slide_seen_by_nobody_in_the_period_says_so(auditor: httpx2.AsyncClient, told: Told) -> None:
    page = (await auditor.get(f"/audit/slide?case={told.slide.id}&until=2026-03-01")).text
    assert "Aucun enregistrement" in page
    assert "n’est pas une date" in (await auditor.get(f"/audit/slide?case={told.slide.id}&until=demain")).text


async def test_another_institution_s_slide_is_not_shown(world: World, told: Told, tmp_path: Path) -> None:
    async with client(audit.routes, world.db, tmp_path, world.actors["stranger"]) as stranger:
        page = (await stranger.get(f"/audit/slide?case={told.slide.id}")).text
        assert "A1 HES" not in page
        assert "Delannoy" not in page
        assert (await stranger.get(f"/audit/slides/{told.slide.id}/picture")).status_code == 404


async def test_the_picture_of_a_slide_is_recorded_as_a_reading_of_it(
    world: World, told: Told, auditor: httpx2.AsyncClient
) -> None:
    await auditor.get(f"/audit/slides/{told.slide.id}/picture")
    page = (await auditor.get(f"/audit/records?kind=audit.read&case={told.slide.id}")).text
    assert "Dr Odile Cléry" in page


async def test_what_a_person_saw_in_thirty_days_or_all_they_did(auditor: httpx2.AsyncClient, told: Told) -> None:
    assert "Indiquez une personne" in (await auditor.get("/audit/person")).text
    page = (await auditor.get("/audit/person?person=delannoy")).text
    assert "Lame consultée" in page
    assert 'name="since" value="2026-02-09"' in page
    assert "Dossier créé" not in (await auditor.get("/audit/person?person=marchand")).text
    assert "Dossier créé" in (await auditor.get("/audit/person?person=marchand&acts=all")).text
    await told.note("zoe", "case.viewed", told.case)
    told.world.clock.advance(days=40)
    assert "Aucun enregistrement" in (await auditor.get("/audit/person?person=marchand")).text
    assert "Dossier consulté" in (await auditor.get("/audit/person?person=marchand&since=")).text


async def test_a_name_that_too_many_people_bear_is_to_be_typed_further(
    auditor: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_asking, "NAMED", 2)
    answer = await auditor.get("/audit/person?person=dr")
    assert (answer.status_code, "5 personnes portent ce nom" in answer.text) == (200, True)
    assert (await auditor.post("/audit/records/csv", content="person=dr", headers=FORM)).status_code == 422
    assert "portent ce nom" not in (await auditor.get("/audit/person?person=dr+hugo")).text


async def test_what_was_refused_and_why(auditor: httpx2.AsyncClient, told: Told) -> None:
    await told.note("hugo", "access.refused", told.case, "", outcome="refused", action="case.view", reason="no-grant")
    page = told_by((await auditor.get("/audit/refusals?person=delannoy")).text)
    assert "Accès refusé" in page
    assert "ouvrir le dossier : aucun droit donné" in page
    assert "Accès refusé" not in told_by((await auditor.get("/audit/refusals?person=marchand")).text)


async def test_who_gave_and_withdrew_a_right(auditor: httpx2.AsyncClient, told: Told) -> None:
    hugo = told.world.actors["hugo"].person_id
    right = {
        "subject": hugo,
        "subject_kind": "person",
        "rights": ["annotate", "view"],
        "basis": "consult",
        "basis_id": "",
    }
    await told.note("zoe", "right.given", told.slide, "", **right)
    await told.note("zoe", "right.withdrawn", told.slide, "", **right)
    page = told_by((await auditor.get("/audit/rights")).text)
    assert "à Dr Hugo Delannoy : annoter, consulter (demande d’avis)" in page
    assert "Droit retiré" in page


async def test_who_went_past_the_rules_and_what_was_shared(auditor: httpx2.AsyncClient, told: Told) -> None:
    await told.note("hugo", "break-glass.opened", told.case, "", private={"reason": "Reprise au bloc."}, slides=2)
    await told.note(
        "coordinator", "break-glass.reviewed", told.case, "", private={"note": "Rappelé."}, decision="justified"
    )
    page = (await auditor.get("/audit/break-glass")).text
    for shown in ("Accès d’urgence ouvert", "Reprise au bloc.", "justifié", "Rappelé."):
        assert shown in page
    assert "Aucun enregistrement" in (await auditor.get("/audit/links")).text


async def test_what_the_service_did_of_itself_is_shown_to_every_auditor_and_nothing_of_other_institutions(
    world: World, told: Told, tmp_path: Path
) -> None:
    await told.note("system", "clock.measured", None, "", source="chrony", error_ms=12)
    await told.note("system", "setting.changed", None, "", name="TELEPATH_SESSION_HOURS")
    await told.note("auditor", "directory.changed", ObjectRef("person", told.case.id, told.case.institution_id), "")
    async with client(audit.routes, world.db, tmp_path, world.actors["stranger"]) as stranger:
        assert "écart estimé 12 ms" in (await stranger.get("/audit/clock")).text
        page = (await stranger.get("/audit/privileged")).text
    assert "TELEPATH_SESSION_HOURS" in page
    assert "Odile" not in page


async def test_what_was_erased_says_so_and_why(auditor: httpx2.AsyncClient, told: Told) -> None:
    await told.note(
        "zoe", "case.changed", told.case, private={"before": {"title": "Nom du patient"}, "after": {"title": "X"}}
    )
    assert "Nom du patient" in (await auditor.get("/audit/records?kind=case.changed")).text
    async with told.world.db.write(SYSTEM) as tx:
        await tx.keys.destroy(tx.connection, tx.now, Subject("case", told.case.id))
        await tx.keys.destroy(tx.connection, tx.now, Subject("person", told.world.actors["hugo"].person_id))
        await tx.audit("subject.erased", told.case, because_code="patient")
    page = (await auditor.get("/audit/records?kind=case.changed")).text
    assert "Nom du patient" not in page
    assert ">effacé</span>" in page
    seen = (await auditor.get(f"/audit/slide?case={told.slide.id}")).text
    assert "192.0.2.7" not in seen
    assert "effacé" in seen
    assert "1 anomalie" not in (await auditor.get("/audit/erasures")).text
    assert "subject.erased" not in (await auditor.get("/audit/erasures")).text


async def test_every_version_of_an_opinion_is_held_against_the_log(auditor: httpx2.AsyncClient, told: Told) -> None:
    await signed(told, "Lésion bénigne.", "Lésion maligne.")
    page = (await auditor.get("/audit/opinion?case=26-00417")).text
    assert page.count("identique à ce qui a été signé") == 2
    assert "<del>bénigne.</del><ins>maligne.</ins>" in page
    assert "Dr Hugo Delannoy" in page


async def test_an_opinion_that_was_changed_behind_the_log_is_said(
    auditor: httpx2.AsyncClient, told: Told, owner: Database
) -> None:
    await signed(told, "Lésion bénigne.")
    async with owner.write(SYSTEM, unaudited="a forger leaves none") as tx:
        await tx.execute(opinion.update().values(content={"conclusion": "Lésion maligne.", "codings": []}))
    page = (await auditor.get("/audit/opinion?case=26-00417")).text
    assert "changé depuis la signature" in page
    assert "identique à ce qui a été signé" not in page


async def test_an_opinion_without_its_record_is_said(auditor: httpx2.AsyncClient, told: Told, owner: Database) -> None:
    consult_id = await signed(told, "Lésion bénigne.")
    async with owner.write(SYSTEM, unaudited="a forger leaves none") as tx:
        await tx.execute(opinion.update().values(id=tx.new_id()))
    assert "absent du journal" in (await auditor.get(f"/audit/opinion?case={consult_id}")).text


async def test_another_institution_s_opinion_is_not_shown(world: World, told: Told, tmp_path: Path) -> None:
    consult_id = await signed(told, "Lésion bénigne.")
    async with client(audit.routes, world.db, tmp_path, world.actors["stranger"]) as stranger:
        for asked in (consult_id, "26-00417"):
            assert "bénigne" not in (await stranger.get(f"/audit/opinion?case={asked}")).text


async def test_a_table_is_taken_along_for_a_spreadsheet_and_recorded(auditor: httpx2.AsyncClient, told: Told) -> None:
    answer = await auditor.post("/audit/records/csv", content="case=26-00417", headers=FORM)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "26-00417" not in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head[:3] == ["Rang", "Heure UTC", "Code"]
    assert [row[2] for row in rows] == ["audit.exported", "slide.regions", "slide.viewed", "case.created"]
    assert rows[2][1] == "2026-03-11T12:01:00Z"
    assert not [cell for row in rows for cell in row if cell.startswith(RISKY)]
    exported = (await auditor.get("/audit/exports")).text
    assert "Dr Odile Cléry" in exported
    assert "csv" in exported


async def test_a_kept_signature_is_compared_with_the_log_at_once(
    auditor: httpx2.AsyncClient, world: World, told: Told, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, origin="http://test")
    await audit_log.seal_all(world.db, settings.log_name)
    note = await audit_log.checkpoint(world.db, settings.log_name, keys.audit_key(settings))
    assert note is not None
    await told.note("zoe", "case.viewed", told.case)
    for text, words in (
        (note, "Le journal contient toujours"),
        (note.replace("\n", "\r\n"), "Le journal contient toujours"),
        (note.replace("\n4\n", "\n5\n"), "signature valable"),
        ("un texte quelconque", "signature valable"),
    ):
        answer = await auditor.post("/audit/checkpoint", data={"note": text})
        assert answer.status_code == 200
        assert words in answer.text


async def test_a_kept_signature_of_more_than_the_log_has_is_said(
    auditor: httpx2.AsyncClient, world: World, told: Told, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, origin="http://test")
    await audit_log.seal_all(world.db, settings.log_name)
    key = keys.audit_key(settings)
    for origin, size, words in (
        ("test/audit/2026", 9999, "il en manque à la fin"),
        ("test/audit/2026", 2, "ne sont plus ceux"),
        ("test/audit/1999", 2, "pas d’année nommée"),
    ):
        note = signed_checkpoint(key, settings.log_name, origin, size, b"\x01" * 32)
        answer = await auditor.post("/audit/checkpoint", data={"note": note})
        assert words in answer.text


async def test_a_kept_signature_of_a_year_that_was_retired_is_held_against_its_end(
    auditor: httpx2.AsyncClient, world: World, told: Told, owner: Database, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, origin="http://test")
    key = keys.audit_key(settings)

    async def signed() -> None:
        await audit_log.seal_all(world.db, settings.log_name)
        await audit_log.checkpoint(world.db, settings.log_name, key)

    await signed()
    async with world.db.read() as reader:
        (old,) = await audit_log.shards(reader)
    world.clock.advance(days=400)
    await told.note("zoe", "case.viewed", told.case)
    await signed()
    assert await audit_retire.retire(owner, SYSTEM, old, signed) == old.size
    for size, root, words in (
        (old.size, old.frontier.root(), "et c’est bien ce que cette signature couvre"),
        (old.size, b"\x01" * 32, "ce n’est pas ce que cette signature couvre"),
        (1, b"\x01" * 32, f"la fin de cet arbre : {old.size} enregistrements"),
        (old.size + 1, b"\x01" * 32, "il en manque à la fin"),
    ):
        note = signed_checkpoint(key, settings.log_name, old.origin, size, root)
        page = told_by((await auditor.post("/audit/checkpoint", data={"note": note})).text)
        assert words in page.replace("\u00a0", " ")


async def test_a_gap_found_at_the_start_is_an_alarm_until_a_clean_verification(
    auditor: httpx2.AsyncClient, told: Told
) -> None:
    await told.note(
        "system",
        "audit.gap-found",
        ObjectRef("tree", "2026", ""),
        "",
        outcome="failure",
        signed=900,
        differs=False,
        held_at="",
        present=400,
        anchor="CHU",
    )
    page = (await auditor.get("/audit")).text
    assert "Des enregistrements manquent" in page
    assert 'role="alert"' in page
    await auditor.post("/audit/verify")  # compared with nothing outside: it proves nothing about what is missing
    assert "Des enregistrements manquent" in (await auditor.get("/audit")).text
    await told.note("auditor", "audit.verified", None, "", records=900, compared={"CHU": {"2026": 900}})
    assert "Des enregistrements manquent" not in (await auditor.get("/audit")).text
    for nonsense in ({"problems": "none"}, {"problems": 1, "first_problems": ["all"]}):
        await told.note("system", "audit.verified", None, "", outcome="failure", **nonsense)
        assert (await auditor.get("/audit/integrity")).status_code == 200, "who forged it does not take the page away"


async def test_the_listed_questions_can_all_be_taken_along(auditor: httpx2.AsyncClient) -> None:
    for code in [*LISTED, "records"]:
        assert (await auditor.post(f"/audit/{code}/csv", content="", headers=FORM)).status_code == 200
    for code in ("none", "slide", "integrity"):
        assert (await auditor.post(f"/audit/{code}/csv", content="", headers=FORM)).status_code == 404
