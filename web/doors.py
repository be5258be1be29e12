"""What the sign-in page offers besides Pro Santé Connect: the telephone, other providers, emergency access while it is on."""

from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

from auth import emergency
from telepath.errors import Unavailable
from web.pages import services


class Doors(msgspec.Struct, frozen=True):
    """Addresses, with where the person was going in them."""

    phone: str
    providers: tuple[tuple[str, str], ...]
    """(name, address) of each."""
    emergency: str
    """Empty: nobody has activated it."""


async def offered(request: Request, return_to: str) -> Doors:
    made = services(request)
    to = urlencode({"return_to": return_to})
    try:
        async with made.db.read() as reader:
            active = await emergency.anywhere(reader)
    except Unavailable:  # the door stands although the database does not
        active = False
    return Doors(
        phone=f"/login/phone?{to}",
        providers=tuple(
            (one.name, f"/login/start?{urlencode({'provider': one.key})}&{to}") for one in made.providers.listed
        ),
        emergency=f"/login/emergency?{to}" if active else "",
    )
