"""A guest comes in: by the address in their letter, and a code that is sent to the same mailbox.

    the address ──► ask_code ──► (letter with eight digits) ──► enter ──► a session of the link, four hours at most

Whatever is wrong with an address looks alike from outside: unknown, altered, too early, expired, withdrawn. The code lives ten
minutes and dies with five wrong tries; an address sends ten codes at most, one a minute. Guessing one address and one code has
2^256 × 10^8 possibilities, and how often one may guess is limited before that (auth/attempts.py): from one place, and of one
link. Nothing is limited for all links together: whoever invents addresses must not be able to shut out those who were invited.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import RowMapping, select, update

from auth import links, repository, sessions
from auth.attempts import GUEST_CODE, GUEST_GUESS, GUEST_LINK, GUEST_SITE, Attempts, network, site
from auth.bearer import digest, new_secret
from auth.links import GUEST, State, ref, state_of
from auth.model import Session
from auth.opening import end_previous, nobody, owner
from telepath import grants
from telepath.access import ObjectRef
from telepath.actor import Actor, Origin
from telepath.db.database import Database
from telepath.db.schema.directory import person
from telepath.db.schema.links import share_link
from telepath.db.transaction import Reader, Transaction
from telepath.slides import catalogue
from telepath.slides.catalogue import Slide

CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
CODES: Final = 10
CODE_EVERY: Final = timedelta(minutes=1)
SESSION: Final = timedelta(hours=4)
"""A guest's session lives so long at most, and never longer than the link."""
DIGITS: Final = 8
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""What an address carries: 32 bytes in base64url."""


class Try(StrEnum):
    """What becomes of a try at the door, before a code is looked at."""

    GO_ON = "go-on"
    NOTHING = "nothing"
    """There is no such link. Whoever asks is answered as if there were."""
    TOO_OFTEN = "too-often"


class Code(msgspec.Struct, frozen=True):
    """To be sent to the mailbox that the link was made for, and shown nowhere else."""

    key: str
    """Names the letter; says nothing of the link."""
    email: str
    language: str
    digits: str


async def may_guess(db: Database, attempts: Attempts, token: str, origin: Origin) -> Try:
    """Whether one more code may be tried from there; it counts then."""
    return await _tried(db, attempts, GUEST_GUESS, token, origin)


async def may_ask(db: Database, attempts: Attempts, token: str, origin: Origin) -> Try:
    """Whether one more code may be asked for from there; it counts then."""
    return await _tried(db, attempts, GUEST_CODE, token, origin)


async def _tried(db: Database, attempts: Attempts, here: str, token: str, origin: Origin) -> Try:
    """What cannot be a token counts nowhere; what is none of ours, of the place that it came from and of nobody else."""
    if not TOKEN.fullmatch(token):
        return Try.NOTHING
    now, wide, link = db.clock(), site(origin.address), digest(token)
    if not attempts.allow(here, network(origin.address), now) or (wide and not attempts.allow(GUEST_SITE, wide, now)):
        return Try.TOO_OFTEN
    if not attempts.left(GUEST_LINK, link, now):  # before the database is asked
        return Try.TOO_OFTEN
    async with db.read() as reader:
        if await reader.scalar(select(share_link.c.id).where(share_link.c.token == link)) is None:
            return Try.NOTHING
    return Try.GO_ON if attempts.allow(GUEST_LINK, link, now) else Try.TOO_OFTEN


async def ask_code(db: Database, token: str, origin: Origin) -> Code | None:
    """A new code for the link of this address; None: there is nothing to send, and whoever asked must not learn why."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    reason, row = "", None
    async with db.write(nobody(origin), unaudited="a code opens nothing yet; a refusal is recorded beside it") as tx:
        row = await _row(tx, token)
        if row is not None:
            reason = _closed(row, tx.now) or _too_many(row, tx.now)
            if not reason:
                await tx.execute(
                    update(share_link)
                    .where(share_link.c.id == row["id"])
                    .values(
                        code=_sealed(token, digits),
                        code_until=tx.now + CODE_LIFE,
                        code_tries=0,
                        codes_sent=row["codes_sent"] + 1,
                    )
                )
                return Code(secrets.token_hex(10), row["email"], row["language"], digits)
    await _refused(db, row, reason, origin)
    return None


