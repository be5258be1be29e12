import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from telepath.errors import (
    NotFound,
    SlideForbidden,
    SlideIncomplete,
    SlideUnreadable,
    SlideUnsupported,
    TileUnreadable,
    Unavailable,
)
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Inspection, PlanCopy
from telepath.slides.pyramid import Level
from telepath.slides.tile_index import Source
from telepath.storage_local import LocalStorage
from tests.builders_slides import encode, levels, made_tile, pattern, write_pyramid, write_svs, write_vms
from tests.rooms import until


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[DecoderPool]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 2, tile_seconds=30) as made:
        yield made
    await storage.close()


@pytest.fixture
def first(tmp_path: Path) -> Level:
    """The finest level of a slide in the folder ``a`` of the storage, cut by us into tiles of 256."""
    for name in ("a", "b"):
        (tmp_path / "storage" / name).mkdir(parents=True)
    write_pyramid(tmp_path / "storage" / "a" / "slide.tiff", width=2000, height=1600, tile=512)
    shutil.copy(tmp_path / "storage" / "a" / "slide.tiff", tmp_path / "storage" / "b")
    return levels(2000, 1600, (1,))[0]


async def test_a_decoded_tile_is_a_picture_of_its_place(pool: DecoderPool, first: Level) -> None:
    tile = await made_tile(pool, "a", first, 2, 1)
    assert tile[:2] == b"\xff\xd8"
    assert len(tile) > 1000
    assert tile != await made_tile(pool, "a", first, 1, 1)


async def test_a_tile_of_a_level_of_another_size_than_the_file_has_is_unreadable(
    pool: DecoderPool, first: Level
) -> None:
    """An index that was made when a label counted as a level names those behind it by other numbers."""
    for other in levels(2000, 1600, (2, 4)):
        with pytest.raises(TileUnreadable):
            await made_tile(pool, "a", other, 1, 0)
    assert await made_tile(pool, "a", first, 0, 0)


async def test_everyone_who_asks_for_a_tile_at_once_waits_for_one_decode(pool: DecoderPool, first: Level) -> None:
    tiles = await asyncio.gather(*(made_tile(pool, "a", first, 3, 3) for _ in range(20)))
    assert len(set(map(id, tiles))) == 1
    assert len(pool.processes()) == 1


async def test_two_slides_never_share_a_process(pool: DecoderPool, first: Level) -> None:
    await made_tile(pool, "a", first, 0, 0)
    (one,) = pool.processes()
    await made_tile(pool, "b", first, 0, 0)
    assert len(set(pool.processes())) == 2
    assert one in pool.processes()


