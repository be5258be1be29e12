"""Slides that are sent over the network, by the tus project's own client and by hand, through a real socket."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select, update

from consults import offers
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.uploads import upload, upload_file
from telepath.slides import catalogue
from telepath.slides.decoder_pool import DecoderPool
from telepath.uploads import decisions, store, tus
from telepath.uploads.intake import RETRY, Intake
from tests.builders_mirax import write_mirax
from tests.builders_slides import add_label, barcode, write_svs, write_vms
from tests.uploading import PIECES, Desk, begin, commit, decided, intake, named, offset, put, receiving, send, sender


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


async def begun(desk: Desk, client: httpx2.AsyncClient, size: int = 1000, name: str = "a.svs") -> tuple[str, str]:
    """An upload of one file, and the address of that file."""
    made = await begin(client, desk.case_id, [{"path": name, "size": size}])
    return made["id"], made["files"][0]["address"]


async def nothing_left(desk: Desk) -> None:
    """The bytes go right after it is told what became of them."""
    async with asyncio.timeout(20):
        while await desk.parts.known():
            pass


async def test_a_slide_is_sent_by_the_clients_of_the_tus_project_and_registered_with_its_audit(
    desk: Desk, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    path = write_svs(tmp_path / "MARTIN Zoé 4711.svs")
    made = await begin(client, desk.case_id, named([path], tmp_path), stain="PAS", block="A1")
    await send(desk, made, tmp_path, piece=20_000)
    told = (await client.get(f"/uploads/{made['id']}")).json()
    assert told["files"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    ended = await commit(client, made)
    [slide] = await slides(desk)
    assert (ended["status"], ended["slide"]) == ("registered", f"/slides/{slide.id}")
    assert (slide.label, slide.stain, slide.block, slide.added_by) == ("A1 PAS", "PAS", "A1", desk.owner.person_id)
    assert slide.digest == told["files"][0]["sha256"]
    async with desk.db.read() as reader:
        records = [row["record"] for row in await reader.all(select(audit_pending))]
    [added] = [record for record in records if record["kind"] == "slide.added"]
    assert added["actor"] == desk.owner.person_id
    assert "MARTIN" not in str(records)
    await nothing_left(desk)


async def test_a_slide_of_several_files_comes_in_as_one(desk: Desk, client: httpx2.AsyncClient, tmp_path: Path) -> None:
    entry = write_mirax(tmp_path / "scan", "Zoé")
    files = sorted(path for path in entry.parent.rglob("*") if path.is_file())
    made = await begin(client, desk.case_id, named(files, tmp_path))
    early = await client.post(f"/uploads/{made['id']}/commit")
    assert (early.status_code, early.json()["error"]) == (409, "error-upload-unfinished")
    await send(desk, made, tmp_path)
    ended = await commit(client, made)
    assert (ended["status"], ended["message"]) == ("registered", "")
    [slide] = await slides(desk)
    assert (slide.format, slide.width, slide.entry) == ("mirax", 2048, "slide.mrxs")


async def test_what_is_no_slide_is_refused_in_the_senders_language(desk: Desk, client: httpx2.AsyncClient) -> None:
    page = b"<html><script>alert(1)</script></html>" * 10
    made, address = await begun(desk, client, len(page), "x.svs")
    assert (await put(client, address, 0, page)).status_code == 204
    ended = await commit(client, {"id": made})
    assert ended["status"] == "refused"
    assert "n’est pas une lame" in ended["message"]
    assert await slides(desk) == []
    await nothing_left(desk)


async def test_a_slide_whose_label_names_another_case_is_held_for_its_sender(
    desk: Desk, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    path = add_label(write_svs(tmp_path / "a.svs"), barcode("26-00999 A1"))
    made = await begin(client, desk.case_id, named([path], tmp_path))
    await send(desk, made, tmp_path)
    ended = await commit(client, made)
    assert (ended["status"], ended["slide"]) == ("held", "")
    assert "26-00999" in ended["message"]
    assert "26-00999" in (await client.get("/slides/held", headers={"Accept": "text/html"})).text


async def test_an_index_that_leads_elsewhere_is_refused(desk: Desk, client: httpx2.AsyncClient, tmp_path: Path) -> None:
    write_vms(tmp_path / "scan", "../victim/secret.jpg")
    files = sorted((tmp_path / "scan").iterdir())
    made = await begin(client, desk.case_id, named(files, tmp_path))
    await send(desk, made, tmp_path)
    ended = await commit(client, made)
    assert (ended["status"], ended["message"]) == (
        "refused",
        "Cette lame est refusée\u00a0: elle renvoie à un fichier lié hors du dossier.",
    )


@pytest.mark.parametrize(
    "name",
    [
        "a\nb\r\nSet-Cookie: x=1.svs",
        "\u202egvs.reltub\u202c.svs",
        "x" * 300 + ".svs",
        "CON.svs",
        "\"'<img src=x onerror=alert(1)>.svs",
        "🔬.svs",
    ],
)
async def test_names_are_kept_under_ours_and_shown_harmless(desk: Desk, client: httpx2.AsyncClient, name: str) -> None:
    made = await begin(client, desk.case_id, [{"path": name, "size": 10}])
    assert made["name"].isprintable()
    assert len(made["name"]) <= 120
    [stored] = [path.name for path in desk.parts.folder(made["id"]).iterdir()]
    assert stored == "slide.svs"
    page = await client.get(f"/cases/{desk.case_id}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<img src=x" not in page.text


@pytest.mark.parametrize("name", ["../a.svs", "/etc/a.svs", "a/../b.svs", "a//b.svs", "", ".", "a\0.svs"])
async def test_names_that_lead_elsewhere_are_refused(desk: Desk, client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.post(f"/cases/{desk.case_id}/uploads", json={"files": [{"path": name, "size": 10}]})
    assert (answer.status_code, answer.json()["error"]) == (422, "error-upload-name")


async def test_a_mirax_slide_without_its_folder_is_told_before_a_byte_is_sent(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    answer = await client.post(f"/cases/{desk.case_id}/uploads", json={"files": [{"path": "a.mrxs", "size": 10}]})
    assert (answer.status_code, answer.json()["error"]) == (422, "error-slide-companion-missing")


async def test_a_scanners_own_format_is_named_before_a_byte_is_sent(desk: Desk, client: httpx2.AsyncClient) -> None:
    files = [{"path": path, "size": 10} for path in ("Image_01.vsi", "_Image_01_/stack1/frame_t.ets")]
    answer = await client.post(f"/cases/{desk.case_id}/uploads", json={"files": files})
    assert (answer.status_code, answer.json()["error"]) == (422, "error-slide-vsi")
    assert "OME-TIFF" in answer.json()["message"]


async def test_a_piece_at_the_wrong_offset_is_refused_and_what_is_there_stays(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    _, address = await begun(desk, client)
    assert (await put(client, address, 0, b"a" * 400)).headers["Upload-Offset"] == "400"
    for wrong in (0, 399, 401):
        answer = await put(client, address, wrong, b"b" * 100)
        assert (answer.status_code, answer.headers["Tus-Resumable"]) == (409, "1.0.0")
    assert await offset(client, address) == 400
    assert (await put(client, address, 400, b"a" * 600)).status_code == 204
    [file] = list(desk.parts.root.rglob("slide.svs"))
    assert file.read_bytes() == b"a" * 1000


async def test_of_two_pieces_at_once_one_is_told_to_wait(desk: Desk, client: httpx2.AsyncClient) -> None:
    size = 3_000_000
    _, address = await begun(desk, client, size)
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"a" * 2_000_000
        await go_on.wait()
        yield b"a" * 1_000_000

    first = asyncio.create_task(
        client.patch(address, content=slow(), headers=PIECES | {"Upload-Offset": "0", "Content-Length": str(size)})
    )
    [file] = list(desk.parts.root.rglob("slide.svs"))
    async with asyncio.timeout(20):
        while not file.stat().st_size:
            await offset(client, address)
    second = await put(client, address, 0, b"b" * 1000)
    assert (second.status_code, second.json()["error"]) == (423, "error-upload-busy")
    go_on.set()
    assert (await first).status_code == 204
    assert file.read_bytes() == b"a" * size


async def test_more_than_was_announced_is_refused(desk: Desk, client: httpx2.AsyncClient) -> None:
    _, address = await begun(desk, client)
    assert (await put(client, address, 0, b"a" * 1001)).status_code == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"a" * 100

    answer = await client.patch(address, content=unannounced(), headers=PIECES | {"Upload-Offset": "0"})
    assert (answer.status_code, answer.json()["error"]) == (413, "error-upload-beyond")
    assert await offset(client, address) == 0
    large, wide = await begun(desk, client, 10**9, "b.svs")
    too_long = {"Upload-Offset": "0", "Content-Length": str(tus.CHUNK_LIMIT + 1)}
    answer = await client.patch(wide, content=b"a" * (tus.CHUNK_LIMIT + 1), headers=PIECES | too_long)
    assert (answer.status_code, answer.json()["error"]) == (413, "error-upload-piece")
    assert (await client.post(f"/uploads/{large}/discard")).status_code == 204


async def test_an_altered_piece_is_refused_and_nothing_of_it_is_kept(desk: Desk, client: httpx2.AsyncClient) -> None:
    upload_id, address = await begun(desk, client)
    for algorithm in tus.ALGORITHMS:
        good = base64.b64encode(hashlib.new(algorithm, b"a" * 500).digest()).decode()
        told = {"Upload-Checksum": f"{algorithm} {good}"}
        there = await offset(client, address)
        assert (await put(client, address, there, b"b" * 500, **told)).status_code == 460
        assert await offset(client, address) == there
        assert (await put(client, address, there, b"a" * 500, **told)).status_code == 204
    state = (await client.get(f"/uploads/{upload_id}")).json()
    assert state["files"][0]["sha256"] == hashlib.sha256(b"a" * 1000).hexdigest()
    for strange in ("md5 AAAA", "sha1 AAAA", "sha1", "sha1 ***"):
        assert (await put(client, address, 1000, b"", **{"Upload-Checksum": strange})).status_code == 400


async def test_anothers_upload_is_not_there(desk: Desk, client: httpx2.AsyncClient) -> None:
    upload_id, address = await begun(desk, client)
    assert desk.world is not None
    for key, place in (("rene", "cayenne"), ("claire", "lille")):
        desk.actor = await desk.world.person(key, place, key, "Autre")
        absent = [
            await put(client, address, 0, b"a" * 1000),
            await client.head(address, headers={"Tus-Resumable": "1.0.0"}),
            await client.delete(address, headers={"Tus-Resumable": "1.0.0"}),
            await client.get(f"/uploads/{upload_id}"),
            await client.post(f"/uploads/{upload_id}/commit"),
            await client.post(f"/uploads/{upload_id}/discard"),
        ]
        assert {answer.status_code for answer in absent} == {404}
    desk.actor = desk.owner
    assert await offset(client, address) == 0


async def test_a_line_that_is_cut_loses_nothing_that_came(desk: Desk, client: httpx2.AsyncClient) -> None:
    _, address = await begun(desk, client, 3_000_000)
    reader, writer = await asyncio.open_connection(*desk.origin.removeprefix("http://").split(":"))
    head = f"PATCH {address} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nContent-Type: {tus.PIECES}\r\n"
    writer.write(f"{head}Upload-Offset: 0\r\nContent-Length: 3000000\r\n\r\n".encode() + b"a" * 2_000_000)
    await writer.drain()
    writer.close()
    async with asyncio.timeout(20):
        while await offset(client, address) < 1_000_000:
            pass  # each question waits for the server
    there = await offset(client, address)
    assert (await put(client, address, there, b"a" * (3_000_000 - there))).status_code == 204
    assert reader is not None
    [file] = list(desk.parts.root.rglob("slide.svs"))
    assert file.read_bytes() == b"a" * 3_000_000


async def test_a_full_disk_is_told_and_what_was_acknowledged_stays(
    desk: Desk, client: httpx2.AsyncClient, full_disk: "FullDisk"
) -> None:
    _, address = await begun(desk, client, 3_000_000)
    assert (await put(client, address, 0, b"a" * 500_000)).status_code == 204
    with full_disk(desk, 1_000_000):
        answer = await put(client, address, 500_000, b"a" * 2_500_000)
        assert (answer.status_code, answer.json()["error"]) == (507, "error-upload-space")
        assert await offset(client, address) == 500_000
    assert (await put(client, address, 500_000, b"a" * 2_500_000)).status_code == 204
    refused = await client.post(
        f"/cases/{desk.case_id}/uploads", json={"files": [{"path": "a.svs", "size": 199 * 10**9}]}
    )
    assert refused.status_code == 507


class FullDisk:
    """A disk with room for so many bytes a file: the system's own limit (RLIMIT_FSIZE) ends a write as a full disk does."""

    def __call__(self, _desk: Desk, largest: int) -> "FullDisk":
        self.largest = largest
        return self

    def __enter__(self) -> None:
        import resource
        import signal

        self.signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest, self.before[1]))

    def __exit__(self, *_: object) -> None:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.signal)


