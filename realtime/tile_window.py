"""How many bytes of tiles may be under way to one follower. Pure: ``now`` is a monotonic clock in seconds.

What is under way beyond what the link holds waits in a queue, and a viewport message waits behind it. So: 1.2 times what the
link delivers in its shortest trip. The rate is the greatest of the last seconds, counted as BBR does
(draft-cheng-iccrg-delivery-rate-estimation): bytes acknowledged over the time that they took, where a time in which there was
nothing to send cannot lower it. Until the link is known the window doubles with each trip, as long as no queue forms.

An empty link gets no window at once, and neither does one of which many acknowledgements come together: all of it would be a
queue. When it is known, tiles leave so that it has little more than BURST before it.
"""

from collections import deque
from typing import Final, NamedTuple

START: Final = 32 * 1024
FLOOR: Final = 16 * 1024
CAP: Final = 1024 * 1024
GAIN: Final = 1.2
"""Of what the link holds: the fifth above it finds out whether it holds more."""
SEARCHING: Final = 2.0
CAREFUL: Final = 1.4
"""The same until the link is known: before a queue was met, and after."""
GROWS: Final = 1.25
"""A rate that grows by less in PATIENCE trips is the link's own."""
PATIENCE: Final = 2
QUEUEING: Final = 1.15
SLACK: Final = 0.02
"""A trip so many times the shortest one and so many seconds longer, besides the tile's own time: a queue has formed."""
LASTING: Final = 0.2
"""Seconds, and a shortest trip: a queue that stays so long is the link's. One that goes sooner was a busy browser's."""
RATES: Final = 10.0
TRIPS: Final = 30.0
"""Seconds that the best of each counts."""
BURST: Final = 0.06
"""Seconds of the link that may wait before it, besides the tile that is sent then."""
THIN: Final = 6e6 / 8
WIDE: Final = 9e6 / 8
"""Bytes a second: below the one the small coding is worth its loss, from the other on it is not. As
web/client/src/link_speed.ts."""
SPARED: Final = 12 * 1024
"""Bytes of a usual tile as the file holds it: when they pass sooner than one in the small coding is made, they are sent."""
MAKING: Final = 5.0
"""Seconds after which it is tried again how long that takes."""
LEAST: Final = 0.001
"""Seconds: no trip is taken for shorter, nor any time between two acknowledgements."""


class _Flight(NamedTuple):
    number: int
    size: int
    sent: float
    delivered: int
    delivered_at: float
    first_sent: float
    limited: bool


