"""A case that somebody was given to read is there before they look: encrypted, shown without a request, gone with the right."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from consults import request
from telepath.cases import repository, threads
from telepath.db.database import Database
from telepath.errors import InvalidTransition
from telepath.geometry import View
from tests.browser.backstage import actor, asked, at_database, case_of
from tests.browser.conftest import seeded
from tests.browser.windows import (
    CASE,
    Person,
    open_room,
    slide_of,
    tiles_asked,
    tiles_pushed,
    wait_for,
    wait_sharp,
    wait_sharp_here,
    wait_still,
)
from tests.builders_slides import write_svs
from tests.running import Node, service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TILES = re.compile(r"/slides/\w{26}/(tiles|warm)/")
FIELD = View(2000, 1500, 700, 440)
LINK = "#view=2000,1500,700,440,0,0"
KEPT = """async () => {
    const found = {};
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        found[name] = [];
        for (const entry of await cache.keys()) {
            const bytes = new Uint8Array(await (await cache.match(entry)).arrayBuffer());
            found[name].push([new URL(entry.url).pathname, bytes.length, Array.from(bytes.subarray(0, 3)),
                new TextDecoder('latin1').decode(bytes).includes('JFIF')]);
        }
    }
    return found;
}"""
"""Every cache of this browser: of each entry its name, its size, how it begins, and whether a JPEG shows."""
WHOLE = """async () => {
    const index = async (name) => (await caches.open(name)).match('/ahead/index');
    for (;;) {
        const all = await Promise.all((await caches.keys()).map(index));
        if (all.length > 0 && all.every((one) => one?.headers.get('mark'))) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}"""
PLAN = """async (slide) => {
    const sizes = { width: Math.round(screen.width * devicePixelRatio), height: Math.round(screen.height * devicePixelRatio) };
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`/slides/${slide}/warm`, { method: 'POST', headers, body: JSON.stringify(sizes) });
    return (await answer.json()).tiles;
}"""
"""The names of the tiles that are kept of a slide."""
NOTHING = "async () => (await caches.keys()).length === 0"


@pytest.fixture(scope="module")
def warm_node(short_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node whose slides are in plain colour."""
    path = write_svs(short_folder / "warm.svs", width=4096, height=3072)
    folder = tmp_path_factory.mktemp("warm-node")
    seeded(folder, {}, [path] * 3)
    with service(folder, {}) as started:
        yield started[0]


def pinned(node: Node, consult: str) -> str:
    """Inès writes about a field of the case's first slide. Returns the slide."""

    async def write(db: Database) -> str:
        ines = await actor(db, "ines")
        async with db.write(ines) as tx:
            case = await repository.get(tx, await case_of(tx, CASE))
            slide = (await repository.slides(tx, case.id))[0]
            await threads.write(tx, ines, case, "Ici.", consult_id=consult, slide_id=slide.id, view=FIELD)
        return slide.id

    return at_database(node, write)


def revoked(node: Node, consult: str) -> None:
    async def revoke(db: Database) -> None:
        await request.revoke(db, await actor(db, "ines"), consult)

    at_database(node, revoke)


@pytest.fixture
def given(warm_node: Node) -> Iterator[str]:
    """The path of a consult of Claire's, by which alone she sees the case: after the story it is taken back, if it was not."""
    path = asked(warm_node, "Avis ?", accepted=True)
    yield path
    with suppress(InvalidTransition):
        revoked(warm_node, path.rpartition("/")[2])


def priorities(page: Page) -> set[str]:
    """Those with which the browser asks for what is kept ahead, from now on."""
    found: set[str] = set()

    def note(sent: dict[str, Any]) -> None:
        if "/warm/" in sent["request"]["url"]:
            found.add(sent["request"]["initialPriority"])

    network = page.context.new_cdp_session(page)
    network.on("Network.requestWillBeSent", note)
    network.send("Network.enable")
    return found


def kept(person: Person) -> dict[str, list[list[object]]]:
    found: dict[str, list[list[object]]] = person.page.evaluate(KEPT)
    return found


