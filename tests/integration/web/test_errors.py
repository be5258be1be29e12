import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telepath.access import Action, ObjectRef
from telepath.actor import Actor
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    SlideIncomplete,
    StepUpRequired,
    TelepathError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from telepath.grants import require
from tests.builders import MASTER_KEY
from tests.web_client import client
from web.errors import STATUS, STEP, status_of
from web.pages import read_form, services, signed_in

ELSEWHERE = "01kz0000000000000000000000"
ACTOR = Actor(person_id="p1", name="Dr Zoé Marchand", institution_id="cayenne", institution_name="CH de Cayenne")
RAISED: dict[str, Exception] = {
    "forbidden": Forbidden(),
    "invalid": Invalid("error-field-missing", field="question"),
    "unseen": Invalid("error-field-too-long", field="return_to", limit=400, length=401),
    "large": TooLarge(),
    "conflict": Conflict(),
    "unavailable": Unavailable(what="storage"),
    "step-up": StepUpRequired(),
    "defect": ZeroDivisionError("/srv/secret/path"),
}


async def raise_it(request: Request) -> Response:
    raise RAISED[request.path_params["what"]]


async def guarded(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as reader:
        await require(reader, actor, Action.CASE_VIEW, ObjectRef("case", ELSEWHERE, "lille"))
    return PlainTextResponse("never")


async def thing(request: Request) -> Response:
    if request.headers["x-case"] == "absent":
        raise NotFound
    return await guarded(request)


async def form(request: Request) -> Response:
    return PlainTextResponse((await read_form(request)).text("question", 100))


ROUTES = [
    Route("/raise/{what}", raise_it, methods=["GET", "POST"]),
    Route("/guarded", guarded),
    Route("/thing", thing),
    Route("/form", form, methods=["POST"]),
]


@pytest.fixture
async def db(sqlite_url: str) -> AsyncIterator[Database]:
    made = Database(sqlite_url, MASTER_KEY)
    yield made
    await made.close()


@pytest.fixture
async def visitor(db: Database, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(ROUTES, db, tmp_path) as made:
        yield made


@pytest.fixture
async def member(db: Database, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(ROUTES, db, tmp_path, ACTOR) as made:
        yield made


def test_every_error_has_a_status() -> None:
    def all_of(kind: type[TelepathError]) -> set[type[TelepathError]]:
        return {kind}.union(*(all_of(child) for child in kind.__subclasses__()))

    assert all(set(kind.__mro__) & set(STATUS) for kind in all_of(TelepathError))


@pytest.mark.parametrize("case", ["absent", "refused"])
async def test_what_is_absent_and_what_is_refused_are_said_after_a_whole_step(
    member: httpx2.AsyncClient, case: str
) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert (await member.get("/thing", headers={"X-Case": case})).status_code == 404
    assert loop.time() - begun >= STEP


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_absent_and_refused_are_the_same_bytes(member: httpx2.AsyncClient, accept: str) -> None:
    absent = await member.get("/thing", headers={"Accept": accept, "X-Case": "absent"})
    refused = await member.get("/thing", headers={"Accept": accept, "X-Case": "refused"})
    assert absent.status_code == refused.status_code == 404
    assert (absent.content, absent.headers) == (refused.content, refused.headers)


async def test_an_unknown_address_is_answered_like_an_absent_thing(member: httpx2.AsyncClient) -> None:
    unknown, absent = await member.get("/thong"), await member.get("/thing", headers={"X-Case": "absent"})
    assert (unknown.status_code, unknown.text.replace("thong", "thing")) == (404, absent.text)
    odd = await member.send(member.build_request("GET", member.base_url.copy_with(raw_path=b"//[")))
    assert odd.status_code == 404, "no host can be read from it"


async def test_a_refusal_is_recorded_for_the_owner(database: Database, tmp_path: Path) -> None:
    async with client(ROUTES, database, tmp_path, ACTOR) as member:
        await member.get("/guarded")
    await audit_log.seal_all(database, "test/audit")
    async with database.read() as reader:
        row = await reader.one(select(log_table).where(log_table.c.kind != "audit.tree-opened"))
    body = json.loads(row["body"])
    assert (row["kind"], row["outcome"], row["actor"], row["owner"]) == ("access.refused", "refused", "p1", "lille")
    assert (row["object_kind"], row["object_id"]) == ("case", ELSEWHERE)
    assert body["detail"] == {"action": "case.view", "reason": "no-grant"}


async def test_a_page_that_needs_a_session_sends_to_the_door_and_back(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/guarded?slide=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?return_to=%2Fguarded%3Fslide%3D1"


async def test_a_script_is_told_that_the_session_ended(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/guarded", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["error"] == Unauthenticated.code
    part = await visitor.get("/guarded", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert part.headers["hx-redirect"] == "/login?return_to=%2Fguarded"


async def test_confirming_identity_comes_back_to_the_page_of_the_form(member: httpx2.AsyncClient) -> None:
    answer = await member.post("/raise/step-up", headers={"Referer": "http://test/consults/x?tab=1"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login/step-up?return_to=%2Fconsults%2Fx%3Ftab%3D1"
    foreign = await member.post("/raise/step-up", headers={"Referer": "https://evil.example/x"})
    assert foreign.headers["location"] == "/login/step-up?return_to=%2F"


@pytest.mark.parametrize(
    ("what", "status"),
    [("forbidden", 403), ("invalid", 422), ("large", 413), ("conflict", 409), ("unavailable", 503), ("defect", 500)],
)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_each_error_is_a_page_in_the_reader_s_language(
    member: httpx2.AsyncClient, what: str, status: int, language: str
) -> None:
    answer = await member.get(f"/raise/{what}", headers={"Cookie": f"lang={language}"})
    assert answer.status_code == status
    assert f'<html lang="{language}"' in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://test/rooms/01kz?x=1", "/rooms/01kz?x=1"),
        ("http://test/thing", ""),
        ("http://test//elsewhere.example/", ""),
        ("http://test.elsewhere.example/rooms/01kz", ""),
        ("https://elsewhere.example/rooms/01kz", ""),
        ("", ""),
    ],
)
async def test_what_is_not_found_leads_back_to_the_page_that_led_there(
    member: httpx2.AsyncClient, referer: str, back: str
) -> None:
    page = await member.get("/thing", headers={"accept": "text/html", "x-case": "absent", "referer": referer})
    assert (f'href="{back}">Retour à la page précédente' in page.text) == bool(back)
    assert ("page précédente" in page.text) == bool(back)


async def test_a_field_is_named_in_the_sentence(member: httpx2.AsyncClient) -> None:
    answer = await member.get("/raise/invalid", headers={"Accept": "application/json"})
    assert answer.json()["message"].startswith("Le champ «\N{NO-BREAK SPACE}")
    hidden = await member.get("/raise/unseen", headers={"Accept": "application/json"})
    assert hidden.json()["message"].startswith("Cette page a joint")


async def test_a_defect_is_found_again_by_its_reference(
    member: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "telepath.errors"):
        answer = await member.get("/raise/defect", headers={"Accept": "application/json"})
    reference = answer.json()["reference"]
    logged = next(record for record in caplog.records if record.name == "telepath.errors")
    assert logged.getMessage().startswith(reference)
    assert logged.exc_info is not None


async def test_an_unavailable_service_says_when_to_come_back(member: httpx2.AsyncClient) -> None:
    assert (await member.get("/raise/unavailable")).headers["retry-after"] == "5"


async def test_a_wrong_method_says_which_are_right(member: httpx2.AsyncClient) -> None:
    wrong = await member.get("/form")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"


async def test_a_part_of_a_page_gets_a_part_of_a_page(member: httpx2.AsyncClient) -> None:
    answer = await member.get("/raise/conflict", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"question=oui", "application/x-www-form-urlencoded", 200),
        (b"question=" + b"x" * 101, "application/x-www-form-urlencoded", 422),
        (b"question=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"question=%ff%fe", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"a=1" for _ in range(201)), "application/x-www-form-urlencoded", 422),
        (b"{}", "application/json", 422),
        (b"\xff\xff", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    member: httpx2.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    answer = await member.post("/form", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status


def test_a_refusal_looks_like_absence_even_to_code_that_catches_it() -> None:
    refused = Refused("case.view", "case", ELSEWHERE, "no-grant", "lille")
    assert isinstance(refused, NotFound)
    assert (refused.code, refused.params) == (NotFound.code, {})


def test_an_incomplete_slide_has_the_status_of_an_unreadable_one() -> None:
    assert status_of(SlideIncomplete()) == 422
