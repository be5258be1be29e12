"""Why a room's socket was closed, and whether the client should come back. Pure. See README.md."""

from enum import IntEnum

from telepath.errors import Invalid, NotFound, TelepathError, Unauthenticated, Unavailable


class CloseCode(IntEnum):
    """RFC 6455 7.4: 4000-4999 are ours; 1012 (Service Restart) and 1013 (Try Again Later) are registered.

    After these two and SLOW the client opens a new socket by itself; after the others it tells the person and stops."""

    RESTART = 1012
    """This node is going away: another one, or its successor, takes over."""
    TRY_LATER = 1013
    """The database does not answer; rights cannot be checked."""
    MALFORMED = 4400
    """A message that no client of ours sends."""
    SESSION_ENDED = 4401
    """Signed out, or the session expired: sign in again."""
    RIGHT_WITHDRAWN = 4403
    """The person may no longer be in this room."""
    GONE = 4404
    """The room is not there, or never was for this person."""
    SLOW = 4408
    """Nothing came for too long, or the link cannot carry the facts."""
    PROTOCOL_VERSION = 4409
    """The page is older or newer than the service: load it again."""
    CLOSED = 4410
    """The room was closed."""
    FLOOD = 4429
    """Far more messages than a person can make."""


def of(error: TelepathError) -> CloseCode:
    """Why a socket is closed, or was never opened, after this error."""
    match error:
        case Unauthenticated():
            return CloseCode.SESSION_ENDED
        case NotFound():
            return CloseCode.GONE
        case Invalid():
            return CloseCode.CLOSED
        case Unavailable():
            return CloseCode.TRY_LATER
        case _:
            return CloseCode.RIGHT_WITHDRAWN
