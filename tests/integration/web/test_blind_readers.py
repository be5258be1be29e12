"""Whoever reads blind finds the first diagnosis at no address of the service, whoever wrote it down and wherever."""

import html
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, select, update

from consults.offers import ON_SLIDES
from telepath.access import Right
from telepath.actor import Actor, Role
from telepath.cases import annotation_store, threads
from telepath.cases import repository as cases
from telepath.cases.annotations import Drawing, Point
from telepath.db.database import Database
from telepath.db.schema.cases import attachment, case, key_region
from telepath.db.schema.consults import consult, reading
from telepath.db.schema.directory import membership
from telepath.db.transaction import Transaction
from telepath.geometry import View
from tests.addresses import STREAMS, TABLE
from tests.builders import MASTER_KEY
from tests.running import in_its_own_loop
from tests.town import HTML, JSON, Town, running

pytestmark = pytest.mark.slow

SAID = "Mastocytose"
"""Nothing else in the town speaks of it."""
WHERE = {
    "GET /cases/{id}",
    "GET /consults/{id}",
    "GET /slides/{id}/annotations",
    "GET /slides/{id}/regions",
}
"""Where its own house reads it, at least."""


def found(town: Town, key: str, names: dict[str, str]) -> set[str]:
    """Where this person reads it."""
    routes = [route for route in TABLE if route.startswith("GET") and route not in STREAMS]
    routes = [route for route in routes if not route.startswith(("GET /login", "GET /guest", "GET /session/"))]
    there = set()
    for route in routes:
        for wanted in (HTML, JSON):
            answer = town.ask(key, route, names, wanted)
            assert answer.status_code < 500, route
            if SAID in html.unescape(answer.text):
                there.add(route)
    return there


def test_who_reads_blind_finds_the_first_diagnosis_at_no_address_until_it_is_shown(tmp_path: Path) -> None:
    with running(tmp_path) as town:
        names = in_its_own_loop(_written(town))
        assert found(town, "remi", names) == set()
        assert found(town, "zoe", names) >= WHERE
        in_its_own_loop(_shown(town, names["consult"]))
        assert found(town, "remi", names) >= WHERE


async def _written(town: Town) -> dict[str, str]:
    """Zoé has written it wherever she can; Rémi reads blind. The names of all of it."""
    db = Database(f"sqlite+aiosqlite:///{town.database}", MASTER_KEY)
    roles = frozenset({Role.REQUESTER})
    zoe = Actor(person_id=town.names["requester"], name="Zoé", institution_id=town.names["institution"], roles=roles)
    try:
        async with db.write(zoe, unaudited="a test's world") as tx:
            of_case = case.c.id == town.names["case"]
            told = {"proposed_diagnosis": SAID, "gross_description": SAID}
            await tx.execute(update(case).where(of_case).values(**told))
            await threads.write(tx, zoe, await cases.get(tx, town.names["case"]), SAID)
            await threads.write(tx, zoe, await cases.get(tx, town.names["case"]), SAID, room_id=town.names["room"])
            drawing = Drawing(operation_id="says-what-it-is", shape=Point(x=9, y=9), label=SAID)
            await annotation_store.draw(tx, zoe, town.names["slide"], drawing)
            names = dict(town.names) | {"consult": tx.new_id(), "reading": tx.new_id(), "attachment": tx.new_id()}
            (seen,) = await tx.all(select(key_region).where(key_region.c.id == town.names["region"]))
            kept = {**seen, "id": tx.new_id(), "label": SAID, "view": msgspec.to_builtins(View(300, 200, 90, 90))}
            await tx.execute(insert(key_region).values(**kept))
            (scan,) = await tx.all(select(attachment).where(attachment.c.id == town.names["attachment"]))
            await tx.execute(insert(attachment).values(**{**scan, "id": names["attachment"], "title": SAID}))
            await _read_blind(tx, zoe, names)
        return names
    finally:
        await db.close()


async def _read_blind(tx: Transaction, zoe: Actor, names: dict[str, str]) -> None:
    place = await tx.scalar(select(membership.c.institution_id).where(membership.c.person_id == names["second"]))
    await tx.insert(
        consult,
        id=names["consult"],
        case_id=names["case"],
        institution_id=zoe.institution_id,
        requester_id=zoe.person_id,
        status="active",
        question="Nature ?",
        clinical_context="",
        organ="lymphoid",
        urgency="standard",
        requested_at=tx.now,
        due_at=tx.now + timedelta(days=5),
        blind=True,
        first_diagnosis=SAID,
    )
    await tx.insert(
        reading,
        id=names["reading"],
        consult_id=names["consult"],
        expert_id=names["second"],
        institution_id=place,
        status="accepted",
        rank=2,
        draft={"conclusion": "", "description": "", "remarks": "", "codings": ""},
        started_at=tx.now,
    )
    for thing, rights in (
        (("consult", names["consult"]), [Right.VIEW, Right.ANSWER, Right.DISCUSS]),
        (("case", names["case"]), [Right.VIEW, Right.DISCUSS]),
        (("slide", names["slide"]), ON_SLIDES),
    ):
        await tx.grant(("person", names["second"]), thing, rights, because="consult", because_id=names["consult"])


async def _shown(town: Town, consult_id: str) -> None:
    db = Database(f"sqlite+aiosqlite:///{town.database}", MASTER_KEY)
    try:
        async with db.write(Actor(person_id="setup", name="", institution_id=""), unaudited="a test's world") as tx:
            await tx.execute(update(reading).where(reading.c.consult_id == consult_id).values(revealed_at=tx.now))
    finally:
        await db.close()
