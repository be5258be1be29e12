"""Consults without their pages: who asks, who reads, and what each may do, was told and left in the audit."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from consults import offers, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus
from consults.model import Opinion, Question
from consults.opinion import Draft
from telepath import grants
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import SYSTEM, Actor, Role
from telepath.cases import repository as cases
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.outbox import outbox
from tests.builders import World

FIVE_MINUTES = timedelta(minutes=5)
QUESTION = Question(
    "Lymphome folliculaire ou hyperplasie ?", "Adénopathie depuis deux mois.", "lymphoid", Urgency.STANDARD
)
DRAFT = Draft(
    conclusion="Lymphome folliculaire, grade 1-2.", description="Architecture nodulaire.", codings="CIM-10 C82.0"
)
READER = {
    *("consult.view", "consult.answer", "case.view", "thread.read", "thread.write"),
    *("slide.view", "annotation.write", "room.open"),
}
"""What whoever has accepted may do with the consult, its case and its slides."""


class Story(World):
    """Zoé in Cayenne has a case with two slides; Karim (Lille) and Anne (Rennes) read lymph nodes."""

    case_id: str
    slides: list[str]

    async def set_up(self) -> "Story":
        zoe = await self.person("zoe", "cayenne", "Zoé", "Marchand")
        await self.person("paul", "cayenne", "Paul", "Auditeur", roles=[Role.AUDITOR])
        await self.expert("karim", "lille", "Karim", "Haddad", networks=["LYMPHOPATH"], median_hours=18.0)
        await self.expert("anne", "rennes", "Anne", "Le Goff")
        self.case_id = await self.case(zoe)
        self.slides = [await self.slide(zoe, self.case_id, label) for label in ("A1 HES", "A1 CD20")]
        return self

    def __getitem__(self, key: str) -> Actor:
        return self.actors[key]

    async def requested(self, expert: str = "karim") -> str:
        return await request.request(self.db, self["zoe"], self.case_id, QUESTION, self[expert].person_id)

    async def accepted(self) -> str:
        consult_id = await self.requested()
        await offers.accept(self.db, self["karim"], consult_id)
        return consult_id

    async def drafted(self) -> tuple[str, int]:
        consult_id = await self.accepted()
        saved = await reading.save_draft(self.db, self["karim"], consult_id, 1, DRAFT)
        return consult_id, saved.version

    async def signed(self) -> tuple[str, Opinion]:
        consult_id, version = await self.drafted()
        return consult_id, await signing.sign(self.db, self.again("karim"), consult_id, version, FIVE_MINUTES)

    async def status(self, consult_id: str) -> ConsultStatus:
        async with self.db.read() as reader:
            return (await repository.get(reader, consult_id)).status

    async def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, actor's key, detail; oldest first. The rights that come with it stand by themselves: ``rights_recorded``."""
        names = {actor.person_id: key for key, actor in self.actors.items()} | {SYSTEM.person_id: "system"}
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending).order_by(audit_pending.c.position))
        records = [row["record"] for row in rows if not row["record"]["kind"].startswith("right.")]
        return [(record["kind"], names[record["actor"]], record["detail"]) for record in records]

    async def rights_recorded(self) -> list[tuple[str, str, str]]:
        """Kind, whose right (key) and on what kind of object, of each record of a right; in alphabetical order."""
        names = {actor.person_id: key for key, actor in self.actors.items()}
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending.c.record))
        records = [row["record"] for row in rows if row["record"]["kind"].startswith("right.")]
        return sorted((one["kind"], names[one["detail"]["subject"]], one["object_kind"]) for one in records)

    async def told(self) -> list[tuple[str, str]]:
        """Kind and recipient's key of each event that has a recipient; oldest first."""
        names = {actor.person_id: key for key, actor in self.actors.items()}
        async with self.db.read() as reader:
            rows = await reader.all(select(outbox).order_by(outbox.c.position))
        return [(row["kind"], names[row["body"]["person"]]) for row in rows if "person" in row["body"]]

    async def rights(self, key: str, consult_id: str) -> set[str]:
        """What this person may do now with the consult, its case and the first slide."""
        async with self.db.read() as reader:
            consult = await repository.get(reader, consult_id)
            case = await cases.get(reader, self.case_id)
            slide = ObjectRef("slide", self.slides[0], case.institution_id)
            asked = {
                consult.ref: (Action.CONSULT_VIEW, Action.CONSULT_ANSWER, Action.CONSULT_MANAGE),
                case.ref: (Action.CASE_VIEW, Action.CASE_EDIT, Action.THREAD_READ, Action.THREAD_WRITE),
                slide: (Action.SLIDE_VIEW, Action.ANNOTATION_WRITE, Action.ROOM_OPEN),
            }
            return {
                str(action)
                for thing, actions in asked.items()
                for action in actions
                if isinstance(await grants.decide(reader, self[key], action, thing), Allowed)
            }


async def outcomes(*acts: Awaitable[Any]) -> list[type[Exception] | None]:
    """Run all at once; for each what it raised, or None."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    return [type(result) if isinstance(result, Exception) else None for result in done]
