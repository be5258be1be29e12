"""Followers who are sent the same at the same time. Pure: ``now`` and sockets are others' business.

What leaves for all of them is written down once, not once for each: at 60 messages a second for each of hundreds of followers,
most of the time would go into that. Who differs from the others, because something waits for them or no credit is left, steps
out (``Mailbox.apart``) with what was sent meanwhile, and comes back with the next message that they are sent.
"""

from typing import Final, NamedTuple, Protocol

KEPT: Final = 1024
"""Departures after which those are dropped that everybody has counted."""


class Departure(NamedTuple):
    """A message that left: bytes, and when. One for all followers that get the same message at once."""

    size: int
    at: float


class Member(Protocol):
    """A mailbox, as the chorus sees it."""

    left: int
    """Bytes of credit when it came, or was last counted."""
    since: int
    """How many had left for all then."""
    since_bytes: int

    def apart(self) -> None:
        """Step out."""


class Chorus:
    """Of one room on this node."""

    __slots__ = ("_first", "_gone", "_limit", "_members", "at", "bytes", "files")

    def __init__(self) -> None:
        self.files: dict[int, int] = {}
        """For each stream the socket's number with the operating system: what is sent is written there."""
        self.bytes = 0
        """Of all that ever left."""
        self.at = 0.0
        """When the last of it did."""
        self._members: dict[int, Member] = {}
        self._gone: list[Departure] = []
        self._first = 0
        self._limit = 0
        """Until so many bytes have left nobody's credit ends."""

    def enter(self, stream: int, file: int, member: Member) -> None:
        member.since, member.since_bytes = self._first + len(self._gone), self.bytes
        if not self._members:
            self._limit = self.bytes + member.left
        self.files[stream], self._members[stream] = file, member
        self.bound(member)

    def leave(self, stream: int) -> list[Departure]:
        """What left while this one was here."""
        del self.files[stream]
        return self._gone[self._members.pop(stream).since - self._first :]

    def count(self, member: Member) -> list[Departure]:
        """What left for a member since it came or was counted; it stays. Its credit is then looked at: ``bound``."""
        fresh = self._gone[member.since - self._first :]
        member.left -= self.bytes - member.since_bytes
        member.since, member.since_bytes = self._first + len(self._gone), self.bytes
        return fresh

    def bound(self, member: Member) -> None:
        """The credit of a member has changed."""
        ends = member.since_bytes + member.left
        if ends < self._limit:
            self._limit = ends

    def since(self, number: int) -> Departure | None:
        """The first that left for who came when ``number`` had left."""
        at = number - self._first
        return self._gone[at] if at < len(self._gone) else None

    def make_room(self, size: int) -> None:
        """Let those step out who have no credit for a message of ``size`` bytes."""
        if self.bytes + size <= self._limit:
            return
        for member in list(self._members.values()):
            if self.bytes + size > member.since_bytes + member.left:
                member.apart()
        self._limit = min((one.since_bytes + one.left for one in self._members.values()), default=0)

    def sent(self, departure: Departure) -> None:
        """This left for all who are here."""
        self._gone.append(departure)
        self.bytes += departure.size
        self.at = departure.at
        if len(self._gone) % KEPT == 0:
            oldest = min((one.since for one in self._members.values()), default=self._first + len(self._gone))
            del self._gone[: oldest - self._first]
            self._first = oldest
