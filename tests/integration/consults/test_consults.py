"""From request to addendum, on both databases: rows, rights, audit and events live or die together."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from auth import administration
from consults import offers, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import FOLLOW_UP, Opinion, Question, next_statement
from consults.opinion import Draft, IdentifiedBy, Kind, digest, fingerprint
from telepath import directory, grants
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import Actor, Role
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.directory import credential, person
from telepath.db.schema.grants import grants as grants_table
from telepath.db.schema.outbox import outbox
from telepath.errors import Conflict, Forbidden, Invalid, InvalidTransition, NotFound, Refused, StepUpRequired
from telepath.slides import catalogue
from tests import audited
from tests.builders import NOON, World
from web import audit_opinions

FIVE_MINUTES = timedelta(minutes=5)
QUESTION = Question(
    "Lymphome folliculaire ou hyperplasie ?", "Adénopathie depuis deux mois.", "lymphoid", Urgency.STANDARD
)
DRAFT = Draft(
    conclusion="Lymphome folliculaire, grade 1-2.", description="Architecture nodulaire.", codings="CIM-10 C82.0"
)


class Story(World):
    """Zoé in Cayenne has a case with two slides; Karim (Lille) and Anne (Rennes) read lymph nodes."""

    case_id: str
    slides: list[str]

    async def set_up(self) -> "Story":
        zoe = await self.person("zoe", "cayenne", "Zoé", "Marchand")
        await self.person("paul", "cayenne", "Paul", "Auditeur", roles=[Role.AUDITOR])
        await self.expert("karim", "lille", "Karim", "Haddad", networks=["LYMPHOPATH"], median_hours=18.0)
        await self.expert("anne", "rennes", "Anne", "Le Goff")
        self.case_id = await self.case(zoe)
        self.slides = [await self.slide(zoe, self.case_id, label) for label in ("A1 HES", "A1 CD20")]
        return self

    def __getitem__(self, key: str) -> Actor:
        return self.actors[key]

    async def requested(self, expert: str = "karim") -> str:
        return await request.request(self.db, self["zoe"], self.case_id, QUESTION, self[expert].person_id)

    async def accepted(self) -> str:
        consult_id = await self.requested()
        await offers.accept(self.db, self["karim"], consult_id)
        return consult_id

    async def drafted(self) -> tuple[str, int]:
        consult_id = await self.accepted()
        saved = await reading.save_draft(self.db, self["karim"], consult_id, 1, DRAFT)
        return consult_id, saved.version

    async def signed(self) -> tuple[str, Opinion]:
        consult_id, version = await self.drafted()
        return consult_id, await signing.sign(self.db, self.again("karim"), consult_id, version, FIVE_MINUTES)

    async def status(self, consult_id: str) -> ConsultStatus:
        async with self.db.read() as reader:
            return (await repository.get(reader, consult_id)).status

    async def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, actor's key, detail; oldest first. The rights that come with it stand by themselves: ``rights_recorded``."""
        names = {actor.person_id: key for key, actor in self.actors.items()}
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending).order_by(audit_pending.c.position))
        records = [row["record"] for row in rows if not row["record"]["kind"].startswith("right.")]
        return [(record["kind"], names[record["actor"]], record["detail"]) for record in records]

    async def rights_recorded(self) -> list[tuple[str, str, str]]:
        """Kind, whose right (key) and on what kind of object, of each record of a right; in alphabetical order."""
        names = {actor.person_id: key for key, actor in self.actors.items()}
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending.c.record))
        records = [row["record"] for row in rows if row["record"]["kind"].startswith("right.")]
        return sorted((one["kind"], names[one["detail"]["subject"]], one["object_kind"]) for one in records)

    async def told(self) -> list[tuple[str, str]]:
        """Kind and recipient's key of each event that has a recipient; oldest first."""
        names = {actor.person_id: key for key, actor in self.actors.items()}
        async with self.db.read() as reader:
            rows = await reader.all(select(outbox).order_by(outbox.c.position))
        return [(row["kind"], names[row["body"]["person"]]) for row in rows if "person" in row["body"]]

    async def rights(self, key: str, consult_id: str) -> set[str]:
        """What this person may do now with the consult, its case and the first slide."""
        async with self.db.read() as reader:
            consult = await repository.get(reader, consult_id)
            case = await cases.get(reader, self.case_id)
            slide = ObjectRef("slide", self.slides[0], case.institution_id)
            asked = {
                consult.ref: (Action.CONSULT_VIEW, Action.CONSULT_ANSWER, Action.CONSULT_MANAGE),
                case.ref: (Action.CASE_VIEW, Action.CASE_EDIT, Action.THREAD_READ, Action.THREAD_WRITE),
                slide: (Action.SLIDE_VIEW, Action.ANNOTATION_WRITE, Action.ROOM_OPEN),
            }
            return {
                str(action)
                for thing, actions in asked.items()
                for action in actions
                if isinstance(await grants.decide(reader, self[key], action, thing), Allowed)
            }


