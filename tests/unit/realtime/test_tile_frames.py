"""realtime/tile_frames.py: the bytes are those of the vectors, and a client's message is none of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import frames
from realtime.frames import FrameError
from realtime.tile_frames import CompleteFrame, TileFrame, decode, encode, is_pushed

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "frames.json").read_text())["pushed"]

u8 = st.integers(0, 255)
u16 = st.integers(0, 2**16 - 1)
u32 = st.integers(0, 2**32 - 1)
tiles = st.builds(TileFrame, u32, u8, u32, u32, st.integers(0, 2), st.binary(max_size=64), u16, u8)
completes = st.builds(CompleteFrame, u16, u32, u32, st.booleans())


def record_of(fields: dict[str, Any]) -> TileFrame | CompleteFrame:
    told = {key: value for key, value in fields.items() if key != "kind"}
    if fields["kind"] == "complete":
        return CompleteFrame(**told)
    return TileFrame(**told | {"data": bytes.fromhex(told["data"])})


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_a_vector_is_read_and_written_as_it_stands(vector: dict[str, Any]) -> None:
    wanted = record_of(vector["record"])
    assert decode(bytes.fromhex(vector["hex"])) == wanted
    assert encode(wanted).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_what_is_not_pushed_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(FrameError):
        decode(bytes.fromhex(vector["hex"]))


@given(tiles | completes)
def test_everything_survives_the_wire_and_is_no_frame_of_a_client(sent: TileFrame | CompleteFrame) -> None:
    data = encode(sent)
    assert decode(data) == sent
    assert is_pushed(data)
    with pytest.raises(FrameError):
        frames.decode(data)


@given(st.binary(max_size=64))
def test_any_bytes_are_pushed_or_an_error(data: bytes) -> None:
    try:
        found = decode(data)
    except FrameError:
        return
    assert encode(found) == data


def test_a_number_out_of_range_is_not_written() -> None:
    with pytest.raises(FrameError):
        encode(CompleteFrame(2**16, 1, 1))
