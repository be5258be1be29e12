"""Everyone sharp on the same field: tiles come with the presenter's moves, and each window says what is drawn on it."""

import re
from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import Locator, Route, WebSocketRoute, expect

from realtime import tile_frames
from realtime.tile_frames import CompleteFrame
from tests.browser.windows import (
    ANSWERED,
    PATIENCE,
    TILES,
    Person,
    cold,
    open_consult,
    open_room,
    pixels,
    slide_of,
    tiles_asked,
    wait_for,
    wait_same_field,
    wait_sharp,
    wait_sharp_here,
    wait_still,
    window,
)
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TILE, COMPLETE = 0x10, 0x11
"""Of binary messages (realtime/README.md)."""
FINEST = 8
"""Where a tile's message has its level, 0 for the finest."""
NO_PUSH = "localStorage.setItem('telepath-push', 'off')"
DRAWING = """
    localStorage.setItem("telepath-colours-off", "1"); // a worker would make them, out of reach
    const make = globalThis.createImageBitmap.bind(globalThis);
    const drawing = { waits: false, waiting: [] };
    globalThis.createImageBitmap = async (...given) => {
        if (drawing.waits) await new Promise((go) => drawing.waiting.push(go));
        return make(...given);
    };
    globalThis.drawing = drawing;
"""
"""Pictures are not made of what came while ``drawing.waits``."""
SCREENS = """() => {
    const slide = document.querySelector('#slide'), found = [slide.dataset.screens];
    new MutationObserver(() => found.push(slide.dataset.screens)).observe(slide, { attributeFilter: ['data-screens'] });
    return found;
}"""
"""How many screens the presenter was told are sharp, now and from now on."""
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
    between(
        yann,
        lambda message: message[:1] + b"\2" + message[2:20] if message[0] == TILE and message[FINEST] == 0 else message,
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


class Gate:
    """Stands before a window: while it is ``shut``, tiles wait there, the word that all were sent, and requests for tiles."""

    def __init__(self, person: Person) -> None:
        self.shut = True
        self.asked = 0
        """Requests for tiles that wait."""
        self._held: Callable[[bytes], bool] = lambda message: False
        self._waiting: list[tuple[bytes, Callable[[], None]]] = []
        person.page.route_web_socket(re.compile("/live$"), self._join)
        person.page.route(TILES, self._requested)

    def _join(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def came(message: str | bytes) -> None:
            if isinstance(message, bytes) and tile_frames.is_pushed(message) and (self.shut or self._held(message)):
                self._waiting.append((message, lambda: socket.send(message)))
            else:
                socket.send(message)

        server.on_message(came)

    def _requested(self, route: Route) -> None:
        if not self.shut:
            route.continue_()
            return
        self.asked += 1
        self._waiting.append((b"", route.continue_))

    def open(self, held: Callable[[bytes], bool] = lambda message: False) -> None:
        """What waits goes on, but for messages that are ``held`` still."""
        self.shut, self.asked, self._held = False, 0, held
        waiting, self._waiting = self._waiting, []
        for message, go in waiting:
            if held(message):
                self._waiting.append((message, go))
            else:
                go()


def wait_until(person: Person, found: Callable[[], bool], what: str) -> None:
    """For something that the window was sent, or asked for."""
    deadline = monotonic() + PATIENCE / 1000
    while not found():
        assert monotonic() < deadline, what
        person.page.evaluate("() => new Promise(requestAnimationFrame)")


def screen(presenter: Person) -> Locator:
    """What stands in the row of the only one who follows."""
    return presenter.page.locator("#members .screen:visible")


def test_no_screen_is_called_sharp_before_it_has_its_tiles(
    room: tuple[Person, str], one_node: Node, at: Callable[..., Person]
) -> None:
    ines, address = room
    yann = cold(at(one_node, "yann"))
    gate = Gate(yann)
    yann.page.goto(address)
    wait_same_field(yann, ines)
    # It waited for them in vain, and asked: what there is to say of this field without its tiles was said.
    wait_until(yann, lambda: gate.asked > 0, "asks for what does not come")
    expect(slide_of(ines)).to_have_attribute("data-screens", "0/1")
    expect(screen(ines)).to_have_text("pas encore net")
    expect(ines.page.locator("#follow-more")).to_have_text("0/1 écran net")
    ines.picture("room-sharp-0-not-yet")

    # Of the finest level some is sent ahead: that waits.
    gate.open(lambda message: message[:1] == bytes((TILE,)) and message[FINEST] == 0)
    expect(slide_of(ines)).to_have_attribute("data-screens", "1/1")
    expect(screen(ines)).to_have_text("net")

    gate.shut = True
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("5")
    wait_same_field(yann, ines)
    wait_still(yann)
    expect(slide_of(ines)).to_have_attribute("data-screens", "0/1")
    told = ines.page.evaluate_handle(SCREENS)
    wait_until(yann, lambda: gate.asked > 0, "asks for what does not come")
    expect(screen(ines)).to_have_text("lisible")  # coarser tiles are there, of the field before
    ines.picture("room-sharp-1-readable")
    yann.picture("room-sharp-1-readable-follower")
    remarked(yann, ines, "On ne voit pas encore tout.")
    assert set(told.json_value()) == {"0/1"}
    assert screen(ines).inner_text() == "lisible"

    gate.open()
    expect(slide_of(ines)).to_have_attribute("data-screens", "1/1")
    expect(screen(ines)).to_have_text("net")
    expect(ines.page.locator("#follow-more")).to_have_text("1/1 écran net")
    wait_sharp_here(yann, ines)
    assert ines.complaints == yann.complaints == []


def remarked(one: Person, other: Person, text: str) -> None:
    """``one`` says something, and ``other`` has heard it: and all that was sent before."""
    one.page.locator("#line").fill(text)
    one.page.locator("#line").press("Enter")
    expect(other.page.locator("#thread .said", has_text=text)).to_be_visible()


def test_no_screen_is_called_sharp_before_its_tiles_are_drawn(
    room: tuple[Person, str], one_node: Node, at: Callable[..., Person]
) -> None:
    ines, address = room
    yann = cold(at(one_node, "yann"))
    yann.context.add_init_script(DRAWING)
    came: list[CompleteFrame] = []

    def complete(message: str | bytes) -> None:
        if isinstance(message, bytes) and message[0] == COMPLETE:
            frame = tile_frames.decode(message)
            came.extend([frame] if isinstance(frame, CompleteFrame) and not frame.coarse else [])

    yann.page.on("websocket", lambda socket: socket.on("framereceived", complete))
    tiles = tiles_asked(yann.page)
    yann.page.goto(address)
    wait_sharp_here(yann, ines)
    expect(slide_of(ines)).to_have_attribute("data-screens", "1/1")
    yann.page.evaluate("() => { drawing.waits = true; }")
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("5")
    wait_same_field(yann, ines)
    wait_still(yann)
    expect(slide_of(ines)).to_have_attribute("data-screens", "0/1")
    stream, field = (int(part) for part in str(slide_of(yann).get_attribute("data-heard")).split("/"))
    told = ines.page.evaluate_handle(SCREENS)
    wait_until(yann, lambda: any(one.stream == stream and one.field >= field for one in came), "all of its tiles come")
    wait_for(yann, "() => drawing.waiting.length > 0")
    wait_still(yann)
    remarked(yann, ines, "Tout est là, rien n’est dessiné.")
    expect(slide_of(ines)).to_have_attribute("data-screens", "0/1")
    expect(screen(ines)).to_have_text("lisible")
    assert set(told.json_value()) == {"0/1"}
    assert slide_of(yann).get_attribute("data-sharp") != f"{stream}/{field}"
    assert tiles == []

    yann.page.evaluate("() => { drawing.waits = false; drawing.waiting.splice(0).forEach((go) => go()); }")
    expect(slide_of(ines)).to_have_attribute("data-screens", "1/1")
    expect(screen(ines)).to_have_text("net")
    assert tiles == []
    assert ines.complaints == yann.complaints == []
