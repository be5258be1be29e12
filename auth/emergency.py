"""Emergency access: signing in by a code while the identity provider is away. Off unless somebody activated it.

    off ──(an administrator, or the operator at their word)──► active ──(at ``until``, 24 hours at most; or ended before)──► off
                                                   └─ a code for one named member: once, within 15 minutes ──► a session

Draft RIE v2, RIE-PS 16: access in an emergency is activated by an administrator, for 24 hours at most, and traced. Such a
session ends with the activation, signs nothing, and has neither an expert's role nor an administrator's nor an auditor's
(telepath/standing.py): whoever makes codes was proven by the provider, or is named by whom has a shell on the server.

``activate``, ``end`` and ``make_code`` work in the caller's transaction; who may, is asked by the caller. The operator opens
nothing of their own: ``asked_by`` is the administrator at whose word they do, and is named wherever who did it is.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, func, select, update

from auth import actions, attempts, endings, repository, sessions
from auth.actions import SignedIn
from auth.attempts import Attempts
from auth.bearer import digest
from auth.model import LoginFailed, VerifiedIdentity
from auth.opening import nobody
from telepath import directory, grants, standing
from telepath.access import Action, Allowed, ObjectRef, institution_ref
from telepath.actor import EMERGENCY, SYSTEM, Actor, Origin, Role
from telepath.db.database import Database
from telepath.db.schema.auth import emergency, emergency_code
from telepath.db.schema.directory import institution, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound

LONGEST: Final = timedelta(hours=24)
CODE_LIFE: Final = timedelta(minutes=15)
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U, which are mistaken for others."""
GROUPS, GROUP = 7, 4
"""28 letters of 5 bits: 140 bits, in groups that can be read aloud."""
TOLD: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


class Emergency(msgspec.Struct, frozen=True):
    """A row of ``emergency``."""

    id: str
    institution_id: str
    activated_by: str
    activated_at: datetime
    until: datetime
    ended_at: datetime | None

    @property
    def ref(self) -> ObjectRef:
        return institution_ref(self.institution_id)


class Code(msgspec.Struct, frozen=True):
    """That somebody was given a code; never the code."""

    person_id: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


async def require(reader: Reader, actor: Actor, institution_id: str) -> Allowed:
    """Raises Refused: not an administrator there."""
    place = institution_ref(institution_id)
    return await grants.require(reader, actor, Action.EMERGENCY_ACTIVATE, place)


async def active(reader: Reader, institution_id: str) -> Emergency | None:
    row = await reader.first(select(emergency).where(emergency.c.institution_id == institution_id, _is_active(reader)))
    return None if row is None else msgspec.convert(row, Emergency)


async def anywhere(reader: Reader) -> bool:
    """Whether it is active for any institution: the door says so to everybody."""
    return bool(await reader.scalar(select(func.count()).select_from(emergency).where(_is_active(reader))))


async def codes(reader: Reader, emergency_id: str) -> list[Code]:
    """The latest first."""
    rows = await reader.all(
        select(emergency_code)
        .where(emergency_code.c.emergency_id == emergency_id)
        .order_by(emergency_code.c.made_at.desc(), emergency_code.c.person_id)
    )
    return [Code(row["person_id"], row["made_at"], row["expires_at"], row["used_at"]) for row in rows]


async def eligible(reader: Reader, institution_id: str) -> frozenset[str]:
    """The members to whom a code would leave something to do."""
    return frozenset(await directory.holding(reader, institution_id, standing.IN_EMERGENCY))


async def administers(reader: Reader, institution_id: str, person_id: str) -> bool:
    """Whether this person is an administrator there, and not suspended. Without a session: for ``asked_by``."""
    return person_id in await directory.holding(reader, institution_id, {Role.ADMINISTRATOR})


