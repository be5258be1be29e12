"""What must hold of consults whatever was done: a refusal changes nothing, what changes is recorded, and no state is wrong."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from random import Random
from typing import Any, Final

import msgspec
from sqlalchemy import Table, select

from consults import blind, clock, repository, timeline
from consults.adoption import DISPUTED
from consults.completion import missing, reading_of
from consults.kinds import HeldBecause, ReadingRole
from consults.lifecycle import CONSULT, OFFER, READING, ConsultStatus, ReadingStatus
from consults.model import FOLLOW_UP
from consults.versions import sealed, visible
from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema import consults as schema
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.cases import case, thread_line
from telepath.db.schema.grants import grants
from telepath.db.schema.outbox import outbox
from telepath.db.schema.timers import timer
from telepath.errors import NotFound, TelepathError
from tests.builders import MASTER_KEY
from tests.consult_acts import STRANGERS, Acts, Row, Rows, Step, found

LENGTH: Final = 60
"""Steps of a sequence."""
KEPT: Final[Mapping[str, Table]] = {
    "consult": schema.consult,
    "offer": schema.offer,
    "reading": schema.reading,
    "opinion": schema.opinion,
    "signature": schema.opinion_signature,
    "grade": schema.concordance,
    "material": schema.material_request,
    "incident": schema.incident,
    "outcome": schema.outcome,
    "line": thread_line,
    "right": grants,
}
"""Whose every change has its record, each by its ``id``."""
BESIDES: Final[Mapping[str, Table]] = {
    "view": schema.consult_view,
    "timer": timer,
    "event": outbox,
    "case": case,
}
FOR_GOOD: Final = ("opinion", "signature", "grade", "incident", "outcome", "line")
"""Rows that nobody changes."""

SIGNED: Final = ("opinion.signed", "opinion.amended", "opinion.countersigned")
RELEASING: Final = (*SIGNED, "offer.withdrawn")
"""Whoever signs last, or lets go who has not, sends the answer out."""
Because = tuple[str, ...]
"""Kinds of records, of which one at least must be there; ``kind:field``: whose detail names the row."""

RECORDED: Final[Mapping[str, Because]] = {
    "consult: → active": ("consult.requested",),
    "consult: active → on-hold": ("offer.declined", "consult.suspended", "consult.transferred"),
    "consult: on-hold → active": ("offer.made", "consult.resumed"),
    "consult: active → revoked": ("consult.revoked",),
    "consult: on-hold → revoked": ("consult.revoked",),
    "consult: active → completed": RELEASING,
    "consult.due_at": ("offer.made", "offer.accepted", "consult.resumed"),
    "consult.opinions_released": RELEASING,
    "consult.opinions_read": ("consult.viewed",),
    "consult.dispute": RELEASING,
    "consult.paused_seconds": ("consult.resumed", "offer.made"),
    "consult.adopted_at": ("opinion.adopted", "opinion.contested"),
    "offer: → proposed": ("consult.requested:offer", "offer.made:offer"),
    "offer: proposed → accepted": ("offer.accepted:offer",),
    "offer: proposed → declined": ("offer.declined:offer",),
    "offer: proposed → expired": ("offer.expired:offer",),
    "offer: proposed → withdrawn": (
        *("consult.revoked", "consult.transferred", "offer.accepted", "offer.withdrawn", "offer.made"),
        *SIGNED,
    ),
    "offer.decline_reason": ("offer.declined:offer", "consult.transferred"),
    "offer.answer_by": ("offer.expired:offer", "consult.alarmed"),
    "reading: → accepted": ("offer.accepted:reading",),
    "reading: accepted → in-progress": ("opinion.drafted:reading",),
    "reading: in-progress → completed": ("opinion.signed",),
    "reading: accepted → completed": ("opinion.countersigned",),
    "reading: accepted → cancelled": ("consult.revoked", "consult.transferred", *RELEASING),
    "reading: in-progress → cancelled": ("consult.revoked", "consult.transferred:reading", *RELEASING),
    "reading.draft": ("opinion.drafted:reading", "opinion.returned", *SIGNED),
    "reading.drafted_at": ("opinion.drafted:reading", "opinion.returned", *SIGNED),
    "reading.committed": ("opinion.committed:reading",),
    "reading.revealed_at": ("opinion.revealed",),
    "opinion: new": ("opinion.signed:opinion", "opinion.amended:opinion"),
    "signature: new": ("opinion.countersigned",),
    "grade: new": ("opinion.graded",),
    "material: new": ("consult.suspended:material",),
    "material.answer": ("consult.material-answered:material",),
    "incident: new": ("consult.incident-noted",),
    "outcome: new": ("consult.outcome-recorded",),
    "line: new": ("thread.written:line",),
    "right: new": ("right.given",),
    "right.revoked_at": ("right.withdrawn",),
    "right.until": ("right.limited",),
}
"""A change → the records of which one must stand beside it. What is not here must not happen."""
WITH_IT: Final[Mapping[str, Collection[str]]] = {
    "consult": ("version", "ended_at", "held_because", "held_at", "adoption", "adoption_reason"),
    "offer": ("version", "answered_at", "decline_code"),
    "reading": ("version", "ended_at", "committed_digest", "committed_at"),
    "material": ("version", "answer_text", "answered_by", "answered_at"),
}
"""Fields that change with one of those above."""
OF_NO_ROW: Final = ("consult.alarmed", "consult.viewed", "access.refused", "opinion.revealed", "routing.changed")
STEPS: Final = {
    "consult": {(str(status), str(after)) for (status, _), after in CONSULT.items()},
    "offer": {(str(status), str(after)) for (status, _), after in OFFER.items()},
    "reading": {(str(status), str(after)) for (status, _), after in READING.items()},
}
TELLING: Final = {
    "signed",
    "third",
    "amended",
    "replaced",
    "countersigned",
    "joined",
    "joined-not",
    "invited",
    "committed",
}
"""Moments that the requester must not see before."""
QUIET: Final = ("opinion.", "reading.")
"""Kinds of events that tell of what is signed, and of who signs beside the expert."""


class Seen(msgspec.Struct, frozen=True):
    """All rows of one instant: table → key → row."""

    rows: Rows
    records: Mapping[int, Row]


async def play(url: str, seed: int, say: Callable[[str], object]) -> Counter[str]:
    """A sequence on an empty database: ``Acts.open``, then LENGTH times ``Acts.step``; all is held after each.

    Returns how often each verb did what it is for, and how often it was refused (``-verb``). ``say``: is told each step."""
    done = Counter[str]()
    db = Database(url, MASTER_KEY)
    try:
        acts = await Acts(db).set_up()
        say(await acts.open(seed))
        before = await seen(acts)
        await holds(acts, before)
        chance = Random(seed)
        for _ in range(LENGTH):
            step = acts.step(chance.getrandbits(32), before.rows)
            try:
                await step.act()
            except TelepathError as error:
                say(f"{step.key} {step.verb}: {error.code}")
                refused(step, before, await seen(acts), error)
                done[f"-{step.verb}"] += 1
                continue
            say(f"{step.key} {step.verb}")
            after = await seen(acts)
            recorded(acts, step, before, after)
            stepped(before, after)
            told(before, after)
            await holds(acts, after)
            before = after
            done[step.verb] += 1
    finally:
        await db.close()
    return done


async def seen(acts: Acts) -> Seen:
    rows = dict[str, dict[str, dict[str, Any]]]()
    async with acts.db.read() as reader:
        for name, table in {**KEPT, **BESIDES}.items():
            found = [{str(key): value for key, value in row.items()} for row in await reader.all(select(table))]
            keys = [str(column.name) for column in table.primary_key]
            rows[name] = {"/".join(str(row[key]) for key in keys): row for row in found}
        records = await reader.all(select(audit_pending))
    return Seen(rows, {row["position"]: row["record"] for row in records})


def refused(step: Step, before: Seen, after: Seen, error: TelepathError) -> None:
    """Nothing has happened; who has no right learns nothing."""
    assert after == before, f"{error.code}, and something was changed: {list(_changes(before, after))}"
    if step.key in STRANGERS:
        assert isinstance(error, NotFound), error


def recorded(acts: Acts, step: Step, before: Seen, after: Seen) -> None:
    """What changed stands in the table, with its record by who did it; and nothing is recorded that did not happen."""
    records = [after.records[key] for key in sorted(after.records.keys() - before.records.keys())]
    actor = acts.actors[step.key].person_id if step.key else SYSTEM.person_id
    assert {one["actor"] for one in records} <= {actor}
    used = set[str]()
    for what, row in _changes(before, after):
        because = RECORDED[what]
        given = [one for one in records if any(_tells(kind, one, row) for kind in because)]
        assert given, f"{what} without one of {because}: {[one['kind'] for one in records]}"
        used |= {one["id"] for one in given}
    unused = [one["kind"] for one in records if one["id"] not in used and one["kind"] not in OF_NO_ROW]
    assert not unused, f"recorded, and nothing happened: {unused}"
    for kind, change in (("right.given", "right: new"), ("right.withdrawn", "right.revoked_at")):
        count = sum(what == change for what, _ in _changes(before, after))
        assert sum(one["kind"] == kind for one in records) == count


def _tells(because: str, record: Row, row: Row) -> bool:
    kind, _, field = because.partition(":")
    about = record["object_id"] in (row.get("consult_id"), row["id"]) or kind.startswith(
        ("right.", "thread.", "opinion.c")
    )
    return record["kind"] == kind and about and (not field or record["detail"].get(field) == row["id"])


def _changes(before: Seen, after: Seen) -> Iterator[tuple[str, Row]]:
    for name in KEPT:
        old, new = before.rows[name], after.rows[name]
        assert old.keys() <= new.keys(), f"{name}: a row is gone"
        for key, row in new.items():
            was = old.get(key)
            if was is None:
                yield (f"{name}: → {row['status']}" if name in STEPS else f"{name}: new"), row
                continue
            for field in row:
                if row[field] == was[field] or field in WITH_IT.get(name, ()):
                    continue
                assert name not in FOR_GOOD, f"{name} {key} was changed: {field}"
                yield (f"{name}: {was[field]} → {row[field]}" if field == "status" else f"{name}.{field}"), row


def stepped(before: Seen, after: Seen) -> None:
    """What one step may do to what stood before."""
    for name, steps in STEPS.items():
        for key, was in before.rows[name].items():
            now = after.rows[name][key]
            assert was["status"] == now["status"] or (was["status"], now["status"]) in steps
            assert was["version"] <= now["version"]
            changed = any(was[field] != now[field] for field in was if field not in ("version", "opinions_read"))
            assert not changed or was["version"] < now["version"], f"{name}: changed, and its version stands still"
    for key, was in before.rows["consult"].items():
        now = after.rows["consult"][key]
        assert was["opinions_released"] <= now["opinions_released"]
        assert was["paused_seconds"] <= now["paused_seconds"]
        if was["held_because"] == HeldBecause.MATERIAL and now["status"] == ConsultStatus.ACTIVE:
            assert now["due_at"] >= was["due_at"]
        if was["status"] == ConsultStatus.ON_HOLD and now["status"] == ConsultStatus.ACTIVE:
            stood = _clock_of(after, before) - was["held_at"]
            assert now["paused_seconds"] - was["paused_seconds"] == int(stood.total_seconds())
        if was["status"] in (ConsultStatus.ON_HOLD, ConsultStatus.REVOKED):
            assert _signed(before, key) == _signed(after, key), "signed while nothing is"
        if was["status"] == ConsultStatus.REVOKED:
            for name in ("offer", "reading", "material", "signature"):
                assert _of(before, name, key) == _of(after, name, key), f"{name} of what was taken back has changed"


def _clock_of(after: Seen, before: Seen) -> Any:
    return max(row["emitted_at"] for key, row in after.rows["event"].items() if key not in before.rows["event"])


def _signed(where: Seen, consult_id: str) -> tuple[int, int]:
    opinions = {row["id"] for row in _of(where, "opinion", consult_id)}
    return len(opinions), sum(row["opinion_id"] in opinions for row in where.rows["signature"].values())


def _of(where: Seen, name: str, consult_id: str) -> list[Row]:
    return [row for row in where.rows[name].values() if row.get("consult_id") == consult_id]


def told(before: Seen, after: Seen) -> None:
    """Who asked learns nothing of what is signed, nor of who signs beside the expert, before the answer is out."""
    for key in after.rows["event"].keys() - before.rows["event"].keys():
        event = after.rows["event"][key]
        consult = after.rows["consult"].get(str(event["body"].get("consult", "")))
        if consult is None or event["body"].get("person") != consult["requester_id"]:
            continue
        if not consult["opinions_released"]:
            assert not event["kind"].startswith(QUIET), event["kind"]
    failed = [row["kind"] for row in after.rows["timer"].values() if row["attempts"]]
    assert not failed, f"the handler of {failed} raised an error"


async def holds(acts: Acts, now: Seen) -> None:
    """What is true of every consult at every instant."""
    for consult_id in now.rows["consult"]:
        made = _Made(acts, now, consult_id)
        made.status()
        made.readings()
        made.opinions()
        made.timers()
        made.rights()
        await made.shown()


class _Made:
    """One consult and all that belongs to it."""

    def __init__(self, acts: Acts, now: Seen, consult_id: str) -> None:
        self.acts, self.now, self.at = acts, now, acts.clock.now
        known = found(now.rows, consult_id)
        self.consult, self.offers, self.wanted = known.consult, known.offers, known.wanted
        self.read, self.signed, self.beside = known.readings, known.opinions, known.signatures
        self.working = [one for one in self.read if one.status in repository.WORKING]

    @property
    def over(self) -> bool:
        return self.consult.status in (ConsultStatus.REVOKED, ConsultStatus.COMPLETED)

    def status(self) -> None:
        consult = self.consult
        open_offers = [one for one in self.offers if one.open]
        assert (consult.ended_at is not None) == self.over
        assert (consult.opinions_released > 0) == (consult.status is ConsultStatus.COMPLETED)
        assert consult.opinions_released <= len(self.signed)
        if self.over:
            assert not open_offers, "asked for what has ended"
            assert not self.working, "read, and it has ended"
        if consult.status is ConsultStatus.ON_HOLD:
            assert consult.held_at is not None
            waits = any(one.open for one in self.wanted)
            assert (consult.held_because is HeldBecause.MATERIAL) == waits
            if consult.held_because is HeldBecause.DECLINED:
                assert not any(one.role is ReadingRole.EXPERT for one in open_offers)
                assert not any(one.role is ReadingRole.EXPERT for one in self.working)
        if consult.status is ConsultStatus.ACTIVE:
            assert (consult.held_because, consult.held_at) == (None, None)
            lead = reading_of(self.read, ReadingRole.EXPERT)
            assert lead is not None or any(one.role is ReadingRole.EXPERT for one in open_offers), "waits for nobody"
            assert missing(consult, self.read, self.signed, self.beside), "all is signed, and nothing goes out"

    def readings(self) -> None:
        for role in ReadingRole:
            living = [one for one in self.read if one.role is role and one.status is not ReadingStatus.CANCELLED]
            assert len(living) <= 1 or role is ReadingRole.CO_READER, f"two read as {role}"
        people = [one.expert_id for one in self.read if one.status is not ReadingStatus.CANCELLED]
        assert len(people) == len(set(people)), "one person reads twice"
        asked = [one.expert_id for one in self.offers if one.open]
        assert not set(asked) & set(people)
        assert len(asked) == len(set(asked))
        lead = reading_of(self.read, ReadingRole.EXPERT)
        if lead is not None and not sealed(self.consult, lead):
            co_readers = [one for one in self.working if one.role is ReadingRole.CO_READER]
            assert not any(sealed(self.consult, one) for one in co_readers), "a co-reader knows less than the expert"

    def opinions(self) -> None:
        assert [one.number for one in self.signed] == list(range(1, len(self.signed) + 1))
        digests = {one.id: one.digest for one in self.signed}
        assert all(one.digest == digests[one.opinion_id] for one in self.beside)
        authors = {one.id: one.expert_id for one in self.read}
        assert all(authors[one.reading_id] == one.author_id for one in self.signed)

    def timers(self) -> None:
        found = {(row["kind"], row["subject_id"]): row for row in self.now.rows["timer"].values()}
        offers = {one.id: one for one in self.offers}
        own = {kind for kind, subject in found if subject == self.consult.id}
        waits = {subject for kind, subject in found if subject in offers}
        kinds = (clock.UNANSWERED, clock.SILENT)
        assert all(kind in kinds for kind, subject in found if subject in offers)
        expected = {one.id for one in self.offers if one.open and one.answer_by is not None}
        assert waits == expected, "a timer of nothing, or none of what waits"
        if self.consult.status is not ConsultStatus.ACTIVE:
            assert not own, f"{own} of what does not go on"
            return
        late = found.get((clock.LATE, self.consult.id))
        assert late is None or late["due_at"] == self.consult.due_at
        assert late is not None or self.consult.due_at <= self.at, "nobody is told when the deadline breaks"
        if reading_of(self.read, ReadingRole.EXPERT) is not None:
            assert not own & {clock.RING, clock.UNHEARD}

    def rights(self) -> None:
        standing = [row for row in self.now.rows["right"].values() if row["revoked_at"] is None]
        for offer in self.offers:
            given = [row for row in standing if (row["because"], row["because_id"]) == ("offer", offer.id)]
            assert [row["subject_id"] for row in given] == ([offer.expert_id] if offer.open else [])
            assert all(row["rights"] == ["view"] and row["object_kind"] == "consult" for row in given)
        given = [row for row in standing if (row["because"], row["because_id"]) == ("consult", self.consult.id)]
        living = {one.expert_id for one in self.read if one.status is not ReadingStatus.CANCELLED}
        expected = set() if self.consult.status is ConsultStatus.REVOKED else living
        assert {row["subject_id"] for row in given} == expected, "who reads has no right, or who left has one"
        assert all(
            sorted(row["object_kind"] for row in given if row["subject_id"] == one) == ["case", "consult", "slide"]
            for one in expected
        )
        ended_at = self.consult.ended_at
        since = self.consult.adopted_at if self.consult.adoption in DISPUTED else ended_at
        until = since + FOLLOW_UP if self.consult.status is ConsultStatus.COMPLETED and since else None
        assert {row["until"] for row in given} <= {until}

    async def shown(self) -> None:
        for_requester = visible(self.consult, self.read, self.signed, None)
        assert [one.number for one in for_requester] == list(range(1, self.consult.opinions_released + 1))
        hidden = [one.expert_id for one in self.working if sealed(self.consult, one)]
        if self.consult.blind:
            hidden += [one.expert_id for one in self.offers if one.open and one.role is not ReadingRole.COUNTERSIGNER]
        unseen = [one for one in self.read if one.role is not ReadingRole.EXPERT or one.signed or one.committed_at]
        if not hidden and (self.consult.opinions_released or not unseen):
            return
        async with self.acts.db.read() as reader:
            for person_id in hidden:
                assert await blind.hides(reader, self.acts.actors[self.acts.keys[person_id]], self.consult.case_id)
            if not self.consult.opinions_released:
                kinds = {moment.kind for moment in await timeline.of_consult(reader, self.consult)}
                assert not kinds & TELLING, kinds
