import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.transaction import Transaction
from telepath.errors import NotFound, SlideForbidden, SlideIncomplete, SlideUnreadable, SlideUnsupported, Unavailable
from telepath.slides import catalogue, deidentified, ingest, tile_index
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Companions, PlanCopy
from telepath.slides.pieces import CopiedFile, Copy, Kept
from telepath.slides.tile_index import Source
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY, World
from tests.builders_slides import encode, levels, made_tile, pattern, write_pyramid, write_svs, write_vms


class Laboratory:
    """A case of Cayenne, and what it takes to add slides to it."""

    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool, folder: Path) -> None:
        self.db, self.storage, self.decoders, self.folder = db, storage, decoders, folder
        self.world = World(db)
        self.actor: Actor
        self.case_id = ""

    async def set_up(self) -> "Laboratory":
        self.actor = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        self.case_id = await self.world.case(self.actor)
        return self

    async def add(self, path: Path, label: str = "", block: str = "") -> catalogue.Slide:
        return await ingest.add(
            self.db,
            self.storage,
            self.decoders,
            self.actor,
            path,
            case_id=self.case_id,
            institution_id=self.actor.institution_id,
            label=label,
            block=block,
        )

    async def records(self) -> list[dict[str, object]]:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending))
        return [dict(row["record"]) for row in rows if row["record"]["kind"].startswith("slide.")]

    def stored(self) -> list[Path]:
        return [path for path in self.storage.root.rglob("*") if path.is_file()]


@pytest.fixture
async def laboratory(database: Database, tmp_path: Path) -> AsyncIterator[Laboratory]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        yield await Laboratory(database, storage, decoders, tmp_path).set_up()
    await storage.close()


