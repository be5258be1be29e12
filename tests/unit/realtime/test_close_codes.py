"""realtime/close_codes.py: what an error says to the client of a room."""

import pytest

from realtime.close_codes import CloseCode, of
from telepath.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TelepathError, Unauthenticated, Unavailable


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unauthenticated(), CloseCode.SESSION_ENDED),
        (NotFound(), CloseCode.GONE),
        (Refused("room.join", "room", "r", "no-grant"), CloseCode.GONE),
        (Invalid("error-room-closed"), CloseCode.CLOSED),
        (Unavailable(what="database"), CloseCode.TRY_LATER),
        (Forbidden(), CloseCode.RIGHT_WITHDRAWN),
        (Conflict(), CloseCode.RIGHT_WITHDRAWN),
    ],
)
def test_what_was_refused_and_what_is_absent_close_alike_and_an_outage_asks_to_come_back(
    error: TelepathError, code: CloseCode
) -> None:
    assert of(error) is code
