"""A node whose slides lie in a bucket: ingested there, and its tiles are those of local storage, byte for byte."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from telepath import s3_address
from telepath.errors import Conflict, SlideUnsupported
from telepath.slides import catalogue, ingest
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from telepath.storage_s3 import S3Storage
from tests import slides_s3
from tests.anchors import SeaweedFS
from tests.builders_mirax import write_mirax
from tests.builders_slides import write_svs
from tests.tile_lane import KEY, Lane
from web.tiles import TileService

GIVEN = {"aperio": "aperio/CMU-1-Small-Region.svs", "mirax": "crafted/mirax/HE-mirax.mrxs"}


def path_of(name: str, real_slides: Path | None, folder: Path) -> Path:
    """A real slide where there is one; else one that is stored in tiles for aperio, and one that must be decoded for mirax."""
    if real_slides is not None and (real_slides / GIVEN[name]).exists():
        return real_slides / GIVEN[name]
    return write_svs(folder / "made.svs", width=2000, height=1500) if name == "aperio" else write_mirax(folder)


@dataclass
class Node:
    tiles: TileService
    browser: httpx2.AsyncClient
    lane: Lane

    async def every_tile(self, slide: Slide) -> dict[str, tuple[int, str]]:
        """Place of each tile → status, and digest of its bytes."""
        self.lane.slide = slide
        cookie = self.tiles.mint_cookie(await self.lane.open(self.lane.owner))
        found = {}
        for number, level in enumerate(slide.pyramid.levels):
            for row in range(level.rows):
                for column in range(level.columns):
                    place = f"{number}/{column}_{row}"
                    answer = await self.browser.get(
                        f"/slides/{slide.id}/tiles/{place}", headers={"cookie": f"{cookie.name}={cookie.value}"}
                    )
                    found[place] = answer.status_code, hashlib.sha256(answer.content).hexdigest()
        return found


async def add(lane: Lane, storage: Storage, decoders: DecoderPool, path: Path, *, once: bool = False) -> Slide:
    return await ingest.add(
        lane.db,
        storage,
        decoders,
        lane.owner,
        path,
        case_id=lane.slide.case_id,
        institution_id=lane.owner.institution_id,
        once=once,
    )


@pytest.mark.parametrize("name", GIVEN)
async def test_tiles_from_a_bucket_are_those_of_a_folder(
    lane: Lane, s3: SeaweedFS, bucket: str, real_slides: Path | None, tmp_path: Path, name: str
) -> None:
    path = path_of(name, real_slides, tmp_path)
    here = await add(lane, lane.storage, lane.decoders, path)
    expected = await Node(lane.tiles, lane.browser, lane).every_tile(here)
    assert {status for status, _ in expected.values()} <= {200, 404}, "404: nothing was scanned there"

    ingesting = slides_s3.opened(s3, bucket, tmp_path / "ingesting")
    async with DecoderPool(ingesting, 1) as decoders:
        there = await add(lane, ingesting, decoders, path)
    await ingesting.close()
    assert there.digest == here.digest

    storage: S3Storage = slides_s3.opened(s3, bucket, tmp_path / "staged")  # another node
    async with DecoderPool(storage, 1) as decoders:
        tiles = TileService(lane.db, storage, decoders, KEY, lane.bus, clock=lane.time, monotonic=lane.tick)
        transport = httpx2.ASGITransport(tiles)
        async with tiles, httpx2.AsyncClient(transport=transport, base_url="http://test") as browser:
            assert await Node(tiles, browser, lane).every_tile(there) == expected
    staged = [found for found in (tmp_path / "staged").rglob("*") if found.is_file() and found.suffix != ".lock"]
    if name == "aperio":
        assert staged == [], "ranges come straight from the bucket"
    else:
        assert sum(found.stat().st_size for found in staged) == there.bytes
    await storage.delete(there.folder)
    assert await storage.names(there.folder) == []
    assert list((tmp_path / "staged").iterdir()) == []
    assert await storage.names(catalogue.files_key(there.folder)) == []
    await storage.close()


async def test_a_slide_goes_to_the_bucket_once_and_is_not_fetched_to_be_looked_at(
    lane: Lane, s3: SeaweedFS, bucket: str, tmp_path: Path
) -> None:
    path = write_svs(tmp_path / "made.svs")
    with path.open("ab") as file:
        file.write(bytes(4_000_000))
    size, small = path.stat().st_size, 400_000
    (tmp_path / "page.svs").write_bytes(b"<html>" * (size // 6))
    async with slides_s3.line(s3, bucket) as (line, address):
        storage = S3Storage(s3_address.read(address), tmp_path / "staged", 10**9)
        async with DecoderPool(storage, 1) as decoders:
            there = await add(lane, storage, decoders, path)
            assert size < line.up < size + small
            assert line.down < small
            async with storage.fetch(catalogue.files_key(there.folder)):
                pass
            assert line.down < small, "what was sent is at hand"
            sent = line.up
            with pytest.raises(SlideUnsupported):
                await add(lane, storage, decoders, tmp_path / "page.svs")
            with pytest.raises(Conflict):
                await add(lane, storage, decoders, path, once=True)
            assert line.up < sent + small, "what is refused is not sent at all"
        await storage.close()
