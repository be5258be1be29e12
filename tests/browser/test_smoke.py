"""One node with the embedded defaults (SQLite, memory bus): a slide and a room open, and English is English."""

from collections.abc import Callable

import pytest
from fluent.syntax import ast, parse
from playwright.sync_api import Page, expect

from tests.browser.windows import (
    ANSWERED,
    Person,
    open_case,
    open_consult,
    open_room,
    open_slide,
    seen,
    slide_of,
    wait_sharp,
)
from tests.running import Node
from web.words import LANGUAGES, LOCALE, Words

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
LABELS = "h1, h2, h3, h4, nav a, th, legend, label, button, .button, .chip, .lead, .meta, .hint, dt"
"""Where the pages speak for themselves."""


def said_in(page: Page) -> set[str]:
    """The texts of headings, labels and buttons, one blank between words, those of hidden parts too."""
    return set(
        page.locator(LABELS).evaluate_all("all => all.map((one) => one.textContent.replace(/\\s+/g, ' ').trim())")
    )


def worded_only_in(language: str) -> set[str]:
    """The sentences without a variable that this language alone has."""
    other = next(one for one in LANGUAGES if one != language)
    return worded_in(language) - worded_in(other)


def worded_in(language: str) -> set[str]:
    wording = Words()(language)
    resources = (parse(path.read_text(encoding="utf-8")) for path in (LOCALE / language).glob("*.ftl"))
    entries = [entry for resource in resources for entry in resource.body if isinstance(entry, ast.Message)]
    fixed = [one for one in entries if one.value and all(type(part) is ast.TextElement for part in one.value.elements)]
    return {" ".join(wording(one.id.name).split()) for one in fixed}


def test_a_slide_is_drawn_and_a_room_opened_with_who_answered(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    page = ines.page
    open_slide(ines)
    assert seen(ines).width > 0
    open_consult(ines, ANSWERED)
    open_room(ines)
    wait_sharp(ines)
    expect(slide_of(ines)).to_have_attribute("data-role", "presenting")
    expect(page.locator("#members li")).to_have_count(1)
    expect(page.locator("#follow-text")).to_contain_text("en attente de Dr Yann Goémon")
    assert ines.complaints == []


def test_once_english_is_chosen_no_french_is_left(one_node: Node, at: Callable[..., Person]) -> None:
    """Door and pages speak the browser's language, until another is chosen on the screen."""
    headings = {
        "/": "Worklist",
        "/cases": "Cases",
        "/cases/new": "New case",
        "/notices": "Notifications",
        "/about": "About telepath",
        "/check": "Check",
    }
    french, english = worded_only_in("fr"), worded_only_in("en")
    ines = at(one_node, None, language="en-GB")
    ines.go("/login")
    expect(ines.page.get_by_role("heading", level=1)).to_have_text("Telepathology")
    assert said_in(ines.page) & french == set()
    ines.sign_in("ines")
    assert said_in(ines.page) & french == set()
    ines.page.get_by_role("link", name="Français").click()
    expect(ines.page.locator("html")).to_have_attribute("lang", "fr")
    said = said_in(ines.page)
    assert said & french, "who looks for French must be able to find it"
    assert said & english <= {"English"}
    ines.page.get_by_role("link", name="English").click()
    expect(ines.page.locator("html")).to_have_attribute("lang", "en")
    for path, heading in headings.items():
        ines.go(path)
        expect(ines.page.locator("html")).to_have_attribute("lang", "en")
        expect(ines.page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert said_in(ines.page) & french == set(), path
    open_case(ines)
    assert said_in(ines.page) & french == set()
    ines.page.get_by_role("link", name="Ask for an opinion").first.click()
    expect(ines.page.get_by_role("heading", level=1)).to_have_text("Ask for an opinion")
    assert said_in(ines.page) & french == set()
    ines.go("/")
    ines.page.locator("a[href^='/consults/']", has_text=ANSWERED).first.click()
    expect(ines.page.locator("section.opinion")).to_contain_text("Signed opinion")
    assert said_in(ines.page) & french == set()
    open_slide(ines)
    expect(ines.page.locator("#viewer-config")).to_be_attached()
    assert said_in(ines.page) & french == set()
