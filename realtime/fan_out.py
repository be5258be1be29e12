"""One message to everybody in a room on this node, with as little work for each as can be."""

import os
from collections.abc import Collection, Mapping

from realtime.chorus import Chorus, Departure
from realtime.connection import Connection
from realtime.wire import Message


def send(
    message: Message,
    connections: Mapping[int, Connection],
    chorus: Chorus,
    now: float,
    without: Collection[int] = (),
    *,
    spare: bool = False,
) -> list[tuple[int, Connection]]:
    """Write ``message`` to all ``connections``, by their streams, but those in ``without``. Returns those and all others who
    did not get it, because something waits for them or their credit is used up: what is theirs is for their mailbox.
    ``spare``: not to the chorus either."""
    for stream in without:
        if stream in chorus.files:
            connections[stream].hold()
    departure = Departure(message.size, now)
    if not spare:
        chorus.make_room(departure.size)
    outside = connections.keys() - chorus.files.keys()
    if chorus.files and not spare:
        short = _write(message.framed, chorus)
        chorus.sent(departure)
        for stream, rest in short:
            connections[stream].mend(rest)
    late = []
    for stream in outside:
        connection = connections[stream]
        if stream in without or not connection.write_through(message, departure):
            late.append((stream, connection))
        else:
            connection.join(chorus)
    return late


def _write(framed: bytes, chorus: Chorus) -> list[tuple[int, bytes]]:
    """For each stream whose socket did not take all of it, the rest."""
    short = []
    write, size = os.write, len(framed)
    for stream, file in chorus.files.items():
        try:
            sent = write(file, framed)
        except OSError:
            sent = 0  # no room; or the connection is lost, which the transport finds too
        if sent != size:
            short.append((stream, framed[sent:]))
    return short
