"""Whose the things are that rights are given on: their institution and their case."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telepath.access import ObjectRef
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult
from telepath.db.schema.links import share_link
from telepath.db.schema.rooms import room
from telepath.db.schema.slides import slide

TABLES: Final[dict[str, Table]] = {
    "case": case,
    "consult": consult,
    "link": share_link,
    "room": room,
    "slide": slide,
}
"""Kind of object → where it is kept: each has ``institution_id``, and each but the case its ``case_id``."""
AT_ONCE: Final = 500


async def owned(connection: AsyncConnection, things: Iterable[tuple[str, str]]) -> dict[tuple[str, str], ObjectRef]:
    """The things, given as (kind, id), with their institution and case; without both where no row says."""
    wanted = sorted(set(things))
    found = {thing: ObjectRef(*thing, "") for thing in wanted}
    for kind, table in TABLES.items():
        ids = [key for name, key in wanted if name == kind]
        case_id = table.c.id if table is case else table.c.case_id
        for start in range(0, len(ids), AT_ONCE):
            columns = select(table.c.id, table.c.institution_id, case_id.label("case_id"))
            rows = await connection.execute(columns.where(table.c.id.in_(ids[start : start + AT_ONCE])))
            for key, institution_id, of_case in rows:
                found[kind, key] = ObjectRef(kind, key, institution_id, case_id=of_case)
    return found
