"""All that the service is made of, as web/bootstrap.py opens it and routes have it."""

import asyncio
from dataclasses import dataclass, field

from auth.attempts import Attempts
from auth.identity import IdentityProvider
from auth.providers import Registry
from realtime.bus import Bus
from realtime.hub import Hub
from telepath.db.database import Database
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from telepath.uploads.intake import Intake
from web.rendering import Pages
from web.settings import Settings
from web.tiles import TileService
from web.words import Words


@dataclass(frozen=True, kw_only=True)
class Services:
    """Routes have it as ``web.pages.services(request)``."""

    settings: Settings
    db: Database
    bus: Bus
    storage: Storage
    decoders: DecoderPool
    identity: IdentityProvider
    """Pro Santé Connect."""
    providers: Registry
    """All, by their keys."""
    uploads: Intake
    """What takes in the slides that were sent."""
    hub: Hub
    tiles: TileService
    words: Words
    pages: Pages
    capability_key: bytes
    """32 bytes: what tiles and letters open with."""
    attempts: Attempts = field(default_factory=Attempts)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server begins to close (web/server.py): what streams without an end then ends by itself."""
