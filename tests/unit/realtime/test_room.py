"""realtime/room.py: who presents, and whose frames pass."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.frames import Frame, PointerFrame, ViewportFrame
from realtime.messages import Act, Ask, ChangeSlide, CloseRoom, HandOver, Say, Take
from realtime.room import Behind, Effect, Relay, Room, State, decide
from telepath.errors import Conflict, Forbidden, Invalid, TelepathError

ZOE, PAUL, LEA = "zoe", "paul", "lea"
STATE = State("room", "case", "", "house", "slide", ZOE, ZOE, 1, 1, False)


def viewport(stream: int, epoch: int = 1, sequence: int = 1) -> ViewportFrame:
    return ViewportFrame(stream, epoch, sequence, 0, 0, 0, 256, 256)


def pointer(stream: int, epoch: int = 1, sequence: int = 1) -> PointerFrame:
    return PointerFrame(stream, epoch, sequence, 0, 0, 0)


def room_of_two() -> Room:
    """Zoé presents on stream 1, Paul follows on stream 2."""
    room = Room(STATE)
    room.join(1, ZOE)
    room.join(2, PAUL)
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
    room = room_of_two()
    assert list(room.hear(viewport(7))) == [Relay(viewport(7), here=False)]


def test_a_frame_of_a_later_epoch_waits_for_its_fact() -> None:
    room = room_of_two()
    ahead = viewport(7, epoch=2, sequence=5)
    assert list(room.hear(ahead)) == [Behind()]
    assert list(room.hear(pointer(7, epoch=2))) == [Behind()]
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


def test_taking_and_handing_over_raise_the_epoch() -> None:
    taken = decide(STATE, PAUL, Take(1))
    assert (taken.kind, taken.body) == ("presenter", {"presenter": PAUL, "epoch": 2, "before": ZOE})
    back = decide(taken.state, PAUL, HandOver(2, ZOE))
    assert (back.state.presenter, back.state.epoch, back.state.seq) == (ZOE, 3, 3)


def test_of_two_who_take_at_once_the_second_is_told_so() -> None:
    first = decide(STATE, PAUL, Take(1))
    with pytest.raises(Conflict) as refused:
        decide(first.state, LEA, Take(1))
    assert refused.value.code == "error-room-epoch"


@pytest.mark.parametrize(
    ("person", "act", "error", "code"),
    [
        (PAUL, HandOver(1, LEA), Forbidden, "error-room-not-presenter"),
        (PAUL, ChangeSlide(1, "other"), Forbidden, "error-room-not-presenter"),
        (PAUL, CloseRoom(), Forbidden, "error-room-not-presenter"),
        (ZOE, ChangeSlide(1, "slide"), Invalid, "error-room-same-slide"),
        (ZOE, Take(1), Invalid, "error-room-already-presenter"),
        (ZOE, HandOver(1, ZOE), Invalid, "error-room-already-presenter"),
        (ZOE, Ask(), Invalid, "error-room-already-presenter"),
        (ZOE, ChangeSlide(0, "other"), Conflict, "error-room-epoch"),
    ],
)
def test_what_may_not_be_done_is_refused_by_name(person: str, act: Act, error: type[TelepathError], code: str) -> None:
    with pytest.raises(error) as refused:
        decide(STATE, person, act)
    assert refused.value.code == code


@pytest.mark.parametrize("act", [Take(1), HandOver(1, PAUL), Ask(), ChangeSlide(1, "other"), Say("…"), CloseRoom()])
def test_a_closed_room_stays_as_it_is(act: Act) -> None:
    with pytest.raises(Invalid) as refused:
        decide(msgspec.structs.replace(STATE, closed=True), ZOE, act)
    assert refused.value.code == "error-room-closed"


def test_speaking_and_asking_change_nothing_but_the_number() -> None:
    for act, kind in ((Say("Voyez-vous ?"), "said"), (Ask(), "asked")):
        step = decide(STATE, PAUL, act)
        assert step.kind == kind
        assert step.state == msgspec.structs.replace(STATE, seq=2)


def test_who_opened_the_room_may_close_it_though_another_presents() -> None:
    presented = decide(STATE, PAUL, Take(1)).state
    assert decide(presented, ZOE, CloseRoom()).state.closed
    assert decide(presented, PAUL, CloseRoom()).state.closed
