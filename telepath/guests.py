"""What guests without an account hold, kept in step with what they were invited to: rights are given to their share link.

auth/links.py makes and withdraws the links. Here stands what others must do to them: a consult gets one more slide, a room
shows another one, either is over, an institution or a person is suspended, who invited leaves. Each function works in the
caller's transaction, which records why."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, or_, select, update

from telepath import sessions
from telepath.access import ObjectRef, Right
from telepath.db.schema.auth import session
from telepath.db.schema.directory import person
from telepath.db.schema.links import share_link
from telepath.db.transaction import Reader, Transaction

BECAUSE: Final = "link"
ON_SLIDES: Final = frozenset({Right.VIEW, Right.ANNOTATE})
"""Of the rights of a link, those that it gives on slides; on a room it gives all that it has."""


class Invited(msgspec.Struct, frozen=True):
    """A link that stands: who has it may do ``rights`` on its consult or room from now, or later, until ``until``."""

    id: str
    institution_id: str
    case_id: str
    person_id: str
    """The guest."""
    rights: frozenset[Right]
    until: datetime

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("link", self.id, self.institution_id, case_id=self.case_id)


async def to(reader: Reader, kind: str, key: str) -> list[Invited]:
    """The standing links to one consult or room, oldest first."""
    return await _standing(reader, (share_link.c.object_kind == kind) & (share_link.c.object_id == key))


async def give_slides(tx: Transaction, one: Invited, slides: Iterable[str]) -> None:
    """Let whoever has the link see these slides, and mark them if it says so."""
    for slide_id in slides:
        await tx.grant(
            (BECAUSE, one.id),
            ("slide", slide_id),
            one.rights & ON_SLIDES,
            because=BECAUSE,
            because_id=one.id,
            until=one.until,
        )


async def slide_added(tx: Transaction, case_id: str, slide_id: str) -> None:
    """A case has one more slide: the guests of its consults see it like the others."""
    of_case = (share_link.c.object_kind == "consult") & (share_link.c.case_id == case_id)
    for one in await _standing(tx, of_case):
        await give_slides(tx, one, [slide_id])


async def slide_shown(tx: Transaction, room_id: str, before: str, after: str) -> None:
    """A room shows another slide: its guests see that one, and no longer the one before."""
    for one in await to(tx, "room", room_id):
        await tx.withdraw((BECAUSE, one.id), ("slide", before))
        await give_slides(tx, one, [after])


async def over(tx: Transaction, kind: str, key: str) -> None:
    """A consult was taken back, or a room closed: so are the links to it, and all that is open through them."""
    await _withdraw(tx, await to(tx, kind, key), f"{kind}-over")


async def institution_suspended(tx: Transaction, institution_id: str) -> None:
    """Nobody acts for an institution any more: its links are over. They stay so when it is restored: new ones are made."""
    await _withdraw(tx, await _standing(tx, share_link.c.institution_id == institution_id), "institution-suspended")


async def person_suspended(tx: Transaction, person_id: str) -> None:
    """A person is let in no more: nor is whom they invited, for whom nobody else has answered. As for an institution."""
    theirs = or_(share_link.c.made_by == person_id, share_link.c.person_id == person_id)
    await _withdraw(tx, await _standing(tx, theirs), "person-suspended")


async def maker_left(tx: Transaction, person_id: str, institution_id: str) -> None:
    """A person may no longer invite for an institution: nobody there answers for those whom they invited.

    Their membership is changed in this transaction already: who makes a link as them at this moment holds their row, and is
    waited for, or waits and finds what they are then."""
    await tx.scalar(select(person.c.id).where(person.c.id == person_id).with_for_update(key_share=True))
    theirs = (share_link.c.made_by == person_id) & (share_link.c.institution_id == institution_id)
    await _withdraw(tx, await _standing(tx, theirs), "membership")


async def end(tx: Transaction, one: Invited) -> None:
    """Let a link open nothing from now: its rights end, and the sessions of whoever is in by it."""
    over = {"ended_at": tx.now, "code": "", "version": share_link.c.version + 1}
    await tx.execute(update(share_link).where(share_link.c.id == one.id).values(over))
    of_link = (session.c.link_id == one.id) & session.c.ended_at.is_(None)
    for row in await tx.all(select(session.c.id).where(of_link)):
        if await sessions.end(tx, row["id"]):
            await tx.audit("session.ended", ObjectRef("person", one.person_id, one.institution_id), reason="link-over")
    await tx.revoke(BECAUSE, one.id)


async def _withdraw(tx: Transaction, ending: Iterable[Invited], reason: str) -> None:
    for one in ending:
        await end(tx, one)
        await tx.audit("link.withdrawn", one.ref, reason=reason)


async def _standing(reader: Reader, which: ColumnElement[bool]) -> list[Invited]:
    rows = await reader.all(
        select(share_link)
        .where(which, share_link.c.ended_at.is_(None), share_link.c.expires_at > reader.now)
        .order_by(share_link.c.id)
    )
    return [
        Invited(
            row["id"],
            row["institution_id"],
            row["case_id"],
            row["person_id"],
            frozenset(Right(right) for right in row["rights"]),
            row["expires_at"],
        )
        for row in rows
    ]
