"""What goes wrong with slide viewers, and must not here: holes, white patches, rights that end, links that lie."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event
from time import monotonic

import pytest
from playwright.sync_api import Route, expect

from tests.browser.windows import (
    CASE,
    Person,
    View,
    open_case,
    pixels,
    seen,
    slide_of,
    view_of,
    wait_for,
    wait_sharp,
    wait_still,
    window,
)
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TILES = re.compile(r"/slides/\w{26}/tiles/")
BATCH = "/tiles/batch/"
"""Where many tiles are had in one request, as these pages do: they are not multiplexed."""
MILLIMETRES = {"µm": 0.001, "mm": 1.0}


@pytest.fixture
def ines(one_node: Node, at: Callable[..., Person]) -> Person:
    """At her case, about to open its slide."""
    person = at(one_node, "ines")
    open_case(person)
    return person


def slide_path(person: Person) -> str:
    """Of the case that the window shows."""
    return str(person.page.locator("a[href^='/slides/']").first.get_attribute("href"))


def open_at(person: Person, path: str, view: View) -> None:
    """Load the viewer on a link to a view."""
    person.go("/about")  # a new fragment alone would load nothing
    person.go(f"{path}#view={','.join(str(part) for part in view)}")
    wait_sharp(person)


def level(person: Person, index: int = 0) -> dict[str, int]:
    """A level of the slide on the screen, as the page has it."""
    script = "(index) => JSON.parse(document.querySelector('#viewer-config').textContent).slide.levels[index]"
    found: dict[str, int] = person.page.evaluate(script, index)
    return found


def mpp(person: Person) -> float:
    script = "JSON.parse(document.querySelector('#viewer-config').textContent).slide.mpp"
    return float(person.page.evaluate(script))


def test_a_tile_that_fails_twice_is_fetched_again_and_leaves_no_hole(ines: Person) -> None:
    asked: Counter[str] = Counter()
    failing: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        if BATCH in url:
            route.fulfill(status=404)  # as an older server: each tile is asked for by itself
            return
        failing[:] = failing or [url]
        asked[url] += 1
        if url in failing and asked[url] <= 2:
            route.fulfill(status=503, body="unavailable")
        else:
            route.continue_()

    ines.page.route(TILES, answer)
    with ines.page.expect_response(lambda response: asked[response.url] == 3) as third:
        ines.page.goto(ines.origin + slide_path(ines))
    assert third.value.url == failing[0]
    assert third.value.ok
    wait_sharp(ines)
    assert asked[failing[0]] == 3


def black(seen: list[tuple[int, int, int]]) -> float:
    """The share of pixels that are as dark as the room around the slide; a few nuclei are."""
    return sum(max(pixel) < 40 for pixel in seen) / len(seen)


def test_what_has_not_come_yet_is_blurred_and_said_never_black(ines: Person) -> None:
    held: list[Route] = []
    let_go = Event()
    ines.page.route(TILES, lambda route: route.continue_() if let_go.is_set() else held.append(route))
    with ines.page.expect_request(TILES):
        ines.page.goto(ines.origin + slide_path(ines))
    expect(ines.page.locator("#drawing")).to_be_visible()
    # The small picture alone: the slide's glass and tissue are there, though not a single tile is.
    expect(ines.page.locator("#stage:not([data-opening])")).to_be_visible()
    box = window(ines)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown = partial(pixels, ines, middle[0] - 100, middle[1] - 100, 200, 200)
    deadline = monotonic() + 20
    seen = shown()
    while max(max(pixel) - min(pixel) for pixel in seen) < 20 or black(seen) > 0.01:  # it fades in
        assert monotonic() < deadline, "no colour, or black: the small picture is not drawn"
        seen = shown()
    expect(slide_of(ines)).to_have_attribute("data-drawn", "false")
    let_go.set()
    for route in held:
        route.continue_()
    wait_sharp(ines)
    expect(ines.page.locator("#drawing")).to_be_hidden()


def test_the_last_key_pressed_while_the_slide_opens_counts(ines: Person) -> None:
    held: list[Route] = []
    script = re.compile(r"/static/viewer-\w+\.js")

    def hold(route: Route) -> None:
        held.append(route)

    ines.page.route(script, hold)
    with ines.page.expect_response(re.compile(r"/static/opening-\w+\.js")), ines.page.expect_request(script):
        ines.page.goto(ines.origin + slide_path(ines), wait_until="commit")
    expect(ines.page.locator("#loading")).to_be_visible()
    expect(ines.page.locator("#minimap")).to_be_hidden()
    expect(ines.page.locator("#stage")).to_have_attribute("data-opening", "keys kept")
    ines.page.keyboard.press("3")
    ines.page.keyboard.press("4")
    for route in held:
        route.continue_()
    expect(ines.page.locator('[data-action="objective"][data-value="20"]')).to_have_attribute("aria-pressed", "true")


def test_a_deleted_mark_is_put_back_and_the_frames_hide_with_their_list(ines: Person) -> None:
    page = ines.page
    page.goto(ines.origin + slide_path(ines))
    wait_sharp(ines)
    marks = page.locator("#pin-list li")
    mine = marks.filter(has_text="À remettre")  # other stories mark the same slide: the list comes after the picture
    page.keyboard.press("p")
    page.locator("#pin-label").fill("À remettre")
    page.keyboard.press("Enter")
    expect(mine).to_have_count(1)
    mine.locator(".tool").click()
    expect(mine).to_have_count(0)
    page.locator("#messages").get_by_role("button", name="Annuler").click()
    expect(mine).to_have_count(1)
    painted = """() => {
        const canvas = document.querySelector('#overlay');
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0);
    }"""
    wait_for(ines, painted)
    page.locator("#slide").focus()
    page.keyboard.press("k")
    expect(page.locator("#pins")).to_be_hidden()
    wait_for(ines, f"() => !({painted})()")
    page.keyboard.press("k")
    wait_for(ines, painted)
    mine.locator(".tool").click()
    expect(mine).to_have_count(0)


def test_the_whole_slide_lies_beside_the_tools(ines: Person) -> None:
    ines.page.goto(ines.origin + slide_path(ines))
    wait_sharp(ines)
    view, box, finest = seen(ines), window(ines), level(ines)
    turret = ines.page.locator(".turret").bounding_box()
    assert turret is not None
    pixel = view.height / box["height"]
    below = box["y"] + box["height"] / 2 + (finest["height"] - view.y) / pixel
    assert below < turret["y"]


def test_an_unreadable_tile_is_marked_and_not_white(ines: Person) -> None:
    path = slide_path(ines)
    ines.page.goto(ines.origin + path)
    wait_sharp(ines)
    finest, stage = level(ines), window(ines)
    width, height = finest["tile_width"], finest["tile_height"]
    column, row = finest["columns"] // 2, finest["rows"] // 2
    bad = f"/tiles/0/{column}_{row}"

    def spoil(route: Route) -> None:
        if BATCH in route.request.url:
            route.fulfill(status=404)
        elif route.request.url.endswith(bad):
            route.fulfill(status=422, body="unreadable tile")
        else:
            route.continue_()

    ines.page.route(TILES, spoil)
    centre = ((column + 0.5) * width, (row + 0.5) * height)
    with ines.page.expect_response(lambda response: response.url.endswith(bad)) as answer:
        open_at(ines, path, View(*centre, stage["width"], stage["height"], 0, 0))
    assert answer.value.status == 422
    left, top = stage["x"] + stage["width"] / 2 - width / 2, stage["y"] + stage["height"] / 2 - height / 2
    # The upper part of the tile: hatched in two greys. Its middle says what it is.
    hatched = pixels(ines, left + 4, top + 4, width - 8, height / 4)
    assert all(max(pixel) - min(pixel) <= 2 and 80 <= pixel[0] <= 118 for pixel in hatched)
    assert len(set(hatched)) > 1
    assert any(min(pixel) > 220 for pixel in pixels(ines, left + 4, top + height / 3, width - 8, height / 3))
    beside = pixels(ines, left + width + 4, top + 4, width - 8, height / 4)
    assert any(max(pixel) - min(pixel) > 2 for pixel in beside), "its neighbour is drawn as ever"


def test_a_view_that_has_expired_is_renewed_without_a_word(ines: Person) -> None:
    path = slide_path(ines)
    corner(ines, path)
    ines.context.clear_cookies(name="telepath_tiles")
    with ines.page.expect_response(lambda response: response.url.endswith(f"{path}/view")) as renewed:
        far_away(ines)
    assert renewed.value.request.method == "POST"
    assert renewed.value.ok
    wait_still(ines)
    wait_sharp(ines)
    expect(ines.page.locator("#ended")).to_be_hidden()
    assert any(cookie.get("name") == "telepath_tiles" for cookie in ines.context.cookies(f"{ines.origin}{path}/tiles/"))


def test_a_session_that_ended_elsewhere_ends_the_slide_too(ines: Person) -> None:
    with ines.page.expect_response(TILES) as shown:
        corner(ines, slide_path(ines))
    far_away(ines)
    wait_still(ines)
    wait_sharp(ines)
    field = seen(ines)
    elsewhere = ines.context.new_page()
    elsewhere.goto(ines.origin)
    elsewhere.get_by_role("button", name="Se déconnecter").click()
    elsewhere.wait_for_url("**/login/left**")
    # The end of a session is an event: until the node has heard of it, a moment later, tiles are still sent.
    gone = "async (tile) => (await fetch(tile, { cache: 'no-store' })).status === 404"
    wait_for(ines, gone, shown.value.url)
    ines.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as who comes back to the tab
    cover = ines.page.locator(".life-cover")
    expect(cover).to_be_visible()
    expect(cover).to_contain_text("Votre session est terminée")
    box = window(ines)
    for top in (box["y"], box["y"] + box["height"] * 3 / 4):  # above the message, and below it
        tissue = pixels(ines, box["x"], top, box["width"], box["height"] / 4)
        assert all(max(pixel) - min(pixel) < 40 for pixel in tissue), "nothing of the slide shows beside the message"
    cover.get_by_role("link", name="Se reconnecter").click()
    ines.page.get_by_role("link", name="Pro Santé Connect").click()
    ines.page.locator(f'button[value="{PEOPLE["ines"].subject_name_id}"]').click()
    wait_sharp(ines)
    assert seen(ines) == pytest.approx(field, abs=1), "the way back leads to the same field"


def corner(person: Person, path: str) -> None:
    """Look at the slide's upper left corner, pixel for pixel."""
    person.page.goto(person.origin + path)
    wait_sharp(person)
    box = window(person)
    open_at(person, path, View(box["width"] / 8, box["height"] / 8, box["width"] / 4, box["height"] / 4, 0, 0))