@pytest.fixture
def full_disk() -> FullDisk:
    return FullDisk()


async def test_the_same_slide_is_not_added_twice_and_is_told_where_else_it_is(
    desk: Desk, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    path = write_svs(tmp_path / "a.svs")

    async def sent(case_id: str) -> tuple[int, dict[str, str]]:
        made = await begin(client, case_id, named([path], tmp_path))
        await send(desk, made, tmp_path)
        answer = await client.post(f"/uploads/{made['id']}/commit")
        return answer.status_code, await decided(client, made["id"]) if answer.is_success else answer.json()

    assert (await sent(desk.case_id))[1]["status"] == "registered"
    status, refused = await sent(desk.case_id)
    assert (status, refused["error"]) == (409, "error-slide-twice")
    assert len(await slides(desk)) == 1
    assert desk.world is not None
    other = await desk.world.case(desk.owner, number="26-00418")
    _, told = await sent(other)
    assert told["status"] == "registered"
    assert "26-00417" in told["message"]


async def test_a_multi_file_slide_is_not_added_twice_either(
    desk: Desk, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    entry = write_mirax(tmp_path / "scan")
    files = sorted(path for path in entry.parent.rglob("*") if path.is_file())
    for expected in ("registered", "refused"):
        made = await begin(client, desk.case_id, named(files, tmp_path))
        await send(desk, made, tmp_path)
        ended = await commit(client, made)
        assert ended["status"] == expected
    assert "déjà dans ce dossier" in ended["message"]


async def test_creation_with_upload_takes_small_files_in_one_request(desk: Desk, client: httpx2.AsyncClient) -> None:
    upload_id, address = await begun(desk, client, 10)
    name = base64.b64encode(b"a.svs").decode()
    headers = PIECES | {"Upload-Length": "10", "Upload-Metadata": f"path {name}"}
    answer = await client.post(f"/uploads/{upload_id}/files", content=b"0123456789", headers=headers)
    assert (answer.status_code, answer.headers["Location"], answer.headers["Upload-Offset"]) == (201, address, "10")
    again = await client.post(f"/uploads/{upload_id}/files", content=b"0123456789", headers=headers)
    assert again.status_code == 409
    unknown = PIECES | {"Upload-Length": "11", "Upload-Metadata": f"path {name}"}
    assert (await client.post(f"/uploads/{upload_id}/files", headers=unknown)).status_code == 400


async def test_options_and_versions_are_told(desk: Desk, client: httpx2.AsyncClient) -> None:
    upload_id, address = await begun(desk, client)
    told = await client.options(f"/uploads/{upload_id}/files")
    assert (told.status_code, told.headers["Tus-Version"]) == (204, "1.0.0")
    assert set(told.headers["Tus-Extension"].split(",")) == set(tus.EXTENSIONS)
    old = await client.head(address, headers={"Tus-Resumable": "0.2.2"})
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    typed = await client.patch(
        address, content=b"a", headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "text/plain"}
    )
    assert typed.status_code == 415
    expires = (await put(client, address, 0, b"a")).headers["Upload-Expires"]
    assert expires.endswith("GMT")


async def test_a_file_that_is_taken_back_begins_anew(desk: Desk, client: httpx2.AsyncClient) -> None:
    _, address = await begun(desk, client)
    await put(client, address, 0, b"b" * 1000)
    assert (await client.delete(address, headers={"Tus-Resumable": "1.0.0"})).status_code == 204
    assert await offset(client, address) == 0
    assert (await put(client, address, 0, b"a" * 1000)).status_code == 204


async def test_what_nobody_goes_on_with_is_removed(desk: Desk, client: httpx2.AsyncClient) -> None:
    upload_id, address = await begun(desk, client)
    await put(client, address, 0, b"a" * 10)
    await decisions.sweep(desk.db, desk.parts)
    assert await offset(client, address) == 10
    assert desk.world is not None
    desk.world.clock.advance(days=8)
    assert await decisions.sweep(desk.db, desk.parts) == 1
    assert (await client.get(f"/uploads/{upload_id}")).status_code == 404
    assert await desk.parts.known() == []


async def test_so_much_may_be_under_way_and_no_more(
    desk: Desk, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PERSON_BYTES", 2500)
    await begun(desk, client)
    await begun(desk, client)
    answer = await client.post(f"/cases/{desk.case_id}/uploads", json={"files": [{"path": "a.svs", "size": 1000}]})
    assert (answer.status_code, answer.json()["error"]) == (413, "error-upload-under-way")


async def test_bytes_that_an_older_copy_of_the_database_names_are_not_believed(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    upload_id, address = await begun(desk, client)
    async with desk.db.write(desk.owner, unaudited="a test's restore") as tx:
        await tx.execute(update(upload_file).values(received=700))
    assert await offset(client, address) == 0
    async with desk.db.write(desk.owner, unaudited="a test's restore") as tx:
        await tx.execute(update(upload).values(status="waiting"))
    await desk.parts.remove(upload_id)
    ended = await decided(client, upload_id)
    assert (ended["status"], "Recommencez" in ended["message"]) == ("refused", True)


async def test_what_a_node_had_begun_to_take_in_is_taken_in_by_the_next(database: Database, tmp_path: Path) -> None:
    async with receiving(database, tmp_path, take_in=False) as desk, sender(desk) as client:
        path = write_svs(tmp_path / "a.svs")
        made = await begin(client, desk.case_id, named([path], tmp_path))
        await send(desk, made, tmp_path)
        assert (await client.post(f"/uploads/{made['id']}/commit")).status_code == 202
        assert await decisions.taken(desk.db, made["id"]) is not None  # and that node is gone
        assert desk.decoders is not None
        async with intake(database, desk, desk.decoders, tmp_path):
            assert (await decided(client, made["id"]))["status"] == "registered"
        assert len(await slides(desk)) == 1


async def test_what_cannot_be_taken_in_now_is_tried_again_after_a_minute(database: Database, tmp_path: Path) -> None:
    ticks = 0.0
    async with receiving(database, tmp_path, take_in=False) as desk, sender(desk) as client:
        path = write_svs(tmp_path / "a.svs")
        made = await begin(client, desk.case_id, named([path], tmp_path))
        await send(desk, made, tmp_path)
        await client.post(f"/uploads/{made['id']}/commit")
        assert desk.decoders is not None
        async with DecoderPool(desk.storage, 0, waiting=0) as busy:
            one = Intake(database, desk.storage, busy, desk.parts, offers.give_slide, monotonic=lambda: ticks)
            assert await one.look() == 0
        assert (await client.get(f"/uploads/{made['id']}")).json()["status"] == "waiting"
        one.decoders = desk.decoders
        ticks = RETRY - 1
        assert await one.look() == 0
        ticks = RETRY
        assert await one.look() == 1
        assert len(await slides(desk)) == 1
