"""realtime/relaying.py: whose frames pass, and to whom."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.frames import Frame, PointerFrame, ReceiptFrame, StrokeFrame, ViewportFrame
from realtime.messages import (
    HandOver,
    Take,
)
from realtime.presence import Seat
from realtime.relaying import KEPT, LEAP, Behind, Effect, Relay, Room
from realtime.room import State, decide

ZOE, PAUL, LEA = "zoe", "paul", "lea"
STATE = State("room", "case", "", "house", "slide", ZOE, ZOE, 1, 1, False)


def viewport(stream: int, epoch: int = 1, sequence: int = 1) -> ViewportFrame:
    return ViewportFrame(stream, epoch, sequence, 0, 0, 0, 256, 256)


def pointer(stream: int, epoch: int = 1, sequence: int = 1) -> PointerFrame:
    return PointerFrame(stream, epoch, sequence, 0, 0, 0)


def receipt(stream: int, of: int, sequence: int = 1) -> ReceiptFrame:
    return ReceiptFrame(stream, 1, sequence, 0, of, 1, 0, 0, 256, 256, sharp=True)


def seat(stream: int, person: str, whom: str = "", following: bool = True) -> Seat:
    return Seat(stream, person, f"Dr {person}", "CHU", 0, following, whom)


def room_of_two(*others: Seat) -> Room:
    """Zoé presents on stream 1, Paul follows on stream 2, Léa on stream 7 of another node; and ``others``."""
    room = Room(STATE)
    room.join(1, ZOE)
    room.join(2, PAUL)
    list(room.know([seat(1, ZOE), seat(2, PAUL), seat(7, LEA), *others]))
    return room


def relayed(effects: Any) -> list[Frame]:
    return [effect.frame for effect in effects if isinstance(effect, Relay)]


def test_the_presenters_viewport_is_relayed_and_kept_for_late_comers() -> None:
    room = room_of_two()
    frame = viewport(1)
    assert list(room.relay(1, frame)) == [Relay(frame, here=True)]
    assert room.field() == frame


@pytest.mark.parametrize(
    ("stream", "frame"),
    [
        (2, viewport(2)),
        (2, viewport(1)),
        (2, pointer(1)),
        (1, viewport(1, epoch=0)),
        (1, viewport(1, epoch=2)),
        (9, pointer(9)),
    ],
    ids=[
        "a follower's field",
        "a forged field",
        "a forged pointer",
        "an old epoch",
        "a future epoch",
        "not in the room",
    ],
)
def test_a_frame_that_is_not_ones_own_to_send_is_ignored(stream: int, frame: Frame) -> None:
    room = room_of_two()
    assert list(room.relay(stream, frame)) == []
    assert room.field() is None


def test_everybody_points() -> None:
    room = room_of_two()
    assert relayed(room.relay(2, pointer(2))) == [pointer(2)]


def test_a_frame_passes_once_and_only_forwards() -> None:
    room = room_of_two()
    sequences = [3, 3, 2, 4, 1, 4, 9]
    passed = [frame.sequence for s in sequences for frame in relayed(room.relay(1, viewport(1, sequence=s)))]
    assert passed == [3, 4, 9]


def test_both_tabs_of_the_presenter_are_heard() -> None:
    room = room_of_two()
    room.join(3, ZOE)
    assert relayed(room.relay(1, viewport(1, sequence=50)))
    assert relayed(room.relay(3, viewport(3, sequence=1)))
    assert room.field() == viewport(3, sequence=1)


def test_who_left_is_heard_no_more() -> None:
    room = room_of_two()
    room.leave(1)
    assert list(room.relay(1, viewport(1))) == []


def test_after_a_hand_over_the_old_presenters_frames_are_dropped() -> None:
    room = room_of_two()
    list(room.relay(1, viewport(1)))
    list(room.learn(decide(STATE, ZOE, HandOver(1, PAUL)).state))
    assert room.field() is None
    assert relayed(room.relay(1, viewport(1, epoch=1, sequence=2))) == []
    assert relayed(room.relay(1, viewport(1, epoch=2, sequence=2))) == []
    assert relayed(room.relay(2, viewport(2, epoch=2))) == [viewport(2, epoch=2)]


def test_a_frame_from_another_node_is_not_sent_back() -> None:
    room = room_of_two(seat(8, ZOE))
    assert list(room.hear(viewport(8))) == [Relay(viewport(8), here=False)]


def test_a_field_of_somebody_whom_a_node_does_not_know_yet_waits_until_it_does() -> None:
    room = room_of_two()
    assert list(room.hear(viewport(9, sequence=4))) == []
    assert list(room.hear(viewport(9, sequence=5))) == []
    assert relayed(room.hear(pointer(9))) == [pointer(9)], "whoever points, everybody sees it"
    assert relayed(room.know([seat(1, ZOE), seat(2, PAUL), seat(9, ZOE)])) == [viewport(9, sequence=5)]
    assert room.field() == viewport(9, sequence=5)


def test_what_waits_is_bounded() -> None:
    room = room_of_two()
    for stream in range(100, 400):
        list(room.hear(viewport(stream)))
    everybody = [seat(1, ZOE), seat(2, PAUL), *(seat(stream, ZOE) for stream in range(100, 400))]
    waited = [frame.stream for frame in relayed(room.know(everybody))]
    assert waited == list(range(400 - KEPT, 400)), "the fields of who has left do not keep those of others away"


def test_what_waits_for_somebody_who_never_comes_is_forgotten_with_its_epoch() -> None:
    room = room_of_two()
    list(room.hear(viewport(9)))
    list(room.learn(decide(STATE, ZOE, HandOver(1, PAUL)).state))
    assert room._kept == {}


def test_the_field_of_who_does_not_present_goes_only_to_those_who_follow_them() -> None:
    room = room_of_two(seat(3, LEA, whom=PAUL), seat(4, "max", whom=PAUL, following=False), seat(5, PAUL, whom=PAUL))
    frame = viewport(2)
    assert list(room.relay(2, frame)) == [Relay(frame, here=True, to=frozenset({3}))]
    assert (room.field(PAUL), room.field()) == (frame, None)
    assert relayed(room.relay(1, viewport(1))) == [viewport(1)]
    assert list(room.know([seat(1, ZOE), seat(2, PAUL)])) == []
    assert list(room.relay(2, viewport(2, sequence=2))) == [], "nobody follows any more"
    assert (room.field(PAUL), room.field()) == (None, viewport(1))


def test_the_field_of_another_reaches_their_followers_on_other_nodes() -> None:
    room = room_of_two(seat(3, LEA, whom=PAUL), seat(8, PAUL))
    assert list(room.hear(viewport(8))) == [Relay(viewport(8), here=False, to=frozenset({3}))]


def test_who_follows_somebody_at_rest_from_another_node_is_sent_what_that_one_shows() -> None:
    room, paul, lea, max_ = room_of_two(seat(3, ZOE, whom=PAUL)), seat(2, PAUL), seat(7, LEA, whom=PAUL), seat(8, "max")
    here = [seat(1, ZOE), paul, seat(3, ZOE, whom=PAUL)]
    room.join(3, ZOE)
    list(room.relay(2, viewport(2)))
    assert list(room.know([*here, lea])) == [Relay(viewport(2), here=True, to=frozenset({7}))]
    assert list(room.know([*here, lea, max_])) == [], "she has it"
    assert list(room.know([*here, lea, seat(4, "max", whom=PAUL)])) == [Relay(viewport(2), True, frozenset({4}))]
    room.join(9, "max")
    assert list(room.know([*here, lea, seat(9, "max", whom=PAUL)])) == [], "who is here is sent it by this node"


def test_who_missed_something_elsewhere_is_told_again_what_those_show_whom_they_follow() -> None:
    room = room_of_two(seat(3, ZOE, whom=PAUL), seat(7, LEA, whom=PAUL), seat(8, "max", whom=LEA))
    room.join(3, ZOE)
    assert list(room.repeat()) == []
    list(room.relay(2, viewport(2)))
    list(room.relay(1, viewport(1)))
    list(room.hear(viewport(7)))
    assert list(room.repeat()) == [Relay(viewport(2), True, frozenset({7}))]
    list(room.know([seat(1, ZOE), seat(2, PAUL), seat(3, ZOE, whom=PAUL)]))
    assert list(room.repeat()) == [], "nobody elsewhere"


@pytest.mark.parametrize("followed", [False, True], ids=["by nobody here", "by somebody here who then left off"])
def test_what_another_node_says_again_is_news_to_who_follows_now(followed: bool) -> None:
    paul, lea = seat(8, PAUL), seat(2, LEA, whom=PAUL)
    room = room_of_two(paul)
    if followed:
        list(room.know([paul, lea]))
    assert (len(list(room.hear(viewport(8, sequence=5)))) == 1) is followed
    list(room.know([paul]))
    list(room.know([paul, lea]))
    assert list(room.hear(viewport(8, sequence=5))) == [Relay(viewport(8, sequence=5), False, frozenset({2}))]
    assert list(room.hear(viewport(8, sequence=5))) == []


def test_a_follower_of_who_presents_sees_what_everybody_sees() -> None:
    room = room_of_two(seat(3, LEA, whom=ZOE))
    assert list(room.relay(1, viewport(1))) == [Relay(viewport(1), here=True)]


def test_a_receipt_goes_to_every_window_of_whom_it_answers_and_to_nobody_else() -> None:
    room = room_of_two(seat(9, ZOE))
    answer = receipt(2, of=1)
    assert list(room.relay(2, answer)) == [Relay(answer, here=True, to=frozenset({1, 9}))]
    assert list(room.hear(receipt(7, of=9))) == [Relay(receipt(7, of=9), here=False, to=frozenset({1, 9}))]


@pytest.mark.parametrize("of", [0, 4242, 2])
def test_a_receipt_for_nobody_of_this_room_or_for_oneself_is_dropped(of: int) -> None:
    assert list(room_of_two().relay(2, receipt(2, of=of))) == []


def test_a_stroke_goes_where_a_pointer_goes() -> None:
    room = room_of_two()
    ink = StrokeFrame(2, 1, 1, 0, 5, 5, steps=((1, 1),))
    assert list(room.relay(2, ink)) == [Relay(ink, here=True)]


def test_a_sequence_that_leaps_ahead_is_dropped_and_the_stream_goes_on() -> None:
    room = room_of_two()
    assert relayed(room.relay(1, viewport(1, sequence=7)))
    assert list(room.relay(1, viewport(1, sequence=8 + LEAP))) == []
    assert relayed(room.relay(1, viewport(1, sequence=8))) == [viewport(1, sequence=8)]
    assert list(room_of_two().relay(1, viewport(1, sequence=2**32 - 1))) == []


def test_a_frame_of_a_later_epoch_waits_for_its_fact() -> None:
    room = room_of_two(seat(8, PAUL))
    ahead = viewport(8, epoch=2, sequence=5)
    assert list(room.hear(viewport(7, epoch=2, sequence=9))) == [Behind()], "of who will not present"
    assert list(room.hear(ahead)) == [Behind()]
    assert list(room.hear(pointer(8, epoch=2))) == [Behind()]
    assert list(room.learn(decide(STATE, PAUL, Take(1)).state)) == [Relay(ahead, here=False)]


def test_older_news_changes_nothing() -> None:
    room = room_of_two()
    newer = decide(STATE, PAUL, Take(1)).state
    list(room.learn(newer))
    assert list(room.learn(STATE)) == []
    assert room.state == newer


frames = st.builds(viewport, st.integers(1, 4), st.integers(0, 3), st.integers(0, 5)) | st.builds(
    pointer, st.integers(1, 4), st.integers(0, 3), st.integers(0, 5)
)


@given(st.lists(st.tuples(st.integers(1, 4), frames, st.booleans()), max_size=40))
def test_whatever_is_sent_only_the_present_epoch_passes_and_never_backwards(
    script: list[tuple[int, Frame, bool]],
) -> None:
    room = room_of_two()
    seen: dict[Any, int] = {}
    for stream, frame, from_bus in script:
        effects: list[Effect] = list(room.hear(frame) if from_bus else room.relay(stream, frame))
        for passed in relayed(effects):
            assert passed.epoch == room.state.epoch
            assert passed.sequence > seen.get(passed.slot, -1)
            seen[passed.slot] = passed.sequence
            if not from_bus:
                assert passed.stream == stream
                assert isinstance(passed, PointerFrame) or stream == 1
