"""Who follows: Chromium at the far end of the line, with our room's page or plain OpenSeadragon, from an empty cache."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from playwright.async_api import BrowserContext, Page, async_playwright

from telepath.slides.catalogue import Slide
from tests.bench.sharp.network import HERE
from tests.bench.sharp.script import WINDOW
from tests.bench.sharp.stage import Sent
from tests.tools import require_chromium
from web.tile_rights import COOKIE

PARTS: Final = Path(__file__).parent
OPENSEADRAGON: Final = (
    PARTS.parents[2]
    / "web"
    / "client"
    / "node_modules"
    / "openseadragon"
    / "build"
    / "openseadragon"
    / "openseadragon.min.js"
)
PATIENCE: Final = 90_000
"""Milliseconds that a field may take to be sharp, and a page to be there."""
QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
)


class Seen(msgspec.Struct, frozen=True):
    """What a page saw; (stream, number of a field in it, Unix ms)."""

    heard: list[tuple[int, int, float]]
    usable: list[tuple[int, int, float]]
    sharp: list[tuple[int, int, float, str]]
    pushed: int = 0

    # Of the field that was sent, or of a newer one of its stream; None: the page says nothing of it.

    def heard_at(self, sent: Sent) -> float | None:
        return next((at for *field, at in self.heard if shows(field, sent)), None)

    def usable_at(self, sent: Sent) -> float | None:
        """What is sharp is usable."""
        found = [at for *field, at in self.usable if shows(field, sent)]
        return min([*found, *(at for *field, at, _ in self.sharp if shows(field, sent))], default=None)

    def sharp_at(self, sent: Sent) -> float | None:
        return next((at for *field, at, _ in self.sharp if shows(field, sent)), None)

    def coding(self, sent: Sent) -> str:
        return next((coding for *field, _, coding in self.sharp if shows(field, sent)), "")


def shows(field: Sequence[float], sent: Sent) -> bool:
    return field[0] == sent.stream and field[1] >= sent.sequence


class Follower:
    def __init__(self, page: Page) -> None:
        self.page = page

    async def seen(self) -> Seen:
        found: dict[str, Any] = await self.page.evaluate(
            "({heard: bench.heard, usable: bench.usable, sharp: bench.sharp, pushed: bench.pushed})"
        )
        return msgspec.convert(found, Seen)

    async def sharp(self, sent: Sent) -> None:
        """Wait until this field, or a newer one, is. Raises playwright.async_api.TimeoutError."""
        await self.page.wait_for_function(
            "([of, least]) => bench.sharp.some(([stream, number]) => stream === of && number >= least)",
            arg=[sent.stream, sent.sequence],
            timeout=PATIENCE,
        )


class Browser:
    """Behind the line; a window of its own for each follower."""

    def __init__(self, launched: Any) -> None:
        self._launched = launched

    @asynccontextmanager
    async def _window(self, size: Sequence[int], **options: Any) -> AsyncIterator[BrowserContext]:
        context = await self._launched.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="fr-FR", **options
        )
        context.set_default_timeout(PATIENCE)
        try:
            yield context
        finally:
            await context.close()

    @asynccontextmanager
    async def signed_in(self, origin: str) -> AsyncIterator[BrowserContext]:
        """Léa's."""
        async with self._window(WINDOW) as context:
            await context.add_cookies([{"name": "telepath", "value": "cookie-of-lea", "url": origin}])
            yield context

    @asynccontextmanager
    async def plain(self, origin: str, teller: str, slide: Slide, cookie: str) -> AsyncIterator[Follower]:
        """OpenSeadragon alone, in a window of the same size; it hears the fields from ``teller``."""
        async with self._window(WINDOW, ignore_https_errors=True, bypass_csp=True) as context:
            await context.add_cookies([{"name": COOKIE, "value": cookie, "url": origin}])
            page = await context.new_page()
            await page.goto(f"{origin}/health")
            # By the browser's own door, not over the line.
            await page.add_script_tag(path=OPENSEADRAGON)
            level = slide.pyramid.levels[0]
            levels = sum(1 for one in slide.pyramid.levels if one.downsample.is_integer() and one.downsample <= 32)
            settings = {
                "window": WINDOW,
                "width": level.width,
                "height": level.height,
                "levels": levels,
                "slide": slide.id,
                "software": True,
                "teller": teller,
            }
            await page.evaluate((PARTS / "peer.js").read_text(), settings)
            yield Follower(page)


async def in_room(context: BrowserContext, origin: str, room: str) -> Follower:
    """On the page of the room, linked; its slide is WINDOW large."""
    page = await context.new_page()
    await page.add_init_script(path=PARTS / "watch.js")
    await page.goto(f"{origin}/rooms/{room}")
    await page.wait_for_selector('#link-state[data-state="open"]')
    box = await page.locator("#slide").bounding_box()
    assert box is not None
    around = WINDOW[0] - round(box["width"]), WINDOW[1] - round(box["height"])
    await page.set_viewport_size({"width": WINDOW[0] + around[0], "height": WINDOW[1] + around[1]})
    return Follower(page)


WHOLE: Final = """async () => {
    for (const name of (await caches.keys()).filter((one) => one.startsWith("ahead-"))) {
        const index = await (await caches.open(name)).match("/ahead/index");
        const said = (what) => index?.headers.get(what) ?? "";
        if (said("mark") !== "" && Number(said("bytes")) > 100_000) return true;
    }
    return false;
}"""
"""Whether all that was to be sent ahead of a slide with a file is kept (web/client/src/warm_store.ts)."""


async def sent_ahead(context: BrowserContext, address: str) -> None:
    """Wait on the page at ``address`` until the browser has what it is sent ahead of the case. Raises TimeoutError."""
    page = await context.new_page()
    await page.goto(address)
    async with asyncio.timeout(PATIENCE / 1000):
        while not await page.evaluate(WHOLE):  # noqa: ASYNC110  # storage tells nobody
            await asyncio.sleep(0.2)
    await page.close()


@asynccontextmanager
async def browser(namespace: str, folder: Path, secure: Sequence[str]) -> AsyncIterator[Browser]:
    """Chromium in ``namespace``. ``secure``: origins that count as secure, as they would be behind TLS."""
    program = folder / "chromium"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {require_chromium()} "$@"\n')
    program.chmod(0o700)
    arguments = [*QUIET, f"--unsafely-treat-insecure-origin-as-secure={','.join(secure)}"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield Browser(launched)
        finally:
            await launched.close()


def address(port: int, scheme: str = "http") -> str:
    return f"{scheme}://{HERE}:{port}"
