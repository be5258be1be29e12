"""realtime/calls.py: what the nodes tell each other about a room."""

import msgspec
import pytest

from realtime import calls
from realtime.calls import Call
from realtime.presence import Seat


def test_a_node_passes_over_what_it_said_itself() -> None:
    said = calls.fact("node-a", 258)
    assert calls.from_others("node-a", said) is None
    heard = calls.from_others("node-b", said)
    assert heard is not None
    assert calls.seq(heard) == 258
    assert calls.from_others("node-b", calls.moves("node-a", b"records")) == b"records"


def test_a_call_is_read_as_it_was_said() -> None:
    call = Call("node-a", (Seat(1, "zoe", "Dr Zoé", "CHU", 3, True),), b"field", 7, True)
    assert calls.decode(calls.encode(call)) == call
    with pytest.raises(msgspec.DecodeError):
        calls.decode(b"\xc1")
