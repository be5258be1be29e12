"""A board goes from room to room: the next case has a room of its own, and nobody is moved there but who leads."""

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.backstage import seeing_cases
from tests.browser.looks import look
from tests.browser.windows import (
    ANSWERED,
    CASE,
    Person,
    open_consult,
    open_room,
    open_slide,
    slide_of,
    wait_same_field,
    wait_sharp,
)
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
INES = f"Dr {PEOPLE['ines'].given_name} {PEOPLE['ines'].family_name}"
UNSENT = "Je relis les marges"


class Board(NamedTuple):
    """``ines`` leads; ``solene`` may see both cases, ``yann`` the first one. Addresses of their rooms."""

    ines: Person
    yann: Person
    solene: Person
    first: str
    second: str


@pytest.fixture
def board(one_node: Node, at: At) -> Iterator[Board]:
    with seeing_cases(one_node, "solene"):
        ines, yann, solene = at(one_node, "ines", (1600, 900)), at(one_node, "yann"), at(one_node, "solene")
        open_slide(ines, CASE)
        second = open_room(ines)
        ines.page.locator("#room-link").click()
        expect(ines.page.locator("#messages")).to_have_text("Adresse de la séance copiée.")
        open_consult(ines, ANSWERED)
        first = open_room(ines)
        for person in (yann, solene):
            person.page.goto(first)
            wait_sharp(person)
        expect(ines.page.locator("#members li")).to_have_count(3)
        yield Board(ines, yann, solene, first, second)


def test_a_board_goes_on_to_the_next_case(board: Board) -> None:
    ines, yann, solene = board.ines, board.yann, board.solene
    pastes_the_next_room(board)
    yann.page.locator("#line").fill(UNSENT)
    yann.page.locator("#slide").focus()
    solene.page.keyboard.press("+")
    expect(slide_of(solene)).to_have_attribute("data-role", "left")
    goes_on(board)
    for person in (yann, solene):
        is_called(person, board.first)
    comes(board)
    stays(board)
    is_not_let_in(board)
    assert (ines.complaints, solene.complaints) == ([], [])
    # The browser's own note of the page that was not there.
    assert [one for one in yann.complaints if "status of 404" not in one] == []


