"""A ZIP that holds a slide: what it says is checked before a byte is unpacked, and not believed while they are."""

import io
import random
import stat
import struct
import threading
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from telepath.errors import Invalid, SlideUnreadable, TelepathError, Unavailable
from telepath.slides import archive
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from telepath.uploads import unpacking

END = struct.Struct("<4s4H2LH")
CENTRAL = b"PK\x01\x02"


@pytest.fixture
async def decoders(tmp_path: Path) -> AsyncIterator[DecoderPool]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as pool:
        yield pool
    await storage.close()


def zipped(path: Path, *names: str, data: bytes = b"some bytes of a slide", how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as made:
        for name in names:
            made.writestr(name, data)
    return path


def linked(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        link = zipfile.ZipInfo("a.svs")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    return path


def encrypted(path: Path) -> Path:
    data = bytearray(zipped(path, "a.svs").read_bytes())
    data[data.rindex(CENTRAL) + 8] |= 1
    path.write_bytes(data)
    return path


def overlapping(path: Path) -> Path:
    """Two names of the same bytes."""
    zipped(path, "a.svs", "b.svs", how=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.rindex(CENTRAL) + 42, 0)
    path.write_bytes(data)
    return path


def many(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for number in range(archive.ENTRIES + 1):
            made.writestr(f"{number}.dcm", b"")
    return path


def declared(path: Path, size: int) -> Path:
    """What its list says of the size is not so."""
    data = bytearray(zipped(path, "a.svs").read_bytes())
    struct.pack_into("<L", data, data.rindex(CENTRAL) + 24, size)
    path.write_bytes(data)
    return path


def with_a_list_of(path: Path, size: int) -> Path:
    """A list of so many bytes, nearly all of it nothing: a reader holds it in memory."""
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(END.pack(b"PK\x05\x06", 0, 0, 1, 1, min(size, 0xFFFFFFFE), 0, 0))
    return path


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: zipped(path, "../../a.svs"), "error-zip-name"),
        (lambda path: zipped(path, "/etc/a.svs"), "error-zip-name"),
        (lambda path: zipped(path, "a//b.svs"), "error-zip-name"),
        (lambda path: zipped(path, "..\\a.svs"), "error-zip-name"),
        (lambda path: zipped(path, "C:/a.svs"), "error-zip-name"),
        (lambda path: zipped(path, "a.svs", "A.SVS"), "error-zip-name"),
        (linked, "error-zip-name"),
        (encrypted, "error-zip-encrypted"),
        (overlapping, "error-zip-limit"),
        (many, "error-zip-limit"),
        (lambda path: zipped(path, "a.svs", data=bytes(20_000_000)), "error-zip-limit"),
        (lambda path: declared(path, 3 * 10**9), "error-zip-limit"),
        (lambda path: zipped(path, "a.svs", "b.zip"), "error-zip-nested"),
        (lambda path: zipped(path, "a.svs", how=zipfile.ZIP_LZMA), "error-zip-method"),
        (lambda path: zipped(path, "__MACOSX/a.svs", ".DS_Store", "x/Thumbs.db", "notes.txt"), "error-zip-empty"),
        (zipped, "error-zip-empty"),
        (lambda path: zipped(path, "a.svs", "b.svs"), "error-slide-several"),
        (lambda path: zipped(path, "a.mrxs"), "error-slide-companion-missing"),
        (lambda path: zipped(path, "a.vsi", "_a_/stack1/frame_t.ets"), "error-slide-vsi"),
        (lambda path: declared(path, 5), "error-zip-damaged"),
        (lambda path: declared(path, 500), "error-zip-damaged"),
        (lambda path: with_a_list_of(path, 3 * 10**9), "error-slide-unreadable"),
    ],
)
async def test_what_may_do_harm_is_refused_and_nothing_lies_elsewhere(
    decoders: DecoderPool, tmp_path: Path, make: Callable[[Path], Path], code: str
) -> None:
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in" / "slide.zip")
    with pytest.raises(TelepathError) as caught:
        await unpacking.unpack(decoders, path, tmp_path / "in" / "unpacked")
    assert caught.value.code == code
    assert isinstance(caught.value, SlideUnreadable | Invalid)
    assert {one.name for one in tmp_path.iterdir()} <= {"in", "storage"}
    assert {one.name for one in (tmp_path / "in").iterdir()} <= {"slide.zip", "unpacked"}


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
async def test_files_are_unpacked_under_names_of_ours(decoders: DecoderPool, tmp_path: Path, how: int) -> None:
    large = random.Random(1).randbytes(3_000_000) + bytes(3_000_000)
    path = tmp_path / "slide.zip"
    with zipfile.ZipFile(path, "w", how) as made:
        made.writestr("Zoé MARTIN/HE.mrxs", b"whole")
        made.mkdir("Zoé MARTIN/HE")
        made.writestr("Zoé MARTIN/HE/Slidedat.ini", b"[GENERAL]")
        made.writestr("Zoé MARTIN/HE/Data0000.dat", large)
        made.writestr("Zoé MARTIN/HE.jpg", b"preview")
        made.writestr("Zoé MARTIN/.DS_Store", b"noise")
    into = tmp_path / "unpacked"
    for _ in range(2):  # what an interrupted one left goes
        entry = await unpacking.unpack(decoders, path, into)
        assert entry == into / "slide.mrxs"
        found = {file.relative_to(into).as_posix(): file.read_bytes() for file in into.rglob("*") if file.is_file()}
        assert found == {"slide.mrxs": b"whole", "slide/Slidedat.ini": b"[GENERAL]", "slide/Data0000.dat": large}


