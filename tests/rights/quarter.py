"""The people of the matrix: every role in two institutions, and everybody who has or had something to do with one case."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import select, update

from auth import (
    absences,
    administration,
    break_glass,
    credentials,
    delegations,
    emergency,
    groups,
    institutions,
    invitations,
    links,
    oversight,
    repository,
)
from auth.bearer import digest
from auth.credentials import Checked
from auth.invitations import Invitee
from auth.links import Wish
from auth.model import Session
from consults import asked, asked_token, offers, reading, request, saved_filters, signing
from consults.deadlines import Urgency
from consults.model import Question
from consults.opinion import Draft
from consults.wish import wish_of
from realtime import operations
from realtime.messages import Draw, Item, SetAgenda
from realtime.opening import open_room
from telepath.access import Right
from telepath.actor import EMERGENCY, Actor, Role
from telepath.cases import annotation_store, attachments, key_regions, sharing
from telepath.cases.annotations import Drawing, Point
from telepath.db.database import Database, utc_now
from telepath.db.schema.directory import person
from telepath.db.schema.links import break_glass as opening
from telepath.geometry import View
from telepath.slides import ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from tests.builders import World, session_of
from tests.builders_attachments import picture
from tests.builders_slides import add_label, plain_label, write_svs
from tests.coordination import coordinated
from tests.town import mislabelled, sending
from web.settings import Settings

DAY = timedelta(days=1)
DRAWN = 3
"""The fact of the room that is a line of "own-requester"."""
ROLES = {
    "requester": Role.REQUESTER,
    "expert": Role.EXPERT,
    "coordinator": Role.COORDINATOR,
    "chair": Role.BOARD_CHAIR,
    "technician": Role.TECHNICIAN,
    "auditor": Role.AUDITOR,
    "observer": Role.OBSERVER,
    "administrator": Role.ADMINISTRATOR,
}


def cookie(column: str) -> str:
    return f"cookie-of-{column}"


@dataclass
class Quarter:
    """``names`` stand in addresses and forms; ``own_names`` of a column replace some of them."""

    db: Database
    storage: Storage
    folder: Path
    key: bytes
    """Of the service, for what opens a letter."""
    world: World = field(init=False)
    names: dict[str, str] = field(default_factory=dict)
    own_names: dict[str, dict[str, str]] = field(default_factory=dict)

    async def build(self) -> "Quarter":
        self.world = World(self.db)
        self.db.clock = utc_now
        self.world.clock.now = utc_now()
        author = await self._person("author", "cayenne", [Role.REQUESTER])
        for place, prefix in (("cayenne", "own"), ("rennes", "other")):
            for name, role in ROLES.items():
                await self._person(f"{prefix}-{name}", place, [role])
        await self._case(author)
        await self._parties(author)
        await self._readers_to_be(author)
        await self._guests(author)
        await self._emergencies(author)
        await self._administration()
        await self._coordination(author)
        await self._nobodies()
        return self

    def names_of(self, column: str) -> dict[str, str]:
        return self.names | self.own_names.get(column, {})

    async def _person(self, column: str, at: str, roles: Iterable[Role], *, organ: str = "") -> Actor:
        given, family = column.partition("-")[::2]
        made = self.world.expert if organ else self.world.person
        extra = {"organ": organ} if organ else {"roles": roles}
        actor = await made(column, at, given.title(), (family or given).title(), **extra)
        return await self.sign_in(column, actor)

    async def sign_in(self, column: str, actor: Actor, **other: object) -> Actor:
        identity, now = digest(cookie(column)), self.db.clock()
        there = msgspec.structs.replace(actor, session_id=identity, auth_time=now)
        self.world.actors[column] = there
        session: Session = msgspec.structs.replace(session_of(there, identity, now), **other)
        async with self.db.write(there, unaudited="a test's world") as tx:
            await repository.keep_session(tx, session)
        return there

    async def _case(self, author: Actor) -> None:
        self.names["case"] = case = await self.world.case(author)
        self.names["institution"] = author.institution_id
        self.names["handle"] = author.session_id[: oversight.HANDLE]
        self.names["slide"], self.names["other"] = await self._slides(author, case, "A1 HES", "A2 HES")
        self.names["attachment"] = await self._attached(author, case)
        async with DecoderPool(self.storage, 1) as decoders:
            self.names["held"] = await mislabelled(self.db, self.storage, decoders, author, case, self.folder)
        self.names["upload"] = await sending(self.db, Settings(data=self.folder / "data"), author, case)
        self.names["region"] = await self._pinned(author, self.names["slide"])
        async with self.db.write(author) as tx:
            drawing = Drawing(operation_id="a-first-operation", shape=Point(x=9, y=9))
            self.names["annotation"] = (await annotation_store.draw(tx, author, self.names["slide"], drawing))[0].id

    async def _slides(self, author: Actor, case: str, *labels: str) -> list[str]:
        path = add_label(write_svs(self.folder / "slide.svs", width=1024, height=768), plain_label())
        async with DecoderPool(self.storage, 1) as decoders:
            added = [
                await ingest.add(
                    self.db,
                    self.storage,
                    decoders,
                    author,
                    path,
                    case_id=case,
                    institution_id=author.institution_id,
                    label=label,
                )
                for label in labels
            ]
        return [slide.id for slide in added]

    async def _pinned(self, author: Actor, slide: str) -> str:
        async with DecoderPool(self.storage, 1) as decoders:
            view = View(300, 200, 200, 150)
            return (await key_regions.pin(self.db, self.storage, decoders, author, slide, view, "Mitoses")).id

    async def _attached(self, author: Actor, case: str) -> str:
        async with DecoderPool(self.storage, 1) as decoders:
            return (await attachments.add(self.db, self.storage, decoders, author, case, "Scanner", picture())).id

    async def _consult(self, author: Actor, expert: Actor, *, shows_identity: bool = False) -> str:
        question = Question("Lymphome ? Ganglion hilaire.", "", "lymphoid", Urgency.STANDARD)
        return await request.request(
            self.db, author, self.names["case"], question, expert.person_id, shows_identity=shows_identity
        )

    async def _parties(self, author: Actor) -> None:
        names, db = self.names, self.db
        reader = await self._person("reader", "lille", [], organ="lymphoid")
        names["consult"] = await self._consult(author, reader)
        await offers.accept(db, reader, names["consult"])
        saved = await reading.save_draft(db, reader, names["consult"], 1, Draft(conclusion="Oui.", description="Oui."))
        await signing.sign(db, reader, names["consult"], saved.version, timedelta(hours=4))

        offered = await self._person("offered", "lille", [], organ="lymphoid")
        self.own_names["offered"] = {"consult": await self._consult(author, offered)}
        async with self.db.read() as there:
            waiting = await asked.waiting(there, self.own_names["offered"]["consult"], offered.person_id)
        names["asked"] = asked_token.mint(self.key, waiting)
        declined = await self._person("declined", "lille", [], organ="lymphoid")
        consult = await self._consult(author, declined)
        await offers.decline(db, declined, consult, "Absent.")
        self.own_names["declined"] = {"consult": consult}
        revoked = await self._person("revoked", "lille", [], organ="lymphoid")
        consult = await self._consult(author, revoked)
        await offers.accept(db, revoked, consult)
        await request.revoke(db, author, consult)
        self.own_names["revoked"] = {"consult": consult}

        former = await self.world.expert("lost-role", "lille", "Ancien", "Rôle")
        consult = await self._consult(author, former)
        await offers.accept(db, former, consult)
        async with db.write(author) as tx:
            await administration.set_membership(tx, former.person_id, former.institution_id, [Role.REQUESTER])
        await self.sign_in("lost-role", former)
        self.own_names["lost-role"] = {"consult": consult}

        invited = await self._person("invited", "saint-denis", [Role.REQUESTER])
        async with db.write(author) as tx:
            group = await groups.add(tx, "regional", "Réseau d’essai", author.institution_id)
        member = await self._person("member", "saint-denis", [Role.REQUESTER])
        async with db.write(author) as tx:
            await groups.join(tx, group, "person", member.person_id)
            names["circle"] = await groups.add(tx, "gcs", "Cercle d’essai", author.institution_id)
        names["share"] = await sharing.share(db, author, names["case"], ("group", group), sharing.Level.LOOK)
        names["group"] = group
        names["filter"] = await saved_filters.save(db, author, "À suivre", wish_of({"urgency": "frozen"}))
        delegate = await self._person("delegate", "lille", [Role.TECHNICIAN])
        now = db.clock()
        names["delegation"] = await delegations.give(
            db,
            reader,
            absent_id=reader.person_id,
            delegate_id=delegate.person_id,
            starts_at=now - DAY,
            ends_at=now + DAY,
        )
        names["room"] = await open_room(
            db, author, names["slide"], names["consult"], [invited.person_id, reader.person_id]
        )
        heir = self.world.actors["own-requester"]
        names["heir"] = heir.person_id
        agenda = SetAgenda((Item("the-first-point", "Lame A1"),))
        await operations.perform(db, author, names["room"], "an-agenda-of-a-test", agenda)
        drawn = await operations.perform(
            db, heir, names["room"], "a-drawing-of-a-test", Draw(names["slide"], ((1, 2), (3, 4)))
        )
        assert drawn.fact.seq == DRAWN
        names["expert"] = offered.person_id
        names["person"] = (await self._person("colleague", "cayenne", [Role.REQUESTER])).person_id

    async def _readers_to_be(self, author: Actor) -> None:
        """Who has not signed yet and was told who the patient is, who stood in for them, and who discusses a shared case."""
        db = self.db
        reading_now = await self._person("reading", "lille", [], organ="lymphoid")
        consult = await self._consult(author, reading_now, shows_identity=True)
        await offers.accept(db, reading_now, consult)
        self.own_names["reading"] = {"consult": consult}
        technician, now = [Role.TECHNICIAN], db.clock()
        delegate = await self.world.person("delegate-over", "lille", "Ancien", "Suppléant", roles=technician)
        given = await delegations.give(
            db,
            reading_now,
            absent_id=reading_now.person_id,
            delegate_id=delegate.person_id,
            starts_at=now - DAY,
            ends_at=now + DAY,
        )
        await delegations.end(db, reading_now, given)
        await self.sign_in("delegate-over", delegate)  # a session of before would have ended with it
        discussing = await self._person("discussing", "nice", [Role.REQUESTER])
        theirs = ("institution", discussing.institution_id)
        async with db.write(author) as tx:
            group = await groups.add(tx, "national", "Réseau de discussion", author.institution_id)
            await groups.join(tx, group, *theirs)
        await sharing.share(db, author, self.names["case"], theirs, sharing.Level.DISCUSS)

    async def _guests(self, author: Actor) -> None:
        """Four links: to the slides of the consult, to the room, one that was withdrawn, and to the room only to look."""
        for column, kind, rights in (
            ("guest-consult", "consult", frozenset[Right]()),
            ("guest-room", "room", frozenset({Right.POINT, Right.ANNOTATE})),
            ("guest-over", "consult", frozenset[Right]()),
            ("guest-look", "room", frozenset[Right]()),
        ):
            now = self.db.clock()
            wish = Wish(
                name=f"Ada {column}",
                email="ada@example.org",
                language="fr",
                rights=rights,
                not_before=now,
                expires_at=now + timedelta(hours=4),
            )
            link = (await links.make(self.db, author, kind, self.names[kind], wish)).link
            guest = Actor(person_id=link.person_id, name=wish.name, institution_id="", link_id=link.id)
            await self.sign_in(column, guest, institution_id=None, link_id=link.id)
            self.names.setdefault("link", link.id)
            if column == "guest-over":
                await links.withdraw(self.db, author, link.id)

    async def _emergencies(self, author: Actor) -> None:
        """Two doctors of a third institution broke the glass of another case; one of them ended it."""
        case = await self.world.case(author, "26-00418")
        slide = (await self._slides(author, case, "A1 HES"))[0]
        self.names["onward"] = await open_room(self.db, author, slide)
        attachment, region = await self._attached(author, case), await self._pinned(author, slide)
        for column in ("glass-over", "glass"):
            doctor = await self._person(column, "saint-denis", [Role.REQUESTER])
            await break_glass.open_case(
                self.db,
                doctor,
                author.institution_id,
                "26-00418",
                "Reprise au bloc dans vingt minutes, personne ne répond.",
                within=timedelta(hours=1),
            )
            async with self.db.read() as reader:
                opened = select(opening.c.id).where(opening.c.person_id == doctor.person_id)
                glass = str(await reader.scalar(opened))
            self.own_names[column] = {
                "case": case,
                "slide": slide,
                "glass": glass,
                "attachment": attachment,
                "region": region,
            }
            if column == "glass-over":
                await break_glass.end(self.db, doctor, glass)
        self.names["glass"] = self.own_names["glass"]["glass"]

    async def _administration(self) -> None:
        administrator = self.world.actors["own-administrator"]
        self.names["department"] = await institutions.add_department(self.db, administrator, "Cytologie")
        member = await self._person("registered", "cayenne", [Role.REQUESTER])
        async with self.db.write(administrator, unaudited="a test's world") as tx:
            await tx.execute(update(person).where(person.c.id == member.person_id).values(provider="leuven"))
        self.names["member"] = member.person_id
        self.names["requester"] = self.names["person"]
        coordinator = self.world.actors["own-coordinator"]
        checked = Checked(authority="Orde der artsen", number="1-23456-78", country="BE")
        await credentials.verify(self.db, coordinator, member.person_id, checked)
        async with self.db.write(administrator) as tx:
            await emergency.activate(tx, administrator.institution_id, timedelta(hours=2))
        invitee = Invitee(
            subject_name_id="899700421128", given_name="Noé", family_name="Sarment", roles=frozenset({Role.REQUESTER})
        )
        self.names["invitation"] = (await invitations.invite(self.db, administrator, invitee)).invitation.id
        self.names["identifier"] = self.world.actors["other-requester"].subject_name_id

    async def _coordination(self, author: Actor) -> None:
        """A pool of "own" with the reader and the expert who was asked; a duty of the reader's, and another one that the expert
        is asked to take; an absence of the author's."""
        reader, offered = (self.world.actors[key] for key in ("reader", "offered"))
        self.names |= await coordinated(self.db, self.world.actors["own-coordinator"], reader, offered)
        now = self.db.clock()
        self.names["away"] = await absences.say(
            self.db, author, person_id=author.person_id, starts_at=now + 30 * DAY, ends_at=now + 31 * DAY
        )

    async def _nobodies(self) -> None:
        """Sessions that give nothing: of a suspended person, without an institution, of an expert who cannot be one."""
        disabled = await self._person("disabled", "cayenne", [Role.COORDINATOR])
        async with self.db.write(disabled, unaudited="a test's world") as tx:
            await tx.execute(update(person).where(person.c.id == disabled.person_id).values(disabled_at=tx.now))
        unchosen = await self.world.person("unchosen", "cayenne", "Sans", "Choix", roles=[Role.COORDINATOR])
        await self.sign_in("unchosen", unchosen, institution_id=None)
        both = [Role.EXPERT, Role.REQUESTER]
        unqualified = await self.world.person("unqualified", "cayenne", "Sans", "Titre", roles=both)
        await self.sign_in("unqualified", unqualified, qualified=False)
        by_code = await self.world.person("by-code", "cayenne", "Avec", "Code", roles=both)
        by_code = msgspec.structs.replace(by_code, acr=EMERGENCY)
        await self.sign_in("by-code", by_code, acr=EMERGENCY, provider=EMERGENCY)
