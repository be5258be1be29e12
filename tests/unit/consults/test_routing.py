from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.deadlines import Urgency
from consults.expectation import Away, Basis
from consults.expert import Ask, Conflict, Expert, Identity
from consults.kinds import ConsultKind
from consults.routing import OVERRIDABLE, REGIONAL_FIRST, Ranking, rank
from consults.routing_rules import Effect, Rule, Target
from telepath.errors import Invalid

WEDNESDAY = datetime(2026, 3, 11, 9, 40, tzinfo=UTC)  # 10 h 40 in Lille, 6 h 40 in Cayenne, 13 h 40 in La Réunion
ASK = Ask(organ="lymphoid", urgency=Urgency.STANDARD, institution_id="cayenne", region="03", requester_id="zoe")


def expert(person_id: str, **given: Any) -> Expert:
    lille = {"institution_id": "lille", "institution_name": "CHU de Lille", "city": "Lille", "region": "32"}
    known = {"person_id": person_id, "name": person_id.title(), "time_zone": "Europe/Paris", "organs": ("lymphoid",)}
    return Expert(**(lille | known | given))


def order(ranking: Ranking) -> list[str]:
    return [proposal.expert.person_id for proposal in ranking.proposals]


def reasons(ranking: Ranking, person_id: str) -> dict[str, Any]:
    proposal = ranking.proposal_of(person_id)
    assert proposal is not None
    return {reason.code: dict(reason.params) for reason in proposal.reasons}


def excluded(ranking: Ranking) -> dict[str, str]:
    return {exclusion.expert.person_id: exclusion.reason.code for exclusion in ranking.exclusions}


def test_every_reason_is_a_code_with_what_its_sentence_needs() -> None:
    ranking = rank([expert("ada", networks=("LYMPHOPATH",), load=3, median_hours=18.0)], ASK, WEDNESDAY)
    assert reasons(ranking, "ada") == {
        "reads-organ": {"organ": "lymphoid"},
        "network": {"network": "LYMPHOPATH"},
        "identity-psc": {},
        "language": {"language": "fr"},
        "at-work": {"city": "Lille", "time": "10:40"},
        "load": {"count": 3},
        "said-answer": {"hours": 18.0},
    }
    measured = rank([expert("ada", median_hours=18.0, answered=7)], ASK, WEDNESDAY)
    assert reasons(measured, "ada")["usual-answer"] == {"hours": 18.0, "answers": 7}


def test_reasons_are_told_by_their_weight_for_and_against_alike() -> None:
    ada = expert(
        "ada",
        networks=("LYMPHOPATH",),
        load=3,
        identity=Identity.EXPECTED,
        conflicts=(Conflict("same-group", bars=False, params={"group": "GCS du Nord"}),),
    )
    proposal = rank([ada], ASK, WEDNESDAY).proposals[0]
    assert [reason.code for reason in proposal.reasons] == [
        "reads-organ",
        *("conflict-same-group", "network", "load", "language", "never-came", "at-work"),
    ]
    assert proposal.points == -45 + 30 - 12 + 10 - 5 + 2


def test_the_member_of_a_network_for_this_organ_comes_before_one_who_is_not() -> None:
    ranking = rank([expert("ada"), expert("bea", networks=("LYMPHOPATH",))], ASK, WEDNESDAY)
    assert order(ranking) == ["bea", "ada"]


def test_membership_of_a_network_for_another_organ_does_not_count() -> None:
    ranking = rank([expert("ada", networks=("RRePS",))], ASK, WEDNESDAY)
    assert "network" not in reasons(ranking, "ada")


def test_the_region_comes_first_when_all_else_is_equal() -> None:
    near = expert("near", institution_id="kourou", region="03", city="Kourou", time_zone="America/Cayenne")
    assert order(rank([expert("ada"), near], ASK, WEDNESDAY)) == ["near", "ada"]


