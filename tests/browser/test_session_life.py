"""The life of a session on the screen: warned, renewed in a small window, covered at its end, and back in the same place.

The test moves the session's own row, so that half an hour need not pass."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, TimeoutError, expect
from sqlalchemy import ColumnElement, select, update

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.directory import person
from tests.browser.looks import dress
from tests.browser.windows import ANSWERED, Person, open_consult, open_room
from tests.builders import MASTER_KEY
from tests.running import Node, in_its_own_loop
from web.demo import PEOPLE
from web.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

T = TypeVar("T")
SEEN = "**/session/seen"
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=4)


def of(who: str) -> ColumnElement[bool]:
    """Sessions of that person."""
    known = select(person.c.id).where(person.c.subject_name_id == PEOPLE[who].subject_name_id)
    return session.c.person_id == known.scalar_subquery()


def done(node: Node, act: Callable[[Database], Awaitable[T]]) -> T:
    """What ``act`` says of the node's database."""
    settings = Settings(data=Path(node.environment["TELEPATH_DATA"]))

    async def run() -> T:
        db = Database(settings.database_url, MASTER_KEY)
        try:
            return await act(db)
        finally:
            await db.close()

    return in_its_own_loop(run())


def row(node: Node, who: str, **changes: datetime) -> dict[str, Any]:
    """Change that person's living session, and return it; the last one, when none lives."""

    async def moved(db: Database) -> dict[str, Any]:
        if changes:
            async with db.write(SYSTEM, unaudited="the test makes time pass") as tx:
                await tx.execute(update(session).where(of(who), session.c.ended_at.is_(None)).values(**changes))
        async with db.read() as reader:
            newest = (session.c.ended_at.is_(None).desc(), session.c.ended_at.desc())
            return dict(await reader.one(select(session).where(of(who)).order_by(*newest).limit(1)))

    return done(node, moved)


def seen_again(node: Node, who: str) -> None:
    """The page says at once that somebody is there; the service hears of it a moment later."""
    begun = monotonic()
    while row(node, who)["seen_at"] < datetime.now(UTC) - timedelta(minutes=1):
        assert monotonic() - begun < 20, "the service never heard of it"


