"""realtime/mailbox.py: a follower is never later than their own link makes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.chorus import Departure
from realtime.mailbox import CAP, FACTS, FLOOR, SILENCE, START, UNTOLD, LyingAck, Mailbox, MailboxFull


def drain(mailbox: Mailbox, now: float = 0.0) -> list[tuple[bool, bytes]]:
    out = []
    while (message := mailbox.next()) is not None:
        mailbox.sent(len(message.payload), now)
        out.append((message.text, message.payload))
    return out


def test_frames_that_wait_are_one_message_with_the_newest_of_each_slot() -> None:
    mailbox = Mailbox()
    mailbox.put_frame((1, 1), b"old")
    mailbox.put_frame((2, 2), b"pointer")
    mailbox.put_frame((1, 1), b"new")
    assert drain(mailbox) == [(False, b"newpointer")]


def test_facts_go_first_in_order_and_none_is_replaced() -> None:
    mailbox = Mailbox()
    mailbox.put_frame((1, 1), b"frame")
    mailbox.put_state("presence", b"p1")
    mailbox.put_fact(b"1")
    mailbox.put_fact(b"2")
    mailbox.put_state("presence", b"p2")
    assert drain(mailbox) == [(True, b"1"), (True, b"2"), (True, b"p2"), (False, b"frame")]


def test_without_credit_only_the_newest_frame_waits() -> None:
    mailbox = Mailbox()
    mailbox.sent(START, 0.0)
    for number in range(1000):
        assert not mailbox.direct(Departure(36, 0.0))
        mailbox.put_frame((1, 1), bytes([number % 256]) * 36)
    assert mailbox.next() is None
    mailbox.acked(1, 0.1)
    assert drain(mailbox) == [(False, bytes([999 % 256]) * 36)]


def test_a_message_larger_than_the_budget_goes_alone() -> None:
    mailbox = Mailbox()
    mailbox.put_fact(b"x" * (3 * START))
    mailbox.put_fact(b"next")
    assert [len(payload) for _, payload in drain(mailbox)] == [3 * START]
    mailbox.acked(1, 0.1)
    assert drain(mailbox) == [(True, b"next")]


def test_what_a_client_need_not_have_told_of_holds_nothing_up() -> None:
    mailbox = Mailbox()
    mailbox.budget = mailbox.left = FLOOR
    mailbox.sent(UNTOLD - 1, 0.0)  # a tick, of which the client tells within a second
    assert mailbox.direct(Departure(FLOOR, 0.0))
    assert not mailbox.direct(Departure(36, 0.0))
    mailbox.acked(2, 0.1)
    mailbox.sent(UNTOLD, 0.2)
    assert not mailbox.direct(Departure(FLOOR, 0.2))
    mailbox.put_frame((1, 1), b"x" * FLOOR)
    assert mailbox.next() is None
    mailbox.acked(3, 0.3)
    assert mailbox.next() is not None


def test_the_direct_way_is_closed_while_anything_waits() -> None:
    mailbox = Mailbox()
    assert mailbox.direct(Departure(36, 0.0))
    mailbox.put_fact(b"fact")
    assert not mailbox.direct(Departure(36, 0.0))
    drain(mailbox)
    assert mailbox.direct(Departure(36, 0.0))
    assert mailbox.under_way == 36 + 4 + 36


def test_a_queue_on_the_way_shrinks_the_budget_down_to_its_floor() -> None:
    mailbox = Mailbox()
    now = 0.0
    mailbox.sent(100, now)
    now += 0.25
    mailbox.acked(1, now)
    for number in range(2, 40):
        mailbox.sent(100, now)
        now += 0.9
        mailbox.acked(number, now)
    assert mailbox.budget == FLOOR


def test_a_link_that_carries_more_is_given_more() -> None:
    mailbox = Mailbox()
    now, number = 0.0, 0
    for _ in range(60):
        while mailbox.direct(Departure(1000, now)):
            number += 1
        now += 0.25
        mailbox.acked(number, now)
    assert mailbox.budget == CAP


def test_what_a_client_held_its_ack_back_is_not_taken_for_a_queue() -> None:
    mailbox = Mailbox()
    now = 0.0
    for number in range(1, 40):
        mailbox.sent(100, now)
        held = 0.25 if number > 1 else 0.0
        now += 0.05 + held
        assert mailbox.acked(number, now, held) == pytest.approx(0.05)
    assert mailbox.budget == START


def test_who_held_an_ack_longer_than_the_message_was_under_way_is_not_believed() -> None:
    mailbox = Mailbox()
    mailbox.sent(100, 0.0)
    assert mailbox.acked(1, 0.1, 60.0) == 0.0


def test_what_was_sent_is_counted() -> None:
    mailbox = Mailbox()
    mailbox.sent(10, 0.0)
    assert mailbox.direct(Departure(10, 0.0))
    mailbox.acked(1, 0.1)
    assert (mailbox.messages, mailbox.under_way) == (2, 10)


def test_an_ack_of_what_was_never_sent_is_a_lie() -> None:
    mailbox = Mailbox()
    mailbox.sent(10, 0.0)
    with pytest.raises(LyingAck):
        mailbox.acked(2, 0.1)


def test_a_late_ack_changes_nothing() -> None:
    mailbox = Mailbox()
    for _ in range(3):
        mailbox.sent(10, 0.0)
    mailbox.acked(3, 0.1)
    mailbox.acked(1, 0.2)
    assert mailbox.under_way == 0


def test_the_count_of_messages_may_wrap() -> None:
    mailbox = Mailbox()
    mailbox._acked = 2**32 - 1
    mailbox.sent(10, 0.0)
    mailbox.sent(10, 0.0)
    mailbox.acked(1, 0.1)
    assert mailbox.under_way == 0


def test_who_acknowledges_nothing_for_ten_seconds_is_gone() -> None:
    mailbox = Mailbox()
    assert not mailbox.silent(100.0)
    mailbox.sent(10, 100.0)
    assert not mailbox.silent(100.0 + SILENCE)
    assert mailbox.silent(100.1 + SILENCE)


def test_more_facts_than_can_ever_be_caught_up_with_are_refused() -> None:
    mailbox = Mailbox()
    for _ in range(FACTS):
        mailbox.put_fact(b"x")
    with pytest.raises(MailboxFull):
        mailbox.put_fact(b"x")
    with pytest.raises(MailboxFull):
        Mailbox().put_fact(b"x" * (1024 * 1024 + 1))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("frame"), st.integers(1, 5)),
        st.tuples(st.just("fact"), st.integers(1, 3000)),
        st.tuples(st.just("direct"), st.integers(1, 3000)),
        st.tuples(st.just("ack"), st.integers(0, 5)),
    ),
    max_size=80,
)


@given(steps)
def test_whatever_comes_no_fact_is_lost_and_what_is_under_way_is_bounded(script: list[tuple[str, int]]) -> None:
    mailbox = Mailbox()
    now, sent, acked, largest = 0.0, 0, 0, START
    facts: list[bytes] = []
    came: list[bytes] = []
    for number, (what, value) in enumerate(script):
        now += 0.01
        if what == "frame":
            mailbox.put_frame((value, 1), b"f" * 36)
        elif what == "fact":
            fact = number.to_bytes(2, "little") + b"x" * value
            facts.append(fact)
            mailbox.put_fact(fact)
        elif what == "direct":
            sent += mailbox.direct(Departure(value, now))
        else:
            acked = min(sent, acked + value)
            mailbox.acked(acked, now)
        for text, payload in drain(mailbox, now):
            sent += 1
            if text:
                came.append(payload)
        largest = max(largest, mailbox.budget)
        assert mailbox.under_way <= largest + 3002  # a fact is let out while any credit is left
    while len(came) < len(facts):
        now += 0.3
        mailbox.acked(sent, now)
        for text, payload in drain(mailbox, now):
            sent += 1
            if text:
                came.append(payload)
    assert came == facts
