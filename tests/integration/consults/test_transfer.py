"""The expert hands a consult over before anything is signed: rights, rows, records and who is told, on both databases."""

import pytest

from consults import (
    further_readers,
    material,
    offers,
    reading,
    repository,
    request,
    signing,
    timeline,
    track_record,
    transfer,
)
from consults.kinds import HeldBecause, MaterialKind, Policy, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.terms import Terms
from telepath.errors import Forbidden, Invalid, InvalidTransition, Refused
from tests import audited
from tests.consult_story import DRAFT, FIVE_MINUTES, QUESTION, READER, Story

WHY = "Lésion hors de mon champ : à confier à un hématopathologiste."


async def test_a_colleague_is_asked_and_who_leaves_sees_nothing_more(story: Story) -> None:
    consult_id, _ = await story.drafted()
    await story.expert("rose", "saint-denis", "Rose", "Payet")
    invited = further_readers.invite(
        story.db, story["karim"], consult_id, ReadingRole.CO_READER, story["rose"].person_id
    )
    await invited
    await offers.accept(story.db, story["rose"], consult_id)
    before = len(await story.told())
    offer_id = await transfer.transfer(story.db, story["karim"], consult_id, f" {WHY} ", story["anne"].person_id)
    assert await story.rights("karim", consult_id) == set()
    assert await story.rights("rose", consult_id) == set()  # Karim had invited her
    assert await story.rights("anne", consult_id) == {"consult.view"}
    told = (await story.told())[before:]
    assert set(told) == {("consult.transferred", "zoe"), ("consult.offered", "anne"), ("offer.withdrawn", "rose")}
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        made = {one.expert_id: one for one in await repository.offers_of(reader, consult_id)}
        moments = await timeline.of_consult(reader, consult)
    first, last = made[story["karim"].person_id], made[story["anne"].person_id]
    assert (consult.status, consult.due_at) == (ConsultStatus.ACTIVE, last.due_at)
    assert (first.status, first.decline_reason, last.id) == (OfferStatus.ACCEPTED, WHY, offer_id)
    assert ("handed-over", story["karim"].person_id, WHY) in {(one.kind, one.person_id, one.text) for one in moments}
    (record,) = await audited.records(story.db, "consult.transferred")
    assert await audited.of_case(story.db, record) == {"reason": WHY}
    assert WHY not in str(record)

    await offers.accept(story.db, story["anne"], consult_id)
    assert await story.rights("anne", consult_id) == READER
    async with story.db.read() as reader:
        readings = await repository.readings_of(reader, consult_id)
    assert sorted(one.status for one in readings) == ["accepted", "cancelled", "cancelled"]
    saved = await reading.save_draft(story.db, story["anne"], consult_id, 1, DRAFT)
    await signing.sign(story.db, story.again("anne"), consult_id, saved.version, FIVE_MINUTES)
    assert await story.status(consult_id) is ConsultStatus.COMPLETED


async def test_without_a_colleague_the_requester_chooses_and_a_chain_goes_on(story: Story) -> None:
    consult_id = await story.accepted()
    assert await transfer.transfer(story.db, story["karim"], consult_id, WHY) == ""
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
    assert (consult.status, consult.held_because) == (ConsultStatus.ON_HOLD, HeldBecause.DECLINED)
    await offers.reoffer(story.db, story["zoe"], consult_id, story["anne"].person_id)
    assert await story.status(consult_id) is ConsultStatus.ACTIVE
    await request.revoke(story.db, story["zoe"], consult_id)  # a reading that was cancelled stands in no way

    chained = await request.request(
        story.db, story["zoe"], story.case_id, QUESTION, story["karim"].person_id, terms=Terms(policy=Policy.CHAIN)
    )
    await offers.accept(story.db, story["karim"], chained)
    assert await transfer.transfer(story.db, story["karim"], chained, WHY)
    assert await story.rights("anne", chained) == {"consult.view"}


