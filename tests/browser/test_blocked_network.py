"""A network that lets no WebSocket through: a proxy that forwards requests and refuses tunnels, as some hospitals have.

Who sits behind it follows by server-sent events and writes by POST."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from http.client import parse_headers
from socket import create_connection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.windows import ANSWERED, Person, open_consult, open_room, slide_of, wait_same_field, wait_sharp
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SAY_AFTER_REFUSAL = """(() => {
    let said = false;
    window.WebSocket = class extends WebSocket {
        constructor(address) {
            super(address);
            this.addEventListener('error', () => {
                if (said) return;
                said = true;
                document.querySelector('#line').value = 'Dit sans connexion.';
                document.querySelector('#line-form').requestSubmit();
            });
        }
    };
})()"""
"""Speaks when the first socket is refused, before there is another way."""


class Proxy(socketserver.ThreadingTCPServer):
    """Forwards plain requests, one a connection, streams included. ``refused``: the tunnels that were asked for."""

    daemon_threads = True
    request_queue_size = 128
    """A browser opens many connections at once: one that finds no place is tried again after a second, and then three."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Forward)
        self.refused: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away leaves its connections as they are."""


class Forward(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        line = self.rfile.readline().decode("latin-1").split()
        if len(line) != 3:  # a connection opened ahead, and not used
            return
        method, target, _ = line
        if method == "CONNECT":
            # Chromium asks for a tunnel for each WebSocket, encrypted or not.
            self.server.refused.append(target)
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        headers = parse_headers(self.rfile)
        for name in ("Connection", "Proxy-Connection", "Keep-Alive", "Upgrade"):
            del headers[name]
        headers["Connection"] = "close"
        url = urlsplit(target)
        path = f"{url.path}?{url.query}" if url.query else url.path
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = self.rfile.read(int(headers.get("Content-Length", 0)))
        with create_connection((url.hostname, url.port)) as upstream:
            upstream.sendall(head.encode("latin-1") + b"\r\n" + body)
            while piece := upstream.recv(65536):
                self.connection.sendall(piece)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as server:
        running = threading.Thread(target=server.serve_forever)
        running.start()
        yield server
        server.shutdown()
        running.join()


@pytest.fixture
def behind(proxy: Proxy, chromium: Browser) -> Iterator[Callable[[Node, str], Person]]:
    """``behind(node, "yann")``: a window whose only way out is the proxy, signed in there as that person."""
    context = chromium.new_context(
        viewport={"width": 1200, "height": 800}, locale="fr-FR", proxy={"server": proxy.address}
    )

    def open_window(node: Node, who: str) -> Person:
        person = Person(context, node.origin)
        person.sign_in(who)
        return person

    yield open_window
    context.close()


def test_without_websockets_one_follows_by_events_and_writes_by_post(
    one_node: Node, at: Callable[..., Person], proxy: Proxy, behind: Callable[[Node, str], Person]
) -> None:
    ines, yann = at(one_node, "ines"), behind(one_node, "yann")
    open_consult(ines, ANSWERED)
    open_room(ines)
    wait_sharp(ines)

    invitation = yann.page.locator(".toast.invitation")
    expect(invitation).to_be_visible()
    yann.page.add_init_script(SAY_AFTER_REFUSAL)
    invitation.get_by_role("link").click()
    yann.page.wait_for_url("**/rooms/*")
    expect(yann.page.locator("#link-state")).to_have_attribute("data-state", "events")
    assert len(proxy.refused) >= 3, "the socket is tried before it is given up"
    expect(yann.page.locator("#link-state")).to_have_text("Suivi seul")
    expect(yann.page.locator("#take")).to_be_hidden()
    expect(slide_of(yann)).to_have_attribute("data-role", "following")

    for person in (ines, yann):
        expect(person.page.locator("#thread").get_by_text("Dit sans connexion.")).to_have_count(1)

    wait_sharp(yann)
    wait_same_field(yann, ines)
    for key in ("4", "ArrowRight", "r"):
        ines.page.keyboard.press(key)
    wait_same_field(yann, ines)

    says(ines, "Regardez cette glande.")
    expect(yann.page.locator("#thread")).to_contain_text("Regardez cette glande.")
    says(yann, "Vue, par les événements.")
    expect(ines.page.locator("#thread")).to_contain_text("Vue, par les événements.")
    expect(yann.page.locator("#thread").get_by_text("Vue, par les événements.")).to_have_count(1)

    # The presentation goes to another computer of Yann's and comes back: the blocked window hears of both.
    other = at(one_node, "yann")
    other.page.goto(yann.page.url)
    other.page.locator("#ask").click()
    other.page.locator("#take").click()  # nobody has answered for a while
    expect(slide_of(ines)).to_have_attribute("data-role", "following")
    expect(yann.page.locator("#thread")).to_contain_text("Dr Yann Goémon présente maintenant.")
    ines.page.locator("#ask").click()
    ines.page.locator("#take").click()
    expect(slide_of(ines)).to_have_attribute("data-role", "presenting")
    expect(yann.page.locator("#thread")).to_contain_text("Dr Inès Flamboyant présente maintenant.")
    expect(slide_of(yann)).to_have_attribute("data-role", "following")
    ines.page.keyboard.press("2")
    wait_same_field(yann, ines)
    ines.page.locator("#close").click()
    ines.page.locator("#close-dialog button[value=yes]").click()
    expect(ines.page.locator("#room-ended-why")).to_contain_text("Vous avez terminé la séance.")
    expect(yann.page.locator("#room-ended-why")).to_contain_text("Dr Inès Flamboyant a terminé la séance.")
    expect(yann.page.locator("#room-ended-reload")).to_be_hidden()
    assert ines.complaints == []
    # What the browser said of the refused tunnels is no defect.
    assert [one for one in yann.complaints if "Establishing a tunnel via proxy server failed" not in one] == []


def says(person: Person, text: str) -> None:
    person.page.locator("#line").fill(text)
    person.page.locator("#line-form button[type=submit]").click()
