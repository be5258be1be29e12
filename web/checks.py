"""``telepath check``: is everything around the service as it must be? Each check says what it found and what to do.

Run on the machine of a node, with its settings, while the service runs: the last link (the proxy) is tried from outside in.
Nothing is left behind, and no mail is sent.
"""

import asyncio
import logging
import os
import secrets
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import httpx2
import msgspec
import websockets
from sqlalchemy.exc import SQLAlchemyError
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus, WebSocketException

from auth.endpoints import Discovery
from auth.identity_oidc import OpenIdProvider
from auth.sessions import LEEWAY
from telepath.actor import SYSTEM
from telepath.db import migrations, roles, snapshot
from telepath.db.database import Database
from telepath.db.schema import audit as schema
from telepath.errors import NotFound, TelepathError, Unavailable
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.sandbox import Protections
from telepath.storage import Storage
from telepath.vault import KEY
from web import checks_audit, timekeeping
from web.bootstrap import choose_bus, choose_identity, choose_storage
from web.findings import Result, State
from web.settings import Settings

PATIENCE: Final = 10.0
"""Seconds for one check."""
CLOCK_FAILED: Final = LEEWAY
"""Tokens are judged with this leeway: beyond it nobody can sign in."""
CLOCK_WARNING: Final = timedelta(seconds=3)
SPACE_FAILED: Final = 2 * 10**9
"""Bytes: about one slide."""
SPACE_WARNING: Final = 50 * 10**9
CERTIFICATE: Final = timedelta(days=14)

log = logging.getLogger("telepath.checks")


async def run(settings: Settings) -> list[Result]:
    """All checks at once, in the order in which they are told. Never raises: what breaks is a finding."""
    found = await asyncio.gather(*(_guarded(name, check, settings) for name, check in CHECKS.items()))
    return [result for results in found for result in results]


async def _guarded(name: str, check: "Check", settings: Settings) -> list[Result]:
    try:
        async with asyncio.timeout(PATIENCE * 2):
            return await check(settings)
    except TimeoutError:
        return [Result(name, State.FAILED, "operations-check-no-answer", {"seconds": int(PATIENCE * 2)})]
    except TelepathError as error:
        return [Result(name, State.FAILED, error.code, dict(error.params))]
    except Exception as error:
        log.exception("the check %s broke", name)
        return [Result(name, State.FAILED, "operations-check-broke", {"kind": type(error).__name__})]


async def clock(settings: Settings) -> list[Result]:
    """The clock of this machine, against its own synchronisation and the identity provider's ``Date``."""

    def say(state: State, finding: str, **params: Any) -> Result:
        return Result("clock", state, f"operations-check-clock-{finding}", params)

    results = []
    if (await asyncio.to_thread(timekeeping.kernel)).synchronised is False:
        results.append(say(State.WARNING, "free"))
    known = await asyncio.to_thread(choose_identity, settings)
    async with _http(known.psc) as client:
        offset = await timekeeping.provider_offset(client, known.psc.provider.discovery_url)
    if offset is None:
        return [*results, say(State.WARNING, "alone")]
    seconds = round(offset.total_seconds())
    if abs(offset) > CLOCK_FAILED:
        return [*results, say(State.FAILED, "wrong", seconds=seconds)]
    if abs(offset) > CLOCK_WARNING:
        return [*results, say(State.WARNING, "wrong", seconds=seconds)]
    return results or [say(State.OK, "right")]


