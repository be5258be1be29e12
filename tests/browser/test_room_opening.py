"""Another slide opens slowly in one window of a room: nothing of the one slide is shown on the other, or said of it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Route, WebSocket, expect

from realtime.frames import AckRecord, PointerFrame, ReceiptFrame, Record, StrokeFrame, ViewportFrame, decode
from realtime.tile_frames import is_pushed
from tests.browser.conftest import seeded
from tests.browser.windows import (
    ANSWERED,
    PATIENCE,
    Person,
    open_consult,
    open_room,
    seen,
    slide_of,
    to_slide,
    wait_heard_sharp,
    wait_pointer,
    wait_same_field,
    wait_sharp,
    wait_still,
)
from tests.builders_slides import write_svs
from tests.running import Node, service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
SLIDE = re.compile(r"/rooms/\w{26}/slide$")
"""What a page asks when the room shows another one."""


@pytest.fixture(scope="module")
def opening_node(short_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node whose second case has two slides."""
    folder = tmp_path_factory.mktemp("opening-node")
    paths = [write_svs(folder / f"{number}.svs", width=2048, height=1536) for number in range(5)]
    seeded(folder, {}, paths)
    with service(folder, {}) as started:
        yield started[0]


class Line:
    """The frames on the room's socket of a page that is opened after this."""

    def __init__(self, person: Person) -> None:
        self.sent: list[Record] = []
        self.came: list[Record] = []

        def listen(socket: WebSocket) -> None:
            socket.on("framesent", lambda message: self.sent.extend(frames(message)))
            socket.on("framereceived", lambda message: self.came.extend(frames(message)))

        person.page.on("websocket", listen)


def frames(message: str | bytes) -> list[Record]:
    return decode(message) if isinstance(message, bytes) and not is_pushed(message) else []


def of(epoch: int, records: list[Record]) -> set[type[Record]]:
    return {type(frame) for frame in records if not isinstance(frame, AckRecord) and frame.epoch == epoch}


def epoch(person: Person) -> int:
    return int(slide_of(person).get_attribute("data-epoch") or 0)


def painted(person: Person) -> None:
    """What came is on the screen, as far as it ever is."""
    person.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )


def wait_until(person: Person, found: Callable[[], bool], what: str) -> None:
    deadline = monotonic() + PATIENCE / 1000
    while not found():
        assert monotonic() < deadline, what
        person.page.evaluate("() => new Promise(requestAnimationFrame)")


def shows_slide(person: Person, number: int) -> None:
    """Until this slide of the case is on the screen, drawn."""
    expect(person.page.locator(".strip-slide").nth(number)).to_have_attribute("aria-current", "true")
    wait_sharp(person)


def test_nothing_of_one_slide_is_shown_on_another_or_said_of_it(opening_node: Node, at: At) -> None:
    ines, yann = at(opening_node, "ines", (1600, 900)), at(opening_node, "yann")
    open_consult(ines, ANSWERED)
    address = open_room(ines)
    shows_slide(ines, 0)
    line = Line(yann)
    yann.page.goto(address)
    wait_same_field(yann, ines)
    shows_slide(yann, 0)
    yann.page.locator("#slide").focus()
    yann.page.keyboard.press("+")
    expect(slide_of(yann)).to_have_attribute("data-role", "left")
    wait_still(yann)

    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    yann.page.route(SLIDE, hold)
    ines.page.locator(".strip-slide").nth(1).click()
    shows_slide(ines, 1)
    now = epoch(ines)
    expect(slide_of(yann)).to_have_attribute("data-epoch", str(now))
    wait_until(yann, lambda: held != [], "asks for the slide")
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("4")
    wait_still(ines)
    place = draws_and_points(ines)
    wait_until(yann, lambda: {PointerFrame, StrokeFrame, ViewportFrame} <= of(now, line.came), "hears where she is")
    before = seen(yann)
    points_and_rejoins(yann)
    painted(yann)
    assert (slide_of(yann).get_attribute("data-pointers"), slide_of(yann).get_attribute("data-ink")) == ("[]", "0")
    assert seen(yann) == before, "her field is of the other slide"
    assert of(now, line.sent) == set(), "what he sees and where he points is of the slide before"

    ines.page.mouse.up()
    yann.page.unroute(SLIDE)  # what was asked is never answered: it is asked again
    shows_slide(yann, 1)
    wait_same_field(yann, ines)
    wait_heard_sharp(yann)
    wait_pointer(yann, *place)
    expect(slide_of(yann)).to_have_attribute("data-ink", "1")
    yann.page.mouse.move(620, 420)
    wait_pointer(ines, *to_slide(yann, 620, 420))
    wait_until(yann, lambda: {PointerFrame, ReceiptFrame} <= of(now, line.sent), "says how sharp it is")
    assert (ines.complaints, yann.complaints) == ([], [])


def draws_and_points(person: Person) -> tuple[float, float]:
    """A line, the pen of which stays down. Returns where it ends, level-0 px."""
    person.page.keyboard.press("t")
    expect(person.page.locator("#ink-bar")).to_be_visible()
    person.page.mouse.move(420, 400)
    person.page.mouse.down()
    person.page.mouse.move(560, 460, steps=8)
    return to_slide(person, 560, 460)


def points_and_rejoins(person: Person) -> None:
    person.page.mouse.move(500, 400)
    person.page.mouse.move(540, 430, steps=4)
    person.page.keyboard.press("f")
    expect(slide_of(person)).to_have_attribute("data-role", "following")
