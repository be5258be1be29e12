"""Somebody without an account is invited, reads their mail, types the code, sees the slide with their name on it, is out."""

import email
import re
from collections.abc import Callable
from email import policy
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import expect

from realtime.hub import RECHECK
from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import (
    ANSWERED,
    PATIENCE,
    Person,
    open_consult,
    open_room,
    slide_of,
    wait_for,
    wait_sharp,
)
from tests.running import Node
from web.routes.notices import HEARTBEAT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
BY_NEWS = 1000 * min(HEARTBEAT, RECHECK) * 2 / 3
"""Milliseconds: sooner than anything is read again without news of it."""


def letter(node: Node, person: Person, begins: str, to: str) -> str:
    """The letter to this address whose subject begins so. It is written behind the answer: the page waits for it.

    Every story writes to an address of its own: the letter of another would be there first, with a code that is spent.
    """
    folder = Path(node.environment["TELEPATH_DATA"]) / "mail"
    deadline = monotonic() + PATIENCE / 1000
    while monotonic() < deadline:
        texts = [email.message_from_bytes(one.read_bytes(), policy=policy.default) for one in sorted_by_age(folder)]
        found = [one for one in texts if to in str(one["To"]) and str(one["Subject"]).startswith(begins)]
        if found:
            body = found[-1].get_body()
            assert body is not None
            return str(body.get_content())
        person.page.wait_for_timeout(100)
    raise AssertionError("no letter came")


def sorted_by_age(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns) if folder.exists() else []


def invite(host: Person, to: str) -> None:
    host.page.locator("#guest_name").fill("Pr Ada Lovegood")
    host.page.locator("#guest_email").fill(to)
    host.page.get_by_role("checkbox", name=re.compile("repères|marks")).check()
    host.page.locator("main form.form button.primary").click()
    host.page.wait_for_url("**/links?*")


def come_in(node: Node, guest: Person, to: str) -> None:
    address = re.search(r"http://\S+/guest/\S+", letter(node, guest, "Invitation", to))
    assert address is not None
    guest.page.goto(address[0])
    guest.page.wait_for_url("**/guest/enter")
    guest.page.locator("form[action='/guest/enter/code'] button").click()
    code = re.search(r"\b\d{8}\b", letter(node, guest, "Votre code", to))
    assert code is not None
    guest.page.locator("#digits").fill(code[0])
    guest.page.locator(".door-code button").click()
    guest.page.wait_for_url("**/guest")


def test_a_guest_sees_the_slides_of_a_consult_until_they_are_withdrawn(one_node: Node, at: At) -> None:
    ines = at(one_node, "ines")
    open_consult(ines, ANSWERED)
    ines.page.locator("a[href^='/links?consult=']").click()
    ines.page.wait_for_url("**/links?consult=*")
    listed = ines.page.url.removeprefix(ines.origin)
    ines.page.locator("a[href^='/links/new']").click()
    look(ines, "guest-invite-fr-dark")
    invite(ines, "ada@example.org")
    expect(ines.page.locator("tbody tr")).to_have_count(1)

    ada = at(one_node)
    come_in(one_node, ada, "ada@example.org")
    for language, theme in LOOKS:
        dress(ada, language, theme)
        ada.go("/guest")
        look(ada, f"guest-page-{language}-{theme}")
    dress(ada, "fr", "dark")
    for path in ("/cases", listed, "/consults/new", "/audit/mine", "/notices"):
        answer = ada.page.goto(ada.origin + path)
        assert answer is not None
        assert answer.status == 404, path
    ada.complaints.clear()  # the browser says that those were not found
    ada.go("/")
    ada.page.wait_for_url("**/guest")
    ada.page.locator(".slide-card a").first.click()
    wait_sharp(ada)
    expect(ada.page.locator("#watermark")).to_have_attribute("data-text", re.compile("Pr Ada Lovegood · "))
    ada.page.set_viewport_size({"width": 1440, "height": 900})
    ada.page.keyboard.press("4")
    wait_sharp(ada)
    ada.picture("guest-viewer")
    covered = ada.page.locator("#watermark").bounding_box()
    assert covered == ada.page.locator("#stage").bounding_box()
    ada.page.keyboard.press("f")
    wait_for(ada, "() => document.fullscreenElement !== null")
    assert ada.page.evaluate("document.fullscreenElement.contains(document.querySelector('#watermark'))")
    ada.page.keyboard.press("f")
    wait_for(ada, "() => document.fullscreenElement === null")
    assert ada.complaints == []

    ines.page.reload()
    expect(ines.page.locator("tbody tr")).to_contain_text(re.compile("une fois"))
    dress(ines, "en", "light")
    ines.go(listed)
    look(ines, "guest-list-en-light")
    ines.page.locator("form[action$='/withdraw'] button").click()
    expect(ines.page.locator("form[action$='/withdraw']")).to_have_count(0)
    # The slide is left by itself (tests/endings.py measures how soon), and the way back leads to the door.
    ada.page.wait_for_url("**/guest", timeout=BY_NEWS)
    expect(ada.page.locator("h1")).to_contain_text("Ouvrez l’adresse")
    look(ada, "guest-door-nothing")


def test_a_guest_of_a_room_sees_what_is_shown_and_no_message(one_node: Node, at: At) -> None:
    ines = at(one_node, "ines")
    open_consult(ines, ANSWERED)
    room = open_room(ines)
    with ines.context.expect_page() as opened:
        ines.page.locator("a[href^='/links/new?room=']").click()
    form = Person.__new__(Person)
    form.context, form.origin, form.page, form.complaints = ines.context, ines.origin, opened.value, []
    invite(form, "ada.room@example.org")
    ines.page.locator("#line").fill("Entre nous.")
    ines.page.keyboard.press("Enter")
    expect(ines.page.locator("#thread")).to_contain_text("Entre nous.")

    ada = at(one_node)
    come_in(one_node, ada, "ada.room@example.org")
    look(ada, "guest-page-room")
    ada.page.set_viewport_size({"width": 1440, "height": 900})
    ada.page.locator("a[href^='/rooms/']").click()
    expect(ada.page.locator("#link-state")).to_have_attribute("data-state", "open")
    wait_sharp(ada)
    expect(ada.page.locator("#members")).to_contain_text("Inès")
    expect(ines.page.locator("#members")).to_contain_text("Pr Ada Lovegood")
    for hidden in ("#thread", "#line-form", "#ask", "#take", "#close"):
        expect(ada.page.locator(hidden)).to_be_hidden()
    assert "Entre nous" not in ada.page.content()
    expect(ada.page.locator("#watermark")).to_have_attribute("data-text", re.compile("Pr Ada Lovegood · "))
    ada.picture("guest-room")
    look(ada, "guest-room")  # and nothing that the browser complained of so far
    # Whoever was not let point does not: the other's window shows no pointer.
    box = slide_of(ada).bounding_box()
    assert box is not None
    ada.page.mouse.move(box["x"] + 200, box["y"] + 200)

    form.page.bring_to_front()
    form.page.locator("form[action$='/withdraw'] button").click()
    expect(ada.page.locator("#room-ended")).to_be_visible(timeout=BY_NEWS)
    expect(ines.page.locator("#members")).not_to_contain_text("Pr Ada Lovegood")
    assert slide_of(ines).get_attribute("data-pointers") in {None, "[]"}
    assert room == ines.page.url
    assert ines.complaints == []
