"""Made tiles are kept in memory and in a folder: bounded, whole, and no longer than their slide."""

import os
import shutil
from pathlib import Path

import pytest

from telepath.slides import tile_packs
from telepath.slides.tile_cache import TileCache
from telepath.slides.tile_packs import HEAD, HOUR, MONTH, TilePacks, mark, sweep
from telepath.storage_local import LocalStorage

KEY = ("01hz0000000000000000000000/files", "2-1_1_z0_c0.jpeg")
OTHER = (KEY[0], "2-1_2_z0_c0.jpeg")


async def kept(folder: Path, *, tiles: int = 1, disk: int = 1 << 20) -> Path:
    """The pack of so many tiles of 1000 bytes."""
    before = packs(folder)
    cache = TileCache(folder, disk)
    for number in range(tiles):
        cache.put((KEY[0], str(number) if number else KEY[1]), bytes([number % 256]) * 1000)
    await cache.close()
    (path,) = packs(folder) - before
    return path


def packs(folder: Path) -> set[Path]:
    return {path for path in folder.glob("*/*") if path.is_file()}


async def test_a_tile_survives_a_restart(tmp_path: Path) -> None:
    path = await kept(tmp_path)
    again = TileCache(tmp_path, 1 << 20)
    assert again.get(KEY) is None
    assert await again.load(KEY) == bytes(1000)
    assert again.get(KEY) == bytes(1000)
    assert path.stat().st_mode & 0o077 == 0


async def test_many_tiles_lie_in_one_file_and_each_comes_back(tmp_path: Path) -> None:
    await kept(tmp_path, tiles=100)
    again = TileCache(tmp_path, 1 << 20)
    for number in range(1, 100):
        assert await again.load((KEY[0], str(number))) == bytes([number]) * 1000


async def test_what_was_altered_is_dropped_and_made_anew(tmp_path: Path) -> None:
    for place in (0, 17, 21, HEAD.size, HEAD.size + 999):
        path = await kept(tmp_path)
        data = bytearray(path.read_bytes())
        data[place] ^= 1
        path.write_bytes(data)
        cache = TileCache(tmp_path, 1 << 20)
        assert await cache.load(KEY) is None
        cache.put(KEY, b"anew")
        await cache.close()
        assert await TileCache(tmp_path, 1 << 20).load(KEY) == b"anew"
        for left in packs(tmp_path):
            left.unlink()


async def test_of_what_was_cut_the_whole_tiles_are_left(tmp_path: Path) -> None:
    path = await kept(tmp_path, tiles=3)
    data = path.read_bytes()
    for end in (len(data) - 1, len(data) - 1000, len(data) - 1001, len(data) - 1000 - HEAD.size):
        path.write_bytes(data[:end])
        cache = TileCache(tmp_path, 1 << 20)
        assert await cache.load((KEY[0], "1")) == b"\1" * 1000
        assert await cache.load((KEY[0], "2")) is None


async def test_another_process_of_the_machine_sees_what_was_made_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, making = TileCache(tmp_path, 1 << 20), TileCache(tmp_path, 1 << 20)
    for number, key in enumerate((KEY, OTHER)):
        assert await reading.load(key) is None
        making.put(key, bytes([number]))
        await making.close()
        monkeypatch.setattr(tile_packs, "LOOK_AGAIN", 0)
        assert await reading.load(key) == bytes([number])
    assert len(packs(tmp_path)) == 1


async def test_one_process_writes_on_when_another_swept_its_pack_away(tmp_path: Path) -> None:
    cache = TileCache(tmp_path, 1 << 20)
    for key in (KEY, OTHER):
        cache.put(key, key[1].encode())
        await cache.close()
        for path in packs(tmp_path):
            path.unlink()
    cache.put(KEY, b"again")
    await cache.close()
    assert await TileCache(tmp_path, 1 << 20).load(KEY) == b"again"