async def enter(db: Database, token: str, digits: str, *, cookie: str, origin: Origin) -> str | None:
    """The cookie of a guest's session; None: the address or the code opens nothing, and nobody is told which.

    ``cookie``: that of the session which this browser may still have; it ends here."""
    secret = new_secret()
    async with db.write(nobody(origin), unaudited="a try counts; a refusal is recorded beside it") as tx:
        row = await _row(tx, token)
        reason = "" if row is None else _closed(row, tx.now) or _worthless(row, tx.now)
        if row is not None and not reason:
            if hmac.compare_digest(row["code"], _sealed(token, digits)):
                await _let_in(tx, row, secret, cookie, origin)
                return secret
            reason = "wrong-code"
            tries = row["code_tries"] + 1
            await tx.execute(update(share_link).where(share_link.c.id == row["id"]).values(code_tries=tries))
    await _refused(db, row, reason, origin)
    return None


async def _row(tx: Transaction, token: str) -> RowMapping | None:
    return await tx.first(
        select(share_link, person.c.email, person.c.language)
        .join(person, person.c.id == share_link.c.person_id)
        .where(share_link.c.token == digest(token))
        .with_for_update(of=share_link)
    )


def _closed(row: RowMapping, now: datetime) -> str:
    """Why the link lets nobody in now; empty: it does."""
    state = state_of(row["not_before"], row["expires_at"], row["ended_at"], now)
    return "" if state is State.OPEN else f"link-{state}"


def _too_many(row: RowMapping, now: datetime) -> str:
    """Why no further code is sent; empty: it is."""
    sent_at = row["code_until"] - CODE_LIFE if row["code_until"] else None
    soon = sent_at is not None and now - sent_at < CODE_EVERY
    return "too-many-codes" if soon or row["codes_sent"] >= CODES else ""


def _worthless(row: RowMapping, now: datetime) -> str:
    """Why no code can be right; empty: one can."""
    if not row["code"] or row["code_until"] is None or row["code_until"] <= now:
        return "no-code"
    return "too-many-tries" if row["code_tries"] >= CODE_TRIES else ""


def _sealed(token: str, digits: str) -> str:
    """What is stored of a code: without the address, which the database does not know either, it cannot be guessed."""
    return digest(f"{token} {digits}")


async def _let_in(tx: Transaction, row: RowMapping, secret: str, cookie: str, origin: Origin) -> None:
    await tx.execute(
        update(share_link)
        .where(share_link.c.id == row["id"])
        .values(code="", openings=row["openings"] + 1, opened_at=tx.now)
    )
    await end_previous(tx, cookie)
    new = Session(
        id=digest(secret),
        person_id=row["person_id"],
        institution_id=None,
        subject=f"{GUEST}:{row['person_id']}",
        acr=GUEST,
        auth_time=tx.now,
        id_token="",
        provider_session="",
        finess=(),
        created_at=tx.now,
        seen_at=tx.now,
        expires_at=min(tx.now + SESSION, row["expires_at"]),
        ended_at=None,
        provider=GUEST,
        auth_mode="mail-code",
        link_id=row["id"],
    )
    await repository.keep_session(tx, new)
    tx.actor = await owner(tx, new.id, origin)
    thing = ref(row["id"], row["institution_id"], row["case_id"])
    await tx.audit("link.opened", thing, scope=row["object_kind"], scope_id=row["object_id"])


async def seen(reader: Reader, actor: Actor) -> list[Slide]:
    """The slides that the guest is given now, by their labels."""
    given = {
        one.object_id
        for one in await grants.held_by(reader, actor)
        if one.object_kind == "slide" and (one.until is None or one.until > reader.now)
    }
    # A slide may be on its way out, or erased, and its right still there.
    shown = (one for one in (await catalogue.by_id(reader, given)).values() if one.folder)
    return sorted(shown, key=lambda one: (one.label, one.id))


async def lives(reader: Reader, actor: Actor, limits: sessions.Limits) -> bool:
    """Whether the guest's session and the link that let them in both go on. Raises NotFound: there is no such link."""
    session = await repository.session_by_id(reader, actor.session_id)
    if session is None or sessions.state(session, reader.now, limits) is not sessions.State.LIVING:
        return False
    return (await links.get(reader, actor.link_id)).state(reader.now) is State.OPEN


async def leave(db: Database, actor: Actor) -> None:
    """End the guest's session; the link lets them in again, by another code."""
    async with db.write(actor, unaudited="another request may have ended it first") as tx:
        if await repository.end(tx, actor.session_id):
            await tx.audit("session.ended", ObjectRef("person", actor.person_id, ""), reason="logout")


async def _refused(db: Database, row: RowMapping | None, reason: str, origin: Origin) -> None:
    """Whoever invents addresses must not be able to fill the audit: only what was tried at a link of ours is recorded."""
    if row is not None:
        thing = ref(row["id"], row["institution_id"], row["case_id"])
        await db.refusals.record(nobody(origin), "link.refused", thing, reason=reason)