async def activate(
    tx: Transaction, institution_id: str, span: timedelta, because: Allowed | None = None, *, asked_by: str = ""
) -> Emergency:
    """Let codes be made for this institution. Its administrators and auditors are told.

    Raises Conflict: it is active already; Invalid: longer than a day, or no time at all."""
    if not timedelta() < span <= LONGEST:
        raise Invalid("error-emergency-span", hours=LONGEST // timedelta(hours=1))
    # The row is locked: of two who activate at once one comes second.
    place = select(institution.c.id).where(institution.c.id == institution_id, institution.c.disabled_at.is_(None))
    if await tx.scalar(place.with_for_update(key_share=True)) is None:
        raise NotFound
    if await active(tx, institution_id) is not None:
        raise Conflict("error-emergency-active")
    who = asked_by or tx.actor.person_id
    made = Emergency(tx.new_id(), institution_id, who, tx.now, tx.now + span, None)
    await tx.insert(emergency, **msgspec.structs.asdict(made))
    until = made.until.astimezone(UTC).isoformat(timespec="seconds")
    said = _said(asked_by)
    await tx.audit("emergency.activated", made.ref, because=because, emergency=made.id, until=until, **said)
    # An administrator whom the operator named hears of it too: they may not know.
    for one in sorted(await _told(tx, institution_id)):
        await tx.emit("emergency.activated", person=one, by=who)
    return made


async def end(tx: Transaction, found: Emergency, because: Allowed | None = None) -> bool:
    """End it, and every session that a code of it opened; whether it was this call that did. All nodes hear of it."""
    ended = await tx.execute(
        update(emergency).where(emergency.c.id == found.id, emergency.c.ended_at.is_(None)).values(ended_at=tx.now)
    )
    if ended.rowcount != 1:
        return False
    await endings.all_of(tx, partial(repository.of_emergency, tx, found.id), "emergency-ended")
    await tx.audit("emergency.ended", found.ref, because=because, emergency=found.id)
    for one in sorted(await _told(tx, found.institution_id)):
        await tx.emit("emergency.ended", person=one, by=tx.actor.person_id)
    return True


async def end_expired(db: Database) -> bool:
    """Record the end of what has come to it by itself; whether there was one. The sessions that it let in ended at that instant
    by themselves. Called now and then, by any node."""
    async with db.read() as reader:
        due = await reader.all(select(emergency).where(emergency.c.ended_at.is_(None), emergency.c.until <= reader.now))
    for row in due:
        async with db.write(SYSTEM, unaudited="another node may have ended it first") as tx:
            await end(tx, msgspec.convert(row, Emergency))
    return bool(due)


async def make_code(
    tx: Transaction, found: Emergency, person_id: str, because: Allowed | None = None, *, asked_by: str = ""
) -> str:
    """Return a new code of this member, to be given to them and shown never again. One that they had before is worth nothing.

    Raises Invalid: not a member, or one to whom a code would leave nothing to do; Conflict: it has ended meanwhile."""
    standing_now = await tx.scalar(select(emergency.c.id).where(emergency.c.id == found.id, _is_active(tx)))
    if standing_now is None:
        raise Conflict("error-emergency-over")
    if person_id not in await eligible(tx, found.institution_id):
        raise Invalid("error-emergency-person")
    code = written(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP))
    await tx.execute(
        update(emergency_code)
        .where(
            emergency_code.c.person_id == person_id,
            emergency_code.c.used_at.is_(None),
            emergency_code.c.expires_at > tx.now,
        )
        .values(expires_at=tx.now)
    )
    await tx.insert(
        emergency_code,
        code=digest(code),
        emergency_id=found.id,
        person_id=person_id,
        made_at=tx.now,
        expires_at=min(tx.now + CODE_LIFE, found.until),
    )
    whose = ObjectRef("person", person_id, found.institution_id)
    await tx.audit("emergency.code-made", whose, because=because, emergency=found.id, **_said(asked_by))
    return code