async def database(settings: Settings) -> list[Result]:
    """Reachable, of the newest schema, writable, and durable at a power cut."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("database", state, f"operations-check-database-{finding}", params)]

    url = settings.database_url
    try:
        if await snapshot.is_empty(url):
            return say(State.FAILED, "empty")
        present, newest = await migrations.revision(url)
    except (SQLAlchemyError, OSError):
        return say(State.FAILED, "unreachable")
    if present != newest:
        return say(State.FAILED, "behind", present=present or "–", newest=newest or "–")
    # Nothing personal is written here: any key will do, and none is made.
    db = Database(url, bytes(KEY))
    try:
        if not await _can_write(db):
            return say(State.FAILED, "read-only")
        weak = await snapshot.weak_settings(db)
    finally:
        await db.close()
    serious = State.FAILED if settings.production else State.WARNING
    results = say(serious, "weak", settings=", ".join(weak)) if weak else []
    role, rights = await roles.excess(url)
    if rights:
        results += say(serious, "powerful", role=role, rights=", ".join(rights))
    return results or say(State.OK, "good", kind="SQLite" if db.is_sqlite else "PostgreSQL", revision=present or "")


async def storage(settings: Settings) -> list[Result]:
    """An object can be written, read and removed, and there is room for slides."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("storage", state, f"operations-check-storage-{finding}", params)]

    parts = urlsplit(settings.storage_url)
    local = parts.scheme == "file"
    key, data = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64 * 1024)
    try:
        async with _storage(settings) as slides:
            await slides.put_stream(key, _once(data))
            try:
                if await slides.read(key, 0, len(data)) != data:
                    return say(State.FAILED, "altered")
            finally:
                await slides.delete("check")
            with suppress(NotFound):
                await slides.size(key)
                return say(State.FAILED, "undeletable")
    except (Unavailable, NotFound, OSError):
        return say(State.FAILED, "unwritable" if local else "refused")
    free = (await asyncio.to_thread(shutil.disk_usage, unquote(parts.path) if local else settings.staged)).free
    gigabytes = round(free / 1e9, 1)
    if not local:
        return say(State.OK, "good") if free >= SPACE_WARNING else say(State.WARNING, "staging-short", free=gigabytes)
    if free < SPACE_WARNING:
        return say(State.FAILED if free < SPACE_FAILED else State.WARNING, "short", free=gigabytes)
    return say(State.OK, "roomy", free=gigabytes)


async def identity(settings: Settings) -> list[Result]:
    """The provider's discovery document is that of our issuer, and its keys can be had."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("identity", state, f"operations-check-identity-{finding}", params)]

    # Raises Invalid, which is told as it is: a file of keys, or the file of the providers from abroad.
    known = await asyncio.to_thread(choose_identity, settings)
    try:
        async with _http(known.psc) as client:
            answer = await client.get(known.psc.provider.discovery_url)
            if answer.status_code != 200:
                return say(State.FAILED, "status", status=answer.status_code)
            try:
                found = msgspec.json.decode(answer.content, type=Discovery)
            except msgspec.MsgspecError:
                return say(State.FAILED, "unreadable")
            # OpenID Discovery 4.3: "The issuer value returned MUST be identical to the Issuer URL".
            if found.issuer != settings.oidc_issuer:
                return say(State.FAILED, "issuer", issuer=found.issuer[:200])
            answer = await client.get(found.jwks_uri)
    except httpx2.HTTPError as error:
        return say(State.FAILED, "certificate" if _is_certificate(error) else "unreachable")
    try:
        listed = answer.raise_for_status().json()["keys"]
        usable = [key for key in listed if key["kty"] != "oct" and key.get("use", "sig") == "sig"]
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError):
        usable = []
    return say(State.OK, "good", keys=len(usable)) if usable else say(State.FAILED, "no-keys")


async def mail(settings: Settings) -> list[Result]:
    """The mail server answers, encrypts and lets us in; or the folder of letters can be written."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("mail", state, f"operations-check-mail-{finding}", params)]

    parts = urlsplit(settings.mail_url)
    if parts.scheme == "file":
        try:
            await asyncio.to_thread(_probe_folder, Path(unquote(parts.path)))
        except OSError:
            return say(State.FAILED, "unwritable")
        return say(State.WARNING if settings.production else State.OK, "folder")
    implicit = parts.scheme == "smtps"
    client = aiosmtplib.SMTP(
        hostname=parts.hostname or "localhost",
        port=parts.port or (465 if implicit else 25),
        use_tls=implicit,
        start_tls=False,
        tls_context=ssl.create_default_context(),
        timeout=PATIENCE,
    )
    try:
        await client.connect()
        await client.ehlo()
        encrypted = implicit
        if not implicit and client.supports_extension("starttls"):
            await client.starttls()
            encrypted = True
        if parts.username:
            if not encrypted:  # a password never travels in clear (telepath/notices/channels.py)
                return say(State.FAILED, "clear")
            await client.login(unquote(parts.username), unquote(parts.password or ""))
        await client.quit()
    except aiosmtplib.SMTPAuthenticationError:
        return say(State.FAILED, "login")
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
        return say(State.FAILED, "certificate" if _is_certificate(error) else "unreachable")
    finally:
        client.close()
    return say(State.OK, "good") if encrypted else say(State.WARNING, "unencrypted")


