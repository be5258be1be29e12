"""A folder into which scanners drop slides: what is taken, when, for which case, and where it goes after."""

import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from consults import offers
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.errors import SlideForbidden, SlideHeld, SlideUnreadable
from telepath.slides import catalogue
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from telepath.uploads.drop import DONE, REFUSED, TAKEN, Drop, Outcome
from tests.builders import World
from tests.builders_mirax import write_mirax
from tests.builders_slides import add_label, barcode, write_svs


@dataclass
class Ward:
    """A case of Cayenne, a folder, and what looks at it; time passes when a test says so."""

    db: Database
    storage: LocalStorage
    decoders: DecoderPool
    folder: Path
    world: World
    owner: Actor
    case_id: str
    now: float = 0.0
    lines: list[str] = field(default_factory=list)

    def watching(self) -> Drop:
        return Drop(
            self.db,
            self.storage,
            self.decoders,
            SYSTEM,
            offers.give_slide,
            self.folder,
            self.owner.institution_id,
            clock=lambda: self.now,
        )

    def told(self, outcome: Outcome) -> str:
        self.lines.append(outcome.error.code if outcome.error else "added")
        return self.lines[-1]

    async def looked(self, drop: Drop | None = None) -> list[Outcome]:
        """Twice, with a minute between."""
        drop = drop or self.watching()
        await drop.look(self.told)
        self.now += 60
        return await drop.look(self.told)

    async def slides(self) -> list[catalogue.Slide]:
        async with self.db.read() as reader:
            return await catalogue.of_case(reader, self.case_id)

    def lying(self, where: str) -> list[str]:
        return sorted(path.name for path in (self.folder / where).rglob("*") if path.is_file())


@pytest.fixture
async def ward(database: Database, tmp_path: Path) -> AsyncIterator[Ward]:
    storage = LocalStorage(tmp_path / "storage")
    folder = tmp_path / "drop"
    folder.mkdir()
    world = World(database)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    case_id = await world.case(owner)
    async with DecoderPool(storage, 1) as decoders:
        yield Ward(database, storage, decoders, folder, world, owner, case_id)
    await storage.close()


async def test_slides_in_the_folder_of_a_case_come_into_it(ward: Ward) -> None:
    home = ward.folder / "26-00417"
    home.mkdir()
    write_svs(home / "a.svs")
    write_mirax(home, "b")
    outcomes = await ward.looked()
    assert [outcome.number for outcome in outcomes] == ["26-00417", "26-00417"]
    assert sorted(slide.format for slide in await ward.slides()) == ["aperio", "mirax"]
    assert {"a.svs", "b.mrxs", "Slidedat.ini"} <= set(ward.lying(DONE))
    assert (ward.lying("26-00417"), ward.lying(REFUSED), ward.lying(TAKEN)) == ([], [], [])


async def test_a_link_that_took_the_place_of_a_slide_is_refused(ward: Ward, tmp_path: Path) -> None:
    home = ward.folder / TAKEN / "01hz0000000000000000000000" / "26-00417"
    home.mkdir(parents=True)
    (home / "a.svs").symlink_to(write_svs(tmp_path / "of another patient.svs"))
    (outcome,) = await ward.watching().look(ward.told)
    assert isinstance(outcome.error, SlideForbidden)
    assert await ward.slides() == []


async def test_a_slide_that_still_changes_is_left_alone(ward: Ward) -> None:
    home = ward.folder / "26-00417"
    home.mkdir()
    path = write_svs(home / "a.svs")
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    (home / "b.svs.part").write_bytes(b"x")
    drop = ward.watching()
    await drop.look(ward.told)
    for size in (2000, 3000):
        ward.now += 60
        path.write_bytes(whole[:size])
        assert await drop.look(ward.told) == []
    path.write_bytes(whole)
    await drop.look(ward.told)
    ward.now += 29
    assert await drop.look(ward.told) == []
    ward.now += 1
    assert [outcome.error for outcome in await drop.look(ward.told)] == [None]
    assert (home / "b.svs.part").exists()


