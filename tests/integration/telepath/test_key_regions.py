"""Key regions: a field with its picture, seen by whom it concerns, signed with the opinion of who pinned it."""

import hashlib
import math
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from sqlalchemy import select

from consults import offers, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.model import Question
from consults.opinion import Draft
from telepath.actor import SYSTEM
from telepath.cases import key_regions
from telepath.cases.key_regions import KeyRegion
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.errors import Invalid, NotFound, Refused, TooLarge
from telepath.geometry import View
from telepath.slides import catalogue, ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import World
from tests.builders_slides import levels, pattern, write_svs

FIELD = View(700, 500, 400, 300)
WIDTH, HEIGHT = 1600, 1200


class Bench(World):
    """A slide of Cayenne, its requester, and an expert of Lille who reads it."""

    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool) -> None:
        super().__init__(db)
        self.storage, self.decoders = storage, decoders
        self.owner, self.reader, self.stranger = SYSTEM, SYSTEM, SYSTEM
        self.case_id, self.slide_id, self.consult = "", "", ""

    async def set_up(self, folder: Path) -> "Bench":
        self.owner = await self.person("ines", "cayenne", "Inès", "Flamboyant")
        self.reader = await self.expert("claire", "lille", "Claire", "Houblon")
        self.stranger = await self.person("nina", "rennes", "Nina", "Étrangère")
        self.case_id = await self.case(self.owner)
        slide = await ingest.add(
            self.db,
            self.storage,
            self.decoders,
            self.owner,
            write_svs(folder / "slide.svs", width=WIDTH, height=HEIGHT, steps=(1, 4)),
            case_id=self.case_id,
            institution_id=self.owner.institution_id,
            label="A1 HES",
        )
        self.slide_id = slide.id
        question = Question("Bénin ?", "", "lymphoid", Urgency.STANDARD)
        self.consult = await request.request(self.db, self.owner, self.case_id, question, self.reader.person_id)
        await offers.accept(self.db, self.reader, self.consult)
        return self

    async def pin(self, who: Any, view: View = FIELD, label: str = "Mitoses", consult: str = "") -> KeyRegion:
        self.clock.advance(seconds=1)
        return await key_regions.pin(self.db, self.storage, self.decoders, who, self.slide_id, view, label, consult)

    async def seen(self, who: Any, consult: str = "") -> list[KeyRegion]:
        async with self.db.read() as reader:
            return await key_regions.seen_by(reader, who, self.case_id, [self.slide_id], consult_id=consult)

    async def picture(self, who: Any, region: KeyRegion) -> bytes:
        async with self.db.read() as reader:
            return (await key_regions.picture(reader, self.storage, who, region.id))[0]

    async def sign(self, seen: int, conclusion: str) -> Any:
        saved = await reading.save_draft(self.db, self.reader, self.consult, seen, Draft(conclusion=conclusion))
        return await signing.sign(self.db, self.again("claire"), self.consult, saved.version, timedelta(minutes=5))


@pytest.fixture
async def bench(database: Database, tmp_path: Path) -> AsyncIterator[Bench]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        yield await Bench(database, storage, decoders).set_up(tmp_path)
    await storage.close()


def whole() -> np.ndarray[Any, Any]:
    """The slide as it was written."""
    level = levels(WIDTH, HEIGHT, (1,))[0]
    rows = [[pattern(level, column, row) for column in range(level.columns)] for row in range(level.rows)]
    return np.block([[[tile] for tile in row] for row in rows])[:HEIGHT, :WIDTH].astype(float)


def alike(drawn: bytes, expected: np.ndarray[Any, Any]) -> bool:
    found = simplejpeg.decode_jpeg(drawn, colorspace="RGB").astype(float)
    return found.shape == expected.shape and float(np.abs(found - expected).mean()) < 12


