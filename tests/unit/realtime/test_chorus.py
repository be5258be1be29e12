"""realtime/chorus.py: what is written down once for all counts for each as if it were written down for each."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from realtime import chorus as module
from realtime.chorus import Chorus, Departure
from realtime.mailbox import SILENCE, START, Mailbox


def test_what_left_for_all_is_under_way_to_each() -> None:
    chorus, mailbox = Chorus(), Mailbox()
    mailbox.sent(100, 1.0)
    mailbox.enter(chorus, 7, 30)
    chorus.sent(Departure(38, 2.0))
    chorus.sent(Departure(40, 3.0))
    assert chorus.files == {7: 30}
    assert mailbox.acked(2, 3.5) == 1.5
    assert (mailbox.under_way, mailbox.messages) == (40, 3)
    assert chorus.files == {}, "who was looked at has stepped out"


def test_an_ack_does_not_make_one_step_out() -> None:
    chorus, mailbox = Chorus(), Mailbox()
    mailbox.enter(chorus, 7, 30)
    for at in range(10):
        chorus.sent(Departure(38, at))
        mailbox.acked(at + 1, at + 0.5)
    assert chorus.files == {7: 30}
    assert mailbox.under_way == 0


def test_who_is_to_get_something_alone_steps_out() -> None:
    puts: list[Callable[[Mailbox], None]] = [
        lambda one: one.put_fact(b"f"),
        lambda one: one.put_state("s", b"s"),
        lambda one: one.put_frame((1, 1), b"r"),
        lambda one: one.sent(0, 1.0),
    ]
    for put in puts:
        chorus, mailbox = Chorus(), Mailbox()
        mailbox.enter(chorus, 7, 30)
        put(mailbox)
        assert chorus.files == {}


def test_whose_credit_is_used_up_steps_out_and_the_others_stay() -> None:
    chorus, slow, quick = Chorus(), Mailbox(), Mailbox()
    slow.enter(chorus, 1, 11)
    quick.enter(chorus, 2, 12)
    for number in range(1000):
        chorus.make_room(100)
        chorus.sent(Departure(100, number))
        quick.acked(number + 1, number + 0.01)
    assert chorus.files == {2: 12}
    assert 0 <= START - slow.under_way < 100


def test_the_silence_of_one_who_is_with_all_is_noticed() -> None:
    chorus, mailbox = Chorus(), Mailbox()
    mailbox.enter(chorus, 7, 30)
    assert not mailbox.silent(100.0)
    chorus.sent(Departure(38, 100.0))
    assert not mailbox.silent(100.0 + SILENCE)
    assert mailbox.silent(100.1 + SILENCE)
    assert chorus.files == {7: 30}


steps = st.lists(
    st.tuples(st.sampled_from(["all", "enter", "apart", "ack", "own"]), st.integers(0, 2), st.integers(1, 4000)),
    max_size=120,
)


@given(steps)
def test_it_counts_as_if_it_were_counted_for_each(script: list[tuple[str, int, int]]) -> None:
    module.KEPT, kept = 4, module.KEPT  # type: ignore[misc]
    try:
        chorus, boxes, alone = Chorus(), [Mailbox() for _ in range(3)], [Mailbox() for _ in range(3)]
        for number, (what, who, value) in enumerate(script):
            now = number / 10
            box, single = boxes[who], alone[who]
            if what == "all":
                chorus.make_room(value)
                for stream in chorus.files:
                    alone[stream].sent(value, now)
                chorus.sent(Departure(value, now))
            elif what == "enter":
                if box.left > 0:
                    box.enter(chorus, who, 10 + who)
            elif what == "apart":
                box.apart()
            elif what == "own":
                box.sent(value, now)
                single.sent(value, now)
            else:
                received = max(0, single.messages - value % 3)
                assert box.acked(received, now) == single.acked(received, now)
        for box, single in zip(boxes, alone, strict=True):
            assert (box.under_way, box.messages, box.budget) == (single.under_way, single.messages, single.budget)
    finally:
        module.KEPT = kept  # type: ignore[misc]