async def test_a_mirax_slide_waits_for_its_folder(ward: Ward) -> None:
    home = ward.folder / "26-00417"
    write_mirax(home, "b")
    (home / "b").rename(ward.folder / ".elsewhere")
    drop = ward.watching()
    assert await ward.looked(drop) == []
    (ward.folder / ".elsewhere").rename(home / "b")
    await ward.looked(drop)
    assert len(await ward.slides()) == 1


async def test_a_slide_whose_label_names_one_case_finds_it(ward: Ward) -> None:
    other = await ward.world.case(ward.owner, "26-00999")
    add_label(write_svs(ward.folder / "a.svs"), barcode("26-00417 A1"))
    [outcome] = await ward.looked()
    assert outcome.number == "26-00417"
    async with ward.db.read() as reader:
        assert await catalogue.of_case(reader, other) == []
    [slide] = await ward.slides()
    assert slide.label_check == "verified"


async def test_what_names_no_case_is_put_aside_with_the_reason(ward: Ward) -> None:
    write_svs(ward.folder / "MARTIN.svs")
    [outcome] = await ward.looked()
    assert outcome.error is not None
    assert outcome.error.code == "error-watch-unmatched"
    [text] = [path for path in (ward.folder / REFUSED).iterdir() if path.suffix == ".txt"]
    assert text.read_text() == "error-watch-unmatched\n"
    assert "MARTIN.svs" in ward.lying(REFUSED)
    assert await ward.slides() == []


async def test_what_is_no_slide_and_what_names_another_case_are_put_aside(ward: Ward) -> None:
    home = ward.folder / "26-00417"
    home.mkdir()
    (home / "a.svs").write_bytes(b"<html>" * 100)
    add_label(write_svs(home / "b.svs"), barcode("26-00999 A1"))
    first, second = await ward.looked()
    assert isinstance(first.error, SlideUnreadable)
    assert isinstance(second.error, SlideHeld)
    assert {"a.svs", "b.svs"} <= set(ward.lying(REFUSED))


async def test_what_was_registered_before_a_kill_is_not_registered_twice(ward: Ward) -> None:
    home = ward.folder / "26-00417"
    home.mkdir()
    path = write_svs(home / "a.svs")
    copy = path.read_bytes()
    await ward.looked()
    taken = ward.folder / TAKEN / "01kkec98g0c7enmm7ycqbw6zf5" / "26-00417"
    taken.mkdir(parents=True)
    (taken / "a.svs").write_bytes(copy)  # as if it had been killed before it put it aside
    await ward.watching().look(ward.told)
    assert ward.lines[-1] == "error-slide-twice"
    assert len(await ward.slides()) == 1
    assert ward.lying(DONE) == ["a.svs", "a.svs"]


async def test_links_lead_nowhere(ward: Ward, tmp_path: Path) -> None:
    secret = write_svs(tmp_path / "secret.svs")
    home = ward.folder / "26-00417"
    home.mkdir()
    (home / "a.svs").symlink_to(secret)
    (ward.folder / "26-00418").symlink_to(tmp_path)
    assert await ward.looked() == []
    assert await ward.slides() == []


async def test_a_zip_is_unpacked_and_put_aside_as_it_came(ward: Ward) -> None:
    home = ward.folder / "26-00417"
    home.mkdir()
    with zipfile.ZipFile(home / "scan.zip", "w") as archive:
        archive.write(write_svs(ward.folder.parent / "a.svs"), "scan/a.svs")
    with zipfile.ZipFile(home / "two.zip", "w") as archive:
        archive.writestr("a.svs", "a")
        archive.writestr("b.svs", "b")
    await ward.looked()
    assert sorted(ward.lines) == ["added", "error-slide-several"]
    assert len(await ward.slides()) == 1
    assert ward.lying(DONE) == ["scan.zip"]
    assert "two.zip" in ward.lying(REFUSED)
    assert list((ward.folder / TAKEN).iterdir()) == []
