"""What each person wants by mail and in the browser."""

from collections.abc import Collection

import pytest
from sqlalchemy import func, select

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.notices import notice, notice_preference
from telepath.errors import Invalid
from telepath.ids import make_id
from telepath.notices import preferences, store
from telepath.notices.model import KINDS
from telepath.notices.preferences import ALWAYS, Channel, Choice, usual
from tests.builders import World


def all_but(left_out: Collection[str]) -> list[Choice]:
    usually = [(kind, channel) for kind in KINDS for channel in Channel if usual(kind, channel)]
    return [one for one in usually if one[0] not in left_out]


async def mailed(db: Database, to: Actor, kind: str, number: int) -> bool:
    """Whether a notice of this kind goes out by mail; it is in the list in any case."""
    body = {"person": to.person_id, "consult": make_id(number, bytes(10)), "by": to.person_id}
    made = await store.store(db, f"{kind}:{number}", kind, body)
    assert made is not None
    async with db.read() as reader:
        assert made in await store.latest(reader, to.person_id)
        return await reader.scalar(select(notice.c.mail_due_at).where(notice.c.id == made.id)) is not None


async def test_a_mail_goes_out_only_for_what_its_reader_wants(database: Database) -> None:
    world = World(database)
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    assert await mailed(database, zoe, "opinion.signed", 1)
    assert not await mailed(database, zoe, "consult.accepted", 2)

    await preferences.choose(
        database, zoe, [*all_but({"opinion.signed", "consult.unheard"}), ("consult.accepted", Channel.MAIL)]
    )
    assert not await mailed(database, zoe, "opinion.signed", 3)
    assert await mailed(database, zoe, "consult.accepted", 4)
    assert await mailed(database, zoe, "consult.unheard", 5), "an alarm cannot be switched off"
    assert await mailed(database, paul, "opinion.signed", 6), "another's choice is another's"
    async with database.read() as reader:
        theirs = await preferences.of(reader, zoe.person_id)
        assert not theirs["opinion.signed", Channel.BROWSER]
        assert theirs["consult.ringing", Channel.BROWSER]
        rows = await reader.scalar(select(func.count()).select_from(notice_preference))
        assert rows == 3, "what is as usual follows what is usual"

    with pytest.raises(Invalid):
        await preferences.choose(database, zoe, [("of.a-newer-version", Channel.MAIL)])
    await preferences.choose(database, zoe, all_but(()))
    assert await mailed(database, zoe, "opinion.signed", 7)


def test_what_cannot_be_switched_off_is_something_that_is_told() -> None:
    assert set(KINDS) >= ALWAYS
    assert all(usual(kind, Channel.BROWSER) for kind in ALWAYS)
