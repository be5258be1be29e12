"""What somebody who comes is told first: the room as it is, and what they missed. Pure."""

from collections.abc import Sequence
from typing import Final

from realtime import frames, messages
from realtime.frames import ViewportFrame
from realtime.mailbox import FACT_BYTES
from realtime.messages import Agenda, Fact, Hello, Member, Welcome
from realtime.room import WITHHELD, State

WELCOME_BYTES: Final = FACT_BYTES // 2
"""Of the facts in a welcome: in a room where much was said nobody could come in, if all of it had to fit the mailbox."""


def known(hello: Hello, state: State) -> bool:
    """A client that knows more than the ledger lived through a restored backup: it starts anew."""
    return hello.last_seq <= state.seq and hello.epoch <= state.epoch


def unread(fact: Fact) -> Fact:
    """The fact as it is told to whom may not read what is said."""
    return messages.withheld(fact) if fact.kind in WITHHELD else fact


def welcome(
    state: State,
    hello: Hello,
    facts: Sequence[Fact],
    newest: Sequence[Fact],
    *,
    you: int,
    reads: bool,
    members: tuple[Member, ...],
    field: ViewportFrame | None,
    at: int,
    every: int,
) -> Welcome:
    """``facts``: those of the ledger after what the client holds, or the newest of them; ``newest``: of all. ``you``: the
    client's stream; ``reads``: it may read what is said; ``field``: of the presenter; ``at``, ``every``: as in the message."""
    missed = [fact for fact in facts if fact.seq > hello.last_seq]
    replay = known(hello, state) and len(missed) == state.seq - hello.last_seq
    if not replay:
        missed = list(newest)
    shown = _newest(missed)
    return Welcome(
        room=state.room,
        you=you,
        members=members,
        presenter=state.presenter,
        epoch=state.epoch,
        slide=state.slide,
        seq=state.seq,
        mode="replay" if replay and len(shown) == len(missed) else "reset",
        facts=tuple(fact if reads else unread(fact) for fact in shown),
        frames=frames.encode(field) if field is not None else b"",
        at=at,
        every=every,
        agenda=Agenda(state.agenda, state.item, state.since) if state.agenda and reads else None,
    )


def _newest(facts: Sequence[Fact]) -> Sequence[Fact]:
    """The last of ``facts`` that take at most WELCOME_BYTES together."""
    left, kept = WELCOME_BYTES, 0
    for fact in reversed(facts):
        left -= len(messages.encode(fact))
        if left < 0:
            break
        kept += 1
    return facts[len(facts) - kept :]