@pytest.mark.parametrize("more", [0, 1, 5, 50, 100, 258])
async def test_a_file_is_whole_whose_end_waits_when_a_block_is_full(
    decoders: DecoderPool, tmp_path: Path, more: int
) -> None:
    data = b"ab" * (1 << 19) + b"ab" * more
    path = tmp_path / "slide.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        made.writestr("a.svs", data)
    entry = await unpacking.unpack(decoders, path, tmp_path / "unpacked")
    assert entry.read_bytes() == data


async def test_who_gives_up_leaves_no_thread_at_work(tmp_path: Path) -> None:
    path = zipped(tmp_path / "slide.zip", "a.svs", data=bytes(1 << 20), how=zipfile.ZIP_STORED)
    (member,) = archive.members(path)
    stopped = threading.Event()
    stopped.set()
    unpacking._extract(path, member, tmp_path / "a.svs", stopped)
    assert (tmp_path / "a.svs").stat().st_size == 0


async def test_an_altered_byte_is_noticed(decoders: DecoderPool, tmp_path: Path) -> None:
    path = zipped(tmp_path / "slide.zip", "a.svs", how=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"some bytes")] ^= 1
    path.write_bytes(data)
    with pytest.raises(SlideUnreadable) as caught:
        await unpacking.unpack(decoders, path, tmp_path / "unpacked")
    assert caught.value.code == "error-zip-damaged"


async def test_random_damage_never_does_more_than_be_refused(decoders: DecoderPool, tmp_path: Path) -> None:
    draw = random.Random(7)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("HE/1.dcm", draw.randbytes(400))
        made.writestr("HE/2.dcm", bytes(4000))
    for _ in range(60):
        data = bytearray(whole.getvalue())
        for _ in range(draw.randint(1, 4)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        (tmp_path / "slide.zip").write_bytes(data)
        try:
            entry = await unpacking.unpack(decoders, tmp_path / "slide.zip", tmp_path / "unpacked")
        except (SlideUnreadable, Invalid):
            continue
        assert entry.is_relative_to(tmp_path / "unpacked")
    assert {one.name for one in tmp_path.iterdir()} == {"slide.zip", "unpacked", "storage"}


async def test_a_disk_without_room_is_waited_for(
    decoders: DecoderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "SPARE", 1 << 60)
    with pytest.raises(Unavailable):
        await unpacking.unpack(decoders, zipped(tmp_path / "slide.zip", "a.svs"), tmp_path / "unpacked")
