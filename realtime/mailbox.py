"""What one follower is still to be sent, and how much of it may be under way. Pure: ``now`` is a monotonic clock in seconds.

Everything between us and the follower's screen is one queue: our buffer, the kernel's, the proxy's, the link, their event
loop. Whoever fills it makes the follower late by its length. So frames wait here, one slot each, where a newer one replaces
an older one; and only so many bytes are let out as the client has acknowledged. Facts wait in order and are never replaced.
"""

from collections import deque
from typing import Final

from realtime.frames import Slot

START: Final = 16 * 1024
"""Bytes under way at first."""
FLOOR: Final = 4 * 1024
CAP: Final = 1024 * 1024
SHRINK: Final = 0.8
GROW: Final = 1.25
QUEUEING: Final = 1.25
"""A round trip this much longer than the shortest one, plus SLACK, means that a queue has formed on the way."""
SLACK: Final = 0.028
"""Seconds that a round trip varies by itself: acks are up to 16 ms late, event loops some more."""
SILENCE: Final = 10.0
"""Seconds that anything may be under way without an ack."""
FACTS: Final = 2000
FACT_BYTES: Final = 1024 * 1024


class MailboxFull(Exception):
    """More facts wait than the follower will ever catch up with: close, and let them resume from the database."""


class LyingAck(ValueError):
    """More was acknowledged than was sent."""


class Outgoing:
    """What to send now, as one message: text, or frames."""

    __slots__ = ("payload", "text")

    def __init__(self, text: bool, payload: bytes) -> None:
        self.text, self.payload = text, payload


class Mailbox:
    """One follower's. The hub asks ``next`` until it answers None, and reports each message with ``sent``."""

    def __init__(self) -> None:
        self._facts: deque[bytes] = deque()
        self._fact_bytes = 0
        self._states: dict[str, bytes] = {}
        self._slots: dict[Slot, bytes] = {}
        self._under_way: deque[tuple[int, float]] = deque()
        self._bytes = 0
        self._sent = 0
        self._acked = 0
        self._shortest = float("inf")
        self._adapted = float("-inf")
        self._blocked = False
        self.budget = START

    @property
    def under_way(self) -> int:
        """Bytes that were sent and not acknowledged."""
        return self._bytes

    def put_fact(self, payload: bytes) -> None:
        """A message that must arrive, after those before it. Raises MailboxFull."""
        self._facts.append(payload)
        self._fact_bytes += len(payload)
        if len(self._facts) > FACTS or self._fact_bytes > FACT_BYTES:
            raise MailboxFull

    def put_state(self, key: str, payload: bytes) -> None:
        """A message of which only the newest matters: presence, tick."""
        self._states[key] = payload

    def put_frame(self, slot: Slot, record: bytes) -> None:
        """A record of which only the newest matters. A slot keeps its turn when its content is replaced."""
        self._slots[slot] = record

    def direct(self, size: int, now: float) -> bool:
        """Whether a message of ``size`` bytes may bypass the slots, because nothing waits and credit is left. The usual
        case: the same framed bytes then go to every follower."""
        if self._slots or self._facts or self._states or not self._fits(size):
            return False
        self.sent(size, now)
        return True

    def next(self) -> Outgoing | None:
        """The next message that credit allows, already taken out: facts first, so that an epoch is known before its
        frames."""
        if self._facts:
            if self._bytes >= self.budget:
                self._blocked = True
                return None
            fact = self._facts.popleft()
            self._fact_bytes -= len(fact)
            return Outgoing(True, fact)
        if self._states:
            if self._bytes >= self.budget:
                self._blocked = True
                return None
            return Outgoing(True, self._states.pop(next(iter(self._states))))
        if self._slots:
            if not self._fits(sum(map(len, self._slots.values()))):
                return None
            frames = b"".join(self._slots.values())
            self._slots.clear()
            return Outgoing(False, frames)
        return None

    def rest(self) -> list[bytes]:
        """The facts that still wait, all taken out, whatever the credit: for who cannot come back for them."""
        rest = list(self._facts)
        self._facts.clear()
        self._fact_bytes = 0
        return rest

    def sent(self, size: int, now: float) -> None:
        """One message of ``size`` bytes left."""
        self._sent += 1
        self._bytes += size
        self._under_way.append((size, now))

    def acked(self, received: int, now: float) -> None:
        """The client has received so many messages in all, modulo 2**32. Raises LyingAck: more than were sent."""
        fresh = (received - self._acked) % 2**32
        if fresh > 2**31:
            return  # an older ack, late
        if fresh > len(self._under_way):
            raise LyingAck
        since = now
        for _ in range(fresh):
            size, since = self._under_way.popleft()
            self._bytes -= size
        self._acked = (self._acked + fresh) % 2**32
        if fresh:
            self._adapt(now - since, now)

    def silent(self, now: float) -> bool:
        """Whether something is under way for so long that the follower must be gone."""
        return bool(self._under_way) and now - self._under_way[0][1] > SILENCE

    def _fits(self, size: int) -> bool:
        # A message larger than the whole budget still goes when nothing else is under way.
        fits = not self._bytes or self._bytes + size <= self.budget
        self._blocked = self._blocked or not fits
        return fits

    def _adapt(self, trip: float, now: float) -> None:
        """Once per round trip: less when a queue has formed, more when credit and nothing else held us back."""
        self._shortest = min(self._shortest, trip)
        if now - self._adapted < trip:
            return
        if trip > QUEUEING * self._shortest + SLACK:
            self.budget = max(FLOOR, int(self.budget * SHRINK))
        elif self._blocked:
            self.budget = min(CAP, int(self.budget * GROW))
        self._blocked = False
        self._adapted = now
