"""Who a patient is, as typed: what is taken, in which form, and what is refused with which reason."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.cases.identity import FIELDS, OIDS, Identity, grouped, matricule
from telepath.errors import Invalid

TODAY = date(2026, 3, 11)
TEST_OID = "1.2.250.1.213.1.4.10"
ZELIE = Identity(
    status="qualified",
    matricule="2 79 03 51 215 189 89",
    oid=TEST_OID,
    birth_name="d’Œuvré--Noël",
    given_names=" Zélie  Anne-Marie ",
    birth_date="1979-03-01",
    sex="f",
    birth_place="51215",
)


def wrong(**changed: str) -> list[tuple[str, str]]:
    return [
        (problem.code.removeprefix("error-"), str(problem.params["field"]))
        for problem in msgspec.structs.replace(ZELIE, **changed).problems(TODAY)
    ]


def test_an_identity_is_kept_in_the_form_of_the_rules() -> None:
    kept = ZELIE.checked(TODAY)
    assert kept.matricule == "279035121518989"
    assert (kept.birth_name, kept.given_names) == ("D'OEUVRE--NOEL", "ZELIE ANNE-MARIE")
    assert kept.checked(TODAY) == kept
    assert (kept.has_ins, kept.fictive) == (True, True)
    assert grouped(kept.matricule) == ZELIE.matricule
    provisional = msgspec.structs.replace(ZELIE, status="provisional", matricule="", oid="", birth_place="")
    assert not provisional.checked(TODAY).has_ins


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"matricule": "27903512151898"}, ("patient-matricule-form", "matricule")),
        ({"matricule": "579035121518989"}, ("patient-matricule-form", "matricule")),
        ({"matricule": "2790351215189 8O"}, ("patient-matricule-form", "matricule")),
        ({"matricule": "279035121518988"}, ("patient-matricule-key", "matricule")),
        ({"oid": "1.2.250.1.213.1.4.2"}, ("field-choice", "oid")),
        ({"status": "sure"}, ("field-choice", "status")),
        ({"status": ""}, ("field-missing", "status")),
        ({"sex": "x"}, ("field-choice", "sex")),
        ({"birth_name": ""}, ("field-missing", "birth_name")),
        ({"given_names": " "}, ("field-missing", "given_names")),
        ({"birth_name": "Noël2"}, ("patient-name", "birth_name")),
        ({"given_names": "Zélie, Anne"}, ("patient-name", "given_names")),
        ({"used_name": "<b>"}, ("patient-name", "used_name")),
        ({"used_given_name": "-"}, ("patient-name", "used_given_name")),
        ({"birth_name": "N" * 101}, ("text-too-long", "birth_name")),
        ({"birth_name": "N" * 100_000}, ("text-too-long", "birth_name")),
        ({"birth_date": ""}, ("field-missing", "birth_date")),
        ({"birth_date": "1979-02-30"}, ("patient-date", "birth_date")),
        ({"birth_date": "01/03/1979"}, ("patient-date", "birth_date")),
        ({"birth_date": "1979W101"}, ("patient-date", "birth_date")),
        ({"birth_date": "2026-03-12"}, ("patient-date-impossible", "birth_date")),
        ({"birth_date": "1815-01-01"}, ("patient-date-impossible", "birth_date")),
        ({"birth_place": "2C004"}, ("patient-place", "birth_place")),
        ({"birth_place": "Reims"}, ("patient-place", "birth_place")),
        ({"matricule": ""}, ("patient-ins-needs", "matricule")),
        ({"oid": ""}, ("patient-ins-needs", "oid")),
        ({"birth_place": "", "status": "recovered"}, ("patient-ins-needs", "birth_place")),
        ({"status": "validated"}, ("patient-ins-too-much", "matricule")),
        ({"status": "provisional"}, ("patient-ins-too-much", "matricule")),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changed: dict[str, str], problem: tuple[str, str]) -> None:
    assert wrong(**changed) == [problem]
    with pytest.raises(Invalid):
        msgspec.structs.replace(ZELIE, **changed).checked(TODAY)


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_form() -> None:
    empty = Identity(status="", birth_name="", given_names="", birth_date="", sex="")
    named = [str(problem.params["field"]) for problem in empty.problems(TODAY)]
    assert named == ["status", "birth_name", "given_names", "birth_date", "sex"]
    assert named == [name for name in FIELDS if name in named]


@pytest.mark.parametrize(("number", "key"), [("199092A001001", "34"), ("199092B001001", "61"), ("800019900012345", "")])
def test_corsica_counts_as_nineteen_and_eighteen(number: str, key: str) -> None:
    if not key:
        with pytest.raises(Invalid):
            matricule(number)
        return
    assert matricule(f"{number}{key}".lower()) == f"{number}{key}"
    with pytest.raises(Invalid, match="matricule-key"):
        matricule(f"{number.replace('2A', '19').replace('2B', '18')}{(int(key) + 1) % 98:02d}")


@given(st.integers(1, 2), st.integers(0, 10**12 - 1))
def test_every_key_but_one_is_refused(sex: int, rest: int) -> None:
    number = f"{sex}{rest:012d}"
    right = 97 - int(number) % 97
    assert matricule(f"{number}{right:02d}")
    for key in {0, 98, 99, right % 97 + 1}:
        if key != right:
            with pytest.raises(Invalid):
                matricule(f"{number}{key:02d}")


def test_the_changed_fields_are_named_and_nothing_of_what_they_hold() -> None:
    kept = ZELIE.checked(TODAY)
    assert msgspec.structs.replace(kept, sex="m", used_name="LEROY").changed_from(kept) == ["sex", "used_name"]
    assert "used_name" not in kept.changed_from(None)
    assert set(OIDS) >= {TEST_OID}