def far_away(person: Person) -> None:
    """Fly to the lower right corner."""
    finest, box = level(person), window(person)
    view = View(
        finest["width"] - box["width"] / 8,
        finest["height"] - box["height"] / 8,
        box["width"] / 4,
        box["height"] / 4,
        0,
        0,
    )
    person.page.evaluate("(view) => { location.hash = `view=${view}`; }", ",".join(str(part) for part in view))


def test_the_scale_bar_is_true_at_every_magnification(ines: Person) -> None:
    ines.page.goto(ines.origin + slide_path(ines))
    wait_sharp(ines)
    said = set()
    for key in ("2", "4", "5", "+", "0"):
        ines.page.keyboard.press(key)
        wait_still(ines)
        bar = ines.page.locator("#scale-bar")
        number, unit = bar.inner_text().replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ").rsplit(" ", 1)
        length = float(number.replace(",", ".").replace(" ", "")) * MILLIMETRES[unit]
        drawn = bar.evaluate("(bar) => parseFloat(bar.style.width)")
        per_pixel = seen(ines).width / window(ines)["width"] * mpp(ines) / 1000
        assert abs(drawn * per_pixel / length - 1) < 0.01
        assert bar.evaluate("(bar) => bar.getBoundingClientRect().width") == pytest.approx(drawn, abs=2.5)
        said.add(length)
    assert len(said) >= 3


