"""realtime/room.py: who presents, and what an operation leads to."""

import msgspec
import pytest

from realtime.messages import (
    Act,
    Ask,
    ChangeSlide,
    CloseRoom,
    Draw,
    Erase,
    Gather,
    GoToItem,
    HandOver,
    Item,
    Onward,
    Say,
    SetAgenda,
    Take,
)
from realtime.room import DRAWINGS, State, decide
from telepath.errors import Conflict, Forbidden, Invalid, TelepathError, TooLarge

ZOE, PAUL, LEA = "zoe", "paul", "lea"
STATE = State("room", "case", "", "house", "slide", ZOE, ZOE, 1, 1, False)
LINE = Draw("slide", ((1.004, 2.0), (3.0, 4.126)))
PLAN = SetAgenda(
    (Item("item-one", "Cas 1"), Item("item-two", " Cas 2 ", "other", 5), Item("item-three", "Cas 3", "slide"))
)


def test_a_line_is_kept_as_a_hundredth_of_a_pixel_has_it_and_counted() -> None:
    step = decide(STATE, PAUL, LINE)
    body = {"slide": "slide", "plane": 0, "points": [[1.0, 2.0], [3.0, 4.13]]}
    assert (step.kind, step.body) == ("drawn", body)
    assert step.state == msgspec.structs.replace(STATE, seq=2, drawings=1)


@pytest.mark.parametrize(("person", "drawer"), [(PAUL, PAUL), (ZOE, PAUL)], ids=["who drew it", "who presents"])
def test_a_drawing_is_erased_by_who_drew_it_or_presents(person: str, drawer: str) -> None:
    step = decide(msgspec.structs.replace(STATE, drawings=3), person, Erase(7), drawer)
    assert (step.kind, step.body, step.state.drawings) == ("erased", {"drawn": 7}, 2)


def test_a_room_has_so_many_drawings_and_no_more() -> None:
    full = msgspec.structs.replace(STATE, drawings=DRAWINGS)
    with pytest.raises(Invalid) as refused:
        decide(full, PAUL, LINE)
    assert (refused.value.code, refused.value.params) == ("error-room-drawings", {"limit": DRAWINGS})
    assert decide(decide(full, PAUL, Erase(7), PAUL).state, PAUL, LINE).state.drawings == DRAWINGS


def test_everybody_is_brought_together_without_a_new_epoch() -> None:
    step = decide(STATE, ZOE, Gather(1))
    assert (step.kind, step.body, step.state) == ("gathered", {"epoch": 1}, msgspec.structs.replace(STATE, seq=2))


def test_an_agenda_is_gone_through_and_shows_what_each_point_names() -> None:
    planned = decide(msgspec.structs.replace(STATE, presenter=PAUL), ZOE, PLAN)
    assert planned.kind == "agenda"
    assert [item["label"] for item in planned.body["items"]] == ["Cas 1", "Cas 2", "Cas 3"]
    first = decide(planned.state, PAUL, GoToItem(1, "item-one"))
    assert (first.kind, first.body) == ("item", {"item": "item-one", "slide": "", "epoch": 1, "before": ""})
    second = decide(first.state, PAUL, GoToItem(1, "item-two"))
    assert second.body == {"item": "item-two", "slide": "other", "epoch": 2, "before": "item-one"}
    assert (second.state.slide, second.state.epoch, second.state.item) == ("other", 2, "item-two")
    back = decide(decide(second.state, PAUL, ChangeSlide(2, "slide")).state, PAUL, GoToItem(3, "item-two"))
    assert back.state.slide == "other", "the same point again shows its slide again"


def test_everybody_is_called_to_another_room_and_this_one_stays_as_it_is() -> None:
    step = decide(msgspec.structs.replace(STATE, presenter=PAUL), ZOE, Onward(1, "next"))
    assert (step.kind, step.body) == ("onward", {"room": "next", "item": "", "before": ""})
    assert step.state == msgspec.structs.replace(STATE, presenter=PAUL, seq=2)


