"""What a guest gets by mail: the invitation with its address, and the code that proves that the mailbox is theirs.

Neither names a patient or a case. The code is sent behind the answer to whoever asked: how long it takes, and whether there is
anything to send at all, cannot be seen from outside."""

import asyncio
import logging
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import babel.dates

from auth import guests
from auth.links import Letter
from telepath.actor import Origin
from telepath.directory import Institution
from telepath.errors import TelepathError
from telepath.notices import channels
from web import letters
from web.services import Services

TRIES: Final = (0.0, 2.0, 10.0)
"""Seconds before each try to send a code: it lives ten minutes, and its reader waits."""
_LOCALES: Final = {"fr": "fr", "en": "en_GB"}
_sending: Final[set[asyncio.Task[None]]] = set()

log = logging.getLogger("telepath.letters")


async def invite(services: Services, letter: Letter, by: str, place: Institution) -> bool:
    """Mail the invitation in the guest's language; whether the mail server took it."""
    link = letter.link
    t = services.words(link.language)
    return await letters.post(
        services,
        to=link.email,
        subject=t("guests-mail-subject"),
        text=t(
            "guests-mail-text",
            name=link.name,
            by=by,
            place=place.name,
            link=f"{services.settings.origin}/guest/{letter.token}",
            **{
                "from": _moment(link.not_before, place, link.language),
                "until": _moment(link.expires_at, place, link.language),
            },
        ),
        # Another letter has another address, and so another name; neither says which.
        key=f"{link.id}-{link.version}",
    )


def code_soon(services: Services, token: str, origin: Origin) -> None:
    """Make a code for the link of this address and send it, if there is such a link; the caller learns nothing of it."""
    task = asyncio.create_task(_code(services, token, origin), name="code to a guest")
    _sending.add(task)
    task.add_done_callback(_sending.discard)


async def _code(services: Services, token: str, origin: Origin) -> None:
    try:
        code = await guests.ask_code(services.db, token, origin)
        if code is None:
            return
        t = services.words(code.language)
        for wait in TRIES:
            await asyncio.sleep(wait)
            if await letters.post(
                services,
                to=code.email,
                subject=t("guests-code-subject"),
                text=t("guests-code-text", digits=code.digits),
                key=code.key,
                time_limit=channels.TIME_LIMIT,
            ):
                return
        log.warning("the code of a guest was not sent")
    except TelepathError as error:
        log.warning("the code of a guest was not sent: %s", error.code)
    except Exception:
        log.exception("the code of a guest was not sent")


def _moment(moment: datetime, place: Institution, language: str) -> str:
    """« 12 mars 2026 à 14:05 (Cayenne) »: in the hours of whoever invites, which the letter names."""
    there = moment.astimezone(ZoneInfo(place.time_zone))
    return f"{babel.dates.format_datetime(there, 'd MMMM y, HH:mm', locale=_LOCALES[language])} ({place.city})"
