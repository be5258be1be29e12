"""What an administrator does to an institution and its people, and what invitations and credentials let happen."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, text, update

from auth import administration, credentials, institutions, invitations, members, opening, repository, sessions
from auth.bearer import digest
from auth.invitations import Invitee, State
from auth.model import LoginFailed, VerifiedIdentity
from telepath import directory
from telepath.actor import SYSTEM, Actor, Origin, Role
from telepath.db.database import Database
from telepath.db.schema.directory import credential, department, invitation, person
from telepath.db.schema.outbox import outbox
from telepath.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TelepathError
from telepath.notices.model import path_of
from telepath.territories import USUAL, Calendar
from tests.audited import of_actor, records
from tests.builders import MASTER_KEY, NOON, World, session_of

EXPERT = Invitee(
    provider="be-eid", given_name="Lotte", family_name="Maas", roles=frozenset({Role.EXPERT}), email="lotte@example.org"
)


def proven(subject_name_id: str, provider: str = "psc", **more: object) -> VerifiedIdentity:
    fields: dict[str, object] = {
        "subject_name_id": subject_name_id,
        "subject": f"sub-{subject_name_id}",
        "provider": provider,
        "acr": "eidas1",
        "auth_time": NOON,
        "id_token": "",
    }
    return VerifiedIdentity(**(fields | more))  # type: ignore[arg-type]


async def signs_in(db: Database, identity: VerifiedIdentity, invitation_id: str = "") -> None:
    nobody = Actor(person_id="", name="", institution_id="")
    async with db.write(nobody, unaudited="nothing may wait") as tx:
        await invitations.bind(tx, invitation_id, identity)


async def told(db: Database) -> list[tuple[str, dict[str, str]]]:
    """Whom invitations and credentials had told what."""
    kinds = ("invitation.accepted", "credential.awaited")
    async with db.read() as reader:
        rows = await reader.all(select(outbox).where(outbox.c.kind.in_(kinds)).order_by(outbox.c.position))
    return [(row["kind"], row["body"]) for row in rows]


async def changes(db: Database) -> list[str]:
    return [record["detail"]["change"] for record in await records(db, "directory.changed")]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def ada(world: World) -> Actor:
    return await world.person("ada", "lille", "Ada", "Registre", roles=[Role.ADMINISTRATOR])


async def test_an_institution_its_calendar_and_its_departments_are_set_up_by_its_administrator(
    database: Database, world: World, ada: Actor
) -> None:
    zoe = await world.person("zoe", "lille", "Zoé", "Marchand")
    facts = institutions.Facts(name="CHU de Lille", city="Lille", region="32", time_zone="Europe/Paris")
    assert not await institutions.change(database, ada, facts)
    assert await institutions.change(database, ada, msgspec.structs.replace(facts, city="Loos"))
    calendar = Calendar(days=(4, 0, 0), opens=time(9, 30), closed=(date(2026, 12, 24), date(2026, 12, 24)))
    assert await institutions.keep_calendar(database, ada, calendar)
    async with database.read() as reader:
        place = (await directory.institutions(reader, [ada.institution_id]))[ada.institution_id]
    assert place.city == "Loos"
    kept = Calendar(days=(0, 4), opens=time(9, 30), closed=(date(2026, 12, 24),))
    assert place.own_hours == kept
    assert place.hours == msgspec.structs.replace(kept, territory="32")
    assert not await institutions.keep_calendar(database, ada, calendar)
    assert await institutions.keep_calendar(database, ada, USUAL)
    async with database.read() as reader:
        assert (await directory.institutions(reader, [ada.institution_id]))[ada.institution_id].calendar is None
    for wrong in (
        Calendar(days=()),
        Calendar(days=(7,)),
        Calendar(opens=time(18), closes=time(8)),
        Calendar(closed=tuple(date(2026, 1, 1) + timedelta(day) for day in range(121))),
    ):
        with pytest.raises(Invalid):
            await institutions.keep_calendar(database, ada, wrong)

    key = await institutions.add_department(database, ada, "Anatomie pathologique")
    other = await institutions.add_department(database, ada, "Cytologie")
    with pytest.raises(Conflict):
        await institutions.rename_department(database, ada, other, "Anatomie pathologique")
    await institutions.rename_department(database, ada, other, "Cytologie et frottis")
    async with database.read() as reader:
        member = await members.get(reader, ada.institution_id, zoe.person_id)
    await members.change(database, ada, zoe.person_id, [Role.TECHNICIAN], key, member.seen)
    with pytest.raises(Conflict) as occupied:
        await institutions.remove_department(database, ada, key)
    assert occupied.value.params == {"name": "Anatomie pathologique", "count": 1}
    await institutions.remove_department(database, ada, other)

    # Another institution's administrator has no part in it; nor has a member who is none.
    eve = await world.person("eve", "rennes", "Ève", "Ajonc", roles=[Role.ADMINISTRATOR])
    with pytest.raises(NotFound):
        await institutions.rename_department(database, eve, key, "À nous")
    with pytest.raises(Refused):
        await institutions.change(database, zoe, facts)
    with pytest.raises(Refused):
        await institutions.add_department(database, zoe, "Pirate")
    assert await changes(database) == [
        "institution-changed",
        "calendar-changed",
        "calendar-changed",
        "department-added",
        "department-added",
        "department-renamed",
        "membership-set",
        "department-removed",
    ]
    first, *_, moved, _ = await records(database, "directory.changed")
    assert (first["detail"]["before"], first["detail"]["after"]) == ({"city": "Lille"}, {"city": "Loos"})
    assert moved["detail"]["department"] == "Anatomie pathologique"
    assert (moved["detail"]["roles_before"], moved["detail"]["roles"]) == (["requester"], ["technician"])


async def test_roles_are_given_and_taken_and_nobody_is_locked_out(database: Database, world: World, ada: Actor) -> None:
    zoe = await world.person("zoe", "lille", "Zoé", "Marchand")
    bob = await world.person("bob", "lille", "Bob", "Second", roles=[Role.ADMINISTRATOR, Role.REQUESTER])
    paul = await world.person("paul", "rennes", "Paul", "Lenoir")

    async def seen(who: Actor) -> str:
        async with database.read() as reader:
            return (await members.get(reader, ada.institution_id, who.person_id)).seen

    async def refused(who: Actor, roles: list[Role], expected: type[TelepathError], code: str, by: Actor = ada) -> None:
        with pytest.raises(expected) as error:
            await members.change(database, by, who.person_id, roles, "", await seen(who))
        assert error.value.code == code

    await members.change(database, ada, zoe.person_id, [Role.REQUESTER, Role.EXPERT], "", await seen(zoe))
    with pytest.raises(Conflict) as late:
        await members.change(database, ada, zoe.person_id, [Role.TECHNICIAN], "", "requester/")
    assert late.value.code == "error-member-changed"
    await refused(zoe, [], Invalid, "error-member-no-role")
    await refused(ada, [Role.REQUESTER], Conflict, "error-member-own-role")
    await refused(zoe, [Role.ADMINISTRATOR], Refused, "error-not-found", by=zoe)
    await members.change(database, ada, ada.person_id, [Role.ADMINISTRATOR, Role.AUDITOR], "", await seen(ada))
    with pytest.raises(Conflict) as own:
        await members.end(database, ada, ada.person_id)
    assert own.value.code == "error-member-own-role"
    with pytest.raises(NotFound):
        await members.end(database, ada, paul.person_id)

    # Each of the two takes the role from the other: the second one to come is the last, and keeps it.
    await members.change(database, ada, bob.person_id, [Role.REQUESTER], "", await seen(bob))
    await refused(ada, [Role.AUDITOR], Conflict, "error-member-last-administrator", by=bob)
    async with database.write(ada, unaudited="a test's world") as tx:
        await repository.keep_session(tx, session_of(zoe, "a" * 64, tx.now))
    async with database.read() as reader:
        shown = await members.get(reader, ada.institution_id, zoe.person_id)
    assert (shown.sessions, shown.seen_at) == (1, NOON)
    await members.end(database, ada, zoe.person_id)
    assert [record["detail"]["reason"] for record in await records(database, "session.ended")] == ["membership"]
    async with database.read() as reader:
        assert {one.person.id for one in await members.of_institution(reader, ada.institution_id)} == {
            ada.person_id,
            bob.person_id,
        }

    # A doctor whose know-how is not pathology asks, and is not asked.
    async with database.write(ada) as tx:
        surgeon = await administration.add_person(
            tx, subject_name_id="899700999001", given_name="Sam", family_name="Bistouri", know_how="SM05"
        )
        await administration.set_membership(tx, surgeon, ada.institution_id, [Role.REQUESTER])
    sam = msgspec.structs.replace(zoe, person_id=surgeon)
    await refused(sam, [Role.REQUESTER, Role.EXPERT], Invalid, "error-member-not-expert")


async def test_who_is_invited_by_an_rpps_number_is_bound_by_it_at_the_first_login(
    database: Database, world: World, ada: Actor
) -> None:
    async with database.write(ada, unaudited="a test's world") as tx:
        place = tx.new_id()
        await tx.execute(insert(department).values(id=place, institution_id=ada.institution_id, name="Cytologie"))
    wanted = Invitee(
        subject_name_id="899700421110",
        given_name="Gaelle",
        family_name="Le Goff",
        roles=frozenset({Role.REQUESTER, Role.EXPERT}),
        department_id=place,
    )
    letter = await invitations.invite(database, ada, wanted)
    assert (letter.person.name, letter.roles) == ("Gaelle Le Goff", wanted.roles)
    async with database.read() as reader:
        stored = (await reader.one(select(invitation)))["token"]
        assert letter.token not in stored
        assert (await invitations.answering(reader, letter.token)).id == letter.invitation.id
        with pytest.raises(NotFound):
            await invitations.answering(reader, stored)
        waiting = await members.get(reader, ada.institution_id, letter.person.id)
    assert waiting.department is not None
    assert waiting.invitation is not None
    with pytest.raises(Conflict):
        await invitations.invite(database, ada, wanted)
    zoe = await world.person("zoe", "lille", "Zoé", "Marchand")
    with pytest.raises(Refused):
        await invitations.invite(database, zoe, msgspec.structs.replace(wanted, subject_name_id="899700421128"))
    # The rules of a change: what is known of somebody elsewhere counts, and a department is the institution's own.
    eva = await world.person("eva", "rennes", "Eva", "Bruyère", roles=[Role.ADMINISTRATOR])
    elsewhere = await institutions.add_department(database, eva, "Cytologie")
    async with database.write(ada, unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id == eva.person_id).values(know_how="SM26"))
    known = msgspec.structs.replace(wanted, subject_name_id=eva.subject_name_id)
    with pytest.raises(Invalid) as unqualified:
        await invitations.invite(database, ada, known)
    assert (unqualified.value.code, unqualified.value.params["field"]) == ("error-member-not-expert", "roles")
    with pytest.raises(NotFound):
        await invitations.invite(
            database, ada, msgspec.structs.replace(known, roles=frozenset({Role.REQUESTER}), department_id=elsewhere)
        )
    async with database.read() as reader:
        assert ada.institution_id not in await directory.memberships(reader, eva.person_id)

    again = await invitations.resend(database, ada, letter.invitation.id)
    async with database.read() as reader:
        with pytest.raises(NotFound):
            await invitations.answering(reader, letter.token)
    # The link, by somebody else: nobody is bound, and nothing is used up.
    with pytest.raises(LoginFailed) as other:
        await signs_in(database, proven(zoe.subject_name_id), again.invitation.id)
    assert other.value.reason == "invitation-of-another"
    with pytest.raises(LoginFailed):
        await signs_in(database, proven("be-eid:1", "be-eid"), again.invitation.id)
    # Accepted without the link, by who it is.
    assert await told(database) == []
    await signs_in(database, proven("899700421110"))
    new = {"by": letter.person.id}
    accepted = ("invitation.accepted", {"person": ada.person_id, "member": letter.person.id} | new)
    assert await told(database) == [accepted]
    assert path_of(*accepted) == f"/administration/members/{letter.person.id}"
    async with database.read() as reader:
        member = await members.get(reader, ada.institution_id, letter.person.id)
        assert member.invitation is None
        assert await invitations.listed(reader, ada.institution_id) == []
    with pytest.raises(Conflict):
        await invitations.withdraw(database, ada, letter.invitation.id)
    await signs_in(database, proven("899700421110"))
    assert (await changes(database))[-1] == "invitation-accepted"
    assert await told(database) == [accepted], "once"

    # Withdrawn, and expired: whoever comes then belongs to nothing.
    gone = await invitations.invite(database, ada, msgspec.structs.replace(wanted, subject_name_id="899700421128"))
    await invitations.withdraw(database, ada, gone.invitation.id)
    with pytest.raises(LoginFailed):
        await signs_in(database, proven("899700421128"), gone.invitation.id)
    late = await invitations.invite(database, ada, msgspec.structs.replace(wanted, subject_name_id="899700421136"))
    world.clock.advance(days=30)
    async with database.read() as reader:
        (found,) = await invitations.listed(reader, ada.institution_id)
        assert found.state(reader.now) is State.EXPIRED
        with pytest.raises(NotFound):
            await invitations.answering(reader, late.token)
    await signs_in(database, proven("899700421136"))
    async with database.read() as reader:
        for one in (gone, late):
            assert await directory.memberships(reader, one.person.id) == {}
    assert [change for change in await changes(database) if change.startswith("invit")] == [
        "invited",
        "invitation-resent",
        "invitation-accepted",
        "invited",
        "invitation-withdrawn",
        "invited",
        "invitation-expired",
    ]


async def test_who_has_no_rpps_number_is_bound_once_and_is_an_expert_while_a_credential_stands(
    database: Database, world: World, ada: Actor
) -> None:
    cora = await world.person("cora", "lille", "Cora", "Veille", roles=[Role.COORDINATOR])
    letter = await invitations.invite(database, ada, EXPERT)
    person_id = letter.person.id
    # Of nobody yet: whoever holds the letter would get what was checked for another.
    with pytest.raises(Conflict) as nobody:
        await credentials.verify(
            database, cora, person_id, credentials.Checked(authority="Ordre des médecins", number="1", country="BE")
        )
    assert nobody.value.code == "error-credential-unbound"
    await checked_too_early(database, cora, person_id)
    with pytest.raises(LoginFailed):
        await signs_in(database, proven("pt-cc:7", "pt-cc"), letter.invitation.id)
    async with database.read() as reader:
        assert await credentials.waiting(reader, ada.institution_id) == 0, "nobody has come yet"
    await signs_in(database, proven("be-eid:42", "be-eid", family_name="MAAS"), letter.invitation.id)
    await signs_in(database, proven("be-eid:42", "be-eid"), letter.invitation.id)
    new = {"by": person_id}
    awaited = ("credential.awaited", {"person": cora.person_id} | new)
    assert sorted(await told(database)) == [
        awaited,
        ("invitation.accepted", {"person": ada.person_id, "member": person_id} | new),
    ]
    assert path_of(*awaited) == "/administration/credentials"
    with pytest.raises(LoginFailed) as second:
        await signs_in(database, proven("be-eid:43", "be-eid"), letter.invitation.id)
    assert second.value.reason == "invitation-of-another"
    async with database.read() as reader:
        lotte = await members.get(reader, ada.institution_id, person_id)
    assert (lotte.person.subject_name_id, lotte.person.provider, lotte.credential) == ("be-eid:42", "be-eid", None)

    await members.change(database, ada, person_id, [Role.REQUESTER], "", lotte.seen)
    async with database.write(ada, unaudited="a test's world") as tx:
        who = msgspec.structs.replace(cora, person_id=person_id)
        await repository.keep_session(tx, session_of(who, "b" * 64, tx.now))
    with pytest.raises(Invalid) as missing:
        await members.change(database, ada, person_id, [Role.EXPERT], "", "requester/")
    assert missing.value.code == "error-member-no-credential"
    checked = credentials.Checked(authority="Ordre des médecins", number="1-23456-78", country="BE")
    with pytest.raises(Refused):
        await credentials.verify(database, ada, person_id, checked)
    with pytest.raises(Invalid):
        await credentials.verify(database, cora, ada.person_id, checked)
    with pytest.raises(Forbidden):
        await credentials.verify(database, cora, cora.person_id, checked)
    elsewhere = await world.person("eve", "rennes", "Ève", "Ajonc", roles=[Role.COORDINATOR])
    with pytest.raises(NotFound):
        await credentials.verify(database, elsewhere, person_id, checked)
    async with database.read() as reader:
        assert await credentials.waiting(reader, ada.institution_id) == 1
    await credentials.verify(database, cora, person_id, msgspec.structs.replace(checked, number="wrong"))
    await credentials.verify(database, cora, person_id, checked)
    async with database.read() as reader:
        standing = await directory.credential(reader, person_id)
        assert await credentials.waiting(reader, ada.institution_id) == 0
    assert standing is not None
    assert (standing.number, standing.verified_by) == ("1-23456-78", cora.person_id)
    await members.change(database, ada, person_id, [Role.EXPERT], "", "requester/")

    # Invited by a second institution: the same person, there too.
    eva = await world.person("eva", "rennes", "Eva", "Bruyère", roles=[Role.ADMINISTRATOR])
    await world.person("erwan", "rennes", "Erwan", "Genet", roles=[Role.COORDINATOR])
    there = await invitations.invite(database, eva, EXPERT)
    assert there.person.id != person_id
    await checked_too_early(database, eva, there.person.id)
    before = await told(database)
    await signs_in(database, proven("be-eid:42", "be-eid"), there.invitation.id)
    # Looked up already, by an institution that they still belong to.
    assert await told(database) == [
        *before,
        ("invitation.accepted", {"person": eva.person_id, "member": person_id} | new),
    ]
    async with database.read() as reader:
        found = await directory.credential(reader, person_id)
        assert found is not None
        assert found.institution_id == ada.institution_id
        assert await directory.credential(reader, there.person.id) is None
        assert set(await directory.memberships(reader, person_id)) == {ada.institution_id, eva.institution_id}
        left = (await directory.people(reader, [there.person.id]))[there.person.id]
        assert left.disabled_at is not None

    await credentials.withdraw(database, cora, person_id)
    with pytest.raises(NotFound):
        await credentials.withdraw(database, cora, person_id)
    async with database.read() as reader:
        assert await directory.credential(reader, person_id) is None
    assert [record["detail"]["reason"] for record in await records(database, "session.ended")] == ["credential"]
    verified = await records(database, "credential.verified")
    assert [(await of_actor(database, one))["private"]["number"] for one in verified] == ["wrong", "1-23456-78"]
    *unbound, withdrawn = await records(database, "credential.withdrawn")
    assert [one["object_id"] for one in unbound] == [person_id, there.person.id]
    assert withdrawn["detail"] == {"country": "BE"}
    assert (await of_actor(database, withdrawn))["private"]["authority"] == "Ordre des médecins"


async def checked_too_early(db: Database, actor: Actor, person_id: str) -> None:
    """A credential of somebody whom no login has bound yet, as it could once be recorded."""
    async with db.write(actor, unaudited="a test's world") as tx:
        await tx.execute(
            insert(credential).values(
                id=tx.new_id(),
                person_id=person_id,
                institution_id=actor.institution_id,
                authority="Ordre des médecins",
                number="1",
                country="BE",
                verified_by=actor.person_id,
                verified_at=tx.now,
            )
        )


async def test_who_is_invited_again_after_leaving_comes_in_by_the_newer_letter(
    database: Database, world: World, ada: Actor
) -> None:
    wanted = Invitee(
        subject_name_id="899700421110", given_name="Gaelle", family_name="Le Goff", roles=frozenset({Role.REQUESTER})
    )
    first = await invitations.invite(database, ada, wanted)
    await members.end(database, ada, first.person.id)
    async with database.read() as reader:
        assert await invitations.listed(reader, ada.institution_id) == []
        with pytest.raises(NotFound):
            await invitations.answering(reader, first.token)
    second = await invitations.invite(database, ada, wanted)
    # The operator's command ends a membership alone; and of two letters from before, the older has expired.
    async with database.write(ada) as tx:
        await administration.set_membership(tx, first.person.id, ada.institution_id, ())
    third = await invitations.invite(database, ada, wanted)
    async with database.write(ada, unaudited="a test's world") as tx:
        await tx.execute(
            update(invitation)
            .where(invitation.c.id == second.invitation.id)
            .values(withdrawn_at=None, expires_at=tx.now - timedelta(days=1))
        )
    await signs_in(database, proven("899700421110"))
    async with database.read() as reader:
        assert set(await directory.memberships(reader, first.person.id)) == {ada.institution_id}
        states = await reader.all(select(invitation.c.id, invitation.c.accepted_at))
    assert [row["id"] for row in states if row["accepted_at"]] == [third.invitation.id]


async def test_an_administrator_who_never_came_keeps_no_door_open(database: Database, world: World, ada: Actor) -> None:
    bob = await world.person("bob", "lille", "Bob", "Registre", roles=[Role.ADMINISTRATOR])
    wanted = Invitee(
        subject_name_id="899700421110",
        given_name="Gaelle",
        family_name="Le Goff",
        roles=frozenset({Role.ADMINISTRATOR}),
    )
    await invitations.invite(database, ada, wanted)
    # Known and seen elsewhere, expected here.
    eva = await world.person("eva", "rennes", "Eva", "Bruyère")
    async with database.write(ada, unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id == eva.person_id).values(first_seen_at=tx.now))
    await invitations.invite(database, ada, msgspec.structs.replace(wanted, subject_name_id=eva.subject_name_id))
    # Ada's request was let in a moment before Bob ended her membership.
    await members.end(database, bob, ada.person_id)
    with pytest.raises(Conflict) as last:
        await members.end(database, ada, bob.person_id)
    assert last.value.code == "error-member-last-administrator"
    await signs_in(database, proven(eva.subject_name_id))
    await members.end(database, ada, bob.person_id)


async def test_an_invited_expert_signs_in_and_is_one_while_the_credential_stands(
    database: Database, world: World, ada: Actor
) -> None:
    cora = await world.person("cora", "lille", "Cora", "Veille", roles=[Role.COORDINATOR])
    letter = await invitations.invite(database, ada, EXPERT)
    lotte = proven("be-eid:42", "be-eid", family_name="MAAS")

    async def enters(invitation_id: str = "") -> Actor:
        entered = await opening.sign_in(
            database, lotte, "/", "", sessions.Limits(), Origin(), invitation_id=invitation_id
        )
        return await who(entered.cookie)

    async def who(cookie: str) -> Actor:
        async with database.read() as reader:
            found = await repository.owner(reader, digest(cookie))
        assert found is not None
        return found[1]

    async def proposed() -> list[str]:
        async with database.read() as reader:
            return [one.person.id for one in await directory.experts(reader, "lymphoid")]

    with pytest.raises(LoginFailed):
        await enters()
    assert Role.EXPERT not in (await enters(letter.invitation.id)).roles
    async with database.write(cora, unaudited="a test's world") as tx:
        await administration.set_expertise(tx, letter.person.id, ada.institution_id, "lymphoid")
    assert await proposed() == []
    checked = credentials.Checked(authority="Ordre des médecins", number="1-23456-78", country="BE")
    await credentials.verify(database, cora, letter.person.id, checked)
    expert = await enters()
    assert (expert.person_id, expert.roles) == (letter.person.id, frozenset({Role.EXPERT}))
    assert await proposed() == [letter.person.id]
    async with database.read() as reader:
        assert (await members.get(reader, ada.institution_id, letter.person.id)).sessions == 2

    await credentials.withdraw(database, cora, letter.person.id)
    assert await proposed() == []
    async with database.read() as reader:
        assert (await members.get(reader, ada.institution_id, letter.person.id)).sessions == 0
    assert [record["detail"]["reason"] for record in await records(database, "session.ended")] == ["credential"] * 2
    assert Role.EXPERT not in (await enters()).roles


async def test_no_session_of_an_expert_outlives_a_credential_that_is_withdrawn_at_this_moment(
    postgres_url: str,
) -> None:
    """A step-up and a sign-in found the credential standing, and are not over yet when it goes."""
    db = Database(postgres_url, MASTER_KEY)
    world = World(db)
    ada = await world.person("ada", "lille", "Ada", "Registre", roles=[Role.ADMINISTRATOR])
    cora = await world.person("cora", "lille", "Cora", "Veille", roles=[Role.COORDINATOR])
    letter = await invitations.invite(db, ada, EXPERT)
    lotte, checked = proven("be-eid:42", "be-eid"), credentials.Checked(authority="Ordre", number="1", country="BE")

    async def signing_in(cookie: str = "", invitation_id: str = "") -> str:
        limits = sessions.Limits()
        return (await opening.sign_in(db, lotte, "/", cookie, limits, Origin(), invitation_id=invitation_id)).cookie

    async def waiting(number: int, task: asyncio.Task[Any]) -> None:
        locks = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while not task.done():
            async with db.read() as reader:
                if await reader.connection.scalar(locks) == number:
                    return
            await asyncio.wait([task], timeout=0.01)

    async def open_here() -> int:
        async with db.read() as reader:
            return (await members.get(reader, ada.institution_id, letter.person.id)).sessions

    await signing_in(invitation_id=letter.invitation.id)
    await credentials.verify(db, cora, letter.person.id, checked)
    old = digest(await signing_in())
    async with db.write(SYSTEM, unaudited="as a step-up does") as tx:
        stepping = await repository.session_by_id(tx, old)
        assert stepping is not None
        await opening.replace(tx, stepping, msgspec.structs.replace(stepping, id="new"), Origin())
        withdrawing = asyncio.create_task(credentials.withdraw(db, cora, letter.person.id))
        await waiting(1, withdrawing)
    await withdrawing
    assert await open_here() == 0

    await credentials.verify(db, cora, letter.person.id, checked)
    theirs = session_of(cora, digest("cora"), db.clock())
    async with db.write(SYSTEM, unaudited="a test's world") as tx:
        await repository.keep_session(tx, theirs)
    async with db.write(SYSTEM, unaudited="holds up who signs in in Cora's browser") as tx:
        await repository.touch(tx, theirs.id, tx.now + timedelta(seconds=1))
        entering = asyncio.create_task(signing_in("cora"))
        await waiting(1, entering)
        withdrawing = asyncio.create_task(credentials.withdraw(db, cora, letter.person.id))
        await waiting(2, withdrawing)
    await asyncio.gather(entering, withdrawing)
    assert await open_here() == 0
    await db.close()
