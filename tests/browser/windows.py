"""A person at a window: what it shows, and waiting until it does."""

import io
import json
import re
from cmath import exp
from math import radians
from time import monotonic
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import BrowserContext, FloatRect, Locator, Page, expect

from realtime import tile_frames
from realtime.tile_frames import TileFrame
from tests.running import ROOT
from web.demo import PEOPLE

SCREENSHOTS = ROOT / "screenshots"
PATIENCE = 30_000
"""Milliseconds that a page may take for anything: two cores run two nodes, two databases and two browsers."""
CASE = "CAY-26-0412"
"""Of Inès; nobody has been asked about it yet."""
ANSWERED = "CAY-26-0398"
"""Of Inès as well; Yann answered its only consult. Both may still look at it together."""
NETWORK = re.compile(r"error: (?:Failed to load resource: net::ERR_|WebSocket connection to '[^']*' failed: )")
"""What the browser itself notes on the console when a connection was refused or cut."""
CONSULT = re.compile(r"/consults/\w{26}(?:[?#].*)?$")
"""The address of a consult: not that of the form which asks for one."""

TILES = re.compile(r"/slides/\w{26}/tiles/")


class Person:
    """Somebody at a window: ``page`` is theirs, signed in on one node. Keeps what the browser complained of."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context, self.origin = context, origin
        context.set_default_timeout(PATIENCE)  # of every page that opens in it
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" or "Content Security Policy" in text or "TrustedHTML" in text:
            self.complaints.append(f"{kind}: {text}")

    @property
    def faults(self) -> list[str]:
        """The complaints, but for the browser's own notes of the network: of a page whose connections are cut on purpose."""
        return [one for one in self.complaints if NETWORK.match(one) is None]

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def sign_in(self, who: str) -> None:
        """Through the simulator, as a person does."""
        self.go("/")
        self.page.get_by_role("link", name="Pro Santé Connect").click()
        self.page.locator(f'button[value="{PEOPLE[who].subject_name_id}"]').click()
        self.page.wait_for_url(f"{self.origin}/**")

    def picture(self, name: str) -> None:
        """Keep what the window shows, to be looked at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


class View(NamedTuple):
    """What a window shows, in level-0 px: the slide element says it of itself (web/client/src/link.ts)."""

    x: float
    y: float
    width: float
    height: float
    rotation: float
    flip: float


class Pointer(NamedTuple):
    """Somebody's pointer as a window shows it, level-0 px: the slide element says it (web/client/src/room_view.ts)."""

    name: str
    colour: str
    x: float
    y: float


def view_of(text: str | None) -> View:
    assert text is not None
    return View(*(float(part) for part in text.split(",")))


def slide_of(person: Person) -> Locator:
    return person.page.locator("#bench, #stage, #slide").and_(person.page.locator("[data-view]"))


def seen(person: Person) -> View:
    return view_of(slide_of(person).get_attribute("data-view"))


def wait_sharp(person: Person) -> None:
    """Until every tile that the window needs is drawn."""
    expect(slide_of(person)).to_have_attribute("data-drawn", "true")


def wait_for(person: Person, script: str, argument: object = None) -> None:
    person.page.wait_for_function(script, arg=argument, timeout=PATIENCE)


def wait_reloading(person: Person, wanted: Locator) -> None:
    """Until a page that does not renew itself shows it: what the service writes behind its answer may not be there yet."""
    deadline = monotonic() + PATIENCE / 1000
    while wanted.count() == 0:
        assert monotonic() < deadline, f"{person.page.url} never showed {wanted}"
        person.page.reload()


def wait_same_field(follower: Person, presenter: Person) -> None:
    """Until the follower's window holds the presenter's extent, within one screen pixel of the follower, and no more than the
    20 % that a level's own scale may take."""
    wait_still(presenter)
    wanted = seen(presenter)
    wait_for(
        follower,
        """([x, y, width, height, rotation]) => {
            const element = document.querySelector('[data-view]');
            const [fx, fy, fw, fh, turn] = element.dataset.view.split(',').map(Number);
            const stage = document.querySelector('#slide').getBoundingClientRect();
            const pixel = fw / stage.width;
            // contain: the presenter's extent, grown in one direction to the shape of this window, and up to a level's scale
            const scale = Math.max(width / stage.width, height / stage.height);
            const larger = fw / (scale * stage.width);
            return Math.abs(fx - x) <= pixel && Math.abs(fy - y) <= pixel
                && fw >= scale * stage.width - pixel && larger <= 1.2 + 1e-3
                && Math.abs(fh - larger * scale * stage.height) <= pixel
                && Math.abs(turn - rotation) < 0.1;
        }""",
        list(wanted[:5]),
    )


def wait_sharp_here(follower: Person, presenter: Person) -> None:
    """Until the newest field that came is the presenter's, and sharp on the follower's screen."""
    wait_same_field(follower, presenter)
    wait_still(follower)
    wait_heard_sharp(follower)


