"""Delivers what transactions left behind: events to people and nodes, mails, the audit's seal and its heads; and fires what is
due. Dispatches only.

Runs on every node; a row is one node's at a time, and what a crash leaves undone comes back. An event may therefore be
handled twice, and each handler is made so that the second time changes nothing.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from auth import break_glass, emergency, links
from realtime.bus import REVOKED, Bus
from telepath.anchors.pusher import Pusher
from telepath.background import Background
from telepath.db import audit_log, outbox, timers
from telepath.db.database import Database
from telepath.db.outbox import Event
from telepath.db.schema.audit import audit_pending
from telepath.db.timers import Handler
from telepath.errors import Invalid, Unavailable
from telepath.notices import store
from telepath.notices.channels import Mailer, compose
from telepath.notices.model import KINDS
from telepath.notices.store import Letter
from web.words import Words

SOON: Final = 0.25
"""Seconds between two looks while this process commits something: what a notice may be late by."""
LOOK_EVERY: Final = 1.0
"""Seconds between two looks otherwise: what another process left behind may be late by."""
FIRE_EVERY: Final = 0.5
"""Seconds between two looks for a timer that is due: what it may be late by."""
END_EVERY: Final = 5.0
"""Seconds between two looks for what is over: from its very end on it opens nothing, what is left is to record that."""
LETTERS: Final = 8
"""Mails under way at once."""
AFTER_FAILURE: Final = 2.0
"""Seconds before a loop that failed starts again: the database may be away for a while."""

log = logging.getLogger("telepath.relay")


Door: TypeAlias = Callable[[Letter], Awaitable[str]]
"""The path that a letter leads to instead of the page of its notice; "": to that page."""

_Loop: TypeAlias = tuple[str, Callable[[], Awaitable[bool]], float]
"""Its name, what is done, seconds between two times."""


def topic(person_id: str) -> str:
    """The bus topic on which one person's open pages listen."""
    return f"person:{person_id}"


