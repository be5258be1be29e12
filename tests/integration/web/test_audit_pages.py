import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from telepath.access import Allowed, ObjectRef
from telepath.actor import Actor, Role
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.audit import audit_shard
from tests.builders import World
from tests.web_client import client
from web import keys
from web.routes import audit
from web.settings import Settings


@pytest.fixture
async def world(database: Database) -> World:
    """Cayenne's auditor and pathologist, an expert in Lille, and a case of Cayenne that both pathologists have seen."""
    world = World(database)
    await world.person("auditor", "cayenne", "Odile", "Cléry", roles=[Role.AUDITOR])
    await world.person("zoe", "cayenne", "Zoé", "Marchand")
    await world.person("hugo", "lille", "Hugo", "Delannoy", roles=[Role.EXPERT])
    await world.person("stranger", "rennes", "Yann", "Kerbrat", roles=[Role.AUDITOR])
    return world


async def note(world: World, who: str, kind: str, thing: ObjectRef, because: str = "institution", **more: Any) -> None:
    async with world.db.write(world.actors[who]) as tx:
        await tx.audit(kind, thing, because=Allowed(because), **more)


@pytest.fixture
async def case_id(world: World) -> str:
    zoe = world.actors["zoe"]
    case_id = await world.case(zoe, number="26-00417")
    slide_id = await world.slide(zoe, case_id, "A1 HES")
    case, slide = (ObjectRef(kind, key, zoe.institution_id) for kind, key in (("case", case_id), ("slide", slide_id)))
    await note(world, "zoe", "case.created", case)
    world.clock.advance(hours=1)
    await note(world, "zoe", "slide.viewed", slide, case_id=case_id)
    world.clock.advance(days=1)
    await note(world, "hugo", "slide.viewed", slide, "consult", case_id=case_id)
    return case_id


@pytest.fixture
async def auditor(world: World, case_id: str, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(audit.routes, world.db, tmp_path, world.actors["auditor"]) as made:
        yield made


async def test_the_auditor_sees_who_did_what_by_what_right(auditor: httpx2.AsyncClient) -> None:
    page = (await auditor.get("/audit/records")).text
    for words in (
        "Dr Zoé Marchand",
        "Dr Hugo Delannoy",
        "CHU de Lille",
        "Lame consultée",
        "lame A1 HES",
        "demande d’avis",
    ):
        assert words in page
    assert "Dossier 26-00417" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Moyen d’identification", "Octets", "Action\u00a0: audit.read · Personne\u00a0: cléry")),
        ("en", ("Means of identification", "Bytes", "Action: audit.read · Person: cléry")),
    ],
)
async def test_what_a_record_holds_besides_is_named_in_the_readers_language(
    auditor: httpx2.AsyncClient, world: World, case_id: str, language: str, words: tuple[str, ...]
) -> None:
    case = ObjectRef("case", case_id, world.actors["zoe"].institution_id)
    await note(world, "zoe", "case.changed", case, auth_mode="CARD", bytes="12", of_a_later_release="x")
    await auditor.get("/audit/records", params={"person": "cléry", "kind": "audit.read"})
    page = (await auditor.get("/audit/records", headers={"Cookie": f"lang={language}"})).text
    for text in (*words, "<dt>of_a_later_release</dt>"):
        assert text in page
    assert "<dt>auth_mode</dt>" not in page


async def test_codes_in_a_record_are_said_in_words(world: World, auditor: httpx2.AsyncClient, case_id: str) -> None:
    zoe = world.actors["zoe"]
    consult = ObjectRef("consult", await world.consult_row(zoe, case_id), zoe.institution_id, case_id=case_id)
    asked: dict[str, Any] = {
        "urgency": "systematic",
        "consult_kind": "network",
        "policy": "chain",
        "blind": True,
        "trigger": "board",
    }
    await note(
        world, "zoe", "consult.requested", consult, shows_identity=False, private={"left_out": "absent"}, **asked
    )
    await note(world, "hugo", "offer.declined", consult, "offer", decline="overloaded")
    await note(world, "zoe", "consult.resumed", consult, due_at="2026-03-20T09:00:00+00:00")
    await note(world, "zoe", "routing.changed", consult, change="duty-withdrawn", territory="03")
    page = html.unescape((await auditor.get("/audit/records")).text)
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for words in (
        "Relecture systématique",
        "Relecture par un réseau national",
        "L’un après l’autre",
        "Absent jusqu’après l’échéance",
        "Trop d’avis en cours",
        "Astreinte retirée",
        "Guyane",
    ):
        assert words in told, words
    for code in ("overloaded", "duty-withdrawn", "True", "False", "2026-03-20T09:00:00+00:00 "):
        assert code not in told, code


async def test_reading_is_recorded_before_it_is_answered(auditor: httpx2.AsyncClient) -> None:
    page = (await auditor.get("/audit/records?kind=audit.read&person=cl%C3%A9ry")).text
    assert page.count("Traçabilité consultée") >= 2  # the choice of the form, and this very reading
    assert "Dr Odile Cléry" in page


@pytest.mark.parametrize(
    ("query", "found", "left_out"),
    [
        ("person=delannoy", "Dr Hugo Delannoy", "Dr Zoé Marchand"),
        ("case=26-00417&kind=case.created", "Dr Zoé Marchand", "Dr Hugo Delannoy"),
        ("since=2026-03-12", "Dr Hugo Delannoy", "Dr Zoé Marchand"),
        ("until=2026-03-11", "Dr Zoé Marchand", "Dr Hugo Delannoy"),
        ("outcome=refused", "Aucun enregistrement", "Dr Zoé Marchand"),
        ("case=99-99999", "Aucun enregistrement", "Dr Zoé Marchand"),
    ],
)
async def test_the_search_keeps_what_was_asked(
    auditor: httpx2.AsyncClient, query: str, found: str, left_out: str
) -> None:
    page = (await auditor.get(f"/audit/records?{query}")).text
    assert found in page
    assert left_out not in page