async def sign_in(
    db: Database,
    counts: Attempts,
    subject_name_id: str,
    code: str,
    *,
    return_to: str,
    cookie: str,
    limits: sessions.Limits,
    origin: Origin,
) -> SignedIn:
    """Open a session by a code, as it was typed. ``cookie``: that of the session which this browser may still have; it ends.

    Raises LoginFailed: tried too often; or no such code: of somebody else, used, too old, never made. One answer to all."""
    who = nobody(origin)
    typed: dict[str, str] = {}
    try:
        # Not counted by person: whoever knows somebody's number could keep them out.
        if not counts.allow(attempts.CODE, attempts.network(origin.address), db.clock()):
            raise LoginFailed("error-login-too-many")
        # Whoever types somebody's number is not therefore that somebody: not until the code holds.
        typed = {"number": subject_name_id}
        known = msgspec.structs.replace(who, subject_name_id=subject_name_id, acr=EMERGENCY)
        async with db.write(known) as tx:
            emergency_id = await _use(tx, subject_name_id, code)
            now = tx.now
        who, typed = known, {}
        return await actions.sign_in(
            db,
            VerifiedIdentity(
                subject_name_id=subject_name_id,
                subject="",
                acr=EMERGENCY,
                auth_mode="CODE",
                auth_time=now,
                id_token="",
                provider=EMERGENCY,
            ),
            return_to,
            cookie,
            limits,
            origin,
            emergency_id=emergency_id,
        )
    except LoginFailed as failure:
        failure.return_to = return_to
        await db.refusals.record(who, "session.refused", reason=f"emergency-{failure.reason}", private=typed)
        raise


async def _use(tx: Transaction, subject_name_id: str, code: str) -> str:
    """Use up a code; return the id of the emergency access that it is of. Raises LoginFailed: there is no such code."""
    key = digest(normal(code))
    row = await tx.first(
        select(emergency.c.id, emergency.c.institution_id, emergency_code.c.person_id)
        .join(emergency_code, emergency_code.c.emergency_id == emergency.c.id)
        .join(person, person.c.id == emergency_code.c.person_id)
        .where(
            emergency_code.c.code == key,
            emergency_code.c.expires_at > tx.now,
            person.c.subject_name_id == subject_name_id,
            _is_active(tx),
        )
    )
    if row is None:
        raise LoginFailed("error-login-code")
    used = await tx.execute(
        update(emergency_code)
        .where(emergency_code.c.code == key, emergency_code.c.used_at.is_(None))
        .values(used_at=tx.now)
    )
    if used.rowcount != 1:
        raise LoginFailed("error-login-code")
    place = row["institution_id"]
    tx.actor = msgspec.structs.replace(tx.actor, person_id=row["person_id"], institution_id=place)
    await tx.audit("emergency.code-used", ObjectRef("person", row["person_id"], place), emergency=row["id"])
    # Its owner too: that is how they learn of a code that went astray.
    for one in sorted(await _told(tx, place) | {row["person_id"]}):
        await tx.emit("emergency.code-used", person=one, by=row["person_id"])
    return str(row["id"])


def written(letters: Iterable[str]) -> str:
    """A code as it is shown: ``7QK2-M4XD-…``."""
    text = "".join(letters)
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def normal(typed: str) -> str:
    """A code as it is shown, from how somebody typed it: small letters, other groups, O for zero, I and L for one."""
    letters = (letter for letter in typed.upper().translate(_MISTAKEN) if letter in ALPHABET)
    return written(letters)


_MISTAKEN: Final = str.maketrans("OIL", "011")


def _is_active(reader: Reader) -> ColumnElement[bool]:
    return emergency.c.ended_at.is_(None) & (emergency.c.until > reader.now)


def _said(asked_by: str) -> dict[str, Any]:
    return {"asked_by": asked_by} if asked_by else {}


async def _told(tx: Transaction, institution_id: str) -> set[str]:
    """Its administrators and auditors, but not who did it."""
    return {*await directory.holding(tx, institution_id, TOLD)} - {tx.actor.person_id}
