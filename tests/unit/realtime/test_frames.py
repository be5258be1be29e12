"""realtime/frames.py: the bytes are those of the vectors, and nothing else is a frame."""

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.frames import (
    AckRecord,
    FrameError,
    PointerFrame,
    ReceiptFrame,
    Record,
    ShownChannel,
    StrokeFrame,
    Target,
    ViewportFrame,
    decode,
    encode,
    is_ack,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "frames.json").read_text())
KINDS = {
    "viewport": ViewportFrame,
    "pointer": PointerFrame,
    "stroke": StrokeFrame,
    "receipt": ReceiptFrame,
    "ack": AckRecord,
}

u8 = st.integers(0, 255)
u16 = st.integers(0, 2**16 - 1)
u32 = st.integers(0, 2**32 - 1)
i32 = st.integers(-(2**31), 2**31 - 1)
extent = st.integers(1, 2**32 - 1)
viewports = st.builds(
    ViewportFrame,
    u16,
    u32,
    u32,
    u32,
    i32,
    i32,
    extent,
    extent,
    u16,
    st.booleans(),
    st.none() | st.builds(Target, i32, i32, extent, extent, u16, u16),
    u16,
    st.lists(st.builds(ShownChannel, u8, u8, u8, u8, u16, u16), max_size=32, unique_by=lambda one: one.number).map(
        lambda shown: tuple(sorted(shown, key=lambda one: one.number))
    ),
)
pointers = st.builds(PointerFrame, u16, u32, u32, u32, i32, i32, st.booleans())
i16 = st.integers(-(2**15), 2**15 - 1)
strokes = st.builds(
    StrokeFrame,
    u16,
    u32,
    u32,
    u32,
    i32,
    i32,
    u16,
    st.integers(0, 16),
    st.lists(st.tuples(i16, i16), max_size=255).map(tuple),
    st.booleans(),
)
receipts = st.builds(
    ReceiptFrame,
    u16,
    u32,
    u32,
    u32,
    u16,
    u32,
    i32,
    i32,
    extent,
    extent,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
records = st.lists(viewports | pointers | strokes | receipts | st.builds(AckRecord, u32, u16), min_size=1, max_size=6)


def record_of(fields: dict[str, Any]) -> Record:
    record: Record = msgspec.convert({k: v for k, v in fields.items() if k != "kind"}, KINDS[fields["kind"]])
    return record


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_a_vector_is_read_and_written_as_it_stands(vector: dict[str, Any]) -> None:
    wanted = [record_of(fields) for fields in vector["records"]]
    assert decode(bytes.fromhex(vector["hex"])) == wanted
    assert b"".join(map(encode, wanted)).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_what_is_not_a_frame_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(FrameError):
        decode(bytes.fromhex(vector["hex"]))


@given(records)
def test_every_record_survives_the_wire(sent: list[Record]) -> None:
    assert decode(b"".join(map(encode, sent))) == sent


@given(viewports, pointers)
def test_a_frame_is_as_small_as_it_was_promised(viewport: ViewportFrame, pointer: PointerFrame) -> None:
    channels = 4 + 8 * len(viewport.channels) if viewport.channels else 0
    assert len(encode(viewport)) <= (56 if viewport.target else 40) + channels
    assert len(encode(pointer)) <= 24


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_an_error(data: bytes) -> None:
    try:
        found = decode(data)
    except FrameError:
        return
    assert b"".join(map(encode, found)) == data


@given(records, st.data())
def test_a_message_that_is_cut_short_is_refused_or_shorter(sent: list[Record], data: st.DataObject) -> None:
    whole = b"".join(map(encode, sent))
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with contextlib.suppress(FrameError):
        assert decode(part) == sent[: len(decode(part))]


def test_a_number_out_of_range_is_not_written() -> None:
    with pytest.raises(FrameError):
        encode(PointerFrame(1, 1, 1, 1, 2**31, 0))


@given(records)
def test_a_lone_ack_is_known_without_reading_the_message(sent: list[Record]) -> None:
    assert is_ack(b"".join(map(encode, sent))) == (len(sent) == 1 and isinstance(sent[0], AckRecord))


def test_nothing_is_no_ack() -> None:
    assert not is_ack(b"")
