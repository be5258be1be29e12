"""Accepting and declining, on both databases: rows, rights, audit and events live or die together."""

from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from auth import administration
from consults import offers, reading, repository, request, signing
from consults.lifecycle import ConsultStatus, OfferStatus
from consults.opinion import Draft
from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Role
from telepath.db.schema.directory import person
from telepath.db.schema.grants import grants as grants_table
from telepath.errors import Conflict, Invalid, InvalidTransition, Refused
from telepath.slides import catalogue
from tests import audited
from tests.consult_story import DRAFT, FIVE_MINUTES, READER, Story, outcomes


async def test_accepting_opens_the_case_and_every_slide_and_nothing_to_others(story: Story) -> None:
    consult_id = await story.accepted()
    assert await story.rights("karim", consult_id) == READER
    assert await story.rights("anne", consult_id) == set()
    async with story.db.read() as reader:
        rows = await reader.all(select(grants_table).where(grants_table.c.revoked_at.is_(None)))
    given = {(row["object_kind"], row["object_id"]): (row["because"], row["because_id"]) for row in rows}
    expected = [("consult", consult_id), ("case", story.case_id), *(("slide", key) for key in story.slides)]
    assert given == dict.fromkeys(expected, ("consult", consult_id))
    assert await story.told() == [("consult.offered", "karim"), ("consult.accepted", "zoe")]


async def test_each_right_of_a_consult_is_recorded_when_it_is_given_and_when_it_is_taken(story: Story) -> None:
    consult_id = await story.accepted()
    given = [("right.given", "karim", kind) for kind in ("case", "consult", "consult", "slide", "slide")]
    offered = ("right.withdrawn", "karim", "consult")
    assert await story.rights_recorded() == [*given, offered]
    await request.revoke(story.db, story["zoe"], consult_id)
    taken = [("right.withdrawn", "karim", kind) for kind in ("case", "consult", "slide", "slide")]
    assert await story.rights_recorded() == sorted([*given, offered, *taken])


async def test_declining_needs_a_reason_and_takes_the_request_away(story: Story) -> None:
    consult_id = await story.requested()
    with pytest.raises(Invalid):
        await offers.decline(story.db, story["karim"], consult_id, "  ")
    await offers.decline(story.db, story["karim"], consult_id, "En congé jusqu’au 20 mars.")
    assert await story.status(consult_id) is ConsultStatus.ON_HOLD
    assert await story.rights("karim", consult_id) == set()
    assert await story.told() == [("consult.offered", "karim"), ("offer.declined", "zoe")]
    assert [record[:2] for record in await story.audited()] == [
        ("consult.requested", "zoe"),
        ("offer.declined", "karim"),
    ]
    (declined,) = await audited.records(story.db, "offer.declined")
    assert "congé" not in str(declined)
    assert await audited.of_case(story.db, declined) == {"reason": "En congé jusqu’au 20 mars."}


async def test_after_a_refusal_another_expert_is_asked_and_the_first_is_not_proposed_again(story: Story) -> None:
    consult_id = await story.requested()
    await offers.decline(story.db, story["karim"], consult_id, "En congé.")
    with pytest.raises(Invalid):
        await offers.reoffer(story.db, story["zoe"], consult_id, story["karim"].person_id)
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    assert await story.status(consult_id) is ConsultStatus.ACTIVE
    assert await story.rights("anne", consult_id) == {"consult.view"}
    assert (await story.audited())[-1][0] == "offer.made"


async def test_a_person_who_was_asked_nothing_can_answer_nothing(story: Story) -> None:
    consult_id = await story.requested()
    for stranger in ("anne", "zoe"):
        with pytest.raises(Refused):
            await offers.accept(story.db, story[stranger], consult_id)
        with pytest.raises(Refused):
            await offers.decline(story.db, story[stranger], consult_id, "Non.")