def looks_again(page: Page) -> None:
    """As who comes back to the tab: the page then asks how long its session lives."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def nobody_for(span: timedelta, node: Node, who: str, page: Page, until: str) -> None:
    """The row says that nobody was seen for so long, again and again until the page shows this part."""
    part = page.locator(until)
    begun = monotonic()
    while not part.is_visible():
        assert monotonic() - begun < 60, f"the page never showed {until}"
        row(node, who, seen_at=datetime.now(UTC) - span)
        looks_again(page)
        with suppress(TimeoutError):
            part.wait_for(timeout=8000)


@contextmanager
def warned(node: Node, who: str, page: Page) -> Iterator[None]:
    """Nobody for almost half an hour: inside the block the page asks whether somebody is there.

    That somebody was there just now, and told the page so, is not heard until the block ends: the row alone was set back,
    and five seconds later the page would tell the service by itself, and take its question away."""
    page.route(SEEN, lambda route: None)
    nobody_for(IDLE - timedelta(minutes=4), node, who, page, ".life-banner")
    yield
    page.unroute(SEEN)


def left_alone(node: Node, who: str, page: Page) -> None:
    """Until the page covers itself. A window that closes may hand the focus back late: then somebody was there, once more."""
    nobody_for(IDLE - timedelta(seconds=2), node, who, page, ".life-cover")


def authenticates(page: Page, who: str) -> None:
    page.locator(f'button[value="{PEOPLE[who].subject_name_id}"]').click()


def test_a_room_is_warned_renewed_covered_and_found_again(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    page = ines.page
    open_consult(ines, ANSWERED)
    room = open_room(ines)
    state, banner, cover = page.locator("#link-state"), page.locator(".life-banner"), page.locator(".life-cover")
    line = page.locator("#line")
    line.fill("Marge latérale : je reviens au bloc 3.")

    # Nobody for almost half an hour: a word, which takes nothing from the hands, and any key is the answer.
    with warned(one_node, "ines", page):
        expect(banner).to_contain_text("toujours là")
        expect(banner).to_have_attribute("role", "alert")
        expect(line).to_be_focused()
        ines.picture("session-idle-room")
    page.keyboard.press("Shift")
    expect(banner).to_have_count(0)
    seen_again(one_node, "ines")

    # Whoever follows with their hands still is there while the presenter moves, and the page is in sight.
    yann = at(one_node, "yann")
    yann.page.goto(room)
    expect(yann.page.locator("#slide")).to_have_attribute("data-role", "following")
    with warned(one_node, "yann", yann.page):
        page.locator("#slide").focus()
    page.keyboard.press("+")
    expect(yann.page.locator(".life-banner")).to_have_count(0)
    seen_again(one_node, "yann")
    yann.page.close()

    # Near the last end: authenticated anew in a small window, and the room goes on.
    row(one_node, "ines", expires_at=datetime.now(UTC) + timedelta(minutes=4))
    looks_again(page)
    expect(banner).to_contain_text("se termine à")
    ines.picture("session-end-room")
    page.set_viewport_size({"width": 390, "height": 844})
    ines.picture("session-end-room-narrow")
    page.set_viewport_size({"width": 1440, "height": 900})
    before = row(one_node, "ines")["id"]
    with ines.context.expect_page() as opened:
        banner.get_by_role("link", name="Prolonger").click()
    small = opened.value
    authenticates(small, "ines")
    expect(banner).to_have_count(0)
    expect(state).to_have_attribute("data-state", "open")
    expect(line).to_have_value("Marge latérale : je reviens au bloc 3.")
    after = row(one_node, "ines")
    assert after["id"] != before
    assert after["expires_at"] > datetime.now(UTC) + LONGEST - timedelta(minutes=1)
    expect(cover).to_have_count(0)
    if not small.is_closed():
        small.wait_for_event("close")

    # Left alone until the end: covered without anybody's doing, nothing of the slide or the case in sight.
    left_alone(one_node, "ines", page)
    expect(cover).to_contain_text("faute d’activité")
    expect(cover).to_contain_text("gardé dans cet onglet")
    expect(cover.get_by_role("link")).to_be_focused()
    expect(page.locator("#slide")).not_to_be_visible()
    expect(page).to_have_title(re.compile("Session terminée"))
    ines.picture("session-over-room")
    ended = row(one_node, "ines")["ended_at"]
    assert ended is not None

    cover.get_by_role("link", name="Se reconnecter").click()
    page.get_by_role("link", name="Pro Santé Connect").click()  # which remembers the browser: its own session lives on
    page.wait_for_url(room)
    expect(state).to_have_attribute("data-state", "open")
    expect(line).to_have_value("Marge latérale : je reviens au bloc 3.")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    # What the browser says of pages and tiles that were asked for while the session was over.
    assert [text for text in ines.complaints if not re.search(r"status of 40[14]\b", text)] == []


def test_a_text_waits_for_its_author_behind_the_cover_and_is_not_for_the_next(
    one_node: Node, at: Callable[..., Person]
) -> None:
    yann = at(one_node, "yann")
    page = yann.page
    dress(yann, "en", "light")
    consult = open_consult(yann, ANSWERED)
    text = page.locator("textarea[name=conclusion]")
    page.locator("details", has=text).locator("summary").first.click()

    banner, cover = page.locator(".life-banner"), page.locator(".life-cover")
    with warned(one_node, "yann", page):
        expect(banner).to_contain_text("Are you still there?")
        yann.picture("session-idle-page")
        page.set_viewport_size({"width": 390, "height": 844})
        yann.picture("session-idle-page-narrow")
        page.set_viewport_size({"width": 1366, "height": 768})
        banner.get_by_role("button", name="I am here").click()
    expect(banner).to_have_count(0)

    # Ended elsewhere while he types: what cannot be saved is kept, the page is covered.
    row(one_node, "yann", ended_at=datetime.now(UTC))
    text.fill("Margins seen again at ×20: free.")
    expect(cover).to_be_visible()
    expect(cover).to_contain_text("kept in this tab")
    yann.picture("session-over-page")

    # Another tab of the same person signs in: the page comes back as it was, and is saved by itself.
    other = yann.context.new_page()
    other.goto(one_node.origin + "/")
    other.get_by_role("link", name="Pro Santé Connect").click()
    expect(cover).to_have_count(0)
    expect(text).to_have_value("Margins seen again at ×20: free.")
    expect(page.locator("[data-draft-state=saved]")).to_be_visible()

    # An old authentication is renewed before the text is shown: it was stored first, and is what comes back.
    row(one_node, "yann", auth_time=datetime.now(UTC) - timedelta(hours=1))
    text.fill("Margins seen again at ×20: free, by 3 mm.")
    page.locator("button", has_text="sign").last.click()
    authenticates(page, "yann")
    page.wait_for_url(f"{consult.split('#')[0]}?sign=1*")
    expect(page.locator("#opinion")).to_contain_text("free, by 3 mm.")
    yann.go(consult.removeprefix(one_node.origin))

    # Somebody else on the same browser: nothing of the former page stays in sight, and nothing of the text is theirs.
    row(one_node, "yann", ended_at=datetime.now(UTC))
    text.fill("For my eyes only.")
    expect(cover).to_be_visible()
    other.goto(one_node.origin + "/login/start?return_to=/&fresh=1")
    authenticates(other, "ines")
    expect(cover).to_contain_text("Somebody else")
    yann.picture("session-over-other")
    cover.get_by_role("link").click()
    page.wait_for_url(one_node.origin + "/")
    assert page.evaluate("Object.keys(sessionStorage)") == []
