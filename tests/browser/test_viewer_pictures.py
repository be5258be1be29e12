"""What of a slide is on the screen: channels, focal planes, quality on a thin link, and whether it is exactly the file's."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openslide
import pytest
import simplejpeg
from numpy.typing import NDArray
from playwright.sync_api import Browser, Response, Route, expect

from telepath.slides.tiff_writer import Picture, TiffWriter
from tests.browser.conftest import seeded
from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import (
    ANSWERED,
    CASE,
    Person,
    open_slide,
    pixels,
    seen,
    slide_of,
    wait_for,
    wait_sharp,
    wait_still,
    window,
)
from tests.builders_fluorescence import plane_red, write_channels, write_planes
from tests.builders_slides import APERIO, levels, pattern, write_svs
from tests.running import Node, service
from tests.tools import require_chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TILES = re.compile(r"/slides/\w{26}/tiles/")
BATCHES = re.compile(r"/slides/\w{26}/tiles/batch/")
PLAIN = "REU-26-1077"
"""Of Paul: the third case, whose slide is in plain colour."""
MEGABIT = 1_000_000 / 8


@pytest.fixture(scope="module")
def colour_slide(short_folder: Path) -> Path:
    path = short_folder / "colour.svs"
    return write_svs(path, width=4096, height=3072)


@pytest.fixture(scope="module")
def picture_node(colour_slide: Path, short_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node with a slide of three channels, one of five focal planes, and one in colour."""
    slides = [
        write_channels(short_folder / "channels.ome.tiff"),
        write_planes(short_folder / "planes.ome.tiff"),
        colour_slide,
    ]
    folder = tmp_path_factory.mktemp("picture-node")
    seeded(folder, {}, slides)
    with service(folder, {}) as started:
        yield started[0]


def told(person: Person, name: str) -> str:
    return slide_of(person).get_attribute(f"data-{name}") or ""


def middle(person: Person) -> tuple[int, int, int]:
    box = window(person)
    return pixels(person, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 1, 1)[0]


def centre_picture(person: Person, side: int = 300) -> NDArray[np.uint8]:
    box = window(person)
    left, top = box["x"] + box["width"] / 2 - side / 2, box["y"] + box["height"] / 2 - side / 2
    return np.array(pixels(person, left, top, side, side), np.uint8)


def test_channels_are_shown_coloured_and_windowed_without_fetching_them_again(
    picture_node: Node, at: Callable[..., Person]
) -> None:
    ines = at(picture_node, "ines")
    page = ines.page
    open_slide(ines, CASE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if TILES.search(request.url) else None)
    all_three = centre_picture(ines)
    assert all_three.max(axis=0).min() > 100, "each colour shines somewhere"
    assert (all_three.max(axis=1) < 25).mean() > 0.2, "between the cells it is black"

    page.keyboard.press("n")
    rows = page.locator("#channel-list > li")
    expect(rows).to_have_count(3)
    for row in (1, 2):
        rows.nth(row).locator("input[type=checkbox]").uncheck()
    wait_for(ines, "() => /^0:[^,]*$/.test(document.querySelector('#slide').dataset.channels)")
    wait_sharp(ines)
    alone = centre_picture(ines).astype(int)
    assert (alone[:, 2] >= alone[:, 0] - 2).all(), "DAPI is blue"

    high = rows.nth(0).locator("input[type=number]").nth(1)
    high.fill("500")
    high.press("Enter")
    wait_for(ines, "() => document.querySelector('#slide').dataset.channels.endsWith(':500')")
    brighter = centre_picture(ines).astype(int)
    assert brighter.sum() > alone.sum() * 1.3
    page.get_by_role("button", name="Contraste auto").click()
    wait_for(ines, "() => !document.querySelector('#slide').dataset.channels.endsWith(':500')")
    assert asked == [], "windows and fewer channels need no tile that was not there"