class Relay:
    """``async with Relay(...)``: works until the block ends. Nothing is lost when it is cut short at any point."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        mailer: Mailer,
        words: Words,
        *,
        origin: str,
        sender: str,
        log_name: str,
        audit_key: Ed25519PrivateKey,
        pusher: Pusher | None = None,
        timed: Mapping[str, Handler] | None = None,
        door: Door | None = None,
    ) -> None:
        """``timed``: what is done when a timer of each kind is due. ``door``: where the letter of an expert
        who never came leads; None: to the page of the notice."""
        self._db = db
        self._bus = bus
        self._mailer = mailer
        self._words = words
        self._origin = origin
        self._sender = sender
        self._audit_key = audit_key
        self._log_name = log_name
        self._pusher = pusher
        self._timed = timed or {}
        self._door = door
        self._background = Background()
        self._handlers: dict[str, Callable[[Event], Awaitable[None]]] = dict.fromkeys(KINDS, self._notify)
        self._handlers["grant.revoked"] = self._revoke

    async def __aenter__(self) -> Self:
        prompt: list[_Loop] = [("deliver", self.deliver, SOON), ("seal", self.seal, SOON)]
        loops: list[_Loop] = [
            ("send_mail", self.send_mail, LOOK_EVERY),
            ("timers", self.fire, FIRE_EVERY),
            ("sign", self.sign, LOOK_EVERY),  # telepath/db/audit_log.py says when a head is due
            ("expire_links", partial(links.expire, self._db), END_EVERY),
            ("end_break_glass", partial(break_glass.end_expired, self._db), END_EVERY),
            ("end_emergency", partial(emergency.end_expired, self._db), END_EVERY),
        ]
        if self._pusher is not None:
            # Each in a loop of its own: an anchor that hangs delays no other.
            loops += [(f"push {one.name}", partial(self._pusher.push, one), LOOK_EVERY) for one in self._pusher.anchors]
        for name, step, rest in prompt:
            self._background.start(self._repeat(step, rest, LOOK_EVERY), name)
        for name, step, rest in loops:
            self._background.start(self._repeat(step, rest, rest), name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()

    async def _repeat(self, step: Callable[[], Awaitable[bool]], rest: float, longest: float) -> None:
        """Run ``step`` at once again while it says there is more, else when this process has committed something, but after
        ``rest`` seconds at the soonest and ``longest`` at the latest. Never ends by an error: a node whose relay had died would
        tell nobody anything."""
        while True:
            known = self._db.changes.count
            try:
                more = await step()
            except Unavailable as error:
                log.warning("relay waits: %s does not answer", error.params.get("what") or "something")
                await asyncio.sleep(AFTER_FAILURE)
            except Exception:
                log.exception("relay failed and starts again")
                await asyncio.sleep(AFTER_FAILURE)
            else:
                await asyncio.sleep(0 if more else rest)
                if not more and rest < longest:
                    await self._db.changes.after(known, longest - rest)

    # Events

    async def deliver(self) -> bool:
        """Deliver what is due, in order; whether there was something."""
        if not await outbox.waiting(self._db):
            return False
        events = await outbox.claim(self._db)
        for event in events:
            handler = self._handlers.get(event.kind)
            try:
                if handler is None:
                    # A newer node of the same service may know it (rolling update): it stays.
                    raise Invalid("error-event-unknown", kind=event.kind)
                await handler(event)
            except Exception:
                # One event that cannot be delivered must not stand in the way of the others.
                log.exception("event %d (%s) not delivered, attempt %d", event.position, event.kind, event.attempts)
                await outbox.later(self._db, event.position, _delay(event.attempts))
            else:
                await outbox.done(self._db, event.position)
        return bool(events)

    async def _notify(self, event: Event) -> None:
        made = await store.store(self._db, f"outbox:{event.position}", event.kind, event.body)
        if made is None:
            log.error("event %d (%s) is for somebody unknown", event.position, event.kind)
            return
        payload = json.dumps({"id": made.id, "kind": made.kind, "path": made.path}).encode()
        await self._bus.publish(topic(made.person_id), payload)

    async def _revoke(self, event: Event) -> None:
        await self._bus.publish(REVOKED, json.dumps(event.body).encode())

    # Mail

    async def send_mail(self) -> bool:
        """Send the mails that are due, a few at once; whether there was one."""
        letters = await store.claim_letters(self._db, LETTERS)
        # One that fails leaves none of the others under way alone.
        for failed in await asyncio.gather(*map(self._send, letters), return_exceptions=True):
            if failed is not None:
                raise failed
        return bool(letters)

    async def _send(self, letter: Letter) -> None:
        try:
            words = self._words(letter.language)
            asked = await self._door(letter) if self._door is not None else ""
            link = self._origin + (asked or letter.path)
            message = compose(
                sender=self._sender,
                to=letter.address,
                subject=words("asked-mail-subject") if asked else words("notices-mail-subject"),
                text=words("asked-mail-text", link=link) if asked else words("notices-mail-text", link=link),
                key=letter.notice_id,
                at=letter.written_at,
            )
            await self._mailer.send(message)
        except Unavailable:
            log.warning("mail of notice %s not sent, attempt %d", letter.notice_id, letter.attempts)
            await store.not_mailed(self._db, letter)
        except Invalid as error:
            log.error("mail of notice %s will never be taken: %s", letter.notice_id, error.code)
            await store.not_mailed(self._db, letter, for_good=True)
        else:
            await store.mailed(self._db, letter.notice_id)

    # Timers

    async def fire(self) -> bool:
        """Do what is due; whether there may be more."""
        return await timers.fire(self._db, self._timed) == timers.BATCH

    # Audit

    async def seal(self) -> bool:
        """Seal what is pending; whether there may be more. Who writes has the database between two times: to seal few at once
        costs nearly as much as to seal many."""
        async with self._db.read() as reader:
            if await reader.scalar(select(audit_pending.c.position).limit(1)) is None:
                return False
        return await audit_log.seal(self._db, self._log_name) == audit_log.BATCH

    async def sign(self) -> bool:
        """Sign the head of the log when it is due."""
        await audit_log.checkpoint(self._db, self._log_name, self._audit_key, due_only=True)
        return False


def _delay(attempts: int) -> timedelta:
    return min(timedelta(seconds=1 << min(attempts, 20)), timedelta(hours=1))
