"""What every storage promises: a local folder, and a bucket of a real S3."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from telepath.errors import NotFound, Unavailable
from telepath.storage import Storage
from telepath.storage_local import LocalStorage
from tests import slides_s3
from tests.anchors import S3, s3_server


@pytest.fixture(params=["local", "s3"])
async def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Storage]:
    made: Storage
    if request.param == "local":
        made = LocalStorage(tmp_path / "storage")
    else:
        server: S3 = request.getfixturevalue("s3")
        slides_s3.credentials(monkeypatch)
        made = slides_s3.opened(server, slides_s3.made_bucket(server), tmp_path / "staged")
    yield made
    await made.close()


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
    """Where only a folder can be put to the test."""
    return LocalStorage(tmp_path / "storage")


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


async def test_what_arrives_is_looked_at_before_it_is_kept(storage: Storage) -> None:
    async with storage.arriving("slide/files", 10) as coming:
        assert await coming.put("a.mrxs", chunks(b"01", b"23")) == 4
        assert await coming.put("a/1.dat", chunks(b"456789")) == 6
        assert (coming.path / "a.mrxs").read_bytes() == b"0123"
        assert (coming.path / "a" / "1.dat").read_bytes() == b"456789"
        await coming.keep()
    assert await storage.read("slide/files/a/1.dat", 1, 3) == b"567"
    async with storage.fetch("slide/files") as path:
        assert (path / "a.mrxs").read_bytes() == b"0123"
        assert (path / "a" / "1.dat").read_bytes() == b"456789"


async def test_what_arrives_and_is_not_kept_is_gone(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        async with storage.arriving("slide/files", 4) as coming:
            await coming.put("a.svs", chunks(b"0123"))
            raise KeyError
    assert await storage.names("slide/files") == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../a", "a/../../b", "", "a//b", "/a", "a\0b"])
async def test_what_arrives_lies_nowhere_else(storage: Storage, tmp_path: Path, name: str) -> None:
    async with storage.arriving("slide/files", 1) as coming:
        with pytest.raises(NotFound):
            await coming.put(name, chunks(b"x"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
    assert await storage.names("a") == []
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


async def test_a_link_in_the_folder_is_not_followed(local: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    await local.put_stream("a/b", chunks(b"x"))
    os.symlink(tmp_path / "secret", tmp_path / "storage" / "a" / "c")
    with pytest.raises(Unavailable):
        await local.read("a/c", 0, 6)
    await local.close()


async def test_many_objects_are_read_with_few_open_files(storage: Storage) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(300):
        await storage.put_stream(f"many/{number}", chunks(b"%d" % number))
    for number in range(300):
        assert await storage.read(f"many/{number}", 0, 9) == b"%d" % number
    assert len(os.listdir("/proc/self/fd")) - before < 280


class Fragile(NamedTuple):
    """A storage, and what takes it away and brings it back."""

    storage: Storage
    away: Callable[[], object]
    back: Callable[[], object]


@pytest.fixture(params=["local", "s3"])
async def fragile(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Fragile]:
    with ExitStack() as stack:
        made: Storage
        if request.param == "local":
            there, elsewhere = tmp_path / "storage", tmp_path / "away"
            made = LocalStorage(there)
            yield Fragile(made, lambda: there.rename(elsewhere), lambda: elsewhere.rename(there))
        else:
            (tmp_path / "server").mkdir()
            server = stack.enter_context(s3_server(tmp_path / "server"))
            slides_s3.credentials(monkeypatch)
            made = slides_s3.opened(server, slides_s3.made_bucket(server), tmp_path / "staged")
            yield Fragile(made, server.stop, server.start)
        await made.close()


async def test_a_storage_that_is_away_is_unavailable_and_not_empty(fragile: Fragile) -> None:
    storage = fragile.storage
    await storage.put_stream("a/b", chunks(b"kept"))
    fragile.away()
    for ask in (storage.read("a/b", 0, 4), storage.size("a/b"), storage.names("a")):
        with pytest.raises(Unavailable):
            await ask
    with pytest.raises(Unavailable):
        async with storage.fetch("a"):
            raise AssertionError("nothing to fetch")
    fragile.back()
    assert await _read_at_last(storage) == b"kept"


async def _read_at_last(storage: Storage) -> bytes:
    """A server that has just started may know its volumes a moment later."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await storage.read("a/b", 0, 4)
            except Unavailable:
                await asyncio.sleep(0.1)
