"""Ranges of objects that were read last, in memory: all who are in a room read the same tiles."""

from collections import OrderedDict
from typing import Final

RECENT_BYTES: Final = 16 << 20
RECENT_LONGEST: Final = 256 << 10
"""Ranges up to this length are kept, up to ``RECENT_BYTES``."""


class RecentRanges:
    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._size = 0

    def get(self, key: str, offset: int, length: int) -> bytes | None:
        held = self._held.get((key, offset, length))
        if held is not None:
            self._held.move_to_end((key, offset, length))
        return held

    def put(self, key: str, offset: int, length: int, data: bytes) -> None:
        if len(data) != length or length > RECENT_LONGEST or (key, offset, length) in self._held:
            return
        self._held[key, offset, length] = data
        self._size += length
        while self._size > RECENT_BYTES:
            self._size -= len(self._held.popitem(last=False)[1])

    def forget(self, key: str) -> None:
        for held in [held for held in self._held if held[0] == key or held[0].startswith(f"{key}/")]:
            self._size -= len(self._held.pop(held))
