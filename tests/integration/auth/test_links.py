"""auth/links.py, auth/guests.py and telepath/guests.py: who is let in without an account, to what, for how long."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Executable, select, text, update

from auth import administration, guests, links, repository, sessions, suspension
from auth.bearer import digest
from auth.links import Letter, State
from consults import offers, request
from realtime import admission, ledger, opening, operations
from realtime.messages import ChangeSlide, CloseRoom
from telepath import directory, grants
from telepath.access import Action, Right
from telepath.actor import SYSTEM, Actor, Role
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.consults import consult
from telepath.db.schema.directory import institution
from telepath.db.schema.links import share_link
from telepath.db.schema.rooms import room
from telepath.db.transaction import Transaction
from telepath.errors import Conflict, Invalid, NotFound, Refused
from telepath.slides import catalogue, views
from tests.audited import of_case, records
from tests.builders import MASTER_KEY
from tests.practice import HERE, LIMITS, Practice

Ending = Callable[[Transaction], Awaitable[object]]


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await Practice(database).build()


async def test_a_guest_of_a_consult_sees_its_slides_and_does_nothing_else(practice: Practice) -> None:
    db, world = practice.db, practice.world
    letter = await practice.invite(rights=frozenset({Right.ANNOTATE}))
    async with db.read() as reader:
        row = await reader.one(select(share_link))
        assert letter.token not in str(dict(row))
        # Nobody signs in as a guest, whatever a provider says.
        assert await directory.person_by_subject(reader, f"guest:{letter.link.person_id}") is None
        assert letter.link.person_id not in await directory.people(reader)
    ada = await practice.come_in(letter)
    assert (ada.name, ada.institution_id, ada.roles, ada.acr) == ("Pr Ada Guest", "", frozenset(), "guest")
    assert await practice.sees(ada) == [True, True]
    assert await practice.may(ada, Action.ANNOTATION_WRITE, "slide", practice.slides[0])
    for action in set(Action) - {Action.SLIDE_VIEW, Action.ANNOTATION_WRITE}:
        for kind, key in (("case", practice.case), ("consult", practice.consult), ("room", practice.consult)):
            assert not await practice.may(ada, action, kind, key), (action, kind)

    # One slide more is the guest's too; the case of another is not.
    added = await world.slide(practice.zoe, practice.case, "A3 PAS")
    elsewhere = await world.slide(practice.zoe, await world.case(practice.zoe, "26-00418"))
    async with db.write(practice.zoe) as tx:
        await offers.give_slide(tx, await catalogue.get(tx, added))
        await tx.audit("slide.added")
    practice.slides = [added, elsewhere]
    assert await practice.sees(ada) == [True, False]
    assert await practice.page(ada) == (True, ["A1 HES", "A2 HES", "A3 PAS"])
    world.clock.advance(minutes=1)
    idle = sessions.Limits(idle=timedelta(minutes=1))
    async with db.read() as reader:
        assert not await guests.lives(reader, ada, idle), "the session is over, the link is not"

    # Withdrawn: nothing is left, and whoever is in is out.
    async with db.write(ada) as tx:
        slide = await catalogue.get(tx, added)
        view = await views.open_view(tx, slide, await grants.require(tx, ada, Action.SLIDE_VIEW, slide.ref))
    await links.withdraw(db, practice.zoe, letter.link.id)
    await links.withdraw(db, practice.zoe, letter.link.id)
    assert await practice.sees(ada) == [False, False]
    assert await practice.page(ada) == (False, [])
    async with db.read() as reader:
        assert view.id in await views.revoked(reader)
        assert (await links.get(reader, letter.link.id)).state(reader.now) is State.ENDED
        assert await reader.scalar(select(session.c.ended_at).where(session.c.id == ada.session_id)) is not None
    assert await practice.code(letter.token) is None
    with pytest.raises(Conflict):
        await links.anew(db, practice.zoe, letter.link.id)

    kinds = [one["kind"] for one in await records(db) if one["kind"].split(".")[0] in {"link", "session"}]
    assert kinds == ["link.made", "link.opened", "session.ended", "link.withdrawn", "link.refused"]
    made, *_ = await records(db, "link.made")
    assert await of_case(db, made) == {"guest": "Pr Ada Guest", "email": "ada@example.org"}
    everything = str(await records(db))
    assert "Ada" not in everything
    assert letter.token not in everything


async def test_a_guest_of_a_room_sees_the_slide_that_it_shows_and_no_other(practice: Practice) -> None:
    db = practice.db
    room = await opening.open_room(db, practice.zoe, practice.slides[0])
    letter = await practice.invite("room", room, rights=frozenset({Right.POINT}))
    ada = await practice.come_in(letter)
    async with db.read() as reader:
        state = await ledger.state_of(reader, room)
        assert await admission.admit(reader, ada, state)
        for actor, reads in ((ada, False), (practice.zoe, True)):
            held = await admission.held(reader, actor, state)
            assert admission.part(actor, state, held, reader.now) == admission.Part(points=True, reads=reads)
        assert ada.person_id not in await opening.invited(reader, room)
    assert await practice.sees(ada) == [True, False]
    async with db.write(ada) as tx:
        slide = await catalogue.get(tx, practice.slides[0])
        view = await views.open_view(tx, slide, await grants.require(tx, ada, Action.SLIDE_VIEW, slide.ref))
    await operations.perform(db, practice.zoe, room, "change-of-slide", ChangeSlide(epoch=1, slide=practice.slides[1]))
    assert await practice.sees(ada) == [False, True]
    async with db.read() as reader:
        assert view.id in await views.revoked(reader)
        # Whoever is there stays, though this node has not heard of the change yet.
        (there,) = await admission.look(reader, [ada], room, LIMITS.idle)
        assert there.over is None
    for action in (Action.ROOM_PRESENT, Action.THREAD_READ, Action.THREAD_WRITE, Action.ANNOTATION_WRITE):
        assert not await practice.may(ada, action, "room", room)

    await operations.perform(db, practice.zoe, room, "closing-the-room", CloseRoom())
    assert await practice.sees(ada) == [False, False]
    async with db.read() as reader:
        assert (await links.get(reader, letter.link.id)).state(reader.now) is State.ENDED
        with pytest.raises(NotFound):
            await links.invitable(reader, practice.zoe, "room", room)
    (withdrawn,) = await records(db, "link.withdrawn")
    assert withdrawn["detail"]["reason"] == "room-over"


async def test_only_clinicians_of_the_owner_invite_and_only_for_three_days(practice: Practice) -> None:
    db, world = practice.db, practice.world
    technician = await world.person("tech", "cayenne", "Tina", "Labo", roles=[Role.TECHNICIAN])
    for stranger in (practice.max, technician):
        with pytest.raises(Refused):
            await links.make(db, stranger, "consult", practice.consult, practice.wish())
    with pytest.raises(NotFound):
        await links.make(db, practice.zoe, "case", practice.case, practice.wish())
    wrong: list[dict[str, Any]] = [
        {"hours": 72.1},
        {"hours": 0},
        {"hours": -1},
        {"after": 24 * 31},
        {"rights": frozenset({Right.DISCUSS})},
        {"rights": frozenset({Right.POINT})},  # there is nothing to point at in a consult
    ]
    for wish in wrong:
        with pytest.raises(Invalid):
            await practice.invite(**wish)
    letter = await practice.invite(hours=72)
    with pytest.raises(Refused):
        await links.withdraw(db, practice.max, letter.link.id)
    administrator = await world.person("admin", "cayenne", "Alix", "Réseau", roles=[Role.ADMINISTRATOR])
    async with db.read() as reader:
        assert [one.id for one in await links.listed(reader, administrator)] == [letter.link.id]
        assert await links.listed(reader, practice.zoe, ("room", practice.consult)) == []
        assert await links.listed(reader, practice.max) == []

    # The consult is taken back: so is the invitation to it.
    ada = await practice.come_in(letter)
    await request.revoke(db, practice.zoe, practice.consult)
    assert await practice.sees(ada) == [False, False]
    assert (await records(db, "link.withdrawn"))[0]["detail"]["reason"] == "consult-over"
    with pytest.raises(NotFound):
        await practice.invite()


async def test_whatever_is_wrong_with_an_address_it_opens_nothing(practice: Practice) -> None:
    db, clock = practice.db, practice.world.clock
    early = await practice.invite(after=2)
    other = await practice.invite()
    altered = early.token[:-1] + ("A" if early.token[-1] != "A" else "B")
    for token in (early.token, altered, "", "x" * 500, digest(early.token)):
        assert await practice.code(token) is None
    clock.advance(hours=2)
    code = await practice.code(early.token)
    assert code is not None
    assert (code.email, code.language, len(code.digits)) == ("ada@example.org", "en", 8)
    assert await guests.ask_code(db, early.token, HERE) is None  # one a minute
    wrong = f"{(int(code.digits) + 1) % 10**8:08}"
    # Another link's address, an altered one, a wrong code, none.
    for token, digits in ((other.token, code.digits), (altered, code.digits), (early.token, wrong), (early.token, "")):
        assert await guests.enter(db, token, digits, cookie="", origin=HERE) is None
    first = await guests.enter(db, early.token, code.digits, cookie="", origin=HERE)
    assert first
    assert await guests.enter(db, early.token, code.digits, cookie="", origin=HERE) is None, "a code opens once"

    # Five wrong tries end a code, ten minutes too; another one in the same browser ends the session before.
    late = await practice.code(early.token)
    assert late is not None
    clock.advance(minutes=10)
    assert await guests.enter(db, early.token, late.digits, cookie="", origin=HERE) is None
    tried = await practice.code(early.token)
    assert tried is not None
    bad = f"{(int(tried.digits) + 1) % 10**8:08}"
    for digits in (*[bad] * 5, tried.digits):
        assert await guests.enter(db, early.token, digits, cookie="", origin=HERE) is None
    good = await practice.code(early.token)
    assert good is not None
    second = await guests.enter(db, early.token, good.digits, cookie=first, origin=HERE)
    assert second
    assert await practice.present(first) is None
    assert await practice.present(second) is not None
    # Ten codes in all; another letter begins anew, and the old address is worth nothing.
    assert [bool(await practice.code(early.token)) for _ in range(8)] == [True] * 6 + [False] * 2
    again = await links.anew(db, practice.zoe, early.link.id)
    assert await practice.code(early.token) is None
    assert await practice.code(again.token) is not None
    reasons = [one["detail"]["reason"] for one in await records(db, "link.refused")]
    assert set(reasons) == {"link-early", "too-many-codes", "no-code", "wrong-code", "too-many-tries"}
    assert {one["object_id"] for one in await records(db, "link.refused")} == {early.link.id, other.link.id}


async def test_a_link_ends_by_itself_and_a_session_never_after_it(practice: Practice) -> None:
    db, clock = practice.db, practice.world.clock
    letter = await practice.invite(hours=6)
    ada = await practice.come_in(letter)
    async with db.read() as reader:
        found = await repository.session_by_id(reader, ada.session_id)
        assert found is not None
        assert found.expires_at == reader.now + timedelta(hours=4)
    clock.advance(hours=3)
    again = await practice.come_in(letter)
    async with db.read() as reader:
        found = await repository.session_by_id(reader, again.session_id)
        assert found is not None
        assert found.expires_at == letter.link.expires_at
    assert not await links.expire(db)
    clock.advance(hours=3)
    assert await practice.sees(again) == [False, False], "before anybody noticed"
    assert await practice.page(again) == (False, [])
    assert await links.expire(db)
    assert not await links.expire(db)
    async with db.read() as reader:
        link = await links.get(reader, letter.link.id)
        assert (link.state(reader.now), link.openings) == (State.EXPIRED, 2)
        assert await reader.first(select(session).where(session.c.ended_at.is_(None))) is None
    (expired,) = await records(db, "link.expired")
    assert expired["detail"]["openings"] == 2
    assert await guests.ask_code(db, letter.token, HERE) is None


async def test_links_end_with_who_is_suspended_or_leaves_and_whoever_is_in_is_out(practice: Practice) -> None:
    """Of an institution all, of a person those that they made; also when the consult is over (a link ends in one way)."""

    async def roles(who: Actor, *held: Role) -> None:
        async with db.write(SYSTEM) as tx:
            await administration.set_membership(tx, who.person_id, home, held)

    db, home = practice.db, practice.zoe.institution_id
    paul = await practice.world.person("paul", "cayenne", "Paul", "Autre")

    async def open_by(maker: Actor) -> tuple[Letter, Actor]:
        letter = await links.make(db, maker, "consult", practice.consult, practice.wish())
        return letter, await practice.come_in(letter)

    async def is_out(letter: Letter, guest: Actor) -> bool:
        async with db.read() as reader:
            over = (await links.get(reader, letter.link.id)).state(reader.now) is State.ENDED
            ended = await reader.scalar(select(session.c.ended_at).where(session.c.id == guest.session_id))
        seen = await practice.sees(guest)
        assert seen == [not over] * 2
        assert (ended is not None) == over
        return over and await practice.code(letter.token) is None

    of_zoe, of_paul = await open_by(practice.zoe), await open_by(paul)
    async with db.write(SYSTEM) as tx:
        await suspension.suspend_person(tx, practice.zoe.person_id)
    assert (await is_out(*of_zoe), await is_out(*of_paul)) == (True, False)
    with pytest.raises(NotFound):
        await open_by(practice.zoe)  # a request of hers that was under way
    async with db.write(SYSTEM) as tx:
        await suspension.suspend_institution(tx, home)
    assert await is_out(*of_paul)
    with pytest.raises(NotFound):
        await open_by(paul)
    async with db.write(SYSTEM) as tx:
        await suspension.restore_institution(tx, home)
        await suspension.restore_person(tx, practice.zoe.person_id)
    assert await is_out(*of_zoe), "nobody has invited them again"
    again, of_paul = await open_by(practice.zoe), await open_by(paul)
    await roles(paul, Role.REQUESTER, Role.AUDITOR)
    await roles(paul, Role.COORDINATOR)
    assert not await is_out(*of_paul), "he may still invite"
    with pytest.raises(NotFound):
        await open_by(paul)  # as a requester, which he is no longer
    await roles(paul, Role.TECHNICIAN)
    assert await is_out(*of_paul)
    paul = msgspec.structs.replace(paul, roles=frozenset({Role.TECHNICIAN}))
    borrowed = frozenset({(Role.REQUESTER, practice.zoe.person_id)})
    delegate = msgspec.structs.replace(paul, roles=paul.roles | {Role.REQUESTER}, borrowed=borrowed)
    with pytest.raises(NotFound):
        await open_by(delegate)  # nobody invites in another's stead
    assert not await is_out(*again)
    await request.revoke(db, practice.zoe, practice.consult)
    assert await is_out(*again)
    reasons = [one["detail"]["reason"] for one in await records(db, "link.withdrawn")]
    assert reasons == ["person-suspended", "institution-suspended", "membership", "consult-over"]
    assert [one["detail"]["reason"] for one in await records(db, "session.ended")] == ["link-over"] * 4


async def test_no_link_is_made_to_what_is_ending_at_this_moment(postgres_url: str) -> None:
    """Another transaction has ended the consult, the room, the membership, the institution, and has not committed yet."""
    db = Database(postgres_url, MASTER_KEY)
    practice = await Practice(db).build()
    room_id = await opening.open_room(db, practice.zoe, practice.slides[0])
    now = practice.world.clock.now
    home = practice.zoe.institution_id

    def done(statement: Executable) -> Ending:
        return lambda tx: tx.execute(statement)

    def left(tx: Transaction) -> Awaitable[object]:
        return administration.set_membership(tx, practice.zoe.person_id, home, ())

    waiting = text("SELECT pid FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid")
    suspended = update(institution).where(institution.c.id == home).values(disabled_at=now)
    endings = (
        ("consult", practice.consult, done(update(consult).values(status="revoked"))),
        ("room", room_id, done(update(room).values(closed_at=now))),
        ("room", room_id, left),
        ("room", room_id, done(suspended)),
    )
    for kind, key, ending in endings:
        async with db.write(SYSTEM, unaudited="what ends is only waited for") as tx:
            await tx.execute(update(room).values(closed_at=None))
        async with db.write(SYSTEM, unaudited="what ends is only waited for") as tx:
            await ending(tx)
            making = asyncio.create_task(practice.invite(kind, key))
            while not making.done() and (await tx.execute(waiting)).first() is None:
                await asyncio.wait([making], timeout=0.01)
            assert not making.done(), "it waits until that is decided"
        with pytest.raises(NotFound):
            await making
    await db.close()