def test_who_answers_in_the_language_of_the_request_comes_first() -> None:
    ranking = rank([expert("ada", languages=("en",)), expert("bea", languages=("en", "fr"))], ASK, WEDNESDAY)
    assert order(ranking) == ["bea", "ada"]
    assert "language" not in reasons(ranking, "ada")
    assert reasons(ranking, "bea")["language"] == {"language": "fr"}


def test_who_has_less_to_read_comes_first() -> None:
    assert order(rank([expert("ada", load=5), expert("bea", load=1)], ASK, WEDNESDAY)) == ["bea", "ada"]


def test_of_equal_ones_who_usually_answers_sooner_comes_first_and_then_the_name_decides() -> None:
    slow, fast, unknown = expert("a", median_hours=17.0), expert("b", median_hours=9.0), expert("c", median_hours=200.0)
    assert order(rank([slow, unknown, fast], ASK, WEDNESDAY)) == ["b", "a", "c"]
    assert order(rank([expert("a", name="Zoé"), expert("b", name="Ada")], ASK, WEDNESDAY)) == ["b", "a"]


def test_a_frozen_section_goes_to_who_is_at_work_now() -> None:
    ask = Ask(organ="lymphoid", urgency=Urgency.FROZEN, institution_id="cayenne", region="03")
    asleep = expert("asleep", networks=("LYMPHOPATH",), city="Papeete", region="987", time_zone="Pacific/Tahiti")
    ranking = rank([asleep, expert("awake", load=4)], ask, WEDNESDAY)
    assert order(ranking) == ["awake", "asleep"]
    assert reasons(ranking, "asleep")["not-at-work"] == {"city": "Papeete", "time": "23:40"}


def test_each_proposal_says_when_its_answer_would_be_due_there() -> None:
    proposal = rank([expert("ada")], ASK, WEDNESDAY).proposals[0]
    assert proposal.due_at == datetime(2026, 3, 18, 17, 0, tzinfo=UTC)


def test_who_is_left_out_is_named_with_why() -> None:
    ranking = rank(
        [
            expert("zoe"),
            expert("same", institution_id="cayenne", institution_name="CH de Cayenne"),
            expert("asked"),
            expert("bone", organs=("bone",)),
            expert("away", available=False),
        ],
        Ask(
            organ="lymphoid",
            urgency=Urgency.STANDARD,
            institution_id="cayenne",
            region="03",
            requester_id="zoe",
            already_asked=frozenset({"asked"}),
        ),
        WEDNESDAY,
    )
    assert ranking.proposals == ()
    assert excluded(ranking) == {
        "zoe": "requester",
        "same": "own-institution",
        "asked": "already-asked",
        "bone": "other-organ",
        "away": "not-available",
    }


def rule(effect: Effect, target: Target | None = None, target_id: str = "", **given: Any) -> Rule:
    known = {"id": f"{effect}-{target}-{target_id}", "scope_kind": "institution", "scope_id": "cayenne"}
    return Rule(**(known | {"effect": effect, "target_kind": target, "target_id": target_id} | given))


def test_a_rule_prefers_or_leaves_out_whom_it_names_in_the_words_of_its_coordinator() -> None:
    rules = (
        rule(Effect.EXCLUDE, Target.INSTITUTION, "lille", note="Convention échue"),
        rule(Effect.PREFER, Target.PERSON, "ada", note="Notre référente"),
        rule(Effect.PREFER, Target.GROUP, "north"),
        rule(Effect.PREFER, Target.NETWORK, "LYMPHOPATH", organ="bone"),
    )
    ask = msgspec.structs.replace(ASK, rules=rules)
    rennes = {"institution_id": "rennes", "institution_name": "CHU de Rennes", "city": "Rennes"}
    people = [
        expert("ada", load=9),  # of Lille too: the rule that names a person counts
        expert("bea"),
        expert("cleo", groups=frozenset({"north"}), **rennes),
        expert("dora", networks=("LYMPHOPATH",), **rennes),
    ]
    ranking = rank(people, ask, WEDNESDAY)
    assert order(ranking) == ["cleo", "dora", "ada"]
    assert excluded(ranking) == {"bea": "rule-excludes"}
    named = {"scope": "institution", "noted": "yes"}
    assert reasons(ranking, "ada")["rule-prefers"] == named | {"note": "Notre référente"}
    assert ranking.exclusions[0].reason.params == named | {"note": "Convention échue"}
    assert "rule-prefers" not in reasons(ranking, "dora")