def test_the_overview_leads_to_the_place_that_is_clicked(ines: Person) -> None:
    page = ines.page
    page.goto(ines.origin + slide_path(ines))
    wait_sharp(ines)
    page.keyboard.press("4")
    wait_still(ines)
    finest = level(ines)
    overview = page.locator("#minimap-canvas")
    box = overview.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(finest["width"] / finest["height"], rel=0.05)
    overview.click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.6})
    wait_still(ines)
    view = seen(ines)
    pixel = finest["width"] / box["width"]
    assert view.x == pytest.approx(0.3 * finest["width"], abs=2 * pixel)
    assert view.y == pytest.approx(0.6 * finest["height"], abs=2 * pixel)
    page.keyboard.press("m")
    expect(overview).to_be_hidden()
    page.keyboard.press("m")
    expect(overview).to_be_visible()


def test_a_link_restores_the_field_with_its_rotation_and_mirror(ines: Person) -> None:
    path = slide_path(ines)
    ines.page.goto(ines.origin + path)
    wait_sharp(ines)
    finest, box = level(ines), window(ines)
    wanted = View(finest["width"] * 0.4, finest["height"] * 0.55, box["width"] / 2, box["height"] / 2, 30, 1)
    open_at(ines, path, wanted)
    shown = seen(ines)
    assert shown == pytest.approx(wanted, abs=0.5)
    ines.page.keyboard.press("l")
    expect(ines.page.locator("#messages")).to_contain_text("Lien copié")
    address = ines.page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{ines.origin}{path}#view=")
    assert view_of(address.partition("#view=")[2]) == pytest.approx(shown, abs=0.01)