class Line:
    """A window's line to the room."""

    def __init__(self, person: Person) -> None:
        self._restored = False
        self._ends: list[WebSocketRoute] = []
        person.page.route_web_socket(re.compile("/live$"), self._join)

    def _join(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self._ends = [socket, server]

        def came(message: str | bytes) -> None:
            told = json.loads(message) if self._restored and isinstance(message, str) else {}
            socket.send(json.dumps(told | {"mode": "reset", "facts": []}) if told.get("type") == "welcome" else message)

        server.on_message(came)

    def restore(self) -> None:
        """From now on the window is welcomed as by a service whose backup has nothing of what was heard there."""
        self._restored = True
        for end in self._ends:
            end.close(code=4408)


def test_a_call_that_a_restored_backup_does_not_know_is_taken_back(board: Board) -> None:
    ines, yann = board.ines, board.yann
    line = Line(yann)
    yann.page.reload()
    wait_sharp(yann)
    pastes_the_next_room(board)
    ines.page.locator("#agenda-items li").nth(1).get_by_role("button").press("Enter")
    ines.page.wait_for_url(board.second)
    is_called(yann, board.first)
    onward = yann.page.locator("#thread").get_by_role("button", name="Rejoindre le dossier suivant")
    expect(onward).to_be_visible()

    line.restore()
    expect(yann.page.locator("#follow-text")).to_have_text(f"{INES} présente, mais n’est pas en liaison")
    expect(yann.page.locator("#call")).to_be_hidden()
    expect(onward).to_have_count(0)
    expect(yann.page.locator("#link-state")).to_have_attribute("data-state", "open")
    assert yann.complaints == []


def pastes_the_next_room(board: Board) -> None:
    page = board.ines.page
    page.locator("#agenda-make").click()
    rows = page.locator("#agenda-rows li")
    rows.nth(0).locator(".agenda-label-field").fill("Marges")
    page.locator("#agenda-add").click()
    rows.nth(1).locator(".agenda-label-field").focus()
    page.keyboard.press("Control+v")
    expect(rows.nth(1).locator(".agenda-room-field")).to_have_value(board.second)
    page.locator("#agenda-add").click()
    rows.nth(2).locator(".agenda-label-field").fill("Décisions")
    look(board.ines, "room-onward-form")
    page.set_viewport_size({"width": 1600, "height": 900})
    page.locator("#agenda-form button[type=submit]").click()
    expect(page.locator("#agenda-items .agenda-label")).to_have_text(["Marges", "Dossier suivant", "Décisions"])
    expect(page.locator("#agenda-items .agenda-more").nth(1)).to_have_text("→ Autre dossier")
    # A session that is not there is no next one: the form comes back with all that was typed, and says why.
    page.locator("#agenda-edit").click()
    rows.nth(1).locator(".agenda-room-field").fill(f"{board.second[:-26]}{'0' * 26}")
    page.locator("#agenda-form button[type=submit]").click()
    expect(page.locator("#agenda-wrong")).to_contain_text("cette séance n’existe pas")
    expect(rows.nth(2).locator(".agenda-label-field")).to_have_value("Décisions")
    page.locator("#agenda-cancel").click()


def goes_on(board: Board) -> None:
    """To a point by its row, to the next by one key; her page goes at once, she presents there, and what is left of the agenda
    goes along."""
    ines = board.ines
    rows = ines.page.locator("#agenda-items li")
    rows.nth(0).get_by_role("button").press("Enter")
    expect(ines.page.locator("#agenda-items [aria-current=step] .agenda-label")).to_have_text("Marges")
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("j")
    ines.page.wait_for_url(board.second)
    wait_sharp(ines)
    expect(slide_of(ines)).to_have_attribute("data-role", "presenting")
    expect(ines.page.locator("#agenda-carried")).to_have_text("Reprendre l’ordre du jour (1 point)")
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("j")
    expect(ines.page.locator("#agenda-items .agenda-label")).to_have_text(["Décisions"])


def is_called(person: Person, first: str) -> None:
    """Without a word of the next case; nobody's page leaves by itself; there is one way to come."""
    page = person.page
    expect(page.locator("#call-text")).to_have_text(f"{INES} passe au dossier suivant")
    expect(page.locator("#follow-text")).to_have_text("La réunion est passée au dossier suivant")
    expect(page.locator(".told .act:visible", has_text="Rejoindre")).to_have_count(1)
    assert page.url == first
    assert CASE not in page.content()


def comes(board: Board) -> None:
    solene = board.solene
    solene.picture("room-onward-called")
    solene.page.keyboard.press("f")
    solene.page.wait_for_url(board.second)
    wait_sharp(solene)
    expect(slide_of(solene)).to_have_attribute("data-role", "following")
    wait_same_field(solene, board.ines)
    expect(solene.page.locator("#agenda-items .agenda-label")).to_have_text(["Décisions"])
    board.ines.picture("room-onward-arrived")


def stays(board: Board) -> None:
    """And is offered the way on; so is who comes late."""
    yann = board.yann
    look(yann, "room-onward-call")
    yann.page.set_viewport_size({"width": 1440, "height": 900})
    yann.page.locator("#slide").focus()
    yann.page.keyboard.press("Escape")
    expect(yann.page.locator("#call")).to_be_hidden()
    expect(yann.page.locator("#rejoin")).to_be_visible()
    expect(yann.page.locator("#line")).to_have_value(UNSENT)
    look(yann, "room-onward-stayed")
    yann.page.set_viewport_size({"width": 1440, "height": 900})
    yann.page.locator("#line").fill("")
    yann.page.reload()
    wait_sharp(yann)
    expect(yann.page.locator("#follow-text")).to_have_text("La réunion est passée au dossier suivant")
    expect(yann.page.locator("#call")).to_be_hidden()
    expect(yann.page.locator("#thread").get_by_role("button", name="Rejoindre le dossier suivant")).to_be_visible()


def is_not_let_in(board: Board) -> None:
    """Who has no right to the case: the same page as for what does not exist, and the way back, with what was typed."""
    yann = board.yann
    yann.page.locator("#line").fill(UNSENT)
    yann.page.locator("#slide").focus()
    yann.page.keyboard.press("f")
    expect(yann.page.locator("#error-title")).to_be_visible()
    assert yann.page.url == board.second
    assert CASE not in yann.page.content()
    yann.picture("room-onward-refused")
    yann.page.get_by_role("link", name="Retour à la page précédente").click()
    yann.page.wait_for_url(board.first)
    wait_sharp(yann)
    expect(yann.page.locator("#line")).to_have_value(UNSENT)