def test_regional_first_puts_the_region_first_and_the_country_where_the_region_has_nobody_free() -> None:
    ask = msgspec.structs.replace(ASK, rules=(rule(Effect.REGIONAL_FIRST),))
    far = expert("far", networks=("LYMPHOPATH",), median_hours=3.0)
    near = expert("near", institution_id="kourou", city="Kourou", region="03", load=12)
    ranking = rank([far, near], ask, WEDNESDAY)
    assert order(ranking) == ["near", "far"]
    assert ranking.proposals[0].reasons[1].code == "regional-first"
    assert [note.code for note in ranking.notes] == ["regional-first"]
    # Who is of the region and will be late is not free.
    slow = msgspec.structs.replace(near, median_hours=900.0)
    for experts in ([far], [far, slow]):
        ranking = rank(experts, ask, WEDNESDAY)
        assert order(ranking)[0] == "far"
        assert [(note.code, note.params) for note in ranking.notes] == [("national-fallback", {"region": "03"})]
    assert rank([far, near], ASK, WEDNESDAY).notes == ()


def test_a_conflict_of_interest_bars_or_warns_as_it_was_computed() -> None:
    warned = expert("warned", conflicts=(Conflict("read-before", bars=False),))
    barred = expert("barred", conflicts=(Conflict("same-group", bars=False), Conflict("author", bars=True)))
    ranking = rank([warned, barred, expert("free", load=9)], ASK, WEDNESDAY)
    assert order(ranking) == ["free", "warned"]
    assert "conflict-read-before" in reasons(ranking, "warned")
    assert excluded(ranking) == {"barred": "conflict-author"}


def test_a_network_or_a_pool_that_is_asked_proposes_its_members_alone() -> None:
    member = expert("member", networks=("RRePS", "LYMPHOPATH"))
    ask = msgspec.structs.replace(ASK, kind=ConsultKind.NETWORK, network="NETSARC+")
    ranking = rank([member, expert("other")], ask, WEDNESDAY)
    assert order(ranking) == ["member"]
    assert reasons(ranking, "member")["network"]
    assert excluded(ranking) == {"other": "not-in-network"}
    of_pool = rank([member, expert("other")], msgspec.structs.replace(ASK, pool=frozenset({"other"})), WEDNESDAY)
    assert order(of_pool) == ["other"]
    assert excluded(of_pool) == {"member": "not-in-pool"}


def test_who_is_away_until_after_the_deadline_is_left_out_and_who_comes_back_before_is_not() -> None:
    def away(days: int) -> tuple[Away, ...]:
        return (Away(WEDNESDAY - timedelta(days=1), WEDNESDAY + timedelta(days=days)),)

    ranking = rank([expert("long", away=away(20)), expert("short", away=away(1))], ASK, WEDNESDAY)
    assert order(ranking) == ["short"]
    assert reasons(ranking, "short")["back"] == {"day": "2026-03-12"}
    assert "at-work" not in reasons(ranking, "short")
    assert ranking.exclusions[0].reason.params == {"day": "2026-03-31"}
    urgent = msgspec.structs.replace(ASK, urgency=Urgency.FROZEN)
    assert excluded(rank([expert("short", away=away(1))], urgent, WEDNESDAY)) == {"short": "absent"}
    duty = rank([expert("short", away=away(1), on_duty=True)], urgent, WEDNESDAY)
    assert "on-duty" in reasons(duty, "short")


