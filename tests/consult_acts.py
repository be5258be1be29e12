"""Everybody who has to do with a consult, and what each may try: verbs with arguments that fit what stands now, mostly.

One number is one step. It says who tries what: mostly somebody whose turn it is, else anybody anything, or time passes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import update

from consults import (
    adoption,
    blind,
    concordance,
    dismissal,
    further_readers,
    incidents,
    material,
    offers,
    outcomes,
    pools,
    reading,
    repository,
    request,
    second_signatures,
    signing,
    transfer,
)
from consults.completion import Signature, reading_of
from consults.deadlines import Urgency
from consults.grades import Graded
from consults.kinds import (
    Adoption,
    ConsultKind,
    DeclineCode,
    Dispute,
    Grade,
    HeldBecause,
    IncidentKind,
    MaterialAnswer,
    MaterialKind,
    OutcomeKind,
    Policy,
    ReadingRole,
    Side,
    Trigger,
    Verdict,
)
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.material import Wanted
from consults.model import Consult, Offer, Opinion, Question, Reading
from consults.opinion import Draft
from consults.terms import Terms
from telepath import grants
from telepath.access import Action
from telepath.actor import Role
from telepath.db import timers
from telepath.db.schema.directory import person
from telepath.errors import NotFound
from tests.builders import World
from web.timers import HANDLERS

ORGAN: Final = "soft-tissue"
NETWORK: Final = "NETSARC+"
"""Asks for a second signature."""
FIVE_MINUTES: Final = timedelta(minutes=5)
MOST: Final = 3
"""Consults of one sequence."""
EXPERTS: Final = ("karim", "anne", "nadia", "luc", "rose")
"""Rose's account is suspended."""
HOME: Final = ("zoe", "paul", "cora", "tom")
"""Who asks, a colleague, the coordinator and a technician of the same place."""
STRANGERS: Final = ("mia", "otto")
"""A pathologist and a coordinator of another place, whom nobody asks anything."""
BESIDE: Final = (ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER, ReadingRole.THIRD)
"""The first two sign the expert's text."""
WORDS: Final = ("Liposarcome bien différencié.", "Lipome.", "Fasciite nodulaire.")
SPANS: Final = (timedelta(minutes=2), timedelta(minutes=20), timedelta(hours=5), timedelta(days=1), timedelta(days=6))
OPENINGS: Final[Mapping[str, Grade | None]] = {
    "nothing": None,
    "read": None,
    "signed": Grade.MINOR,
    "disputed": Grade.MAJOR,
    "joint": Grade.CONCORDANT,
}
"""Where a sequence may begin → the grade with which Karim has signed; None: he has not."""
Value = TypeVar("Value")
LONG: Final = timedelta(days=40)
"""More than the rights of who has signed last."""


Row = Mapping[str, Any]
Rows = Mapping[str, Mapping[str, Row]]
"""Table → key → row, as tests/consult_checks.py keeps them."""


class Found(msgspec.Struct, frozen=True):
    """A consult as it stands."""

    consult: Consult
    offers: Sequence[Offer]
    readings: Sequence[Reading]
    opinions: Sequence[Opinion]
    wanted: Sequence[Wanted]
    signatures: Sequence[Signature]


def found(rows: Rows, consult_id: str) -> Found:
    """From all that was read at once."""

    def of(name: str, kind: type[Value], order: str) -> list[Value]:
        mine = [row for row in rows[name].values() if row["consult_id"] == consult_id]
        return [msgspec.convert(row, kind) for row in sorted(mine, key=lambda row: (row[order], row["id"]))]

    opinions = of("opinion", Opinion, "number")
    beside = [row for row in rows["signature"].values() if row["opinion_id"] in {one.id for one in opinions}]
    return Found(
        msgspec.convert(rows["consult"][consult_id], Consult),
        of("offer", Offer, "offered_at"),
        of("reading", Reading, "started_at"),
        opinions,
        of("material", Wanted, "asked_at"),
        [msgspec.convert(row, Signature) for row in sorted(beside, key=lambda row: (row["signed_at"], row["id"]))],
    )


