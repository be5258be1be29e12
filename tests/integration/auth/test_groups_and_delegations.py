"""Groups across institutions and delegates: what they give, and that it ends with them, for what is open too."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from auth import administration, delegations, groups, members, oversight, repository, suspension
from telepath import grants, standing
from telepath.access import Action, Allowed, Denied, Right
from telepath.actor import SYSTEM, Actor, Role
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.directory import person
from telepath.db.schema.outbox import outbox
from telepath.db.schema.slides import slide_view
from telepath.db.transaction import Transaction
from telepath.errors import Conflict, Invalid, NotFound, Refused
from telepath.slides import catalogue, views
from tests.rooms import Ward

DAY = timedelta(days=1)
Change = Callable[[Transaction], Awaitable[object]]


async def now_of(ward: Ward, key: str) -> Actor:
    """The person as the next request of theirs would be."""
    async with ward.db.read() as reader:
        found = await standing.of(reader, ward.actor(key))
    assert found is not None
    return found


async def sees(ward: Ward, key: str, slide: str) -> Allowed | Denied:
    actor = await now_of(ward, key)
    async with ward.db.read() as reader:
        return await grants.decide(reader, actor, Action.SLIDE_VIEW, (await catalogue.get(reader, slide)).ref)


async def opened(ward: Ward, key: str, slide: str) -> str:
    actor, allowed = await now_of(ward, key), await sees(ward, key, slide)
    assert isinstance(allowed, Allowed)
    async with ward.db.write(actor) as tx:
        return (await views.open_view(tx, await catalogue.get(tx, slide), allowed)).id


async def closed(ward: Ward, view: str) -> bool:
    async with ward.db.read() as reader:
        return view in await views.revoked(reader)


async def test_a_group_gives_to_its_members_until_they_leave_it(database: Database) -> None:
    ward = await Ward(database).build()
    zoe, max_ = ward.actor("zoe"), ward.actor("max")
    async with database.write(zoe) as tx:
        group = await groups.add(tx, "regional", "Réseau des Trois Rives", zoe.institution_id)
        await tx.grant(("group", group), ("slide", ward.slides[0]), [Right.VIEW], because="board", because_id=group)
    assert not await sees(ward, "max", ward.slides[0])

    async with database.write(zoe) as tx:
        await groups.join(tx, group, "institution", max_.institution_id)
        await groups.join(tx, group, "institution", max_.institution_id)
    assert (await now_of(ward, "max")).groups == {group}
    view = await opened(ward, "max", ward.slides[0])
    assert not await closed(ward, view)
    async with database.write(zoe) as tx:
        await groups.leave(tx, group, "institution", max_.institution_id)
    assert await closed(ward, view)
    assert not await sees(ward, "max", ward.slides[0])

    async with database.write(zoe) as tx:
        await groups.join(tx, group, "person", max_.person_id)
    view = await opened(ward, "max", ward.slides[0])
    async with database.write(zoe) as tx:
        await groups.end(tx, group)
    assert await closed(ward, view)
    assert (await now_of(ward, "max")).groups == frozenset()

    changes = [one["detail"]["change"] for one in await ward.audited("directory.changed")]
    assert changes == [
        "group-added",
        "group-joined",
        "group-joined",
        "group-left",
        "group-joined",
        "group-ended",
    ]
    with pytest.raises(NotFound):
        async with database.write(zoe) as tx:
            await groups.join(tx, group, "person", max_.person_id)
    with pytest.raises(Invalid):
        async with database.write(zoe) as tx:
            await groups.add(tx, "club", "Autre", zoe.institution_id)


async def test_who_leads_a_group_stays_and_names_are_given_once(database: Database) -> None:
    ward = await Ward(database).build()
    zoe = ward.actor("zoe")
    async with database.write(zoe) as tx:
        group = await groups.add(tx, "gcs", "GCS du Littoral", zoe.institution_id)
        with pytest.raises(Conflict):
            await groups.leave(tx, group, "institution", zoe.institution_id)
        with pytest.raises(NotFound):
            await groups.leave(tx, group, "person", zoe.person_id)
        with pytest.raises(NotFound):
            await groups.join(tx, group, "institution", zoe.person_id)
    with pytest.raises(Conflict):
        async with database.write(zoe) as tx:
            await groups.add(tx, "gcs", "GCS du Littoral", zoe.institution_id)
    async with database.write(zoe) as tx:
        await groups.end(tx, group)
        await groups.add(tx, "gcs", "GCS du Littoral", zoe.institution_id)
        await groups.add(tx, "gcs", "GCS du Littoral", ward.actor("max").institution_id)


async def test_a_delegate_has_what_was_given_to_the_absent_person_and_their_roles_for_a_time(
    database: Database,
) -> None:
    ward = await Ward(database).build()
    world = ward.world
    rosa = await world.person("rosa", "lille", "Rosa", "Bruyère", roles=(Role.TECHNICIAN,))
    next_one = await world.person("iris", "lille", "Iris", "Suivante", roles=(Role.TECHNICIAN,))
    await ward.sign_in("rosa")
    paul = ward.actor("paul")
    now = database.clock()
    soon = now + timedelta(minutes=5)
    assert not await sees(ward, "rosa", ward.slides[0])

    absent = paul.person_id
    key = await delegations.give(
        database, paul, absent_id=absent, delegate_id=rosa.person_id, starts_at=now - DAY, ends_at=soon
    )
    await delegations.give(
        database, paul, absent_id=absent, delegate_id=next_one.person_id, starts_at=soon, ends_at=now + DAY
    )
    there = await now_of(ward, "rosa")
    # An expert's role stands on their own credential.
    assert there.roles == {Role.TECHNICIAN, Role.REQUESTER}
    assert there.borrowed == {(Role.REQUESTER, paul.person_id)}
    allowed = await sees(ward, "rosa", ward.slides[0])
    assert isinstance(allowed, Allowed)
    assert allowed.on_behalf_of == paul.person_id
    view = await opened(ward, "rosa", ward.slides[0])
    async with database.read() as reader:
        assert (await reader.one(select(slide_view.c.expires_at).where(slide_view.c.id == view)))["expires_at"] == soon
    assert [one["detail"]["on_behalf_of"] for one in await ward.audited("slide.viewed")] == [paul.person_id]

    async with database.write(paul, unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id == paul.person_id).values(disabled_at=tx.now))
    assert (await now_of(ward, "rosa")).stands_for == frozenset()
    with pytest.raises(Refused):
        await delegations.end(database, rosa, key)
    await delegations.end(database, paul, key)
    assert await closed(ward, view)
    async with database.read() as reader:
        # The role that passed on is lost: the session ended with it.
        assert await standing.of(reader, ward.actor("rosa")) is None
    cora = await world.person("cora", "lille", "Cora", "Veille", roles=(Role.COORDINATOR,))
    with pytest.raises(NotFound) as over:
        await delegations.end(database, cora, key)
    assert not isinstance(over.value, Refused)


async def test_what_a_delegate_has_open_is_cut_when_the_absent_person_loses_what_they_left(database: Database) -> None:
    ward = await Ward(database).build()
    home, paul = ward.world.places["lille"], ward.actor("paul")
    # Rosa has his role of requester through him alone, Tess of her own.
    await ward.world.person("rosa", "lille", "Rosa", "Bruyère", roles=(Role.TECHNICIAN,))
    await ward.world.person("tess", "lille", "Tess", "Bruyère", roles=(Role.REQUESTER,))
    both = (Role.EXPERT, Role.REQUESTER)

    def with_roles(*held: Role) -> Change:
        return lambda tx: administration.set_membership(tx, paul.person_id, home, held)

    def suspended(tx: Transaction) -> Awaitable[object]:
        return suspension.suspend_person(tx, paul.person_id)

    def restored(tx: Transaction) -> Awaitable[object]:
        return suspension.restore_person(tx, paul.person_id)

    async def ended_by(change: Change, delegate: str) -> tuple[bool, bool]:
        """Whether this ended the view that the delegate had open, and their session."""
        await ward.sign_in(delegate, secrets.token_hex(8))
        view = await opened(ward, delegate, ward.slides[0])
        async with database.write(SYSTEM) as tx:
            await change(tx)
        async with database.read() as reader:
            return await closed(ward, view), await standing.of(reader, ward.actor(delegate)) is None

    now = database.clock()
    for delegate, session_too in (("rosa", True), ("tess", False)):
        there = {"absent_id": paul.person_id, "delegate_id": ward.person(delegate)}
        key = await delegations.give(database, paul, **there, starts_at=now - DAY, ends_at=now + DAY)
        assert await ended_by(with_roles(*both), delegate) == (False, False), "nothing was lost"
        for change, undo, still in (
            (with_roles(Role.EXPERT), with_roles(*both), True),
            (with_roles(Role.OBSERVER), with_roles(*both), False),
            (with_roles(), with_roles(*both), False),
            (suspended, restored, False),
        ):
            assert await ended_by(change, delegate) == (session_too or not still, session_too)
            await ward.sign_in(delegate, secrets.token_hex(8))
            assert bool(await sees(ward, delegate, ward.slides[0])) is still
            async with database.write(SYSTEM) as tx:
                await undo(tx)
        await delegations.end(database, paul, key)
    assert "delegation" in {one["detail"]["reason"] for one in await ward.audited("session.ended")}


async def test_a_delegation_counts_in_its_time_alone(database: Database) -> None:
    ward = await Ward(database).build()
    zoe, lea = ward.actor("zoe"), ward.actor("lea")
    now = database.clock()
    watcher = await ward.world.person("olga", "cayenne", "Olga", "Vigie", roles=(Role.OBSERVER, Role.ADMINISTRATOR))
    asked = {"absent_id": lea.person_id, "delegate_id": zoe.person_id}
    await delegations.give(database, lea, **asked, starts_at=now + DAY, ends_at=now + 2 * DAY)
    assert (await now_of(ward, "zoe")).stands_for == frozenset()
    wrong = [
        (asked | {"delegate_id": lea.person_id}, now, now + DAY, Invalid),
        (asked, now, now - DAY, Invalid),
        (asked, now - 2 * DAY, now - DAY, Invalid),
        (asked, now, now + delegations.LONGEST + DAY, Invalid),
        (asked | {"delegate_id": ward.person("max")}, now, now + DAY, NotFound),
        (asked, now + DAY, now + 3 * DAY, Conflict),
        (asked | {"delegate_id": watcher.person_id}, now, now + DAY, Invalid),
    ]
    for names, starts, ends, error in wrong:
        with pytest.raises(error):
            await delegations.give(database, lea, **names, starts_at=starts, ends_at=ends)
    # One does it for oneself alone; and whoever does it for others does not make themselves their delegate.
    cora = await ward.world.person("cora", "cayenne", "Cora", "Veille", roles=(Role.COORDINATOR,))
    starts, ends = now + 4 * DAY, now + 5 * DAY
    with pytest.raises(Invalid) as nothing_to_leave:
        of_watcher = asked | {"absent_id": watcher.person_id}
        await delegations.give(database, cora, **of_watcher, starts_at=starts, ends_at=ends)
    assert nothing_to_leave.value.code == "error-delegation-staff"
    with pytest.raises(Refused):
        await delegations.give(database, zoe, **asked, starts_at=starts, ends_at=ends)
    with pytest.raises(Invalid) as own:
        of_lea = asked | {"delegate_id": cora.person_id}
        await delegations.give(database, cora, **of_lea, starts_at=starts, ends_at=ends)
    assert own.value.code == "error-delegation-own"
    async with database.read() as reader:
        told = await reader.all(select(outbox.c.body).where(outbox.c.kind == "delegation.given"))
    assert [row["body"]["person"] for row in told] == [zoe.person_id]


async def test_an_administrator_sees_who_is_in_and_can_put_them_out(database: Database) -> None:
    ward = await Ward(database).build()
    zoe, paul = ward.actor("zoe"), ward.actor("paul")
    view = await opened(ward, "zoe", ward.slides[0])
    adele = await ward.world.person("adele", "cayenne", "Adèle", "Registre", roles=(Role.ADMINISTRATOR,))
    idle, handle = timedelta(minutes=10), zoe.session_id[: oversight.HANDLE]

    async def seen() -> set[str]:
        async with database.read() as reader:
            found = await oversight.open_sessions(reader, adele, idle)
            listed = await members.of_institution(reader, zoe.institution_id, idle)
        assert {one.person.id for one in listed if one.sessions} == {one.person_id for one in found}
        return {one.person_id for one in found}

    assert await seen() == {zoe.person_id, ward.person("lea")}
    async with database.write(zoe, unaudited="a test's world") as tx:
        await tx.execute(update(session).where(session.c.id == zoe.session_id).values(seen_at=tx.now - idle))
    # Both pages say the same of who was not seen for so long; and nobody is put out who is not in.
    assert await seen() == {ward.person("lea")}
    with pytest.raises(NotFound):
        await oversight.end(database, adele, handle, idle)
    async with database.write(zoe, unaudited="a test's world") as tx:
        await repository.touch(tx, zoe.session_id, tx.now)
    with pytest.raises(Refused):
        await oversight.end(database, zoe, handle, idle)
    with pytest.raises(NotFound):
        await oversight.end(database, adele, paul.session_id[: oversight.HANDLE], idle)
    await oversight.end(database, adele, handle, idle)
    assert await seen() == {ward.person("lea")}
    assert await closed(ward, view)
    assert [one["detail"]["reason"] for one in await ward.audited("session.ended")] == ["administrator"]
