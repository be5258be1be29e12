"""How each person wants to be told of what: by mail, in the browser. The list of notices always tells everything."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from sqlalchemy import delete, select

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.directory import person
from telepath.db.schema.notices import notice_preference
from telepath.db.transaction import Reader
from telepath.errors import Invalid
from telepath.notices.model import KINDS


class Channel(StrEnum):
    MAIL = "mail"
    BROWSER = "browser"
    """By the browser itself, while a page is open and somebody looks at something else."""


Choice: TypeAlias = tuple[str, Channel]
"""A kind of notice, by one channel."""

ALWAYS: Final = frozenset(
    {
        "break-glass.opened",
        "consult.alarm",
        "consult.ringing",
        "consult.unheard",
        "emergency.activated",
        "emergency.code-used",
    }
)
"""Told in the usual way, whatever was chosen: somebody waits at the microscope, or watches over what others open."""
_AT_ONCE: Final = frozenset({"consult.ringing", "room.invited"})
"""Over before a mail is read, and still for whoever works beside an open page."""


def usual(kind: str, channel: Channel) -> bool:
    """What is done when nothing was chosen."""
    return KINDS[kind].mailed or (channel is Channel.BROWSER and kind in _AT_ONCE)


async def of(reader: Reader, person_id: str) -> Mapping[Choice, bool]:
    """Every kind by every channel: whether this person wants it so."""
    rows = await reader.all(select(notice_preference).where(notice_preference.c.person_id == person_id))
    chosen = {(row["kind"], row["channel"]): bool(row["wanted"]) for row in rows if row["kind"] not in ALWAYS}
    return {(kind, channel): chosen.get((kind, channel), usual(kind, channel)) for kind in KINDS for channel in Channel}


async def wanted(reader: Reader, person_id: str, kind: str, channel: Channel) -> bool:
    return (await of(reader, person_id))[kind, channel]


async def choose(db: Database, actor: Actor, chosen: Iterable[Choice]) -> None:
    """All that is wanted; what is not in it is not wanted. What is told always stays so. Raises Invalid: no such kind."""
    wants = set(chosen)
    if any(kind not in KINDS for kind, _ in wants):
        raise Invalid("error-field-choice", field="wanted")
    async with db.write(actor, unaudited="how one is told oneself") as tx:
        # Two saves at once follow each other.
        await tx.scalar(select(person.c.id).where(person.c.id == actor.person_id).with_for_update())
        await tx.execute(delete(notice_preference).where(notice_preference.c.person_id == actor.person_id))
        for kind in KINDS.keys() - ALWAYS:
            for channel in Channel:
                if (wish := (kind, channel) in wants) != usual(kind, channel):
                    await tx.insert(
                        notice_preference, person_id=actor.person_id, kind=kind, channel=channel, wanted=wish
                    )
