"""What only a bucket has: keys, a server that goes away, uploads in parts, long listings, local copies. The promises of every
storage are in contract/test_storage.py."""

import asyncio
import hashlib
import logging
import resource
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from telepath import recent_ranges, s3_address, s3_download, s3_upload, storage_s3
from telepath.errors import NotFound, Unavailable
from telepath.s3_upload import PART, part_size
from telepath.storage_s3 import S3Storage
from tests import slides_s3
from tests.anchors import S3, SeaweedFS, s3_server
from tests.rooms import until

MEGABYTE = 1 << 20


pytestmark = pytest.mark.slow


@pytest.fixture
async def storage(s3: SeaweedFS, bucket: str, tmp_path: Path) -> AsyncIterator[S3Storage]:
    made = slides_s3.opened(s3, bucket, tmp_path / "staged")
    yield made
    await made.close()


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def many(count: int, size: int = MEGABYTE) -> AsyncIterator[bytes]:
    """As many different chunks."""
    for number in range(count):
        yield number.to_bytes(4, "big") * (size // 4)


async def test_objects_lie_below_the_prefix(s3: SeaweedFS, bucket: str, storage: S3Storage) -> None:
    await storage.put_stream("a/b", once(b"x"))
    assert slides_s3.objects(s3, bucket) == ["some/prefix/a/b"]


async def test_every_name_that_is_a_key_can_be_read(storage: S3Storage) -> None:
    name = "a/Lame 1 (2)+3,=@~-._.svs"
    await storage.put_stream(name, once(b"0123456789"))
    assert await storage.read(name, 2, 3) == b"234"
    assert await storage.names("a") == [name.removeprefix("a/")]
    async with storage.fetch("a") as path:
        assert [one.name for one in path.iterdir()] == [name.removeprefix("a/")]


@pytest.mark.parametrize(("key_id", "secret"), [(S3.KEY_ID, "another"), ("nobody", S3.SECRET)])
async def test_wrong_keys_are_refused_and_the_log_says_so(
    s3: SeaweedFS,
    bucket: str,
    storage: S3Storage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    key_id: str,
    secret: str,
) -> None:
    await storage.put_stream("a/b", once(b"x"))
    slides_s3.credentials(monkeypatch, key_id, secret)
    wrong = slides_s3.opened(s3, bucket, tmp_path / "other")
    with caplog.at_level(logging.WARNING):
        for ask in (wrong.read("a/b", 0, 1), wrong.size("a/b"), wrong.names("a"), wrong.put_stream("a/b", once(b"y"))):
            with pytest.raises(Unavailable):
                await ask
        for _ in range(3):
            with pytest.raises(Unavailable):
                async with wrong.fetch("a"):
                    raise AssertionError("fetched")
    await wrong.close()
    assert await storage.read("a/b", 0, 1) == b"x"
    said = [record.getMessage() for record in caplog.records if record.name == "telepath.storage_s3"]
    assert said, "the operator learns why"
    assert not any(secret in line or "some/prefix" in line for line in said)


async def test_a_bucket_that_is_not_there_is_unavailable_and_not_empty(
    s3: SeaweedFS, bucket: str, tmp_path: Path
) -> None:
    storage = slides_s3.opened(s3, "nowhere-at-all", tmp_path / "staged")
    # A PUT makes the bucket with this server, as with no other.
    for ask in (storage.read("a/b", 0, 1), storage.size("a/b"), storage.names("a"), storage.delete("a/b")):
        with pytest.raises(Unavailable):
            await ask
    await storage.close()


async def test_a_server_that_was_killed_has_all_that_was_acknowledged_and_is_back_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server").mkdir()
    slides_s3.credentials(monkeypatch)
    with s3_server(tmp_path / "server") as s3:
        storage = slides_s3.opened(s3, slides_s3.made_bucket(s3), tmp_path / "staged")
        await storage.put_stream("a/large", many(10))
        await storage.put_stream("a/small", once(b"small"))
        assert await storage.read("a/small", 0, 5) == b"small"
        s3.stop()
        with pytest.raises(Unavailable):
            await storage.read("a/small", 0, 5)
        with pytest.raises(Unavailable):
            await storage.put_stream("a/other", many(10))
        s3.start()
        async with asyncio.timeout(30):
            while True:
                try:
                    small, size = await storage.read("a/small", 0, 5), await storage.size("a/large")
                    break
                except Unavailable:  # its volumes report a moment later
                    await asyncio.sleep(0.1)
        assert (small, size) == (b"small", 10 * MEGABYTE)
        assert await storage.names("a") == ["large", "small"]
        await storage.close()


async def test_a_large_object_goes_in_parts_and_is_what_was_given(
    s3: SeaweedFS, bucket: str, storage: S3Storage
) -> None:
    size = 20 * MEGABYTE + 12345
    expected = hashlib.sha256()

    async def given() -> AsyncIterator[bytes]:
        left = size
        async for chunk in many(21, MEGABYTE):
            expected.update(chunk[:left])
            yield chunk[:left]
            left -= len(chunk[:left])

    assert await storage.put_stream("a/b", given()) == size
    assert await storage.size("a/b") == size
    got = hashlib.sha256()
    for offset in range(0, size, MEGABYTE):
        got.update(await storage.read("a/b", offset, MEGABYTE))
    assert got.digest() == expected.digest()
    assert await storage.read("a/b", PART - 2, 4) == (7).to_bytes(4, "big")[2:] + (8).to_bytes(4, "big")[:2]
    assert slides_s3.uploads(s3, bucket) == []


async def test_a_chunk_larger_than_a_part_is_cut(storage: S3Storage) -> None:
    data = bytes(range(256)) * (70 * 1024)
    assert await storage.put_stream("a/b", once(data)) == len(data) > 2 * PART
    assert await storage.read("a/b", 2 * PART - 2, 4) == b"\xfe\xff\x00\x01"


async def test_nothing_is_seen_of_an_object_before_it_is_whole(s3: SeaweedFS, bucket: str, storage: S3Storage) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        async for chunk in many(2 * PART // MEGABYTE + 1):
            yield chunk
        assert slides_s3.uploads(s3, bucket) == ["some/prefix/a/b"]
        assert await storage.names("a") == []
        with pytest.raises(NotFound):
            await storage.size("a/b")
        raise ConnectionResetError

    with pytest.raises(Unavailable):
        await storage.put_stream("a/b", breaks())
    assert slides_s3.uploads(s3, bucket) == slides_s3.objects(s3, bucket) == []


async def test_an_upload_that_is_taken_back_leaves_nothing(s3: SeaweedFS, bucket: str, storage: S3Storage) -> None:
    begun = asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        async for chunk in many(PART // MEGABYTE + 1):
            yield chunk
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(storage.put_stream("a/b", stalls()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slides_s3.uploads(s3, bucket) == slides_s3.objects(s3, bucket) == []


async def test_an_upload_that_somebody_else_ended_is_no_absent_object(
    s3: SeaweedFS, bucket: str, storage: S3Storage
) -> None:
    async def ended() -> AsyncIterator[bytes]:
        async for chunk in many(PART // MEGABYTE + 1):
            yield chunk
        (one,) = s3.owner.list_multipart_uploads(Bucket=bucket)["Uploads"]
        s3.owner.abort_multipart_upload(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"])

    with pytest.raises(Unavailable):
        await storage.put_stream("a/b", ended())
    assert slides_s3.objects(s3, bucket) == []


async def test_an_object_that_is_put_again_is_the_old_one_until_it_is_whole(storage: S3Storage) -> None:
    await storage.put_stream("a/b", once(b"old"))

    async def breaks() -> AsyncIterator[bytes]:
        async for chunk in many(PART // MEGABYTE + 1):
            yield chunk
        raise ConnectionResetError

    with pytest.raises(Unavailable):
        await storage.put_stream("a/b", breaks())
    assert await storage.read("a/b", 0, 9) == b"old"


async def test_a_large_stream_takes_little_memory(storage: S3Storage, tmp_path: Path) -> None:
    await storage.put_stream("warm/up", many(2 * PART // MEGABYTE))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await storage.put_stream("a/b", many(96))
    async with storage.fetch("a/b") as path:
        assert path.stat().st_size == 96 * MEGABYTE
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 4 * PART, f"{grown / MEGABYTE:.0f} MB"


def test_parts_grow_so_that_a_thousand_hold_a_slide_and_ten_thousand_a_terabyte() -> None:
    assert sum(part_size(number) for number in range(1, 1001)) > 30 * 10**9
    assert sum(part_size(number) for number in range(1, 10_001)) > 10**12
    assert max(part_size(number) for number in range(1, 10_001)) == s3_upload.LONGEST


async def test_more_than_a_thousand_names_are_listed_fetched_and_deleted(
    s3: SeaweedFS, bucket: str, storage: S3Storage
) -> None:

    def put(number: int) -> None:
        s3.owner.put_object(Bucket=bucket, Key=f"some/prefix/a/{number}", Body=b"x")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(1010)))
    s3.owner.put_object(Bucket=bucket, Key="some/prefix/ab", Body=b"x")
    assert len(await storage.names("a")) == 1010
    async with storage.fetch("a") as path:
        assert len(list(path.iterdir())) == 1010
    await storage.delete("a")
    assert await storage.names("a") == []
    assert slides_s3.objects(s3, bucket) == ["some/prefix/ab"]


async def test_what_is_no_key_in_the_bucket_has_no_name_and_is_not_copied(
    s3: SeaweedFS, bucket: str, storage: S3Storage
) -> None:
    for name in ("a/b", "a/.hidden", "a/é"):
        s3.owner.put_object(Bucket=bucket, Key=f"some/prefix/{name}", Body=b"x")
    assert await storage.names("a") == ["b"]
    async with storage.fetch("a") as path:
        assert [one.name for one in path.iterdir()] == ["b"]


async def test_all_readers_of_a_slide_share_one_copy(s3: SeaweedFS, storage: S3Storage, tmp_path: Path) -> None:
    await storage.put_stream("a/files/b", many(3))
    there = [entry for entry in (tmp_path / "staged").iterdir() if entry.is_dir()]
    assert there == [], "nothing is copied before somebody needs a file"

    async def read() -> tuple[Path, int]:
        async with storage.fetch("a/files") as path:
            return path, (path / "b").stat().st_ino

    assert len(set(await asyncio.gather(*(read() for _ in range(6))))) == 1


async def test_a_large_object_is_copied_in_several_ranges(storage: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_download, "STEP", MEGABYTE)
    await storage.put_stream("a/files/b", many(9))
    async with storage.fetch("a/files") as path:
        data = (path / "b").read_bytes()
    assert data == b"".join([number.to_bytes(4, "big") * (MEGABYTE // 4) for number in range(9)])


async def test_a_copy_of_what_was_deleted_or_replaced_is_lent_to_nobody(storage: S3Storage, tmp_path: Path) -> None:
    await storage.put_stream("a/files/b", once(b"old"))
    async with storage.fetch("a/files"):
        pass
    await storage.put_stream("a/files/b", once(b"new"))
    async with storage.fetch("a/files") as path:
        assert (path / "b").read_bytes() == b"new"
    await storage.delete("a")
    assert list((tmp_path / "staged").iterdir()) == []
    with pytest.raises(NotFound):
        async with storage.fetch("a/files"):
            raise AssertionError("lent what was deleted")


async def test_a_copy_of_what_another_node_deleted_goes_by_itself(
    s3: SeaweedFS, bucket: str, storage: S3Storage, tmp_path: Path
) -> None:
    await storage.put_stream("a/files/b", once(b"x"))
    await storage.put_stream("kept/files/b", once(b"x"))
    address = s3_address.read(slides_s3.address(s3, bucket))
    other = S3Storage(address, tmp_path / "other", 10**9, watch_every=0.05)
    async with other.fetch("a/files"), other.fetch("kept/files"):
        pass
    await storage.delete("a")
    await until(lambda: len([entry for entry in (tmp_path / "other").iterdir() if entry.is_dir()]) == 1)
    async with other.fetch("kept/files") as path:
        assert (path / "b").exists()
    await other.close()


async def test_an_upload_that_a_killed_node_left_is_aborted(
    s3: SeaweedFS, bucket: str, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.owner.create_multipart_upload(Bucket=bucket, Key="some/prefix/a/b")
    await storage.names("a")  # the watch begins
    assert slides_s3.uploads(s3, bucket) == ["some/prefix/a/b"], "another node may still be at it"
    monkeypatch.setattr(storage_s3, "ABANDONED", timedelta(seconds=-60))
    await storage._run(storage._abort_abandoned)
    assert slides_s3.uploads(s3, bucket) == []


async def test_an_address_whose_signature_is_refused_is_signed_anew(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storage.put_stream("a/b", once(b"0123"))
    monkeypatch.setattr(storage_s3, "SIGNED_FOR", -3600)
    target: Any = await storage._run(lambda: storage._sign("a/b"))
    storage._signed["a/b"] = target, float("inf")
    monkeypatch.undo()
    slides_s3.credentials(monkeypatch)
    assert await storage.read("a/b", 1, 2) == b"12"


async def test_a_range_that_was_read_is_in_memory_until_the_object_goes(storage: S3Storage) -> None:
    await storage.put_stream("a/b", once(b"0123456789"))
    assert storage.read_now("a/b", 2, 3) is None
    await storage.read("a/b", 2, 3)
    assert storage.read_now("a/b", 2, 3) == b"234"
    await storage.delete("a")
    assert storage.read_now("a/b", 2, 3) is None


async def test_no_more_ranges_are_kept_in_memory_than_there_is_room(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_ranges, "RECENT_BYTES", 10)
    monkeypatch.setattr(recent_ranges, "RECENT_LONGEST", 4)
    await storage.put_stream("a/b", once(b"0123456789" * 2))
    for offset in range(0, 16, 4):
        await storage.read("a/b", offset, 4)
    await storage.read("a/b", 0, 5)
    assert [storage.read_now("a/b", offset, 4) for offset in range(0, 16, 4)] == [None, None, b"8901", b"2345"]
    assert storage.read_now("a/b", 0, 5) is None


async def test_what_arrives_goes_over_the_line_once_and_comes_back_only_when_it_was_forgotten(
    s3: SeaweedFS, bucket: str, tmp_path: Path
) -> None:
    async with slides_s3.line(s3, bucket) as (line, address):
        storage = S3Storage(s3_address.read(address), tmp_path / "node", 10**9)
        async with storage.arriving("a/files", 20 * MEGABYTE) as coming:
            await coming.put("s.svs", many(20))
            await coming.put("s/small.dat", once(b"x" * 1000))
            assert line.up < MEGABYTE, "it is looked at first"
            await coming.keep()
        sent = line.up
        assert 20 * MEGABYTE < sent < 21 * MEGABYTE
        async with storage.fetch("a/files") as path:
            assert (path / "s.svs").stat().st_size == 20 * MEGABYTE
        assert line.down < MEGABYTE
        await asyncio.to_thread(storage._staging.forget, "a/files")
        async with storage.fetch("a/files") as path:
            assert (path / "s" / "small.dat").read_bytes() == b"x" * 1000
        assert line.down > 20 * MEGABYTE
        await storage.close()