def levels_asked(url: str) -> list[int]:
    """Of the tile, or the tiles, at this address."""
    name = url.partition("/tiles/")[2]
    return [int(re.split("[-/]", one)[0]) for one in name.removeprefix("batch/").split("+")]


def test_an_objective_shows_a_level_of_the_slide_at_its_own_scale(ines: Person) -> None:
    ines.page.goto(ines.origin + slide_path(ines))
    wait_sharp(ines)
    script = (
        "JSON.parse(document.querySelector('#viewer-config').textContent).slide.levels.map((one) => one.downsample)"
    )
    natives: list[float] = ines.page.evaluate(script)
    reached = 0
    for key, objective in (("2", 5), ("3", 10), ("4", 20), ("5", 40)):
        ines.page.keyboard.press(key)
        wait_still(ines)
        downsample = seen(ines).width / window(ines)["width"]
        wanted = 10 / (mpp(ines) * objective)
        near = [native for native in natives if abs(wanted / native - 1) <= 0.2]
        if near:
            reached += 1
            assert min(abs(downsample / native - 1) for native in near) < 2e-4
    assert reached >= 1


def test_a_flight_out_fetches_nothing_of_what_it_passes(ines: Person) -> None:
    path = slide_path(ines)
    ines.page.goto(ines.origin + path)
    wait_sharp(ines)
    finest, box = level(ines), window(ines)
    open_at(ines, path, View(finest["width"] / 2, finest["height"] / 2, box["width"] / 4, box["height"] / 4, 0, 0))
    asked: list[int] = []
    ines.page.on(
        "request", lambda request: asked.extend(levels_asked(request.url)) if TILES.search(request.url) else None
    )
    ines.page.keyboard.press("0")
    wait_still(ines)
    wait_sharp(ines)
    script = (
        "JSON.parse(document.querySelector('#viewer-config').textContent).slide.levels.map((one) => one.downsample)"
    )
    natives: list[float] = ines.page.evaluate(script)
    screen = seen(ines).width / box["width"]
    passed = [number for number in asked if natives[number] < 0.4 * screen and number < len(natives) - 1]
    assert passed == []


def test_without_a_graphics_card_the_slide_is_drawn_on_a_canvas_unless_the_person_says_otherwise(ines: Person) -> None:
    """WebGL in software draws 5 frames a second."""
    page = ines.page
    page.goto(ines.origin + slide_path(ines))
    wait_sharp(ines)
    renderer = page.evaluate(
        """() => {
            const gl = document.createElement('canvas').getContext('webgl');
            if (gl === null) return 'none';
            return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL);
        }"""
    )
    assert re.search("none|swiftshader|llvmpipe|software", renderer, re.IGNORECASE), "this machine has no card"
    expect(slide_of(ines)).to_have_attribute("data-drawer", "canvas")
    view = seen(ines)
    page.keyboard.press("o")
    with page.expect_navigation():
        page.locator("#display-drawer").select_option("webgl")
    wait_sharp(ines)
    expect(slide_of(ines)).to_have_attribute("data-drawer", "webgl")
    assert seen(ines).x == pytest.approx(view.x, abs=1), "on the same field"


