"""Rows of consults, offers, readings and opinions, as plain objects."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import RowMapping, func, select

from consults.completion import Signature
from consults.grades import Concordance
from consults.kinds import ReadingRole
from consults.lifecycle import OfferStatus, ReadingStatus
from consults.model import Consult, Offer, Opinion, Reading
from telepath.db.schema.cases import case
from telepath.db.schema.consults import concordance, consult, offer, opinion, opinion_signature, reading
from telepath.db.transaction import Reader, Transaction

CHANGING = (
    "status",
    "due_at",
    "ended_at",
    "policy",
    "opinions_released",
    "dispute",
    "held_because",
    "held_at",
    "paused_seconds",
    "adoption",
    "adoption_reason",
    "adopted_at",
)
"""What may change in a consult once it was asked for."""
WORK = (
    "status",
    "draft",
    "drafted_at",
    "ended_at",
    "committed",
    "committed_digest",
    "committed_at",
    "revealed_at",
)
"""What changes in a reading."""
QUIET: Final = (ReadingRole.COUNTERSIGNER, ReadingRole.THIRD)
"""Roles of whom who asked learns when the answer is out: a third reading alone tells of a major discordance."""
WORKING = (ReadingStatus.REQUESTED, ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS)


async def get(reader: Reader, consult_id: str) -> Consult:
    """Raises NotFound: absent, or its case was erased."""
    found = select(consult).join(case, case.c.id == consult.c.case_id).where(case.c.erased_at.is_(None))
    return msgspec.convert(_plain(await reader.one(found.where(consult.c.id == consult_id))), Consult)


async def of_case(reader: Reader, case_id: str) -> list[Consult]:
    """The consults of a case, newest first."""
    rows = await reader.all(
        select(consult).where(consult.c.case_id == case_id).order_by(consult.c.requested_at.desc(), consult.c.id.desc())
    )
    return [msgspec.convert(_plain(row), Consult) for row in rows]


async def offers_of(reader: Reader, consult_id: str) -> list[Offer]:
    """Oldest first."""
    rows = await reader.all(
        select(offer).where(offer.c.consult_id == consult_id).order_by(offer.c.offered_at, offer.c.id)
    )
    return [msgspec.convert(_plain(row), Offer) for row in rows]


async def readings_of(reader: Reader, consult_id: str) -> list[Reading]:
    """Oldest first."""
    rows = await reader.all(
        select(reading).where(reading.c.consult_id == consult_id).order_by(reading.c.started_at, reading.c.id)
    )
    return [msgspec.convert(_plain(row), Reading) for row in rows]


async def reading_by(reader: Reader, consult_id: str, expert_id: str) -> Reading:
    """The reading of this expert that was not cancelled. Raises NotFound."""
    row = await reader.one(
        select(reading).where(
            reading.c.consult_id == consult_id,
            reading.c.expert_id == expert_id,
            reading.c.status != ReadingStatus.CANCELLED,
        )
    )
    return msgspec.convert(_plain(row), Reading)


async def opinions_of(reader: Reader, consult_id: str) -> list[Opinion]:
    """The opinion and its addenda, in order."""
    rows = await reader.all(select(opinion).where(opinion.c.consult_id == consult_id).order_by(opinion.c.number))
    return [msgspec.convert(_plain(row), Opinion) for row in rows]


async def signatures_of(reader: Reader, consult_id: str) -> list[Signature]:
    """Who signed the opinions of a consult beside their authors, oldest first."""
    rows = await reader.all(
        select(opinion_signature)
        .join(opinion, opinion.c.id == opinion_signature.c.opinion_id)
        .where(opinion.c.consult_id == consult_id)
        .order_by(opinion_signature.c.signed_at, opinion_signature.c.id)
    )
    return [msgspec.convert(_plain(row), Signature) for row in rows]


async def grades_of(reader: Reader, consult_id: str) -> list[Concordance]:
    """Oldest first."""
    rows = await reader.all(
        select(concordance)
        .where(concordance.c.consult_id == consult_id)
        .order_by(concordance.c.graded_at, concordance.c.id)
    )
    return [msgspec.convert(_plain(row), Concordance) for row in rows]


async def unread(reader: Reader, consult_id: str) -> int:
    """The number of the last opinion or addendum that was released, if the requester has not opened it; else 0."""
    last = consult.c.opinions_released
    return await reader.scalar(select(last).where(consult.c.id == consult_id, consult.c.opinions_read < last)) or 0


async def parties(reader: Reader, consult_id: str) -> tuple[str, ...]:
    """Person ids of who talk about a consult: its requester, and who accepted to read it; a second signature and a third
    reading are known to who asked when the answer is out. Empty: no such consult."""
    row = await reader.first(
        select(consult.c.requester_id, consult.c.opinions_released).where(consult.c.id == consult_id)
    )
    if row is None:
        return ()
    requester = row["requester_id"]
    quiet = () if row["opinions_released"] else QUIET
    rows = await reader.all(
        select(reading.c.expert_id)
        .where(
            reading.c.consult_id == consult_id,
            reading.c.status != ReadingStatus.CANCELLED,
            reading.c.role.not_in(quiet),
        )
        .order_by(reading.c.started_at, reading.c.id)
    )
    return tuple(dict.fromkeys((requester, *(row["expert_id"] for row in rows))))


async def unnamed(reader: Reader, case_id: str, person_id: str) -> frozenset[str]:
    """Person ids of who signs second or reads third, or was to, in a consult of this case whose answer is not out: what they do
    there has no name yet for this person, unless they read it too."""
    theirs = reading.alias()
    reads = select(theirs.c.id).where(
        theirs.c.consult_id == consult.c.id,
        theirs.c.expert_id == person_id,
        theirs.c.status != ReadingStatus.CANCELLED,
    )
    rows = await reader.all(
        select(reading.c.expert_id)
        .join(consult, consult.c.id == reading.c.consult_id)
        .where(
            consult.c.case_id == case_id,
            consult.c.opinions_released == 0,
            reading.c.role.in_(QUIET),
            ~reads.exists(),
        )
    )
    return frozenset(row["expert_id"] for row in rows)


async def unnamed_to(reader: Reader, case_id: str, author_id: str, told: Iterable[str]) -> set[str]:
    """Of ``told``, for whom this author has no name yet."""
    if author_id not in await unnamed(reader, case_id, ""):
        return set()
    return {one for one in told if author_id in await unnamed(reader, case_id, one)}


async def readers_of_case(reader: Reader, case_id: str) -> list[tuple[str, str, str]]:
    """(consult, person, institution) of who has accepted to read this case and has not signed."""
    rows = await reader.all(
        select(reading.c.consult_id, reading.c.expert_id, reading.c.institution_id)
        .join(consult, consult.c.id == reading.c.consult_id)
        .where(consult.c.case_id == case_id, reading.c.status.in_(WORKING))
        .order_by(reading.c.id)
    )
    return [(row["consult_id"], row["expert_id"], row["institution_id"]) for row in rows]


async def loads(reader: Reader, person_ids: Iterable[str]) -> dict[str, int]:
    """Person id → consults that wait for this person: offered and not answered, or accepted and not signed."""
    wanted = set(person_ids)
    found: dict[str, int] = {}
    for table, waiting in ((offer, (OfferStatus.PROPOSED,)), (reading, WORKING)):
        rows = await reader.all(
            select(table.c.expert_id, func.count().label("waiting"))
            .where(table.c.expert_id.in_(wanted), table.c.status.in_(waiting))
            .group_by(table.c.expert_id)
        )
        for row in rows:
            found[row["expert_id"]] = found.get(row["expert_id"], 0) + row["waiting"]
    return found


async def insert_consult(tx: Transaction, made: Consult) -> None:
    await tx.insert(consult, **msgspec.structs.asdict(made))


async def insert_offer(tx: Transaction, made: Offer) -> None:
    await tx.insert(offer, **msgspec.structs.asdict(made))


async def insert_reading(tx: Transaction, made: Reading) -> None:
    await tx.insert(reading, **_reading_row(made))


async def insert_opinion(tx: Transaction, made: Opinion) -> None:
    await tx.insert(
        opinion,
        **msgspec.structs.asdict(made)
        | {"content": msgspec.to_builtins(made.content), "identified_by": msgspec.to_builtins(made.identified_by)},
    )


async def insert_signature(tx: Transaction, made: Signature) -> None:
    row = msgspec.structs.asdict(made) | {
        "identified_by": msgspec.to_builtins(made.identified_by),
        "shown": msgspec.to_builtins(made.shown),
    }
    await tx.insert(opinion_signature, **row)


async def insert_grade(tx: Transaction, made: Concordance) -> None:
    await tx.insert(concordance, **msgspec.structs.asdict(made))


async def save_consult(tx: Transaction, changed: Consult) -> None:
    """Raises Conflict: somebody else changed it, or its offers, since it was read."""
    await tx.update(
        consult,
        changed.id,
        changed.version,
        **{name: getattr(changed, name) for name in CHANGING},
    )


async def save_offer(tx: Transaction, changed: Offer) -> None:
    """Raises Conflict."""
    await tx.update(
        offer,
        changed.id,
        changed.version,
        status=changed.status,
        decline_reason=changed.decline_reason,
        decline_code=changed.decline_code,
        answered_at=changed.answered_at,
        answer_by=changed.answer_by,
    )


async def save_reading(tx: Transaction, changed: Reading) -> None:
    """Raises Conflict."""
    row = _reading_row(changed)
    await tx.update(
        reading,
        changed.id,
        changed.version,
        **{name: row[name] for name in WORK},
    )


def _plain(row: RowMapping) -> dict[str, object]:
    """With keys that are str and nothing more: msgspec takes no subclass of it, and SQLAlchemy's names are one."""
    return {str(name): value for name, value in row.items()}


def _reading_row(made: Reading) -> dict[str, object]:
    return msgspec.structs.asdict(made) | {
        "draft": msgspec.to_builtins(made.draft),
        "committed": msgspec.to_builtins(made.committed),
    }
