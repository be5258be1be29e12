"""From signature to addendum, on both databases: rows, rights, audit and events live or die together."""

from datetime import timedelta

import pytest

from consults import reading, repository, request, signing
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import FOLLOW_UP, next_statement
from consults.opinion import Draft, IdentifiedBy, Kind, digest
from telepath.db.schema.directory import credential, person
from telepath.errors import Conflict, Forbidden, Refused, StepUpRequired
from tests.builders import NOON
from tests.consult_story import FIVE_MINUTES, READER, Story, outcomes
from web import audit_opinions


async def test_a_signed_opinion_carries_the_digest_of_what_was_signed_and_so_does_the_audit(story: Story) -> None:
    consult_id, opinion = await story.signed()
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        (kept,) = await repository.opinions_of(reader, consult_id)
        done = await repository.reading_by(reader, consult_id, story["karim"].person_id)
    assert kept == opinion
    assert kept.digest == digest(next_statement(consult, done, kept.content, [], kept.signed_at))
    assert (consult.status, done.status, consult.ended_at) == (
        ConsultStatus.COMPLETED,
        ReadingStatus.COMPLETED,
        story.clock.now,
    )
    assert done.draft == Draft()
    kind, signer, detail = (await story.audited())[-1]
    assert (kind, signer) == ("opinion.signed", "karim")
    assert (detail["digest"], detail["previous"]) == (opinion.digest, "")
    assert (await story.told())[-1] == ("opinion.signed", "zoe")


async def test_an_old_authentication_does_not_sign_and_the_draft_is_still_there(story: Story) -> None:
    consult_id, version = await story.drafted()
    with pytest.raises(StepUpRequired):
        await signing.sign(story.db, story.again("karim", timedelta(minutes=6)), consult_id, version, FIVE_MINUTES)
    assert await story.status(consult_id) is ConsultStatus.ACTIVE
    await signing.sign(story.db, story.again("karim"), consult_id, version, FIVE_MINUTES)


async def test_of_two_signatures_at_once_one_stands_and_the_other_is_told(story: Story) -> None:
    consult_id, version = await story.drafted()
    karim = story.again("karim")
    results = await outcomes(*(signing.sign(story.db, karim, consult_id, version, FIVE_MINUTES) for _ in range(2)))
    assert sorted(str(result) for result in results) == sorted([str(None), str(Conflict)])
    async with story.db.read() as reader:
        assert len(await repository.opinions_of(reader, consult_id)) == 1


async def test_a_signature_and_a_revocation_at_once_do_not_both_happen(story: Story) -> None:
    consult_id, version = await story.drafted()
    results = await outcomes(
        signing.sign(story.db, story.again("karim"), consult_id, version, FIVE_MINUTES),
        request.revoke(story.db, story["zoe"], consult_id),
    )
    assert results.count(None) == 1
    async with story.db.read() as reader:
        opinions = await repository.opinions_of(reader, consult_id)
    expected = ConsultStatus.COMPLETED if opinions else ConsultStatus.REVOKED
    assert await story.status(consult_id) is expected


async def test_nothing_is_signed_that_the_signer_has_not_seen(story: Story) -> None:
    consult_id, version = await story.drafted()
    await reading.save_draft(story.db, story["karim"], consult_id, version, Draft("Autre conclusion."))
    with pytest.raises(Conflict):
        await signing.sign(story.db, story.again("karim"), consult_id, version, FIVE_MINUTES)


async def test_only_the_reader_signs(story: Story) -> None:
    consult_id, version = await story.drafted()
    with pytest.raises(Refused):
        await signing.sign(story.db, story.again("zoe"), consult_id, version, FIVE_MINUTES)
    with pytest.raises((Refused, Forbidden)):
        await signing.sign(story.db, story.again("anne"), consult_id, version, FIVE_MINUTES)


async def test_who_has_no_rpps_number_signs_on_the_word_of_who_verified_their_credential(story: Story) -> None:
    consult_id, version = await story.drafted()
    karim, verifier = story.again("karim"), story["paul"]
    async with story.db.write(karim, unaudited="a test's world") as tx:
        await tx.execute(person.update().where(person.c.id == karim.person_id).values(provider="leuven"))
    for refusing in (
        signing.signable(story.db, karim, consult_id, version, FIVE_MINUTES),
        signing.sign(story.db, karim, consult_id, version, FIVE_MINUTES),
    ):
        with pytest.raises(Forbidden) as refused:
            await refusing
        assert refused.value.code == "error-credential-missing"
    async with story.db.write(verifier, unaudited="a test's world") as tx:
        await tx.insert(
            credential,
            id=tx.new_id(),
            person_id=karim.person_id,
            institution_id=karim.institution_id,
            authority="Ordre des médecins",
            number="1-23456-78",
            country="BE",
            verified_by=verifier.person_id,
            verified_at=tx.now,
        )
    names = {"leuven": "KU Leuven"}
    signed = await signing.sign(story.db, karim, consult_id, version, FIVE_MINUTES, providers=names)
    async with story.db.read() as reader:
        (kept,) = await repository.opinions_of(reader, consult_id)
    assert (
        kept.identified_by
        == signed.identified_by
        == IdentifiedBy(
            provider="KU Leuven",
            authority="Ordre des médecins",
            number="1-23456-78",
            country="BE",
            verified_by="Dr Paul Auditeur",
            verified_at=NOON,
        )
    )
    # The auditor's page holds the digest against all that was signed, this included.
    async with story.db.read() as reader:
        (examined,) = await audit_opinions.of(reader, story.db.keys, [consult_id], verifier)
    assert examined.versions[0].digest == signed.digest


async def test_a_correction_is_an_addendum_that_names_the_opinion_before_it(story: Story) -> None:
    consult_id, opinion = await story.signed()
    story.clock.advance(days=2)
    karim = story.again("karim")
    async with story.db.read() as reader:
        before = await repository.reading_by(reader, consult_id, karim.person_id)
    saved = await reading.save_draft(story.db, karim, consult_id, before.version, Draft("Après CD10 : confirmé."))
    addendum = await signing.sign(story.db, karim, consult_id, saved.version, FIVE_MINUTES)
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        kept = await repository.opinions_of(reader, consult_id)
    assert kept == [opinion, addendum]
    assert (addendum.number, addendum.kind) == (2, Kind.ADDENDUM)
    assert addendum.digest == digest(next_statement(consult, before, addendum.content, [opinion], addendum.signed_at))
    assert (await story.audited())[-1][0] == "opinion.amended"
    assert (await story.told())[-1] == ("opinion.amended", "zoe")


async def test_after_the_signature_the_expert_keeps_access_for_thirty_days_and_no_longer(story: Story) -> None:
    consult_id, _ = await story.signed()
    assert await story.rights("karim", consult_id) == READER
    story.clock.advance(days=FOLLOW_UP.days, seconds=-1)
    assert await story.rights("karim", consult_id) == READER
    story.clock.advance(seconds=1)
    assert await story.rights("karim", consult_id) == set()
    assert "consult.view" in await story.rights("zoe", consult_id)