def test_no_level_finer_than_the_screen_is_fetched_at_an_objective(one_node: Node, at: Callable[..., Person]) -> None:
    """At an exact step of the objectives OpenSeadragon's own choice is a level twice too fine: three times the bytes."""
    paul = at(one_node, "paul")
    open_case(paul, "REU-26-1077")
    path = slide_path(paul)
    paul.page.goto(paul.origin + path)
    wait_sharp(paul)
    finest, second, box = level(paul), level(paul, 1), window(paul)
    asked: list[int] = []

    def note(route: Route) -> None:
        asked.extend(levels_asked(route.request.url))
        route.continue_()

    paul.page.route(TILES, note)
    scale = second["downsample"]
    view = View(finest["width"] / 2, finest["height"] / 2, box["width"] * scale, box["height"] * scale, 0, 0)
    open_at(paul, path, view)
    assert seen(paul).width == pytest.approx(view.width)
    assert 1 in asked
    assert 0 not in asked


def test_a_slide_is_reached_and_moved_without_a_mouse(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    page = ines.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    for target, arrived in (
        ("nav a[href='/cases']", "/cases"),
        (f".row-title:text('{CASE}')", "/cases/*"),
        ("a[href^='/slides/']", "/slides/*"),
    ):
        follow(ines, target)
        page.wait_for_url(f"{ines.origin}{arrived}")
    wait_sharp(ines)
    tab_to(ines, "#slide")
    ring = slide_of(ines).evaluate(
        "(one) => [one, one.parentElement].some((part) => getComputedStyle(part).outlineStyle !== 'none'"
        " || getComputedStyle(part, '::after').outlineStyle !== 'none'"
        " || getComputedStyle(part, '::after').boxShadow !== 'none' || getComputedStyle(part).boxShadow !== 'none')"
    )
    assert ring, "one sees where the keyboard is"
    before = seen(ines)
    page.keyboard.press("4")
    wait_still(ines)
    page.keyboard.press("ArrowRight")
    wait_still(ines)
    after = seen(ines)
    assert after.x > before.x
    assert after.width < before.width
    tab_to(ines, "[data-action=rotate-right]")
    page.keyboard.press("Enter")
    wait_still(ines)
    assert seen(ines).rotation == pytest.approx(15)
    expect(page.locator("#spoken")).to_contain_text("×")


def test_keys_of_a_letter_are_switched_off_for_slides_and_the_worklist_and_the_others_stay(ines: Person) -> None:
    page, path = ines.page, slide_path(ines)
    ines.go(path)
    wait_sharp(ines)
    page.keyboard.press("o")
    page.locator("#display-letters").uncheck()
    before = seen(ines)
    for key in ("x", "r", "4", "+"):
        page.keyboard.press(key)
    page.locator("#slide").focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    wait_still(ines)
    after = seen(ines)
    assert after.x > before.x
    assert after == before._replace(x=after.x)
    page.keyboard.press("+")
    wait_still(ines)
    assert seen(ines).width < after.width
    ines.go("/")
    expect(page.locator("#list-keys-on")).not_to_be_checked()
    page.locator("#list-keys summary").click()
    page.locator("#list-keys-on").check()
    ines.go(path)
    wait_sharp(ines)
    page.keyboard.press("x")
    expect(page.locator(".turret [data-action=flip]")).to_have_attribute("aria-pressed", "true")


def follow(person: Person, selector: str) -> None:
    tab_to(person, selector)
    person.page.keyboard.press("Enter")


def tab_to(person: Person, selector: str) -> None:
    """Press the tabulator until the first such element has the focus."""
    wanted = person.page.locator(selector).first
    wanted.wait_for()
    for _ in range(80):
        person.page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"the tabulator does not reach {selector}")
