"""Where the frames of a DICOM file lie: what it says of them is believed when it is true, else every item is visited."""

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from telepath.errors import SlideIncomplete
from telepath.slides import dicom_items

FRAMES = [b"\xff\xd8" + bytes([number]) * (40 + 2 * number) for number in range(200)]
START = 32
END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def item(data: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(data)) + data


def offsets(frames: Sequence[bytes]) -> list[int]:
    found, place = [], 0
    for frame in frames:
        found.append(place)
        place += 8 + len(frame)
    return found


def written(path: Path, frames: Sequence[bytes], table: bytes, end: bytes = END) -> Path:
    path.write_bytes(bytes(START) + item(table) + b"".join(map(item, frames)) + end)
    return path


def true_of(path: Path, found: list[tuple[int, int]]) -> bool:
    data = path.read_bytes()
    return [data[offset : offset + length] for offset, length in found] == FRAMES


def extended(places: Sequence[int], lengths: Sequence[int]) -> tuple[bytes, bytes]:
    return struct.pack(f"<{len(places)}Q", *places), struct.pack(f"<{len(lengths)}Q", *lengths)


TRUE = offsets(FRAMES)
LENGTHS = [len(frame) for frame in FRAMES]
LIES = {
    "moved": [place + 2 if place else 0 for place in TRUE],
    "backwards": [0, *reversed(TRUE[1:])],
    "far": [*TRUE[:-1], (1 << 31) + 4],
    "twice": [*TRUE[:-1], TRUE[-2]],
}


@pytest.mark.parametrize("places", [[], TRUE, *LIES.values()], ids=["none", "true", *LIES])
def test_the_basic_offset_table(tmp_path: Path, places: list[int]) -> None:
    path = written(tmp_path / "frames", FRAMES, struct.pack(f"<{len(places)}I", *places))
    assert true_of(path, dicom_items.fragments(path, START, len(FRAMES)))


@pytest.mark.parametrize("places", [TRUE, *LIES.values(), [1 << 63] * len(TRUE)], ids=["true", *LIES, "beyond"])
def test_the_extended_offset_table(tmp_path: Path, places: list[int]) -> None:
    path = written(tmp_path / "frames", FRAMES, b"")
    assert true_of(path, dicom_items.fragments(path, START, len(FRAMES), extended(places, LENGTHS)))


@pytest.mark.parametrize("lengths", [[1] * len(TRUE), [length - 1 for length in LENGTHS], [(1 << 64) - 1] * len(TRUE)])
def test_lengths_that_are_those_of_unpadded_frames_or_no_true_ones(tmp_path: Path, lengths: list[int]) -> None:
    path = written(tmp_path / "frames", FRAMES, b"")
    assert true_of(path, dicom_items.fragments(path, START, len(FRAMES), extended(TRUE, lengths)))


def test_a_table_that_is_not_of_so_many_frames_is_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path / "frames", FRAMES, struct.pack(f"<{len(TRUE)}I", *TRUE))
    assert true_of(path, dicom_items.fragments(path, START, len(FRAMES) - 1))
    assert true_of(path, dicom_items.fragments(path, START))
    assert true_of(path, dicom_items.fragments(path, START, len(FRAMES), (b"12345", b"")))


def test_frames_of_several_pieces_are_found_piece_by_piece(tmp_path: Path) -> None:
    pieces = [part for frame in FRAMES for part in (frame[:20], frame[20:])]
    places = offsets(pieces)[::2]
    path = written(tmp_path / "frames", pieces, struct.pack(f"<{len(places)}I", *places))
    assert len(dicom_items.fragments(path, START, len(FRAMES))) == 2 * len(FRAMES)
    assert dicom_items.offset_table(path, START) == tuple(places)


@pytest.mark.parametrize("cut", [4, 8, 60, 4000])
def test_a_file_that_ends_first_is_told(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "frames", FRAMES, struct.pack(f"<{len(TRUE)}I", *TRUE))
    path.write_bytes(path.read_bytes()[:-cut])
    said = extended(TRUE, LENGTHS)
    with pytest.raises(SlideIncomplete):
        dicom_items.fragments(path, START, len(FRAMES))
    with pytest.raises(SlideIncomplete):
        dicom_items.fragments(path, START, len(FRAMES), said)