@contextmanager
def stopped(*processes: int) -> Iterator[None]:
    """What is asked of these workers begins, and does not end before the block."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


async def test_a_tile_that_nobody_waits_for_any_more_is_not_decoded(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1, tile_seconds=60) as pool:
        await made_tile(pool, "a", first, 0, 0)
        with stopped(*pool.processes()):
            begun = asyncio.create_task(made_tile(pool, "a", first, 1, 0))
            left, shared, staying = (
                asyncio.create_task(made_tile(pool, "a", first, column, 0)) for column in (2, 3, 3)
            )
            await until(lambda: pool.waiting == 2)
            left.cancel()
            await until(lambda: pool.waiting == 1)
            shared.cancel()
            again = asyncio.create_task(made_tile(pool, "a", first, 2, 0))
            await until(lambda: pool.waiting == 2)
            again.cancel()
            await until(lambda: shared.cancelled() and again.cancelled() and pool.waiting == 1)
        assert await begun
        assert await staying
        assert pool.waiting == 0
        assert await made_tile(pool, "a", first, 2, 0)


async def test_a_tile_that_was_begun_is_finished_for_whoever_asks_next(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1, tile_seconds=60) as pool:
        await made_tile(pool, "a", first, 0, 0)
        (worker,) = pool.processes()
        with stopped(worker):
            left = asyncio.create_task(made_tile(pool, "a", first, 1, 0))
            behind = asyncio.create_task(made_tile(pool, "a", first, 2, 0))
            await until(lambda: pool.waiting == 1)
            left.cancel()
            await until(left.cancelled)
        await behind
        with stopped(worker):
            assert await asyncio.wait_for(made_tile(pool, "a", first, 1, 0), 10)
        assert pool.processes() == [worker]


async def test_more_tiles_than_can_wait_are_refused(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1, tile_seconds=60, waiting=2) as pool:
        await made_tile(pool, "a", first, 0, 0)
        with stopped(*pool.processes()):
            asked = [
                asyncio.create_task(made_tile(pool, "a", first, column, 0, reader=str(column))) for column in (1, 2, 3)
            ]
            await until(lambda: pool.waiting == 2)
            with pytest.raises(Unavailable):
                await made_tile(pool, "a", first, 4, 0, reader="4")
            joining = asyncio.create_task(made_tile(pool, "a", first, 3, 0, reader="5"))
        assert all(await asyncio.gather(*asked, joining))
        assert await made_tile(pool, "a", first, 4, 0, reader="4")


async def test_readers_take_turns(tmp_path: Path, first: Level) -> None:
    finished: list[str] = []
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1, tile_seconds=60) as pool:

        async def read(reader: str, column: int) -> None:
            await made_tile(pool, "a", first, column, 1, reader=reader)
            finished.append(f"{reader} {column}")

        await made_tile(pool, "a", first, 0, 0)
        with stopped(*pool.processes()):
            asked = [
                asyncio.create_task(read(*one)) for one in (("hasty", 0), ("hasty", 1), ("hasty", 2), ("patient", 3))
            ]
            await until(lambda: pool.waiting == 3)
        await asyncio.gather(*asked)
    assert finished == ["hasty 0", "hasty 1", "patient 3", "hasty 2"]


async def test_who_asks_for_copies_and_labels_waits_behind_himself_alone(tmp_path: Path, first: Level) -> None:
    storage = tmp_path / "storage"
    plan = PlanCopy(entry="slide.tiff", name="copy", lines=(), seed=bytes(32))
    async with DecoderPool(LocalStorage(storage), 1, tile_seconds=60, waiting=4) as pool:
        await made_tile(pool, "a", first, 0, 0)
        with stopped(*pool.processes()):
            tiles = [asyncio.create_task(made_tile(pool, "a", first, column, 0)) for column in (1, 2)]
            await until(lambda: pool.waiting == 1)
            hasty = asyncio.create_task(pool.plan_copy(storage / "a", plan, reader="hasty"))
            await until(lambda: pool.waiting == 2)
            with pytest.raises(Unavailable):
                await pool.plan_copy(storage / "a", plan, reader="hasty")
            with pytest.raises(Unavailable):
                await pool.withheld(storage / "a", "slide.tiff", "label", reader="hasty")
            patient = asyncio.create_task(pool.withheld(storage / "a", "slide.tiff", "label", reader="patient"))
            await until(lambda: pool.waiting == 3)
        assert all(await asyncio.gather(*tiles))
        done = await asyncio.gather(hasty, patient, return_exceptions=True)
        assert [type(one) for one in done if isinstance(one, Exception)] in ([NotFound], [SlideUnreadable, NotFound])


async def test_whoever_waits_when_the_pool_closes_is_told(tmp_path: Path, first: Level) -> None:
    pool = DecoderPool(LocalStorage(tmp_path / "storage"), 1, tile_seconds=60)
    await made_tile(pool, "a", first, 0, 0)
    (worker,) = pool.processes()
    with stopped(worker):
        asked = [asyncio.create_task(made_tile(pool, "a", first, column, 0)) for column in (1, 2, 3)]
        await until(lambda: pool.waiting == 2)
        await pool.close()
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [TileUnreadable] * 3
    assert pool.processes() == []


class Lending(LocalStorage):
    """Wants its folders back, and takes its time."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.returning: list[str] = []
        self.taken_back = asyncio.Event()

    @asynccontextmanager
    async def fetch(self, key: str) -> AsyncIterator[Path]:
        async with super().fetch(key) as path:
            yield path
        self.returning.append(key)
        await self.taken_back.wait()


async def test_two_tiles_of_a_slide_that_has_one_worker_both_come_while_a_dead_one_is_cleared_away(
    tmp_path: Path, first: Level
) -> None:
    storage = Lending(tmp_path / "storage")
    async with DecoderPool(storage, 2, tile_seconds=60) as pool:
        await made_tile(pool, "a", first, 0, 0)
        await made_tile(pool, "b", first, 0, 0)
        dead, kept = pool.processes()
        os.kill(dead, signal.SIGKILL)
        await until(lambda: dead not in pool.processes())
        with stopped(kept):
            asked = [asyncio.create_task(made_tile(pool, "b", first, column, 0)) for column in (1, 2)]
            await until(lambda: storage.returning == ["a"])
            storage.taken_back.set()
        assert all(await asyncio.gather(*asked))
        assert kept in pool.processes()


