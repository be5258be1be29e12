"""Who proves anew who they are, to sign in another tab, stays in the room: a new session takes the old one's place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.windows import Person
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_step_up_in_another_tab_does_not_end_the_room(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    ines.go("/cases")
    ines.page.get_by_role("link", name="CAY-26-0398").first.click()
    ines.page.locator("#consults a[href^='/consults/']").first.click()
    ines.page.locator("form[action*='/rooms'] button").first.click()
    ines.page.wait_for_url("**/rooms/*")
    state = ines.page.locator("#link-state")
    expect(state).to_have_attribute("data-state", "open", timeout=20_000)

    other = ines.context.new_page()
    other.goto(f"{one_node.origin}/login/step-up?return_to=/about")
    other.locator(f'button[value="{PEOPLE["ines"].subject_name_id}"]').click()
    other.wait_for_url("**/about")

    ines.page.wait_for_function("() => document.getElementById('link-state').dataset.state !== 'open'", timeout=20_000)
    expect(state).to_have_attribute("data-state", "open", timeout=20_000)

    other.locator("form[action='/logout'] button").first.click()
    expect(state).to_have_attribute("data-state", "ended", timeout=20_000)
