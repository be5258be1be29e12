"""Chooses bus and storage by the scheme of their addresses, and opens all that the service is made of, in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

from starlette.requests import HTTPConnection

from auth import providers
from auth.agreement import Provider
from auth.client_authentication import Credentials
from auth.identity_oidc import OpenIdProvider
from auth.providers import Registry
from auth.upkeep import Upkeep
from consults import offers
from realtime.bus import Bus
from realtime.bus_memory import MemoryBus
from realtime.hub import Hub
from telepath import s3_address
from telepath.anchors.comparison import StartComparison
from telepath.anchors.pusher import Pusher
from telepath.db import roles
from telepath.db.database import Database
from telepath.db.migrations import revision, upgrade
from telepath.errors import Invalid
from telepath.notices.channels import mailer
from telepath.slides import leftovers
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.pyramid_builder import PyramidBuilder
from telepath.slides.tile_cache import TileCache
from telepath.storage import Storage
from telepath.storage_local import LocalStorage
from telepath.uploads.intake import Intake
from telepath.uploads.parts import Parts
from web import asked_letters, erasures, keys, outside, startup_record
from web.middleware import origin_of, session_limits
from web.relay import Relay
from web.rendering import Pages
from web.services import Services
from web.settings import Settings
from web.tiles import TileService
from web.timekeeping import Timekeeping
from web.timers import HANDLERS
from web.words import Words


def _server(url: str) -> Bus:
    # redis takes 5 MB: only for those who use it.
    from realtime.bus_redis import RedisBus

    try:
        return RedisBus(url)
    except ValueError:
        raise Invalid("error-setting-invalid", name="TELEPATH_BUS", reason="bus") from None


BUSES: Final[dict[str, Callable[[str], Bus]]] = {
    "memory": lambda _url: MemoryBus(),
    "redis": _server,
    "rediss": _server,
    "unix": _server,
}


def _bucket(settings: Settings) -> Storage:
    # boto3 takes a third of a second and 40 MB: only for those who use it.
    from telepath.storage_s3 import S3Storage

    return S3Storage(s3_address.read(settings.storage_url), settings.staged, round(settings.staging_gigabytes * 1e9))


STORAGES: Final[dict[str, Callable[[Settings], Storage]]] = {
    "file": lambda settings: LocalStorage(Path(unquote(urlsplit(settings.storage_url).path))),
    "s3": _bucket,
}

Maker = TypeVar("Maker")

logger = logging.getLogger(__name__)


def choose_bus(url: str) -> Bus:
    """Raises Invalid: no bus has this scheme, or it is no address."""
    return _chosen(BUSES, url, "TELEPATH_BUS")(url)


def choose_storage(settings: Settings) -> Storage:
    """Raises Invalid: no storage has this scheme."""
    return _chosen(STORAGES, settings.storage_url, "TELEPATH_STORAGE")(settings)


def _chosen(makers: dict[str, Maker], url: str, name: str) -> Maker:
    try:
        return makers[urlsplit(url).scheme]
    except KeyError:
        raise Invalid("error-setting-invalid", name=name, reason="scheme") from None


def choose_identity(settings: Settings) -> Registry:
    """Pro Santé Connect, or the simulator that stands for it, which is the same code; and the providers of experts from abroad.

    Blocks. Raises Invalid: a file that the settings name cannot be used."""
    listed = Path(settings.oidc_providers) if settings.oidc_providers else None
    return providers.open_all(OpenIdProvider(provider_of(settings)), listed, production=settings.production)


def provider_of(settings: Settings) -> Provider:
    return Provider(
        issuer=settings.oidc_issuer,
        discovery=settings.oidc_discovery,
        client_id=settings.oidc_client_id,
        credentials=Credentials(
            method=settings.oidc_client_auth,
            secret=settings.oidc_client_secret,
            key=_file(settings.oidc_client_key),
            certificate=_file(settings.oidc_client_certificate),
            authorities=_file(settings.oidc_authorities),
        ),
        endpoints=settings.endpoints,
        redirect_uri=f"{settings.origin}/login/callback",
        after_logout=f"{settings.origin}/login/left",
        scope=settings.oidc_scope,
        acr_values=settings.oidc_acr_values,
        accepted_acr=frozenset(level.strip() for level in settings.oidc_accepted_acr.split(",")),
        channel=settings.oidc_channel,
    )


def _file(path: str) -> Path | None:
    return Path(path) if path else None


async def prepare_database(settings: Settings) -> None:
    """Bring the schema forward; in production that is an administrator's act.

    Raises Invalid: the vault key is not that of the database; in production also: the schema is not the newest, or the
    service's role could alter what is sealed."""
    if not settings.production:
        await migrate(settings)
        await startup_record.check_vault(settings)
        return
    present, newest = await revision(settings.database_url)
    if present != newest:
        raise Invalid("error-database-not-migrated")
    role, rights = await roles.excess(settings.database_url)
    if rights:
        raise Invalid("error-database-role", role=role, rights=", ".join(rights))
    await startup_record.check_vault(settings)


