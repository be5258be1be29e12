"""realtime/limits.py: a person's messages pass, a flood does not."""

from realtime.limits import KNOWN, MESSAGES_PER_SECOND, Limits, PostLimits


def test_a_presenter_who_moves_and_points_at_60_hz_is_never_held_back() -> None:
    limits = Limits(0.0)
    frames = 60 * 60
    assert all(limits.message(36 + 24 + 8, number / 60) for number in range(frames))
    assert all(limits.ack(number / 125) for number in range(frames))
    assert not limits.flooded


def test_above_the_limit_messages_are_dropped_but_a_burst_is_forgiven() -> None:
    limits = Limits(0.0)
    passed = sum(limits.message(36, 0.0) for _ in range(3 * MESSAGES_PER_SECOND))
    assert passed == MESSAGES_PER_SECOND
    assert not limits.flooded
    assert all(limits.message(36, 2.0 + number / 60) for number in range(600))


def test_ten_thousand_messages_a_second_are_a_flood() -> None:
    limits = Limits(0.0)
    for number in range(10_000):
        limits.message(36, number / 10_000)
    assert limits.flooded


def test_bytes_are_limited_too() -> None:
    limits = Limits(0.0)
    assert sum(limits.message(32 * 1024, 0.0) for _ in range(20)) == 4
    assert limits.message(32 * 1024, 1.0)


def test_operations_have_their_own_pace() -> None:
    limits = Limits(0.0)
    assert sum(limits.operation(0.0) for _ in range(100)) == 30
    assert limits.operation(0.2)


def test_each_session_posts_as_much_as_a_connection_sends_and_only_so_many_are_remembered() -> None:
    limits = PostLimits()
    assert [limits.operation("one", 0) for _ in range(31)] == [True] * 30 + [False]
    assert limits.operation("another", 0)
    assert limits.operation("one", 0.1)
    assert not limits.operation("one", 0.1)
    for number in range(KNOWN):
        limits.operation(f"session-{number}", 0.1)
    assert limits.operation("one", 0.1), "forgotten"
