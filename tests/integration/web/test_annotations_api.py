"""/slides/{id}/annotations: strict JSON, clear refusals."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from telepath.access import Right
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.ids import make_id
from tests.builders import World
from tests.house import House, house, visited
from web.routes import annotations

POINT = {"operation_id": "operation-1", "shape": {"kind": "point", "x": 10.5, "y": 20}, "label": "mitose"}
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def path(world: World, zoe: Actor) -> str:
    return f"/slides/{await world.slide(zoe, await world.case(zoe))}/annotations"


@pytest.fixture
def services(database: Database, zoe: Actor, tmp_path: Path) -> House:
    made = house(database, tmp_path)
    made.actor = zoe
    return made


@pytest.fixture
async def browser(services: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(services, annotations.routes) as client:
        client.headers.update(JSON)
        yield client


async def listed(browser: httpx2.AsyncClient, path: str) -> list[Any]:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found: list[Any] = answer.json()["annotations"]
    return found


async def test_a_mark_is_drawn_listed_and_taken_away(browser: httpx2.AsyncClient, path: str, zoe: Actor) -> None:
    answer = await browser.post(path, json=POINT)
    assert answer.status_code == 201
    made = answer.json()
    assert made["shape"] == {"kind": "point", "x": 10.5, "y": 20.0}
    assert made["author"] == {"id": zoe.person_id, "name": "Dr Zoé Marchand"}
    assert made["mine"] is True
    assert await listed(browser, path) == [made]
    assert (await browser.delete(f"{path}/{made['id']}")).status_code == 204
    assert await listed(browser, path) == []
    assert (await browser.delete(f"{path}/{made['id']}")).status_code == 404


async def test_who_lists_the_marks_is_on_record_as_having_seen_the_case(
    browser: httpx2.AsyncClient, path: str, database: Database, zoe: Actor
) -> None:
    await listed(browser, path)
    await listed(browser, path)
    async with database.read() as reader:
        records = [row["record"] for row in await reader.all(select(audit_pending))]
    assert [(one["kind"], one["actor"]) for one in records] == [("case.viewed", zoe.person_id)]


async def test_the_same_operation_again_answers_the_same_mark(browser: httpx2.AsyncClient, path: str) -> None:
    first = await browser.post(path, json=POINT)
    second = await browser.post(path, json=POINT)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(await listed(browser, path)) == 1


RECTANGLE = {"kind": "rectangle", "x": 1, "y": 2, "width": 3, "height": 4}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "error-body-unreadable"),
        (b"null", 422, "error-body-unreadable"),
        (b"[]", 422, "error-body-unreadable"),
        (b'{"operation_id": "operation-1"}', 422, "error-body-unreadable"),
        (json.dumps(POINT | {"shape": {"kind": "polygon", "points": []}}).encode(), 422, "error-body-unreadable"),
        (json.dumps(POINT | {"shape": RECTANGLE | {"angle": 1}}).encode(), 422, "error-body-unreadable"),
        (json.dumps(POINT | {"author": "x"}).encode(), 422, "error-body-unreadable"),
        (json.dumps(POINT | {"shape": {"kind": "point", "x": "10", "y": 20}}).encode(), 422, "error-body-unreadable"),
        (json.dumps(POINT | {"shape": {"kind": "point", "x": float("nan"), "y": 20}}).encode(), 422, None),
        (json.dumps(POINT).replace("10.5", "1e999").encode(), 422, None),
        (json.dumps(POINT).replace("10.5", "9223372036854775808").encode(), 422, "error-annotation-outside"),
        (json.dumps(POINT | {"label": "\ud800"}).encode(), 422, None),
        (json.dumps(POINT | {"label": "a\x00b"}).encode(), 422, "error-text-control"),
        (json.dumps(POINT | {"label": "x" * 201}).encode(), 413, "error-text-too-long"),
        (json.dumps(POINT | {"operation_id": "x"}).encode(), 422, "error-annotation-operation"),
        (json.dumps(POINT | {"shape": RECTANGLE | {"width": -3}}).encode(), 422, "error-annotation-geometry"),
        (b'{"label": "\xff"}', 422, "error-body-unreadable"),
        (b"[" * 10_000 + b"]" * 5_000, 422, "error-body-unreadable"),
        (b'{"shape":' * 1_500 + b"1" + b"}" * 1_500, 422, "error-body-unreadable"),
        (b" " * 16_001, 413, "error-body-too-large"),
    ],
    ids=str,
)
async def test_what_is_not_a_drawing_is_refused_with_the_reason(
    browser: httpx2.AsyncClient, path: str, body: bytes, status: int, code: str | None
) -> None:
    answer = await browser.post(path, content=body)
    assert answer.status_code == status
    said = answer.json()
    if code:
        assert said["error"] == code
    assert said["message"]
    assert not re.search("malformed|Expected|Object|nested", said["message"]), (
        "what a decoder says is no sentence of ours"
    )
    assert "Traceback" not in answer.text
    assert await listed(browser, path) == []


async def test_a_form_is_not_json(browser: httpx2.AsyncClient, path: str) -> None:
    answer = await browser.post(path, content=json.dumps(POINT), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["error"]) == (422, "error-body-type")


async def test_absent_and_refused_slides_answer_alike(
    browser: httpx2.AsyncClient, services: House, database: Database, world: World, zoe: Actor, path: str
) -> None:
    made = (await browser.post(path, json=POINT)).json()
    services.actor = paul = await world.person("paul", "lille", "Paul", "Lenoir")
    absent = f"/slides/{make_id(0, bytes(10))}/annotations"
    answers = [
        await browser.get(path),
        await browser.get(absent),
        await browser.get("/slides/x/annotations"),
        await browser.post(path, json=POINT | {"operation_id": "operation-2"}),
        await browser.delete(f"{path}/{made['id']}"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    slide = path.split("/")[2]
    async with database.write(zoe, unaudited="test") as tx:
        await tx.grant(("person", paul.person_id), ("slide", slide), [Right.VIEW], because="room", because_id="r")
    (seen,) = await listed(browser, path)
    assert seen["mine"] is False
    assert (await browser.delete(f"{path}/{made['id']}")).status_code == 404
