"""The delivered nginx configuration in front of the real service: what must go through does, what must not does not."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import websockets
from sqlalchemy import select
from websockets.exceptions import InvalidStatus

from auth import administration
from telepath.actor import SYSTEM, Role
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log, audit_pending
from tests.builders import MASTER_KEY
from tests.certificates import Certificates, make_certificates
from tests.identities import INES
from tests.login import free_port, issuer_at, login, simulating
from tests.nginx import Proxy, ports, proxying
from web import checks
from web.app import Application
from web.findings import State
from web.routes.notices import HEARTBEAT
from web.server import server_of
from web.settings import Settings


@dataclass
class House:
    """The service behind its proxy."""

    proxy: Proxy
    settings: Settings
    certificates: Certificates
    stop_node: Callable[[], Awaitable[None]]

    @property
    def origin(self) -> str:
        return self.proxy.origin

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.origin,
            headers={"Origin": self.origin, "Accept": "text/html"} | headers,
            verify=self.certificates.client(),
            trust_env=False,
            timeout=10,
        )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path, certificates: Certificates) -> AsyncIterator[House]:
    (secure, plain), node, provider = ports(), free_port(), free_port()
    settings = Settings(
        data=tmp_path / "data",
        database=sqlite_url,
        origin=f"https://localhost:{secure}",
        port=node,
        oidc_issuer=issuer_at(provider),
        log_level="warning",
    )
    await _ines(sqlite_url)
    running = server_of(Application(settings), settings)
    # Listening already: who asks before the node is ready waits for it.
    task = asyncio.create_task(running.serve([socket.create_server(("127.0.0.1", node))]))

    async def stop_node() -> None:
        running.should_exit = True
        await task

    async with (
        simulating(settings.origin, provider, [INES]),
        proxying(tmp_path / "nginx", certificates, [node], secure=secure, plain=plain) as proxy,
    ):
        yield House(proxy, settings, certificates, stop_node)
        await stop_node()


async def _ines(url: str) -> None:
    db = Database(url, MASTER_KEY)
    async with db.write(SYSTEM) as tx:
        place = await administration.add_institution(
            tx, finess=INES.finess, name="CH", city="Cayenne", region="03", time_zone="America/Cayenne"
        )
        person = await administration.add_person(
            tx, subject_name_id=INES.subject_name_id, given_name="Inès", family_name="Flamboyant"
        )
        await administration.set_membership(tx, person, place, {Role.REQUESTER})
    await db.close()


async def test_pages_come_through_encrypted_and_say_little_about_the_machine(house: House) -> None:
    async with house.browser() as browser:
        page = await browser.get("/about")
    assert page.status_code == 200
    assert page.headers["server"] == "nginx"
    assert page.headers.get_list("strict-transport-security") == ["max-age=31536000"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_http_2_is_offered_and_old_tls_is_not(house: House) -> None:
    modern = house.certificates.client()
    modern.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection("localhost", house.proxy.secure_port, ssl=modern)
    tls = writer.get_extra_info("ssl_object")
    assert (tls.selected_alpn_protocol(), tls.version()) == ("h2", "TLSv1.3")
    writer.close()
    old = house.certificates.client()
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("localhost", house.proxy.secure_port, ssl=old)


async def test_plain_http_leads_to_https_at_our_own_name(house: House) -> None:
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(f"http://localhost:{house.proxy.plain_port}/cases?organ=skin")
    assert answer.status_code == 301
    assert answer.headers["location"] == "https://localhost/cases?organ=skin"


async def test_another_name_gets_neither_certificate_nor_answer(house: House) -> None:
    context = house.certificates.client()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", house.proxy.secure_port, ssl=context, server_hostname="evil.example")
    async with house.browser(Host="evil.example") as browser:
        with pytest.raises(httpx2.RemoteProtocolError):
            await browser.get("/about")
    async with httpx2.AsyncClient(trust_env=False) as browser:
        with pytest.raises(httpx2.RemoteProtocolError):
            await browser.get(f"http://127.0.0.1:{house.proxy.plain_port}/", headers={"Host": "evil.example"})


async def test_signing_in_gives_a_host_cookie_that_opens_pages(house: House) -> None:
    async with house.browser() as browser:
        answer = await login(browser, INES.subject_name_id)
        cookies = [line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-telepath=")]
        assert len(cookies) == 1
        attributes = {part.strip().lower() for part in cookies[0].split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
        page = await browser.get("/cases")
        assert page.status_code == 200
        assert "Flamboyant" in page.text


async def test_the_audit_holds_the_true_address_whatever_the_browser_claims(house: House) -> None:
    forged = {"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "http", "Forwarded": "for=192.0.2.66"}
    async with house.browser(**forged) as browser:
        await login(browser, INES.subject_name_id)
    db = Database(house.settings.database_url, MASTER_KEY)
    async with db.read() as reader:
        pending = [str(row["record"]) for row in await reader.all(select(audit_pending.c.record))]
        sealed = [row["body"] for row in await reader.all(select(audit_log.c.body))]
    await db.close()
    started = [text for text in pending + sealed if "session.started" in text]
    assert len(started) == 1
    assert "192.0.2.66" not in started[0]


async def test_a_websocket_goes_through(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(house.certificates.authority))
    (result,) = await checks.proxy(house.settings)
    assert (result.state, result.code) == (State.OK, "operations-check-proxy-good")


async def test_a_websocket_of_another_site_does_not(house: House) -> None:
    address = house.origin.replace("https", "wss", 1) + "/check/socket"
    with pytest.raises(InvalidStatus) as refused:
        async with websockets.connect(
            address, ssl=house.certificates.client(), origin=websockets.Origin("https://evil.example"), proxy=None
        ):
            pass
    assert refused.value.response.status_code == 403


async def test_notices_stream_through_without_waiting_for_a_full_buffer(house: House) -> None:
    async with house.browser() as browser:
        await login(browser, INES.subject_name_id)
        async with asyncio.timeout(HEARTBEAT - 1), browser.stream("GET", "/notices/stream") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in stream.headers
            # The stream has not ended and is far from any buffer's size: that something is here proves it.
            first = await anext(stream.aiter_bytes())
    assert first


async def test_built_files_may_be_kept_for_ever_and_come_compressed(house: House) -> None:
    async with house.browser() as browser:
        page = await browser.get("/about")
        style = re.search(r'"(/static/[^"]+\.css)"', page.text)
        assert style is not None
        asset = await browser.get(style[1])
    assert asset.status_code == 200
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers.get("content-encoding") in {"br", "gzip"}, "as the build compressed it"


async def test_a_tile_without_its_capability_is_not_found_and_not_kept(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/slides/01hz0000000000000000000000/tiles/0/0_0")
    assert answer.status_code == 404
    assert "public" not in answer.headers.get("cache-control", "")


async def test_a_body_that_is_too_large_stops_at_the_door(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.post("/theme", content=b"x" * 1_100_000)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Un envoi ne peut dépasser 1 Mo" in answer.text
    assert "Revenez en arrière, raccourcissez le texte" in answer.text
    assert '<p lang="en">What was sent is larger than 1 MB' in answer.text


async def test_a_file_for_a_case_comes_through_up_to_its_own_limit(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.post("/cases/01hz0000000000000000000000/attachments", content=b"x" * 1_100_000)
        assert answer.status_code != 413
        answer = await browser.post("/cases/01hz0000000000000000000000/attachments", content=b"x" * 22_100_000)
    assert answer.status_code == 413


async def test_a_flood_of_logins_is_slowed_and_ordinary_work_is_not(house: House) -> None:
    async with house.browser() as browser:
        pages = await asyncio.gather(*(browser.get("/health/live") for _ in range(150)))
        assert {page.status_code for page in pages} == {200}
        logins = await asyncio.gather(*(browser.get("/login/nowhere") for _ in range(150)))
    codes = [answer.status_code for answer in logins]
    assert codes.count(429) > 50
    assert codes.count(404) >= 60
    slowed = next(answer for answer in logins if answer.status_code == 429)
    assert slowed.headers["retry-after"] == "10"
    assert "Trop de demandes viennent de l’adresse de votre établissement" in slowed.text
    assert "Attendez dix secondes" in slowed.text
    assert '<p lang="en">Too many requests come from the address' in slowed.text


async def test_while_no_node_answers_a_page_says_so_and_when_to_come_back(house: House) -> None:
    async with house.browser() as browser:
        assert (await browser.get("/about")).status_code == 200
        await house.stop_node()
        answer = await browser.get("/about")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "indisponible" in answer.text


@asynccontextmanager
async def busy_node() -> AsyncIterator[int]:
    """Answers pages with 200 and tiles with 503, as a node does whose decoders have too much to do."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        status = b"503 Service Unavailable" if b"/tiles/" in asked.split(b"\r\n")[0] else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        port: int = server.sockets[0].getsockname()[1]
        yield port


