"""A room on two nodes behind one address: the node that everybody is on is killed, hangs, and is asked to stop."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.balancer import Balancer, in_a_thread
from tests.browser.windows import ANSWERED, PATIENCE, Person, open_consult, open_room, slide_of, wait_same_field
from tests.login import free_port
from tests.running import TELEPATH, Node, process

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


class Pair:
    """Two more nodes on the database, Valkey and storage of the others, at the address of ``front``."""

    def __init__(self, front: Balancer, like: Node, folder: Path, stack: ExitStack) -> None:
        self.front, self._like, self._folder, self._stack = front, like, folder, stack
        self.ports = [free_port(), free_port()]
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        for number in range(2):
            self.start(number)

    def start(self, number: int) -> None:
        port = self.ports[number]
        own = {"TELEPATH_PORT": str(port), "TELEPATH_ORIGIN": self.front.origin}
        command, log = [*TELEPATH, "serve"], self._folder / f"{port}.log"
        started = process(command, self._like.environment | own, f"http://localhost:{port}/health", log)
        self._running[number] = self._stack.enter_context(started)

    def send(self, number: int, which: signal.Signals) -> None:
        os.kill(self._running[number].pid, which)

    def ended(self, number: int) -> None:
        self._running[number].wait(PATIENCE / 1000)


@pytest.fixture
def pair(nodes: list[Node], tmp_path: Path) -> Iterator[Pair]:
    with in_a_thread() as front, ExitStack() as stack:
        yield Pair(front, nodes[0], tmp_path, stack)


def test_whatever_becomes_of_a_node_the_picture_goes_on_and_nothing_said_is_lost(
    nodes: list[Node], pair: Pair, at: Callable[..., Person]
) -> None:
    """Who presents and who follows are on the same node each time; the cookie of a browser is of all ports of its host."""
    one, two = pair.ports
    pair.front.nodes = [one]
    ines, yann = at(nodes[0], "ines"), at(nodes[0], "yann")
    for person in (ines, yann):
        person.origin = pair.front.origin
    open_consult(ines, ANSWERED)
    room = open_room(ines)
    yann.page.goto(room)
    expect(slide_of(yann)).to_have_attribute("data-role", "following")
    wait_same_field(yann, ines)

    pair.front.nodes = [one, two]
    pair.send(0, signal.SIGKILL)
    goes_on(ines, yann, "Dit quand le nœud est mort.", "4")
    pair.start(0)

    pair.send(1, signal.SIGSTOP)
    pair.front.nodes = [one]
    goes_on(ines, yann, "Dit pendant que le nœud ne répond plus.", "ArrowRight")
    pair.send(1, signal.SIGKILL)
    pair.start(1)

    for person in (ines, yann):
        expect(person.page.locator("#link-state")).to_have_attribute("data-state", "open")
        remember_states(person)
    pair.front.nodes = [one, two]
    pair.send(0, signal.SIGTERM)
    goes_on(ines, yann, "Dit pendant que le nœud s’arrête.", "3")
    pair.ended(0)
    for person in (ines, yann):
        assert person.page.evaluate("states") == ["open"], "both are on the other node, and nobody saw a gap"
    goes_on(yann, ines, "Dit sur l’autre nœud.", "")
    ines.page.keyboard.press("ArrowLeft")
    wait_same_field(yann, ines)
    for person in (ines, yann):
        assert person.faults == []


def remember_states(person: Person) -> None:
    """Each state that the page says its link is in, from now on: ``states``."""
    person.page.evaluate(
        """() => {
            const pill = document.querySelector("#link-state");
            globalThis.states = [pill.dataset.state];
            new MutationObserver(() => {
                if (states.at(-1) !== pill.dataset.state) states.push(pill.dataset.state);
            }).observe(pill, { attributeFilter: ["data-state"] });
        }"""
    )


def goes_on(speaker: Person, other: Person, line: str, key: str) -> None:
    """``speaker`` speaks and moves; the line is there once, everywhere, and the field too."""
    speaker.page.locator("#line").fill(line)
    speaker.page.locator("#line-form button[type=submit]").click()
    if key:
        slide_of(speaker).focus()
        speaker.page.keyboard.press(key)
    for person in (speaker, other):
        expect(person.page.locator("#thread").get_by_text(line)).to_have_count(1)
    if key:
        wait_same_field(other, speaker)
