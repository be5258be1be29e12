"""web/routes/audit_exports.py: what an auditor takes along is what the screen shows, and is accepted by its verifier."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import msgspec
import pytest
from sqlalchemy import text

from auth import administration, repository
from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Role
from telepath.audit import parse_note
from telepath.db.database import Database
from tests.builders import session_of
from tests.told import Told, people, told_by, told_of
from tests.web_client import client
from web.audit_questions import EVERYTHING, LISTED
from web.routes import audit, audit_exports

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def told(database: Database) -> Told:
    """What each question finds something in, and what none of an auditor of Cayenne does."""
    told = await told_of(await people(database))
    stranger = told.world.actors["stranger"]
    elsewhere = ObjectRef("person", stranger.person_id, stranger.institution_id)
    for who, kind, thing, more in (
        ("system", "clock.measured", None, {"source": "chrony"}),
        ("system", "setting.changed", None, {"name": "TELEPATH_SESSION_HOURS"}),
        ("auditor", "directory.changed", told.case, {}),
        ("auditor", "audit.exported", told.case, {"format": "csv"}),
        ("coordinator", "right.given", told.slide, {}),
        ("hugo", "break-glass.opened", told.case, {"slides": 1}),
        ("coordinator", "link.made", told.case, {}),
        ("system", "subject.erased", ObjectRef("case", "k" * 26, told.case.institution_id), {}),
        ("stranger", "directory.changed", elsewhere, {}),
        ("stranger", "case.viewed", elsewhere, {}),
        ("hugo", "access.refused", told.case, {"outcome": "refused"}),
        ("stranger", "access.refused", elsewhere, {"outcome": "refused"}),
    ):
        await told.note(who, kind, thing, "", **more)
    return told


@pytest.fixture
async def auditor(told: Told, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(audit.routes, told.world.db, tmp_path, told.world.actors["auditor"]) as made:
        yield made


async def test_an_archive_holds_the_records_that_the_screen_counts(
    auditor: httpx2.AsyncClient, told: Told, tmp_path: Path
) -> None:
    asked = [(code, {"person": "delannoy"} if LISTED[code].needs else {}) for code in LISTED]
    asked += [(EVERYTHING.code, fields) for fields in ({}, {"case": told.slide.id}, {"outcome": "refused"})]
    for number, (code, fields) in enumerate(asked):
        answer = await auditor.post(f"/audit/{code}/zip", content=urlencode(fields), headers=FORM)
        table = await auditor.post(f"/audit/{code}/csv", content=urlencode(fields), headers=FORM)
        shown = {int(row["Rang"]) for row in csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))}
        folder = tmp_path / f"{number}"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            archive.extractall(folder)
        records = [json.loads(line) for line in (folder / "audit-export" / "records.ndjson").read_bytes().splitlines()]
        head = max(parse_note(path.read_text()).size for path in (folder / "audit-export" / "checkpoints").iterdir())
        held = {one["seq"] for one in records}
        assert len(held) > 1
        # The first record of the tree is in every export; what came after it is on the screen alone.
        assert held | {0} == {seq for seq in shown if seq < head} | {0}, code
        exported = records[-1]
        if code in ("exports", EVERYTHING.code) and not fields:
            assert (exported["kind"], exported["detail"]["question"]) == ("audit.exported", code)
            assert exported["because"] == "institution"


async def test_a_table_ends_where_the_right_to_it_ends(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_exports, "PAGE", 5)
    db, identity = told.world.db, "s" * 64
    auditor = msgspec.structs.replace(told.world.actors["auditor"], session_id=identity)
    async with db.write(auditor, unaudited="a test's world") as tx:
        await repository.keep_session(tx, session_of(auditor, identity, db.clock()))
    async with client(audit_exports.routes, db, tmp_path, auditor) as browser:
        whole = await browser.post("/audit/records/csv", content="", headers=FORM)
        async with db.write(auditor, unaudited="a test's world") as tx:
            await administration.set_membership(tx, auditor.person_id, auditor.institution_id, [Role.TECHNICIAN])
        # The request was let in a moment before: its actor is who they were then.
        cut = await browser.post("/audit/records/csv", content="", headers=FORM)
    assert "interrompu" not in whole.text
    places = [int(row["Rang"]) for row in csv.DictReader(io.StringIO(whole.content.decode("utf-8-sig")))]
    assert len(places) > 10
    assert places == sorted(set(places), reverse=True)
    assert len(cut.text.splitlines()) == 1 + 5 + 1
    assert "Tableau interrompu" in cut.text.splitlines()[-1]


async def test_an_export_that_its_verifier_refuses_is_not_handed_over(
    auditor: httpx2.AsyncClient, told: Told, owner: Database
) -> None:
    await auditor.get("/audit")
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(text("UPDATE audit_log SET body = replace(body, 'viewed', 'missed') WHERE seq = 2"))
    answer = await auditor.post("/audit/records/zip", content="", headers=FORM)
    assert answer.status_code == 409
    assert "pas accepté par son propre programme de vérification : a proof about 3" in told_by(answer.text)
    nobody = await auditor.post("/audit/records/zip", content="person=personne", headers=FORM)
    assert (nobody.status_code, "Aucun enregistrement" in nobody.text) == (422, True)