async def test_nodes_whose_decoders_are_busy_still_answer_pages(tmp_path: Path, certificates: Certificates) -> None:
    secure, plain = ports()
    async with (
        busy_node() as one,
        busy_node() as other,
        proxying(tmp_path, certificates, [one, other], secure=secure, plain=plain) as proxy,
        httpx2.AsyncClient(base_url=proxy.origin, verify=certificates.client(), trust_env=False) as browser,
    ):
        for _ in range(4):
            assert (await browser.get("/slides/a/tiles/0/0_0")).status_code == 503
            assert (await browser.get("/cases")).status_code == 200


async def test_the_proxys_log_holds_no_query(house: House) -> None:
    async with house.browser() as browser:
        await browser.get("/login/callback?code=very-secret&state=s")
        await browser.get("/about")
    assert "/login/callback" in house.proxy.log.read_text()
    assert "very-secret" not in house.proxy.log.read_text()


async def test_the_address_in_a_letter_stands_in_no_log_and_is_not_guessed_fast(house: House) -> None:
    secret = "very-secret" * 4
    async with house.browser() as browser:
        for path in (f"/invitations/{secret}", f"/guest/{secret}", f"/asked/{secret}"):
            answers = await asyncio.gather(*(browser.get(path) for _ in range(100)))
            assert 429 in {answer.status_code for answer in answers}, path
            await browser.get(f"{path}/start?provider=psc")
            await browser.get(f"http://localhost:{house.proxy.plain_port}{path}")
        await browser.get("/about")
    assert "/about" in house.proxy.log.read_text()
    assert "very-secret" not in house.proxy.log.read_text()
    assert "very-secret" not in house.proxy.errors.read_text()
