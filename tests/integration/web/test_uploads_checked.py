"""What is checked again when an upload is taken in: the right of its sender, its bytes; and what a ZIP holds."""

import hashlib
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, select, update

from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.directory import membership, person
from telepath.slides import catalogue
from tests.builders_mirax import write_mirax
from tests.builders_slides import write_svs
from tests.uploading import Desk, begin, commit, decided, intake, named, put, receiving, send, sender


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with receiving(database, tmp_path) as made:
        yield made


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    async with sender(desk) as made:
        yield made


async def slides(desk: Desk) -> list[catalogue.Slide]:
    async with desk.db.read() as reader:
        return await catalogue.of_case(reader, desk.case_id)


async def recorded(desk: Desk, kind: str) -> list[dict[str, Any]]:
    async with desk.db.read() as reader:
        records = [row["record"] for row in await reader.all(select(audit_pending))]
    return [record for record in records if record["kind"] == kind]


async def sent_and_waiting(desk: Desk, client: httpx2.AsyncClient, path: Path) -> dict[str, Any]:
    made = await begin(client, desk.case_id, named([path], path.parent))
    await send(desk, made, path.parent)
    assert (await client.post(f"/uploads/{made['id']}/commit")).status_code == 202
    return made


@pytest.mark.parametrize("what", ["left", "suspended"])
async def test_who_may_add_nothing_any_more_when_it_is_taken_in_is_refused(
    database: Database, tmp_path: Path, what: str
) -> None:
    async with receiving(database, tmp_path, take_in=False) as desk, sender(desk) as client:
        made = await sent_and_waiting(desk, client, write_svs(tmp_path / "a.svs"))
        async with desk.db.write(desk.owner, unaudited="a test's administrator") as tx:
            if what == "left":
                mine = membership.c.person_id == desk.owner.person_id
                await tx.execute(delete(membership).where(mine))
            else:
                this = person.c.id == desk.owner.person_id
                await tx.execute(update(person).where(this).values(disabled_at=tx.now))
        assert desk.decoders is not None
        async with intake(database, desk, desk.decoders, tmp_path):
            ended = await decided(client, made["id"])
        assert (ended["status"], "plus le droit" in ended["message"]) == ("refused", True)
        assert await slides(desk) == []
        [refused] = await recorded(desk, "access.refused")
        assert (refused["actor"], refused["object_id"]) == (desk.owner.person_id, desk.case_id)
        assert await desk.storage.names("adding") == []


async def test_bytes_that_changed_on_the_disk_are_not_taken_in(database: Database, tmp_path: Path) -> None:
    async with receiving(database, tmp_path, take_in=False) as desk, sender(desk) as client:
        path = write_svs(tmp_path / "a.svs")
        made = await sent_and_waiting(desk, client, path)
        lying = desk.parts.path(made["id"], "slide.svs")
        data = bytearray(lying.read_bytes())
        data[len(data) // 2] ^= 1
        lying.write_bytes(data)
        assert desk.decoders is not None
        async with intake(database, desk, desk.decoders, tmp_path):
            ended = await decided(client, made["id"])
        assert (ended["status"], "arrivée altérée" in ended["message"]) == ("refused", True)
        assert await slides(desk) == []
        [refused] = await recorded(desk, "slide.refused")
        assert refused["detail"]["reason"] == "error-upload-altered"


async def test_the_checksum_that_a_sender_announces_is_that_of_what_came(
    desk: Desk, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    path = write_svs(tmp_path / "a.svs")
    good = hashlib.sha256(path.read_bytes()).hexdigest()
    for announced, status in ((hashlib.sha256(b"another").hexdigest(), 409), (good, 202)):
        made = await begin(client, desk.case_id, [{"path": "a.svs", "size": path.stat().st_size, "sha256": announced}])
        await send(desk, made, tmp_path)
        answer = await client.post(f"/uploads/{made['id']}/commit")
        assert (answer.status_code, answer.json().get("error", "")) == (
            status,
            "error-upload-altered" * (status == 409),
        )
        told = await client.get(f"/uploads/{made['id']}")
        assert told.json()["status"] == "receiving" if status == 409 else "registered"
    assert (await decided(client, made["id"]))["status"] == "registered"
    strange = {"files": [{"path": "a.svs", "size": 10, "sha256": good.upper()}]}
    refused = await client.post(f"/cases/{desk.case_id}/uploads", json=strange)
    assert (refused.status_code, refused.json()["error"]) == (422, "error-upload-digest")


async def test_a_zip_that_holds_a_slide_is_unpacked(desk: Desk, client: httpx2.AsyncClient, tmp_path: Path) -> None:
    entry = write_mirax(tmp_path / "scan", "HE")
    path = tmp_path / "MARTIN.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(entry.parent.rglob("*")):
            archive.write(file, f"MARTIN Zoé/{file.relative_to(entry.parent)}")
    for expected in ("registered", "refused"):
        made = await begin(client, desk.case_id, named([path], tmp_path))
        await send(desk, made, tmp_path)
        ended = await commit(client, made)
        assert (ended["status"], ended["twice"]) == (expected, expected == "refused")
    [slide] = await slides(desk)
    assert (slide.format, slide.entry) == ("mirax", "slide.mrxs")
    page = await client.get(f"/cases/{desk.case_id}", headers={"Accept": "text/html"})
    assert "Déjà dans le dossier" in page.text


async def test_a_zip_that_leads_elsewhere_is_refused(desk: Desk, client: httpx2.AsyncClient, tmp_path: Path) -> None:
    path = tmp_path / "slide.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escaped.svs", "x")
    for name, said in (("slide.zip", "n’est pas accepté"), ("slide.svs", "archive (ZIP)")):
        made = await begin(client, desk.case_id, [{"path": name, "size": path.stat().st_size}])
        assert (await put(client, made["files"][0]["address"], 0, path.read_bytes())).status_code == 204
        ended = await commit(client, made)
        assert ended["status"] == "refused"
        assert said in ended["message"]
    assert list(tmp_path.rglob("*escaped*")) == []
    assert {record["detail"]["reason"] for record in await recorded(desk, "slide.refused")} == {
        "error-zip-name",
        "error-slide-archive",
    }


async def test_two_slides_of_a_case_never_look_alike(desk: Desk, client: httpx2.AsyncClient) -> None:
    labels = []
    for facts in ({}, {}, {"label": "A1 HES"}, {"label": "A1 HES"}, {"block": "A1"}):
        made = await begin(client, desk.case_id, [{"path": "MARTIN.svs", "size": 10}], **facts)
        labels.append(made["label"])
    assert labels == ["HES", "HES (2)", "A1 HES", "A1 HES (2)", "A1 HES (3)"]
    patient = {"files": [{"path": "a.svs", "size": 10}], "label": "2 84 05 99 350 123 41"}
    key = 97 - 2840599350123 % 97
    patient["label"] = f"2 84 05 99 350 123 {key:02}"
    refused = await client.post(f"/cases/{desk.case_id}/uploads", json=patient)
    assert (refused.status_code, refused.json()["error"]) == (422, "error-text-patient")
