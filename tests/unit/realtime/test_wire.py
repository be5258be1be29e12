"""realtime/wire.py: frames as RFC 6455 5.2 has them, compared with the websockets library."""

import pytest
from websockets.frames import Frame, Opcode

from realtime import wire


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_a_message_is_framed_as_the_library_frames_it(length: int) -> None:
    payload = b"x" * length
    assert wire.text(payload).framed == Frame(Opcode.TEXT, payload).serialize(mask=False)
    assert wire.binary(payload).framed == Frame(Opcode.BINARY, payload).serialize(mask=False)
    assert wire.binary(payload).size == len(wire.binary(payload).framed)
