import pytest

from consults.entities import ENTITIES, signs
from telepath.cases.codings import parse_codings
from web.words import LANGUAGES, Words


@pytest.mark.parametrize(
    ("code", "entities"),
    [
        ("CIM-O 9690/3", ["lymphoma"]),
        ("CIM-O C77.0 9690/3", ["lymphoma"]),
        ("CIM-10 C82.1", ["lymphoma"]),
        ("ADICAP BHSGJ7X0", ["lymphoma"]),
        ("ADICAP GCSG0L12", ["lymphoma"]),
        ("CIM-O 8890/0", []),
        ("CIM-O 8890/3", ["sarcoma"]),
        ("CIM-O 8936/1", ["sarcoma"]),
        ("ADICAP OHTMF0A0", []),
        ("ADICAP OHTMF7A0", ["sarcoma"]),
        ("ADICAP OHRSA7A0", ["mesothelioma"]),
        ("ADICAP OHRSM7A0", []),
        ("CIM-10 C45.0", ["mesothelioma"]),
        ("CIM-10 C45.1", ["peritoneal"]),
        ("CIM-O 8240/3", ["neuroendocrine"]),
        ("CIM-O 8041/3", []),
        ("CIM-10 C73", ["endocrine"]),
        ("CIM-O 8960/3", ["blastemal"]),
        ("ADICAP OHOUM7A0", []),
        ("ADICAP OHOUN7A0", ["uveal-melanoma"]),
        ("ADICAP BHGS0040", []),
        ("ADICAP nothing", []),
        ("SNOMED CT 118599009", []),
        ("CIM-O C49.9", []),
    ],
)
def test_a_code_names_what_networks_ask_about_and_nothing_else(code: str, entities: list[str]) -> None:
    assert [sign.entity for sign in signs(parse_codings(code))] == entities


def test_every_entity_is_worded_and_has_at_least_one_code() -> None:
    words = Words()
    for entity in ENTITIES:
        assert entity.families or entity.sites or entity.morphologies or entity.cim
        assert all(words(language).has(f"entity-{entity.code}") for language in LANGUAGES)
