"""Consults that several sign: a network's second reading, read blind, countersigned, disputed, or written by two."""

from datetime import timedelta

from sqlalchemy import update

from consults import further_readers, offers, reading, repository, signing
from consults.grades import Graded
from consults.kinds import ConsultKind, ReadingRole
from consults.lifecycle import ReadingStatus
from consults.model import Consult, Opinion
from consults.opinion import Draft
from consults.versions import visible
from telepath.db.schema.consults import consult
from tests.consult_story import DRAFT, FIVE_MINUTES, Story

FIRST = "Hyperplasie folliculaire bénigne."
"""What Zoé proposed."""


class NetworkStory(Story):
    """Nadia (Nice) and Luc (Saint-Denis) are members of LYMPHOPATH, as Karim is; Anne (Rennes) is of no network."""

    async def set_up(self) -> "NetworkStory":
        await super().set_up()
        await self.expert("nadia", "nice", "Nadia", "Belkacem", networks=["LYMPHOPATH"], median_hours=20.0)
        await self.expert("luc", "saint-denis", "Luc", "Hoarau", networks=["LYMPHOPATH"])
        return self

    async def asked(self, *, network: bool = False, blind: bool = False, countersigned: bool = False) -> str:
        """Karim has accepted to read."""
        consult_id = await self.accepted()
        kind = ConsultKind.NETWORK if network else ConsultKind.EXPERT
        async with self.db.write(self["zoe"], unaudited="a test's world") as tx:
            await tx.execute(
                update(consult)
                .where(consult.c.id == consult_id)
                .values(
                    kind=kind,
                    network="LYMPHOPATH" if network else "",
                    blind=blind,
                    first_diagnosis=FIRST,
                    countersigned=countersigned,
                )
            )
        return consult_id

    async def writes(self, key: str, consult_id: str, draft: Draft = DRAFT) -> int:
        async with self.db.read() as reader:
            before = await reading.writes(reader, consult_id, self[key].person_id)
        return (await reading.save_draft(self.db, self[key], consult_id, before.version, draft)).version

    async def signs(
        self, key: str, consult_id: str, text: str = "", *, amends: bool = False, graded: Graded | None = None
    ) -> Opinion:
        version = await self.writes(key, consult_id, Draft(text) if text else DRAFT)
        self.clock.advance(minutes=1)
        actor = self.again(key, timedelta(seconds=30))
        return await signing.sign(self.db, actor, consult_id, version, FIVE_MINUTES, amends=amends, graded=graded)

    async def joins(self, key: str, consult_id: str, role: ReadingRole = ReadingRole.CO_READER) -> None:
        """Karim invites; this person accepts."""
        await further_readers.invite(self.db, self["karim"], consult_id, role, self[key].person_id)
        await offers.accept(self.db, self[key], consult_id)

    async def consult(self, consult_id: str) -> Consult:
        async with self.db.read() as reader:
            return await repository.get(reader, consult_id)

    async def sees(self, key: str, consult_id: str) -> list[int]:
        """The numbers of the opinions that this person may see."""
        async with self.db.read() as reader:
            readings = await repository.readings_of(reader, consult_id)
            opinions = await repository.opinions_of(reader, consult_id)
            living = [one for one in readings if one.status is not ReadingStatus.CANCELLED]
            mine = next((one for one in living if one.expert_id == self[key].person_id), None)
            shown = visible(await repository.get(reader, consult_id), readings, opinions, mine)
        return [one.number for one in shown]

    async def open_offers(self, consult_id: str) -> list[tuple[str, str]]:
        """Whom (key) an answer is awaited from, and in which role."""
        names = {actor.person_id: key for key, actor in self.actors.items()}
        async with self.db.read() as reader:
            found = await repository.offers_of(reader, consult_id)
        return [(names[one.expert_id], str(one.role)) for one in found if one.open]