class Far(LocalStorage):
    """Its folder ``a`` must be copied from far away first."""

    copied_apart = True

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[str] = []
        self.arrived = asyncio.Event()

    @asynccontextmanager
    async def fetch(self, key: str) -> AsyncIterator[Path]:
        self.asked.append(key)
        if key == "a":
            await self.arrived.wait()
        async with super().fetch(key) as path:
            yield path


async def test_a_slide_that_is_being_copied_keeps_no_worker_from_the_others(tmp_path: Path, first: Level) -> None:
    storage = Far(tmp_path / "storage")
    async with DecoderPool(storage, 1, tile_seconds=60) as pool:
        far = asyncio.create_task(made_tile(pool, "a", first, 0, 0))
        await until(lambda: storage.asked == ["a"])
        near = await made_tile(pool, "b", first, 0, 0)
        assert not far.done()
        storage.arrived.set()
        assert await far == near  # the same picture lies in both
        storage.asked.clear()
        await made_tile(pool, "a", first, 1, 0)
        assert storage.asked == []


async def test_a_tile_of_a_slide_that_is_gone_from_far_away_is_unreadable(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(Far(tmp_path / "storage"), 1, tile_seconds=60) as pool:
        with pytest.raises(TileUnreadable):
            await made_tile(pool, "c", first, 0, 0)


async def test_a_worker_that_is_killed_costs_nobody_a_tile(pool: DecoderPool, first: Level) -> None:
    await made_tile(pool, "a", first, 0, 0)
    await made_tile(pool, "b", first, 0, 0)
    other, victim = pool.processes()
    os.kill(victim, signal.SIGSTOP)
    begun = asyncio.create_task(made_tile(pool, "b", first, 1, 1))
    untouched = await made_tile(pool, "a", first, 1, 1)
    os.kill(victim, signal.SIGKILL)
    assert await begun == untouched
    assert other in pool.processes()
    assert victim not in pool.processes()


async def test_another_reader_hardly_waits_after_workers_died(pool: DecoderPool, first: Level) -> None:
    """`make soak` measures it; here other tests have the processor too."""
    await made_tile(pool, "a", first, 0, 0)
    for column in range(5):
        await made_tile(pool, "b", first, column, 2)
        for process in pool.processes():
            os.kill(process, signal.SIGKILL)
        began = time.monotonic()
        assert await made_tile(pool, "a", first, column, 3)
        assert time.monotonic() - began < 3


async def test_the_process_that_workers_are_copied_from_may_die_too(pool: DecoderPool, first: Level) -> None:
    await made_tile(pool, "a", first, 0, 0)
    (worker,) = pool.processes()
    (nursery,) = (one for one in children(os.getpid()) if worker in children(one))
    assert len(list(Path(f"/proc/{nursery}/task").iterdir())) == 1, "a process with threads cannot be copied safely"
    os.kill(nursery, signal.SIGKILL)
    await until(lambda: not pool.processes())
    assert await made_tile(pool, "a", first, 1, 0)
    assert await made_tile(pool, "b", first, 1, 0)


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


async def test_a_worker_that_has_grown_large_is_not_asked_again(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1, largest=1) as pool:
        assert await made_tile(pool, "a", first, 0, 0)
        assert pool.processes() == []
        assert await made_tile(pool, "a", first, 1, 0)


async def test_a_worker_that_hangs_is_given_up(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1, tile_seconds=10) as pool:
        await made_tile(pool, "a", first, 0, 0)
        (hanging,) = pool.processes()
        os.kill(hanging, signal.SIGSTOP)
        with pytest.raises(TileUnreadable):
            await made_tile(pool, "a", first, 1, 0)
        assert pool.processes() == []
        assert await made_tile(pool, "a", first, 1, 0)


async def test_a_tile_of_a_slide_that_is_gone_is_unreadable(pool: DecoderPool, first: Level) -> None:
    with pytest.raises(TileUnreadable):
        await made_tile(pool, "gone", first, 0, 0)
    with pytest.raises(TileUnreadable):
        await made_tile(pool, "a", first, 0, 0, entry="absent.tiff")


async def test_a_damaged_tile_leaves_the_others_readable(pool: DecoderPool, first: Level, tmp_path: Path) -> None:
    path = tmp_path / "storage" / "a" / "slide.tiff"
    stored = levels(2000, 1600, (1,), 512)[0]
    whole = path.read_bytes()
    scan = encode(pattern(stored, 1, 1))[-400:-50]
    assert scan in whole
    path.write_bytes(whole.replace(scan, b"\xff\xd9" + bytes(len(scan) - 2)))
    left = await made_tile(pool, "a", first, 0, 0)
    assert left[:2] == b"\xff\xd8"


async def test_whoever_closes_the_pool_ends_its_processes(tmp_path: Path, first: Level) -> None:
    async with DecoderPool(LocalStorage(tmp_path / "storage"), 1) as pool:
        await made_tile(pool, "a", first, 0, 0)
        started = pool.processes()
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_file_is_inspected_in_a_process_of_its_own(pool: DecoderPool, tmp_path: Path) -> None:
    write_svs(tmp_path / "slide.svs")
    found = await pool.inspect(tmp_path, "slide.svs")
    assert isinstance(found, Inspection)
    assert found.source is Source.PASSTHROUGH
    assert pool.processes() == []


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", SlideIncomplete), (b"<html>", SlideUnsupported), (b"II*\0\xff\xff\xff\x7f", SlideIncomplete)],
)
async def test_the_reason_comes_back_without_a_path(
    pool: DecoderPool, tmp_path: Path, content: bytes, error: type[SlideUnreadable]
) -> None:
    (tmp_path / "slide.svs").write_bytes(content)
    with pytest.raises(error) as told:
        await pool.inspect(tmp_path, "slide.svs")
    assert str(tmp_path) not in str(told.value)