def test_an_answer_expected_after_the_deadline_is_said_and_weighs() -> None:
    slow = expert("slow", median_hours=24.0 * 20, answered=5, networks=("LYMPHOPATH",))
    ranking = rank([slow, expert("sure")], ASK, WEDNESDAY)
    assert order(ranking) == ["sure", "slow"]
    late = ranking.proposals[1]
    assert late.late
    assert late.reasons[1].code == "late"
    assert late.expected.basis is Basis.RECORD
    assert not ranking.proposals[0].late


def test_who_was_left_out_may_be_chosen_with_a_reason_but_never_against_a_conflict() -> None:
    people = [
        expert("resting", available=False),
        expert("author", conflicts=(Conflict("author", bars=True),)),
        expert("home", institution_id="cayenne"),
        expert("gone", answers=False),
        expert("ada"),
    ]
    ranking = rank(people, ASK, WEDNESDAY)
    assert ranking.chosen("ada").despite == ""
    taken = ranking.chosen("resting", "Elle a accepté au téléphone")
    assert taken.despite == "not-available"
    assert taken.due_at == ranking.proposals[0].due_at
    refused = {"resting": "error-override-missing", "nobody": "error-expert-not-proposed"}
    for person_id in ("resting", "nobody"):
        with pytest.raises(Invalid) as silent:
            ranking.chosen(person_id)
        assert silent.value.code == refused[person_id]
    for person_id in ("author", "home", "gone"):
        with pytest.raises(Invalid) as barred:
            ranking.chosen(person_id, "Je le connais")
        assert barred.value.code == "error-expert-barred"


def test_the_preference_of_the_requester_and_what_they_had_from_an_expert_count() -> None:
    ask = msgspec.structs.replace(ASK, preferred=frozenset({"bea"}))
    people = [expert("ada", networks=("LYMPHOPATH",)), expert("bea"), expert("cleo", answered_before=2)]
    ranking = rank(people, ask, WEDNESDAY)
    assert order(ranking) == ["bea", "ada", "cleo"]
    assert reasons(ranking, "cleo")["answered-before"] == {"count": 2}


def test_a_subspecialty_of_the_register_speaks_for_its_organ() -> None:
    skin = msgspec.structs.replace(ASK, organ="skin")
    ranking = rank(
        [expert("ada", organs=("skin",)), expert("bea", organs=("skin",), know_how="DSM211", load=3)], skin, WEDNESDAY
    )
    assert order(ranking) == ["bea", "ada"]
    assert "subspecialty" not in reasons(rank([expert("bea", know_how="DSM211")], ASK, WEDNESDAY), "bea")


RULES = st.lists(
    st.builds(
        rule,
        st.sampled_from([Effect.PREFER, Effect.EXCLUDE]),
        st.sampled_from([Target.PERSON, Target.INSTITUTION, Target.NETWORK]),
        st.sampled_from(["a", "b", "lille", "rennes", "LYMPHOPATH"]),
    )
    | st.just(rule(Effect.REGIONAL_FIRST)),
    max_size=3,
    unique_by=lambda one: one.id,
).map(tuple)
CONFLICTS = st.lists(
    st.builds(Conflict, st.sampled_from(["author", "read-before"]), st.booleans()), max_size=2, unique_by=str
)
EXPERTS = st.lists(
    st.builds(
        expert,
        st.text("abcdef", min_size=1, max_size=4),
        networks=st.sampled_from([(), ("LYMPHOPATH",), ("CELAC", "LYMPHOPATH")]),
        available=st.booleans(),
        answers=st.sampled_from([True, True, True, False]),
        identity=st.sampled_from(Identity),
        load=st.integers(0, 30),
        median_hours=st.none() | st.floats(0.1, 500),
        answered=st.integers(0, 3),
        answered_before=st.integers(0, 5),
        on_duty=st.booleans(),
        away=st.sampled_from([(), (Away(WEDNESDAY, WEDNESDAY + timedelta(days=30)),)]),
        conflicts=CONFLICTS.map(tuple),
        region=st.sampled_from(["03", "32"]),
        institution_id=st.sampled_from(["cayenne", "lille", "rennes"]),
        time_zone=st.sampled_from(["Europe/Paris", "Indian/Reunion", "Pacific/Tahiti"]),
    ),
    max_size=8,
    unique_by=lambda one: one.person_id,
)


