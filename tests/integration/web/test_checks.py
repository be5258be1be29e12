"""``telepath check`` against real servers, each in good order and each broken in the ways that happen."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import psycopg
import pytest
from aiosmtpd import smtp as aiosmtpd
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from telepath.actor import SYSTEM
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.errors import Invalid
from telepath.slides.sandbox import Protections
from tests.builders import MASTER_KEY
from tests.certificates import Certificates, make_certificates
from tests.conftest import as_owner
from tests.locked_valkey import PASSWORD, LockedValkey
from tests.login import free_port, serving
from web import checks, checks_audit, timekeeping
from web.checks import CHECKS
from web.findings import Result, State, lines
from web.settings import Settings
from web.timekeeping import Kernel
from web.words import LANGUAGES, Words

REALM = "/auth/realms/esante-wallet"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def only(results: list[Result]) -> tuple[State, str]:
    """The one finding, without its prefix; its words exist in every language."""
    (result,) = results
    worded(results)
    return result.state, result.code.removeprefix(f"operations-check-{result.check}-")


def worded(results: list[Result]) -> None:
    words = Words()
    for language in LANGUAGES:
        assert len(lines(results, words(language))) == len(results) + 1


# Identity provider and clock


def provider(**changed: Any) -> Starlette:
    """A provider's two documents. ``date``, ``issuer``, ``keys``, ``status`` and ``document`` spoil them."""

    async def discovery(request: Request) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}{REALM}"
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
        document = {name: f"{base}/{name}" for name in names} | {"issuer": changed.get("issuer", base)}
        answer = JSONResponse(changed.get("document", document), changed.get("status", 200))
        answer.headers["date"] = format_datetime(changed.get("date", datetime.now(UTC)), usegmt=True)
        return answer

    async def key_set(_request: Request) -> Response:
        return JSONResponse({"keys": changed.get("keys", [{"kty": "RSA", "use": "sig", "kid": "1"}])})

    return Starlette(
        routes=[
            Route(f"{REALM}/.well-known/wallet-openid-configuration", discovery),
            Route(f"{REALM}/jwks_uri", key_set),
        ]
    )


@asynccontextmanager
async def with_provider(app: ASGIApp) -> AsyncIterator[Settings]:
    port = free_port()
    async with serving(app, port, date_header=False):
        yield Settings(oidc_issuer=f"http://127.0.0.1:{port}{REALM}")


async def test_a_provider_in_good_order_passes() -> None:
    async with with_provider(provider()) as settings:
        assert only(await checks.identity(settings)) == (State.OK, "good")


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"issuer": "http://127.0.0.1:1/other"}, "issuer"),
        ({"status": 503}, "status"),
        ({"document": ["no", "object"]}, "unreadable"),
        ({"keys": []}, "no-keys"),
        ({"keys": [{"kty": "oct", "k": "AA"}]}, "no-keys"),
        ({"keys": "none"}, "no-keys"),
    ],
)
async def test_a_broken_provider_is_told_by_what_is_wrong_with_it(changed: dict[str, Any], finding: str) -> None:
    async with with_provider(provider(**changed)) as settings:
        assert only(await checks.identity(settings)) == (State.FAILED, finding)


async def test_an_absent_provider_is_unreachable_and_leaves_the_clock_alone() -> None:
    settings = Settings(oidc_issuer=f"http://127.0.0.1:{free_port()}{REALM}")
    assert only(await checks.identity(settings)) == (State.FAILED, "unreachable")
    results = await checks.clock(settings)
    assert results[-1].code == "operations-check-clock-alone"
    worded(results)


async def test_a_provider_with_an_unknown_certificate_is_told_so(certificates: Certificates) -> None:
    port = free_port()
    async with serving(provider(), port, ssl_certfile=certificates.chain, ssl_keyfile=certificates.key):
        settings = Settings(oidc_issuer=f"https://localhost:{port}{REALM}")
        assert only(await checks.identity(settings)) == (State.FAILED, "certificate")
        vouched = msgspec.structs.replace(settings, oidc_authorities=str(certificates.authority))
        assert only(await checks.identity(vouched)) == (State.OK, "good")
        with pytest.raises(Invalid) as refused:
            await checks.identity(msgspec.structs.replace(settings, oidc_authorities="none"))
        assert refused.value.code == "error-provider-file"


