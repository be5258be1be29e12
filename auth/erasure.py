"""Erases a practitioner who left and signed nothing: directory, sessions, and the key under which the audit says who and where.

Who signed an opinion is part of a medical record, and so is from where: they cannot be erased, and the refusal says so."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import case, delete, func, select, update

from telepath.access import ObjectRef
from telepath.actor import Actor, Subject
from telepath.cases.erasure import Erasure, Listed, Reason, motive
from telepath.db import remains
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.consults import (
    consult,
    duty,
    offer,
    opinion,
    pool_member,
    preferred_expert,
    reading,
    routing_rule,
    saved_filter,
)
from telepath.db.schema.directory import absence, credential, expertise, invitation, membership, person
from telepath.db.schema.notices import notice
from telepath.db.schema.slides import slide_view
from telepath.db.transaction import Reader, Transaction
from telepath.directory import called
from telepath.errors import Forbidden, NotFound

NAMELESS: Final = "—"
"""Stands where the name stood."""
EMPTIED: Final[dict[str, str]] = {
    "title": "",
    "given_name": "",
    "family_name": NAMELESS,
    "profession": "",
    "know_how": "",
    "email": "",
}
"""What is written over the columns of a person; ``subject_name_id`` becomes one that nobody signs in with."""
TOUCHED: Final = (
    person,
    membership,
    expertise,
    credential,
    session,
    notice,
    absence,
    pool_member,
    duty,
    routing_rule,
    saved_filter,
    preferred_expert,
)


async def check(reader: Reader, person_id: str) -> str:
    """The person's name. Raises NotFound: nobody, or erased already; Forbidden: they signed opinions, or have work open."""
    row = await reader.one(select(person).where(person.c.id == person_id))
    if row["subject_name_id"] == _nobody(person_id):
        raise NotFound
    signed = await reader.scalar(select(func.count()).select_from(opinion).where(opinion.c.author_id == person_id))
    if signed:
        raise Forbidden("error-erase-signed", count=signed)
    waiting = (
        select(consult.c.id).where(consult.c.requester_id == person_id, consult.c.status.in_(("active", "on-hold"))),
        select(offer.c.id).where(offer.c.expert_id == person_id, offer.c.status == "proposed"),
        select(reading.c.id).where(
            reading.c.expert_id == person_id, reading.c.status.in_(("requested", "accepted", "in-progress"))
        ),
    )
    open_work = sum([len(await reader.all(statement)) for statement in waiting])
    if open_work:
        raise Forbidden("error-erase-open-work", count=open_work)
    return called(row["title"], row["given_name"], row["family_name"])


async def living(reader: Reader, person_ids: Collection[str]) -> set[str]:
    """Those of these people who are in the directory and not erased."""
    rows = await reader.all(select(person.c.id, person.c.subject_name_id).where(person.c.id.in_(person_ids)))
    return {row["id"] for row in rows if row["subject_name_id"] != _nobody(row["id"])}


async def erase_person(
    db: Database, actor: Actor, person_id: str, reason: Reason, why: str, listed: Listed, *, anew: bool = False
) -> bool:
    """Erase a person. ``why`` as for a case. ``anew``: an older copy of the database came back, and it was decided before.

    Returns whether nothing remains in the database's own files. Raises as ``check``; Invalid: as ``motive``; Unavailable."""
    async with db.write(actor) as tx:
        row = await tx.one(select(person).where(person.c.id == person_id).with_for_update())
        if row["subject_name_id"] == _nobody(person_id):
            raise NotFound
        if not anew:
            await check(tx, person_id)
            why = motive(why, (row["family_name"], row["email"], row["subject_name_id"]))
        name = called(row["title"], row["given_name"], row["family_name"])
        await _forget(tx, person_id, name)
        await tx.keys.destroy(tx.connection, tx.now, Subject("person", person_id))
        await tx.audit("subject.erased", ObjectRef("person", person_id, ""), private={"motive": why}, reason=reason)
        await listed(Erasure(Subject("person", person_id), reason, tx.now))
    return await remains.wipe(db, TOUCHED)


async def _forget(tx: Transaction, person_id: str, name: str) -> None:
    await tx.revoke_of(("person", person_id))
    views = (slide_view.c.person_id == person_id) & slide_view.c.revoked_at.is_(None)
    await tx.execute(update(slide_view).where(views).values(revoked_at=tx.now))
    await tx.execute(
        update(session)
        .where(session.c.person_id == person_id)
        .values(
            subject="",
            id_token="",
            provider_session="",
            finess=[],
            practices=[],
            activity=None,
            refresh="",
            refresh_due_at=None,
            ended_at=func.coalesce(session.c.ended_at, tx.now),
        )
    )
    await tx.emit("grant.revoked", because="erased", because_id=person_id)
    for table in (membership, expertise, pool_member, absence, saved_filter, preferred_expert):
        await tx.execute(delete(table).where(table.c.person_id == person_id))
    await tx.execute(delete(preferred_expert).where(preferred_expert.c.expert_id == person_id))
    await tx.execute(
        update(credential)
        .where(credential.c.person_id == person_id)
        .values(number="", withdrawn_at=func.coalesce(credential.c.withdrawn_at, tx.now))
    )
    coming = case((duty.c.ends_at > tx.now, tx.now), else_=duty.c.withdrawn_at)
    await tx.execute(update(duty).where(duty.c.person_id == person_id).values(phone="", withdrawn_at=coming))
    await tx.execute(
        update(routing_rule)
        .where(routing_rule.c.target_kind == "person", routing_rule.c.target_id == person_id)
        .values(note="", ended_at=func.coalesce(routing_rule.c.ended_at, tx.now))
    )
    await tx.execute(
        update(invitation)
        .where(invitation.c.person_id == person_id, invitation.c.accepted_at.is_(None))
        .values(withdrawn_at=func.coalesce(invitation.c.withdrawn_at, tx.now))
    )
    await tx.execute(delete(notice).where(notice.c.person_id == person_id))
    for told in await tx.all(select(notice).where(notice.c.params["by"].as_string() == name)):
        params: dict[str, Any] = {**told["params"], "by": NAMELESS}
        await tx.execute(update(notice).where(notice.c.id == told["id"]).values(params=params))
    await tx.execute(
        update(person).where(person.c.id == person_id).values(**EMPTIED, subject_name_id=_nobody(person_id))
    )


def _nobody(person_id: str) -> str:
    return f"erased {person_id}"
