"""telepath/background.py: work that ends with its owner."""

import asyncio

from telepath.background import Background


async def test_what_was_started_has_ended_when_its_owner_has() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # what a task still has to do is waited for
            ended.append("endless")

    async def broken() -> None:
        raise ValueError

    background = Background()
    background.start(broken(), "broken")
    background.start(endless(), "endless")
    await begun.wait()
    await background.stop()
    assert ended == ["endless"]
    await background.stop()