async def test_a_slide_is_registered_with_its_files_its_index_and_its_audit(laboratory: Laboratory) -> None:
    path = write_svs(laboratory.folder / "Patient MARTIN 4711.svs")
    told: list[tuple[int, int]] = []
    slide = await ingest.add(
        laboratory.db,
        laboratory.storage,
        laboratory.decoders,
        laboratory.actor,
        path,
        case_id=laboratory.case_id,
        institution_id=laboratory.actor.institution_id,
        label="A1 HES",
        block="A1",
        progress=lambda copied, total: told.append((copied, total)),
    )
    assert (slide.width, slide.height, slide.mpp, slide.format) == (2048, 1536, 0.25, "aperio")
    assert slide.source is Source.PASSTHROUGH
    assert told[-1] == (path.stat().st_size,) * 2
    async with laboratory.db.read() as reader:
        assert await catalogue.of_case(reader, laboratory.case_id) == [slide]
        assert await catalogue.get(reader, slide.id) == slide
    async with laboratory.storage.fetch(catalogue.files_key(slide.folder)) as folder:
        assert [one.name for one in folder.iterdir()] == ["slide.svs"]
        assert (folder / "slide.svs").read_bytes() == path.read_bytes()
    index = tile_index.load(await laboratory.storage.read(catalogue.index_key(slide.folder), 0, 1 << 20))
    assert index.pyramid == slide.pyramid
    assert (await laboratory.storage.read(catalogue.thumbnail_key(slide.folder), 0, 2)) == b"\xff\xd8"
    (record,) = await laboratory.records()
    assert (record["kind"], record["object_id"], record["case_id"]) == ("slide.added", slide.id, laboratory.case_id)
    assert "MARTIN" not in str(record)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("empty.svs", b"", SlideIncomplete),
        ("page.svs", b"<!doctype html><script>alert(1)</script>", SlideUnsupported),
        ("photo.svs", encode(pattern(levels(512, 512, (1,))[0], 0, 0)), SlideUnsupported),
        ("cut.svs", None, SlideIncomplete),
    ],
)
async def test_a_refused_file_leaves_nothing_but_its_audit(
    laboratory: Laboratory, name: str, content: bytes | None, error: type[SlideUnreadable]
) -> None:
    path = laboratory.folder / name
    if content is None:
        whole = write_svs(path).read_bytes()
        content = whole[: len(whole) // 2]
    path.write_bytes(content)
    with pytest.raises(error) as refused:
        await laboratory.add(path)
    async with laboratory.db.read() as reader:
        assert await catalogue.of_case(reader, laboratory.case_id) == []
    assert laboratory.stored() == []
    (record,) = await laboratory.records()
    assert (record["kind"], record["outcome"]) == ("slide.refused", "failure")
    assert record["detail"] == {"reason": refused.value.code}
    assert str(laboratory.folder) not in str(refused.value)


async def test_a_slide_that_names_another_patients_file_is_refused(laboratory: Laboratory) -> None:
    (laboratory.folder / "victim").mkdir()
    (laboratory.folder / "victim" / "secret.jpg").write_bytes(encode(pattern(levels(256, 256, (1,))[0], 0, 0)))
    with pytest.raises(SlideForbidden):
        await laboratory.add(write_vms(laboratory.folder / "evil", "../victim/secret.jpg"))
    assert laboratory.stored() == []


async def test_a_link_beside_a_slide_is_not_copied(laboratory: Laboratory) -> None:
    path = write_vms(laboratory.folder / "evil", "picture.jpg")
    (laboratory.folder / "secret.jpg").write_bytes(b"secret")
    (path.parent / "picture.jpg").symlink_to(laboratory.folder / "secret.jpg")
    with pytest.raises(SlideForbidden):
        await laboratory.add(path)
    assert laboratory.stored() == []


async def test_a_file_that_is_not_there_is_said_to_be_absent(laboratory: Laboratory) -> None:
    with pytest.raises(NotFound) as told:
        await laboratory.add(laboratory.folder / "nowhere.svs")
    assert told.value.code == "error-slide-file-absent"
    assert await laboratory.records() == []


async def test_a_case_of_another_institution_gets_no_slide(laboratory: Laboratory) -> None:
    other = await laboratory.world.place("lille")
    path = write_svs(laboratory.folder / "slide.svs")
    with pytest.raises(NotFound):
        await ingest.add(
            laboratory.db,
            laboratory.storage,
            laboratory.decoders,
            laboratory.actor,
            path,
            case_id=laboratory.case_id,
            institution_id=other,
        )
    assert laboratory.stored() == []


async def test_the_same_slide_twice_is_two_slides_that_share_nothing(laboratory: Laboratory) -> None:
    path = write_svs(laboratory.folder / "slide.svs", width=512, height=512, steps=(1,))
    one, two = await laboratory.add(path), await laboratory.add(path)
    assert one.id != two.id
    assert one.folder != two.folder
    assert one.digest == two.digest


async def test_a_folder_holds_one_slide(laboratory: Laboratory) -> None:
    folder = laboratory.folder / "given"
    folder.mkdir()
    write_pyramid(folder / "Prélèvement n° 1.tiff", width=1000, height=800)
    (folder / "notes.txt").write_text("nothing")
    slide = await laboratory.add(folder)
    assert (slide.entry, slide.format) == ("slide.tiff", "generic-tiff")


async def test_a_folder_of_a_format_that_is_not_shown_is_refused_by_its_name(laboratory: Laboratory) -> None:
    folder = laboratory.folder / "dropped"
    (folder / "_slide_").mkdir(parents=True)
    (folder / "slide.vsi").write_bytes(b"II*\0" + bytes(100))
    with pytest.raises(SlideUnsupported) as refused:
        await laboratory.add(folder)
    assert refused.value.code == "error-slide-vsi"


async def test_a_real_mirax_slide_is_copied_whole(laboratory: Laboratory, real_slide: Callable[[str], Path]) -> None:
    copy = laboratory.folder / "copy"
    shutil.copytree(real_slide("crafted/mirax/HE-mirax.mrxs").parent, copy)
    mirax = await laboratory.add(copy / "HE-mirax.mrxs", label="mirax")
    assert (mirax.source, mirax.entry) == (Source.DECODED, "slide.mrxs")
    tile = await made_tile(
        laboratory.decoders, catalogue.files_key(mirax.folder), mirax.pyramid.levels[0], 1, 1, entry=mirax.entry
    )
    assert tile[:2] == b"\xff\xd8"


async def test_a_real_dicom_slide_is_copied_whole(laboratory: Laboratory, real_slide: Callable[[str], Path]) -> None:
    dicom = await laboratory.add(real_slide("dicom-wsi/cmu-1-small-region"), label="dicom")
    assert (dicom.source, len(dicom.pyramid.levels)) == (Source.PASSTHROUGH, 4)


class AnswerLost(Database):
    """The connection breaks after each commit, before its answer."""

    @asynccontextmanager
    async def write(self, actor: Actor, *, unaudited: str = "", pause: float = 0.0) -> AsyncIterator[Transaction]:
        async with super().write(actor, unaudited=unaudited, pause=pause) as tx:
            yield tx
        raise Unavailable(what="database")


async def test_a_slide_that_was_registered_keeps_its_files_though_the_answer_was_lost(laboratory: Laboratory) -> None:
    path = laboratory.folder / "slide.tiff"
    write_pyramid(path, width=1000, height=800, tile=256)
    whole, laboratory.db = (
        laboratory.db,
        AnswerLost(laboratory.db.url.render_as_string(hide_password=False), MASTER_KEY),
    )
    with pytest.raises(Unavailable):
        await laboratory.add(path)
    await laboratory.db.close()
    laboratory.db = whole
    (kept,) = await laboratory.records()
    async with whole.read() as reader:
        slide = await catalogue.get(reader, str(kept["object_id"]))
    assert await laboratory.storage.size(catalogue.index_key(slide.folder))


class TakenOver(DecoderPool):
    """As if a stranger's file had taken over the worker that looks for the parts of a slide."""

    says: str

    async def companions(self, path: Path) -> Companions:
        return Companions("slide.tif", ((path.name, "slide.tif"), (self.says, "more.dat")))

    async def plan_copy(self, folder: Path, request: PlanCopy, *, reader: str = "") -> Copy:
        whole = (Kept(0, 100),)
        files = (CopiedFile(request.entry, "copy.tif", whole), CopiedFile(request.entry, self.says, whole))
        return Copy(suffix=".tif", files=files, findings=())


@pytest.mark.parametrize("says", ["../other/secret.tif", "{other}/secret.tif", "beside/secret.tif"])
async def test_a_worker_that_lies_gets_no_file_of_another_folder(laboratory: Laboratory, says: str) -> None:
    other, mine = laboratory.folder / "other", laboratory.folder / "mine"
    other.mkdir()
    mine.mkdir()
    write_pyramid(other / "secret.tif")
    (mine / "beside").symlink_to(other)
    async with TakenOver(laboratory.storage, 1) as decoders:
        decoders.says = says.format(other=other)
        laboratory.decoders = decoders
        with pytest.raises(SlideForbidden) as refused:
            await laboratory.add(write_pyramid(mine / "slide.tif"))
    assert refused.value.code == "error-slide-reference-outside"
    assert laboratory.stored() == []


@pytest.mark.parametrize("says", ["../copy.tif", "/copy.tif", "folder/../../copy.tif"])
async def test_a_worker_that_lies_gives_no_copy_a_file_beside_its_folder(laboratory: Laboratory, says: str) -> None:
    slide = await laboratory.add(write_pyramid(laboratory.folder / "slide.tif"))
    async with TakenOver(laboratory.storage, 1) as decoders:
        decoders.says = says
        with pytest.raises(NotFound):
            await deidentified.plan(laboratory.storage, decoders, slide, "970300000")
