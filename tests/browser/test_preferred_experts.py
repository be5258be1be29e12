"""Whom one likes to ask, marked on the form of a request: with script nothing of the form is lost, nor where one was."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.windows import CASE, Person
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_an_expert_who_is_preferred_comes_first_at_once(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    page = ines.page
    ines.go("/cases")
    page.get_by_role("link", name=CASE).first.click()
    page.get_by_role("link", name="Demander un avis").first.click()
    page.locator("textarea[name=question]").fill("Lymphome ou hyperplasie ?")
    cards = page.locator("fieldset .expert")
    other = cards.nth(1).locator(".radio-card-title").inner_text()
    chosen = page.locator("input[name=expert]:checked").input_value()
    cards.nth(1).get_by_role("button", name=f"Préférer {other}", exact=True).click()
    first = cards.first
    expect(first).to_contain_text(other)
    expect(first).to_contain_text("Expert préféré du demandeur")
    assert page.locator("textarea[name=question]").input_value() == "Lymphome ou hyperplasie ?"
    assert page.locator("input[name=expert]:checked").input_value() == chosen
    # The keyboard is where it was: the same button takes it back.
    back = page.get_by_role("button", name=f"Ne plus préférer {other}", exact=True)
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Expert préféré du demandeur")).to_have_count(0)
    assert ines.complaints == []