async def test_who_reads_beside_the_expert_can_take_it_over(story: Story) -> None:
    consult_id = await story.accepted()
    await further_readers.invite(story.db, story["karim"], consult_id, ReadingRole.CO_READER, story["anne"].person_id)
    await offers.accept(story.db, story["anne"], consult_id)
    story.clock.advance(minutes=1)
    assert await transfer.transfer(story.db, story["karim"], consult_id, WHY, story["anne"].person_id)
    await offers.accept(story.db, story["anne"], consult_id)
    async with story.db.read() as reader:
        taken = await repository.reading_by(reader, consult_id, story["anne"].person_id)
    assert (taken.role, taken.status) == (ReadingRole.EXPERT, ReadingStatus.ACCEPTED)
    # As the requester may choose who had read beside the first.
    second = await story.accepted()
    await further_readers.invite(story.db, story["karim"], second, ReadingRole.CO_READER, story["anne"].person_id)
    await transfer.transfer(story.db, story["karim"], second, WHY)
    await offers.reoffer(story.db, story["zoe"], second, story["anne"].person_id)
    assert await story.status(second) is ConsultStatus.ACTIVE


async def test_who_read_beside_and_took_over_answered_once(story: Story) -> None:
    anne = story["anne"].person_id
    for _ in range(track_record.LEAST - 1):
        consult_id = await story.accepted()
        await further_readers.invite(story.db, story["karim"], consult_id, ReadingRole.CO_READER, anne)
        await offers.accept(story.db, story["anne"], consult_id)
        story.clock.advance(minutes=1)
        await transfer.transfer(story.db, story["karim"], consult_id, WHY, anne)
        await offers.accept(story.db, story["anne"], consult_id)
        saved = await reading.save_draft(story.db, story["anne"], consult_id, 1, DRAFT)
        await signing.sign(story.db, story.again("anne"), consult_id, saved.version, FIVE_MINUTES)
    async with story.db.read() as reader:
        assert await track_record.of_experts(reader, QUESTION.organ, QUESTION.urgency, [anne]) == {}


async def test_only_its_expert_hands_it_over_with_a_reason_to_somebody_who_can_be_asked(story: Story) -> None:
    consult_id = await story.accepted()
    anne = story["anne"].person_id
    with pytest.raises(Refused):
        await transfer.transfer(story.db, story["zoe"], consult_id, WHY, anne)
    with pytest.raises(Refused):
        await transfer.transfer(story.db, story["anne"], consult_id, WHY, anne)
    for reason, to in (("  ", anne), (WHY, story["zoe"].person_id), (WHY, story["karim"].person_id)):
        with pytest.raises(Invalid):
            await transfer.transfer(story.db, story["karim"], consult_id, reason, to)
    wanted = await material.ask(story.db, story["karim"], consult_id, MaterialKind.IHC, "CD10 et BCL6.")
    with pytest.raises(InvalidTransition):  # first say that it is no longer needed
        await transfer.transfer(story.db, story["karim"], consult_id, WHY, anne)
    await material.withdraw(story.db, story["karim"], consult_id, wanted)
    await story.expert("rose", "saint-denis", "Rose", "Payet")
    await further_readers.invite(story.db, story["karim"], consult_id, ReadingRole.CO_READER, story["rose"].person_id)
    await offers.accept(story.db, story["rose"], consult_id)
    with pytest.raises(Forbidden):
        await transfer.transfer(story.db, story["rose"], consult_id, WHY, anne)
    async with story.db.read() as reader:
        mine = await repository.reading_by(reader, consult_id, story["karim"].person_id)
    saved = await reading.save_draft(story.db, story["karim"], consult_id, mine.version, DRAFT)
    await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    with pytest.raises(InvalidTransition):  # signed, though it still waits for Rose
        await transfer.transfer(story.db, story["karim"], consult_id, WHY, anne)
    async with story.db.read() as reader:
        assert {one.status for one in await repository.readings_of(reader, consult_id)} == {
            ReadingStatus.COMPLETED,
            ReadingStatus.ACCEPTED,
        }
