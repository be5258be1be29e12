"""telepath/slides/turns.py."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from telepath.errors import Unavailable
from telepath.slides.turns import Turns


class Room:
    """Askers whose turn ends when the test says so."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self.ends = asyncio.Semaphore(0)

    async def ask(self, reader: str, what: str = "") -> None:
        async with self.turns.turn(reader):
            self.begun.append(reader + what)
            await self.ends.acquire()

    async def asked(self, reader: str, what: str = "") -> asyncio.Task[None]:
        """Have it stand in line, or begin."""
        task = asyncio.create_task(self.ask(reader, what))
        await settled()
        return task

    async def end(self) -> None:
        """End the longest turn."""
        self.ends.release()
        await settled()


async def settled() -> None:
    """Let every task go as far as it can: nothing here waits for anything outside."""
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def room(slots: int = 1, waiting: int = 256) -> AsyncIterator[Room]:
    """Everyone has left at its end, and all turns are free again."""
    made = Room(Turns(slots, waiting))
    async with asyncio.timeout(10):
        yield made
        while made.turns.waiting:
            await made.end()
        made.begun.clear()
        for _ in range(slots):
            await made.end()
        await asyncio.gather(*(made.asked(f"new {number}") for number in range(slots)))
        assert len(made.begun) == slots
        assert not made.turns.waiting
        for _ in range(slots):
            await made.end()


async def test_so_many_go_at_once_and_the_others_wait() -> None:
    async with room(slots=2) as made:
        for reader in ("a", "b", "c"):
            await made.asked(reader)
        assert (made.begun, made.turns.waiting) == (["a", "b"], 1)
        await made.end()
        assert (made.begun, made.turns.waiting) == (["a", "b", "c"], 0)


async def test_readers_go_in_rotation_and_each_ones_requests_in_order() -> None:
    async with room() as made:
        for what in ("1", "2", "3", "4"):
            await made.asked("a", what)
        for what in ("1", "2"):
            await made.asked("b", what)
        await made.asked("c", "1")
        for _ in range(6):
            await made.end()
        assert made.begun == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_who_leaves_the_line_gets_no_turn() -> None:
    async with room() as made:
        await made.asked("a")
        left = await made.asked("b", "1")
        await made.asked("b", "2")
        alone = await made.asked("c")
        for task in (left, alone):
            task.cancel()
        await settled()
        assert made.turns.waiting == 1
        await made.end()
        assert made.begun == ["a", "b2"]


async def test_a_turn_that_comes_to_someone_who_leaves_goes_to_the_next() -> None:
    async with room() as made:
        await made.asked("a")
        left = await made.asked("b")
        await made.asked("c")
        made.ends.release()
        for _ in range(10):
            await asyncio.sleep(0)
            if made.turns.waiting == 1:
                break
        left.cancel()  # the turn is given, and not yet begun
        await settled()
        assert made.begun == ["a", "c"]


async def test_too_many_are_refused_at_once_and_those_in_line_stay() -> None:
    async with room(waiting=8) as made:
        for reader in "abcdefghi":
            await made.asked(reader)
        assert made.turns.waiting == 8
        with pytest.raises(Unavailable):
            await made.ask("j")
        assert made.turns.waiting == 8
        await made.end()
        await made.asked("j")
        assert made.turns.waiting == 8


async def test_one_reader_never_fills_the_line() -> None:
    async with room(waiting=8) as made:
        for what in ("1", "2", "3"):
            await made.asked("a", what)
        with pytest.raises(Unavailable):
            await made.ask("a", "4")
        await made.asked("b", "1")
        assert made.turns.waiting == 3
