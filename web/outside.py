"""The anchors of the settings, opened: who outside keeps the audit's signed heads (telepath/anchors)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from telepath.anchors import addresses
from telepath.anchors.comparison import Log, shown
from telepath.anchors.mail import Letter
from telepath.anchors.model import Anchor
from telepath.audit import Note
from web import keys
from web.settings import Settings
from web.words import Words

ALL: Final = 600.0
"""Seconds that a verification at the command line takes to read what anchors hold."""


def log_of(settings: Settings) -> Log:
    """What the audit is called outside, and what its heads were signed with. Blocks: reads a file."""
    return Log(settings.log_name, keys.public_keys(settings))


@asynccontextmanager
async def anchors(settings: Settings, words: Words | None = None) -> AsyncIterator[list[Anchor]]:
    """Those that the settings name, until the block ends. Raises Invalid: an address of which nothing can be made."""
    key = str(keys.public_key(settings))

    def letter(language: str, note: Note) -> Letter:
        t = (words or Words())(language)
        said = {"origin": note.origin, "size": note.size, "key": key, "address": settings.origin}
        return Letter(t("anchors-letter-subject", **said), t("anchors-letter-text", **said))

    given = addresses.Outside(mail=settings.mail_url, sender=settings.mail_from, letter=letter)
    async with AsyncExitStack() as stack:
        opened = addresses.opened(settings.anchor_addresses, given)
        for anchor in opened:
            stack.push_async_callback(anchor.close)
        yield opened


async def notes(settings: Settings, within: float = ALL) -> dict[str, list[str]]:
    """Anchor → every signed head that it holds and shows within so many seconds, for a verification."""
    async with anchors(settings) as opened:
        return await shown(opened, within)
