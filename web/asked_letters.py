"""Where the letter of an expert who never came leads: to who asks them, before any login."""

from consults import asked, asked_token
from telepath.db.database import Database
from telepath.notices.store import Letter

_OF_A_CONSULT = "/consults/"


async def door(db: Database, key: bytes, letter: Letter) -> str:
    """The path of /asked for an expert who never signed in and has not answered; "": the page of the notice."""
    if not letter.newcomer or not letter.path.startswith(_OF_A_CONSULT):
        return ""
    async with db.read() as reader:
        offer_id = await asked.waiting(reader, letter.path.removeprefix(_OF_A_CONSULT), letter.person_id)
    return f"/asked/{asked_token.mint(key, offer_id)}" if offer_id else ""