def test_the_link_to_a_field_carries_plane_and_channels(picture_node: Node, at: Callable[..., Person]) -> None:
    ines = at(picture_node, "ines")
    page = ines.page
    open_slide(ines, CASE)
    page.keyboard.press("n")
    page.locator("#channel-list > li").nth(0).locator("input[type=checkbox]").uncheck()
    wait_for(ines, "() => document.querySelector('#slide').dataset.channels.startsWith('1:')")
    wait_sharp(ines)
    channels, picture = told(ines, "channels"), centre_picture(ines)
    page.keyboard.press("l")
    expect(page.locator("#messages")).to_contain_text("Lien copié")
    address = page.evaluate("navigator.clipboard.readText()")
    ines.go("/about")
    page.goto(address)
    wait_for(ines, "(channels) => document.querySelector('#slide')?.dataset.channels === channels", channels)
    page.keyboard.press("n")  # the window is as wide as it was
    wait_still(ines)
    wait_sharp(ines)
    assert np.abs(centre_picture(ines).astype(int) - picture).mean() < 3


def test_a_plane_is_shown_under_its_own_number_only(picture_node: Node, at: Callable[..., Person]) -> None:
    ines = at(picture_node, "ines")
    page = ines.page
    open_slide(ines, ANSWERED)
    assert told(ines, "plane") == "2", "it opens in the middle"
    assert middle(ines)[0] == pytest.approx(plane_red(2), abs=6)
    for key, plane in (("PageUp", 3), ("PageUp", 4), ("[", 3), ("PageDown", 2), ("PageDown", 1)):
        # At each frame what is said is what is drawn, while the plane changes too.
        lies = page.evaluate_handle(
            """(red) => {
                const found = [];
                const slide = document.querySelector('#slide');
                const shown = slide.querySelector('canvas');
                const look = () => {
                    const pixel = document.createElement('canvas').getContext('2d');
                    pixel.drawImage(shown, shown.width / 2, shown.height / 2, 1, 1, 0, 0, 1, 1);
                    found.push([Number(slide.dataset.plane), pixel.getImageData(0, 0, 1, 1).data[0]]);
                    if (!found.done) requestAnimationFrame(look);
                };
                requestAnimationFrame(look);
                return found;
            }"""
        )
        page.keyboard.press(key)
        wait_for(ines, "(plane) => document.querySelector('#slide').dataset.plane === plane", str(plane))
        wait_sharp(ines)
        frames = lies.evaluate("(found) => { found.done = true; return found; }")
        assert middle(ines)[0] == pytest.approx(plane_red(plane), abs=6)
        wrong = [frame for frame in frames if frame[1] > 0 and abs(frame[1] - plane_red(frame[0])) > 8]
        assert len(wrong) <= 1, f"at most the frame in which it changes: {wrong}"
    expect(page.locator("#focus-plane")).to_have_text("2/5 · 1,5\N{NO-BREAK SPACE}µm")
    expect(page.locator("#spoken")).to_contain_text("plan focal 2 sur 5")
    assert page.locator("#focus-slider").get_attribute("aria-valuetext") is not None
    box = window(ines)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = seen(ines)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Shift")
    wait_for(ines, "() => document.querySelector('#slide').dataset.plane === '2'")
    assert seen(ines) == before, "the wheel did not zoom"


def test_who_goes_back_before_the_other_plane_came_stays_where_they_are(
    picture_node: Node, at: Callable[..., Person]
) -> None:
    ines = at(picture_node, "ines")
    ines.page.route(re.compile("_z3"), lambda _: None)  # never answered
    open_slide(ines, ANSWERED)
    wait_sharp(ines)
    ines.page.keyboard.press("PageUp")
    ines.page.keyboard.press("PageDown")
    # For longer than another plane is waited for.
    wait_for(
        ines,
        """() => new Promise((resolve) => {
            let last, same = 0;
            const look = () => {
                const { plane } = document.querySelector('#slide').dataset;
                same = plane === last ? same + 1 : 0;
                last = plane;
                if (same >= 90) resolve(true); else requestAnimationFrame(look);
            };
            look();
        })""",
    )
    assert told(ines, "plane") == "2"
    wait_sharp(ines)
    assert middle(ines)[0] == pytest.approx(plane_red(2), abs=6)