class TileWindow:
    """One connection's. ``fits`` says whether a tile may go; it is told of each with ``sent``, and of what arrived with
    ``acked``."""

    def __init__(self) -> None:
        self._flights: deque[_Flight] = deque()
        self._bytes = 0
        self._delivered = 0
        self._delivered_at = 0.0
        self._first_sent = 0.0
        self._limited_until = 0
        self._rates: deque[tuple[float, float]] = deque()
        self._trips: deque[tuple[float, float]] = deque()
        self._searching = True
        self._best = 0.0
        self._stalled = 0
        self._queue_since: float | None = None
        """Each tile that came since then has met a queue."""
        self._gain = SEARCHING
        self._round_ends = 0
        self._thin = False
        self._free_at = float("-inf")
        """When the link has taken all that was sent."""
        self._making = 0.0
        self._made_at = float("-inf")

    @property
    def under_way(self) -> int:
        """Bytes of tiles that were sent and not acknowledged."""
        return self._bytes

    @property
    def rate(self) -> float:
        """Bytes a second that the link delivers; 0: nothing is known."""
        return self._rates[0][1] if self._rates else 0.0

    @property
    def trip(self) -> float:
        """Seconds of the shortest trip there and back; 0: nothing is known."""
        return self._trips[0][1] if self._trips else 0.0

    @property
    def known(self) -> bool:
        """Whether the rate is the link's, and not only what it was given so far."""
        return not self._searching

    @property
    def thin(self) -> bool:
        """Whether the small coding is worth its loss."""
        return self._thin

    @property
    def size(self) -> int:
        """Bytes that may be under way."""
        if not self._rates:
            return START
        held = (self._gain if self._searching else GAIN) * self.rate * self.trip
        return int(min(max(held, START if self._searching else FLOOR), CAP))

    def made(self, seconds: float, now: float) -> None:
        """A tile in the small coding came so long after the one before it; ``now``: of any monotonic clock."""
        self._making += (seconds - self._making) / 4
        self._made_at = now

    def outruns(self, now: float) -> bool:
        """Whether the link is waiting for whoever makes the small coding. ``now``: as for ``made``."""
        return now - self._made_at < MAKING and self._making * self.rate > SPARED

    def fits(self, now: float) -> bool:
        """Whether a tile may go now. Its own bytes do not count: they take their time on the link whenever they go, and a
        window that did not leave room for them would shrink with each trip."""
        return self._bytes < self.size and not self.paused(now)

    def paused(self, now: float) -> float:
        """Seconds until the link has taken enough of what was sent for a tile to go; 0: it has."""
        return max(0.0, self._free_at - BURST - now)

    def rests(self) -> bool:
        """Whether so little is under way that what is not asked for yet delays nothing."""
        return self._bytes * 2 <= self.size

    def sent(self, number: int, size: int, now: float) -> None:
        """A tile left: ``number`` of all messages of the connection, ``size`` bytes."""
        if not self._flights:
            self._first_sent = self._delivered_at = now
        limited = self._limited_until > self._delivered
        if not self._searching:
            self._free_at = max(self._free_at, now) + size / (GAIN * self.rate)
        self._flights.append(_Flight(number, size, now, self._delivered, self._delivered_at, self._first_sent, limited))
        self._bytes += size

    def idle(self) -> None:
        """There is nothing to send though the window is open: what is under way says less than the link could do."""
        self._limited_until = self._delivered + self._bytes + 1

    def acked(self, received: int, trip: float, now: float) -> None:
        """So many messages of the connection have arrived; the last of them took ``trip`` seconds, there and back."""
        self._keep_trip(trip, now)
        newest: _Flight | None = None
        while self._flights and self._flights[0].number <= received:
            newest = self._flights.popleft()
            self._bytes -= newest.size
            self._delivered += newest.size
        if newest is None:
            return
        self._delivered_at = now
        took = max(newest.sent - newest.first_sent, now - newest.delivered_at, self.trip, LEAST)
        self._first_sent = newest.sent
        rate = (self._delivered - newest.delivered) / took
        if not newest.limited or rate > self.rate:
            self._keep_rate(rate, now)
        if newest.limited:
            self._queue_since = None
        elif self._searching:
            self._search(newest, trip, now)
        self._judge()

    # Both are kept so that the first one is the best of all, and no later one is better than it.

    def _keep_trip(self, trip: float, now: float) -> None:
        trip = max(trip, LEAST)
        while self._trips and self._trips[-1][1] >= trip:
            self._trips.pop()
        self._trips.append((now, trip))
        while self._trips[0][0] < now - TRIPS:
            self._trips.popleft()

    def _keep_rate(self, rate: float, now: float) -> None:
        while self._rates and self._rates[-1][1] <= rate:
            self._rates.pop()
        self._rates.append((now, rate))
        while self._rates[0][0] < now - RATES:
            self._rates.popleft()

    def _search(self, newest: _Flight, trip: float, now: float) -> None:
        """Whether the link is known now: a queue stays, or more was under way and no more arrived."""
        if trip <= QUEUEING * self.trip + SLACK + newest.size / self.rate:
            self._queue_since = None
        elif self._queue_since is None:
            self._queue_since = now
        elif now - self._queue_since >= max(self.trip, LASTING):
            self._searching = False
            return
        if newest.delivered < self._round_ends:
            self._gain = GAIN if self._queue_since is not None else self._gain
            return
        self._round_ends = self._delivered
        self._gain = CAREFUL if self._gain < SEARCHING else SEARCHING
        if self.rate >= GROWS * self._best:
            self._best, self._stalled = self.rate, 0
            return
        self._stalled += 1
        self._searching = self._stalled < PATIENCE

    def _judge(self) -> None:
        """Between the two a link at the edge keeps what it was."""
        if self._thin:
            self._thin = self.rate < WIDE
        else:
            self._thin = not self._searching and self.rate < THIN
