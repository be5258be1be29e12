"""Who could be asked, gathered from what was recorded: conflicts, turnaround, absences, pools, duties, rules, groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, insert, select, update

from consults import asking, further_readers, offers, preferred_experts, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.expectation import Basis
from consults.kinds import ConsultKind, DeclineCode, Policy, ReadingRole
from consults.routing import Proposal, Ranking
from consults.terms import Terms
from telepath.actor import Actor
from telepath.audit import AuditRecord
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, duty, offer, pool, pool_member, routing_rule
from telepath.db.schema.consults import reading as readings
from telepath.db.schema.directory import (
    absence,
    care_group,
    care_group_member,
    credential,
    expertise,
    institution,
    membership,
    person,
)
from telepath.db.schema.slides import slide_view
from telepath.errors import Conflict, Invalid, NotFound
from telepath.vault import Vault
from tests.consult_story import DRAFT, FIVE_MINUTES, QUESTION, Story

DAY = timedelta(days=1)


async def ranked(story: Story, by: str = "zoe", urgency: Urgency = Urgency.STANDARD, **given: Any) -> Ranking:
    async with story.db.read() as reader:
        found = await cases.get(reader, story.case_id)
        return await request.proposals(reader, story[by], found, "lymphoid", urgency, **given)


async def put(story: Story, table: Any, **values: Any) -> str:
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        key = tx.new_id()
        await tx.execute(insert(table).values(**({"id": key} if "id" in table.c else {}), **values))
    return key


def reasons(ranking: Ranking, who: Actor) -> dict[str, dict[str, Any]]:
    return {reason.code: dict(reason.params) for reason in proposal(ranking, who).reasons}


def proposal(ranking: Ranking, who: Actor) -> Proposal:
    found = ranking.proposal_of(who.person_id)
    assert found is not None
    return found


def why_not(ranking: Ranking, who: Actor) -> str:
    found = ranking.exclusion_of(who.person_id)
    return "" if found is None else found.reason.code


async def said(story: Story, kind: str) -> dict[str, Any]:
    """What lies sealed in the only record of this kind."""
    async with story.db.read() as reader:
        rows = await reader.all(select(audit_pending.c.record))
        (record,) = [msgspec.convert(row["record"], AuditRecord) for row in rows if row["record"]["kind"] == kind]
        found = await story.db.keys.of(reader.connection, [record.case_subject])
    return Vault.opened(found[record.case_subject], record.id, record.case_private)


async def signed_by(story: Story, expert: str) -> None:
    """A consult of its own that this expert accepts and signs two hours after it was asked."""
    consult_id = await story.requested(expert)
    await offers.accept(story.db, story[expert], consult_id)
    story.clock.advance(hours=2)
    saved = await reading.save_draft(story.db, story[expert], consult_id, 1, DRAFT)
    await signing.sign(story.db, story.again(expert), consult_id, saved.version, FIVE_MINUTES)


async def test_what_an_expert_took_so_far_is_measured_on_what_they_signed(story: Story) -> None:
    before = proposal(await ranked(story), story["karim"])
    assert (before.expected.basis, before.expert.median_hours) == (Basis.SAID, 18.0)
    assert proposal(await ranked(story), story["anne"]).expected.basis is Basis.PRESUMED
    for _ in range(3):
        await signed_by(story, "karim")
    # One of them stood still for an hour, and does not count for it; a frozen section is another thing.
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(consult).values(paused_seconds=3600))
    ranking = await ranked(story)
    measured = proposal(ranking, story["karim"])
    assert (measured.expert.median_hours, measured.expert.answered) == (1.0, 3)
    assert (measured.expected.basis, measured.expected.answers) == (Basis.RECORD, 3)
    assert reasons(ranking, story["karim"])["usual-answer"] == {"hours": 1.0, "answers": 3}
    assert reasons(ranking, story["karim"])["answered-before"] == {"count": 3}
    # They have read this very case before: said, and not forbidden.
    assert "conflict-read-before" in reasons(ranking, story["karim"])
    frozen = await ranked(story, urgency=Urgency.FROZEN)
    assert proposal(frozen, story["karim"]).expected.basis is Basis.SAID


async def test_what_stood_still_before_an_expert_was_asked_is_none_of_their_time(story: Story) -> None:
    for _ in range(3):
        consult_id = await story.requested("anne")
        await offers.decline(story.db, story["anne"], consult_id, "Absente.")
        story.clock.advance(hours=10)
        await offers.reoffer(story.db, story["zoe"], consult_id, story["karim"].person_id)
        await offers.accept(story.db, story["karim"], consult_id)
        story.clock.advance(hours=2)
        saved = await reading.save_draft(story.db, story["karim"], consult_id, 1, DRAFT)
        await signing.sign(story.db, story.again("karim"), consult_id, saved.version, FIVE_MINUTES)
    measured = proposal(await ranked(story), story["karim"])
    assert (measured.expert.median_hours, measured.expert.answered) == (2.0, 3)


async def test_a_conflict_is_computed_from_what_was_recorded(story: Story) -> None:
    """Seven experts, each with another tie to the case, its author, its requester or its institution."""
    people = {
        name: await story.expert(name, at, name.title(), "Expert")
        for name, at in (
            ("author", "lille"),
            ("member", "lille"),
            ("colleague", "lille"),
            ("seen", "rennes"),
            ("signed", "rennes"),
            ("declined", "nice"),
            ("shares", "saint-denis"),
        )
    }
    luc = await story.person("luc", "cayenne", "Luc", "Auteur")
    home = story["zoe"].institution_id
    toulon = await put(
        story,
        institution,
        finess="9A8888888",
        name="CH de Toulon",
        city="Toulon",
        region="93",
        time_zone="Europe/Paris",
    )
    group = {"kind": "gcs", "name": "GCS des Tropiques", "created_at": story.clock.now}
    gcs = await put(story, care_group, institution_id=people["shares"].institution_id, **group)
    await put(story, care_group_member, group_id=gcs, member_kind="institution", member_id=home, since=story.clock.now)
    for who, where in ((people["member"], home), (people["colleague"], toulon), (luc, toulon)):
        await put(story, membership, person_id=who.person_id, institution_id=where, roles=["requester"])
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(case).values(created_by=luc.person_id))
    view = {"session_id": "s", "because_id": home, "epoch": 0, "opened_at": story.clock.now}
    for who, because in ((people["seen"], "institution"), (people["shares"], "share")):
        await put(
            story,
            slide_view,
            slide_id=story.slides[0],
            person_id=who.person_id,
            because=because,
            expires_at=story.clock.now,
            **view,
        )
    done = {"status": "completed", "rank": 2, "draft": {}, "started_at": story.clock.now, "ended_at": story.clock.now}
    made = await story.consult_row(story["zoe"], story.case_id, "completed")
    await put(
        story, readings, consult_id=made, expert_id=people["signed"].person_id, institution_id=home, version=1, **done
    )
    said = {"status": "declined", "decline_code": DeclineCode.CONFLICT, "offered_at": story.clock.now}
    other_case = await story.case(story["zoe"], "26-00999")
    earlier = await story.consult_row(story["zoe"], other_case, "on-hold")
    for name in ("declined", "shares"):
        await put(
            story,
            offer,
            consult_id=earlier,
            expert_id=people[name].person_id,
            institution_id=people[name].institution_id,
            reasons=[],
            decline_reason="",
            due_at=story.clock.now,
            version=1,
            **(said if name == "declined" else said | {"decline_code": DeclineCode.OTHER}),
        )
    ranking = await ranked(story)
    assert {name: why_not(ranking, who) for name, who in people.items()} == {
        "author": "",
        "member": "conflict-member",
        "colleague": "conflict-colleague",
        "seen": "conflict-seen",
        "signed": "conflict-signed",
        "declined": "conflict-declined-requester",
        "shares": "",
    }
    assert reasons(ranking, people["shares"])["conflict-same-group"] == {"group": "GCS des Tropiques"}
    # For another kind of request, or of a colleague, it only warns; for the same case it is for good.
    teaching = await ranked(story, terms=Terms(kind=ConsultKind.TEACHING))
    assert "conflict-declined-requester" in reasons(teaching, people["declined"])
    assert "conflict-declined-institution" in reasons(await ranked(story, "luc"), people["declined"])
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(consult).where(consult.c.id == earlier).values(case_id=story.case_id))
        await tx.execute(update(case).values(created_by=people["author"].person_id))
    ranking = await ranked(story, terms=Terms(kind=ConsultKind.TEACHING))
    assert why_not(ranking, people["declined"]) == "conflict-declined-case"
    assert why_not(ranking, people["author"]) == "conflict-author"


async def test_absences_pools_duties_and_rules_reach_the_ranking(story: Story) -> None:
    karim, anne = story["karim"], story["anne"]
    now, home = story.clock.now, story["zoe"].institution_id
    away = {"starts_at": now - DAY, "ends_at": now + 30 * DAY, "said_by": karim.person_id, "said_at": now}
    await put(story, absence, person_id=karim.person_id, **away)
    west = await put(
        story, pool, institution_id=home, name="Lymphomes Ouest", organs=[], network="", created_at=now, version=1
    )
    elsewhere = await put(
        story,
        pool,
        institution_id=karim.institution_id,
        name="Nord",
        organs=["lymphoid"],
        network="",
        created_at=now,
        version=1,
    )
    for one, pool_id in ((anne, west), (anne, elsewhere)):
        place = {"institution_id": one.institution_id, "since": now}
        await put(story, pool_member, pool_id=pool_id, person_id=one.person_id, **place)
    shift = {"territory": "53", "phone": "0200000000", "starts_at": now - DAY, "ends_at": now + DAY, "version": 1}
    await put(story, duty, pool_id=west, person_id=anne.person_id, **shift)
    rule = {"organ": "", "kind": "", "urgency": "", "made_by": story["zoe"].person_id, "made_at": now}
    await put(
        story,
        routing_rule,
        scope_kind="institution",
        scope_id=home,
        effect="prefer",
        target_kind="institution",
        target_id=anne.institution_id,
        note="Convention de 2025",
        **rule,
    )
    await put(
        story,
        routing_rule,
        scope_kind="institution",
        scope_id=home,
        effect="regional-first",
        target_kind="",
        target_id="",
        note="",
        **rule,
    )
    ranking = await ranked(story)
    found = ranking.exclusion_of(karim.person_id)
    assert found is not None
    assert (found.reason.code, found.reason.params) == ("absent", {"day": "2026-04-10"})
    assert found.otherwise is not None
    assert found.otherwise.late
    told = reasons(ranking, anne)
    assert told["pool"] == {"pool": "Lymphomes Ouest"}
    assert told["rule-prefers"]["note"] == "Convention de 2025"
    assert "on-duty" not in told
    assert [note.code for note in ranking.notes] == ["national-fallback"]
    assert "on-duty" in reasons(await ranked(story, urgency=Urgency.URGENT), anne)
    asked = await ranked(story, terms=Terms(policy=Policy.POOL, pool_id=elsewhere))
    assert [one.expert.person_id for one in asked.proposals] == [anne.person_id]
    assert why_not(asked, karim) == "not-in-pool"


async def test_who_vouches_for_an_expert_and_who_is_none_any_more_is_said(story: Story) -> None:
    karim, anne = story["karim"], story["anne"]
    assert "never-came" in reasons(await ranked(story), karim)
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id == karim.person_id).values(first_seen_at=tx.now))
        await tx.execute(
            update(person)
            .where(person.c.id == anne.person_id)
            .values(provider="be-eid", subject_name_id="be-eid:7", know_how="DSM225")
        )
    ranking = await ranked(story)
    assert "identity-psc" in reasons(ranking, karim)
    assert why_not(ranking, anne) == "no-longer-expert"
    checked = {"authority": "Ordre", "number": "1", "country": "BE", "verified_by": karim.person_id}
    await put(
        story,
        credential,
        person_id=anne.person_id,
        institution_id=anne.institution_id,
        verified_at=story.clock.now,
        **checked,
    )
    assert "identity-credential" in reasons(await ranked(story), anne)


async def test_somebody_left_out_may_be_chosen_with_a_reason_that_is_recorded(story: Story) -> None:
    karim, zoe = story["karim"], story["zoe"]
    now = story.clock.now
    away = {"starts_at": now - DAY, "ends_at": now + 30 * DAY, "said_by": karim.person_id, "said_at": now}
    await put(story, absence, person_id=karim.person_id, **away)
    with pytest.raises(Invalid) as silent:
        await request.request(story.db, zoe, story.case_id, QUESTION, karim.person_id)
    assert silent.value.code == "error-override-missing"
    made = await request.request(
        story.db, zoe, story.case_id, QUESTION, karim.person_id, despite="  Il l’a proposé au téléphone "
    )
    async with story.db.read() as reader:
        (asked,) = await repository.offers_of(reader, made)
    assert asked.reasons[0] == {"code": "chosen-despite", "params": {"exclusion": "absent", "day": "2026-04-10"}}
    assert await said(story, "consult.requested") == {"despite": "Il l’a proposé au téléphone", "left_out": "absent"}
    # Another is asked in vain, who may not be asked at all.
    inside = await story.expert("inside", "cayenne", "Ines", "Interne")
    with pytest.raises(Invalid) as barred:
        await offers.reoffer(story.db, zoe, made, inside.person_id, despite="Je la connais")
    assert barred.value.code == "error-expert-barred"


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def test_two_hundred_experts_take_as_many_statements_as_two(story: Story) -> None:
    async def counted() -> tuple[int, int]:
        with statements(story.db) as seen:
            found = len((await ranked(story, urgency=Urgency.URGENT)).proposals)
        return found, len([one for one in seen if one.startswith("SELECT")])

    few, before = await counted()
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        for table, rows in _many(200, story["karim"].institution_id, story.clock.now).items():
            await tx.execute(insert(table), rows)
    many, after = await counted()
    assert (few, many) == (2, 202)
    assert after == before
    assert after <= 24


def _many(count: int, institution_id: str, now: Any) -> dict[Any, list[dict[str, Any]]]:
    ids = [f"{number:026d}" for number in range(count)]
    known = {"title": "Dr", "given_name": "Ada", "profession": "10", "know_how": "SM01", "language": "fr"}
    reads = {"organ": "lymphoid", "networks": [], "languages": ["fr"], "available": True, "median_hours": None}
    return {
        person: [
            {
                "id": one,
                "subject_name_id": f"8997{90_000_000 + number}",
                "family_name": f"Expert {number}",
                "email": "",
                "created_at": now,
                **known,
            }
            for number, one in enumerate(ids)
        ],
        membership: [{"person_id": one, "institution_id": institution_id, "roles": ["expert"]} for one in ids],
        expertise: [{"person_id": one, "institution_id": institution_id, **reads} for one in ids],
    }


async def test_whom_the_requester_likes_to_ask_comes_first_for_them_alone(story: Story) -> None:
    anne, karim = story["anne"].person_id, story["karim"].person_id
    usual = [one.expert.person_id for one in (await ranked(story)).proposals]
    assert usual == [karim, anne]
    await preferred_experts.prefer(story.db, story["zoe"], anne)
    await preferred_experts.prefer(story.db, story["zoe"], anne)
    ranking = await ranked(story)
    assert [one.expert.person_id for one in ranking.proposals] == [anne, karim]
    assert "preferred" in reasons(ranking, story["anne"])
    # A colleague's list is as it was; a preference opens nothing that is barred.
    luc = await story.person("luc", "cayenne", "Luc", "Fontaine")
    assert [one.expert.person_id for one in (await ranked(story, "luc")).proposals] == usual
    ines = await story.expert("ines", "cayenne", "Inès", "Roche")
    await preferred_experts.prefer(story.db, story["zoe"], ines.person_id)
    assert why_not(await ranked(story), ines) == "own-institution"
    # The next in a chain is theirs too; who checks an expert is not theirs to prefer.
    consult_id = await story.requested("karim")
    async with story.db.read() as reader:
        made = await repository.get(reader, consult_id)
        following = await asking.ranking_of(reader, made, await repository.offers_of(reader, consult_id))
        beside = await further_readers.candidates(reader, story["karim"], made, ReadingRole.COUNTERSIGNER)
    assert "preferred" in reasons(following, story["anne"])
    assert "preferred" not in reasons(beside, story["anne"])
    await preferred_experts.forget(story.db, story["zoe"], anne)
    assert [one.expert.person_id for one in (await ranked(story)).proposals] == usual
    with pytest.raises(NotFound):
        await preferred_experts.prefer(story.db, story["zoe"], luc.person_id)


async def test_nobody_prefers_more_experts_than_a_list_can_use(story: Story) -> None:
    for place in range(preferred_experts.LIMIT):
        expert = await story.expert(f"expert{place}", "nice", f"Prénom{place}", "Expert")
        await preferred_experts.prefer(story.db, story["zoe"], expert.person_id)
    with pytest.raises(Conflict):
        await preferred_experts.prefer(story.db, story["zoe"], story["anne"].person_id)
