"""Letters that carry what opens: sent at once, never queued, so that no link and no code lies in a row or a log.

The one to somebody who is invited stands here: by mail where there is an address, and always as text to hand over. It names the
institution and the roles, never a patient. Only the digest of its link is kept, so nobody can send it once more, and a new one
takes its place (auth/invitations.py). Those to guests: guest_letters.py."""

import asyncio
import logging
from typing import Final

from auth.invitations import LIFE, Letter
from telepath.directory import Institution
from telepath.errors import Invalid, Unavailable
from telepath.notices.channels import compose, mailer
from web.services import Services
from web.words import Wording

TIME_LIMIT: Final = 5.0
"""Seconds that whoever invites waits for the mail server."""

log = logging.getLogger("telepath.letters")


def link(services: Services, letter: Letter) -> str:
    return f"{services.settings.origin}/invitations/{letter.token}"


def text(services: Services, letter: Letter, place: Institution, t: Wording) -> str:
    """In the language of ``t``."""
    return t(
        "invitation-letter",
        name=letter.person.name,
        institution=place.name,
        city=place.city,
        roles=", ".join(sorted(t(f"role-{role.value}") for role in letter.roles)),
        link=link(services, letter),
        days=LIFE.days,
    )


async def send(services: Services, letter: Letter, place: Institution, address: str) -> bool:
    """Mail it in the person's language; whether the mail server took it."""
    t = services.words(letter.person.language)
    return await post(
        services,
        to=address,
        subject=t("invitation-letter-subject", institution=place.name),
        text=text(services, letter, place, t),
        key=f"{letter.invitation.id}-{int(letter.invitation.expires_at.timestamp())}",
    )


async def post(
    services: Services, *, to: str, subject: str, text: str, key: str, time_limit: float = TIME_LIMIT
) -> bool:
    """Hand a letter over now; whether the mail server took it, within ``time_limit`` seconds. Nothing of it is logged.
    ``key``: of its Message-ID; another letter has another."""
    try:
        message = compose(
            sender=services.settings.mail_from, to=to, subject=subject, text=text, key=key, at=services.db.clock()
        )
        async with asyncio.timeout(time_limit):
            await mailer(services.settings.mail_url).send(message)
    except (Unavailable, Invalid, TimeoutError):
        log.warning("a letter was not sent")
        return False
    return True