def test_the_planes_beside_are_there_before_they_are_asked_for(picture_node: Node, at: Callable[..., Person]) -> None:
    ines = at(picture_node, "ines")
    page = ines.page
    open_slide(ines, ANSWERED)
    for plane in (3, 1):
        fetched = "(mark) => performance.getEntriesByType('resource').some((one) => one.name.includes(mark))"
        wait_for(ines, fetched, f"_z{plane}")
    above = re.compile(r"_z3")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if above.search(request.url) else None)
    page.keyboard.press("PageUp")
    wait_for(ines, "() => document.querySelector('#slide').dataset.plane === '3'")
    wait_sharp(ines)
    assert asked == []


def thin_link(person: Person, megabits: float) -> None:
    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    rate = megabits * MEGABIT
    wanted = {"offline": False, "latency": 40, "downloadThroughput": rate, "uploadThroughput": rate}
    session.send("Network.emulateNetworkConditions", wanted)


def test_on_a_thin_link_reduced_tiles_come_first_are_said_and_are_refined_at_rest(
    picture_node: Node, at: Callable[..., Person]
) -> None:
    paul = at(picture_node, "paul")
    page = paul.page
    thin_link(paul, 1.5)
    kinds: list[str] = []

    def note(response: Response) -> None:
        if TILES.search(response.url):
            kinds.append("reduced" if ".avif" in response.url else "native")

    page.on("response", note)
    open_slide(paul, PLAIN)
    expect(slide_of(paul)).to_have_attribute("data-quality", "native")
    kinds.clear()
    page.keyboard.press("5")
    mark = page.locator("#quality")
    expect(mark).to_have_attribute("data-quality", "reduced")
    expect(mark).to_contain_text("Qualité réduite")
    expect(mark).to_be_visible()
    wait_sharp(paul)
    paul.picture("viewer-thin-link")
    expect(slide_of(paul)).to_have_attribute("data-quality", "native")
    expect(page.locator("#quality-text")).to_have_text("Image d’origine affichée.")
    first_native = kinds.index("native")
    assert "reduced" in kinds[:first_native]
    assert "reduced" not in kinds[first_native:], "once refined nothing is reduced again"


def test_who_wants_the_original_picture_gets_no_other_and_is_remembered(
    picture_node: Node, at: Callable[..., Person]
) -> None:
    paul = at(picture_node, "paul")
    page = paul.page
    thin_link(paul, 1.5)
    open_slide(paul, PLAIN)
    page.keyboard.press("o")
    page.get_by_role("checkbox", name="Toujours l’image d’origine").check()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if TILES.search(request.url) else None)
    page.keyboard.press("5")
    wait_still(paul)
    expect(slide_of(paul)).to_have_attribute("data-quality", "native")
    page.reload()
    wait_sharp(paul)
    assert asked
    assert not any(".avif" in url for url in asked)


def test_a_good_link_has_no_reduced_tile(picture_node: Node, at: Callable[..., Person]) -> None:
    paul = at(picture_node, "paul")
    asked: list[str] = []
    paul.page.on("request", lambda request: asked.append(request.url) if TILES.search(request.url) else None)
    open_slide(paul, PLAIN)
    paul.page.keyboard.press("5")
    wait_still(paul)
    wait_sharp(paul)
    assert asked
    assert not any(".avif" in url for url in asked)


def test_a_reduced_tile_that_cannot_be_had_or_drawn_is_fetched_as_it_is(
    picture_node: Node, at: Callable[..., Person]
) -> None:
    paul = at(picture_node, "paul")
    thin_link(paul, 1.5)

    def answer(route: Route) -> None:
        url = route.request.url
        if BATCHES.search(url):
            route.fulfill(status=404)
        elif url.endswith(".avif"):
            route.fulfill(status=200, content_type="image/avif", body=b"no picture")
        else:
            route.continue_()

    paul.page.route(TILES, answer)
    open_slide(paul, PLAIN)
    expect(slide_of(paul)).to_have_attribute("data-quality", "native")


