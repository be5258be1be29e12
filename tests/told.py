"""A case of which something was done and recorded, for tests of the auditor's pages."""

import html
import re
from typing import Any

import msgspec

from consults.opinion import Content, Kind, Statement, digest
from telepath.access import Allowed, ObjectRef
from telepath.actor import SYSTEM, Role
from telepath.db.database import Database
from telepath.db.schema.consults import opinion, reading
from tests.builders import QUESTION, World


async def people(database: Database) -> World:
    """Cayenne's auditor, coordinator and pathologist, an expert in Lille, an auditor in Rennes."""
    world = World(database)
    await world.person("auditor", "cayenne", "Odile", "Cléry", roles=[Role.AUDITOR])
    await world.person("coordinator", "cayenne", "Luc", "Verdier", roles=[Role.COORDINATOR])
    await world.person("zoe", "cayenne", "Zoé", "Marchand")
    await world.person("hugo", "lille", "Hugo", "Delannoy", roles=[Role.EXPERT])
    await world.person("stranger", "rennes", "Yann", "Kerbrat", roles=[Role.AUDITOR])
    return world


class Told:
    """What was done of one case, and where it lies."""

    def __init__(self, world: World, case: ObjectRef, slide: ObjectRef) -> None:
        self.world, self.case, self.slide = world, case, slide

    async def note(
        self, who: str, kind: str, thing: ObjectRef | None, because: str = "institution", **more: Any
    ) -> None:
        actor = SYSTEM if who == "system" else self.world.actors[who]
        async with self.world.db.write(actor) as tx:
            await tx.audit(kind, thing, because=Allowed(because) if because else None, **more)
        self.world.clock.advance(minutes=1)


async def told_of(world: World) -> Told:
    """Case 26-00417 of Cayenne was made, and its slide seen in Lille, from a known place."""
    zoe = world.actors["zoe"]
    case_id = await world.case(zoe, number="26-00417")
    slide_id = await world.slide(zoe, case_id, "A1 HES")
    case = ObjectRef("case", case_id, zoe.institution_id, case_id=case_id)
    slide = ObjectRef("slide", slide_id, zoe.institution_id, case_id=case_id)
    told = Told(world, case, slide)
    world.actors["hugo"] = msgspec.structs.replace(world.actors["hugo"], address="192.0.2.7", device="Firefox of Lille")
    await told.note("zoe", "case.created", case)
    await told.note("hugo", "slide.viewed", slide, "consult", view="v")
    regions = {
        "levels": [0, 2],
        "tiles": 12,
        "box": [0, 0, 40_000, 30_000],
        "boxes": {"2": [0, 0, 40_000, 30_000], "0": [100, 200, 3000, 2000]},
    }
    await told.note("hugo", "slide.regions", slide, "consult", view="v", **regions)
    return told


async def signed(told: Told, *conclusions: str) -> str:
    """A consult of the case with these statements, each signed and recorded as consults/signing.py does."""
    world, zoe, hugo = told.world, told.world.actors["zoe"], told.world.actors["hugo"]
    consult_id = await world.consult_row(zoe, told.case.id, "completed")
    ref = ObjectRef("consult", consult_id, zoe.institution_id, case_id=told.case.id)
    previous = ""
    async with world.db.write(hugo) as tx:
        reading_id = tx.new_id()
        await tx.insert(
            reading,
            id=reading_id,
            consult_id=consult_id,
            expert_id=hugo.person_id,
            institution_id=hugo.institution_id,
            status="completed",
            rank=1,
            draft={},
            started_at=tx.now,
            version=1,
        )
        for number, conclusion in enumerate(conclusions, 1):
            kind = Kind.ADDENDUM if number > 1 else Kind.OPINION
            content = Content(conclusion=conclusion)
            statement = Statement(
                consult_id=consult_id,
                number=number,
                kind=kind,
                question=QUESTION,
                author_id=hugo.person_id,
                institution_id=hugo.institution_id,
                signed_at=tx.now,
                content=content,
                previous=previous,
            )
            previous = digest(statement)
            opinion_id = tx.new_id()
            await tx.insert(
                opinion,
                id=opinion_id,
                consult_id=consult_id,
                reading_id=reading_id,
                number=number,
                kind=kind,
                author_id=hugo.person_id,
                institution_id=hugo.institution_id,
                content={"conclusion": conclusion, "description": "", "remarks": "", "codings": []},
                digest=previous,
                signed_at=tx.now,
                acr="eidas1",
                auth_time=tx.now,
                verification=f"V{number}",
            )
            await tx.audit(
                "opinion.signed" if kind is Kind.OPINION else "opinion.amended",
                ref,
                because=Allowed("consult", consult_id),
                opinion=opinion_id,
                number=number,
                digest=previous,
            )
    return consult_id


def told_by(page: str) -> str:
    """What the page's text is, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