async def test_a_slide_that_names_a_file_outside_its_folder_is_refused(pool: DecoderPool, tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "secret.jpg").write_bytes(encode(pattern(levels(512, 512, (1,))[0], 0, 0)))
    path = write_vms(tmp_path / "evil", "../victim/secret.jpg")
    with pytest.raises(SlideForbidden) as told:
        await pool.companions(path)
    assert told.value.code == "error-slide-reference-outside"


async def test_even_a_slide_that_was_let_in_cannot_read_outside_its_folder(pool: DecoderPool, tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "secret.jpg").write_bytes(encode(pattern(levels(512, 512, (1,))[0], 0, 0)))
    write_vms(tmp_path / "evil", "../victim/secret.jpg")
    protections = await pool.protections(tmp_path / "evil")
    assert protections.limits
    if protections.files:
        with pytest.raises(SlideUnreadable):
            await pool.inspect(tmp_path / "evil", "slide.vms")


async def test_a_link_in_the_folder_is_no_part_of_a_slide(pool: DecoderPool, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (tmp_path / "elsewhere.svs").write_bytes(write_svs(tmp_path / "real.svs").read_bytes())
    folder.mkdir()
    (folder / "slide.svs").symlink_to(tmp_path / "elsewhere.svs")
    with pytest.raises(SlideUnsupported):
        await pool.companions(folder)


async def test_a_folder_with_two_slides_is_not_guessed_at(pool: DecoderPool, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    for name in ("one.svs", "two.svs"):
        write_svs(folder / name)
    with pytest.raises(SlideUnsupported) as told:
        await pool.companions(folder)
    assert (told.value.code, told.value.params) == ("error-slide-several", {"count": 2})


async def test_the_parts_of_a_real_mirax_slide_are_found(pool: DecoderPool, real_slide: Callable[[str], Path]) -> None:
    mirax = await pool.companions(real_slide("crafted/mirax/HE-mirax.mrxs"))
    assert {name for _, name in mirax.files} == {
        "slide.mrxs",
        "slide/Data0000.dat",
        "slide/Index.dat",
        "slide/Slidedat.ini",
    }


@pytest.mark.parametrize(("name", "count"), [("cmu-1-small-region", 4), ("camelyon_jpeg.dcm", 1)])
async def test_the_parts_of_a_real_dicom_slide_are_found(
    pool: DecoderPool, real_slide: Callable[[str], Path], name: str, count: int
) -> None:
    dicom = await pool.companions(real_slide(f"dicom-wsi/{name}"))
    assert len(dicom.files) == count