def test_a_case_is_kept_ahead_encrypted_opened_without_a_request_and_gone_with_the_right(
    warm_node: Node, given: str, at: Callable[..., Person]
) -> None:
    path = given
    consult = path.rpartition("/")[2]
    slide = pinned(warm_node, consult)
    claire = at(warm_node, "claire")
    page = claire.page
    asked_with = priorities(page)
    claire.go("/")
    page.evaluate(WHOLE)
    assert asked_with == {"Low"}

    there = kept(claire)
    entries = [entry for entries in there.values() for entry in entries]
    assert all(re.fullmatch(r"ahead-[0-9a-f]{32}", name) for name in there)
    assert all(re.fullmatch(r"/ahead/(\d+|index)", str(entry[0])) for entry in entries)
    assert sum(int(str(entry[1])) for entry in entries) > 100_000
    assert [entry for entry in entries if entry[2] == [0xFF, 0xD8, 0xFF] or entry[3]] == []

    claire.go(path)
    expect(page.locator("[data-warm]")).to_contain_text("Lames prêtes dans ce navigateur")
    page.locator("[data-warm]").scroll_into_view_if_needed()
    claire.picture("warm-1-consult")

    fetched: list[str] = []
    told: list[str] = []

    def note(one: Request) -> None:
        if TILES.search(one.url):
            fetched.append(one.url)
        if one.url.endswith("/view") and one.post_data and "kept" in one.post_data:
            told.append(one.post_data)

    page.on("request", note)
    claire.go(f"/slides/{slide}?consult={consult}{LINK}")
    wait_sharp(claire)
    wait_still(claire)
    wait_sharp(claire)
    expect(slide_of(claire)).to_have_attribute("data-quality", "native")
    claire.picture("warm-2-viewer")
    assert fetched == [], "all of it was there"
    with page.expect_request(lambda one: one.url.endswith("/view") and "kept" in (one.post_data or "")):
        page.keyboard.press("ArrowRight")
    assert any('"0-' in body for body in told), "what was shown is said"

    claire.go("/")
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/login**")
    assert kept(claire) == {}, "signing out leaves nothing"

    claire.sign_in("claire")
    claire.go("/")
    page.evaluate(WHOLE)
    assert set(kept(claire)).isdisjoint(there), "another session, another key"
    revoked(warm_node, consult)
    claire.go("/")
    wait_for(claire, NOTHING)


def test_what_is_kept_goes_from_under_the_viewer_that_shows_it_when_the_right_ends(
    warm_node: Node, given: str, at: Callable[..., Person]
) -> None:
    consult = given.rpartition("/")[2]
    slide = pinned(warm_node, consult)
    claire = at(warm_node, "claire")
    page = claire.page
    claire.go("/")
    page.evaluate(WHOLE)
    claire.go(f"/slides/{slide}?consult={consult}{LINK}")
    wait_sharp(claire)
    assert kept(claire) != {}, "looking takes nothing away"
    loaded = page.evaluate("() => performance.timeOrigin")
    fetched = tiles_asked(page)
    revoked(warm_node, consult)
    page.locator("#slide").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#ended")).to_contain_text("Vous n’avez plus accès à cette lame.")
    wait_for(claire, NOTHING)
    claire.picture("warm-4-viewer-ended")
    assert fetched == [], "not for want of a tile does it learn that the right has ended"
    assert page.evaluate("() => performance.timeOrigin") == loaded, "the same page"
    assert [one for one in claire.complaints if "404 (Not Found)" not in one] == []


def test_what_is_kept_goes_from_under_the_room_when_the_right_ends(
    warm_node: Node, given: str, at: Callable[..., Person]
) -> None:
    consult = given.rpartition("/")[2]
    pinned(warm_node, consult)
    claire, ines = at(warm_node, "claire"), at(warm_node, "ines")
    page = claire.page
    claire.go("/")
    page.evaluate(WHOLE)
    ines.go(given)
    address = open_room(ines)
    wait_sharp(ines)
    page.goto(address)
    wait_sharp_here(claire, ines)
    assert kept(claire) != {}, "looking takes nothing away"
    loaded = page.evaluate("() => performance.timeOrigin")
    revoked(warm_node, consult)
    wait_for(claire, NOTHING)
    expect(page.locator("#room-ended-why")).to_be_visible()
    claire.picture("warm-5-room-ended")
    assert page.evaluate("() => performance.timeOrigin") == loaded, "the same page"
    assert [one for one in claire.complaints if "404 (Not Found)" not in one] == []
    assert ines.complaints == []


def test_in_a_room_what_is_kept_ahead_is_shown_and_not_sent_again(
    warm_node: Node, given: str, at: Callable[..., Person]
) -> None:
    path = given
    slide = pinned(warm_node, path.rpartition("/")[2])
    claire, ines = at(warm_node, "claire"), at(warm_node, "ines")
    claire.go("/")
    claire.page.evaluate(WHOLE)
    there = set(claire.page.evaluate(PLAN, slide))
    ines.go(path)
    address = open_room(ines)
    wait_sharp(ines)
    fetched: list[str] = []
    claire.page.on("request", lambda one: fetched.append(one.url) if TILES.search(one.url) else None)
    came = tiles_pushed(claire)
    claire.page.goto(address)
    wait_sharp_here(claire, ines)
    ines.go("/")
    ines.page.goto(address + LINK)
    wait_sharp(ines)
    wait_sharp_here(claire, ines)
    claire.picture("warm-3-room")
    # And where nothing was kept the room sends it.
    ines.page.locator("#slide").focus()
    for _ in range(6):
        ines.page.keyboard.press("Shift+ArrowLeft")
        wait_sharp_here(claire, ines)
    sent = {f"{one.level}/{one.column}_{one.row}" for one in came}
    assert sent
    assert len(there) > 50
    assert sent & there == set()
    assert fetched == []
    assert ines.complaints == claire.complaints == []
