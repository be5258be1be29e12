"""telepath/slides/leftovers.py: an ingest that is killed at any of its steps leaves nothing for longer than a day or two."""

import logging
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.slides import slide as slide_table
from telepath.errors import Unavailable
from telepath.ids import make_id
from telepath.slides import catalogue, ingest, leftovers
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import World
from tests.builders_slides import write_svs


class Killed(BaseException):
    """The process is no more: nothing of it runs any longer."""


class Mortal(LocalStorage):
    """Does ``left`` more changes; then the process is killed, and nothing that it still tries has any effect."""

    left = 1_000

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        self._live()
        return await super().put_stream(key, chunks)

    async def delete(self, key: str) -> None:
        self._live()
        await super().delete(key)

    def _live(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


class Laboratory:
    """A case of Cayenne, one slide that is registered, and what it takes to add more."""

    def __init__(self, db: Database, folder: Path, decoders: DecoderPool, storage: LocalStorage) -> None:
        self.db, self.decoders, self.storage = db, decoders, storage
        self.root = storage.root
        self.path = write_svs(folder / "slide.svs", width=512, height=512, steps=(1,))
        self.world = World(db)
        self.actor: Actor
        self.case_id = ""
        self.good: catalogue.Slide

    async def set_up(self) -> "Laboratory":
        self.actor = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        self.case_id = await self.world.case(self.actor)
        self.good = await self.add(self.storage)
        return self

    async def add(
        self, storage: LocalStorage, progress: ingest.Progress = lambda _copied, _total: None
    ) -> catalogue.Slide:
        return await ingest.add(
            self.db,
            storage,
            self.decoders,
            self.actor,
            self.path,
            case_id=self.case_id,
            institution_id=self.actor.institution_id,
            progress=progress,
        )

    async def added(self) -> list[catalogue.Slide]:
        async with self.db.read() as reader:
            return await catalogue.of_case(reader, self.case_id)

    def stored(self) -> dict[str, int]:
        """How many files each folder of the storage holds, empty ones apart."""
        counts = {folder.name: sum(path.is_file() for path in folder.rglob("*")) for folder in self.root.iterdir()}
        return {name: count for name, count in counts.items() if count}

    def lose(self, slide_id: str) -> None:
        """As an ingest leaves it that was killed while it copied."""
        for name in (f"{slide_id}/files/.partial-0123", f"{leftovers.MARKS}/{slide_id}"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(b"half")

    def new_id(self) -> str:
        return make_id(int(self.world.clock.now.timestamp() * 1000), self.db.random(10))


@pytest.fixture
async def laboratory(database: Database, tmp_path: Path) -> AsyncIterator[Laboratory]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        yield await Laboratory(database, tmp_path, decoders, storage).set_up()
    await storage.close()


async def test_an_ingest_that_is_killed_at_any_step_is_whole_or_gone_two_days_later(laboratory: Laboratory) -> None:
    whole = laboratory.stored()
    assert list(whole) == [laboratory.good.id]
    registered = 1
    cuts = 0
    while True:
        mortal = Mortal(laboratory.root)
        mortal.left = cuts
        try:
            await laboratory.add(mortal)
        except Killed:
            cuts += 1
        else:
            break
        finally:
            await mortal.close()
        before = laboratory.stored()
        assert await leftovers.remove(laboratory.db, laboratory.storage) == 0
        assert laboratory.stored() == before, "another node might still be adding it"
        laboratory.world.clock.advance(days=2)
        slides = await laboratory.added()
        unnamed = set(before) - {slide.id for slide in slides} - {leftovers.MARKS}
        assert await leftovers.remove(laboratory.db, laboratory.storage) >= len(unnamed)
        assert laboratory.stored() == {slide.id: whole[laboratory.good.id] for slide in slides}
        registered = len(slides)
    assert cuts == 6  # mark, file, index, thumbnail, what identifies; then the mark of a slide that is registered
    assert registered == 2


async def test_a_slide_that_is_registered_stays_whatever_mark_it_bears(laboratory: Laboratory) -> None:
    before = laboratory.stored()
    await leftovers.mark(laboratory.storage, laboratory.good.id)
    laboratory.world.clock.advance(days=30)
    assert await leftovers.remove(laboratory.db, laboratory.storage) == 0
    assert laboratory.stored() == before


async def test_a_slide_that_no_row_names_stays_when_its_ingest_was_not_killed(
    laboratory: Laboratory, owner: Database
) -> None:
    before = laboratory.stored()
    async with owner.write(laboratory.actor, unaudited="an older copy of the database was brought back") as tx:
        await tx.execute(delete(slide_table))
    laboratory.world.clock.advance(days=30)
    assert await leftovers.remove(laboratory.db, laboratory.storage) == 0
    assert laboratory.stored() == before


async def test_what_is_younger_than_a_day_stays(laboratory: Laboratory) -> None:
    slide_id = laboratory.new_id()
    laboratory.lose(slide_id)
    laboratory.world.clock.advance(hours=23, minutes=59)
    assert await leftovers.remove(laboratory.db, laboratory.storage) == 0
    assert slide_id in laboratory.stored()


async def test_the_next_ingest_removes_what_a_killed_one_left_and_the_log_says_how_many(
    laboratory: Laboratory, caplog: pytest.LogCaptureFixture
) -> None:
    lost = [laboratory.new_id() for _ in range(3)]
    for slide_id in lost:
        laboratory.lose(slide_id)
    laboratory.world.clock.advance(days=1, seconds=1)
    with caplog.at_level(logging.INFO, leftovers.__name__):
        added = await laboratory.add(laboratory.storage)
    assert set(laboratory.stored()) == {laboratory.good.id, added.id}
    assert [record.getMessage() for record in caplog.records if record.name == leftovers.__name__] == [
        "removed what 3 killed ingests had left"
    ]


async def test_what_cannot_be_removed_keeps_nobody_from_anything(
    laboratory: Laboratory, caplog: pytest.LogCaptureFixture
) -> None:
    laboratory.root.rename(laboratory.root.with_name("away"))
    assert await leftovers.remove(laboratory.db, laboratory.storage) == 0
    assert "error-unavailable" in caplog.text


async def test_an_ingest_of_half_a_day_registers_nothing_that_could_be_taken_for_a_leftover(
    laboratory: Laboratory,
) -> None:
    before = laboratory.stored()
    with pytest.raises(Unavailable):
        await laboratory.add(laboratory.storage, lambda _copied, _total: laboratory.world.clock.advance(hours=13))
    assert laboratory.stored() == before
    assert await laboratory.added() == [laboratory.good]