@given(EXPERTS, st.sampled_from(Urgency), RULES, st.randoms(use_true_random=False))
def test_everyone_is_either_proposed_or_left_out_and_the_order_of_asking_does_not_matter(
    experts: list[Expert], urgency: Urgency, rules: tuple[Rule, ...], chance: Any
) -> None:
    ask = Ask(organ="lymphoid", urgency=urgency, institution_id="cayenne", region="03", requester_id="zoe", rules=rules)
    ranking = rank(experts, ask, WEDNESDAY)
    shuffled = list(experts)
    chance.shuffle(shuffled)
    assert rank(shuffled, ask, WEDNESDAY) == ranking
    assert sorted(order(ranking) + list(excluded(ranking))) == sorted(one.person_id for one in experts)
    points = [proposal.points for proposal in ranking.proposals]
    assert points == sorted(points, reverse=True)
    for proposal in ranking.proposals:
        assert proposal.expert.available
        assert proposal.expert.answers
        assert not any(conflict.bars for conflict in proposal.expert.conflicts)
        # A promise past the deadline is never hidden.
        assert proposal.late == ("late" in reasons(ranking, proposal.expert.person_id))
        assert proposal.expected.at > WEDNESDAY
    for exclusion in ranking.exclusions:
        assert exclusion.reason.code
        assert (exclusion.otherwise is not None) == (exclusion.reason.code in OVERRIDABLE)


@given(EXPERTS)
def test_where_the_region_comes_first_nobody_stands_between(experts: list[Expert]) -> None:
    ask = msgspec.structs.replace(ASK, rules=(rule(Effect.REGIONAL_FIRST),))
    ranking = rank(experts, ask, WEDNESDAY)
    raised = [proposal.points > REGIONAL_FIRST / 2 for proposal in ranking.proposals]
    assert raised == sorted(raised, reverse=True)
    assert all(
        (proposal.expert.region == "03" and not proposal.late) == high
        for proposal, high in zip(ranking.proposals, raised, strict=True)
    )
    assert len(ranking.notes) == 1


@given(st.integers(0, 40), st.integers(0, 40))
def test_more_to_read_never_helps(load: int, other: int) -> None:
    light, heavy = sorted((load, other))
    ranking = rank([expert("ada", load=light), expert("bea", load=heavy)], ASK, WEDNESDAY + timedelta(hours=1))
    assert order(ranking)[0] == "ada"


def test_beside_an_expert_a_coordinating_centre_comes_before_everything_else() -> None:
    lymphopath = frozenset({"LYMPHOPATH"})
    people = [
        expert("ada", networks=("LYMPHOPATH",), region=ASK.region, answered_before=9),
        expert("bea", networks=("LYMPHOPATH",), coordinates=lymphopath, centre_of=lymphopath, load=9),
        expert("cleo", networks=("LYMPHOPATH",), centre_of=lymphopath, load=9),
    ]
    asked = msgspec.structs.replace(
        ASK, kind=ConsultKind.NETWORK, network="LYMPHOPATH", rules=(rule(Effect.REGIONAL_FIRST),)
    )
    beside = rank(people, msgspec.structs.replace(asked, centres_of="LYMPHOPATH"), WEDNESDAY)
    assert order(beside) == ["bea", "ada", "cleo"]
    assert reasons(beside, "bea")["coordinating-centre"] == {"network": "LYMPHOPATH"}
    assert reasons(beside, "cleo")["expert-centre"] == {"network": "LYMPHOPATH"}
    # The expert, whom the requester chooses, need not be there: it is one reason among others.
    assert order(rank(people, asked, WEDNESDAY))[0] == "ada"
