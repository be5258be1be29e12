"""A service whose slides lie in a bucket: its backup leaves them there, and says which are missing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from telepath.storage_s3 import S3Storage
from tests import slides_s3
from tests.anchors import SeaweedFS
from tests.backups import PICTURE, Service, once
from web import checks
from web.backup import Made, Restored, backup, made_lines, restore, restored_lines
from web.findings import State
from web.settings import Settings
from web.words import Words


@dataclass
class Bucketed:
    """A service whose slide lies in a bucket, and an empty place that opens the same bucket."""

    service: Service
    there: Service
    storage: S3Storage
    url: str

    async def backed_up(self, target: Path) -> Made:
        settings = replace(self.service.settings, storage=self.url)
        return await backup(settings, self.storage, target, with_keys=True)

    async def brought_back(self, source: Path) -> Restored:
        return await restore(replace(self.there.settings, storage=self.url), self.storage, source)


@pytest.fixture
async def bucketed(
    service: Service, there: Service, s3: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bucketed]:
    slides_s3.credentials(monkeypatch)
    bucket = slides_s3.made_bucket(s3)
    storage = slides_s3.opened(s3, bucket, tmp_path / "staged")
    await storage.put_stream(f"{service.slide_id}/files/slide.tif", once(PICTURE[:100]))
    await storage.put_stream(f"{service.slide_id}/files/slide/1.dat", once(PICTURE[100:]))
    await storage.put_stream(f"{service.slide_id}/tiles.index", once(b"index"))
    yield Bucketed(service, there, storage, slides_s3.address(s3, bucket))
    await storage.close()


async def test_slides_in_a_bucket_are_left_there_and_found_again(bucketed: Bucketed, tmp_path: Path) -> None:
    made = await bucketed.backed_up(tmp_path / "backup")
    assert made.complete
    assert made.manifest.slides == 1
    assert made.manifest.slides_in == bucketed.url
    assert not (tmp_path / "backup" / "slides").exists()
    assert not any((tmp_path / "staged").iterdir()), "nothing was copied to this machine"
    assert any("bucket" in line for line in made_lines(made, Words()("en")))
    restored = await bucketed.brought_back(tmp_path / "backup")
    assert restored.complete
    assert await bucketed.storage.size(f"{bucketed.service.slide_id}/files/slide.tif") == 100


@pytest.mark.parametrize("name", ["files/slide.tif", "files/slide/1.dat", "tiles.index"])
async def test_a_slide_that_is_not_whole_in_its_bucket_is_named(bucketed: Bucketed, tmp_path: Path, name: str) -> None:
    slide_id = bucketed.service.slide_id
    await bucketed.backed_up(tmp_path / "good")
    await bucketed.storage.delete(f"{slide_id}/{name}")
    made = await bucketed.backed_up(tmp_path / "backup")
    assert made.manifest.damaged == (slide_id,)
    restored = await bucketed.brought_back(tmp_path / "good")
    assert (restored.absent, restored.complete) == ((slide_id,), False)
    assert any(slide_id in line for line in restored_lines(restored, Words()("en")))


def bucket_of(s3: SeaweedFS, folder: Path) -> Settings:
    bucket = slides_s3.made_bucket(s3)
    (folder / "data").mkdir()
    return Settings(data=folder / "data", storage=slides_s3.address(s3, bucket))


async def test_a_bucket_in_good_order_passes_the_check(
    s3: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slides_s3.credentials(monkeypatch)
    settings = bucket_of(s3, tmp_path)
    (result,) = await checks.storage(settings)
    assert (result.state, result.code) == (State.OK, "operations-check-storage-good")
    monkeypatch.setattr(checks, "SPACE_WARNING", 1 << 60)
    (result,) = await checks.storage(settings)
    assert (result.state, result.code) == (State.WARNING, "operations-check-storage-staging-short")


async def test_a_bucket_that_refuses_the_key_fails_the_check(
    s3: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slides_s3.credentials(monkeypatch, secret="another")
    (result,) = await checks.storage(bucket_of(s3, tmp_path))
    assert (result.state, result.code) == (State.FAILED, "operations-check-storage-refused")
