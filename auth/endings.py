"""Sessions that end together for one reason: a person's, an institution's, those that stand on one emergency access.

Each function works in the caller's transaction, and records ``session.ended`` in it for every session. Pages, tiles and
sockets of all nodes are cut by the ``grant.revoked`` that telepath/sessions.py emits for each."""

from collections.abc import Awaitable, Callable
from functools import partial

from auth import repository, sessions
from auth.model import Session
from telepath.db.transaction import Transaction


async def of_person(tx: Transaction, person_id: str, reason: str, institution_id: str = "") -> int:
    """End the sessions of a person, everywhere or for one institution. Returns how many ended."""
    return await all_of(tx, partial(repository.not_ended, tx, person_id, institution_id), reason)


async def of_institution(tx: Transaction, institution_id: str, reason: str) -> int:
    """End the sessions of everybody who acts for this institution. Returns how many ended."""
    return await all_of(tx, partial(repository.not_ended, tx, "", institution_id), reason)


async def all_of(tx: Transaction, find: Callable[[], Awaitable[list[Session]]], reason: str) -> int:
    """End what ``find`` finds, until it finds nothing: a session that is replaced at this moment, by a step-up or the choice of
    an activity, goes on under another id. Returns how many ended."""
    number = 0
    while found := await find():
        for session in found:
            if await repository.end(tx, session.id):
                number += 1
                # It was over already, and nobody had noticed: it did not end for this reason.
                why = reason if session.expires_at > tx.now else sessions.State.EXPIRED.value
                await tx.audit("session.ended", session.ref, reason=why)
    return number