async def test_who_is_no_expert_now_neither_accepts_nor_writes_nor_signs_and_is_not_asked(story: Story) -> None:
    def are(key: str, *roles: Role) -> None:
        story.actors[key] = msgspec.structs.replace(story[key], roles=frozenset(roles))

    async def refused(act: Awaitable[Any], why: str = "no-expert") -> None:
        with pytest.raises(Refused) as no:
            await act
        assert no.value.reason == why

    def at(place: str) -> None:
        story.actors["karim"] = msgspec.structs.replace(story["karim"], institution_id=place)

    async def readers() -> set[str]:
        async with story.db.read() as reader:
            return {one.person.id for one in await directory.experts(reader, "lymphoid")}

    consult_id = await story.requested()
    are("karim", Role.REQUESTER)
    await refused(offers.accept(story.db, story["karim"], consult_id))
    assert await story.rights("karim", consult_id) == {"consult.view"}
    are("karim", Role.EXPERT)
    asked_at, elsewhere = story["karim"].institution_id, story["anne"].institution_id
    at(elsewhere)
    await refused(offers.accept(story.db, story["karim"], consult_id), "other-institution")
    at(asked_at)
    await offers.accept(story.db, story["karim"], consult_id)
    saved = await reading.save_draft(story.db, story["karim"], consult_id, 1, DRAFT)
    at(elsewhere)
    signing_there = signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    await refused(signing_there, "other-institution")
    at(asked_at)
    are("karim", Role.REQUESTER)
    await refused(reading.save_draft(story.db, story["karim"], consult_id, saved.version, Draft()))
    await refused(signing.signable(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES))
    await refused(signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES))
    assert await story.rights("karim", consult_id) == READER - {"consult.answer"}
    are("karim", Role.EXPERT)
    signed = await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    assert signed.number == 1
    are("karim", Role.REQUESTER)
    await refused(reading.save_draft(story.db, story["karim"], consult_id, saved.version + 1, DRAFT))

    karim, anne = story["karim"].person_id, story["anne"].person_id
    assert await readers() == {karim, anne}
    async with story.db.write(story["zoe"]) as tx:
        await administration.set_membership(tx, karim, story["karim"].institution_id, [Role.REQUESTER])
        # A card of an institution, or of the test bench: no RPPS number.
        await tx.execute(update(person).where(person.c.id == anne).values(subject_name_id="3A0000017/42"))
    assert await readers() == set()


async def test_an_answer_is_given_once(story: Story) -> None:
    consult_id = await story.accepted()
    with pytest.raises(InvalidTransition):
        await offers.accept(story.db, story["karim"], consult_id)
    with pytest.raises(InvalidTransition):
        await offers.decline(story.db, story["karim"], consult_id, "Trop tard.")


async def test_a_slide_that_comes_later_is_given_to_who_reads_and_to_nobody_else(story: Story) -> None:
    async def come(label: str) -> tuple[bool, bool]:
        """Whether Karim and Anne may see a slide that comes into the case now."""
        slide_id = await story.slide(story["zoe"], story.case_id, label)
        async with story.db.write(story["zoe"], unaudited="a test's slide") as tx:
            slide = await catalogue.get(tx, slide_id)
            await offers.give_slide(tx, slide)
        async with story.db.read() as reader:
            karim, anne = [
                await grants.decide(reader, story[who], Action.SLIDE_VIEW, slide.ref) for who in ("karim", "anne")
            ]
        return bool(karim), bool(anne)

    consult_id = await story.requested()
    assert await come("A1 Ki67") == (False, False)
    await offers.accept(story.db, story["karim"], consult_id)
    assert await come("A1 BCL2") == (True, False)
    saved = await reading.save_draft(story.db, story["karim"], consult_id, 1, DRAFT)
    await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    assert await come("A1 CD10") == (False, False)


async def test_of_two_experts_who_accept_at_once_one_reads_and_the_other_is_told(story: Story) -> None:
    consult_id = await story.requested()
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    results = await outcomes(
        offers.accept(story.db, story["karim"], consult_id), offers.accept(story.db, story["anne"], consult_id)
    )
    assert sorted(str(result) for result in results) == sorted([str(None), str(Conflict)])
    winner, loser = ("karim", "anne") if results[0] is None else ("anne", "karim")
    async with story.db.read() as reader:
        made = await repository.readings_of(reader, consult_id)
        found = {offer.expert_id: offer.status for offer in await repository.offers_of(reader, consult_id)}
    assert [one.expert_id for one in made] == [story[winner].person_id]
    assert found == {
        story[winner].person_id: OfferStatus.ACCEPTED,
        story[loser].person_id: OfferStatus.WITHDRAWN,
    }
    assert await story.rights(winner, consult_id) == READER
    assert await story.rights(loser, consult_id) == set()
    assert ("offer.withdrawn", loser) in await story.told()
    with pytest.raises(Conflict):  # however late the loser comes
        await offers.accept(story.db, story[loser], consult_id)


async def test_two_experts_who_decline_at_once_leave_nobody_waiting_for_an_answer(story: Story) -> None:
    consult_id = await story.requested()
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    names = ["karim", "anne"]
    results = await outcomes(*(offers.decline(story.db, story[name], consult_id, "Absent.") for name in names))
    for name, result in zip(names, results, strict=True):
        if result is Conflict:
            await offers.decline(story.db, story[name], consult_id, "Absent.")
    assert await story.status(consult_id) is ConsultStatus.ON_HOLD


async def test_nobody_else_can_be_asked_once_somebody_reads(story: Story) -> None:
    consult_id = await story.accepted()
    with pytest.raises(InvalidTransition):
        await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)


async def test_who_reads_one_consult_of_a_case_finds_no_other_consult_of_it(story: Story) -> None:
    other = await story.requested("anne")
    await story.accepted()
    assert "consult.view" not in await story.rights("karim", other)
