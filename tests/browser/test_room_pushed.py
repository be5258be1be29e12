"""What comes unasked to who follows: of fluorescence and of a stack too, at another's magnification, and over a thin link."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from realtime.tile_frames import AVIF
from tests.browser.backstage import asked
from tests.browser.conftest import seeded
from tests.browser.windows import (
    ANSWERED,
    Person,
    cold,
    open_consult,
    open_room,
    pixels,
    slide_of,
    tiles_asked,
    tiles_pushed,
    wait_for,
    wait_heard_sharp,
    wait_same_field,
    wait_sharp,
    wait_sharp_here,
    wait_still,
    window,
)
from tests.builders_fluorescence import write_channels, write_planes
from tests.builders_slides import write_svs
from tests.login import free_port
from tests.running import Node, process, service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
At = Callable[..., Person]
MEGABITS, MILLISECONDS = 0.6, 40
"""So thin that no tile passes sooner than it is made in the small coding, on a busy machine too."""


@pytest.fixture(scope="module")
def picture_node(short_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node with a slide of three channels and one of five focal planes."""
    slides = [write_channels(short_folder / "channels.ome.tiff"), write_planes(short_folder / "planes.ome.tiff")]
    folder = tmp_path_factory.mktemp("pushed-node")
    seeded(folder, {}, [*slides, slides[0]])
    with service(folder, {}) as started:
        yield started[0]


def middle(person: Person, side: int = 240) -> NDArray[np.int64]:
    box = window(person)
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    return np.array(pixels(person, left, top, side, side), np.int64)


