"""The colour profile of a slide, from its file to what is kept of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import NotFound
from telepath.geometry import View
from telepath.slides import catalogue, coding, colour, ingest, pictures
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.profile import LUT_BYTES, Profile, State
from telepath.storage_local import LocalStorage
from tests import colours
from tests.builders import World
from tests.builders_slides import add_profile, write_pyramid, write_svs

WIDE = colours.scanners()["wide gamut, gamma 1.8"]


class Laboratory:
    """A case, and what it takes to add slides to it."""

    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool) -> None:
        self.db, self.storage, self.decoders = db, storage, decoders
        self.world = World(db)
        self.actor: Actor
        self.case_id = ""

    async def add(self, path: Path) -> catalogue.Slide:
        if not self.case_id:
            self.actor = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
            self.case_id = await self.world.case(self.actor)
        place = self.actor.institution_id
        made = await ingest.add(
            self.db, self.storage, self.decoders, self.actor, path, case_id=self.case_id, institution_id=place
        )
        async with self.db.read() as reader:
            assert await catalogue.get(reader, made.id) == made
        return made

    async def thumbnail(self, slide: catalogue.Slide) -> NDArray[np.uint8]:
        return coding.decode(await self.storage.read(catalogue.thumbnail_key(slide.folder), 0, 1 << 20))


@pytest.fixture
async def laboratory(database: Database, tmp_path: Path) -> AsyncIterator[Laboratory]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        yield Laboratory(database, storage, decoders)
    await storage.close()


async def test_a_slide_keeps_the_table_of_its_profile(laboratory: Laboratory, tmp_path: Path) -> None:
    slide = await laboratory.add(add_profile(write_svs(tmp_path / "one.svs"), WIDE))
    assert slide.profile == colour.read(WIDE).profile
    assert slide.profile.applied
    assert await laboratory.storage.read(catalogue.lut_key(slide.folder), 0, LUT_BYTES + 1) == colour.read(WIDE).lut


async def test_the_small_picture_and_kept_fields_are_shown_in_srgb(laboratory: Laboratory, tmp_path: Path) -> None:
    plain = await laboratory.add(write_pyramid(tmp_path / "plain.tiff", width=1000, height=800))
    wide = await laboratory.add(add_profile(write_pyramid(tmp_path / "wide.tiff", width=1000, height=800), WIDE))
    view = View(x=300, y=300, width=300, height=200, rotation=0, flip=False)
    fields = [
        coding.decode(await laboratory.decoders.field(catalogue.files_key(one.folder), one.entry, view))
        for one in (plain, wide)
    ]
    thumbnails = [await laboratory.thumbnail(one) for one in (plain, wide)]
    for as_it_is, shown in (fields, thumbnails):
        wanted = pictures.through(WIDE, as_it_is).astype(int)
        assert np.abs(shown - wanted).mean() < 3  # JPEG, twice
        assert np.abs(as_it_is - wanted).mean() > 8


async def test_a_slide_without_a_profile_has_no_table(laboratory: Laboratory, tmp_path: Path) -> None:
    slide = await laboratory.add(write_svs(tmp_path / "one.svs"))
    assert slide.profile == Profile()
    with pytest.raises(NotFound):
        await laboratory.storage.read(catalogue.lut_key(slide.folder), 0, 1)


async def test_a_damaged_profile_keeps_no_slide_out(laboratory: Laboratory, tmp_path: Path) -> None:
    slide = await laboratory.add(add_profile(write_svs(tmp_path / "one.svs"), WIDE[:300]))
    assert slide.profile.state is State.DAMAGED
    with pytest.raises(NotFound):
        await laboratory.storage.read(catalogue.lut_key(slide.folder), 0, 1)
