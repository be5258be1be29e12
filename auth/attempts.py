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
GUEST_GUESS: Final = "guest-guess-from-address"
GUEST_SITE: Final = "guest-from-site"
GUEST_LINK: Final = "guest-of-link"
REPORT_CODE: Final = "report-code-from-address"
ASKED: Final = "asked-from-address"

LIMITS: Final = {
    # Nobody's telephone rings all day because somebody types their number: they would confirm to have peace.
    TELEPHONE_OF_PERSON: Limit(5, timedelta(minutes=10)),
    # A whole hospital may come from one address.
    TELEPHONE: Limit(40, timedelta(minutes=10)),
    CODE: Limit(40, timedelta(minutes=15)),
    GUEST_CODE: Limit(20, timedelta(minutes=10)),
    GUEST_GUESS: Limit(40, timedelta(minutes=10)),
    GUEST_SITE: Limit(200, timedelta(minutes=10)),
    # Whoever reads many reports in a row, and nobody who guesses: a code has 60 bits.
    REPORT_CODE: Limit(40, timedelta(minutes=10)),
    # The letters of a whole hospital, and programs that look at letters first; what opens one has 256 bits.
    ASKED: Limit(120, timedelta(minutes=10)),
    # From all addresses together, of which somebody may have very many: of one link, so that no other guest is shut out.
    GUEST_LINK: Limit(50, timedelta(minutes=10)),
}
KEPT: Final = 20_000
"""Counts kept at once; beyond, the oldest is forgotten."""


class Attempts:
    """The counts of one node."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], deque[datetime]] = {}

    def left(self, what: str, whose: str, now: datetime) -> bool:
        """Whether one more would be allowed; nothing counts."""
        limit = LIMITS[what]
        return sum(now - made < limit.within for made in self._made.get((what, whose), ())) < limit.times

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
    found = _read(address)
    return str(ipaddress.ip_network((found, 64), strict=False)) if found and found.version == 6 else str(found or "")


def site(address: str) -> str:
    """The /48 of an IPv6 address, which one customer may be given with its 65 536 places (RFC 6177); empty for others."""
    found = _read(address)
    return str(ipaddress.ip_network((found, 48), strict=False)) if found and found.version == 6 else ""


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address that came in an IPv6 one is itself: else all of them would be one place (RFC 4291 2.5.5.2)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
