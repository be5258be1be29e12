"""What the scenes of the demonstration stand on: who is there, which cases, and a clock that can be set back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import msgspec

from consults import reading, repository, request, signing
from consults.deadlines import Urgency
from consults.grades import Graded
from consults.model import Question
from consults.opinion import Draft
from consults.request import AS_USUAL
from consults.terms import Terms
from telepath.actor import Actor
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage

SIGNED_WITHIN = timedelta(minutes=5)


class Stage:
    """``actors`` by their keys in people.py; ``cases`` by their numbers."""

    def __init__(self, db: Database, storage: Storage, decoders: DecoderPool, actors: dict[str, Actor]) -> None:
        self.db, self.storage, self.decoders, self.actors = db, storage, decoders, actors
        self.cases: dict[str, Case] = {}
        self.now = db.clock()

    @contextmanager
    def ago(self, time: timedelta) -> Iterator[None]:
        """What is done in the block was done then."""
        clock, moment = self.db.clock, self.now - time
        self.db.clock = lambda: moment
        try:
            yield
        finally:
            self.db.clock = clock

    def person(self, name: str) -> Actor:
        """Signed in at the time of the stage's clock."""
        return msgspec.structs.replace(self.actors[name], auth_time=self.db.clock())

    async def first_consult(self, number: str) -> str:
        """Of a case; "": nobody asked yet."""
        async with self.db.read() as reader:
            there = await repository.of_case(reader, self.cases[number].id)
        return min(there, key=lambda one: one.requested_at).id if there else ""

    async def ask(
        self,
        number: str,
        by: str,
        expert: str,
        question: str,
        urgency: Urgency = Urgency.STANDARD,
        terms: Terms = AS_USUAL,
    ) -> str:
        case = self.cases[number]
        asked = Question(question, case.clinical_context, case.organ, urgency)
        # Whom the scene needs is asked, also when a holiday or their load would have left them out.
        despite = "Suit déjà ce patient."
        return await request.request(
            self.db, self.person(by), case.id, asked, self.actors[expert].person_id, terms=terms, despite=despite
        )

    async def draft(self, expert: str, consult_id: str, draft: Draft) -> int:
        """Returns the version of the reading."""
        actor = self.person(expert)
        async with self.db.read() as reader:
            begun = await repository.reading_by(reader, consult_id, actor.person_id)
        return (await reading.save_draft(self.db, actor, consult_id, begun.version, draft)).version

    async def sign(self, expert: str, consult_id: str, draft: Draft, graded: Graded | None = None) -> None:
        version = await self.draft(expert, consult_id, draft)
        await signing.sign(self.db, self.person(expert), consult_id, version, SIGNED_WITHIN, graded=graded)