def alike(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Two pictures that differ by less than the place of a screen pixel."""
    return bool(np.abs(one - other).mean() < 3)


def wait_alike(one: Person, other: Person, name: str) -> None:
    """Until both windows say the same of how they show the slide."""
    wanted = slide_of(one).get_attribute(f"data-{name}")
    script = "([name, wanted]) => document.querySelector('#slide').dataset[name] === wanted"
    wait_for(other, script, [name, wanted])


def test_who_follows_fluorescence_is_sent_its_channels_and_asks_for_nothing(picture_node: Node, at: At) -> None:
    ines = at(picture_node, "ines")
    ines.go(asked(picture_node, "Marquage ?", accepted=True))
    address = open_room(ines)
    wait_sharp(ines)
    claire = cold(at(picture_node, "claire"))
    tiles = tiles_asked(claire.page)
    claire.page.goto(address)
    wait_sharp_here(claire, ines)
    ines.page.locator("#slide").focus()
    for move in ("4", "ArrowRight"):
        ines.page.keyboard.press(move)
        wait_sharp_here(claire, ines)
    as_scanned = middle(claire)
    assert alike(as_scanned, middle(ines))
    ines.page.keyboard.press("n")
    rows = ines.page.locator("#channel-list > li")
    for row in (1, 2):
        rows.nth(row).locator("input[type=checkbox]").uncheck()
    wait_for(ines, "() => /^0:[^,]*$/.test(document.querySelector('#slide').dataset.channels)")
    wait_alike(ines, claire, "channels")
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("ArrowLeft")
    wait_sharp_here(claire, ines)
    rows.nth(1).locator("input[type=checkbox]").check()
    wait_for(ines, "() => /^0:[^,]*,1:[^,]*$/.test(document.querySelector('#slide').dataset.channels)")
    wait_alike(ines, claire, "channels")
    wait_sharp_here(claire, ines)
    wait_sharp(claire)
    claire.picture("room-pushed-1-channels")
    ines.page.keyboard.press("n")
    wait_sharp_here(claire, ines)
    wait_sharp(ines)
    assert alike(shown := middle(claire), middle(ines))
    assert shown.sum() < as_scanned.sum() * 0.9, "a channel is hidden"
    assert tiles == []
    assert ines.complaints == claire.complaints == []


def test_who_follows_through_a_stack_and_at_the_same_magnification_asks_for_nothing(picture_node: Node, at: At) -> None:
    ines = at(picture_node, "ines")
    open_consult(ines, ANSWERED)
    address = open_room(ines)
    wait_sharp(ines)
    yann = cold(at(picture_node, "yann", (1000, 700)))
    tiles = tiles_asked(yann.page)
    yann.page.goto(address)
    wait_sharp_here(yann, ines)
    ines.page.locator("#slide").focus()
    called_sharp = yann.page.evaluate_handle(
        """() => {
            const slide = document.querySelector('#slide');
            const found = [];
            const note = () => found.push(Number(slide.dataset.plane));
            new MutationObserver(note).observe(slide, { attributeFilter: ['data-sharp'] });
            return found;
        }"""
    )
    for key, plane in (("5", 2), ("PageUp", 3), ("PageUp", 4), ("PageDown", 3)):
        ines.page.keyboard.press(key)
        expect(slide_of(yann)).to_have_attribute("data-plane", str(plane))
        wait_sharp_here(yann, ines)
        planes = set(called_sharp.evaluate("(found) => found.splice(0)"))
        assert planes == {plane}, "no field is called sharp while another plane is drawn"
    yann.picture("room-pushed-2-plane")
    yann.page.locator("#same").check()
    for key in ("4", "ArrowRight", "5", "ArrowDown"):
        ines.page.locator("#slide").focus()
        ines.page.keyboard.press(key)
        wait_still(ines)
        wait_same_scale(yann, ines)
        wait_heard_sharp(yann)
    yann.picture("room-pushed-3-same")
    yann.page.locator("#same").uncheck()
    wait_sharp_here(yann, ines)
    assert tiles == []
    assert ines.complaints == yann.complaints == []


def wait_same_scale(follower: Person, presenter: Person) -> None:
    """Until a px of the screen is as much of the slide in both windows."""
    scale = """() => Number(document.querySelector('[data-view]').dataset.view.split(',')[2])
        / document.querySelector('#slide').getBoundingClientRect().width"""
    wait_for(follower, f"(wanted) => Math.abs(({scale})() / wanted - 1) < 1e-3", presenter.page.evaluate(scale))
    wait_still(follower)


@pytest.fixture
def thin_node(short_folder: Path, tmp_path: Path) -> Iterator[Node]:
    """One node behind a link of which each connection has so much: that is the address that browsers know."""
    slide = write_svs(short_folder / "thin.svs", width=4096, height=3072)
    seeded(tmp_path, {}, [slide] * 3)
    port = free_port()
    with service(tmp_path, {"origin": f"http://localhost:{port}"}) as (node,):
        behind = node.environment["TELEPATH_PORT"]
        words = [str(port), behind, str(MEGABITS), str(MILLISECONDS)]
        link = [sys.executable, "-m", "tests.bench.rooms.link", *words]
        with process(link, {}, f"{node.origin}/health", tmp_path / "link.log"):
            yield node


def test_over_a_thin_link_small_tiles_come_are_said_to_be_and_make_way_at_rest(thin_node: Node, at: At) -> None:
    ines = at(thin_node, "ines")
    open_consult(ines, ANSWERED)
    address = open_room(ines)
    wait_sharp(ines)
    yann = cold(at(thin_node, "yann"))
    came = tiles_pushed(yann)
    tiles = tiles_asked(yann.page)
    yann.page.goto(address)
    wait_same_field(yann, ines)
    mark = yann.page.locator("#quality")
    ines.page.locator("#slide").focus()
    for key in ("5", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight"):
        ines.page.keyboard.press(key)
        wait_same_field(yann, ines)
        wait_for(
            yann,
            "() => { const { heard, usable } = document.querySelector('#slide').dataset; return usable === heard; }",
        )
    expect(mark).to_have_attribute("data-quality", "reduced")
    expect(mark).to_contain_text("Qualité réduite")
    yann.picture("room-pushed-4-reduced")
    said, followed = (yann.page.locator(one).bounding_box() for one in ("#quality", "#follow"))
    assert said is not None
    assert followed is not None
    assert said["y"] >= followed["y"] + followed["height"], "neither covers the other"
    assert any(tile.coding == AVIF for tile in came)
    # Nobody moves: what the file holds comes, and the word goes.
    expect(mark).to_have_attribute("data-quality", "native")
    expect(mark).not_to_contain_text("Qualité réduite")
    expect(slide_of(yann)).to_have_attribute("data-sharp-coding", "native")
    yann.picture("room-pushed-5-native")
    assert tiles == []
    assert ines.complaints == yann.complaints == []
