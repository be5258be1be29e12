"""Sessions that end because somebody else says so: the identity provider, or who disables a person or an institution.

All of them end in the caller's transaction; pages, tiles and sockets of every node are cut by the ``grant.revoked`` that
telepath/slides/views.py emits for each."""

from collections.abc import Iterable

from auth import repository, sessions
from auth.model import Session
from telepath.access import ObjectRef
from telepath.db.transaction import Transaction


async def end_of_person(tx: Transaction, person_id: str, reason: str, *, institution_id: str = "") -> int:
    """End the sessions of a person, or those for one institution, and say why in the audit. Returns how many ended."""
    return await _end(tx, await repository.not_ended(tx, person_id, institution_id), reason)


async def end_of_institution(tx: Transaction, institution_id: str, reason: str) -> int:
    """End the sessions of everybody who acts for this institution. Returns how many ended."""
    return await _end(tx, await repository.not_ended(tx, "", institution_id), reason)


async def _end(tx: Transaction, found: Iterable[Session], reason: str) -> int:
    number = 0
    for session in found:
        if await repository.end(tx, session.id):
            number += 1
            # It was over already, and nobody had noticed: it did not end for this reason.
            why = reason if session.expires_at > tx.now else sessions.State.EXPIRED.value
            thing = ObjectRef("person", session.person_id, session.institution_id or "")
            await tx.audit("session.ended", thing, reason=why)
    return number
