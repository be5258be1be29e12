"""How much one client may send. Pure: ``now`` is any monotonic clock in seconds."""

from typing import Final

MESSAGES_PER_SECOND: Final = 120
BYTES_PER_SECOND: Final = 64 * 1024
ACKS_PER_SECOND: Final = 250
"""A client acks at most every 8 ms: 125 a second, and as much again for timers that run late and then all at once."""
OPERATIONS_PER_SECOND: Final = 10
KNOWN: Final = 10_000
"""Sessions whose operations by HTTP are counted; of more, who spoke longest ago begins anew."""
TOLERANCE: Final = 3 * MESSAGES_PER_SECOND
"""Dropped messages that are forgiven; one is forgotten for each that passes."""


class Allowance:
    """A bucket that fills with ``rate`` a second up to ``burst``."""

    __slots__ = ("_burst", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._level, self._then = rate, burst, burst, now

    def take(self, cost: float, now: float) -> bool:
        """Whether ``cost`` was there; if not, nothing is taken."""
        level = self._level + (now - self._then) * self._rate
        if level > self._burst:
            level = self._burst
        self._then = now
        fits = cost <= level
        self._level = level - cost if fits else level
        return fits


class Limits:
    """What one connection may send: above it messages are dropped, and who goes on is a flood."""

    __slots__ = ("_acks", "_bytes", "_excess", "_messages", "_operations")

    def __init__(self, now: float) -> None:
        self._messages = Allowance(MESSAGES_PER_SECOND, MESSAGES_PER_SECOND, now)
        self._bytes = Allowance(BYTES_PER_SECOND, 2 * BYTES_PER_SECOND, now)
        self._acks = Allowance(ACKS_PER_SECOND, ACKS_PER_SECOND, now)
        self._operations = _of_operations(now)
        self._excess = 0

    def message(self, size: int, now: float) -> bool:
        """Whether this message counts; else it is dropped."""
        return self._judge(self._messages.take(1, now) and self._bytes.take(size, now))

    def ack(self, now: float) -> bool:
        """The same for a message that is nothing but an ack."""
        return self._judge(self._acks.take(1, now))

    def operation(self, now: float) -> bool:
        """Whether an operation may go to the database; else it is refused."""
        return self._operations.take(1, now)

    @property
    def flooded(self) -> bool:
        return self._excess > TOLERANCE

    def _judge(self, fits: bool) -> bool:
        self._excess = max(0, self._excess - 1) if fits else self._excess + 1
        return fits


class PostLimits:
    """What each session may do without a connection: as many operations as with one."""

    def __init__(self) -> None:
        self._sessions: dict[str, Allowance] = {}

    def operation(self, session: str, now: float) -> bool:
        """As of ``Limits``."""
        allowance = self._sessions.pop(session, None) or _of_operations(now)
        self._sessions[session] = allowance
        if len(self._sessions) > KNOWN:
            del self._sessions[next(iter(self._sessions))]
        return allowance.take(1, now)


def _of_operations(now: float) -> Allowance:
    return Allowance(OPERATIONS_PER_SECOND, 3 * OPERATIONS_PER_SECOND, now)
