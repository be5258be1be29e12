"""What could get lost in a room, and must not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.windows import ANSWERED, Person, open_consult, open_room
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
