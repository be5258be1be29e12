"""Everyone sharp on the same field: tiles come with the presenter's moves, and each window says what is drawn on it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.windows import (
    ANSWERED,
    TILES,
    Person,
    cold,
    open_consult,
    open_room,
    pixels,
    slide_of,
    tiles_asked,
    wait_sharp,
    wait_sharp_here,
    wait_still,
    window,
)
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TILE, COMPLETE = 0x10, 0x11
"""Of binary messages (realtime/README.md)."""
NO_PUSH = "localStorage.setItem('telepath-push', 'off')"
MOVES = ("4", "ArrowRight", "ArrowDown", "5", "Shift+ArrowLeft", "3", "ArrowUp")
"""Zooms in, pans, and zooms out again."""


@pytest.fixture
def room(one_node: Node, at: Callable[..., Person]) -> tuple[Person, str]:
    """Inès presents; and the address."""
    ines = at(one_node, "ines")
    open_consult(ines, ANSWERED)
    address = open_room(ines)
    wait_sharp(ines)
    return ines, address


def test_who_follows_is_sent_what_they_need_and_asks_for_nothing(
    room: tuple[Person, str], one_node: Node, at: Callable[..., Person]
) -> None:
    ines, address = room
    yann, other = cold(at(one_node, "yann")), cold(at(one_node, "yann"))
    other.context.add_init_script(NO_PUSH)
    tiles = {person: tiles_asked(person.page) for person in (yann, other)}
    for person in (yann, other):
        person.page.goto(address)
        wait_sharp_here(person, ines)
    for move in MOVES:
        ines.page.locator("#slide").focus()
        ines.page.keyboard.press(move)
        for person in (yann, other):
            wait_sharp_here(person, ines)
    assert tiles[yann] == []
    assert tiles[other] != []
    # Pixel for pixel what was sent is what is asked for.
    for person in (yann, other):
        wait_sharp(person)
        expect(slide_of(person)).to_have_attribute("data-quality", "native")
    box = window(yann)
    assert window(other) == box
    part = (box["x"] + box["width"] / 4, box["y"] + box["height"] / 4, box["width"] / 2, box["height"] / 2)
    shown = pixels(yann, *part)
    assert len(set(shown)) > 100, "tissue"
    assert shown == pixels(other, *part)
    assert ines.complaints == yann.complaints == other.complaints == []


def test_whoever_leaves_asks_for_what_they_see(
    room: tuple[Person, str], one_node: Node, at: Callable[..., Person]
) -> None:
    ines, address = room
    yann = cold(at(one_node, "yann"))
    tiles = tiles_asked(yann.page)
    yann.page.goto(address)
    wait_sharp_here(yann, ines)
    assert tiles == []
    yann.page.locator("#slide").focus()
    with yann.page.expect_request(TILES):
        yann.page.keyboard.press("5")
    expect(slide_of(yann)).to_have_attribute("data-role", "left")
    wait_still(yann)
    wait_sharp(yann)
    assert slide_of(yann).get_attribute("data-sharp") is None
    yann.page.keyboard.press("f")
    expect(slide_of(yann)).to_have_attribute("data-role", "following")
    wait_sharp_here(yann, ines)
    assert ines.complaints == yann.complaints == []


def between(person: Person, change: Callable[[bytes], bytes | None]) -> None:
    """Pass each binary message of the room to the window as ``change`` makes it; None: not at all."""

    def join(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def came(message: str | bytes) -> None:
            changed = change(message) if isinstance(message, bytes) else message
            if changed is not None:
                socket.send(changed)

        server.on_message(came)

    person.page.route_web_socket(re.compile("/live$"), join)


@pytest.mark.parametrize(
    "lost", [(TILE,), (TILE, COMPLETE)], ids=["its tiles", "its tiles and the word that they were sent"]
)
def test_who_is_sent_nothing_asks_for_it(
    lost: tuple[int, ...], room: tuple[Person, str], one_node: Node, at: Callable[..., Person]
) -> None:
    ines, address = room
    yann = cold(at(one_node, "yann"))
    between(yann, lambda message: None if message[0] in lost else message)
    tiles = tiles_asked(yann.page)
    yann.page.goto(address)
    wait_sharp_here(yann, ines)
    assert tiles != []
    assert ines.complaints == yann.complaints == []


def test_a_tile_that_is_sent_as_unreadable_is_marked_and_not_asked_for(
    room: tuple[Person, str], one_node: Node, at: Callable[..., Person]
) -> None:
    ines, address = room
    yann = cold(at(one_node, "yann"))
    finest = 8  # where a record has the level
    between(
        yann,
        lambda message: message[:1] + b"\2" + message[2:20] if message[0] == TILE and message[finest] == 0 else message,
    )
    tiles = tiles_asked(yann.page)
    yann.page.goto(address)
    wait_sharp_here(yann, ines)
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("5")
    wait_sharp_here(yann, ines)
    assert tiles == []
    box = window(yann)
    hatched = pixels(yann, box["x"] + box["width"] / 2 - 150, box["y"] + box["height"] / 2 - 150, 300, 300)
    assert all(max(pixel) - min(pixel) <= 2 for pixel in hatched), "grey, and no tissue"
    assert len(set(hatched)) > 1
    assert ines.complaints == yann.complaints == []
