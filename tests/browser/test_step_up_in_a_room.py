"""Who proves anew who they are, to sign in another tab, stays in the room: a new session takes the old one's place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.windows import ANSWERED, Person, open_consult, open_room
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_a_step_up_in_another_tab_does_not_end_the_room(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    open_consult(ines, ANSWERED)
    open_room(ines)
    state = ines.page.locator("#link-state")

    other = ines.context.new_page()
    # The old session's socket is cut, perhaps before the other tab has come back: seen by the one that takes its place.
    with ines.page.expect_websocket():
        other.goto(f"{one_node.origin}/login/step-up?return_to=/about")
        other.locator(f'button[value="{PEOPLE["ines"].subject_name_id}"]').click()
        other.wait_for_url("**/about")
    expect(state).to_have_attribute("data-state", "open")

    other.locator("form[action='/logout'] button").first.click()
    expect(state).to_have_attribute("data-state", "ended")
