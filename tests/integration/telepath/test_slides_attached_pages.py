"""What people attach becomes pictures of our own, in a process that sees nothing else; traps are told from files."""

import asyncio
import io
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from telepath.errors import AttachmentUnreadable
from telepath.slides import decoder_pool
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import PAGES_LIMIT
from telepath.storage_local import LocalStorage
from tests.builders_attachments import RED, pdf, picture, pixels_of, secretive, slow_pdf


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[DecoderPool]:
    storage = LocalStorage(tmp_path)
    async with DecoderPool(storage, 2) as made:
        yield made
    await storage.close()


async def test_a_pdf_becomes_a_picture_of_each_page(pool: DecoderPool) -> None:
    drawn = await pool.pages(pdf(3))
    assert drawn.kind == "pdf"
    assert [(page.width, page.height) for page in drawn.pages] == [(1417, 1417)] * 3
    seen = pixels_of(drawn.pages[2].picture)
    assert tuple(seen[-500, 500]) == pytest.approx((255, 0, 0), abs=6)  # PDF counts upwards from the bottom
    assert tuple(seen[20, 20]) == (255, 255, 255)
    (poster,) = (await pool.pages(pdf(side=14_000))).pages
    assert (poster.width, poster.height) == (2000, 2000)


async def test_of_a_picture_nothing_comes_out_but_its_pixels_upright(pool: DecoderPool) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        secret = secretive(kind)
        assert b"MARTIN" in secret
        drawn = await pool.pages(secret)
        (page,) = drawn.pages
        assert drawn.kind == "picture"
        assert (page.width, page.height) == (48, 64)
        assert tuple(pixels_of(page.picture)[10, 10]) == pytest.approx(RED, abs=8)
        for trace in (b"MARTIN", b"script", b"EXIF", b"XMP", b"ICCP"):
            assert trace not in page.picture


async def test_pictures_of_every_depth_are_read_as_they_look(pool: DecoderPool) -> None:
    (clear,) = (await pool.pages(picture("PNG", mode="RGBA"))).pages
    assert tuple(pixels_of(clear.picture)[5, 5]) == pytest.approx(RED, abs=8)
    (deep,) = (await pool.pages(picture("TIFF", mode="I;16"))).pages
    assert pixels_of(deep.picture)[5, 5][0] == pytest.approx(30000 / 65535 * 255, abs=4)
    (ink,) = (await pool.pages(picture("JPEG", mode="CMYK"))).pages
    assert pixels_of(ink.picture)[5, 5][0] > 200
    pages = io.BytesIO()
    sheets = [Image.new("RGB", (30, 20 + number), RED) for number in range(3)]
    sheets[0].save(pages, "TIFF", save_all=True, append_images=sheets[1:])
    assert [page.height for page in (await pool.pages(pages.getvalue())).pages] == [20, 21, 22]
    (wide,) = (await pool.pages(picture("JPEG", (6000, 1500)))).pages
    assert (wide.width, wide.height) == (3000, 750)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(side: int = 30_000) -> bytes:
    """A few kilobytes that say they are 900 million pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


UNREADABLE = "error-attachment-unreadable"
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "locked with a password": (lambda: pdf(password="secret"), "error-attachment-locked"),
    "too many pages": (lambda: pdf(PAGES_LIMIT + 1), "error-attachment-pages"),
    "a picture of too many pixels": (huge_png, "error-attachment-pixels"),
    "a page of a web site": (lambda: b"<!doctype html><script>alert(1)</script>", UNREADABLE),
    "a web page that a PDF follows": (lambda: b"<script>alert(1)</script>" + pdf(), UNREADABLE),
    "a drawing with a script": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', UNREADABLE),
    "a GIF, which is not one of ours": (lambda: picture("GIF", mode="L"), UNREADABLE),
    "a program": (lambda: b"\x7fELF" + bytes(200), UNREADABLE),
    "nothing": (lambda: b"", UNREADABLE),
    "half a picture": (lambda: picture("PNG", (400, 400))[:400], UNREADABLE),
    "half a PDF": (lambda: pdf()[:120], UNREADABLE),
    "a PDF of noise": (lambda: b"%PDF-1.7\n" + np.random.default_rng(7).bytes(3000), UNREADABLE),
}


async def test_what_cannot_be_shown_is_refused_by_its_reason(pool: DecoderPool) -> None:
    async def told(made: Callable[[], bytes]) -> str:
        with pytest.raises(AttachmentUnreadable) as refused:
            await pool.pages(made())
        assert refused.value.params["field"] == "file"
        return refused.value.code

    answers = await asyncio.gather(*(told(made) for made, _ in REFUSED.values()))
    assert dict(zip(REFUSED, answers, strict=True)) == {what: code for what, (_, code) in REFUSED.items()}


async def test_a_file_that_is_two_things_is_shown_as_the_first_and_loses_the_second(pool: DecoderPool) -> None:
    (page,) = (await pool.pages(picture("PNG") + pdf() + b"PK\x03\x04 and a program")).pages
    assert (page.width, page.height) == (64, 48)
    assert b"%PDF" not in page.picture
    assert b"PK\x03\x04" not in page.picture


async def test_a_file_that_would_take_for_ever_is_given_up(pool: DecoderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_pool, "ATTACHMENT_SECONDS", 3.0)
    with pytest.raises(AttachmentUnreadable) as refused:
        await pool.pages(slow_pdf())
    assert refused.value.code == "error-attachment-too-heavy"
    assert (await pool.pages(pdf())).kind == "pdf"
