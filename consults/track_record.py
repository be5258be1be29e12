"""What experts took so far, measured on what they signed. Reading only; one statement, however many experts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from statistics import median
from typing import Final

import msgspec
from sqlalchemy import func, select

from consults.deadlines import Urgency
from consults.kinds import ReadingRole
from consults.lifecycle import OfferStatus, ReadingStatus
from telepath.db.schema.consults import consult, offer, reading
from telepath.db.transaction import Reader

SINCE: Final = timedelta(days=730)
LAST: Final = 20
"""The newest answers that count: how somebody worked two years ago says little of today."""
LEAST: Final = 3
"""Fewer say nothing."""


class TrackRecord(msgspec.Struct, frozen=True):
    median_hours: float
    """From the offer to the first signature, by the clock, without the time that the clock stood still."""
    answers: int


async def of_experts(reader: Reader, organ: str, urgency: Urgency, person_ids: Iterable[str]) -> dict[str, TrackRecord]:
    """Person id → what they took for this organ; only who has signed LEAST at least. Frozen sections are counted apart."""
    frozen = consult.c.urgency == Urgency.FROZEN
    newest = func.row_number().over(
        partition_by=reading.c.expert_id, order_by=(reading.c.ended_at.desc(), reading.c.id.desc())
    )
    signed = (
        select(
            reading.c.expert_id,
            offer.c.offered_at,
            reading.c.ended_at,
            (consult.c.paused_seconds - reading.c.paused_before).label("paused_seconds"),
            newest.label("newest"),
        )
        .join(consult, consult.c.id == reading.c.consult_id)
        .join(
            offer,
            (offer.c.consult_id == reading.c.consult_id)
            # By the consult's offers, which are few; SQLite would else read all that the expert ever accepted.
            & (func.coalesce(offer.c.expert_id, "") == reading.c.expert_id)
            & (offer.c.role == reading.c.role)
            & (offer.c.status == OfferStatus.ACCEPTED),
        )
        .where(
            reading.c.expert_id.in_(set(person_ids)),
            reading.c.status == ReadingStatus.COMPLETED,
            reading.c.role == ReadingRole.EXPERT,
            reading.c.ended_at > reader.now - SINCE,
            consult.c.organ == organ,
            frozen if urgency is Urgency.FROZEN else ~frozen,
        )
        .subquery()
    )
    hours: dict[str, list[float]] = defaultdict(list)
    for row in await reader.all(select(signed).where(signed.c.newest <= LAST)):
        took = (row["ended_at"] - row["offered_at"]).total_seconds() - row["paused_seconds"]
        hours[row["expert_id"]].append(max(took, 0.0) / 3600)
    return {
        person_id: TrackRecord(round(median(took), 2), len(took))
        for person_id, took in hours.items()
        if len(took) >= LEAST
    }