def wait_heard_sharp(follower: Person) -> None:
    """Until the newest field that came is sharp on the follower's screen."""
    wait_for(
        follower,
        """() => {
            const { heard, usable, sharp, heardAt, sharpAt } = document.querySelector('#slide').dataset;
            return heard !== undefined && sharp === heard && usable === heard && Number(sharpAt) > Number(heardAt);
        }""",
    )


def tiles_asked(page: Page) -> list[str]:
    """The tiles that the page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if TILES.search(request.url) else None)
    return found


def tiles_pushed(person: Person) -> list[TileFrame]:
    """The tiles that the room's socket brings from now on."""
    found: list[TileFrame] = []

    def came(message: str | bytes) -> None:
        if isinstance(message, bytes) and tile_frames.is_pushed(message):
            frame = tile_frames.decode(message)
            found.extend([frame] if isinstance(frame, TileFrame) else [])

    person.page.on("websocket", lambda socket: socket.on("framereceived", came) if "/live" in socket.url else None)
    return found


def cold(person: Person) -> Person:
    """With a browser that keeps no tiles ahead."""
    person.context.add_init_script("delete globalThis.caches")
    return person


def wait_still(person: Person) -> None:
    """Until the window's move has come to rest: the same view over ten animation frames."""
    wait_for(
        person,
        """() => new Promise((resolve) => {
            const view = () => document.querySelector('[data-view]').dataset.view;
            let last = view(), same = 0;
            const look = () => {
                same = view() === last ? same + 1 : 0;
                last = view();
                if (same >= 10) resolve(true); else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        })""",
    )


def open_consult(person: Person, number: str) -> str:
    """The first consult of a case, by the case's page. Returns its address."""
    open_case(person, number)
    person.page.locator("#consults a[href^='/consults/']").first.click()
    person.page.wait_for_url(CONSULT)
    return person.page.url


def open_room(person: Person) -> str:
    """From the page of a consult. Returns the room's address; whoever opened it presents, and is linked."""
    person.page.locator("form[action='/rooms'] button").first.click()
    person.page.wait_for_url("**/rooms/*")
    expect(person.page.locator("#link-state")).to_have_attribute("data-state", "open")
    return person.page.url


def open_case(person: Person, number: str = CASE) -> None:
    person.go("/cases")
    person.page.get_by_role("link", name=number).first.click()
    expect(person.page.get_by_role("heading", level=1)).to_contain_text(number)


def open_slide(person: Person, number: str = CASE) -> None:
    """From the cases to the first slide of one, drawn."""
    open_case(person, number)
    person.page.locator("a[href^='/slides/']").first.click()
    wait_sharp(person)


def window(person: Person) -> FloatRect:
    """The slide's place in the window, CSS px."""
    box = slide_of(person).bounding_box()
    assert box is not None
    return box


def to_slide(person: Person, x: float, y: float) -> tuple[float, float]:
    """What lies under a place of the window, level-0 px; mirrors toSlide (web/client/src/geometry.ts)."""
    view, box = seen(person), window(person)
    from_centre = complex(x - box["x"] - box["width"] / 2, y - box["y"] - box["height"] / 2) * view.width / box["width"]
    if view.flip:
        from_centre = -from_centre.conjugate()
    place = complex(view.x, view.y) + from_centre * exp(-1j * radians(view.rotation))
    return place.real, place.imag


def to_window(person: Person, x: float, y: float) -> tuple[float, float]:
    """Inverse of ``to_slide``."""
    view, box = seen(person), window(person)
    from_centre = complex(x - view.x, y - view.y) * exp(1j * radians(view.rotation)) * box["width"] / view.width
    if view.flip:
        from_centre = -from_centre.conjugate()
    return box["x"] + box["width"] / 2 + from_centre.real, box["y"] + box["height"] / 2 + from_centre.imag


def wait_pointer(person: Person, x: float, y: float) -> Pointer:
    """Until the window shows one pointer, within three screen px of that place of the slide. Returns it."""
    wait_for(
        person,
        """([x, y]) => {
            const { view, pointers } = document.querySelector('[data-view]').dataset;
            const pixel = Number(view.split(',')[2]) / document.querySelector('#slide').getBoundingClientRect().width;
            const shown = JSON.parse(pointers);
            return shown.length === 1 && Math.hypot(shown[0].x - x, shown[0].y - y) <= 3 * pixel;
        }""",
        [x, y],
    )
    (shown,) = json.loads(slide_of(person).get_attribute("data-pointers") or "[]")
    return Pointer(**shown)


def pixels(person: Person, x: float, y: float, width: float, height: float) -> list[tuple[int, int, int]]:
    """What the window shows there."""
    shot = person.page.screenshot(clip={"x": x, "y": y, "width": width, "height": height})
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    return [picture.getpixel((left, top)) for left in range(picture.width) for top in range(picture.height)]  # type: ignore[misc]