@pytest.mark.parametrize(
    ("ahead", "state", "finding"),
    [(0, State.OK, "right"), (8, State.WARNING, "wrong"), (-8, State.WARNING, "wrong"), (600, State.FAILED, "wrong")],
)
async def test_the_clock_is_compared_with_the_provider(
    ahead: int, state: State, finding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeping, "kernel", lambda: Kernel(None))  # a test machine may run free
    async with with_provider(provider(date=datetime.now(UTC) + timedelta(seconds=ahead))) as settings:
        assert only(await checks.clock(settings)) == (state, finding)


@pytest.mark.parametrize(("synchronised", "codes"), [(True, ["right"]), (False, ["free"]), (None, ["right"])])
async def test_a_clock_that_nothing_keeps_right_is_a_warning(
    synchronised: bool | None, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeping, "kernel", lambda: Kernel(synchronised))
    async with with_provider(provider()) as settings:
        results = await checks.clock(settings)
    assert [result.code.removeprefix("operations-check-clock-") for result in results] == codes
    worded(results)


# Database


async def test_a_migrated_sqlite_passes(sqlite_url: str) -> None:
    assert only(await checks.database(Settings(database=sqlite_url))) == (State.OK, "good")


async def test_the_check_leaves_no_trace_in_the_database(database: Database, database_url: str) -> None:
    await checks.database(Settings(database=database_url))
    assert await audit_log.seal(database, "telepath.example/audit") == 0


async def test_a_postgresql_that_may_forget_commits_is_a_warning_and_in_production_a_failure(postgres_url: str) -> None:
    # The tests' own server runs without fsync: just what must be told.
    results = await checks.database(Settings(database=postgres_url))
    assert only(results) == (State.WARNING, "weak")
    assert "fsync=off" in results[0].params["settings"]
    assert only(await checks.database(Settings(database=postgres_url, production=True))) == (State.FAILED, "weak")


async def test_a_role_that_could_rewrite_the_audit_is_told(postgres_owner_url: str) -> None:
    results = await checks.database(Settings(database=postgres_owner_url))
    assert (results[-1].state, results[-1].code) == (State.WARNING, "operations-check-database-powerful")
    assert "DELETE audit_log" in results[-1].params["rights"]
    worded(results)


async def test_a_postgresql_in_which_nothing_can_be_written_is_told_so(postgres_url: str) -> None:
    name = re.search(r"/(\w+)\?", postgres_url)
    assert name is not None
    with psycopg.connect(as_owner(postgres_url).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name[1]} SET default_transaction_read_only = on")
    assert only(await checks.database(Settings(database=postgres_url))) == (State.FAILED, "read-only")


async def test_an_absent_database_server_is_unreachable() -> None:
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    assert only(await checks.database(Settings(database=url))) == (State.FAILED, "unreachable")
    assert only(await checks_audit.audit(Settings(database=url, audit_key="0" * 64))) == (State.FAILED, "no-log")


async def test_a_database_that_does_not_exist_yet_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert only(await checks.database(Settings(database=f"sqlite+aiosqlite:///{path}"))) == (State.FAILED, "empty")
    assert not path.exists()


async def test_an_older_schema_is_told_with_both_revisions(sqlite_url: str) -> None:
    db = Database(sqlite_url, MASTER_KEY)
    async with db.write(SYSTEM, unaudited="as an older version left it") as tx:
        await tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    await db.close()
    results = await checks.database(Settings(database=sqlite_url))
    assert only(results) == (State.FAILED, "behind")
    assert results[0].params["present"] == "0000"


# Storage


async def test_a_storage_that_can_be_used_passes_and_keeps_nothing_of_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SPACE_WARNING", 0)
    assert only(await checks.storage(Settings(data=tmp_path))) == (State.OK, "roomy")
    assert list((tmp_path / "slides").iterdir()) == []


async def test_a_full_disk_is_told_before_the_next_slide_meets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SPACE_WARNING", 1 << 60)
    assert only(await checks.storage(Settings(data=tmp_path))) == (State.WARNING, "short")
    monkeypatch.setattr(checks, "SPACE_FAILED", 1 << 60)
    assert only(await checks.storage(Settings(data=tmp_path))) == (State.FAILED, "short")


async def test_a_storage_that_is_no_folder_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "slides").write_text("in the way")
    assert only(await checks.storage(Settings(data=tmp_path))) == (State.FAILED, "unwritable")


async def test_a_storage_of_an_unknown_kind_is_a_finding_not_a_crash(tmp_path: Path) -> None:
    results = await checks.run(Settings(data=tmp_path, storage="gopher://somewhere"))
    (result,) = [result for result in results if result.check == "storage"]
    assert (result.state, result.code) == (State.FAILED, "error-setting-invalid")


# Bus