async def test_the_picture_of_a_field_is_what_the_screen_showed(bench: Bench) -> None:
    slide, files = whole(), catalogue.files_key(bench.slide_id)
    upright = slide[350:650, 500:900]

    async def draw(view: View) -> bytes:
        return await bench.decoders.field(files, "slide.svs", view)

    assert alike(await draw(FIELD), upright)
    assert alike(await draw(View(700, 500, 400, 300, 0, True)), upright[:, ::-1])
    # A quarter turn clockwise: what was on the left is at the top.
    assert alike(await draw(View(700, 500, 300, 400, 90)), np.rot90(slide[350:650, 500:900], -1))
    assert alike(await draw(View(700, 500, 300, 400, 90, True)), np.rot90(slide[350:650, 500:900], -1)[:, ::-1])
    turned = simplejpeg.decode_jpeg(await draw(View(700, 500, 400, 300, 30)), colorspace="RGB")
    assert np.abs(turned[150, 200].astype(float) - slide[500, 700]).max() < 40  # the middle stays where it is
    edge = simplejpeg.decode_jpeg(await draw(View(0, 0, 400, 300)), colorspace="RGB")
    assert edge[20, 20].min() > 240  # white beyond the slide, never black
    large = simplejpeg.decode_jpeg(await draw(View(800, 600, 1600, 1200)), colorspace="RGB")
    assert large.shape == (900, 1200, 3)
    assert math.isclose(large.shape[1] / large.shape[0], 1600 / 1200)


async def test_a_field_is_kept_seen_by_whom_it_concerns_and_signed_with_the_opinion(bench: Bench) -> None:
    of_case = await bench.pin(bench.owner, label="Regardez ici")
    asked = await bench.pin(bench.owner, consult=bench.consult, label="Est-ce une mitose ?")
    mine = await bench.pin(bench.reader, consult=bench.consult)
    assert await bench.seen(bench.owner, bench.consult) == [of_case, asked]
    assert await bench.seen(bench.reader, bench.consult) == [of_case, asked, mine]
    drawn = await bench.picture(bench.reader, mine)
    assert hashlib.sha256(drawn).hexdigest() == mine.digest
    with pytest.raises(NotFound):  # before the opinion is signed, what the expert keeps says nothing to who asked
        await bench.picture(bench.owner, mine)
    with pytest.raises(Refused):
        await bench.picture(bench.stranger, of_case)
    with pytest.raises(Refused):
        await bench.pin(bench.stranger)

    opinion = await bench.sign(1, "Lymphome.")
    (shown,) = opinion.content.regions
    assert (shown.id, shown.slide, shown.label, shown.view, shown.picture) == (
        mine.id,
        "A1 HES",
        "Mitoses",
        FIELD,
        mine.digest,
    )
    assert await bench.picture(bench.owner, mine) == drawn
    # What was signed keeps it; what is signed later has only what came since.
    await key_regions.remove(bench.db, bench.reader, mine.id)
    assert await bench.picture(bench.owner, mine) == drawn
    later = await bench.pin(bench.reader, View(200, 200, 100, 100), "Une autre", bench.consult)
    assert [one.id for one in (await bench.sign(3, "Et encore.")).content.regions] == [later.id]
    async with bench.db.read() as reader:
        kept = await repository.opinions_of(reader, bench.consult)
        records = [row["record"] for row in await reader.all(select(audit_pending))]
    assert [one.content.regions for one in kept] == [(shown,), kept[1].content.regions]
    told = [record for record in records if record["kind"].startswith("region.")]
    assert [record["kind"] for record in told] == ["region.pinned"] * 3 + ["region.removed", "region.pinned"]
    assert "Mitoses" not in str(told)


async def test_a_field_is_refused_outside_its_slide_and_removed_by_its_author_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view in (View(-1, 5, 10, 10), View(5, 5, 0, 10), View(5, 5, 99_000, 10), View(float("nan"), 5, 10, 10)):
        with pytest.raises(Invalid):
            await bench.pin(bench.owner, view)
    with pytest.raises(Invalid):
        await bench.pin(bench.owner, label="NIR 2 79 03 51 215 189 89")
    with pytest.raises(NotFound):
        await bench.pin(bench.owner, consult=bench.slide_id)
    region = await bench.pin(bench.owner)
    with pytest.raises(NotFound):
        await key_regions.remove(bench.db, bench.reader, region.id)
    monkeypatch.setattr(key_regions, "PER_CASE", 1)
    with pytest.raises(TooLarge):
        await bench.pin(bench.owner)
    await key_regions.remove(bench.db, bench.owner, region.id)
    assert await bench.seen(bench.owner) == []
    with pytest.raises(NotFound):
        await bench.picture(bench.owner, region)
