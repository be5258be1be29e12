"""What two institutions did for each other in a period, for their convention: counts by kind and urgency. Pure.

Neither a patient nor a price: nothing here can be charged for by itself."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from consults.figures import Row


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """Of one institution with another one (``place``; "": of what no expert has, or took), of one kind and urgency."""

    place: str
    kind: str
    urgency: str
    asked: int
    """Requests to the other institution."""
    received: int
    """Opinions that it signed of these."""
    answered: int
    """Requests of the other institution that came here."""
    given: int
    """Opinions that were signed here of these."""


def exchanges(asked: Iterable[Row], answered: Iterable[Row]) -> list[Exchange]:
    """By institution, kind and urgency, in this order. ``asked``, ``answered``: of both directions (consults/activity.py)."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for side, rows in enumerate((asked, answered)):
        for row in rows:
            of = counts[row.place, row.kind, row.urgency]
            of[2 * side] += 1
            of[2 * side + 1] += row.signed_at is not None
    return [
        Exchange(
            place=place, kind=kind, urgency=urgency, asked=sent, received=received, answered=answered_here, given=given
        )
        for (place, kind, urgency), (sent, received, answered_here, given) in sorted(counts.items())
    ]


def total(found: Iterable[Exchange], place: str) -> Exchange:
    """All of one institution together."""
    of = [one for one in found if one.place == place]
    return Exchange(
        place=place,
        kind="",
        urgency="",
        asked=sum(one.asked for one in of),
        received=sum(one.received for one in of),
        answered=sum(one.answered for one in of),
        given=sum(one.given for one in of),
    )
