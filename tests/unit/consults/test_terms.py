import pytest

from consults.deadlines import Urgency
from consults.kinds import ConsultKind, Policy, Trigger
from consults.networks import NETWORKS
from consults.terms import Terms
from telepath.cases.circumstances import CIRCUMSTANCES
from telepath.errors import Invalid
from web.words import LANGUAGES, Words

NETWORK = Terms(kind=ConsultKind.NETWORK, network="RRePS", trigger=Trigger.SYSTEMATIC)


def test_a_network_is_asked_under_its_code_whatever_it_was_called() -> None:
    assert NETWORK.checked(Urgency.SYSTEMATIC).network == "NETSARC+"


def test_what_another_kind_or_policy_does_not_need_is_left_out() -> None:
    terms = Terms(network="RRePS", trigger=Trigger.TRIAL, proof="kit-gist", pool_id="p")
    assert terms.checked(Urgency.STANDARD) == Terms()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms(kind=ConsultKind.NETWORK, trigger=Trigger.SYSTEMATIC), "error-network-missing"),
        (Terms(kind=ConsultKind.NETWORK, network="PATHONET", trigger=Trigger.SYSTEMATIC), "error-network-missing"),
        (Terms(kind=ConsultKind.NETWORK, network="RRePS"), "error-trigger-missing"),
        (Terms(kind=ConsultKind.NETWORK, network="LYMPHOPATH", trigger=Trigger.TRIAL, proof="x"), "error-field-choice"),
        (Terms(policy=Policy.POOL), "error-pool-missing"),
        (Terms(policy=Policy.RING), "error-policy-ring"),
    ],
)
def test_terms_that_say_too_little_or_contradict_themselves_are_refused(terms: Terms, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        terms.checked(Urgency.STANDARD)
    assert refused.value.code == code


def test_a_frozen_section_may_ring_and_keeps_its_pool_only_for_a_pool() -> None:
    ring = Terms(kind=ConsultKind.FROZEN, policy=Policy.RING, pool_id="p")
    assert ring.checked(Urgency.FROZEN).pool_id is None
    pool = Terms(policy=Policy.POOL, pool_id="p")
    assert pool.checked(Urgency.URGENT) == pool


@pytest.mark.parametrize(
    ("terms", "chosen", "meant"),
    [
        (Terms(kind=ConsultKind.FROZEN), Urgency.STANDARD, Urgency.FROZEN),
        (NETWORK, Urgency.URGENT, Urgency.SYSTEMATIC),
        (Terms(kind=ConsultKind.NETWORK, trigger=Trigger.BOARD), Urgency.URGENT, Urgency.URGENT),
        (Terms(kind=ConsultKind.TEACHING), Urgency.STANDARD, Urgency.STANDARD),
    ],
)
def test_the_kind_says_how_urgent_it_is(terms: Terms, chosen: Urgency, meant: Urgency) -> None:
    assert terms.urgency_of(chosen) is meant


def test_a_second_signature_is_needed_where_the_network_asks_for_it_and_nothing_is_proven() -> None:
    assert NETWORK.countersigned
    assert not Terms(kind=ConsultKind.NETWORK, network="RRePS", proof="kit-gist").countersigned
    assert not Terms(kind=ConsultKind.NETWORK, network="LYMPHOPATH").countersigned
    assert not Terms(network="RRePS").countersigned


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_chosen_on_a_request_is_worded(language: str) -> None:
    names = {f"{prefix}-{kind}" for kind in ConsultKind for prefix in ("kind", "kind-hint")}
    names |= {f"{prefix}-{policy}" for policy in Policy for prefix in ("policy", "policy-hint")}
    names |= {f"trigger-{trigger}" for trigger in Trigger} | {f"circumstance-{one}" for one in CIRCUMSTANCES}
    names |= {f"proof-{proof}" for network in NETWORKS for proof in network.second_alone}
    t = Words()(language)
    assert [name for name in sorted(names) if not t.has(name)] == []