def test_one_bad_tile_of_a_batch_leaves_the_others_alone(picture_node: Node, at: Callable[..., Person]) -> None:
    paul = at(picture_node, "paul")
    batches: list[int] = []
    bad: list[str] = []

    def spoil(route: Route) -> None:
        answer = route.fetch()
        names = route.request.url.rpartition("/batch/")[2].split("+")
        batches.append(len(names))
        if bad:
            route.fulfill(response=answer)
            return
        bad.append(names[1].replace("-", "/"))
        body = answer.body()
        parts, at_byte = [], 0
        while at_byte < len(body):
            length = int.from_bytes(body[at_byte : at_byte + 4])
            parts.append(body[at_byte : at_byte + 6 + length])
            at_byte += 6 + length
        parts[1] = b"\0\0\0\0" + (503).to_bytes(2)
        route.fulfill(status=200, content_type="application/vnd.telepath.tiles", body=b"".join(parts))

    paul.page.route(BATCHES, spoil)
    alone: list[str] = []
    paul.page.on(
        "request",
        lambda request: (
            alone.append(request.url) if TILES.search(request.url) and "/batch/" not in request.url else None
        ),
    )
    open_slide(paul, PLAIN)
    paul.page.keyboard.press("3")
    wait_still(paul)
    wait_sharp(paul)
    assert max(batches) > 4
    assert [url for url in alone if url.endswith(bad[0])], "it is asked for by itself"


def test_a_level_that_is_still_made_is_said_and_comes_when_it_is_there(
    picture_node: Node, at: Callable[..., Person]
) -> None:
    paul = at(picture_node, "paul")
    page = paul.page
    building = [True]

    def answer(route: Route) -> None:
        url = route.request.url
        if BATCHES.search(url):
            route.fulfill(status=404)
        elif building[0] and "/tiles/0/" not in url:
            route.fulfill(status=503, headers={"telepath-tile": "building"}, body="being built")
        else:
            route.continue_()

    page.route(TILES, answer)
    paul.go("/cases")
    page.get_by_role("link", name=PLAIN).first.click()
    page.locator("a[href^='/slides/']").first.click()
    expect(page.locator("#building")).to_contain_text("se prépare")
    expect(page.locator("#messages")).to_be_empty()
    page.keyboard.press("5")
    wait_still(paul)
    wait_sharp(paul)  # its fine levels are there
    expect(page.locator("#building")).to_be_empty()
    page.keyboard.press("0")
    expect(page.locator("#building")).to_contain_text("se prépare")
    building[0] = False
    wait_sharp(paul)
    expect(page.locator("#building")).to_be_empty()


@pytest.fixture(scope="module")
def drawers(chromium: Browser) -> Iterator[Browser]:
    """Chromium with WebGL in software: slow, and exact to the same rules as on a card."""
    flags = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--force-color-profile=srgb"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    browser = chromium.browser_type.launch(executable_path=require_chromium(), args=flags)
    yield browser
    browser.close()


SAMPLINGS = {"444": (1, 1), "422": (2, 1), "420": (2, 2)}
"""Of chroma, as JPEG names them → how many px a sample covers."""
HELD_BY = dict(zip(SAMPLINGS, ((PLAIN, "paul"), (CASE, "ines"), (ANSWERED, "ines")), strict=True))


def write_sampled(path: Path, name: str) -> Path:
    """A slide of loud colours that change at every px: what one decoder makes otherwise than another is seen."""
    pyramid = levels(2048, 1536, (1, 4))
    chance = np.random.default_rng(5)
    description = APERIO.format(width=2048, height=1536, tile=256, colour="YCC")
    with TiffWriter(path, pyramid, Picture(subsampling=SAMPLINGS[name], description=description)) as writer:
        for number, level in enumerate(pyramid):
            for row in range(level.rows):
                for column in range(level.columns):
                    noise = chance.integers(-60, 60, (256, 256, 3))
                    loud = np.clip(pattern(level, column, row).astype(int) + noise, 0, 255).astype(np.uint8)
                    writer.put(number, column, row, simplejpeg.encode_jpeg(loud, 90, "RGB", name))
    return path


@pytest.fixture(scope="module")
def sampled(short_folder: Path) -> dict[str, Path]:
    return {name: write_sampled(short_folder / f"sampled-{name}.svs", name) for name in SAMPLINGS}


