"""What became of a case after the answer, told to whoever gave it: the excision, the molecular result, the follow-up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import select

from consults import repository
from consults.adoption import authors
from consults.kinds import OutcomeKind, Verdict
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, opinion, outcome
from telepath.db.transaction import Reader
from telepath.errors import Invalid, InvalidTransition

TEXT_LIMIT: Final = 2_000
"""Characters."""
SHOWN: Final = 200
"""Of one's own opinions, the latest whose outcome is known."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    consult_id: str
    kind: OutcomeKind
    verdict: Verdict
    text: str
    recorded_by: str
    recorded_at: datetime


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome of an opinion of one's own. ``conclusion``: one's own words."""

    outcome: Outcome
    case_number: str
    organ: str
    signed_at: datetime
    conclusion: str


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How many of one's own opinions were confirmed or changed by the latest that is known of each, or neither yet."""

    confirmed: int = 0
    changed: int = 0
    open: int = 0

    @property
    def known(self) -> int:
        return self.confirmed + self.changed


async def record(db: Database, actor: Actor, consult_id: str, kind: OutcomeKind, verdict: Verdict, text: str) -> str:
    """Say what became of it, for good; returns the outcome's id. Who signed is told, also when they may no longer see the case.

    Raises Refused; Invalid: nothing is said; TooLarge; InvalidTransition: there is no answer yet."""
    async with db.write(actor) as tx:
        asked = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_MANAGE, asked.ref)
        if not asked.opinions_released:
            raise InvalidTransition("follow", asked.status)
        said = plain(text, field="outcome-text", limit=TEXT_LIMIT, lines=True)
        if not said:
            raise Invalid("error-text-missing", field="outcome-text")
        made = Outcome(
            id=tx.new_id(),
            consult_id=asked.id,
            kind=kind,
            verdict=verdict,
            text=said,
            recorded_by=actor.person_id,
            recorded_at=tx.now,
        )
        await tx.insert(outcome, **msgspec.structs.asdict(made))
        await tx.audit(
            "consult.outcome-recorded",
            asked.ref,
            because=allowed,
            private={"outcome_text": said},
            follow_up=kind,
            verdict=verdict,
        )
        for person_id in await authors(tx, asked):
            await tx.emit("outcome.recorded", person=person_id, consult=asked.id, by=actor.person_id)
    return made.id


async def of_consult(reader: Reader, consult_id: str) -> list[Outcome]:
    """Oldest first. The caller has asked CONSULT_VIEW."""
    rows = await reader.all(
        select(outcome).where(outcome.c.consult_id == consult_id).order_by(outcome.c.recorded_at, outcome.c.id)
    )
    return [msgspec.convert({str(name): value for name, value in row.items()}, Outcome) for row in rows]


async def of_author(reader: Reader, person_id: str) -> list[Followed]:
    """What became of this person's own opinions, the latest news first; at most SHOWN. It says nothing of the case but its
    number and organ, so that it may be read when the right to the case has ended. Nothing of a case that was erased."""
    first = (
        select(opinion.c.consult_id, opinion.c.signed_at, opinion.c.content)
        .where(opinion.c.author_id == person_id)
        .order_by(opinion.c.consult_id, opinion.c.number)
    )
    rows = await reader.all(
        select(outcome, consult.c.organ, case.c.number)
        .join(consult, consult.c.id == outcome.c.consult_id)
        .join(case, case.c.id == consult.c.case_id)
        .where(
            case.c.erased_at.is_(None),
            outcome.c.consult_id.in_(
                select(opinion.c.consult_id)
                .where(opinion.c.author_id == person_id, opinion.c.number <= consult.c.opinions_released)
                .correlate(consult)
            ),
        )
        .order_by(outcome.c.recorded_at.desc(), outcome.c.id.desc())
        .limit(SHOWN)
    )
    mine = await reader.all(first.where(opinion.c.consult_id.in_({row["consult_id"] for row in rows}))) if rows else []
    signed = {row["consult_id"]: row for row in reversed(mine)}  # the first of each stays
    return [
        Followed(
            outcome=msgspec.convert({name: row[name] for name in Outcome.__struct_fields__}, Outcome),
            case_number=row["number"],
            organ=row["organ"],
            signed_at=signed[row["consult_id"]]["signed_at"],
            conclusion=signed[row["consult_id"]]["content"]["conclusion"],
        )
        for row in rows
    ]


def agreement(followed: Iterable[Followed]) -> Agreement:
    """``followed``: the latest news first. Of each consult its latest verdict counts that is not open."""
    verdicts: dict[str, Verdict] = {}
    for one in followed:
        known = verdicts.get(one.outcome.consult_id, Verdict.OPEN)
        if known is Verdict.OPEN:
            verdicts[one.outcome.consult_id] = one.outcome.verdict
    said = list(verdicts.values())
    return Agreement(
        confirmed=said.count(Verdict.CONFIRMS), changed=said.count(Verdict.CHANGES), open=said.count(Verdict.OPEN)
    )
