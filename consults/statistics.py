"""Counts of second opinions for coordinators and health agencies (consults/disclosure.py says which may be shown)."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import ColumnElement, select

from consults.disclosure import Table, table
from telepath.db.schema.consults import consult, opinion
from telepath.db.schema.directory import institution
from telepath.db.transaction import Reader


async def by_organ(reader: Reader, region: str, since: datetime, until: datetime, without: str = "") -> Table:
    """The consults that institutions of ``region`` (INSEE code) asked for in this time, by organ; without a region: all.

    ``without``: the institution whose own counts the reader knows exactly, so that the rest is judged by itself."""
    return await _table(reader, consult.c.organ.label("key"), region, since, until, without, answers=True)


async def by_urgency(reader: Reader, region: str, since: datetime, until: datetime, without: str = "") -> Table:
    """The same by urgency, and nothing of the answers (consults/disclosure.py)."""
    return await _table(reader, consult.c.urgency.label("key"), region, since, until, without, answers=False)


async def by_network(reader: Reader, region: str, since: datetime, until: datetime, without: str = "") -> Table:
    """The same by national network, of what went to one."""
    return await _table(
        reader, consult.c.network.label("key"), region, since, until, without, answers=False, networked=True
    )


async def _table(
    reader: Reader,
    key: ColumnElement[str],
    region: str,
    since: datetime,
    until: datetime,
    without: str,
    *,
    answers: bool,
    networked: bool = False,
) -> Table:
    # What is not told to who asked is no answer yet.
    first = (opinion.c.consult_id == consult.c.id) & (opinion.c.number == 1) & (consult.c.opinions_released > 0)
    statement = (
        select(key, consult.c.requested_at, opinion.c.signed_at)
        .join(institution, institution.c.id == consult.c.institution_id)
        .outerjoin(opinion, first)
        .where(consult.c.requested_at >= since, consult.c.requested_at < until)
    )
    if without:
        statement = statement.where(consult.c.institution_id != without)
    if networked:
        statement = statement.where(consult.c.network != "")
    if region:
        statement = statement.where(institution.c.region == region)
    asked: dict[str, int] = defaultdict(int)
    hours: dict[str, list[float]] = defaultdict(list)
    for row in await reader.all(statement):
        asked[row["key"]] += 1
        if answers and row["signed_at"] is not None:
            hours[row["key"]].append((row["signed_at"] - row["requested_at"]).total_seconds() / 3600)
    return table(asked, hours)
