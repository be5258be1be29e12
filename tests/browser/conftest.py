"""Two nodes on PostgreSQL and Valkey, the demonstration's people and cases, and real Chromium windows."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from telepath.slides.synthetic import write_slide
from tests.running import ROOT, Node, in_its_own_loop, service, telepath
from tests.tools import require_chromium
from web.demo import PEOPLE

SCREENSHOTS = ROOT / "screenshots"
WINDOW = (1440, 900)
PATIENCE = 20_000
"""Milliseconds that a page may take for anything: two cores run two nodes, two databases and two browsers."""


class Person:
    """Somebody at a window: ``page`` is theirs, signed in on one node. Keeps what the browser complained of."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context, self.origin = context, origin
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" or "Content Security Policy" in text or "TrustedHTML" in text:
            self.complaints.append(f"{kind}: {text}")

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def sign_in(self, who: str) -> None:
        """Through the simulator, as a person does."""
        self.go("/")
        self.page.get_by_role("link", name="Pro Santé Connect").click()
        self.page.locator(f'button[value="{PEOPLE[who].subject_name_id}"]').click()
        self.page.wait_for_url(f"{self.origin}/**")

    def picture(self, name: str) -> None:
        """Keep what the window shows, to be looked at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture(scope="session")
def slides(real_slides: Path | None, short_folder: Path) -> list[Path]:
    """Three slides for the demonstration's cases: real ones where they are given."""
    if real_slides is not None:
        return [
            real_slides / "aperio" / "CMU-1-Small-Region.svs",
            real_slides / "dicom-wsi" / "cmu-1-small-region",
            real_slides / "crafted" / "mirax" / "HE-mirax.mrxs",
        ]
    path = short_folder / "generated.tiff"
    in_its_own_loop(write_slide(path, width=6144, height=4096, seed=1))
    return [path, path, path]


def seeded(folder: Path, settings: dict[str, str], slides: list[Path]) -> None:
    """Make the demonstration's data by the command line."""
    environment = {f"TELEPATH_{name.upper()}": value for name, value in settings.items()}
    environment["TELEPATH_DATA"] = str(folder / "data")
    done = telepath(environment, "demo", "--seed-only", "--slides", *map(str, slides))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def nodes(
    postgres: str, postgres_template: str, valkey: str, slides: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Node]]:
    """Two nodes that share PostgreSQL, Valkey and storage."""
    folder = tmp_path_factory.mktemp("two-nodes")
    with psycopg.connect(postgres.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "browser" TEMPLATE "{postgres_template}"')
    settings = {"database": postgres.format(name="browser"), "bus": valkey}
    seeded(folder, settings, slides)
    with service(folder, settings, nodes=2) as started:
        yield started


@pytest.fixture(scope="session")
def one_node(slides: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node with the embedded defaults: SQLite, memory bus."""
    folder = tmp_path_factory.mktemp("one-node")
    seeded(folder, {}, slides)
    with service(folder, {}) as started:
        yield started[0]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require_chromium(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def at(chromium: Browser) -> Iterator[Callable[..., Person]]:
    """``at(node, "ines")``: a private window, signed in there as that person."""
    contexts: list[BrowserContext] = []

    def open_window(
        node: Node, who: str | None = None, size: tuple[int, int] = WINDOW, language: str = "fr-FR"
    ) -> Person:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale=language)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        person = Person(context, node.origin)
        if who is not None:
            person.sign_in(who)
        return person

    yield open_window
    for context in contexts:
        context.close()