class Step(msgspec.Struct, frozen=True):
    """``act`` runs it; nothing was done before. ``key``: who; "": the service, as time passes."""

    verb: str
    key: str
    consult_id: str
    act: Callable[[], Awaitable[Any]]


def opening(number: int) -> str:
    return list(OPENINGS)[number % len(OPENINGS)]


class Acts(World):
    """Zoé's case lies in Cayenne; its experts are elsewhere."""

    case_id: str
    pool_id: str
    consults: list[str]

    async def set_up(self) -> "Acts":
        self.consults = []
        zoe = await self.person("zoe", "cayenne", "Zoé", "Marchand")
        await self.person("paul", "cayenne", "Paul", "Voisin")
        cora = await self.person("cora", "cayenne", "Cora", "Veille", roles=[Role.COORDINATOR])
        await self.person("tom", "cayenne", "Tom", "Technicien", roles=[Role.TECHNICIAN])
        await self.person("mia", "nice", "Mia", "Autre")
        await self.person("otto", "rennes", "Otto", "Ailleurs", roles=[Role.COORDINATOR])
        for key, at, networks in (
            ("karim", "lille", [NETWORK]),
            ("anne", "rennes", []),
            ("nadia", "nice", [NETWORK]),
            ("luc", "saint-denis", [NETWORK]),
            ("rose", "rennes", [NETWORK]),
        ):
            await self.expert(key, at, key.title(), f"De {at.title()}", ORGAN, networks=networks, median_hours=20.0)
        self.case_id = await self.case(zoe, organ=ORGAN)
        await self.slide(zoe, self.case_id)
        self.pool_id = await pools.make(self.db, cora, pools.Facts("Tissus mous", (ORGAN,)))
        for key in ("karim", "anne", "luc"):
            await pools.admit(self.db, cora, self.pool_id, self.actors[key].person_id)
        async with self.db.write(self._setup, unaudited="a test's world") as tx:
            gone = person.c.id == self.actors["rose"].person_id
            await tx.execute(update(person).where(gone).values(disabled_at=tx.now))
        return self

    @property
    def keys(self) -> Mapping[str, str]:
        """Person id → key."""
        return {actor.person_id: key for key, actor in self.actors.items()}

    async def open(self, number: int) -> str:
        """Where a sequence begins: nothing was asked yet, or Karim reads, as a network's expert, blind. Returns its name."""
        name = opening(number)
        if name == "nothing":
            return name
        terms = Terms(kind=ConsultKind.NETWORK, network=NETWORK, trigger=Trigger.CLINICIAN, blind=True)
        karim = self.actors["karim"].person_id
        question = Question("Liposarcome ?", "Masse de la cuisse.", ORGAN, Urgency.STANDARD)
        asked = await request.request(self.db, self.actors["zoe"], self.case_id, question, karim, terms=terms)
        self.consults.append(asked)
        await self._accepts("karim")
        await reading.save_draft(self.db, self.actors["karim"], asked, 1, Draft(WORDS[0]))
        if name == "joint":
            self.clock.advance(minutes=1)
            anne = self.actors["anne"].person_id
            await further_readers.invite(self.db, self.actors["karim"], asked, ReadingRole.CO_READER, anne)
            await self._accepts("anne")
        if OPENINGS[name] is None:
            return name
        await blind.commit(self.db, self.actors["karim"], asked, 2)
        self.clock.advance(minutes=1)
        graded = Graded(OPENINGS[name] or Grade.MINOR, "Parce que.")
        await signing.sign(self.db, self.again("karim"), asked, 3, FIVE_MINUTES, graded=graded)
        return name

    async def _accepts(self, key: str) -> None:
        self.clock.advance(minutes=1)
        await offers.accept(self.db, self.actors[key], self.consults[-1])

    def step(self, number: int, rows: Rows) -> Step:
        """What this number says, as things stand now. Time has passed a little."""
        chance = Random(number)
        self.clock.advance(seconds=chance.randint(1, 50))
        if chance.random() < 0.1:
            return self._time(chance)
        if not self.consults or (len(self.consults) < MOST and chance.random() < 0.04):
            return Step("request", "zoe", "", lambda: self._request("zoe", chance))
        consult_id = self.consults[-1] if chance.random() < 0.8 else chance.choice(self.consults)
        known = found(rows, consult_id)
        wild = chance.random() < 0.15
        verb, key = (
            (chance.choice(sorted(VERBS)), chance.choice(sorted(self.actors))) if wild else self._likely(known, chance)
        )
        return Step(verb, key, consult_id, lambda: VERBS[verb](self, key, known, chance))

    def _time(self, chance: Random) -> Step:
        if chance.random() < 0.5:
            self.clock.now += LONG if chance.random() < 0.08 else chance.choice(SPANS)
        return Step("time", "", "", lambda: timers.fire(self.db, HANDLERS, 1))

    def _likely(self, found: Found, chance: Random) -> tuple[str, str]:
        """Somebody whose turn it is, and what they may do."""
        consult, turn = found.consult, list[tuple[str, str]]()
        for offer in found.offers:
            if offer.open:
                turn += [("accept", self.keys[offer.expert_id])] * 10 + [("decline", self.keys[offer.expert_id])]
        for one in found.readings:
            key = self.keys[one.expert_id]
            ready = [("sign", key)] * 6 if one.draft.conclusion.strip() else [("draft", key)] * 4
            if one.status is ReadingStatus.COMPLETED:
                turn += [*ready, ("draft", key), ("grade", key), ("countersign", key), ("another", key)]
                if consult.status is ConsultStatus.ACTIVE:
                    turn += [("invite", key), ("dismiss", key), *ready]
            elif one.status in repository.WORKING and one.role in BESIDE[:2]:
                turn += [("countersign", key)] * 6 + [("send_back", key), ("draft", key), ("ask", key)]
            elif one.status in repository.WORKING:
                turn += [*ready, ("draft", key), ("commit", key), ("reveal", key), ("ask", key)]
                turn += [("transfer", key), ("invite", key), ("invite", key), ("dismiss", key)]
        if consult.held_because is HeldBecause.MATERIAL:
            turn += [("answer", "zoe")] * 6 + [
                ("withdraw", self.keys[one.asked_by]) for one in found.wanted if one.open
            ]
        elif consult.status is ConsultStatus.ON_HOLD:
            turn += [("reoffer", "zoe")] * 8
        if consult.opinions_released:
            turn += [("decide", "zoe"), ("outcome", "zoe"), ("grade", "zoe"), ("view", "zoe"), ("request", "zoe")]
        if not turn or chance.random() < 0.05:
            turn = [("incident", "tom"), ("view", "cora"), ("reoffer", "zoe"), ("request", "zoe")]
        if chance.random() < 0.1:
            turn += [("revoke", "paul"), ("retire", "luc")]
        return chance.choice(turn)

    async def _request(self, key: str, chance: Random, follows: Consult | None = None) -> None:
        kind = chance.choice([ConsultKind.EXPERT, *[ConsultKind.NETWORK] * 4, ConsultKind.FROZEN])
        policy = chance.choice([Policy.NAMED, Policy.NAMED, Policy.CHAIN, Policy.POOL])
        network = kind is ConsultKind.NETWORK
        terms = Terms(
            kind=kind,
            network=NETWORK if network else "",
            trigger=chance.choice([Trigger.SYSTEMATIC, Trigger.CLINICIAN]) if network else None,
            policy=Policy.RING if kind is ConsultKind.FROZEN else policy,
            pool_id=self.pool_id,
            blind=chance.random() < 0.5,
        )
        question = Question("Liposarcome ?", "Masse de la cuisse.", ORGAN, Urgency.STANDARD)
        made = await request.request(
            self.db,
            self.actors[key],
            self.case_id,
            question,
            self.actors[chance.choice(EXPERTS)].person_id,
            terms=terms,
            follows_id=follows.id if follows is not None else "",
            shows_earlier=chance.random() < 0.5,
        )
        self.consults.append(made)

    async def follow(self, key: str, found: Found, chance: Random) -> None:
        await self._request(key, chance, found.consult)

    async def accept(self, key: str, found: Found, _: Random) -> None:
        await offers.accept(self.db, self.actors[key], found.consult.id)

    async def decline(self, key: str, found: Found, chance: Random) -> None:
        code = chance.choice(list(DeclineCode))
        await offers.decline(self.db, self.actors[key], found.consult.id, chance.choice(["Absente.", ""]), code)

    async def reoffer(self, key: str, found: Found, chance: Random) -> None:
        who = self._somebody(found, chance)
        await offers.reoffer(self.db, self.actors[key], found.consult.id, who, despite="Seule disponible.")

    async def revoke(self, key: str, found: Found, _: Random) -> None:
        await request.revoke(self.db, self.actors[key], found.consult.id)

    async def draft(self, key: str, found: Found, chance: Random) -> None:
        async with self.db.read() as reader:
            await grants.require(reader, self.actors[key], Action.CONSULT_ANSWER, found.consult.ref)
            mine = await reading.writes(reader, found.consult.id, self.actors[key].person_id)
        text = Draft(chance.choice([*WORDS, *WORDS, ""]), "Description.")
        await reading.save_draft(self.db, self.actors[key], found.consult.id, _near(mine.version, chance), text)

    async def commit(self, key: str, found: Found, chance: Random) -> None:
        await blind.commit(self.db, self.actors[key], found.consult.id, self._version(key, found, chance))

    async def reveal(self, key: str, found: Found, _: Random) -> None:
        await blind.reveal(self.db, self.actors[key], found.consult.id)

    async def sign(self, key: str, found: Found, chance: Random) -> None:
        grade = chance.choice([Grade.CONCORDANT, Grade.MINOR, Grade.MAJOR])
        settle = chance.choice([None, Dispute.THIRD, Dispute.COLLEGIAL])
        await signing.sign(
            self.db,
            self.again(key, timedelta(seconds=chance.choice([30, 30, 30, 30, 400]))),
            found.consult.id,
            self._version(key, found, chance),
            FIVE_MINUTES,
            amends=chance.random() < 0.6,
            graded=Graded(grade, "Parce que.", settle) if chance.random() < 0.85 else None,
        )

    async def countersign(self, key: str, found: Found, chance: Random) -> None:
        number = _near(self._text(found), chance)
        await second_signatures.countersign(self.db, self.again(key), found.consult.id, number, FIVE_MINUTES)

    async def send_back(self, key: str, found: Found, chance: Random) -> None:
        number = _near(self._text(found), chance)
        await second_signatures.send_back(self.db, self.actors[key], found.consult.id, number, "Précisez.")

    async def invite(self, key: str, found: Found, chance: Random) -> None:
        role = chance.choice([*BESIDE, ReadingRole.CO_READER])
        who = self._somebody(found, chance)
        await further_readers.invite(self.db, self.actors[key], found.consult.id, role, who)

    async def dismiss(self, key: str, found: Found, chance: Random) -> None:
        beside = [one.expert_id for one in found.offers if one.role in BESIDE]
        beside += [one.expert_id for one in found.readings if one.role in BESIDE]
        who = chance.choice(beside or [self.actors["anne"].person_id])
        await dismissal.dismiss(self.db, self.actors[key], found.consult.id, who)

    async def ask(self, key: str, found: Found, chance: Random) -> None:
        await material.ask(self.db, self.actors[key], found.consult.id, chance.choice(list(MaterialKind)), "MDM2 ?")

    async def answer(self, key: str, found: Found, chance: Random) -> None:
        which = chance.choice([*(one.id for one in found.wanted), ""])
        given = chance.choice([MaterialAnswer.PROVIDED, MaterialAnswer.IMPOSSIBLE])
        await material.answer(self.db, self.actors[key], found.consult.id, which, given, "Voilà.")

    async def withdraw(self, key: str, found: Found, chance: Random) -> None:
        which = chance.choice([*(one.id for one in found.wanted), ""])
        await material.withdraw(self.db, self.actors[key], found.consult.id, which)

    async def transfer(self, key: str, found: Found, chance: Random) -> None:
        to = chance.choice(["", self._somebody(found, chance)])
        await transfer.transfer(self.db, self.actors[key], found.consult.id, "Hors de mon champ.", to)

    async def decide(self, key: str, found: Found, chance: Random) -> None:
        await adoption.decide(self.db, self.actors[key], found.consult.id, chance.choice(list(Adoption)), "Non.")

    async def another(self, key: str, found: Found, _: Random) -> None:
        await adoption.propose_another(self.db, self.actors[key], found.consult.id, "Un collègue.")

    async def outcome(self, key: str, found: Found, chance: Random) -> None:
        kind, verdict = chance.choice(list(OutcomeKind)), chance.choice(list(Verdict))
        await outcomes.record(self.db, self.actors[key], found.consult.id, kind, verdict, "Récidive.")

    async def incident(self, key: str, found: Found, chance: Random) -> None:
        await incidents.note(self.db, self.actors[key], found.consult.id, chance.choice(list(IncidentKind)), "Flou.")

    async def grade(self, key: str, found: Found, chance: Random) -> None:
        side = Side.REQUESTER if key in HOME else Side.EXPERT
        graded = Graded(chance.choice(list(Grade)), "Parce que.")
        await concordance.grade(self.db, self.actors[key], found.consult.id, side, graded)

    async def view(self, key: str, found: Found, _: Random) -> None:
        async with self.db.read() as reader:
            allowed = await grants.require(reader, self.actors[key], Action.CONSULT_VIEW, found.consult.ref)
        await reading.record_view(self.db, self.actors[key], found.consult, allowed)

    async def retire(self, key: str, _: Found, chance: Random) -> None:
        """Luc is no expert any more where he signs in, or is one again."""
        if key != "luc":
            raise NotFound
        roles = frozenset({Role.REQUESTER}) | ({Role.EXPERT} if chance.random() < 0.5 else set())
        self.actors[key] = msgspec.structs.replace(self.actors[key], roles=roles)

    def _somebody(self, found: Found, chance: Random) -> str:
        """Who was not asked yet, mostly."""
        asked = {offer.expert_id for offer in found.offers}
        others = [key for key in EXPERTS[:-1] if self.actors[key].person_id not in asked]
        return self.actors[chance.choice(others if others and chance.random() < 0.9 else EXPERTS)].person_id

    def _version(self, key: str, found: Found, chance: Random) -> int:
        """Of the reading that this person has, or had."""
        mine = [one.version for one in found.readings if one.expert_id == self.actors[key].person_id]
        return _near(mine[-1] if mine else 1, chance)

    @staticmethod
    def _text(found: Found) -> int:
        """The number of the expert's last text."""
        lead = reading_of(found.readings, ReadingRole.EXPERT)
        return max((one.number for one in found.opinions if lead is not None and one.reading_id == lead.id), default=1)


def _near(number: int, chance: Random) -> int:
    """The same, or what somebody saw before."""
    return number if chance.random() < 0.93 else max(number - 1, 1)


Verb = Callable[[Acts, str, Found, Random], Awaitable[None]]


VERBS: Final[Mapping[str, Verb]] = {
    "accept": Acts.accept,
    "another": Acts.another,
    "answer": Acts.answer,
    "ask": Acts.ask,
    "commit": Acts.commit,
    "countersign": Acts.countersign,
    "decide": Acts.decide,
    "decline": Acts.decline,
    "dismiss": Acts.dismiss,
    "draft": Acts.draft,
    "grade": Acts.grade,
    "incident": Acts.incident,
    "invite": Acts.invite,
    "outcome": Acts.outcome,
    "reoffer": Acts.reoffer,
    "request": Acts.follow,
    "retire": Acts.retire,
    "reveal": Acts.reveal,
    "revoke": Acts.revoke,
    "send_back": Acts.send_back,
    "sign": Acts.sign,
    "transfer": Acts.transfer,
    "view": Acts.view,
    "withdraw": Acts.withdraw,
}
