"""A practice that invites guests by links: who invites, what to, and how a guest comes in."""

from datetime import timedelta
from typing import Any

from auth import guests, links, repository, sessions
from auth.bearer import digest
from auth.guests import Code
from auth.links import Letter, Wish
from telepath import grants
from telepath.access import Action, ObjectRef, Right
from telepath.actor import Actor, Origin
from telepath.db.database import Database
from tests.builders import World

HERE = Origin(address="192.0.2.7")
LIMITS = sessions.Limits()


class Practice:
    """Zoé of Cayenne owns a case with two slides and asks about it; Max is of Rennes."""

    def __init__(self, db: Database) -> None:
        self.db, self.world = db, World(db)
        self.case = self.consult = ""
        self.slides: list[str] = []

    async def build(self) -> "Practice":
        world = self.world
        self.zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
        self.max = await world.person("max", "rennes", "Max", "Inconnu")
        self.case = await world.case(self.zoe)
        self.slides = [await world.slide(self.zoe, self.case, label) for label in ("A1 HES", "A2 HES")]
        self.consult = await world.consult_row(self.zoe, self.case)
        return self

    def wish(self, hours: float = 24, after: float = 0, rights: frozenset[Right] = frozenset()) -> Wish:
        begins = self.world.clock.now + timedelta(hours=after)
        return Wish(
            name="Pr Ada Guest",
            email="ada@example.org",
            language="en",
            rights=rights,
            not_before=begins,
            expires_at=begins + timedelta(hours=hours),
        )

    async def invite(self, kind: str = "consult", key: str = "", **wish: Any) -> Letter:
        return await links.make(self.db, self.zoe, kind, key or self.consult, self.wish(**wish))

    async def code(self, token: str) -> Code | None:
        """Asked for when the last one is old enough."""
        self.world.clock.advance(minutes=2)
        return await guests.ask_code(self.db, token, HERE)

    async def come_in(self, letter: Letter) -> Actor:
        """The guest, signed in by a code."""
        code = await self.code(letter.token)
        assert code is not None
        cookie = await guests.enter(self.db, letter.token, code.digits, cookie="", origin=HERE)
        assert cookie is not None
        actor = await self.present(cookie)
        assert actor is not None
        return actor

    async def present(self, cookie: str) -> Actor | None:
        async with self.db.read() as reader:
            found = await repository.owner(reader, digest(cookie))
            if found is None or sessions.state(found[0], reader.now, LIMITS) is not sessions.State.LIVING:
                return None
            return found[1]

    async def may(self, actor: Actor, action: Action, kind: str, key: str) -> bool:
        thing = ObjectRef(kind, key, self.zoe.institution_id, case_id=self.case)
        async with self.db.read() as reader:
            return bool(await grants.decide(reader, actor, action, thing))

    async def sees(self, actor: Actor) -> list[bool]:
        return [await self.may(actor, Action.SLIDE_VIEW, "slide", one) for one in self.slides]

    async def page(self, actor: Actor) -> tuple[bool, list[str]]:
        """Whether the guest's page lives, and the labels of the slides on it."""
        async with self.db.read() as reader:
            lives = await guests.lives(reader, actor, LIMITS)
            return lives, [one.label for one in await guests.seen(reader, actor)]