def test_a_point_with_another_room_leads_there_again_and_again() -> None:
    board = SetAgenda((Item("item-one", "Cas 1", room="room"), Item("item-two", "Cas 2", room="next")))
    first = decide(decide(STATE, ZOE, board).state, ZOE, GoToItem(1, "item-one"))
    assert (first.kind, first.state.slide) == ("item", "slide"), "of this room it is a point like any other"
    second = decide(first.state, ZOE, GoToItem(1, "item-two"))
    assert (second.kind, second.body) == ("onward", {"room": "next", "item": "item-two", "before": "item-one"})
    assert (second.state.item, second.state.slide, second.state.epoch) == ("item-two", "slide", 1)
    assert decide(second.state, ZOE, GoToItem(1, "item-two")).kind == "onward"
    assert decide(second.state, ZOE, Onward(1, "further")).state.item == "item-two"


def test_a_new_agenda_keeps_the_point_at_hand_if_it_is_still_on_it() -> None:
    at_hand = decide(decide(STATE, ZOE, PLAN).state, ZOE, GoToItem(1, "item-one")).state
    assert decide(at_hand, ZOE, SetAgenda(PLAN.items[:1])).state.item == "item-one"
    assert decide(at_hand, ZOE, SetAgenda(PLAN.items[1:])).state.item == ""
    assert decide(at_hand, ZOE, SetAgenda(())).state.agenda == ()


@pytest.mark.parametrize("label", ["  ", "deux\nlignes", "2 79 03 51 215 189 89"], ids=["empty", "lines", "a patient"])
def test_a_point_of_an_agenda_is_one_line_that_names_no_patient(label: str) -> None:
    with pytest.raises(Invalid):
        decide(STATE, ZOE, SetAgenda((Item("item-one", label),)))


def test_a_label_is_short() -> None:
    with pytest.raises(TooLarge):
        decide(STATE, ZOE, SetAgenda((Item("item-one", "é" * 121),)))


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
        (PAUL, Gather(1), Forbidden, "error-room-not-presenter"),
        (ZOE, Gather(0), Conflict, "error-room-epoch"),
        (LEA, Erase(7), Invalid, "error-room-no-drawing"),
        (PAUL, PLAN, Forbidden, "error-room-agenda-whose"),
        (ZOE, SetAgenda(PLAN.items[:1] * 2), Invalid, "error-room-agenda-twice"),
        (PAUL, GoToItem(1, "item-one"), Forbidden, "error-room-not-presenter"),
        (ZOE, GoToItem(0, "item-one"), Conflict, "error-room-epoch"),
        (ZOE, GoToItem(1, "item-one"), Invalid, "error-room-no-item"),
        (PAUL, Onward(1, "next"), Forbidden, "error-room-not-presenter"),
        (ZOE, Onward(0, "next"), Conflict, "error-room-epoch"),
        (ZOE, Onward(1, "room"), Invalid, "error-room-same-room"),
    ],
)
def test_what_may_not_be_done_is_refused_by_name(person: str, act: Act, error: type[TelepathError], code: str) -> None:
    with pytest.raises(error) as refused:
        decide(STATE, person, act)
    assert refused.value.code == code


def test_who_neither_drew_it_nor_presents_erases_nothing() -> None:
    with pytest.raises(Forbidden) as refused:
        decide(STATE, LEA, Erase(7), PAUL)
    assert refused.value.code == "error-room-not-drawer"


def test_the_point_at_hand_is_not_gone_on_to() -> None:
    at_hand = decide(decide(STATE, ZOE, PLAN).state, ZOE, GoToItem(1, "item-three")).state
    with pytest.raises(Invalid) as refused:
        decide(at_hand, ZOE, GoToItem(1, "item-three"))
    assert refused.value.code == "error-room-same-item"


@pytest.mark.parametrize(
    "act",
    [
        Take(1),
        HandOver(1, PAUL),
        Ask(),
        ChangeSlide(1, "other"),
        Say("…"),
        CloseRoom(),
        Gather(1),
        LINE,
        Erase(7),
        PLAN,
        GoToItem(1, "item-one"),
        Onward(1, "next"),
    ],
)
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
