"""What is kept with a field besides where it is: focal plane, channels and their windows, colours; and in a room the
others see what the presenter sees."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests import colours
from tests.browser.conftest import seeded
from tests.browser.windows import (
    ANSWERED,
    CASE,
    Person,
    open_case,
    open_consult,
    open_room,
    open_slide,
    pixels,
    slide_of,
    wait_for,
    wait_sharp,
    wait_still,
    window,
)
from tests.builders_ome import write_fluorescence
from tests.builders_slides import add_profile, write_svs
from tests.running import Node, service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PROFILED = "REU-26-1077"
"""Of Paul: the third case, whose slide has a colour profile."""


@pytest.fixture(scope="module")
def stack_node(short_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node with slides of three channels in five focal planes, and one with a colour profile."""
    stack = write_fluorescence(short_folder / "stack.ome.tiff", planes=5)
    folder = tmp_path_factory.mktemp("stack-node")
    profiled = write_svs(short_folder / "profiled.svs", width=2048, height=1536)
    add_profile(profiled, colours.scanners()["wide gamut, gamma 1.8"])
    seeded(folder, {}, [stack, stack, profiled])
    with service(folder, {}) as started:
        yield started[0]


def shown(person: Person) -> tuple[str, str]:
    """Plane and channels on the screen."""
    return slide_of(person).get_attribute("data-plane") or "", slide_of(person).get_attribute("data-channels") or ""


def wait_shown(person: Person, wanted: tuple[str, str]) -> None:
    script = "([z, c]) => { const d = document.querySelector('#slide')?.dataset; return d?.plane === z && d?.channels === c; }"
    wait_for(person, script, list(wanted))
    wait_sharp(person)


def centre(person: Person, side: int = 200) -> NDArray[np.uint8]:
    box = window(person)
    left, top = box["x"] + box["width"] / 2 - side / 2, box["y"] + box["height"] / 2 - side / 2
    return np.array(pixels(person, left, top, side, side), np.uint8)


def dapi_only(person: Person) -> tuple[str, str]:
    """In the fourth plane, with a narrower window. Returns what is shown then."""
    person.page.keyboard.press("PageUp")
    person.page.keyboard.press("n")
    rows = person.page.locator("#channel-list > li")
    for row in (1, 2):
        rows.nth(row).locator("input[type=checkbox]").uncheck()
    high = rows.nth(0).locator("input[type=number]").nth(1)
    high.fill("700")
    high.press("Enter")
    person.page.locator("#slide").focus()
    wait_for(person, "() => /^0:[^,]*:700$/.test(document.querySelector('#slide').dataset.channels)")
    wait_sharp(person)
    assert shown(person)[0] == "3", "the fourth plane"
    return shown(person)


def away(person: Person) -> None:
    """Another plane, and all channels."""
    person.page.locator("#slide").focus()
    person.page.keyboard.press("PageDown")
    person.page.locator("[data-channels=scanned]").click()
    wait_for(person, "() => document.querySelector('#slide').dataset.plane === '2'")


def test_a_pin_and_a_kept_field_open_in_their_plane_and_channels(stack_node: Node, at: Callable[..., Person]) -> None:
    ines = at(stack_node, "ines")
    page = ines.page
    open_slide(ines, CASE)
    kept = dapi_only(ines)
    for tool, name in (("p", "pin"), ("g", "region")):
        page.locator("#slide").focus()
        page.keyboard.press(tool)
        page.locator(f"#{name}-label").fill("Noyaux")
        page.locator(f"#{name}-label").press("Enter")
        page.locator(f"#{name}-list").get_by_role("button", name="Noyaux").first.wait_for()
        away(ines)
        assert shown(ines) != kept
        page.locator(f"#{name}-list").get_by_role("button", name="Noyaux").first.click()
        wait_shown(ines, kept)
        expect(page.locator("#channel-list > li").nth(1).locator("input[type=checkbox]")).not_to_be_checked()
    wait_still(ines)
    ines.picture("viewer-kept-look")
    # Loaded again, and from the list of the case: the small picture is of that plane and channel, and leads there.
    open_case(ines, CASE)
    picture = page.locator("img[src^='/regions/']").first
    picture.scroll_into_view_if_needed()
    colours = picture.evaluate(
        """async (image) => {
            await image.decode();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            const most = [0, 0, 0];
            for (let at = 0; at < data.length; at += 4) for (let c = 0; c < 3; c++) most[c] = Math.max(most[c], data[at + c]);
            return most;
        }"""
    )
    assert colours[2] > 150, "DAPI shines"
    assert colours[0] < 110, "and nothing of the others, which are green and red"
    ines.picture("case-kept-look")
    page.locator("a[href*='#view=']:has(img[src^='/regions/'])").first.click()
    wait_shown(ines, kept)
    assert ines.complaints == []


