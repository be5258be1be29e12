"""What every storage promises. Local folder now; another implementation joins the parameters."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telepath.errors import NotFound, Unavailable
from telepath.storage import Storage
from telepath.storage_local import LocalStorage


@pytest.fixture(params=["local"])
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    made = LocalStorage(tmp_path / "storage")
    yield made
    await made.close()


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_what_was_put_is_read_in_ranges(storage: Storage) -> None:
    assert await storage.put_stream("slide/files/a.svs", chunks(b"0123", b"", b"456789")) == 10
    assert await storage.size("slide/files/a.svs") == 10
    assert await storage.read("slide/files/a.svs", 3, 4) == b"3456"
    assert await storage.read("slide/files/a.svs", 8, 100) == b"89"
    assert await storage.read("slide/files/a.svs", 50, 1) == b""


async def test_what_is_read_now_is_right_or_not_given(storage: Storage) -> None:
    await storage.put_stream("a/b", chunks(b"0123456789"))
    await storage.read("a/b", 0, 10)
    assert storage.read_now("a/b", 2, 3) in (b"234", None)
    assert storage.read_now("a/b", 8, 5) is None
    assert storage.read_now("a/absent", 0, 1) is None


async def test_an_object_that_is_put_again_is_read_anew(storage: Storage) -> None:
    await storage.put_stream("a/b", chunks(b"old"))
    assert await storage.read("a/b", 0, 3) == b"old"
    await storage.put_stream("a/b", chunks(b"new"))
    assert storage.read_now("a/b", 0, 3) in (b"new", None)
    assert await storage.read("a/b", 0, 3) == b"new"


async def test_a_stream_that_breaks_leaves_nothing(storage: Storage, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(Unavailable):
        await storage.put_stream("a/b", broken())
    with pytest.raises(NotFound):
        await storage.size("a/b")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_path_is_lent_to_an_object_and_to_a_folder(storage: Storage) -> None:
    await storage.put_stream("a/files/b", chunks(b"0123"))
    async with storage.fetch("a/files/b") as path:
        assert path.read_bytes() == b"0123"
    async with storage.fetch("a/files") as path:
        assert [one.name for one in path.iterdir()] == ["b"]


async def test_a_folder_is_deleted_with_all_it_holds(storage: Storage) -> None:
    for key in ("a/files/b", "a/files/c", "a/index", "ab/files/d"):
        await storage.put_stream(key, chunks(b"x"))
        await storage.read(key, 0, 1)
    await storage.delete("a")
    await storage.delete("a")
    for key in ("a/files/b", "a/files/c", "a/index"):
        with pytest.raises(NotFound):
            await storage.read(key, 0, 1)
        assert storage.read_now(key, 0, 1) is None
    assert await storage.read("ab/files/d", 0, 1) == b"x"


async def test_what_lies_below_a_folder_is_named(storage: Storage) -> None:
    for key in ("a/files/b", "a/index", "a/c", "ab/d"):
        await storage.put_stream(key, chunks(b"x"))
    assert sorted(await storage.names("a")) == ["c", "files", "index"]
    assert await storage.names("absent") == []
    assert await storage.names("a/c") == []
    await storage.delete("a/c")
    assert sorted(await storage.names("a")) == ["files", "index"]


async def test_what_is_still_being_written_has_no_name(storage: Storage) -> None:
    async def seen() -> AsyncIterator[bytes]:
        yield b"half"
        assert await storage.names("a") == []

    await storage.put_stream("a/b", seen())
    assert await storage.names("a") == ["b"]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "..",
        "a/../b",
        "a//b",
        "a/",
        ".hidden",
        "a/.partial-1",
        "a\\b",
        "a\0b",
        "a\nb",
        "é",
        "x" * 300,
    ],
)
async def test_a_key_that_leads_elsewhere_is_not_found(storage: Storage, key: str) -> None:
    for ask in (
        storage.read(key, 0, 1),
        storage.size(key),
        storage.put_stream(key, chunks(b"x")),
        storage.names(key),
        storage.delete(key),
    ):
        with pytest.raises(NotFound):
            await ask
    assert storage.read_now(key, 0, 1) is None
    with pytest.raises(NotFound):
        async with storage.fetch(key):
            raise AssertionError


async def test_a_link_in_the_folder_is_not_followed(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    await storage.put_stream("a/b", chunks(b"x"))
    os.symlink(tmp_path / "secret", tmp_path / "storage" / "a" / "c")
    with pytest.raises(Unavailable):
        await storage.read("a/c", 0, 6)


async def test_many_objects_are_read_with_few_open_files(storage: Storage) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(300):
        await storage.put_stream(f"many/{number}", chunks(b"%d" % number))
    for number in range(300):
        assert await storage.read(f"many/{number}", 0, 9) == b"%d" % number
    assert len(os.listdir("/proc/self/fd")) - before < 280


async def test_a_storage_that_is_away_is_unavailable_and_not_empty(storage: Storage, tmp_path: Path) -> None:
    await storage.put_stream("a/b", chunks(b"kept"))
    (tmp_path / "storage").rename(tmp_path / "away")
    with pytest.raises(Unavailable):
        await storage.read("a/b", 0, 4)
    with pytest.raises(Unavailable):
        await storage.size("a/b")
    with pytest.raises(Unavailable):
        await storage.names("a")
    with pytest.raises(Unavailable):
        async with storage.fetch("a"):
            raise AssertionError("nothing to fetch")
    (tmp_path / "away").rename(tmp_path / "storage")
    assert await storage.read("a/b", 0, 4) == b"kept"
