"""The conditions of the simulator, and what they are called."""

from datetime import timedelta

import pytest

from auth import psc
from auth.simulator import wording
from auth.simulator.conditions import (
    NORMAL,
    Acr,
    Conditions,
    Lifetimes,
    Means,
    Places,
    Profession,
    Stage,
    Trouble,
    Userinfo,
    under,
)
from auth.simulator.identities import Activity, Identity, Practice, userinfo
from tests.identities import INES

PAUL = Identity(
    subject_name_id="899700421052",
    given_name="Paul",
    family_name="Vétiver",
    practices=(
        Practice(
            profession="10",
            know_how="SM01",
            activities=(
                Activity(finess="0R0000025", institution_name="Hôpital du Vétiver"),
                Activity(finess="", institution_name="Cabinet du Vétiver", mode="L", sector="SA07"),
            ),
        ),
        Practice(profession="21", category="E"),
    ),
)
NOBODY = Identity(subject_name_id="ANS20260311120000", given_name="Édith", family_name="Essai", profession="")


def test_normal_conditions_change_nothing_of_what_is_told() -> None:
    for identity in (INES, PAUL, NOBODY):
        assert userinfo(under(NORMAL, identity), "sub") == userinfo(identity, "sub")


def test_practices_and_places_are_read_as_they_were_given() -> None:
    claims = {"acr": "eidas1", "auth_time": 0, "sub": "sub", "SubjectNameID": PAUL.subject_name_id}
    read = psc.identity(claims, userinfo(PAUL, "sub"), "token").practices
    assert [(one.profession, one.category, one.know_how_type, one.know_how) for one in read] == [
        ("10", "C", "S", "SM01"),
        ("21", "E", "", ""),
    ]
    assert [(place.name, place.finess, place.structure_id, place.mode) for place in read[0].activities] == [
        ("Hôpital du Vétiver", "0R0000025", "F0R0000025", "S"),
        ("Cabinet du Vétiver", "", "R100000", "L"),
    ]
    assert PAUL.home == "Hôpital du Vétiver"
    assert userinfo(NOBODY, "sub")["SubjectRefPro"]["exercices"] == []
    assert NOBODY.home == ""


@pytest.mark.parametrize(
    ("conditions", "practices"),
    [
        (Conditions(profession=Profession.NONE), []),
        (Conditions(profession=Profession.OTHER_DOCTOR), [("10", "SM54", 2)]),
        (Conditions(profession=Profession.TECHNICIAN, places=Places.NONE), [("86", "", 0)]),
        (Conditions(places=Places.ONE), [("10", "SM01", 1)]),
        (Conditions(places=Places.NONE), [("10", "SM01", 0), ("21", "", 0)]),
        (Conditions(places=Places.SEVERAL), [("10", "SM01", 4), ("21", "", 0)]),
    ],
)
def test_what_the_register_says_can_be_changed(conditions: Conditions, practices: list[tuple[str, str, int]]) -> None:
    told = under(conditions, PAUL).exercises
    assert [(one.profession, one.know_how, len(one.activities)) for one in told] == practices


def test_somebody_without_a_practice_can_be_given_one_but_no_place_alone() -> None:
    assert [one.profession for one in under(Conditions(profession=Profession.NURSE), NOBODY).exercises] == ["60"]
    assert under(Conditions(places=Places.SEVERAL), NOBODY).exercises == ()


def test_the_level_can_be_another_an_odd_one_or_absent() -> None:
    assert [under(Conditions(acr=acr), INES).acr for acr in (Acr.OWN, Acr.EIDAS2, Acr.ABSENT)] == [
        "eidas1",
        "eidas2",
        "",
    ]
    assert under(Conditions(acr=Acr.ODD), INES).acr not in {"eidas1", "eidas2", "eidas3", ""}
    assert under(Conditions(means=Means.MOBILE), INES).auth_mode == "MOBILE"


def test_conditions_for_once_are_used_up_where_they_strike() -> None:
    for trouble, stage in (
        (Trouble.NONE, Stage.LOGIN),
        (Trouble.FORGED, Stage.LOGIN),
        (Trouble.REFRESH_OTHER, Stage.REFRESH),
        (Trouble.DOWN, None),
    ):
        for here in (Stage.LOGIN, Stage.REFRESH):
            assert Conditions(trouble=trouble, once=True).used_up_by(here) is (here is stage)
            assert not Conditions(trouble=trouble).used_up_by(here)


def test_every_choice_has_its_words_and_every_trouble_its_place() -> None:
    placed = [trouble for _, troubles in wording.GROUPS for trouble in troubles]
    assert sorted(placed) == sorted(Trouble)
    for kind, words in (
        (Acr, wording.ACR),
        (Means, wording.MEANS),
        (Profession, wording.PROFESSION),
        (Places, wording.PLACES),
        (Userinfo, wording.USERINFO),
        (Trouble, wording.TROUBLES),
    ):
        assert set(words) == set(kind)
    said = [*wording.TROUBLES.values(), *(group for group, _ in wording.GROUPS)]
    for one in said:
        assert bool(one.then_fr) is bool(one.then_en)
        for text in (one.fr, one.then_fr):
            assert not any(f" {mark}" in text for mark in ":;!?»"), f"no-break space: {text}"


def test_what_is_unusual_is_told_in_short() -> None:
    assert wording.differences(Conditions(once=True), "fr") == []
    odd = Conditions(
        trouble=Trouble.SLOW,
        acr=Acr.EIDAS3,
        means=Means.CARD,
        profession=Profession.NURSE,
        places=Places.NONE,
        userinfo=Userinfo.JWT,
        lifetimes=Lifetimes(idle=timedelta(minutes=1)),
    )
    for language in ("fr", "en"):
        assert len(wording.differences(odd, language)) == 7
    assert wording.differences(Conditions(places=Places.NONE), "en") == ["places of work: none"]


def test_the_first_lifetime_of_each_choice_is_the_real_one() -> None:
    real = Lifetimes()
    assert (wording.ACCESS[0], wording.REFRESH[0], wording.SESSION[0], wording.IDLE[0]) == (
        real.access,
        real.refresh,
        real.session,
        real.idle,
    )
    assert [wording.span(one, "fr") for one in (*wording.REFRESH, wording.SESSION[0])] == [
        "30 min",
        "2 min",
        "20 s",
        "aucun",
        "4 h",
    ]