@pytest.mark.parametrize("day", ["2026-02-30", "hier", "9999-12-31", "<script>"])
async def test_a_day_that_does_not_exist_is_said(auditor: httpx2.AsyncClient, day: str) -> None:
    answer = await auditor.get("/audit/records", params={"until": day})
    assert answer.status_code == 200
    assert "n’est pas une date" in answer.text
    assert "<script>" not in answer.text


async def test_pages_follow_each_other_without_loss_or_repetition(
    auditor: httpx2.AsyncClient, world: World, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    seen = []
    path = f"/audit/records?case={case_id}"
    while path:
        page = (await auditor.get(path)).text
        seen += re.findall(r"      (Dossier créé|Lame consultée)", page)
        older = re.search(r'href="(/audit/records[^"]*before=[^"]*)"', page)
        path = html.unescape(older[1]) if older else ""
    assert seen == ["Lame consultée", "Lame consultée", "Dossier créé"]


async def test_one_case_is_shown_person_by_person(auditor: httpx2.AsyncClient, case_id: str) -> None:
    page = (await auditor.get(f"/audit/cases/{case_id}")).text
    assert page.index("Dr Zoé Marchand") < page.index("Dr Hugo Delannoy")
    assert "CHU de Lille" in page


async def test_records_that_differ_only_in_time_stand_together_and_each_stays_readable(
    auditor: httpx2.AsyncClient, world: World, case_id: str
) -> None:
    zoe = world.actors["zoe"]
    drafts = [ObjectRef("consult", zoe.person_id[:-1] + last, zoe.institution_id) for last in "xy"]
    for version in range(12):
        world.clock.advance(seconds=5)
        await note(world, "zoe", "opinion.drafted", drafts[0], "consult", version=f"draft-{version}")
    await note(world, "zoe", "opinion.drafted", drafts[1], "consult", version="of-another")
    page = (await auditor.get("/audit/records?kind=opinion.drafted")).text
    assert page.count("      Avis rédigé") == 2
    assert "12 fois" in page
    assert all(f"draft-{version}<" in page for version in range(12))


async def test_the_zone_of_the_times_is_said(auditor: httpx2.AsyncClient, case_id: str) -> None:
    for path in ("/audit/records", f"/audit/cases/{case_id}"):
        page = (await auditor.get(path)).text
        assert "Heures de Cayenne (UTC−3)" in page
        assert all("title=" in moment and "(Cayenne)" in moment for moment in re.findall("<time [^>]*>", page))


async def test_another_institution_s_auditor_sees_nothing_of_it(world: World, case_id: str, tmp_path: Path) -> None:
    async with client(audit.routes, world.db, tmp_path, world.actors["stranger"]) as stranger:
        assert "Marchand" not in (await stranger.get("/audit/records")).text
        assert (await stranger.get(f"/audit/cases/{case_id}")).status_code == 404


@pytest.mark.parametrize("path", ["/audit", "/audit/cases/{case_id}"])
async def test_only_an_auditor_gets_in(world: World, case_id: str, tmp_path: Path, path: str) -> None:
    async with client(audit.routes, world.db, tmp_path, world.actors["zoe"]) as other:
        assert (await other.get(path.format(case_id=case_id))).status_code == 404
        assert (await other.post("/audit/verify")).status_code == 404


async def test_verification_is_shown_and_recorded(auditor: httpx2.AsyncClient) -> None:
    answer = await auditor.post("/audit/verify")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit/integrity")
    page = (await auditor.get("/audit")).text
    assert "chip good" in page
    assert "Vérifié le" in page


async def test_an_altered_record_is_found(
    auditor: httpx2.AsyncClient, world: World, owner: Database, tmp_path: Path, case_id: str
) -> None:
    settings = Settings(data=tmp_path, origin="http://test")
    await audit_log.seal_all(world.db, settings.log_name)
    await audit_log.checkpoint(world.db, settings.log_name, keys.audit_key(settings))
    async with owner.write(Actor(person_id="x", name="", institution_id=""), unaudited="a forger leaves none") as tx:
        await tx.execute(update(log_table).where(log_table.c.seq == 1).values(actor="somebody-else"))
    await auditor.post("/audit/verify")
    page = (await auditor.get("/audit/integrity")).text
    assert "1 anomalie" in page
    assert "L’enregistrement 1\u00a0: ce que la base en montre n’est pas ce qu’il dit." in page


@pytest.mark.parametrize("hashes", [["00"], ["not hexadecimal"], [None], []])
async def test_a_damaged_tree_is_said_and_the_page_still_answers(
    auditor: httpx2.AsyncClient, world: World, hashes: list[object]
) -> None:
    await audit_log.seal_all(world.db, "test/audit")
    async with world.db.write(Actor(person_id="x", name="", institution_id=""), unaudited="a forger leaves none") as tx:
        await tx.execute(update(audit_shard).values(size=7, hashes=hashes))
    assert (await auditor.post("/audit/verify")).status_code == 303
    answer = await auditor.get("/audit")
    assert answer.status_code == 200
    assert "a été endommagée" in answer.text
    assert "Dr Zoé Marchand" in (await auditor.get("/audit/records")).text
