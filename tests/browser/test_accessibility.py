"""axe finds nothing in the states of pages that only work leads to: consults under way, viewer, room, errors.

The pages as one first meets them: test_pages.py."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import ANSWERED, CONSULT, Person, open_consult, open_room, open_slide, slide_of, wait_sharp
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]


def dressings(person: Person, path: str) -> Iterator[str]:
    """Show ``path`` in each language and theme; gives the name of each."""
    for language, theme in LOOKS:
        dress(person, language, theme)
        person.go(path)
        expect(person.page.locator("html")).to_have_attribute("lang", language)
        yield f"{language}-{theme}"


def test_a_consult_is_in_order_from_the_offer_to_the_addendum(one_node: Node, at: At) -> None:
    hugo, paul = at(one_node, "hugo"), at(one_node, "paul")
    hugo.page.locator("#worklist a[href^='/consults/']").first.click()
    hugo.page.wait_for_url(CONSULT)
    path = hugo.page.url.removeprefix(hugo.origin)
    for named in dressings(hugo, path):
        hugo.page.locator("details:has([name=decline-reason]) summary").click()
        look(hugo, f"consult-offered-{named}")
    for named in dressings(paul, path):
        expect(paul.page.locator("#another")).to_be_visible()
        look(paul, f"consult-waiting-{named}")

    hugo.page.locator(f"form[action='{path}/accept'] button").click()
    expect(hugo.page.locator("textarea[name=conclusion]")).to_be_visible()
    for named in dressings(hugo, path):
        look(hugo, f"consult-accepted-{named}")
    hugo.page.locator("textarea[name=conclusion]").fill("Liposarcome bien différencié.")
    hugo.page.locator("#opinion button.primary").click()
    hugo.page.wait_for_url("**sign=1**")
    for named in dressings(hugo, f"{path}?sign=1"):
        look(hugo, f"consult-confirm-{named}")
    hugo.page.locator(f"form[action='{path}/sign'] button").click()
    expect(hugo.page.locator("section.opinion")).to_contain_text("Liposarcome")
    for named in dressings(hugo, path):
        hugo.page.locator("#addendum summary").click()
        look(hugo, f"consult-signed-{named}")
    for named in dressings(paul, path):
        paul.page.locator(".signature summary").click()
        look(paul, f"consult-read-{named}")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_viewer_is_in_order_with_each_of_its_panels(one_node: Node, at: At, language: str, theme: str) -> None:
    ines = at(one_node, "ines")
    dress(ines, language, theme)
    open_slide(ines)
    page = ines.page
    look(ines, f"viewer-{language}")
    page.keyboard.press("p")
    page.locator("#pin-label").fill("Marge")
    look(ines, f"viewer-pin-{language}")
    page.locator("#pin-form button[type=submit]").click()
    expect(page.locator("#pin-form")).to_be_hidden()
    expect(page.locator("#pin-list")).to_contain_text("Marge")
    look(ines, f"viewer-pins-{language}")
    page.locator("#slide").focus()
    page.keyboard.press("h")
    expect(page.locator("#help")).to_be_visible()
    look(ines, f"viewer-help-{language}")
    page.keyboard.press("Escape")
    page.route("**/tiles/**", lambda route: route.fulfill(status=404))
    page.route("**/view", lambda route: route.fulfill(status=404))
    page.reload()
    expect(page.locator("#ended")).to_be_visible()
    look(
        ines, f"viewer-ended-{language}", refused="status of 404"
    )  # the browser tells of each refused tile, for a while


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_a_room_is_in_order_for_who_presents_and_who_follows(one_node: Node, at: At, language: str, theme: str) -> None:
    ines, yann = at(one_node, "ines"), at(one_node, "yann")
    dress(ines, language, theme)
    dress(yann, language, theme)
    yann.go("/notices")
    open_consult(ines, ANSWERED)
    open_room(ines)
    wait_sharp(ines)
    look(ines, f"room-alone-{language}")

    invitation = yann.page.locator(".toast.invitation")
    expect(invitation).to_be_visible()
    look(yann, f"toast-{language}-{theme}")
    yann.page.set_viewport_size({"width": 1366, "height": 768})
    invitation.get_by_role("link").click()
    wait_sharp(yann)
    expect(slide_of(yann)).to_have_attribute("data-role", "following")
    yann.page.locator("#line").fill("Voyez-vous les mitoses ?")
    yann.page.locator("#with-view").check()
    yann.page.locator("#line-form button[type=submit]").click()
    yann.page.locator("#ask").click()
    expect(ines.page.locator("#thread")).to_contain_text("mitoses")
    expect(ines.page.locator(".ask-box")).to_be_visible()
    look(ines, f"room-asked-{language}")
    yann.page.locator("#slide").focus()
    yann.page.keyboard.press("+")
    expect(slide_of(yann)).to_have_attribute("data-role", "left")
    look(yann, f"room-left-{language}")
    yann.context.set_offline(True)
    expect(yann.page.locator("#link-state")).to_have_attribute("data-state", "reconnecting")
    # `look` left the window as narrow as a telephone: the longest words of the link must fit there too.
    assert yann.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    yann.context.set_offline(False)
    expect(yann.page.locator("#link-state")).to_have_attribute("data-state", "open")
    yann.complaints.clear()  # the browser tells of the cut

    ines.page.locator("#close").click()
    look(ines, f"room-close-{language}")
    ines.page.keyboard.press("Escape")
    expect(ines.page.locator("#close-dialog"), "the slide behind takes no key").to_be_hidden()
    ines.page.locator("#close").click()
    ines.page.locator("#close-dialog button[value=yes]").click()
    expect(yann.page.locator("#room-ended")).to_be_visible()
    expect(yann.page.locator("#room-ended a").first).to_be_focused()
    expect(yann.page.locator("#main")).to_have_attribute("inert", "")
    look(yann, f"room-ended-{language}")


def test_errors_are_in_order(one_node: Node, at: At) -> None:
    visitor, ines = at(one_node), at(one_node, "ines")
    for path in ("/nowhere", f"/cases/{'0' * 26}"):
        for named in dressings(ines, path):
            expect(ines.page.locator("#error-title")).to_be_visible()
            ines.complaints.clear()  # the browser tells of each page that is not found
            look(ines, f"error-404-{named}")
    visitor.go("/")
    visitor.page.get_by_role("link", name="Pro Santé Connect").click()
    visitor.page.locator("button[name=cancel]").click()
    visitor.page.wait_for_url(f"{visitor.origin}/login/callback**")
    visitor.complaints.clear()
    look(visitor, "login-cancelled")