async def test_a_bus_in_memory_passes_and_says_that_it_serves_one_node() -> None:
    assert only(await checks.bus(Settings())) == (State.OK, "memory")


async def test_a_real_valkey_passes(valkey: str) -> None:
    assert only(await checks.bus(Settings(bus=valkey))) == (State.OK, "good")


async def test_an_absent_valkey_is_unreachable() -> None:
    assert only(await checks.bus(Settings(bus=f"redis://127.0.0.1:{free_port()}"))) == (State.FAILED, "unreachable")


async def test_a_valkey_that_does_not_let_us_in_is_told_apart(
    short_folder: Path, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with LockedValkey(short_folder / "checked") as valkey:
        assert only(await checks.bus(Settings(bus=valkey.url()))) == (State.OK, "good")
        refused = await checks.bus(Settings(bus=valkey.url(password="wrong-password")))
        assert only(refused) == (State.FAILED, "refused")
        async with valkey.by_tls(certificates) as url:
            untrusted = await checks.bus(Settings(bus=url.partition("?")[0]))
        assert only(untrusted) == (State.FAILED, "tls")
    words = Words()
    told = "".join(line for language in LANGUAGES for line in lines(refused + untrusted, words(language)))
    for secret in ("wrong-password", quote(PASSWORD, safe=""), PASSWORD, str(valkey.port)):
        assert secret not in caplog.text + told


async def test_an_address_of_a_bus_that_cannot_be_used_is_refused_and_not_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        await checks.bus(Settings(bus="redis://:pa/ss@localhost:6379"))
    assert (refused.value.code, refused.value.params) == (
        "error-setting-invalid",
        {"name": "TELEPATH_BUS", "reason": "bus"},
    )
    assert refused.value.__suppress_context__


# Mail


class Postmaster:
    """Takes nothing: no check sends a letter."""

    async def handle_MAIL(self, *_arguments: object) -> str:  # noqa: N802
        raise AssertionError("a letter was sent")


def _authenticate(
    _server: object, _session: object, _envelope: object, _mechanism: object, data: object
) -> aiosmtpd.AuthResult:
    return aiosmtpd.AuthResult(
        success=isinstance(data, aiosmtpd.LoginPassword) and data.password == b"right", handled=False
    )


@asynccontextmanager
async def smtp(**options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: aiosmtpd.SMTP(Postmaster(), **options), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def trusted(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """This machine trusts the tests' authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    return certificates


async def test_a_mail_server_that_encrypts_and_knows_us_passes(trusted: Certificates) -> None:
    options = {"tls_context": trusted.server(), "authenticator": _authenticate}
    async with smtp(**options) as port:
        settings = Settings(mail=f"smtp://telepath:right@localhost:{port}")
        assert only(await checks.mail(settings)) == (State.OK, "good")


async def test_a_refused_password_is_told(trusted: Certificates) -> None:
    async with smtp(tls_context=trusted.server(), authenticator=_authenticate) as port:
        settings = Settings(mail=f"smtp://telepath:wrong@localhost:{port}")
        assert only(await checks.mail(settings)) == (State.FAILED, "login")


async def test_a_password_is_not_sent_to_a_server_without_encryption() -> None:
    async with smtp(authenticator=_authenticate, auth_require_tls=False) as port:
        settings = Settings(mail=f"smtp://telepath:right@127.0.0.1:{port}")
        assert only(await checks.mail(settings)) == (State.FAILED, "clear")


async def test_a_mail_server_without_encryption_is_a_warning() -> None:
    async with smtp() as port:
        assert only(await checks.mail(Settings(mail=f"smtp://127.0.0.1:{port}"))) == (State.WARNING, "unencrypted")


async def test_a_mail_server_with_an_unknown_certificate_is_told_so(certificates: Certificates) -> None:
    async with smtp(tls_context=certificates.server()) as port:
        assert only(await checks.mail(Settings(mail=f"smtp://localhost:{port}"))) == (State.FAILED, "certificate")


async def test_an_absent_mail_server_is_unreachable() -> None:
    settings = Settings(mail=f"smtp://127.0.0.1:{free_port()}")
    assert only(await checks.mail(settings)) == (State.FAILED, "unreachable")


async def test_a_folder_of_letters_passes_except_in_production(tmp_path: Path) -> None:
    assert only(await checks.mail(Settings(data=tmp_path))) == (State.OK, "folder")
    assert only(await checks.mail(Settings(data=tmp_path, production=True))) == (State.WARNING, "folder")
    assert list((tmp_path / "mail").iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    broken = Settings(data=tmp_path, mail=(tmp_path / "file").as_uri())
    assert only(await checks.mail(broken)) == (State.FAILED, "unwritable")


# The way in


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


async def _louder(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text((await socket.receive_text()).upper() + "!")
    await socket.close()


async def _page(_request: Request) -> Response:
    return PlainTextResponse("a proxy that forgot to upgrade", 400)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (WebSocketRoute("/check/socket", _echo), (State.OK, "good")),
        (WebSocketRoute("/check/socket", _louder), (State.FAILED, "altered")),
        (Route("/check/socket", _page), (State.FAILED, "no-upgrade")),
        (Route("/elsewhere", _page), (State.FAILED, "no-upgrade")),
    ],
)
async def test_the_way_in_is_tried_with_a_websocket(route: Any, expected: tuple[State, str]) -> None:
    port = free_port()
    async with serving(Starlette(routes=[route]), port):
        assert only(await checks.proxy(Settings(origin=f"http://127.0.0.1:{port}"))) == expected


async def test_a_service_that_does_not_run_is_unreachable() -> None:
    settings = Settings(origin=f"http://127.0.0.1:{free_port()}")
    assert only(await checks.proxy(settings)) == (State.FAILED, "unreachable")


async def test_a_certificate_that_is_not_trusted_is_told_so(certificates: Certificates) -> None:
    port = free_port()
    app = Starlette(routes=[WebSocketRoute("/check/socket", _echo)])
    async with serving(app, port, ssl_certfile=certificates.chain, ssl_keyfile=certificates.key):
        settings = Settings(origin=f"https://localhost:{port}")
        assert only(await checks.proxy(settings)) == (State.FAILED, "certificate")


async def test_a_certificate_that_ends_soon_is_a_warning(trusted: Certificates, tmp_path: Path) -> None:
    port = free_port()
    app = Starlette(routes=[WebSocketRoute("/check/socket", _echo)])
    async with serving(app, port, ssl_certfile=trusted.chain, ssl_keyfile=trusted.key):
        assert only(await checks.proxy(Settings(origin=f"https://localhost:{port}"))) == (State.OK, "good")
    ending = make_certificates(tmp_path, days=3, authority=trusted)
    async with serving(app, port, ssl_certfile=ending.chain, ssl_keyfile=ending.key):
        assert only(await checks.proxy(Settings(origin=f"https://localhost:{port}"))) == (State.WARNING, "expires")


# Technical log


async def test_the_folder_of_the_technical_log_is_tried(tmp_path: Path) -> None:
    assert only(await checks.technical_log(Settings(data=tmp_path))) == (State.OK, "good")
    assert list((tmp_path / "logs").iterdir()) == []
    (tmp_path / "file").touch()
    settings = Settings(log_folder=str(tmp_path / "file"))
    assert only(await checks.technical_log(settings)) == (State.FAILED, "unwritable")


# Sandbox


async def test_the_decoder_of_this_machine_is_shut_in(tmp_path: Path) -> None:
    assert only(await checks.sandbox(Settings(data=tmp_path))) == (State.OK, "good")


@pytest.mark.parametrize(
    "protections",
    [
        Protections(limits=False, files=True, network=True),
        Protections(limits=True, files=False, network=True),
        Protections(limits=True, files=True, network=False, identity=False),
    ],
)
def test_a_missing_protection_is_named(protections: Protections) -> None:
    """And it is said whether slides are opened all the same."""
    result = checks.judge(protections, required=True)
    assert only([result]) == (State.FAILED, "refused")
    assert result.params["missing"] == ", ".join(protections.missing())
    assert only([checks.judge(protections, required=False)]) == (State.WARNING, "missing")


def test_a_decoder_that_runs_as_root_is_a_warning() -> None:
    protections = Protections(limits=True, files=True, network=True, identity=False)
    assert only([checks.judge(protections, required=True)]) == (State.WARNING, "missing")


# All together


async def test_nothing_at_all_there_is_all_told_in_order(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(
        data=tmp_path,
        origin=f"http://127.0.0.1:{port}",
        oidc_issuer=f"http://127.0.0.1:{port}{REALM}",
        database=f"sqlite+aiosqlite:///{tmp_path / 'none.db'}",
    )
    results = await checks.run(settings)
    assert list(dict.fromkeys(result.check for result in results)) == list(CHECKS)
    failed = {result.check for result in results if result.failed}
    assert failed == {"database", "audit", "identity", "proxy"}
    said = lines(results, Words()("fr"))
    assert said[-1].startswith("Conformes")
    assert str(tmp_path) not in "\n".join(said)
