"""A small world for tests: institutions, people who could exist nowhere, a case with slides. Written straight to tables."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from auth.model import Session
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult
from telepath.db.schema.directory import expertise, institution, membership, person
from telepath.db.schema.slides import slide

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
"""A Wednesday: 9 h in Cayenne, 13 h in Lille, 16 h in Saint-Denis."""

MASTER_KEY = bytes(range(32))
"""What wraps the keys of the vault in tests. A service that shares a test's database is given it too: VAULT_KEY."""
VAULT_KEY = MASTER_KEY.hex()

QUESTION = "Bénin ?"
"""Of every consult that is put into the world."""

FIRST_DIAGNOSIS = "Hyperplasie folliculaire, à confirmer."
"""Of every case that is put into the world, as its pathologist sees it."""

PLACES = {
    "cayenne": ("CH de Cayenne", "Cayenne", "03", "America/Cayenne"),
    "saint-denis": ("CHU de La Réunion", "Saint-Denis", "04", "Indian/Reunion"),
    "lille": ("CHU de Lille", "Lille", "32", "Europe/Paris"),
    "rennes": ("CHU de Rennes", "Rennes", "53", "Europe/Paris"),
    "nice": ("CHU de Nice", "Nice", "93", "Europe/Paris"),
}


class Clock:
    """A clock that stands still until it is moved: ``Database(url, clock=clock)`` or ``db.clock = clock``."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """``span``: as for timedelta."""
        self.now += timedelta(**span)


class World:
    """Makes rows and remembers the actors. ``db.clock`` is replaced by a clock of ours."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = Clock()
        db.clock = self.clock
        self.actors: dict[str, Actor] = {}
        self.places: dict[str, str] = {}

    async def place(self, key: str) -> str:
        """The institution of PLACES under this key; made when it is first asked for."""
        if key not in self.places:
            name, city, region, zone = PLACES[key]
            async with self.db.write(self._setup, unaudited="a test's world") as tx:
                self.places[key] = tx.new_id()
                await tx.insert(
                    institution,
                    id=self.places[key],
                    finess=f"9A{len(self.places):07d}",
                    name=name,
                    city=city,
                    region=region,
                    time_zone=zone,
                )
        return self.places[key]

    async def person(
        self, key: str, at: str, given: str, family: str, *, roles: Iterable[Role] = (Role.REQUESTER,)
    ) -> Actor:
        """A pathologist of ``at``, signed in a minute ago."""
        institution_id = await self.place(at)
        roles = frozenset(roles)
        async with self.db.write(self._setup, unaudited="a test's world") as tx:
            person_id = tx.new_id()
            rpps = f"8997{len(self.actors):08d}"
            await tx.insert(
                person,
                id=person_id,
                subject_name_id=rpps,
                title="Dr",
                given_name=given,
                family_name=family,
                profession="10",
                know_how="SM01",
                email=f"{family.casefold()}@example.org",
                language="fr",
                created_at=tx.now,
            )
            await tx.insert(membership, person_id=person_id, institution_id=institution_id, roles=sorted(roles))
        self.actors[key] = Actor(
            person_id=person_id,
            name=f"Dr {given} {family}",
            institution_id=institution_id,
            institution_name=PLACES[at][0],
            roles=roles,
            subject_name_id=rpps,
            session_id=f"session-of-{key}",
            acr="eidas1",
            auth_time=self.clock.now - timedelta(minutes=1),
            time_zone=PLACES[at][3],
        )
        return self.actors[key]

    async def expert(
        self,
        key: str,
        at: str,
        given: str,
        family: str,
        organ: str = "lymphoid",
        *,
        networks: Iterable[str] = (),
        available: bool = True,
        median_hours: float | None = None,
    ) -> Actor:
        """A pathologist of ``at`` who reads ``organ`` for others."""
        actor = await self.person(key, at, given, family, roles=(Role.EXPERT, Role.REQUESTER))
        async with self.db.write(self._setup, unaudited="a test's world") as tx:
            await tx.insert(
                expertise,
                person_id=actor.person_id,
                institution_id=actor.institution_id,
                organ=organ,
                networks=list(networks),
                languages=["fr"],
                available=available,
                median_hours=median_hours,
            )
        return actor

    async def case(self, owner: Actor, number: str = "26-00417", organ: str = "lymphoid") -> str:
        async with self.db.write(owner, unaudited="a test's world") as tx:
            case_id = tx.new_id()
            await tx.insert(
                case,
                id=case_id,
                institution_id=owner.institution_id,
                number=number,
                organ=organ,
                title="Ganglion cervical",
                clinical_context="Adénopathie cervicale depuis deux mois.",
                proposed_diagnosis=FIRST_DIAGNOSIS,
                gross_description="Ganglion de 18 mm.",
                non_opposition="informed",
                non_opposition_by=owner.person_id,
                non_opposition_at=tx.now,
                created_by=owner.person_id,
                created_at=tx.now,
                active_at=tx.now,
            )
        return case_id

    async def slide(self, owner: Actor, case_id: str, label: str = "A1 HES") -> str:
        """A row only: no file lies behind it."""
        async with self.db.write(owner, unaudited="a test's world") as tx:
            slide_id = tx.new_id()
            await tx.insert(
                slide,
                id=slide_id,
                institution_id=owner.institution_id,
                case_id=case_id,
                label=label,
                stain="HES",
                block="A1",
                folder=slide_id,
                entry="slide.svs",
                format="svs",
                source="passthrough",
                width=40_000,
                height=30_000,
                mpp=0.25,
                levels="[]",
                digest="0" * 64,
                bytes=1,
                added_by=owner.person_id,
                added_at=tx.now,
            )
        return slide_id

    async def consult_row(self, owner: Actor, case_id: str, status: str = "active", organ: str = "lymphoid") -> str:
        """Nobody was asked."""
        async with self.db.write(owner, unaudited="a test's world") as tx:
            consult_id = tx.new_id()
            await tx.insert(
                consult,
                id=consult_id,
                case_id=case_id,
                institution_id=owner.institution_id,
                requester_id=owner.person_id,
                status=status,
                question=QUESTION,
                clinical_context="",
                organ=organ,
                urgency="standard",
                requested_at=tx.now,
                due_at=tx.now + timedelta(days=5),
            )
        return consult_id

    def again(self, key: str, ago: timedelta = timedelta(seconds=30)) -> Actor:
        """The same person, who last authenticated ``ago``."""
        self.actors[key] = msgspec.structs.replace(self.actors[key], auth_time=self.clock.now - ago)
        return self.actors[key]

    @property
    def _setup(self) -> Actor:
        return Actor(person_id="setup", name="setup", institution_id="setup")


def session_of(actor: Actor, identity: str, now: datetime) -> Session:
    """A session of ``actor`` that has just begun, for three hours; ``identity``: its id, the digest of its cookie."""
    return Session(
        id=identity,
        person_id=actor.person_id,
        institution_id=actor.institution_id,
        subject=actor.person_id,
        acr="eidas1",
        auth_time=now,
        id_token="",
        provider_session="",
        finess=(),
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=3),
        ended_at=None,
    )
