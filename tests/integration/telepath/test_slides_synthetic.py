from itertools import pairwise
from pathlib import Path

import numpy as np
import openslide
import pytest

from telepath.slides import colour, tile_index
from telepath.slides.inspection import inspect
from telepath.slides.profile import State
from telepath.slides.readers import open_reader
from telepath.slides.synthetic import halve, levels_for, write_slide
from telepath.slides.synthetic_fluorescence import CHANNELS, MPP, PLANES, SPACING, write_fluorescence
from telepath.slides.synthetic_profile import scanner_profile
from telepath.slides.synthetic_tissue import Kind, Scene
from telepath.slides.tile_index import Source


@pytest.fixture(scope="module", params=list(Kind))
def scene(request: pytest.FixtureRequest) -> Scene:
    return Scene(8192, 6144, 398, request.param)


async def test_a_generated_slide_is_one_that_every_reader_opens(tmp_path: Path) -> None:
    path = tmp_path / "slide.tiff"
    shares: list[float] = []
    await write_slide(path, width=2300, height=1500, seed=7, progress=shares.append)
    assert shares[-1] == 1
    assert all(one < other for one, other in pairwise(shares))
    with openslide.OpenSlide(path) as slide:
        assert slide.dimensions == (2300, 1500)
        assert float(slide.properties[openslide.PROPERTY_NAME_MPP_X]) == pytest.approx(0.25, rel=1e-3)
        finest = np.asarray(slide.read_region((0, 0), 0, (2048, 1024)).convert("RGB"), np.int16)
        halved = np.asarray(slide.read_region((0, 0), 1, (1024, 512)).convert("RGB"), np.int16)
        assert np.abs(halve(finest.astype(np.uint8)).astype(np.int16) - halved).mean() < 4
    found = inspect(tmp_path, path.name)
    assert found.source is Source.PASSTHROUGH
    assert [level.downsample for level in found.pyramid.levels] == pytest.approx([1, 2, 4, 8, 16], rel=0.01)
    index = tile_index.load(found.index)
    data = path.read_bytes()
    finest_level = found.pyramid.levels[0]
    places = [index.locate(0, c, r) for r in range(finest_level.rows) for c in range(finest_level.columns)]
    assert len({data[place.offset : place.offset + place.length] for place in places}) == len(places)


async def test_the_same_seed_gives_the_same_slide(tmp_path: Path) -> None:
    pictures = set()
    for name in ("one", "two"):
        await write_slide(tmp_path / name, width=1024, height=1024, seed=3)
        with openslide.OpenSlide(tmp_path / name) as slide:
            pictures.add(slide.read_region((0, 0), 0, (1024, 1024)).tobytes())
    assert len(pictures) == 1


async def test_a_generation_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def stop(_share: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_slide(tmp_path / "slide.tiff", width=1024, height=1024, seed=3, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_tissue_has_the_colours_of_its_stain_and_glass_is_light(scene: Scene) -> None:
    glass = scene.render(0, 0, 512)
    assert glass.min() > 225
    tissue = scene.render(8192 // 2, 6144 // 2, 1024).reshape(-1, 3).astype(float)
    red, green, blue = tissue.mean(0)
    assert red > blue > green  # pink to purple
    assert np.quantile(tissue[:, 1], 0.02) < 120  # nuclei
    assert tissue.std() > 20


def test_blocks_fit_together_wherever_they_are_cut(scene: Scene) -> None:
    whole = scene.render(3072, 2048, 1024).astype(np.int16)
    moved = scene.render(3072 + 512, 2048, 1024).astype(np.int16)
    difference = np.abs(whole[:, 512:] - moved[:, :512]).max(axis=2)
    assert (difference > 24).mean() < 0.001  # but for the grain of the camera


def test_levels_are_halved_until_one_tile_holds_the_slide() -> None:
    levels = levels_for(46_080, 33_792)
    assert [level.downsample for level in levels] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert (levels[-1].columns, levels[-1].rows) == (1, 1)


async def test_a_generated_fluorescence_slide_has_channels_and_planes_of_which_each_is_sharp_elsewhere(
    tmp_path: Path,
) -> None:
    path = tmp_path / "slide.ome.tiff"
    await write_fluorescence(path, 7)
    found = inspect(tmp_path, path.name)
    assert [(one.name, one.colour) for one in found.channels] == list(CHANNELS)
    assert (found.planes, found.plane_spacing, found.mpp) == (PLANES, SPACING, MPP)
    assert found.thumbnail is not None
    reader = open_reader(path)
    width, height = found.pyramid.width, found.pyramid.height
    planes = [reader.pixels(0, 0, 0, width, height, z=z, channel=1).astype(float) for z in range(PLANES)]
    reader.close()
    sharpness = [float(np.abs(np.diff(plane[:, ::4])).mean()) for plane in planes]
    assert max(range(PLANES), key=sharpness.__getitem__) == PLANES // 2
    assert sharpness[0] < sharpness[1] < sharpness[2]


async def test_a_generated_slide_says_the_colours_of_its_scanner(tmp_path: Path) -> None:
    await write_slide(tmp_path / "slide.tiff", width=512, height=512, seed=3, profile=scanner_profile())
    found = inspect(tmp_path, "slide.tiff")
    assert (found.source, found.profile.state) == (Source.PASSTHROUGH, State.APPLIED)
    assert found.profile.name == "telepath demonstration scanner"
    white = np.full((1, 1, 3), 255, np.uint8)
    assert np.array_equal(colour.shown(scanner_profile(), white), white)
