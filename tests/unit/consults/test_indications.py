from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.entities import ENTITIES
from consults.indications import ByCircumstance, ByCode, indications
from consults.networks import NETWORKS
from telepath.cases.circumstances import CIRCUMSTANCES, known
from telepath.cases.codings import SYSTEMS, Coding, parse_codings
from telepath.cases.model import ORGANS
from telepath.errors import Invalid


def proposed(organ: str, codings: str = "", *circumstances: str) -> list[tuple[str, bool]]:
    return [(one.network.code, one.systematic) for one in indications(organ, parse_codings(codings), circumstances)]


@pytest.mark.parametrize(
    ("organ", "codings", "circumstances", "networks"),
    [
        ("lymphoid", "CIM-10 C82.1", (), [("LYMPHOPATH", True)]),
        ("soft-tissue", "CIM-O 8850/3", (), [("NETSARC+", True)]),
        ("soft-tissue", "CIM-O 8850/0", (), []),
        ("skin", "CIM-O 9700/3", (), [("LYMPHOPATH", True), ("GFELC", False)]),
        ("digestive", "CIM-O 9717/3", ("coeliac",), [("LYMPHOPATH", True), ("CELAC", False)]),
        ("digestive", "CIM-O 9699/3", (), [("LYMPHOPATH", True)]),
        ("digestive", "ADICAP OHDGJ7X0", (), [("LYMPHOPATH", True), ("CELAC", False)]),
        ("nervous", "CIM-O 9680/3", (), [("LYMPHOPATH", True), ("RENOCLIP-LOC", False)]),
        ("nervous", "CIM-O 9451/3", (), [("RENOCLIP-LOC", False)]),
        ("lung", "CIM-O 9050/3", (), [("NETMESO", False)]),
        ("digestive", "CIM-O 9050/3", (), [("RENAPE", False)]),
        ("digestive", "CIM-O 8240/3", (), [("ENDOCAN", True)]),
        ("endocrine", "CIM-10 C73", (), [("ENDOCAN", False)]),
        ("urology", "CIM-O 8960/3", ("child",), [("MASTERBLAST", True)]),
        ("urology", "CIM-O 8317/3", ("hereditary",), [("CARARE", False), ("PREDIR", False)]),
        ("breast", "", ("von-hippel-lindau",), [("PREDIR", False)]),
        ("breast", "", ("hereditary",), []),
        ("lung", "", ("transplant",), [("CANCERIMMUNE", False)]),
        ("skin", "", ("immunodepression",), [("CANCERIMMUNE", False)]),
        ("head-neck", "CIM-O 8200/3", (), [("REFCOR", False)]),
        ("skin", "CIM-O 8247/3", (), [("CARADERM", False)]),
        ("other", "CIM-10 C69.3", (), [("MELACHONAT", False)]),
        ("lung", "CIM-O 8581/3", (), [("RYTHMIC", False)]),
        ("gynaecology", "CIM-O 8620/1", (), [("TMRG", False)]),
        ("gynaecology", "CIM-O 9100/3", (), [("TTG", False)]),
        ("breast", "CIM-O 8500/3", (), []),
        ("lymphoid", "", (), []),
    ],
)
def test_a_case_is_proposed_to_the_networks_whose_rules_it_meets(
    organ: str, codings: str, circumstances: tuple[str, ...], networks: list[tuple[str, bool]]
) -> None:
    assert proposed(organ, codings, *circumstances) == networks


def test_every_ground_is_named_once() -> None:
    coding = Coding("ICD-O", "9717/3")
    found = {one.network.code: one.grounds for one in indications("digestive", (coding, coding), ("coeliac",))}
    assert found["LYMPHOPATH"] == (ByCode(coding, "lymphoma"),)
    assert found["CELAC"] == (ByCode(coding, "lymphoma"), ByCircumstance("coeliac"))


@given(
    st.sampled_from(ORGANS),
    st.lists(st.builds(Coding, st.sampled_from(SYSTEMS), st.text("ACHJFGSODR0123456789/.", max_size=9)), max_size=4),
    st.lists(st.sampled_from(CIRCUMSTANCES), max_size=4),
)
def test_no_network_is_proposed_without_a_ground_or_twice(
    organ: str, codings: list[Coding], circumstances: list[str]
) -> None:
    found = indications(organ, codings, circumstances)
    assert len({one.network.code for one in found}) == len(found)
    assert all(one.grounds for one in found)
    assert [one.systematic for one in found] == sorted((one.systematic for one in found), reverse=True)
    assert all(one.network.systematic for one in found if one.systematic)


def test_every_rule_can_be_met_and_speaks_of_what_there_is() -> None:
    entities = {entity.code for entity in ENTITIES}
    for network in NETWORKS:
        assert network.rules, network.code
        for rule in network.rules:
            assert rule.entities or rule.circumstances
            assert set(rule.entities) <= entities
            assert set(rule.organs) <= set(ORGANS)
            assert set(rule.circumstances) <= set(CIRCUMSTANCES)
            assert not rule.systematic or rule.source, f"{network.code}: a systematic reading has its source"


def test_there_are_the_eighteen_networks_and_seven_of_them_are_inferred() -> None:
    assert len(NETWORKS) == 18
    assert sum(network.inferred for network in NETWORKS) == 7


def test_circumstances_stand_in_one_order_and_an_unknown_one_is_refused() -> None:
    for first, second in product(CIRCUMSTANCES, repeat=2):
        assert known((first, second)) == known((second, first))
    with pytest.raises(Invalid):
        known(("rich",))