async def bus(settings: Settings) -> list[Result]:
    """What is published comes back."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("bus", state, f"operations-check-bus-{finding}", params)]

    link = choose_bus(settings.bus)
    topic, payload = f"check:{secrets.token_hex(8)}", secrets.token_bytes(16)
    try:
        async with asyncio.timeout(PATIENCE / 2), link.subscribe(topic) as messages:
            await link.publish(topic, payload)
            good = not link.trouble and await anext(messages) == (topic, payload)
    except TimeoutError:
        good = False
    finally:
        await link.close()
    if not good:
        return say(State.FAILED, link.trouble or "silent")
    return say(State.OK, "memory" if settings.bus.startswith("memory") else "good")


async def proxy(settings: Settings) -> list[Result]:
    """From the public address inwards: name, certificate, and a WebSocket that comes through and echoes."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("proxy", state, f"operations-check-proxy-{finding}", params)]

    address = settings.origin.replace("http", "ws", 1) + "/check/socket"
    text = secrets.token_hex(8)
    try:
        async with websockets.connect(
            address,
            origin=websockets.Origin(settings.origin),
            ssl=ssl.create_default_context() if settings.secure else None,
            proxy=None,
            open_timeout=PATIENCE,
            close_timeout=1,
        ) as socket:
            await socket.send(text)
            async with asyncio.timeout(PATIENCE):
                answer = await socket.recv()
            expires = _certificate_expires(socket)
    except InvalidStatus as error:
        return say(State.FAILED, "no-upgrade", status=error.response.status_code)
    except (OSError, WebSocketException, TimeoutError) as error:
        return say(State.FAILED, "certificate" if _is_certificate(error) else "unreachable", origin=settings.origin)
    if answer != text:
        return say(State.FAILED, "altered")
    if expires is not None and expires - datetime.now(UTC) < CERTIFICATE:
        return say(State.WARNING, "expires", date=f"{expires:%Y-%m-%d}")
    return say(State.OK, "good", origin=settings.origin)


async def technical_log(settings: Settings) -> list[Result]:
    """Its folder can be written to."""

    def say(state: State, finding: str, **params: Any) -> list[Result]:
        return [Result("log", state, f"operations-check-log-{finding}", params)]

    try:
        await asyncio.to_thread(_probe_folder, settings.logs)
    except OSError:
        return say(State.FAILED, "unwritable")
    return say(State.OK, "good", days=settings.log_days)


async def sandbox(settings: Settings) -> list[Result]:
    """Which protections hold in a worker that is about to open a stranger's slide."""
    with tempfile.TemporaryDirectory() as empty:
        async with _storage(settings) as slides, DecoderPool(slides, 1) as decoders:
            return [judge(await decoders.protections(Path(empty)), required=settings.sandbox_required)]


def judge(protections: Protections, *, required: bool) -> Result:
    """A worker that sees other patients' files, or the network, is not one to open a stranger's slide in: none is opened."""
    missing = protections.missing()
    if not missing:
        return Result("sandbox", State.OK, "operations-check-sandbox-good")
    told = {"missing": ", ".join(missing)}
    if required and protections.too_few():
        return Result("sandbox", State.FAILED, "operations-check-sandbox-refused", told)
    return Result("sandbox", State.WARNING, "operations-check-sandbox-missing", told)


Check = Callable[[Settings], Awaitable[list[Result]]]
CHECKS: Final[dict[str, Check]] = {
    "clock": clock,
    "database": database,
    "storage": storage,
    "bus": bus,
    "identity": identity,
    "mail": mail,
    "keys": checks_audit.audit_keys,
    "audit": checks_audit.audit,
    "anchors": checks_audit.anchors,
    "erasures": checks_audit.erased,
    "log": technical_log,
    "sandbox": sandbox,
    "proxy": proxy,
}


class _Undo(Exception):
    """Raised on purpose: what was written shall not be committed."""


async def _can_write(db: Database) -> bool:
    try:
        async with db.write(SYSTEM, unaudited="nothing of it is kept") as tx:
            await tx.insert(schema.audit_pending, record={})
            raise _Undo
    except _Undo:
        return True
    except (SQLAlchemyError, Unavailable):
        return False


@asynccontextmanager
async def _storage(settings: Settings) -> AsyncIterator[Storage]:
    opened = await asyncio.to_thread(choose_storage, settings)
    try:
        yield opened
    finally:
        await opened.close()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _probe_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f".check-{secrets.token_hex(8)}"
    descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, b"telepath check")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        probe.unlink()


def _http(provider: OpenIdProvider) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(verify=provider.tls, timeout=PATIENCE, trust_env=False)


def _is_certificate(error: BaseException | None) -> bool:
    """Whether somewhere below ``error`` a certificate was refused: libraries wrap it in errors of their own."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _certificate_expires(socket: ClientConnection) -> datetime | None:
    tls = socket.transport.get_extra_info("ssl_object")
    if tls is None:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(tls.getpeercert()["notAfter"]), UTC)