@pytest.fixture
async def story(database: Database) -> Story:
    return await Story(database).set_up()


READER = {"consult.view", "consult.answer", "case.view", "thread.read", "thread.write"} | {
    "slide.view",
    "annotation.write",
    "room.open",
}


async def outcomes(*acts: Awaitable[Any]) -> list[type[Exception] | None]:
    """Run all at once; for each what it raised, or None."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    return [type(result) if isinstance(result, Exception) else None for result in done]


# Asking


async def test_a_request_makes_an_offer_with_its_reasons_and_tells_the_expert(story: Story) -> None:
    consult_id = await story.requested()
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        (offer,) = await repository.offers_of(reader, consult_id)
    assert consult.status is ConsultStatus.ACTIVE
    assert (offer.expert_id, offer.status) == (story["karim"].person_id, OfferStatus.PROPOSED)
    assert {"code": "network", "params": {"network": "LYMPHOPATH"}} in offer.reasons
    assert consult.due_at == offer.due_at
    assert await story.told() == [("consult.offered", "karim")]
    (record,) = await story.audited()
    assert record[:2] == ("consult.requested", "zoe")


async def test_an_offer_opens_the_request_but_neither_the_case_nor_a_slide(story: Story) -> None:
    consult_id = await story.requested()
    assert await story.rights("karim", consult_id) == {"consult.view"}
    assert await story.rights("anne", consult_id) == set()
    assert await story.rights("paul", consult_id) == set()


async def test_only_staff_of_the_owning_institution_may_ask(story: Story) -> None:
    for stranger in ("karim", "paul"):
        with pytest.raises(Refused):
            await request.request(story.db, story[stranger], story.case_id, QUESTION, story["anne"].person_id)
    assert await story.audited() == []


@pytest.mark.parametrize("expert", ["zoe", "nobody"])
async def test_only_a_proposed_expert_can_be_asked(story: Story, expert: str) -> None:
    person_id = story.actors[expert].person_id if expert in story.actors else "nobody"
    with pytest.raises(Invalid) as refused:
        await request.request(story.db, story["zoe"], story.case_id, QUESTION, person_id)
    assert refused.value.code == "error-expert-not-proposed"


async def test_who_has_consults_waiting_is_proposed_with_that_load(story: Story) -> None:
    await story.requested()
    await story.accepted()
    async with story.db.read() as reader:
        case = await cases.get(reader, story.case_id)
        ranking = await request.proposals(reader, story["zoe"], case, "lymphoid", Urgency.STANDARD)
    proposal = ranking.proposal_of(story["karim"].person_id)
    assert proposal is not None
    assert proposal.expert.load == 2


# Answering the offer


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


# Taking it back


async def test_revoking_ends_every_right_that_the_request_gave(story: Story) -> None:
    consult_id, version = await story.drafted()
    await request.revoke(story.db, story["zoe"], consult_id)
    assert await story.status(consult_id) is ConsultStatus.REVOKED
    assert await story.rights("karim", consult_id) == set()
    with pytest.raises(NotFound):
        await reading.save_draft(story.db, story["karim"], consult_id, version, DRAFT)
    assert ("consult.revoked", "karim") in await story.told()
    async with story.db.read() as reader:
        (cancelled,) = await repository.readings_of(reader, consult_id)
    assert cancelled.status is ReadingStatus.CANCELLED
    assert cancelled.draft == DRAFT


async def test_an_offer_that_is_revoked_is_taken_from_the_expert(story: Story) -> None:
    consult_id = await story.requested()
    await request.revoke(story.db, story["zoe"], consult_id)
    assert await story.rights("karim", consult_id) == set()
    with pytest.raises(Conflict):
        await offers.accept(story.db, story["karim"], consult_id)


async def test_an_expert_cannot_revoke_and_a_signed_opinion_cannot_be_revoked(story: Story) -> None:
    consult_id, _ = await story.signed()
    with pytest.raises(Refused):
        await request.revoke(story.db, story["karim"], consult_id)
    with pytest.raises(InvalidTransition):
        await request.revoke(story.db, story["zoe"], consult_id)


# Reading


async def test_each_draft_that_is_saved_has_its_record_and_the_next_version(story: Story) -> None:
    consult_id = await story.accepted()
    first = await reading.save_draft(story.db, story["karim"], consult_id, 1, Draft("Lymph"))
    second = await reading.save_draft(story.db, story["karim"], consult_id, first.version, Draft("Lymphome"))
    assert (first.version, second.version) == (2, 3)
    one, other = await audited.records(story.db, "opinion.drafted")
    assert one["detail"]["changed"] == other["detail"]["changed"] == ["conclusion"]
    digests = [await audited.of_case(story.db, record) for record in (one, other)]
    assert digests[0]["digest"] == digests[1]["digest_before"] != digests[1]["digest"]
    assert digests[0]["digest"] == fingerprint(Draft("Lymph"))


async def test_of_two_windows_that_save_at_once_neither_overwrites_the_other(story: Story) -> None:
    consult_id = await story.accepted()
    texts = ["De la première fenêtre", "De la seconde"]
    results = await outcomes(
        *(reading.save_draft(story.db, story["karim"], consult_id, 1, Draft(text)) for text in texts)
    )
    assert sorted(str(result) for result in results) == sorted([str(None), str(Conflict)])
    async with story.db.read() as reader:
        kept = await repository.reading_by(reader, consult_id, story["karim"].person_id)
    assert kept.draft.conclusion == texts[results.index(None)]


async def test_the_requester_cannot_write_the_opinion(story: Story) -> None:
    consult_id = await story.accepted()
    with pytest.raises(Refused):
        await reading.save_draft(story.db, story["zoe"], consult_id, 1, DRAFT)


# Signing


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


async def test_the_parties_of_a_consult_are_its_requester_and_who_accepted(story: Story) -> None:
    waiting = await story.requested("anne")
    taken = await story.accepted()
    async with story.db.read() as reader:
        assert await repository.parties(reader, waiting) == (story["zoe"].person_id,)
        assert await repository.parties(reader, taken) == (story["zoe"].person_id, story["karim"].person_id)
        assert await repository.parties(reader, "0" * 26) == ()


async def test_a_page_that_refreshes_itself_is_one_view_within_the_hour(story: Story) -> None:
    consult_id = await story.requested()
    for _ in range(3):
        async with story.db.read() as reader:
            consult = await repository.get(reader, consult_id)
            allowed = await grants.require(reader, story["karim"], Action.CONSULT_VIEW, consult.ref)
        await reading.record_view(story.db, story["karim"], consult, allowed)
        story.clock.advance(minutes=29)
    assert [record[0] for record in await story.audited()].count("consult.viewed") == 1
    story.clock.advance(minutes=5)
    await reading.record_view(story.db, story["karim"], consult, allowed)
    assert [record[0] for record in await story.audited()].count("consult.viewed") == 2
