"""Keeps notices: stored once per event, counted, read, and handed to the mail channel until they are gone."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.exc import IntegrityError

from telepath import directory
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult
from telepath.db.schema.directory import person
from telepath.db.schema.notices import notice
from telepath.db.schema.rooms import room
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Unavailable
from telepath.notices import preferences
from telepath.notices.model import Notice, delay_after, path_of
from telepath.notices.preferences import Channel

LISTED: Final = 100
HOLD: Final = timedelta(seconds=60)
"""How long a node may take to send a mail before another may try: well over the mail channel's own time limit."""
_BOOKKEEPING: Final = "a notice repeats what the audit has"


class Letter(msgspec.Struct, frozen=True):
    """A mail to send: that something waits, never what."""

    notice_id: str
    address: str
    language: str
    path: str
    attempts: int
    written_at: datetime
    person_id: str
    newcomer: bool
    """Never signed in yet."""


async def store(db: Database, source: str, kind: str, body: Mapping[str, Any]) -> Notice | None:
    """Keep the notice of one event for ``body["person"]``, once: the same ``source`` again returns the same notice.

    None: that person is not in the directory. Raises Unavailable: no end of other notices at the same instant."""
    for _ in range(20):
        try:
            async with db.write(SYSTEM, unaudited=_BOOKKEEPING) as tx:
                return await _store(tx, source, kind, body)
        except IntegrityError:
            continue  # another node stored this one, or took this number: look again
    raise Unavailable(what="database")


async def _store(tx: Transaction, source: str, kind: str, body: Mapping[str, Any]) -> Notice | None:
    known = await tx.first(select(notice).where(notice.c.source == source))
    if known is not None:
        return _notice(known)
    names = await directory.people(tx, {body["person"], body.get("by", "")})
    recipient = names.get(body["person"])
    if recipient is None:
        return None
    by = names.get(body.get("by", ""))
    made = Notice(
        id=tx.new_id(),
        person_id=recipient.id,
        number=await last_number(tx, recipient.id) + 1,
        kind=kind,
        params={"by": by.name if by else SYSTEM.name} | await _about(tx, body),
        path=path_of(kind, body),
        created_at=tx.now,
        read_at=None,
    )
    reached = recipient.email and recipient.disabled_at is None
    wanted = await preferences.wanted(tx, recipient.id, kind, Channel.MAIL)
    by_mail = wanted and reached and not await _unread_by_mail(tx, made)
    mail = {"mail_due_at": tx.now if by_mail else None, "mail_attempts": 0, "mailed_at": None}
    await tx.insert(notice, **msgspec.structs.asdict(made), **mail, source=source)
    return made


async def _about(tx: Transaction, body: Mapping[str, Any]) -> dict[str, str]:
    """``case``, the number of the case, and ``urgency``, of the consult: kept for the screen, and in no mail."""
    if "consult" in body:
        asked = await tx.first(
            select(case.c.number, consult.c.urgency)
            .join(case, case.c.id == consult.c.case_id)
            .where(consult.c.id == body["consult"])
        )
        if asked is not None:
            return {"case": asked["number"], "urgency": asked["urgency"]}
    if "room" in body:
        number = select(case.c.number).join(room, room.c.case_id == case.c.id).where(room.c.id == body["room"])
    elif "case" in body:
        number = select(case.c.number).where(case.c.id == body["case"])
    else:
        return {}
    found = await tx.first(number)
    return {} if found is None else {"case": found["number"]}


async def _unread_by_mail(tx: Transaction, made: Notice) -> bool:
    """Whether a mail about the same thing already went out or will: ten lines of discussion are one mail, until read."""
    return bool(
        await tx.scalar(
            select(func.count()).where(
                notice.c.person_id == made.person_id,
                notice.c.kind == made.kind,
                notice.c.path == made.path,
                notice.c.read_at.is_(None),
                notice.c.mailed_at.is_not(None) | notice.c.mail_due_at.is_not(None),
            )
        )
    )


async def last_number(reader: Reader, person_id: str) -> int:
    """The number of a person's latest notice; 0 before the first."""
    return await reader.scalar(select(func.max(notice.c.number)).where(notice.c.person_id == person_id)) or 0


async def number_of(reader: Reader, person_id: str, notice_id: str) -> int | None:
    """The number of one of a person's own notices; None: not theirs, or none such."""
    found: int | None = await reader.scalar(
        select(notice.c.number).where(notice.c.id == notice_id, notice.c.person_id == person_id)
    )
    return found


async def unread(reader: Reader, person_id: str) -> int:
    return int(
        await reader.scalar(select(func.count()).where(notice.c.person_id == person_id, notice.c.read_at.is_(None)))
    )


