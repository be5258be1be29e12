"""One slide after another in a room: what was taken on one of them, a caption or the field of a message, stays with it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import seeded
from tests.browser.windows import (
    ANSWERED,
    Person,
    open_consult,
    open_room,
    seen,
    slide_of,
    wait_same_field,
    wait_sharp,
    wait_still,
)
from tests.builders_slides import write_svs
from tests.running import Node, service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
FIRST, SECOND = "Lame une", "Lame deux"
"""What the slides of ANSWERED are called."""
ANNOTATIONS = re.compile(r"/slides/\w{26}/annotations$")


@pytest.fixture(scope="module")
def slides_node(short_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node whose second case has two slides."""
    names = ("Autre", FIRST, "Encore", "Autre deux", SECOND)
    folder = tmp_path_factory.mktemp("slides-node")
    paths = [write_svs(folder / f"{name}.svs", width=2048, height=1536) for name in names]
    seeded(folder, {}, paths)
    with service(folder, {}) as started:
        yield started[0]


@pytest.fixture
def ines(slides_node: Node, at: At) -> Person:
    """She opened the room and presents the first slide."""
    person = at(slides_node, "ines", (1600, 900))
    open_consult(person, ANSWERED)
    open_room(person)
    wait_sharp(person)
    if strip(person, FIRST).get_attribute("aria-current") is None:
        strip(person, FIRST).click()
    shows(person, FIRST)
    return person


def strip(person: Person, name: str) -> Locator:
    return person.page.locator(".strip-slide", has_text=name)


def shows(person: Person, name: str) -> None:
    """Until this slide is on the screen, drawn."""
    expect(strip(person, name)).to_have_attribute("aria-current", "true")
    wait_sharp(person)


def test_a_caption_is_kept_with_the_slide_whose_field_it_is_of(ines: Person) -> None:
    page = ines.page
    pins, caption = page.locator("#pin-list li"), page.locator("#pin-label")
    page.keyboard.press("p")
    caption.fill("Foyer de la première")
    strip(ines, SECOND).click()
    shows(ines, SECOND)
    expect(caption).to_have_value("Foyer de la première")
    expect(page.locator("label[for=pin-label]")).to_have_text(f"Légende du champ sur « {FIRST} »")
    # Another field is not taken over what is being typed.
    page.locator("#slide").focus()
    page.keyboard.press("p")
    expect(caption).to_be_focused()
    expect(caption).to_have_value("Foyer de la première")
    caption.press("Enter")
    expect(page.locator("#pin-form")).to_be_hidden()
    expect(page.locator("#messages")).to_have_text("Champ marqué.")
    expect(page.locator("#pins-empty")).to_be_visible()
    expect(pins).to_have_count(0)
    strip(ines, FIRST).click()
    shows(ines, FIRST)
    expect(pins).to_have_count(1)
    expect(pins).to_contain_text("Foyer de la première")
    # A slide whose pins cannot be read shows none, and does not say that it has none.
    page.route(ANNOTATIONS, lambda route: route.abort())
    strip(ines, SECOND).click()
    shows(ines, SECOND)
    expect(page.locator("#messages")).to_have_text("Les champs marqués n’ont pas pu être lus.")
    expect(pins).to_have_count(0)
    expect(page.locator("#pins-empty")).to_be_hidden()
    assert ines.faults == []


def test_the_field_of_a_message_is_shown_on_its_own_slide(ines: Person, slides_node: Node, at: At) -> None:
    page = ines.page
    yann = at(slides_node, "yann")
    yann.page.goto(page.url)
    shows(yann, FIRST)
    page.keyboard.press("4")
    page.keyboard.press("ArrowRight")
    wait_still(ines)
    said = seen(ines)
    page.locator("#line").fill("Voyez ici.")
    page.locator("#with-view").check()
    page.locator("#line").press("Enter")
    ways = [person.page.locator("#thread li", has_text="Voyez ici.").get_by_role("button") for person in (ines, yann)]
    for way in ways:
        expect(way).to_have_text("Voir le champ")
    page.locator("#slide").focus()
    strip(ines, SECOND).click()
    for person, way in zip((ines, yann), ways, strict=True):
        shows(person, SECOND)
        expect(way).to_have_text("Champ d’une autre lame")
    ways[0].click()
    for person, way in zip((ines, yann), ways, strict=True):
        shows(person, FIRST)
        expect(way).to_have_text("Voir le champ")
    expect(slide_of(ines)).to_have_attribute("data-view", re.compile(rf"^{said.x:g},"))
    wait_still(ines)
    assert seen(ines) == pytest.approx(said)
    wait_same_field(yann, ines)
    # The next time that this slide is chosen, it opens whole: the field was for once.
    strip(ines, SECOND).click()
    shows(ines, SECOND)
    strip(ines, FIRST).click()
    shows(ines, FIRST)
    wait_still(ines)
    assert abs(seen(ines).x - said.x) > said.width / 10
    assert (ines.faults, yann.faults) == ([], [])
