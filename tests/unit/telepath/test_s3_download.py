"""An object of a bucket comes in ranges (telepath/s3_download.py): what comes is what was asked for, or nothing."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from telepath import s3_download
from telepath.s3_download import Download

WHOLE = bytes(range(200)) * 5
WHERE = {"Bucket": "slides", "Key": "a"}


class Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        yield from (self._data[start : start + size] for start in range(0, len(self._data), size))

    def close(self) -> None: ...


class Server:
    """``answer``: to a range, its first byte and the one behind it."""

    def __init__(self, answer: Callable[[int, int], bytes]) -> None:
        self._answer = answer

    def get_object(self, **asked: Any) -> dict[str, Body]:
        assert asked["IfMatch"] == "state"
        first, last = asked["Range"].removeprefix("bytes=").split("-")
        return {"Body": Body(self._answer(int(first), int(last) + 1))}


async def downloaded(server: Server, path: Path) -> bytes:
    path.touch()
    await Download(asyncio.to_thread, lambda: server, WHERE, "state", threading.Event()).into(path, len(WHOLE))
    return path.read_bytes()


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_download, "STEP", 300)


async def test_the_parts_come_together(tmp_path: Path) -> None:
    assert await downloaded(Server(lambda first, end: WHOLE[first:end]), tmp_path / "a") == WHOLE


async def test_what_comes_short_goes_on_from_where_it_was(tmp_path: Path) -> None:
    assert await downloaded(Server(lambda first, end: WHOLE[first : min(end, first + 200)]), tmp_path / "a") == WHOLE


@pytest.mark.parametrize(
    "answer", [lambda _first, _end: WHOLE, lambda first, _end: WHOLE[first:], lambda _first, _end: b""]
)
async def test_what_was_not_asked_for_is_no_part_of_it(tmp_path: Path, answer: Callable[[int, int], bytes]) -> None:
    with pytest.raises(OSError, match="than was asked for"):
        await downloaded(Server(answer), tmp_path / "a")
