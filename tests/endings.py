"""Every way in which a right ends, and what is open through it on a node: page, tile and the room's socket."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx2
import msgspec

from auth import (
    administration,
    break_glass,
    credentials,
    delegations,
    groups,
    links,
    members,
    oversight,
    repository,
    suspension,
)
from auth.bearer import digest
from auth.credentials import Checked
from auth.links import Wish
from consults import offers, request
from consults.deadlines import Urgency
from consults.model import Question
from realtime import opening
from telepath import grants
from telepath.access import Action, Right
from telepath.actor import Actor, Role
from telepath.cases import sharing
from telepath.db.database import Database, utc_now
from telepath.db.schema.directory import institution, person
from telepath.sessions import IDLE
from telepath.slides import catalogue, ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import World, session_of
from tests.builders_slides import write_svs
from tests.login import browser, login
from tests.rooms import Guest, until
from tests.running import Node
from web.demo import PEOPLE, PLACES

DAY = timedelta(days=1)
INES = PEOPLE["ines"]
JSON = {"Accept": "application/json"}

End = Callable[[], Awaitable[object]]


@dataclass
class Stage:
    """A case of Cayenne with a real slide, and a room on it; the people are made as they are needed."""

    db: Database
    folder: Path
    world: World = field(init=False)
    zoe: Actor = field(init=False)
    case: str = ""
    slide: str = ""
    room: str = ""
    nodes: list[Node] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    """Of who signed in by themselves."""

    async def build(self) -> "Stage":
        self.world = World(self.db)
        self.db.clock = utc_now
        self.world.clock.now = utc_now()
        self.zoe = await self.person("zoe", "cayenne")
        await self.person("adele", "cayenne", Role.ADMINISTRATOR)
        await self.person("rene", "rennes", Role.COORDINATOR)
        self.case = await self.world.case(self.zoe)
        storage = LocalStorage(self.folder / "data" / "slides")
        try:
            async with DecoderPool(storage, 1) as decoders:
                path = write_svs(self.folder / "slide.svs", width=600, height=400, steps=(1,))
                home = self.zoe.institution_id
                made = await ingest.add(
                    self.db, storage, decoders, self.zoe, path, case_id=self.case, institution_id=home
                )
        finally:
            await storage.close()
        self.slide = made.id
        self.room = await opening.open_room(self.db, self.zoe, self.slide)
        return self

    async def person(self, key: str, at: str, *roles: Role) -> Actor:
        return await self.sign_in(key, await self.world.person(key, at, "Ada", key.title(), roles=roles or ROLES))

    async def expert(self, key: str) -> Actor:
        return await self.sign_in(key, await self.world.expert(key, "lille", "Ada", key.title()))

    async def sign_in(self, key: str, actor: Actor) -> Actor:
        """A session whose cookie is ``cookie-of-<key>``."""
        identity = digest(f"cookie-of-{key}")
        there = msgspec.structs.replace(actor, session_id=identity, auth_time=utc_now())
        self.world.actors[key] = there
        async with self.db.write(there, unaudited="a test's world") as tx:
            begun = session_of(there, identity, tx.now)
            guest = {"institution_id": None, "link_id": there.link_id} if there.link_id else {}
            await repository.keep_session(tx, msgspec.structs.replace(begun, **guest))
        return there

    async def give(self, subject: tuple[str, str], *kinds: str, institution_id: str = "") -> None:
        """Rights to look, at the slide and the room unless said; as a member of that institution, when it is said."""
        async with self.db.write(self.zoe, unaudited="a test's world") as tx:
            for kind in kinds or ("slide", "room"):
                thing = (kind, getattr(self, kind))
                kind_of, key = subject
                await tx.grant(
                    subject, thing, [Right.VIEW], because=kind_of, because_id=key, institution_id=institution_id
                )

    async def consult(self, expert: Actor) -> str:
        question = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)
        return await request.request(self.db, self.zoe, self.case, question, expert.person_id)


ROLES = (Role.REQUESTER,)


# The ways: each makes somebody who may look, and says how that ends


async def consult_revoked(stage: Stage, key: str) -> End:
    expert = await stage.expert(key)
    consult = await stage.consult(expert)
    await offers.accept(stage.db, expert, consult)
    await stage.give(("person", expert.person_id), "room")
    return lambda: request.revoke(stage.db, stage.zoe, consult)


async def membership_ended(stage: Stage, key: str) -> End:
    one = await stage.person(key, "cayenne")
    return lambda: members.end(stage.db, stage.world.actors["adele"], one.person_id)


async def role_lost(stage: Stage, key: str) -> End:
    one = await stage.person(key, "cayenne", Role.REQUESTER, Role.AUDITOR)

    async def end() -> None:
        async with stage.db.write(stage.world.actors["adele"]) as tx:
            await administration.set_membership(tx, one.person_id, one.institution_id, [Role.AUDITOR])

    return end


async def person_disabled(stage: Stage, key: str) -> End:
    one = await stage.person(key, "cayenne")

    async def end() -> None:
        async with stage.db.write(stage.world.actors["adele"]) as tx:
            assert await suspension.suspend_person(tx, one.person_id)

    return end


async def institution_disabled(stage: Stage, key: str) -> End:
    one = await stage.person(key, "saint-denis")
    async with stage.db.write(stage.zoe, unaudited="a second try") as tx:
        await suspension.restore_institution(tx, one.institution_id)
    await stage.give(("person", one.person_id))

    async def end() -> None:
        async with stage.db.write(stage.world.actors["adele"]) as tx:
            assert await suspension.suspend_institution(tx, one.institution_id)

    return end


async def shared(stage: Stage, key: str) -> tuple[str, str, str]:
    """The case, with a group to which somebody belongs, who is in its room: person, group, share."""
    one = await stage.person(key, "rennes")
    async with stage.db.write(stage.zoe) as tx:
        group = await groups.add(tx, "regional", f"Réseau {key}", stage.zoe.institution_id)
        await groups.join(tx, group, "person", one.person_id)
    share = await sharing.share(stage.db, stage.zoe, stage.case, ("group", group), sharing.Level.LOOK)
    await stage.give(("person", one.person_id), "room")
    return one.person_id, group, share


async def group_left(stage: Stage, key: str) -> End:
    person_id, group, _ = await shared(stage, key)

    async def end() -> None:
        async with stage.db.write(stage.zoe) as tx:
            await groups.leave(tx, group, "person", person_id)

    return end


async def share_withdrawn(stage: Stage, key: str) -> End:
    _, _, share = await shared(stage, key)
    return lambda: sharing.withdraw(stage.db, stage.zoe, stage.case, share)


async def delegation_ended(stage: Stage, key: str) -> End:
    absent, delegate = await stage.expert(f"{key}-absent"), await stage.person(key, "lille")
    home = absent.institution_id
    await stage.give(("person", absent.person_id), institution_id=home)
    now = utc_now()
    given = await delegations.give(
        stage.db,
        absent,
        absent_id=absent.person_id,
        delegate_id=delegate.person_id,
        starts_at=now - DAY,
        ends_at=now + DAY,
    )
    return lambda: delegations.end(stage.db, absent, given)


async def link_withdrawn(stage: Stage, key: str) -> End:
    now = utc_now()
    wish = Wish(name="Ada", email="ada@example.org", language="fr", not_before=now, expires_at=now + DAY)
    link = (await links.make(stage.db, stage.zoe, "room", stage.room, wish)).link
    await stage.sign_in(key, Actor(person_id=link.person_id, name="", institution_id="", link_id=link.id))
    return lambda: links.withdraw(stage.db, stage.zoe, link.id)


async def break_glass_ended(stage: Stage, key: str) -> End:
    doctor = await stage.person(key, "rennes")
    why, home = "Reprise au bloc dans vingt minutes, personne ne répond.", stage.zoe.institution_id
    await break_glass.open_case(stage.db, doctor, home, "26-00417", why, within=DAY)
    async with stage.db.read() as reader:
        slide = await catalogue.get(reader, stage.slide)
        opening = await break_glass.behind(reader, await grants.require(reader, doctor, Action.SLIDE_VIEW, slide.ref))
    assert opening is not None
    await stage.give(("person", doctor.person_id), "room")
    return lambda: break_glass.end(stage.db, doctor, opening.id)


async def credential_withdrawn(stage: Stage, key: str) -> End:
    foreign, rene = await stage.person(key, "rennes", Role.REQUESTER, Role.EXPERT), stage.world.actors["rene"]
    async with stage.db.write(foreign, unaudited="a test's world") as tx:
        await tx.execute(person.update().where(person.c.id == foreign.person_id).values(provider="leuven"))
    checked = Checked(authority="Ordre des médecins", number="1-23456-78", country="BE")
    await credentials.verify(stage.db, rene, foreign.person_id, checked)
    await stage.give(("person", foreign.person_id))
    return lambda: credentials.withdraw(stage.db, rene, foreign.person_id)


async def session_ended_by_an_administrator(stage: Stage, key: str) -> End:
    one = await stage.person(key, "cayenne")

    async def end() -> None:
        adele = stage.world.actors["adele"]
        async with stage.db.read() as reader:
            found = await oversight.open_sessions(reader, adele, IDLE)
        mine = next(session for session in found if session.person_id == one.person_id)
        await oversight.end(stage.db, adele, mine.handle, IDLE)

    return end


async def logged_out_at_the_provider(stage: Stage, key: str) -> End:
    """Signed in through the simulator; its page of conditions ends the session, and tells the first node."""
    if "ines" not in stage.world.actors:
        one = await stage.person("ines", "cayenne")
        async with stage.db.write(stage.zoe, unaudited="a test's world") as tx:
            here, there = person.c.id == one.person_id, institution.c.id == one.institution_id
            await tx.execute(person.update().where(here).values(subject_name_id=INES.subject_name_id))
            await tx.execute(institution.update().where(there).values(finess=PLACES[INES.place].finess))
    async with browser(stage.nodes[0].origin) as client:
        answer = await login(client, INES.subject_name_id)
        assert answer.status_code == 303, answer.text
        stage.cookies[key] = client.cookies["telepath"]
    provider = browser(stage.nodes[0].environment["TELEPATH_OIDC_ISSUER"].partition("/auth/")[0])
    newest = re.findall(r'name="end" value="([^"]+)"', (await provider.get("/conditions")).text)[0]

    async def end() -> None:
        answer = await provider.post("/conditions", data={"end": newest})
        assert answer.status_code == 303
        await provider.aclose()

    return end


WAYS: dict[str, tuple[Callable[[Stage, str], Awaitable[End]], int, int]] = {
    # what ends: how it is made, the socket's close code, the page's status
    "consult": (consult_revoked, 4403, 404),
    "membership": (membership_ended, 4401, 401),
    "role": (role_lost, 4401, 401),
    "person": (person_disabled, 4401, 401),
    "institution": (institution_disabled, 4401, 401),
    "group": (group_left, 4403, 404),
    "share": (share_withdrawn, 4403, 404),
    "delegation": (delegation_ended, 4403, 404),
    "link": (link_withdrawn, 4401, 401),
    "break-glass": (break_glass_ended, 4403, 404),
    "credential": (credential_withdrawn, 4401, 401),
    "session": (session_ended_by_an_administrator, 4401, 401),
    "logout": (logged_out_at_the_provider, 4401, 401),
}


class Open:
    """What somebody has open on one node: the slide's page and tiles, and the room."""

    def __init__(self, stage: Stage, at: Node, cookie: str) -> None:
        self.slide, self.room = f"/slides/{stage.slide}", stage.room
        self.origin, self.cookie = at.origin, f"telepath={cookie}"
        self.client = httpx2.AsyncClient(base_url=at.origin, trust_env=False, timeout=20, headers=JSON)
        self.guest = Guest(at.origin, "somebody", self.room, cookie=self.cookie)
        self.capability = ""

    @asynccontextmanager
    async def opened(self) -> "AsyncIterator[Open]":
        async with self.client:
            page = await self.client.get(self.slide, headers={"Cookie": self.cookie})
            assert page.status_code == 200, page.text
            found = re.search(r"telepath_tiles=[^;]+", page.headers["set-cookie"])
            assert found is not None
            self.capability = found[0]
            assert await self.tile() == 200
            async with self.guest:
                yield self

    async def page(self) -> int:
        return (await self.client.get(self.slide, headers={"Cookie": self.cookie})).status_code

    async def tile(self) -> int:
        return (await self.client.get(f"{self.slide}/tiles/0/0_0", headers={"Cookie": self.capability})).status_code

    async def ended(self) -> tuple[int | None, int, int]:
        """Wait until nothing is open any more; how the socket was closed, and what page and tile answer."""
        async with asyncio.timeout(20):
            while await self.tile() == 200:  # noqa: ASYNC110 - the answer is what we wait for
                await asyncio.sleep(0.01)
            await until(lambda: self.guest.close_code is not None)
        return self.guest.close_code, await self.page(), await self.tile()


async def measured(stage: Stage, key: str, end: End, code: int, status: int) -> float:
    """Seconds from the act until what is open on the second node is closed as it should be."""
    cookie = stage.cookies.get(key, f"cookie-of-{key}")
    async with Open(stage, stage.nodes[1], cookie).opened() as there:
        begun = time.monotonic()
        await end()
        assert await there.ended() == (code, status, 404)
        return time.monotonic() - begun