def test_a_remark_leads_to_its_plane_and_channels(stack_node: Node, at: Callable[..., Person]) -> None:
    ines = at(stack_node, "ines")
    page = ines.page
    open_slide(ines, CASE)
    kept = dapi_only(ines)
    page.locator("#slide").focus()
    page.keyboard.press("d")
    page.locator("#remark-line").fill("Ce noyau-ci.")
    page.locator("#remark-line").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Message envoyé")
    open_case(ines, CASE)
    page.locator("a[href*='#view='][href*='z=3']").last.click()
    wait_shown(ines, kept)


def test_followers_see_the_plane_and_channels_of_the_presenter_and_leave_them_by_hand(
    stack_node: Node, at: Callable[..., Person]
) -> None:
    ines, yann = at(stack_node, "ines"), at(stack_node, "yann")
    open_consult(ines, ANSWERED)
    room = open_room(ines)
    wait_sharp(ines)
    kept = dapi_only(ines)
    yann.page.goto(room)
    wait_shown(yann, kept)  # who comes late
    assert centre(yann)[:, 0].max() < 64, "DAPI only: 59 of its own colour"
    ines.page.keyboard.press("PageUp")
    wait_shown(yann, ("4", kept[1]))
    yann.page.locator("#slide").focus()
    yann.page.keyboard.press("PageDown")
    expect(slide_of(yann)).to_have_attribute("data-role", "left")
    ines.page.locator("[data-channels=scanned]").click()
    for _ in range(2):
        ines.page.locator("#slide").focus()
        ines.page.keyboard.press("PageDown")
    wait_for(ines, "() => document.querySelector('#slide').dataset.plane === '2'")
    wait_shown(yann, ("3", kept[1]))
    yann.page.keyboard.press("f")
    ines.page.keyboard.press("PageDown")
    wait_for(ines, "() => document.querySelector('#slide').dataset.plane === '1'")
    wait_shown(yann, shown(ines))
    # A line of the thread keeps them too.
    ines.page.locator("#with-view").check()
    ines.page.locator("#line").fill("Ici, en profondeur.")
    ines.page.locator("#line").press("Enter")
    said = shown(ines)
    yann.page.locator("#slide").focus()
    for _ in range(2):
        yann.page.keyboard.press("PageUp")
    wait_for(yann, "() => document.querySelector('#slide').dataset.plane === '3'")
    yann.page.locator("#thread button.act").first.click()
    wait_shown(yann, said)
    yann.picture("room-kept-look")
    assert ines.complaints == yann.complaints == []


def test_a_pin_opens_in_the_colours_in_which_it_was_made_and_changes_no_wish(
    stack_node: Node, at: Callable[..., Person]
) -> None:
    paul = at(stack_node, "paul")
    page = paul.page
    open_slide(paul, PROFILED)
    expect(slide_of(paul)).to_have_attribute("data-colours", "icc")
    page.keyboard.press("i")
    expect(slide_of(paul)).to_have_attribute("data-colours", "off")
    page.keyboard.press("p")
    page.locator("#pin-label").fill("Brut")
    page.locator("#pin-label").press("Enter")
    pin = page.locator("#pin-list").get_by_role("button", name="Brut").first
    pin.wait_for()
    page.locator("#slide").focus()
    page.keyboard.press("i")
    expect(slide_of(paul)).to_have_attribute("data-colours", "icc")
    pin.click()
    expect(slide_of(paul)).to_have_attribute("data-colours", "off")
    assert page.evaluate("localStorage.getItem('telepath-colours-off')") is None, "the reader's own wish stays"
    page.keyboard.press("i")
    expect(slide_of(paul)).to_have_attribute("data-colours", "icc")