async def latest(reader: Reader, person_id: str) -> list[Notice]:
    """The last LISTED notices, newest first."""
    rows = await reader.all(
        select(notice).where(notice.c.person_id == person_id).order_by(notice.c.number.desc()).limit(LISTED)
    )
    return [_notice(row) for row in rows]


async def after(reader: Reader, person_id: str, number: int) -> list[Notice]:
    """The notices that came after the one of this number, oldest first; at most LISTED at once."""
    rows = await reader.all(
        select(notice)
        .where(notice.c.person_id == person_id, notice.c.number > number)
        .order_by(notice.c.number)
        .limit(LISTED)
    )
    return [_notice(row) for row in rows]


async def mark_read(db: Database, actor: Actor, up_to: int) -> None:
    """All notices of this person up to this number are read; what was not mailed yet need not be."""
    async with db.write(actor, unaudited="one's own notices") as tx:
        await tx.execute(
            update(notice)
            .where(notice.c.person_id == actor.person_id, notice.c.number <= up_to, notice.c.read_at.is_(None))
            .values(read_at=tx.now, mail_due_at=None)
        )


async def mark_shown(db: Database, actor: Actor, path: str) -> bool:
    """What led this person to ``path`` is read; whether there was something."""
    theirs = (notice.c.person_id == actor.person_id) & (notice.c.path == path) & notice.c.read_at.is_(None)
    async with db.read() as reader:
        if not await reader.scalar(select(func.count()).where(theirs)):
            return False
    async with db.write(actor, unaudited="one's own notices") as tx:
        await tx.execute(update(notice).where(theirs).values(read_at=tx.now, mail_due_at=None))
    return True


async def unread_at(reader: Reader, person_id: str, paths: Iterable[str]) -> list[Notice]:
    """This person's unread notices that lead to one of ``paths``, the latest of each, oldest first."""
    rows = await reader.all(
        select(notice)
        .where(notice.c.person_id == person_id, notice.c.path.in_(set(paths)), notice.c.read_at.is_(None))
        .order_by(notice.c.number)
    )
    return list({row["path"]: _notice(row) for row in rows}.values())


async def claim_letters(db: Database, limit: int) -> list[Letter]:
    """Take up to ``limit`` mails that are due, oldest first. They come back after HOLD unless ``mailed`` or ``not_mailed``. Who
    was suspended meanwhile gets none."""
    async with db.read() as reader:
        if not await reader.scalar(select(func.count()).where(notice.c.mail_due_at <= reader.now)):
            return []
    async with db.write(SYSTEM, unaudited=_BOOKKEEPING) as tx:
        rows = await tx.all(
            select(notice, person.c.email, person.c.language, person.c.disabled_at, person.c.first_seen_at)
            .join(person, person.c.id == notice.c.person_id)
            .where(notice.c.mail_due_at <= tx.now)
            .order_by(notice.c.mail_due_at)
            .limit(limit)
            .with_for_update(of=notice, skip_locked=True)
        )
        wanted = [row for row in rows if row["disabled_at"] is None]
        await tx.execute(
            update(notice)
            .where(notice.c.id.in_([row["id"] for row in wanted]))
            .values(mail_due_at=tx.now + HOLD, mail_attempts=notice.c.mail_attempts + 1)
        )
        out = [row["id"] for row in rows if row["disabled_at"] is not None]
        await tx.execute(update(notice).where(notice.c.id.in_(out)).values(mail_due_at=None))
    return [
        Letter(
            row["id"],
            row["email"],
            row["language"],
            row["path"],
            row["mail_attempts"] + 1,
            row["created_at"],
            person_id=row["person_id"],
            newcomer=row["first_seen_at"] is None,
        )
        for row in wanted
    ]


async def mailed(db: Database, notice_id: str) -> None:
    """The mail was handed over: never again."""
    async with db.write(SYSTEM, unaudited=_BOOKKEEPING) as tx:
        await tx.execute(update(notice).where(notice.c.id == notice_id).values(mailed_at=tx.now, mail_due_at=None))


async def not_mailed(db: Database, letter: Letter, *, for_good: bool = False) -> None:
    """The mail was not handed over: try later, or never when it cannot be (``for_good``). The screen still tells it."""
    delay = None if for_good else delay_after(letter.attempts)
    async with db.write(SYSTEM, unaudited=_BOOKKEEPING) as tx:
        due = None if delay is None else tx.now + delay
        # Only if still to send: it may have been read on screen meanwhile.
        still = (notice.c.id == letter.notice_id) & notice.c.mail_due_at.is_not(None)
        await tx.execute(update(notice).where(still).values(mail_due_at=due))


def _notice(row: RowMapping) -> Notice:
    return msgspec.convert({str(name): value for name, value in row.items()}, Notice)