async def migrate(settings: Settings) -> None:
    """Bring the schema forward as the role that owns it, and give the service's role its rights.

    Raises Invalid: the two settings lead to different databases."""
    settings.data.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.migrations_url)
    await roles.give(settings.migrations_url, settings.database_url)


async def _look_for_the_erased(db: Database, settings: Settings) -> None:
    """Say in the technical log that people who were erased are there again: a restore did not finish."""
    listed = await asyncio.to_thread(erasures.of, settings)
    async with db.read() as reader:
        there = await erasures.standing(reader, listed.erasures)
    if there:
        logger.error("%d who were erased are in the database again: telepath erase-again erases them", len(there))


def choose_decoders(settings: Settings, storage: Storage) -> DecoderPool:
    cache = TileCache(settings.data / "cache" / "tiles", settings.tile_cache << 20)
    return DecoderPool(storage, settings.decoder_workers, sandbox_required=settings.sandbox_required, cache=cache)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open everything in order, and close it in the reverse one. Raises Invalid: the settings do not fit together."""
    known = await asyncio.to_thread(choose_identity, settings)
    await prepare_database(settings)
    async with AsyncExitStack() as stack:
        db = keys.database(settings)
        stack.push_async_callback(db.close)
        await startup_record.record(db, settings)
        await stack.enter_async_context(Timekeeping(db, known.psc.provider.discovery_url, known.psc.tls))
        bus = choose_bus(settings.bus)
        stack.push_async_callback(bus.close)
        storage = choose_storage(settings)
        stack.push_async_callback(storage.close)
        await leftovers.remove(db, storage)
        await _look_for_the_erased(db, settings)
        words = Words(strict=not settings.production)
        decoders = await stack.enter_async_context(choose_decoders(settings, storage))
        await stack.enter_async_context(PyramidBuilder(db, storage, decoders))
        tiles = await stack.enter_async_context(
            TileService(
                db,
                storage,
                decoders,
                keys.capability_key(settings),
                bus,
                origin_of=lambda scope: origin_of(HTTPConnection(scope), settings),
            )
        )
        uploads = await stack.enter_async_context(
            Intake(db, storage, decoders, Parts(settings.uploads_at), offers.give_slide)
        )
        hub = await stack.enter_async_context(Hub(db, bus, idle=session_limits(settings).idle))
        await known.prepare()
        await stack.enter_async_context(Upkeep(db, known.get, session_limits(settings)))
        log = outside.log_of(settings)
        anchors = await stack.enter_async_context(outside.anchors(settings, words))
        # Before anything is sealed: a restored copy must not go on under heads that others hold.
        await stack.enter_async_context(StartComparison(db, anchors, log))
        pusher = Pusher(db, anchors, log)
        await pusher.enrol()
        await stack.enter_async_context(
            Relay(
                db,
                bus,
                mailer(settings.mail_url),
                words,
                origin=settings.origin,
                sender=settings.mail_from,
                log_name=settings.log_name,
                audit_key=keys.audit_key(settings),
                pusher=pusher,
                timed=HANDLERS,
                door=partial(asked_letters.door, db, keys.capability_key(settings)),
            )
        )
        yield Services(
            settings=settings,
            db=db,
            bus=bus,
            storage=storage,
            decoders=decoders,
            identity=known.psc,
            providers=known,
            uploads=uploads,
            hub=hub,
            tiles=tiles,
            words=words,
            pages=Pages(),
            capability_key=keys.capability_key(settings),
        )