@pytest.fixture(scope="module")
def sampled_node(sampled: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("sampled-node")
    seeded(folder, {}, [sampled["422"], sampled["420"], sampled["444"]])
    with service(folder, {}) as started:
        yield started[0]


@pytest.mark.parametrize("drawer", ["webgl", "canvas"])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_at_one_to_one_the_screen_shows_exactly_the_pixels_of_the_file(
    drawer: str, sampling: str, sampled_node: Node, sampled: dict[str, Path], drawers: Browser
) -> None:
    context = drawers.new_context(viewport={"width": 1000, "height": 700}, locale="fr-FR")
    number, who = HELD_BY[sampling]
    try:
        person = Person(context, sampled_node.origin)
        page = person.page
        person.sign_in(who)
        open_slide(person, number)
        page.keyboard.press("o")
        with page.expect_navigation():
            page.locator("#display-drawer").select_option(drawer)
        wait_sharp(person)
        page.keyboard.press("5")
        wait_still(person)
        # A place between the pixels, by hand: it comes to lie on them.
        box = window(person)
        page.mouse.move(box["x"] + 300, box["y"] + 300)
        page.mouse.down()
        page.mouse.move(box["x"] + 213, box["y"] + 251, steps=5)
        page.mouse.up()
        wait_still(person)
        wait_sharp(person)
        view = seen(person)
        assert view.width == pytest.approx(box["width"], abs=0.01)
        left, top = view.x - view.width / 2, view.y - view.height / 2
        assert [left, top] == pytest.approx([round(left), round(top)], abs=0.01)
        side = 320
        shown = centre_picture(person, side).reshape(side, side, 3).swapaxes(0, 1)
        with openslide.OpenSlide(str(sampled[sampling])) as slide:
            place = round(left) + int(box["width"] / 2 - side / 2), round(top) + int(box["height"] / 2 - side / 2)
            wanted = np.asarray(slide.read_region(place, 0, (side, side)).convert("RGB"))
        apart = np.abs(shown.astype(int) - wanted)
        assert int(apart.max()) == 0, (
            f"at most {apart.max()}, {apart.mean():.3f} on average, {(apart > 0).mean():.1%} differ"
        )
    finally:
        context.close()


REMEMBER_CONTEXTS = """(() => {
    const get = HTMLCanvasElement.prototype.getContext;
    window.graphics = [];
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        const made = get.call(this, kind, ...rest);
        if (made !== null && String(kind).startsWith('webgl')) window.graphics.push(made);
        return made;
    };
})()"""


def test_a_graphics_card_that_loses_its_memory_draws_the_same_again(sampled_node: Node, drawers: Browser) -> None:
    """A driver that restarts, a laptop that wakes: the slide must not stay black."""
    context = drawers.new_context(viewport={"width": 1000, "height": 700}, locale="fr-FR")
    try:
        person = Person(context, sampled_node.origin)
        page = person.page
        page.add_init_script(REMEMBER_CONTEXTS + "; localStorage.setItem('telepath-drawer', 'webgl');")
        number, who = HELD_BY["444"]
        person.sign_in(who)
        open_slide(person, number)
        expect(slide_of(person)).to_have_attribute("data-drawer", "webgl")
        page.keyboard.press("5")
        wait_still(person)
        wait_sharp(person)
        before = centre_picture(person, 320)
        assert before.std() > 10
        lost = page.evaluate(
            """() => graphics.filter((one) => {
                one.getExtension('WEBGL_lose_context')?.loseContext();
                return one.isContextLost();
            }).length"""
        )
        assert lost > 0
        for key in ("ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
            wait_still(person)
        wait_sharp(person)
        assert np.array_equal(centre_picture(person, 320), before)
    finally:
        context.close()


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_what_only_some_slides_have_is_in_order(
    language: str, theme: str, picture_node: Node, at: Callable[..., Person]
) -> None:
    ines = at(picture_node, "ines")
    dress(ines, language, theme)
    open_slide(ines, ANSWERED)
    look(ines, f"viewer-focus-{language}")
    open_slide(ines, CASE)
    ines.page.keyboard.press("n")
    expect(ines.page.locator("#channels")).to_be_visible()
    wait_sharp(ines)
    look(ines, f"viewer-channels-{language}")
    ines.page.keyboard.press("n")
    ines.page.keyboard.press("o")
    expect(ines.page.locator("#display")).to_be_visible()
    look(ines, f"viewer-display-{language}")
