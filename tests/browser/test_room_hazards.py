"""What could get lost in a room, or be done unseen, and must not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.windows import ANSWERED, Person, open_consult, open_room, slide_of, wait_same_field
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SAY_AFTER_HELLO = """(() => {
    const send = WebSocket.prototype.send;
    let said = false;
    WebSocket.prototype.send = function (data) {
        send.call(this, data);
        if (said || !String(data).includes('"hello"')) return;
        said = true;
        queueMicrotask(() => {
            document.querySelector('#line').value = 'Dit avant l’accueil.';
            document.querySelector('#line-form').requestSubmit();
        });
    };
})()"""
"""Speaks between the page's greeting and the server's, which takes as long as the network."""


def test_a_line_that_crosses_the_welcome_is_not_lost(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    open_consult(ines, ANSWERED)
    ines.page.add_init_script(SAY_AFTER_HELLO)
    sockets: list[str] = []
    ines.page.on("websocket", lambda socket: sockets.append(socket.url))
    open_room(ines)
    expect(ines.page.locator("#thread").get_by_text("Dit avant l’accueil.")).to_have_count(1)
    assert len(sockets) == 1, "it did not take another connection"
    assert ines.complaints == []


def test_a_call_is_not_answered_behind_a_dialog(one_node: Node, at: Callable[..., Person]) -> None:
    ines, yann = at(one_node, "ines", (1600, 900)), at(one_node, "yann")
    open_consult(ines, ANSWERED)
    address = open_room(ines)
    yann.page.goto(address)
    wait_same_field(yann, ines)
    page = yann.page
    page.locator("#slide").focus()
    page.keyboard.press("+")
    expect(slide_of(yann)).to_have_attribute("data-role", "left")
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("g")
    expect(page.locator("#call-text")).to_contain_text("Dr")
    page.locator("#roll").click()
    expect(page.locator("dialog:modal")).to_be_visible()
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Enter")
    expect(page.locator("dialog:modal")).to_be_visible()
    expect(page.locator("#call-text")).to_be_visible()
    expect(slide_of(yann)).to_have_attribute("data-role", "left")
    page.keyboard.press("Escape")
    expect(page.locator("dialog:modal")).to_have_count(0)
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Enter")
    expect(slide_of(yann)).to_have_attribute("data-role", "following")
    assert (ines.complaints, yann.complaints) == ([], [])
