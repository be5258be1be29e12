from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.errors import Invalid
from telepath.slides import deep_zoom, iiif
from telepath.slides.iiif import Format, Picture, Quality
from telepath.slides.pyramid import Level, Pyramid


def pyramid(width: int = 3000, height: int = 2000, tile: int = 256) -> Pyramid:
    return Pyramid(
        tuple(
            Level(
                width=-(-width // step), height=-(-height // step), downsample=step, tile_width=tile, tile_height=tile
            )
            for step in (1, 2, 4)
        )
    )


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("full", (0, 0, 3000, 2000)),
        ("square", (500, 0, 2000, 2000)),
        ("10,20,300,400", (10, 20, 300, 400)),
        ("2900,1900,500,500", (2900, 1900, 100, 100)),
        ("pct:10,20,50,25.5", (300, 400, 1500, 510)),
    ],
)
def test_regions_are_read(region: str, expected: tuple[int, ...]) -> None:
    found = iiif.read(pyramid(), region, "100,", "0", "default.jpg")
    assert (found.x, found.y, found.width, found.height) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("max", (1000, 500)),
        ("^max", (2048, 1024)),
        ("200,", (200, 100)),
        (",200", (400, 200)),
        ("pct:50", (500, 250)),
        ("300,400", (300, 400)),
        ("!300,400", (300, 150)),
        ("^1500,", (1500, 750)),
        ("^!1200,1200", (1200, 600)),
        ("^!9000,9000", (2048, 1024)),
        ("^pct:150", (1500, 750)),
    ],
)
def test_sizes_are_read(size: str, expected: tuple[int, int]) -> None:
    found = iiif.read(pyramid(), "0,0,1000,500", size, "0", "default.jpg")
    assert (found.across, found.down) == expected


@pytest.mark.parametrize(
    ("rotation", "expected"), [("0", (False, 0)), ("90", (False, 90)), ("!270", (True, 270)), ("360", (False, 0))]
)
def test_rotations_are_read(rotation: str, expected: tuple[bool, int]) -> None:
    found = iiif.read(pyramid(), "full", "500,", rotation, "gray.png")
    assert (found.mirrored, found.rotation) == expected
    assert (found.quality, found.format) == (Quality.GRAY, Format.PNG)


@pytest.mark.parametrize(
    "parts",
    [
        ("3000,0,10,10", "max", "0", "default.jpg"),
        ("0,0,0,10", "max", "0", "default.jpg"),
        ("pct:0,0,0,0", "max", "0", "default.jpg"),
        ("-1,0,5,5", "max", "0", "default.jpg"),
        ("full", "full", "0", "default.jpg"),
        ("0,0,100,100", "200,", "0", "default.jpg"),
        ("0,0,100,100", "pct:200", "0", "default.jpg"),
        ("0,0,100,100", "!200,300", "0", "default.jpg"),
        ("full", "^5000,", "0", "default.jpg"),
        ("full", ",", "0", "default.jpg"),
        ("full", "0,10", "0", "default.jpg"),
        ("full", "max", "45", "default.jpg"),
        ("full", "max", "-90", "default.jpg"),
        ("full", "max", "0", "native.jpg"),
        ("full", "max", "0", "default.tif"),
        ("full", "max", "0", "default"),
    ],
)
def test_what_cannot_be_is_refused(parts: tuple[str, str, str, str]) -> None:
    with pytest.raises(Invalid):
        iiif.read(pyramid(), *parts)


texts = st.text("0123456789,.:^!pctmaxfulsqre", max_size=30)


@given(texts, texts, texts, st.text("defaultjpgr.nwb", max_size=20))
def test_anything_is_read_within_bounds_or_refused(region: str, size: str, rotation: str, ending: str) -> None:
    try:
        found = iiif.read(pyramid(), region, size, rotation, ending)
    except Invalid:
        return
    assert 0 <= found.x < found.x + found.width <= 3000
    assert 0 <= found.y < found.y + found.height <= 2000
    assert 1 <= min(found.across, found.down) <= max(found.across, found.down) <= iiif.MAX_SIDE


def test_the_description_names_what_there_is() -> None:
    info: dict[str, Any] = iiif.info(pyramid(), "https://telepath.example.org/x/iiif")
    assert info["id"] == "https://telepath.example.org/x/iiif"
    assert info["tiles"] == [{"width": 256, "height": 256, "scaleFactors": [1, 2, 4]}]
    assert info["sizes"] == [{"width": 750, "height": 500}, {"width": 1500, "height": 1000}]


def test_deep_zoom_levels_are_counted_from_one_pixel() -> None:
    slide = pyramid()
    assert deep_zoom.deepest(slide) == 12
    assert deep_zoom.tile(slide, 0, 0, 0) == Picture(x=0, y=0, width=3000, height=2000, across=1, down=1)
    assert deep_zoom.tile(slide, 12, 11, 7) == Picture(x=2816, y=1792, width=184, height=208, across=184, down=208)
    assert deep_zoom.tile(slide, 12, 12, 0) is None
    assert deep_zoom.tile(slide, 13, 0, 0) is None
    assert deep_zoom.native(slide, 12, 3, 3) == 0
    assert deep_zoom.native(slide, 10, 0, 0) == 2
    assert deep_zoom.native(slide, 12, 11, 7) is None
    assert deep_zoom.native(slide, 9, 0, 0) is None
