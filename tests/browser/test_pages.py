"""Every page, in both themes, both languages, on a laptop and on a telephone: nothing to complain of, and a picture of each."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import Person
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]


def first_case(person: Person) -> str:
    """The path of the first case in the list."""
    person.go("/cases")
    return str(person.page.locator(".row-title").first.get_attribute("href"))


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_pages_without_a_session_are_in_order(one_node: Node, at: At, language: str, theme: str) -> None:
    visitor = at(one_node)
    dress(visitor, language, theme)
    for path in ("/login", "/about"):
        visitor.go(path)
        look(visitor, f"{path.strip('/')}-{language}-{theme}")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_pages_of_a_requester_are_in_order(one_node: Node, at: At, language: str, theme: str) -> None:
    ines = at(one_node, "ines")
    dress(ines, language, theme)
    case = first_case(ines)
    for name, path in {
        "worklist": "/",
        "cases": "/cases",
        "case": case,
        "new-case": "/cases/new",
        "ask": f"/consults/new?case={case.rpartition('/')[2]}",
        "notices": "/notices",
    }.items():
        ines.go(path)
        look(ines, f"{name}-{language}-{theme}")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_pages_of_an_expert_are_in_order(one_node: Node, at: At, language: str, theme: str) -> None:
    yann = at(one_node, "yann")
    dress(yann, language, theme)
    yann.go("/")
    look(yann, f"expert-worklist-{language}-{theme}")
    yann.page.locator(".row-title").first.click()
    yann.page.wait_for_url(re.compile(r"/consults/\w{26}$"))
    look(yann, f"consult-{language}-{theme}")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_pages_of_an_auditor_are_in_order(one_node: Node, at: At, language: str, theme: str) -> None:
    nadia = at(one_node, "nadia")
    dress(nadia, language, theme)
    nadia.go("/")
    look(nadia, f"audit-{language}-{theme}")
    nadia.page.locator("form[action='/audit/verify'] button").click()
    nadia.page.wait_for_url("**/audit/integrity")
    look(nadia, f"audit-integrity-{language}-{theme}")
    nadia.go("/audit/records")
    nadia.page.locator(".record summary").first.click()
    look(nadia, f"audit-records-{language}-{theme}")
    nadia.page.locator(".audit a[href^='/audit/cases/']:visible").first.click()
    nadia.page.wait_for_url(re.compile(r"/audit/cases/\w{26}$"))
    look(nadia, f"audit-case-{language}-{theme}")
    nadia.page.locator("a[href^='/audit/extract']").click()
    nadia.page.locator(".extract").wait_for()
    look(nadia, f"audit-extract-{language}-{theme}")
    nadia.go("/audit/mine")
    look(nadia, f"audit-mine-{language}-{theme}")


def test_the_workstation_check_comes_to_its_end(one_node: Node, at: At) -> None:
    visitor = at(one_node)
    visitor.go("/check")
    for name in ("bandwidth", "websocket", "screen", "gpu", "clock"):
        visitor.page.locator(f"#check-{name}:is(.ok, .warn)").wait_for()
    visitor.page.locator("#check-overall:is(.good, .warn)").wait_for()
    look(visitor, "check")


def test_pages_work_without_script(one_node: Node, at: At) -> None:
    """Sign-in, lists, a search, a language: links and forms do it all."""
    browser = at(one_node).context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    try:
        ines = Person(context, one_node.origin)
        ines.sign_in("ines")
        ines.page.get_by_role("link", name="Dossiers").click()
        ines.page.locator("input[name=q]").fill("0398")
        ines.page.locator("input[name=q]").press("Enter")
        expect(ines.page.locator(".row-title")).to_have_count(1)
        ines.page.get_by_role("link", name="English").click()
        expect(ines.page.get_by_role("heading", level=1)).to_have_text("Cases")
        ines.page.get_by_role("button", name="Sign out").click()
        ines.page.wait_for_url("**/login/left**")
        ines.go("/cases")
        assert "/login" in ines.page.url
    finally:
        context.close()
