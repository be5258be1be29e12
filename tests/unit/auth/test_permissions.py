"""Who may be an expert."""

import pytest

from auth.model import Practice
from auth.permissions import PATHOLOGY, foremost, may_be_expert

RPPS = "899700421003"


@pytest.mark.parametrize("know_how", sorted(PATHOLOGY))
def test_a_doctor_of_pathology_may_be_an_expert(know_how: str) -> None:
    assert may_be_expert(RPPS, "10", know_how)


@pytest.mark.parametrize(
    ("subject_name_id", "profession", "know_how"),
    [
        (RPPS, "10", "SM26"),
        (RPPS, "10", ""),
        (RPPS, "21", "SM01"),
        (RPPS, "86", "SM01"),
        (RPPS, "", ""),
        ("ANS20231122132732", "10", "SM01"),
        ("500000001815646/CPAT00045", "10", "SM01"),
        ("0750123456", "10", "SM01"),
        ("89970042100", "10", "SM01"),
        ("8997004210031", "10", "SM01"),
        ("", "10", "SM01"),
    ],
)
def test_nobody_else_may(subject_name_id: str, profession: str, know_how: str) -> None:
    assert not may_be_expert(subject_name_id, profession, know_how)
    assert not may_be_expert(subject_name_id, profession, know_how, verified=True)


def test_who_comes_from_elsewhere_may_once_a_coordinator_has_verified_it() -> None:
    assert may_be_expert("ulb:7f3a", "", "", provider="ulb", verified=True)
    assert not may_be_expert("ulb:7f3a", "10", "SM01", provider="ulb")
    assert not may_be_expert(RPPS, "10", "SM01", provider="ulb"), "another provider proves no RPPS number"


def test_people_are_named_by_their_practice_of_pathology() -> None:
    surgeon, pathologist = Practice(profession="10", know_how="SM05"), Practice(profession="10", know_how="SM01")
    assert foremost([surgeon, pathologist]) == pathologist
    assert foremost([surgeon, Practice(profession="40")]) == surgeon
    assert foremost([]) is None
