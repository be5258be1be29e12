from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consults.deadlines import Urgency
from consults.routing import Ask, Expert, Ranking, rank

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
        "language": {"language": "fr"},
        "at-work": {"city": "Lille", "time": "10:40"},
        "load": {"count": 3},
        "usual-answer": {"hours": 18.0},
    }


def test_the_member_of_a_network_for_this_organ_comes_before_one_who_is_not() -> None:
    ranking = rank([expert("ada"), expert("bea", networks=("LYMPHOPATH",))], ASK, WEDNESDAY)
    assert order(ranking) == ["bea", "ada"]


def test_membership_of_a_network_for_another_organ_does_not_count() -> None:
    ranking = rank([expert("ada", networks=("RRePS",))], ASK, WEDNESDAY)
    assert "network" not in reasons(ranking, "ada")


def test_the_region_comes_first_when_all_else_is_equal() -> None:
    near = expert("near", institution_id="kourou", region="03", city="Kourou", time_zone="America/Cayenne")
    assert order(rank([expert("ada"), near], ASK, WEDNESDAY)) == ["near", "ada"]


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


EXPERTS = st.lists(
    st.builds(
        expert,
        st.text("abcdef", min_size=1, max_size=4),
        networks=st.sampled_from([(), ("LYMPHOPATH",), ("CELAC", "LYMPHOPATH")]),
        available=st.booleans(),
        load=st.integers(0, 30),
        median_hours=st.none() | st.floats(0.1, 500),
        region=st.sampled_from(["03", "32"]),
        institution_id=st.sampled_from(["cayenne", "lille", "rennes"]),
        time_zone=st.sampled_from(["Europe/Paris", "Indian/Reunion", "Pacific/Tahiti"]),
    ),
    max_size=8,
    unique_by=lambda one: one.person_id,
)


@given(EXPERTS, st.sampled_from(Urgency), st.randoms(use_true_random=False))
def test_everyone_is_either_proposed_or_left_out_and_the_order_of_asking_does_not_matter(
    experts: list[Expert], urgency: Urgency, chance: Any
) -> None:
    ask = Ask(organ="lymphoid", urgency=urgency, institution_id="cayenne", region="03", requester_id="zoe")
    ranking = rank(experts, ask, WEDNESDAY)
    shuffled = list(experts)
    chance.shuffle(shuffled)
    assert rank(shuffled, ask, WEDNESDAY) == ranking
    assert sorted(order(ranking) + list(excluded(ranking))) == sorted(one.person_id for one in experts)
    assert all(proposal.expert.available for proposal in ranking.proposals)
    points = [proposal.points for proposal in ranking.proposals]
    assert points == sorted(points, reverse=True)


@given(st.integers(0, 40), st.integers(0, 40))
def test_more_to_read_never_helps(load: int, other: int) -> None:
    light, heavy = sorted((load, other))
    ranking = rank([expert("ada", load=light), expert("bea", load=heavy)], ASK, WEDNESDAY + timedelta(hours=1))
    assert order(ranking)[0] == "ada"
