"""What others wrote on a slide may say the first diagnosis: who reads blind sees the fields, and not the words."""

import html
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from telepath.actor import Actor
from telepath.cases import annotation_store
from telepath.cases.annotations import Drawing, Rectangle
from telepath.db.database import Database
from telepath.db.schema.cases import key_region
from telepath.db.schema.slides import slide
from telepath.geometry import View
from tests.consult_desk import TEXTS, Desk, seated
from tests.house import visited
from web.routes import annotations, key_regions

FIRST = "Hyperplasie folliculaire"
FIELD = View(100, 100, 50, 40)


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


@pytest.fixture
async def viewer(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """What the viewer's page asks for."""
    async with visited(desk.services, [*annotations.routes, *key_regions.routes]) as client:
        yield client


async def marked(desk: Desk, by: Actor, slide_id: str, label: str) -> None:
    """A frame on the slide and a kept field of the case."""
    desk.clock.advance(seconds=1)
    async with desk.db.write(by) as tx:
        drawing = Drawing(
            operation_id=f"operation-{label[:8]}", shape=Rectangle(x=1, y=1, width=9, height=9), label=label
        )
        await annotation_store.draw(tx, by, slide_id, drawing)
        await tx.insert(
            key_region,
            id=tx.new_id(),
            case_id=desk.case_id,
            consult_id="",
            slide_id=slide_id,
            label=label,
            view=msgspec.to_builtins(FIELD),
            image=f"regions/{'0' * 64}.jpg",
            pinned_by=by.person_id,
            pinned_at=tx.now,
        )


async def labels(viewer: httpx2.AsyncClient, slide_id: str) -> list[tuple[str, bool]]:
    """Label, and whether it is said to be hidden, of each frame and then of each kept field."""
    found = []
    for kind in ("annotations", "regions"):
        answer = await viewer.get(f"/slides/{slide_id}/{kind}", headers={"Accept": "application/json"})
        assert answer.status_code == 200
        found += [(one["label"], one["sealed"]) for one in answer.json()[kind]]
    return found


async def test_who_reads_blind_sees_where_others_looked_and_not_what_they_wrote(
    desk: Desk, viewer: httpx2.AsyncClient
) -> None:
    async with desk.db.read() as reader:
        slide_id = str(await reader.scalar(select(slide.c.id).where(slide.c.case_id == desk.case_id)))
    await marked(desk, desk.actors["zoe"], slide_id, FIRST)
    await marked(desk, desk.actors["zoe"], slide_id, "")
    path = await desk.asked(blind="1")
    desk.sit("karim")
    await desk.post(f"{path}/accept")
    await marked(desk, desk.actors["karim"], slide_id, "Mitoses")
    hidden = [("", True), ("", False), ("Mitoses", False)]
    assert await labels(viewer, slide_id) == hidden * 2
    for page in (path, f"/cases/{desk.case_id}"):
        shown = await desk.page(page)
        assert FIRST not in shown, page
        assert "Légende masquée jusqu’à votre avis" in shown, page
        assert "Mitoses" in shown, page
    # Who wrote it, and their colleagues, read it all along.
    desk.sit("zoe")
    assert await labels(viewer, slide_id) == [(FIRST, False), ("", False), ("Mitoses", False)] * 2
    desk.sit("karim")
    version = str((await desk.reading(path)).version)
    await desk.post(f"{path}/commit", version=version, **(TEXTS | {"conclusion": "Lymphome B."}))
    assert await labels(viewer, slide_id) == [(FIRST, False), ("", False), ("Mitoses", False)] * 2
    for page in (path, f"/cases/{desk.case_id}"):
        shown = await desk.page(page)
        assert FIRST in shown, page
        assert "Légende masquée" not in shown, page


async def test_a_consult_that_is_not_blind_hides_no_label(desk: Desk, viewer: httpx2.AsyncClient) -> None:
    async with desk.db.read() as reader:
        slide_id = str(await reader.scalar(select(slide.c.id).where(slide.c.case_id == desk.case_id)))
    await marked(desk, desk.actors["zoe"], slide_id, FIRST)
    path = await desk.accepted()
    assert await labels(viewer, slide_id) == [(FIRST, False)] * 2
    assert FIRST in html.unescape(await desk.page(path))
