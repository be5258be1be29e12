"""Files that stay open for reading."""

import os
from pathlib import Path

import pytest

from telepath.open_files import MAX_OPEN, OpenFiles


def test_a_file_is_open_after_it_was_read_and_what_is_in_memory_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    files = OpenFiles()
    assert files.get("a") is None
    assert files.read("a", path, 2, 3) == b"234"
    file = files.get("a")
    assert file is not None
    buffer = bytearray(3)
    assert file.fill(memoryview(buffer), 4) == (files.read_now("a", 4, 3) is not None)
    assert bytes(buffer) in (b"456", bytes(3))
    assert not file.fill(memoryview(buffer), 8), "fewer bytes are there"


def test_a_file_that_was_forgotten_stays_open_for_who_refers_to_it_and_is_closed_then(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    files = OpenFiles()
    files.read("folder/a", path, 0, 1)
    file = files.get("folder/a")
    assert file is not None
    path.unlink()
    path.write_bytes(b"new")
    files.forget("folder")
    assert files.get("folder/a") is None
    assert os.pread(file.descriptor, 3, 0) == b"old"
    descriptor = file.descriptor
    del file
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert files.read("folder/a", path, 0, 3) == b"new"


def test_only_so_many_are_open_and_the_latest_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    files = OpenFiles()
    for number in range(MAX_OPEN + 1):
        files.read(str(number), path, 0, 1)
    assert files.get("0") is None
    assert files.get("1") is not None
    assert files.get(str(MAX_OPEN)) is not None
    files.close()
