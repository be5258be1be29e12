"""What every bus promises."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from realtime.bus import QUEUE, Bus
from realtime.bus_memory import MemoryBus
from realtime.bus_redis import RedisBus
from tests.certificates import Certificates, make_certificates
from tests.locked_valkey import LockedValkey


@pytest.fixture(scope="module")
def locked(short_folder: Path) -> Iterator[LockedValkey]:
    with LockedValkey(short_folder / "bus") as started:
        yield started


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["memory", "redis", "rediss", "unix"])
async def bus(
    request: pytest.FixtureRequest, valkey: str, locked: LockedValkey, certificates: Certificates
) -> AsyncIterator[Bus]:
    """A bus of each kind. ``rediss``: by TLS, with a name that may do no more than it must; ``unix``: by a socket, with a
    password."""
    async with AsyncExitStack() as stack:
        made: Bus
        match request.param:
            case "memory":
                made = MemoryBus()
            case "redis":
                made = RedisBus(valkey)
            case "rediss":
                made = RedisBus(await stack.enter_async_context(locked.by_tls(certificates)))
            case _:
                made = RedisBus(locked.local)
        yield made
        assert made.trouble == ""
        await made.close()


async def test_a_subscriber_gets_what_is_published_after_it_entered(bus: Bus) -> None:
    async with bus.subscribe("room:1") as messages:
        await bus.publish("room:1", b"\x00\xff")
        assert await anext(messages) == ("room:1", b"\x00\xff")


async def test_messages_of_one_publisher_come_in_order(bus: Bus) -> None:
    async with bus.subscribe("a") as messages:
        for number in range(500):
            await bus.publish("a", number.to_bytes(2, "little"))
        came = [int.from_bytes((await anext(messages))[1], "little") for _ in range(500)]
    assert came == list(range(500))


async def test_every_subscriber_gets_every_message_once(bus: Bus) -> None:
    async with bus.subscribe("a") as one, bus.subscribe("a", "b") as other:
        await bus.publish("a", b"1")
        await bus.publish("b", b"2")
        assert await anext(one) == ("a", b"1")
        assert [await anext(other), await anext(other)] == [("a", b"1"), ("b", b"2")]
        await bus.publish("a", b"3")
        assert await anext(one) == ("a", b"3")


async def test_nothing_comes_from_other_topics(bus: Bus) -> None:
    async with bus.subscribe("a") as messages:
        await bus.publish("ab", b"no")
        await bus.publish("a", b"yes")
        assert await anext(messages) == ("a", b"yes")


async def test_a_message_that_nobody_wants_is_no_error(bus: Bus) -> None:
    await bus.publish("nobody", b"x")
    assert bus.losses == 0


async def test_leaving_does_not_cut_off_the_others(bus: Bus) -> None:
    async with bus.subscribe("a") as stays:
        async with bus.subscribe("a", "b"):
            pass
        await bus.publish("a", b"1")
        assert await anext(stays) == ("a", b"1")
    async with bus.subscribe("a") as again:
        await bus.publish("a", b"2")
        assert await anext(again) == ("a", b"2")


async def test_closing_ends_every_subscription(bus: Bus) -> None:
    async with bus.subscribe("a") as messages:
        reading = asyncio.create_task(_all(messages))
        await bus.publish("a", b"1")
        await bus.close()
        assert await reading in ([b"1"], [])


async def test_a_subscriber_that_does_not_read_loses_the_oldest_and_it_is_counted(bus: Bus) -> None:
    async with bus.subscribe("a") as messages:
        for number in range(QUEUE + 10):
            await bus.publish("a", number.to_bytes(4, "little"))
        async with bus.subscribe("echo") as echo:
            # Messages of one connection come in order: when this one is here, all the others are.
            await bus.publish("echo", b"")
            await anext(echo)
        assert bus.losses == 10
        assert await anext(messages) == ("a", (10).to_bytes(4, "little"))


async def _all(messages: AsyncIterator[tuple[str, bytes]]) -> list[bytes]:
    return [payload async for _, payload in messages]


async def test_two_hundred_who_publish_at_once_are_all_heard(bus: Bus) -> None:
    async with bus.subscribe("t") as messages:
        before = bus.losses
        await asyncio.gather(*(bus.publish("t", str(number).encode()) for number in range(200)))
        heard = {await anext(messages) for _ in range(200 - (bus.losses - before))}
    assert heard == {("t", str(number).encode()) for number in range(200)}
