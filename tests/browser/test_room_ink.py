"""Ink in a room: seen while it is drawn, kept when the pen is lifted, undone and erased; without a link it comes later."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.windows import ANSWERED, Person, open_consult, open_room, slide_of, wait_sharp
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]


@pytest.fixture
def two(one_node: Node, at: At) -> tuple[Person, Person]:
    """Inès opened the room and presents, Yann follows."""
    ines, yann = at(one_node, "ines", (1600, 900)), at(one_node, "yann")
    open_consult(ines, ANSWERED)
    yann.page.goto(open_room(ines))
    for person in (ines, yann):
        wait_sharp(person)
    expect(ines.page.locator("#members li")).to_have_count(2)
    return ines, yann


def lines(person: Person, count: int) -> None:
    """Until so many lines are drawn over the slide in this window."""
    expect(slide_of(person)).to_have_attribute("data-ink", str(count))


def begin(person: Person, y: int, bends: int = 6) -> None:
    """Draw a wave in the middle of the window, and keep the pen down."""
    mouse = person.page.mouse
    mouse.move(420, y)
    mouse.down()
    for bend in range(bends):
        mouse.move(450 + 30 * bend, y + (25 if bend % 2 else -25), steps=6)


def draw(person: Person, y: int) -> None:
    begin(person, y)
    person.page.mouse.up()


def test_two_people_draw_on_a_slide(two: tuple[Person, Person]) -> None:
    ines, yann = two
    seen_while_it_is_drawn(ines, yann)
    found_by_who_comes_late(yann)
    undone_and_erased(ines, yann)
    drawn_without_a_link(ines, yann)
    assert (ines.complaints, [one for one in yann.complaints if "ERR_INTERNET_DISCONNECTED" not in one]) == ([], [])


def seen_while_it_is_drawn(ines: Person, yann: Person) -> None:
    where = slide_of(ines).get_attribute("data-view")
    ines.page.keyboard.press("t")
    expect(ines.page.locator("#ink-bar")).to_be_visible()
    begin(ines, 400)
    lines(yann, 1)
    ines.page.mouse.up()
    lines(ines, 1)
    lines(yann, 1)
    assert slide_of(ines).get_attribute("data-view") == where, "the pen does not drag the slide"
    ines.picture("room-ink-presenter")
    yann.picture("room-ink-follower")


def found_by_who_comes_late(yann: Person) -> None:
    yann.page.reload()
    lines(yann, 1)
    wait_sharp(yann)


def undone_and_erased(ines: Person, yann: Person) -> None:
    yann.page.keyboard.press("t")
    draw(yann, 300)
    lines(ines, 2)
    ines.page.keyboard.press("z")
    lines(ines, 1)
    lines(yann, 1)
    expect(yann.page.locator("#ink-all")).to_be_hidden()
    ines.page.locator("#ink-all").click()
    lines(ines, 0)
    lines(yann, 0)


def drawn_without_a_link(ines: Person, yann: Person) -> None:
    yann.context.set_offline(True)
    expect(yann.page.locator("#follow-text")).to_contain_text("Liaison coupée")
    for y in (300, 380, 460):
        draw(yann, y)
    yann.page.keyboard.press("z")
    lines(yann, 2)
    draw(ines, 540)
    lines(ines, 1)
    yann.picture("room-ink-offline")
    yann.context.set_offline(False)
    lines(ines, 3)
    lines(yann, 3)
    ines.page.keyboard.press("Escape")
    expect(ines.page.locator("#ink-bar")).to_be_hidden()
    ines.page.mouse.move(600, 500)
    ines.page.mouse.down()
    ines.page.mouse.move(640, 520, steps=4)
    ines.page.mouse.up()
    lines(ines, 3)
