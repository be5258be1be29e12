"""A slide whose label names another case is kept apart, for its sender alone, until it is corrected or discarded."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
import zxingcpp
from sqlalchemy import select

from telepath.actor import SYSTEM, Actor, Role
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.cases import held_slide, specimen
from telepath.db.transaction import Transaction
from telepath.errors import NotFound, Refused, SlideHeld
from telepath.slides import catalogue, held, ingest, leftovers
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.held import Said
from telepath.slides.label_check import Mark, Problem, Source
from telepath.storage_local import LocalStorage
from tests.builders import World
from tests.builders_slides import add_label, barcode, write_svs


class Laboratory:
    """Two cases of Cayenne, who sends slides to them, and a colleague."""

    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool, folder: Path) -> None:
        self.db, self.storage, self.decoders, self.folder = db, storage, decoders, folder
        self.world = World(db)
        self.sender, self.colleague, self.stranger = SYSTEM, SYSTEM, SYSTEM
        self.cases: dict[str, str] = {}
        self.shared: list[str] = []

    async def set_up(self) -> "Laboratory":
        self.sender = await self.world.person("ines", "cayenne", "Inès", "Flamboyant", roles=(Role.TECHNICIAN,))
        self.colleague = await self.world.person("paul", "cayenne", "Paul", "Wapa")
        self.stranger = await self.world.person("claire", "lille", "Claire", "Houblon")
        for number in ("26-00417", "26-00418"):
            self.cases[number] = await self.world.case(self.sender, number)
        return self

    async def share(self, _tx: Transaction, slide: Slide) -> None:
        self.shared.append(slide.case_id)

    async def add(self, path: Path, actor: Actor | None = None, number: str = "26-00417", **facts: Any) -> Slide:
        return await ingest.add(
            self.db,
            self.storage,
            self.decoders,
            actor or self.sender,
            path,
            case_id=self.cases[number],
            institution_id=self.sender.institution_id,
            share=self.share,
            **{"label": "A1 HES", "block": "A1", **facts},
        )

    def said(self, number: str, block: str = "A1") -> Said:
        return Said(case_id=self.cases[number], institution_id=self.sender.institution_id, block=block)

    def labelled(self, text: str, **kind: Any) -> Path:
        path = write_svs(self.folder / "slide.svs", width=1024, height=512, steps=(1, 4))
        return add_label(path, barcode(text, **kind))

    async def slides(self, number: str = "26-00417") -> list[Slide]:
        async with self.db.read() as reader:
            return await catalogue.of_case(reader, self.cases[number])

    async def waiting(self, actor: Actor) -> list[held.Held]:
        async with self.db.read() as reader:
            return await held.sent_by(reader, actor)

    async def records(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending))
        found = [(row["record"]["kind"], row["record"]) for row in rows if row["record"]["kind"].startswith("slide.")]
        return [one for one in found if one[0] != "slide.deidentified"]  # what its files say, which they all do

    def stored(self) -> set[str]:
        return {path.name for path in self.storage.root.iterdir() if any(one.is_file() for one in path.rglob("*"))}


@pytest.fixture
async def laboratory(database: Database, tmp_path: Path) -> AsyncIterator[Laboratory]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        yield await Laboratory(database, storage, decoders, tmp_path).set_up()
    await storage.close()


async def test_a_slide_whose_label_names_another_case_is_kept_apart_until_it_comes_where_it_belongs(
    laboratory: Laboratory,
) -> None:
    path = laboratory.labelled("26-00418-A1")
    with pytest.raises(SlideHeld) as stopped:
        await laboratory.add(path)
    assert stopped.value.params == {
        "slide": stopped.value.params["slide"],
        "kind": "case",
        "expected": "26-00417",
        "found": "26-00418",
    }
    assert await laboratory.slides() == []
    assert laboratory.shared == []
    (waiting,) = await laboratory.waiting(laboratory.sender)
    assert waiting.problems == (Problem("case", "26-00417", "26-00418"),)
    assert waiting.marks == (Mark(Source.BARCODE, "26-00418-A1"),)
    assert laboratory.stored() == {waiting.id}
    # A day later nothing has become of it either.
    laboratory.world.clock.advance(days=3)
    await leftovers.mark(laboratory.storage, waiting.id)
    assert await leftovers.remove(laboratory.db, laboratory.storage) == 0
    # Nobody else is told, not even at home.
    for other in (laboratory.colleague, laboratory.stranger, SYSTEM):
        assert await laboratory.waiting(other) == []
        with pytest.raises(NotFound):
            await held.discard(laboratory.db, laboratory.storage, other, waiting.id)
        with pytest.raises(NotFound):
            await held.let_in(laboratory.db, other, waiting.id, laboratory.said("26-00418"), share=laboratory.share)
    async with laboratory.db.read() as reader:
        with pytest.raises(NotFound):
            await catalogue.get(reader, waiting.id)
    # Against its label it comes in nowhere; and of the right case, not as another block.
    for said, kind in ((laboratory.said("26-00417"), "case"), (laboratory.said("26-00418", "B2"), "block")):
        with pytest.raises(SlideHeld) as stopped:
            await held.let_in(laboratory.db, laboratory.sender, waiting.id, said, share=laboratory.share)
        assert stopped.value.params["kind"] == kind
    slide = await held.let_in(
        laboratory.db, laboratory.sender, waiting.id, laboratory.said("26-00418"), share=laboratory.share, label="A1"
    )
    assert (slide.id, slide.label, slide.label_check) == (waiting.id, "A1", "verified")
    assert await laboratory.slides("26-00418") == [slide]
    assert laboratory.shared == [laboratory.cases["26-00418"]]
    assert await laboratory.waiting(laboratory.sender) == []
    assert await laboratory.storage.size(catalogue.index_key(slide.folder))
    told = await laboratory.records()
    assert [kind for kind, _ in told] == ["slide.mismatched"] * 3 + ["slide.added"]
    assert told[0][1]["detail"]["disagrees"] == ["case"]
    assert "26-00418" not in str(told[0][1]["detail"])  # what is read on a label is kept under the key of the case
    assert (told[0][1]["outcome"], told[0][1]["case_id"]) == ("failure", laboratory.cases["26-00417"])
    with pytest.raises(NotFound):
        await held.discard(laboratory.db, laboratory.storage, laboratory.sender, waiting.id)


async def test_a_held_slide_that_is_discarded_leaves_nothing_but_that_it_was(laboratory: Laboratory) -> None:
    with pytest.raises(SlideHeld):
        await laboratory.add(laboratory.labelled("26-00999", kind=zxingcpp.BarcodeFormat.Code128), SYSTEM)
    (waiting,) = await laboratory.waiting(SYSTEM)
    assert waiting.problems[0].found == "26-00999"
    await held.discard(laboratory.db, laboratory.storage, SYSTEM, waiting.id)
    assert laboratory.stored() == set()
    async with laboratory.db.read() as reader:
        row = await reader.one(select(held_slide))
    assert (row["ended"], row["folder"], row["facts"], row["problems"], row["label"]) == ("discarded", "", {}, [], "")
    assert [kind for kind, _ in await laboratory.records()] == ["slide.mismatched", "slide.discarded"]


async def test_who_may_no_more_add_to_a_case_lets_nothing_in(laboratory: Laboratory) -> None:
    with pytest.raises(SlideHeld):
        await laboratory.add(laboratory.labelled("26-00418"), laboratory.stranger)
    (waiting,) = await laboratory.waiting(laboratory.stranger)
    with pytest.raises(Refused):
        await held.let_in(
            laboratory.db, laboratory.stranger, waiting.id, laboratory.said("26-00418"), share=laboratory.share
        )
    assert await laboratory.waiting(laboratory.stranger) == [waiting]


async def test_a_slide_comes_in_with_what_its_label_says_of_it(
    laboratory: Laboratory, real_slide: Callable[[str], Path]
) -> None:
    async with laboratory.db.write(laboratory.sender, unaudited="a test's world") as tx:
        ids = [tx.new_id(), tx.new_id()]
        for key, label in zip(ids, "AB", strict=True):
            await tx.insert(specimen, id=key, case_id=laboratory.cases["26-00417"], label=label, description="")
    verified = await laboratory.add(laboratory.labelled("CAY;26-00417;A1"), specimen_id=ids[0])
    assert verified.label_check == "verified"
    with pytest.raises(SlideHeld) as stopped:
        await laboratory.add(laboratory.labelled("26-00417-B1"), specimen_id=ids[0], block="")
    assert stopped.value.params["kind"] == "specimen"
    with pytest.raises(NotFound):
        await laboratory.add(laboratory.labelled("26-00417"), number="26-00418", specimen_id=ids[0])
    for name in ("crafted/philips/HE-philips.tiff", "aperio/CMU-1-Small-Region.svs", "crafted/mirax/HE-mirax.mrxs"):
        real = await laboratory.add(real_slide(name))
        assert real.label_check == "unverified", name
    # DICOM says by its attributes what it is of, and from where.
    folder = laboratory.folder / "dicom"
    shutil.copytree(real_slide("dicom-wsi/cmu-1-small-region"), folder)
    for path in folder.glob("*.dcm"):
        whole = pydicom.dcmread(path)
        whole.ContainerIdentifier, whole.InstitutionName = "26-00417-A1", "CHU de LILLE"
        whole.save_as(path)
    with pytest.raises(SlideHeld) as stopped:
        await laboratory.add(folder)
    assert (stopped.value.params["kind"], stopped.value.params["found"]) == ("institution", "CHU de Lille")
