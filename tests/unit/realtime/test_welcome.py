"""realtime/welcome.py: what somebody who comes is told first."""

import pytest

from realtime import frames, messages
from realtime.frames import ViewportFrame
from realtime.messages import Fact, Hello, Item, Welcome
from realtime.room import DRAWN, SAID, State
from realtime.welcome import WELCOME_BYTES, known, unread, welcome

ITEMS = (Item("item-one", "Un"),)
STATE = State(
    "room", "case", "", "house", "slide", "zoe", "zoe", 2, 4, False, ITEMS, "item-one", "2026-11-24T08:00:00Z"
)
LINE = len(messages.encode(Fact(1, SAID, {"text": ""}, "zoe", "Dr Zoé", "", "")))


def fact(seq: int, kind: str = SAID, text: str = "") -> Fact:
    return Fact(seq, kind, {"text": text}, "zoe", "Dr Zoé", "", "")


FACTS = [fact(seq) for seq in range(1, 5)]


def told(
    hello: Hello,
    facts: list[Fact],
    newest: list[Fact],
    *,
    state: State = STATE,
    reads: bool = True,
    field: ViewportFrame | None = None,
) -> Welcome:
    return welcome(state, hello, facts, newest, you=7, reads=reads, members=(), field=field, at=1, every=250)


def seqs(message: Welcome) -> list[int]:
    return [one.seq for one in message.facts]


@pytest.mark.parametrize("last", range(5))
def test_who_comes_back_is_told_what_came_after_what_they_hold(last: int) -> None:
    message = told(Hello(3, last, 2), FACTS, FACTS)
    assert (message.mode, seqs(message)) == ("replay", list(range(last + 1, 5)))


def test_who_is_too_far_behind_is_told_the_newest_and_to_forget_the_rest() -> None:
    message = told(Hello(3, 1, 2), FACTS[2:], FACTS[2:])
    assert (message.mode, seqs(message)) == ("reset", [3, 4])


@pytest.mark.parametrize("hello", [Hello(3, 5, 2), Hello(3, 4, 3)])
def test_who_knows_more_than_the_ledger_begins_anew(hello: Hello) -> None:
    assert not known(hello, STATE)
    message = told(hello, [], FACTS)
    assert (message.mode, seqs(message)) == ("reset", [1, 2, 3, 4])


@pytest.mark.parametrize(("more", "mode", "shown"), [(0, "replay", [1, 2, 3, 4]), (1, "reset", [2, 3, 4])])
def test_a_welcome_holds_so_many_bytes_of_facts_and_no_more(more: int, mode: str, shown: list[int]) -> None:
    long = WELCOME_BYTES - 4 * LINE + more
    facts = [fact(1, text="x" * (long // 2)), fact(2), fact(3), fact(4, text="x" * (long - long // 2))]
    message = told(Hello(3), facts, facts)
    assert (message.mode, seqs(message)) == (mode, shown)


def test_a_fact_that_is_too_long_alone_is_left_out() -> None:
    facts = [*FACTS[:3], fact(4, text="x" * WELCOME_BYTES)]
    message = told(Hello(3), facts, facts)
    assert (message.mode, seqs(message)) == ("reset", [])


def test_who_may_not_read_is_told_that_something_was_said_and_no_agenda() -> None:
    facts = [fact(3, text="Ici."), fact(4, DRAWN)]
    message = told(Hello(3, 2, 2), facts, facts, reads=False)
    assert [(one.seq, one.kind, one.name) for one in message.facts] == [(3, "withheld", ""), (4, DRAWN, "Dr Zoé")]
    assert message.agenda is None
    assert message.facts == tuple(map(unread, facts))


def test_the_agenda_and_the_field_are_those_of_the_room() -> None:
    field = ViewportFrame(1, 2, 1, 0, 0, 0, 256, 256)
    message = told(Hello(3), FACTS, FACTS, field=field)
    assert message.agenda == messages.Agenda(ITEMS, "item-one", "2026-11-24T08:00:00Z")
    assert frames.decode(message.frames) == [field]
    assert (message.room, message.you, message.presenter, message.epoch, message.slide) == (
        "room",
        7,
        "zoe",
        2,
        "slide",
    )
    bare = told(Hello(3), FACTS, FACTS, state=State("room", "case", "", "house", "slide", "zoe", "zoe", 2, 4, False))
    assert (bare.agenda, bare.frames) == (None, b"")
