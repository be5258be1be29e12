"""Two nodes on PostgreSQL and Valkey, the demonstration's people and cases, and real Chromium windows."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from telepath.slides.synthetic import write_slide
from tests.browser.windows import PATIENCE, Person
from tests.running import Node, in_its_own_loop, service, telepath
from tests.tools import require_chromium

WINDOW = (1440, 900)
REAL = ("aperio/CMU-1-Small-Region.svs", "dicom-wsi/cmu-1-small-region", "crafted/mirax/HE-mirax.mrxs")
"""Looked at where TELEPATH_TEST_SLIDES has them."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def slides(real_slides: Path | None, short_folder: Path) -> list[Path]:
    """A slide for each of the demonstration's first cases: a real one where it is given, a generated one otherwise."""
    given = [real_slides / name for name in REAL] if real_slides is not None else []
    found = [path for path in given if path.exists()]
    if len(found) == len(REAL):
        return found
    path = short_folder / "generated.tiff"
    in_its_own_loop(write_slide(path, width=6144, height=4096, seed=1))
    return [*found, *[path] * (len(REAL) - len(found))]


def seeded(folder: Path, settings: dict[str, str], slides: list[Path]) -> None:
    """Make the demonstration's data by the command line: what a story needs, and no more."""
    environment = {f"TELEPATH_{name.upper()}": value for name, value in settings.items()}
    environment["TELEPATH_DATA"] = str(folder / "data")
    done = telepath(environment, "demo", "--seed-only", "--bare", "--slides", *map(str, slides))
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
def consult_node(slides: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """As ``one_node``, for the stories that change who is asked and how people are told: it is not theirs alone, and what they
    change stays."""
    folder = tmp_path_factory.mktemp("consult-node")
    seeded(folder, {}, slides)
    with service(folder, {}) as started:
        yield started[0]


@pytest.fixture(autouse=True)
def nothing_goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each story the rooms of ``one_node`` are over, and its sessions: for a minute a room that was just left is still
    the room that others are in, and the next story would come into it."""
    node: Node | None = request.getfixturevalue("one_node") if "one_node" in request.fixturenames else None
    yield
    if node is None:
        return
    with closing(sqlite3.connect(Path(node.environment["TELEPATH_DATA"]) / "telepath.db", timeout=20)) as db:
        db.execute("UPDATE room SET closed_at = opened_at WHERE closed_at IS NULL")
        db.execute("UPDATE session SET ended_at = seen_at WHERE ended_at IS NULL")
        db.commit()


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
