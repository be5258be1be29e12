"""What one follower is still to be sent, and how much of it may be under way. Pure: ``now`` is a monotonic clock in seconds.

Everything between us and the follower's screen is one queue: our buffer, the kernel's, the proxy's, the link, their event
loop. Whoever fills it makes the follower late by its length. So frames wait here, one slot each, where a newer one replaces
an older one; and only so many bytes are let out as the client has acknowledged. Facts wait in order and are never replaced.
"""

from typing import Final

from realtime.chorus import Chorus, Departure
from realtime.frames import Slot

START: Final = 16 * 1024
"""Bytes under way at first."""
FLOOR: Final = 4 * 1024
CAP: Final = 1024 * 1024
SHRINK: Final = 0.8
GROW: Final = 1.125
QUEUEING: Final = 1.15
"""A round trip this much longer than the shortest one, plus SLACK, means that a queue has formed on the way."""
SLACK: Final = 0.012
"""Seconds that a round trip varies by itself: event loops. What the client held its ack back is told, and taken off."""
UNTOLD: Final = 2048
"""Bytes that a client acknowledges at once; of fewer it may tell a second later. They hold nothing up: that second would be
the age of what waits for it."""
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

    __slots__ = (
        "_acked",
        "_adapted",
        "_blocked",
        "_chorus",
        "_fact_bytes",
        "_facts",
        "_shortest",
        "_slots",
        "_states",
        "_stream",
        "_under_way",
        "budget",
        "left",
        "since",
        "since_bytes",
        "waits",
    )

    def __init__(self) -> None:
        # Lists, not deques: each of those takes 0.7 KB though it is empty, and a node has thousands of followers.
        self._facts: list[bytes] = []
        self._fact_bytes = 0
        self._states: dict[str, bytes] = {}
        self._slots: dict[Slot, bytes] = {}
        self._under_way: list[Departure] = []
        self._chorus: Chorus | None = None
        self._stream = self.since = self.since_bytes = 0
        self._acked = 0
        self._shortest = float("inf")
        self._adapted = float("-inf")
        self._blocked = False
        self.budget = START
        self.left = START
        """Of the budget, the bytes that nothing is under way for; in a chorus, when it came there."""
        self.waits = False
        """Whether anything is to be sent."""

    @property
    def under_way(self) -> int:
        """Bytes that were sent and not acknowledged."""
        self.apart()
        return self.budget - self.left

    @property
    def messages(self) -> int:
        """How many were sent, in all, modulo 2**32."""
        self.apart()
        return (self._acked + len(self._under_way)) % 2**32

    def enter(self, chorus: Chorus, stream: int, file: int) -> None:
        """From now on get what the chorus gets: nothing waits, the socket ``file`` may be written to."""
        self.apart()
        self._chorus, self._stream = chorus, stream
        chorus.enter(stream, file, self)

    def apart(self) -> None:
        """Get nothing more that does not go through here, and count what left meanwhile."""
        chorus = self._chorus
        if chorus is not None:
            self._chorus = None
            self.left -= chorus.bytes - self.since_bytes
            self._under_way += chorus.leave(self._stream)

    def put_fact(self, payload: bytes) -> None:
        """A message that must arrive, after those before it. Raises MailboxFull."""
        self.apart()
        self._facts.append(payload)
        self._fact_bytes += len(payload)
        self.waits = True
        if len(self._facts) > FACTS or self._fact_bytes > FACT_BYTES:
            raise MailboxFull

    def put_state(self, key: str, payload: bytes) -> None:
        """A message of which only the newest matters: presence, tick."""
        self.apart()
        self._states[key] = payload
        self.waits = True

    def put_frame(self, slot: Slot, record: bytes) -> None:
        """A record of which only the newest matters. A slot keeps its turn when its content is replaced."""
        self.apart()
        self._slots[slot] = record
        self.waits = True

    def direct(self, departure: Departure) -> bool:
        """Whether this message may bypass the slots, because nothing waits and credit is left: then it counts as sent. The
        usual case: the same framed bytes go to every follower."""
        self.apart()
        if self.waits:
            return False
        if self._lacks(departure.size):
            return False
        self.left -= departure.size
        self._under_way.append(departure)
        return True

    def next(self) -> Outgoing | None:
        """The next message that credit allows, already taken out: facts first, so that an epoch is known before its
        frames."""
        self.apart()
        if self._facts:
            if self.left <= 0:
                self._blocked = True
                return None
            fact = self._facts.pop(0)
            self._fact_bytes -= len(fact)
            return Outgoing(True, fact)
        if self._states:
            if self.left <= 0:
                self._blocked = True
                return None
            return Outgoing(True, self._states.pop(next(iter(self._states))))
        if self._slots:
            if self._lacks(sum(map(len, self._slots.values()))):
                return None
            frames = b"".join(self._slots.values())
            self._slots.clear()
            return Outgoing(False, frames)
        self.waits = False
        return None

    def _lacks(self, size: int) -> bool:
        """Whether credit for frames of so many bytes is missing. Those larger than the whole budget still go when nothing
        else is under way, or so little that the client need not have told of it."""
        if size <= self.left or self.budget - self.left < UNTOLD:
            return False
        self._blocked = True
        return True

    def rest(self) -> list[bytes]:
        """The facts that still wait, all taken out, whatever the credit: for who cannot come back for them."""
        rest, self._facts = self._facts, []
        self._fact_bytes = 0
        self.waits = bool(self._states or self._slots)
        return rest

    def sent(self, size: int, now: float) -> None:
        """One message of ``size`` bytes left."""
        self.apart()
        self.left -= size
        self._under_way.append(Departure(size, now))

    def acked(self, received: int, now: float, held: float = 0.0) -> float | None:
        """The client has received so many messages in all, modulo 2**32, the last of them ``held`` seconds before it said so.
        The seconds of that one's trip, there and back; None: it is no news. Raises LyingAck: more than were sent."""
        if self._chorus is not None:
            self._under_way += self._chorus.count(self)
        fresh = (received - self._acked) % 2**32
        if not fresh or fresh > 2**31:
            return None  # an older ack, late
        arrived = self._under_way[:fresh]
        if len(arrived) < fresh:
            raise LyingAck
        del self._under_way[:fresh]
        self.left += sum(one.size for one in arrived)
        self._acked = received % 2**32
        trip = max(0.0, now - arrived[-1].at - held)
        self._adapt(trip, now)
        if self._chorus is not None:
            self._chorus.bound(self)
        return trip

    def silent(self, now: float) -> bool:
        """Whether something is under way for so long that the follower must be gone."""
        oldest = self._under_way[0] if self._under_way else None
        if oldest is None and self._chorus is not None:
            oldest = self._chorus.since(self.since)
        return oldest is not None and now - oldest.at > SILENCE

    def _adapt(self, trip: float, now: float) -> None:
        """Once per round trip: less when a queue has formed, more when credit and nothing else held us back."""
        if trip < self._shortest:
            self._shortest = trip
        if now - self._adapted < trip:
            return
        before = self.budget
        if trip > QUEUEING * self._shortest + SLACK:
            self.budget = max(FLOOR, int(before * SHRINK))
        elif self._blocked:
            self.budget = min(CAP, int(before * GROW))
        self.left += self.budget - before
        self._blocked = False
        self._adapted = now