async def test_a_full_pack_is_followed_by_another(tmp_path: Path) -> None:
    cache = TileCache(tmp_path, 64 * 2000)
    for number in range(5):
        cache.put((KEY[0], str(number)), bytes([number]) * 1000)
        await cache.close()
    assert sorted(path.stat().st_size // 1000 for path in packs(tmp_path)) == [1, 2, 2]
    again = TileCache(tmp_path, 1 << 20)
    assert [await again.load((KEY[0], str(number))) for number in range(5)] == [bytes([n]) * 1000 for n in range(5)]


async def test_another_slide_has_none_of_its_tiles(tmp_path: Path) -> None:
    await kept(tmp_path)
    assert await TileCache(tmp_path, 1 << 20).load(("01hz0000000000000000000001/files", KEY[1])) is None


async def test_the_tiles_of_a_slide_go_with_it(tmp_path: Path) -> None:
    there, gone = KEY[0][:26], "01hz0000000000000000000001"
    storage = LocalStorage(tmp_path / "storage")
    cache = TileCache(tmp_path / "cache", 1 << 20)
    for slide in (there, gone):
        (storage.root / slide / "files").mkdir(parents=True)
        (storage.root / slide / "files" / "slide.svs").write_bytes(b"glass")
        cache.put((f"{slide}/files", KEY[1]), b"tile")
    await cache.close()
    await cache.forget_gone(storage)
    assert await cache.slides() == [there, gone]
    await storage.delete(gone)
    other = tmp_path / "cache" / "$RECYCLE.BIN"  # comes before the slides
    other.mkdir()
    await cache.forget_gone(storage)
    assert await cache.slides() == [other.name, there]
    other.rmdir()
    assert cache.get((f"{there}/files", KEY[1])) == b"tile"
    assert cache.get((f"{gone}/files", KEY[1])) is None
    shutil.rmtree(storage.root)  # a disk that is not mounted is no erasure
    await cache.forget_gone(storage)
    assert await cache.slides() == [there]
    await storage.close()
    assert [path.parent.name for path in (tmp_path / "cache").rglob("*/*") if path.is_file()] == [there]


async def test_the_least_recently_used_go_when_the_folder_is_full(tmp_path: Path) -> None:
    made = [await kept(tmp_path) for _ in range(30)]
    for age, path in enumerate(made):
        os.utime(path, (path.stat().st_mtime - age * 10,) * 2)
    sweep(tmp_path, 20_000)
    left = [path for path in made if path.exists()]
    assert left == made[: len(left)]
    assert 15 <= len(left) <= 18


async def test_the_folder_never_grows_far_beyond_what_it_may(tmp_path: Path) -> None:
    limit = 100_000
    cache = TileCache(tmp_path, limit)
    for number in range(400):
        cache.put((KEY[0], str(number)), bytes(1000))
        if number % 10 == 0:
            await cache.close()
    assert sum(path.stat().st_size for path in packs(tmp_path)) < limit * 1.2


async def test_tiles_of_more_slides_than_are_remembered_are_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_packs, "ENTRIES", 3)
    monkeypatch.setattr(tile_packs, "LOOK_AGAIN", 0.0)
    cache = TileCache(tmp_path, 1 << 20, memory=1)
    keys = [(f"01hz000000000000000000000{slide}/files", str(tile)) for slide in range(4) for tile in range(2)]
    for _ in range(2):
        for number, key in enumerate(keys):
            cache.put(key, b"%d" % number * 10)
        await cache.close()
    for number, key in enumerate(keys):
        assert await cache.load(key) == b"%d" % number * 10


async def test_what_nobody_wanted_for_a_month_goes(tmp_path: Path) -> None:
    old, new = await kept(tmp_path, tiles=2), await kept(tmp_path)
    used = new.stat().st_mtime
    os.utime(old, (used - MONTH - 1,) * 2)
    os.utime(new, (used - MONTH + HOUR,) * 2)
    assert await TileCache(tmp_path, 1 << 20).load(KEY) is not None
    assert new.stat().st_mtime >= used
    sweep(tmp_path, 1 << 20)
    assert (old.exists(), new.exists()) == (False, True)


async def test_without_a_folder_memory_alone_is_bounded() -> None:
    cache = TileCache(memory=2500)
    for name in "abc":
        cache.put(("slide", name), bytes(1000))
    cache.put(("slide", "c"), bytes(1000))
    assert [cache.get(("slide", name)) is not None for name in "abc"] == [False, True, True]
    assert await cache.load(("slide", "a")) is None
    await cache.close()


async def test_a_disk_that_does_not_take_it_costs_nothing_but_the_tile(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = TileCache(tmp_path / "file" / "below", 1 << 20)
    cache.put(KEY, b"tile")
    await cache.close()
    assert cache.get(KEY) == b"tile"


async def test_two_who_look_at_large_slides_do_not_have_the_packs_looked_through_for_each_tile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_packs, "ENTRIES", 3)
    known = TilePacks(tmp_path, 1 << 20)
    for slide in "ab":
        await known.add(slide, [(mark(str(tile)), b"tile") for tile in range(3)])
    looked = [known._slides[slide].looked_at for slide in "ab"]
    for tile in range(3):
        for slide in "ab":
            assert await known.load(slide, mark(str(tile))) == b"tile"
    assert [known._slides[slide].looked_at for slide in "ab"] == looked
    monkeypatch.setattr(tile_packs, "LOOK_AGAIN", 0.0)
    await known.add("c", [(mark("0"), b"tile")])
    assert set(known._slides) == {"c"}
    assert await known.load("a", mark("0")) == b"tile"
