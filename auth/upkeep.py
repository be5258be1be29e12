"""Asks the identity provider, while a session is used, whether its own session of that person goes on.

    due (half of the token's life) ─claimed by one node─► refresh ─► the same person ──► due again
                                                            ├──────► another person ──► ended: other-person
                                                            ├──────► refused ─────────► ended: refresh-failed
                                                            ├──────► does not hold, ──► ended: refresh-unverified; what may be a
                                                            │        or not to us       hiccup is asked once more before
                                                            └──────► no answer ───────► tried again, until the token is worth
                                                                                        nothing: the session then lives on
                                                                                        to its own limit, without renewal
    due, but nobody was there for the idle time ──► ended: idle

Draft RIE v2, RIE-PS 13: the session of the application must not outlive the provider's. RFC 6749 6: a refresh may give another
refresh token, and the one before is worth nothing then: so one node asks at a time.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from sqlalchemy import select, update

from auth import refresh_tokens, repository, sessions, tokens
from auth.identity import IdentityProvider, Providers, Renewed, Unverified
from auth.model import LoginFailed, Session
from auth.refresh_tokens import Held
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.db.schema.auth import session as rows
from telepath.db.transaction import Transaction
from telepath.errors import Unavailable

LOOK_EVERY: Final = 5.0
"""Seconds between two looks for sessions that are due."""
AT_ONCE: Final = 8
"""Sessions of one look: a provider that hangs holds up no more than these."""
CLOSE_PATIENCE: Final = 6.0
"""Seconds that the end of a node waits for answers of providers, which take five at most."""
HOLD: Final = timedelta(seconds=30)
"""How long a node may take over a session before another may try."""
AGAIN_AFTER: Final = timedelta(seconds=60)
"""When a provider that did not answer is asked again."""

HICCUPS: Final = frozenset(
    {
        "access-token-missing",
        "access-token-type",
        "discovery-issuer",
        "id-token-missing",
        "key-unknown",
        "refresh-client-refused",
        "subject-name-id-missing",
        "userinfo-refused",
        "userinfo-unreadable",
    }
)
"""What a provider may answer for a moment: one of its nodes does not know yet what another gave out, something else answers in
its place, its register is away, or it refuses our client while its settings change. All the rest was said in full, and is
wrong."""

log = logging.getLogger("telepath.auth")


class Upkeep:
    """``async with Upkeep(...)``: renews sessions until the block ends. Runs on every node."""

    def __init__(
        self, db: Database, providers: Providers, limits: sessions.Limits, *, look_every: float = LOOK_EVERY
    ) -> None:
        self._db = db
        self._providers = providers
        self._limits = limits
        self._look_every = look_every
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._repeat(), name="renew sessions")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            # What is under way is finished: a provider that gave another token would take this one no more.
            self._stopping.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_PATIENCE):
                    await self._task

    async def _repeat(self) -> None:
        """Never ends by an error: sessions would outlive what they stand on."""
        while not self._stopping.is_set():
            try:
                more = await self.renew()
            except Unavailable:
                log.warning("sessions wait to be renewed: the database does not answer")
                more = False
            except Exception:
                log.exception("sessions could not be renewed")
                more = False
            if not more:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._look_every):
                        await self._stopping.wait()

    async def renew(self) -> bool:
        """Renew the sessions that are due, a few at once; whether there may be more. Raises Unavailable: the database."""
        async with self._db.read() as reader:
            due = await reader.all(
                select(rows.c.id)
                .where(rows.c.refresh_due_at <= reader.now, rows.c.ended_at.is_(None))
                .order_by(rows.c.refresh_due_at)
                .limit(AT_ONCE)
            )
        results = await asyncio.gather(*(self._renew(row["id"]) for row in due), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in failures[1:]:
            # The first is raised, and told of there.
            log.error("another session could not be renewed", exc_info=failure)
        if failures:
            raise failures[0]
        return len(due) == AT_ONCE

    async def _renew(self, session_id: str) -> None:
        claimed = await self._claim(session_id)
        if claimed is None:
            return
        session, actor, held = claimed
        provider = self._providers(session.provider)
        if provider is None or not held.token:
            log.error("a session cannot be renewed: its provider is unknown, or its token unreadable")
            await self._end(session, "refresh-failed")
            return
        try:
            await self._ask(provider, session, actor, held)
        except Unavailable as unavailable:
            if unavailable.code != "error-login-unavailable":
                raise
            await self._later(session)

    async def _ask(self, provider: IdentityProvider, session: Session, actor: Actor, held: Held) -> None:
        """Raises Unavailable: the provider does not answer, or the database."""
        try:
            renewed = await provider.refresh(held.token)
        except LoginFailed as failure:
            if failure.reason == "refresh-rejected":
                log.warning("a session was not renewed: %s", failure.reason)
                await self._end(session, "refresh-failed")
            else:
                await self._doubt(session, actor, held, Unverified("", session.refresh_until, failure))
            return
        except Unverified as unverified:
            await self._doubt(session, actor, held, unverified)
            return
        # A card swapped at the provider: what it vouches for now must never go on as somebody else's session here.
        if (renewed.subject, renewed.subject_name_id) != (session.subject, actor.subject_name_id):
            await self._end(session, "other-person")
            return
        try:
            tokens.check_same_login(renewed.authentication, held.login)
        except LoginFailed as failure:
            await self._doubt(session, actor, held, Unverified(renewed.refresh_token, renewed.refresh_until, failure))
            return
        if renewed.authentication.auth_time not in {None, held.login.auth_time}:
            # The same person, by a later login of theirs: the session stands on this one, and leaves the provider by its token.
            renewed = msgspec.structs.replace(renewed, id_token="")
        async with self._db.write(SYSTEM, unaudited="the session goes on as it was") as tx:
            await _keep(tx, session, held, renewed)

    async def _doubt(self, session: Session, actor: Actor, held: Held, given: Unverified) -> None:
        """End the session; or ask again soon, where the provider went away meanwhile, or this is its first hiccup."""
        if given.named.another_than(session.subject, actor.subject_name_id):
            await self._end(session, "other-person")
            return
        failed = given.failure.reason if isinstance(given.failure, LoginFailed) else ""
        log.warning("what came with a renewal cannot be believed: %s", failed or "the provider went away")
        if failed and (held.doubted or failed not in HICCUPS):
            await self._end(session, "refresh-unverified", failed=failed)
            return
        async with self._db.write(SYSTEM, unaudited="the session goes on as it was: asked again soon") as tx:
            await _keep(tx, session, held, given, due_at=tx.now + AGAIN_AFTER, doubted=held.doubted or bool(failed))

    async def _claim(self, session_id: str) -> tuple[Session, Actor, Held] | None:
        """The session, whose it is and its token, for this node alone; None: another one has it, or there is nothing to renew.
        Ends it where nobody is there any more."""
        async with self._db.write(SYSTEM, unaudited="another node may have it already") as tx:
            found = await repository.owner(tx, session_id)
            if found is None or found[0].refresh_due_at is None or found[0].refresh_due_at > tx.now:
                return None
            session = found[0]
            over = sessions.state(session, tx.now, self._limits)
            if over in {sessions.State.IDLE, sessions.State.EXPIRED}:
                if await repository.end(tx, session.id):
                    await tx.audit("session.ended", session.ref, reason=over.value)
                return None
            lapsed = session.refresh_until is not None and session.refresh_until <= tx.now
            due_at = None if lapsed else tx.now + HOLD
            if not await _set_due(tx, session, due_at) or lapsed:
                return None
            return session, found[1], await refresh_tokens.opened(tx, tx.keys, session)

    async def _later(self, session: Session) -> None:
        async with self._db.write(SYSTEM, unaudited="the provider did not answer: asked again later") as tx:
            await tx.execute(
                update(rows)
                .where(rows.c.id == session.id, rows.c.ended_at.is_(None))
                .values(refresh_due_at=tx.now + AGAIN_AFTER)
            )

    async def _end(self, session: Session, reason: str, **detail: Any) -> None:
        async with self._db.write(SYSTEM, unaudited="another request may have ended it first") as tx:
            if await repository.end(tx, session.id):
                await tx.audit("session.ended", session.ref, outcome="refused", reason=reason, **detail)


async def _keep(
    tx: Transaction,
    session: Session,
    before: Held,
    given: Renewed | Unverified,
    *,
    due_at: datetime | None = None,
    doubted: bool = False,
) -> None:
    """Keep what the provider gave with the session, or with the one that took its place while the provider was asked.
    ``due_at``: when to ask again, where that is not at half of the token's life."""
    for one in await repository.not_ended(tx, session.person_id):
        if one.provider != session.provider or await refresh_tokens.opened(tx, tx.keys, one) != before:
            continue
        held = Held(given.refresh_token or before.token, before.login, doubted)
        kept = await refresh_tokens.closed(tx, one.person_id, one.id, held, given.refresh_until)
        if isinstance(given, Renewed) and given.id_token:
            kept["id_token"] = given.id_token
        if due_at is not None and kept["refresh"]:
            kept["refresh_due_at"] = due_at
        moved = await tx.execute(update(rows).where(rows.c.id == one.id, rows.c.ended_at.is_(None)).values(kept))
        if not moved.rowcount:
            # It was being replaced at this moment, and the one in its place can be seen only now. It ends: there is no third.
            await _keep(tx, session, before, given, due_at=due_at, doubted=doubted)
            return


async def _set_due(tx: Transaction, session: Session, due_at: datetime | None) -> bool:
    """Whether it was this call that moved it: of two nodes that look at once, one asks the provider."""
    moved = await tx.execute(
        update(rows)
        .where(rows.c.id == session.id, rows.c.refresh_due_at == session.refresh_due_at, rows.c.ended_at.is_(None))
        .values(refresh_due_at=due_at)
    )
    return moved.rowcount == 1
