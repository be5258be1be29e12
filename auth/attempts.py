"""How often something may be tried within a while: from one address, about one person. Pure.

Counted in memory, on each node by itself, and lost at a restart: the counts spare telephones and the database, and nothing is
kept secret by them (a code has 140 bits). What is counted includes national identifiers, which are so few that even a hash of
them in a table would tell who was asked for.
"""

import ipaddress
from collections import deque
from datetime import datetime, timedelta
from typing import Final

import msgspec


class Limit(msgspec.Struct, frozen=True):
    times: int
    within: timedelta


TELEPHONE_OF_PERSON: Final = "telephone-of-person"
TELEPHONE: Final = "telephone-from-address"
CODE: Final = "code-from-address"
GUEST_CODE: Final = "guest-code-from-address"
GUEST_CODES: Final = "guest-codes-in-all"
GUEST_GUESS: Final = "guest-guess-from-address"
GUEST_GUESSES: Final = "guest-guesses-in-all"

LIMITS: Final = {
    # Nobody's telephone rings all day because somebody types their number: they would confirm to have peace.
    TELEPHONE_OF_PERSON: Limit(5, timedelta(minutes=10)),
    # A whole hospital may come from one address.
    TELEPHONE: Limit(40, timedelta(minutes=10)),
    CODE: Limit(40, timedelta(minutes=15)),
    GUEST_CODE: Limit(20, timedelta(minutes=10)),
    GUEST_GUESS: Limit(40, timedelta(minutes=10)),
    # Of all addresses together: somebody may have very many.
    GUEST_CODES: Limit(200, timedelta(minutes=10)),
    GUEST_GUESSES: Limit(400, timedelta(minutes=10)),
}
KEPT: Final = 20_000
"""Counts kept at once; beyond, the oldest is forgotten."""


class Attempts:
    """The counts of one node."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], deque[datetime]] = {}

    def allow(self, what: str, whose: str, now: datetime) -> bool:
        """Whether one more is allowed; it counts then. ``what``: a key of LIMITS."""
        limit = LIMITS[what]
        made = self._made.pop((what, whose), None) or deque()
        while made and now - made[0] >= limit.within:
            made.popleft()
        allowed = len(made) < limit.times
        if allowed:
            made.append(now)
        self._made[what, whose] = made  # at the end: the first is the one that was longest not asked about
        if len(self._made) > KEPT:
            del self._made[next(iter(self._made))]
        return allowed


def network(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 of an IPv6 one, all of which one machine may use."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
