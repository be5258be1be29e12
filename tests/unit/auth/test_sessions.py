"""How long a session lives."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from auth.model import Session
from auth.sessions import Limits, State, expiry, seen, state
from telepath.errors import Invalid

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
LIMITS = Limits()
SESSION = Session(
    id="0" * 64,
    person_id="p",
    institution_id="i",
    subject="s",
    acr="eidas1",
    auth_time=NOON - timedelta(hours=1),
    id_token="t",
    provider_session="",
    finess=(),
    created_at=NOON,
    seen_at=NOON,
    expires_at=NOON + timedelta(hours=3),
    ended_at=None,
)


def test_a_session_lives_while_its_person_is_there() -> None:
    assert state(SESSION, NOON + timedelta(minutes=29, seconds=59), LIMITS) is State.LIVING


def test_a_session_is_idle_after_thirty_minutes_without_a_request() -> None:
    assert state(SESSION, NOON + timedelta(minutes=30), LIMITS) is State.IDLE


def test_a_session_expires_four_hours_after_the_authentication_however_busy_it_is() -> None:
    busy = msgspec.structs.replace(SESSION, seen_at=NOON + timedelta(hours=3) - timedelta(seconds=1))
    assert expiry(SESSION.auth_time, LIMITS) == SESSION.expires_at
    assert state(busy, NOON + timedelta(hours=3) - timedelta(seconds=1), LIMITS) is State.LIVING
    assert state(busy, NOON + timedelta(hours=3), LIMITS) is State.EXPIRED


def test_a_session_that_was_ended_stays_ended() -> None:
    ended = msgspec.structs.replace(SESSION, ended_at=NOON)
    assert state(ended, NOON, LIMITS) is State.ENDED


def test_the_last_sign_of_a_person_is_noted_once_a_minute_at_most() -> None:
    at_once = timedelta()
    assert seen(SESSION, NOON + timedelta(seconds=59), at_once, LIMITS) is None
    assert seen(SESSION, NOON + timedelta(seconds=60), at_once, LIMITS) == NOON + timedelta(seconds=60)
    # Where a session falls idle sooner, a minute would be too much of it.
    short = Limits(idle=timedelta(minutes=3))
    assert seen(SESSION, NOON + timedelta(seconds=6), at_once, short) == NOON + timedelta(seconds=6)


def test_a_sign_is_as_old_as_the_request_says_and_never_takes_time_back_or_gives_it_in_advance() -> None:
    later = NOON + timedelta(minutes=20)
    assert seen(SESSION, later, timedelta(minutes=5), LIMITS) == NOON + timedelta(minutes=15)
    assert seen(SESSION, later, timedelta(minutes=25), LIMITS) is None
    assert seen(SESSION, later, timedelta(minutes=-5), LIMITS) is None
    assert seen(SESSION, later, None, LIMITS) is None


@pytest.mark.parametrize(("hours", "minutes"), [(4.01, 30.0), (4.0, 30.1), (0.0, 30.0), (4.0, 0.0), (-1.0, 30.0)])
def test_limits_beyond_the_rules_of_the_field_are_refused(hours: float, minutes: float) -> None:
    with pytest.raises(Invalid, match="error-session-limits"):
        Limits(timedelta(hours=hours), timedelta(minutes=minutes))
