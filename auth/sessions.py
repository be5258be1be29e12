"""How long a session lives. Pure.

signed in ──(idle: no sign of the person)──► idle
    │  └─────(at expires_at)──────────────► expired
    └────────(logout, another session)────► ended
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from auth.model import Session
from telepath.errors import Invalid

LONGEST: Final = timedelta(hours=4)
LONGEST_IDLE: Final = timedelta(minutes=30)
# Pro Santé Connect, API error page: its own session lasts four hours at most, 30 minutes without activity. Draft RIE v2,
# RIE-PS 13: the session of the application must not outlive the provider's.

TOUCH_AFTER: Final = timedelta(minutes=1)
"""``seen_at`` is written at most this often, and more often where the idle time is short."""
LOGIN_LIFE: Final = timedelta(minutes=10)
"""How long somebody may take at the identity provider."""
LEEWAY: Final = timedelta(seconds=30)
"""How far the provider's clock may be from ours."""


class Limits(msgspec.Struct, frozen=True):
    """How long sessions live here. Raises Invalid: longer than the field's rules allow, or not positive."""

    longest: timedelta = LONGEST
    idle: timedelta = LONGEST_IDLE

    def __post_init__(self) -> None:
        if not timedelta() < self.longest <= LONGEST or not timedelta() < self.idle <= LONGEST_IDLE:
            raise Invalid(
                "error-session-limits",
                hours=LONGEST // timedelta(hours=1),
                minutes=LONGEST_IDLE // timedelta(minutes=1),
            )


class State(StrEnum):
    LIVING = "living"
    ENDED = "ended"
    EXPIRED = "expired"
    IDLE = "idle"


def state(session: Session, now: datetime, limits: Limits) -> State:
    """What has become of the session by ``now``."""
    if session.ended_at is not None:
        return State.ENDED
    if now >= session.expires_at:
        return State.EXPIRED
    if now - session.seen_at >= limits.idle:
        return State.IDLE
    return State.LIVING


def expiry(auth_time: datetime, limits: Limits) -> datetime:
    """Counted from the authentication at the provider, which single sign-on may hand over hours later."""
    return auth_time + limits.longest


def seen(session: Session, now: datetime, idle: timedelta | None, limits: Limits) -> datetime | None:
    """When the person was last there, if that is to be written down: ``idle`` before ``now``; None: nothing to write.

    ``idle``: how long the request says that nobody has done anything; None: it says nothing of a person. Time that was seen
    is never taken back, and never given in advance."""
    if idle is None or idle < timedelta():
        return None
    at = now - idle
    return at if at - session.seen_at >= min(TOUCH_AFTER, limits.idle / 30) else None
