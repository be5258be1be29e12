"""Made tiles are kept in memory and in a folder: bounded, whole, and no longer than their slide."""

import os
import shutil
from pathlib import Path

from telepath.slides.tile_cache import HOUR, MONTH, TileCache, sweep
from telepath.storage_local import LocalStorage

KEY = ("01hz0000000000000000000000/files", "2-1_1_z0_c0.jpeg")


async def kept(folder: Path, *, tiles: int = 1, disk: int = 1 << 20) -> list[Path]:
    """The files of so many tiles of 1000 bytes."""
    cache = TileCache(folder, disk)
    for number in range(tiles):
        cache.put((KEY[0], str(number) if number else KEY[1]), bytes([number % 256]) * 1000)
    await cache.close()
    return [path for path in folder.rglob("*/*") if path.is_file()]


async def test_a_tile_survives_a_restart(tmp_path: Path) -> None:
    (path,) = await kept(tmp_path)
    again = TileCache(tmp_path, 1 << 20)
    assert again.get(KEY) is None
    assert await again.load(KEY) == bytes(1000)
    assert again.get(KEY) == bytes(1000)
    assert path.stat().st_mode & 0o077 == 0


async def test_what_was_altered_or_cut_is_dropped_and_made_anew(tmp_path: Path) -> None:
    for damage in (lambda data: data[:-1] + b"x", lambda data: data[:100], lambda _: b""):
        (path,) = await kept(tmp_path)
        path.write_bytes(damage(path.read_bytes()))
        assert await TileCache(tmp_path, 1 << 20).load(KEY) is None
        assert not path.exists()


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
    await cache.forget_gone(storage)
    assert await cache.slides() == [there]
    assert cache.get((f"{there}/files", KEY[1])) == b"tile"
    assert cache.get((f"{gone}/files", KEY[1])) is None
    shutil.rmtree(storage.root)  # a disk that is not mounted is no erasure
    await cache.forget_gone(storage)
    assert await cache.slides() == [there]
    await storage.close()
    assert [path.parent.name for path in (tmp_path / "cache").rglob("*/*") if path.is_file()] == [there]


async def test_the_least_recently_used_go_when_the_folder_is_full(tmp_path: Path) -> None:
    files = await kept(tmp_path, tiles=30)
    for age, path in enumerate(files):
        os.utime(path, (path.stat().st_mtime - age * 10,) * 2)
    sweep(tmp_path, 20_000)
    left = [path for path in files if path.exists()]
    assert left == files[: len(left)]
    assert 15 <= len(left) <= 18


async def test_what_nobody_wanted_for_a_month_goes_and_what_a_killed_process_left(tmp_path: Path) -> None:
    old, new = await kept(tmp_path, tiles=2)
    os.utime(old, (old.stat().st_mtime - MONTH - 1,) * 2)
    partial = new.with_name(".partial-0")
    partial.write_bytes(b"half")
    os.utime(partial, (new.stat().st_mtime - HOUR - 1,) * 2)
    sweep(tmp_path, 1 << 20)
    assert (old.exists(), new.exists(), partial.exists()) == (False, True, False)


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
