"""CZI slides, whatever their compression, channels and planes."""

from pathlib import Path

import numpy as np
import pytest

from telepath.errors import SlideUnreadable, TelepathError
from telepath.slides.inspection import inspect
from telepath.slides.readers import open_reader
from telepath.slides.tile_index import Source
from tests.builders_czi import write_colour, write_fluorescence
from tests.builders_ome import light, picture


@pytest.mark.parametrize("compression", ["zstd1:ExplicitLevel=2", "zstd0:ExplicitLevel=2", "uncompressed:"])
def test_a_colour_czi_shows_the_pixels_that_were_written(tmp_path: Path, compression: str) -> None:
    path = write_colour(tmp_path / "slide.czi", compression=compression)
    found = inspect(tmp_path, path.name)
    assert (found.vendor, found.source, found.mpp) == ("zeiss", Source.DECODED, pytest.approx(0.5))
    assert (found.pyramid.width, found.pyramid.height) == (1500, 1000)
    reader = open_reader(path)
    assert np.array_equal(reader.pixels(0, 400, 300, 500, 400), picture(1500, 1000)[300:700, 400:900])
    reader.close()


def test_channels_and_planes_of_a_czi_are_found(tmp_path: Path) -> None:
    path = write_fluorescence(tmp_path / "slide.czi")
    found = inspect(tmp_path, path.name)
    assert [channel.name for channel in found.channels] == ["DAPI", "Cy5"]
    assert (found.planes, found.plane_spacing) == (3, pytest.approx(1.0))
    reader = open_reader(path)
    for z in range(3):
        for channel in range(2):
            shown = reader.pixels(0, 100, 50, 300, 200, z=z, channel=channel)
            assert np.array_equal(shown, light(900, 700, 1, channel, z)[50:250, 100:400])
    reader.close()


def test_what_lies_beyond_a_czi_is_white_never_black(tmp_path: Path) -> None:
    path = write_colour(tmp_path / "slide.czi", width=700, height=500)
    reader = open_reader(path)
    shown = reader.pixels(0, 650, 450, 100, 100)
    assert shown[60:, 60:].min() == 255
    reader.close()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_cut_czi_is_refused(tmp_path: Path, share: float) -> None:
    path = write_colour(tmp_path / "slide.czi")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(TelepathError) as refused:
        inspect(tmp_path, path.name)
    assert isinstance(refused.value, SlideUnreadable)
