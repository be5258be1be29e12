"""Pro Santé Connect's documents, in the shapes met in the wild."""

from typing import Any

import pytest

from auth import psc
from auth.model import Activity, LoginFailed, VerifiedIdentity
from auth.psc import Kind

CLAIMS: dict[str, Any] = {
    "sub": "c5869b2a",
    "SubjectNameID": "899700771191",
    "sid": "273ada99",
    "acr": "eidas2",
    "authMode": "CARD",
    "auth_time": 1779216089,
}

# The keys and their oddities are those of ansforge/PSC-POC, UserInfo_site_PSC.json; the person is invented.
USERINFO: dict[str, Any] = {
    "Secteur_Activite": "SA07^1.2.250.1.71.4.2.4",
    "sub": "c5869b2a",
    "given_name": "KIT",
    "family_name": "DOC0077119",
    "SubjectRefPro": {
        "codeCivilite": "M",
        "exercices": [
            {
                "codeProfession": "10",
                "codeCategorieProfessionnelle": "C",
                "codeCiviliteDexercice": "DR",
                "nomDexercice": "DOC0077119",
                "prenomDexercice": "KIT",
                "codeTypeSavoirFaire": "S",
                "codeSavoirFaire": "SM01",
                "activities": [
                    {
                        "codeModeExercice": "L",
                        "codeSecteurDactivite": "SA07",
                        "numeroFinessSite": "",
                        "numeroFinessetablissementJuridique": "",
                        "identifiantTechniqueDeLaStructure": "R102671",
                        "raisonSocialeSite": "CABINET M DOC0077119",
                    },
                    {
                        "codeModeExercice": "S",
                        "codeSecteurDactivite": "SA01",
                        "numeroFinessSite": "0B0193488",
                        "numeroFinessetablissementJuridique": "1B0064166",
                        "identifiantTechniqueDeLaStructure": "F0B0193488",
                        "raisonSocialeSite": "HOPITAL GENERIQUE  FIN VARI",
                    },
                ],
            }
        ],
    },
    "otherIds": [{"identifiant": "899700771191", "origine": "RPPS", "qualite": 1}],
    "SubjectNameID": "899700771191",
}


def read(claims: dict[str, Any] | None = None, **userinfo: Any) -> VerifiedIdentity:
    return psc.identity(CLAIMS | (claims or {}), USERINFO | userinfo, "token")


def test_a_pathologist_with_two_activities_is_read() -> None:
    found = read()
    assert found.subject_name_id == "899700771191"
    assert (found.given_name, found.family_name) == ("KIT", "DOC0077119")
    assert (found.acr, found.auth_mode, found.provider_session) == ("eidas2", "CARD", "273ada99")
    assert found.auth_time.isoformat() == "2026-05-19T18:41:29+00:00"
    (practice,) = found.practices
    assert (practice.profession, practice.know_how) == ("10", "SM01")
    assert practice.activities[1] == Activity(
        name="HOPITAL GENERIQUE  FIN VARI",
        finess="0B0193488",
        finess_legal="1B0064166",
        structure_id="F0B0193488",
        mode="S",
        sector="SA01",
    )
    assert found.finess == {"0B0193488", "1B0064166"}


@pytest.mark.parametrize("missing", ["", "  ", None, 899700771191, ["899700771191"]])
def test_nobody_is_bound_on_anything_but_a_subject_name_id(missing: Any) -> None:
    with pytest.raises(LoginFailed) as refused:
        read(SubjectNameID=missing)
    assert refused.value.reason == "subject-name-id-missing"


def test_a_preferred_username_is_not_an_identifier() -> None:
    with pytest.raises(LoginFailed):
        read(SubjectNameID="", preferred_username="899700771191")


def test_two_documents_that_name_different_people_are_refused() -> None:
    with pytest.raises(LoginFailed) as refused:
        read({"SubjectNameID": "899700427885"})
    assert refused.value.reason == "subject-name-id-differs"


def test_an_id_token_without_the_identifier_leaves_it_to_userinfo() -> None:
    assert read({"SubjectNameID": ""}).subject_name_id == "899700771191"


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "",
        [],
        {},
        {"exercices": None},
        {"exercices": {}},
        {"exercices": ["", None, 7]},
        {"exercices": [{"activities": "none"}]},
        {"exercices": [{"activities": [None, {"numeroFinessSite": 7}]}]},
    ],
)
def test_odd_or_absent_practices_are_read_as_none_and_the_names_from_the_document(odd: Any) -> None:
    found = read(SubjectRefPro=odd)
    assert found.family_name == "DOC0077119"
    assert found.finess == frozenset()


def test_unknown_claims_are_ignored() -> None:
    assert read(codeGenreActivite="GENR01", email_verified=False, nouveau={"x": [1]}) == read()


def test_a_form_of_address_is_wherever_the_year_put_it() -> None:
    """``codeCivilite`` inside SubjectRefPro until 2023, at the top since: of no meaning here, and no obstacle."""
    nested = USERINFO["SubjectRefPro"]
    moved = {name: value for name, value in nested.items() if name != "codeCivilite"}
    assert read(codeCivilite="M", SubjectRefPro=moved) == read()


@pytest.mark.parametrize(
    ("identifier", "origin", "kind"),
    [
        ("899700771191", "RPPS", Kind.RPPS),
        ("899700771191", "", Kind.RPPS),
        ("899700771191", "EDIT", Kind.TEST),
        ("ANS20231122132732", "EDIT", Kind.TEST),
        ("ANS20231122132732", "", Kind.TEST),
        ("500000001815646/CPAT00045", "", Kind.STAFF),
        ("30B0193488/0000000123", "", Kind.STAFF),
        ("300193488012", "CPE", Kind.STAFF),
        ("0750000001", "ADELI", Kind.ADELI),
        ("8997007711", "", Kind.OTHER),
        ("8997007711910", "", Kind.OTHER),
        ("leuven:899700771191", "", Kind.OTHER),
    ],
)
def test_only_an_rpps_number_brings_a_speciality(identifier: str, origin: str, kind: Kind) -> None:
    listed: list[dict[str, object]] = [
        {"identifiant": identifier, "origine": origin, "qualite": 1},
        {"identifiant": "7", "origine": "EDIT"},
    ]
    assert psc.kind_of(identifier, listed) == kind
    if ":" not in identifier:
        found = read({"SubjectNameID": ""}, SubjectNameID=identifier, otherIds=listed)
        (practice,) = found.practices
        assert (practice.profession, practice.know_how) == ("10", "SM01" if kind is Kind.RPPS else "")


def test_an_identifier_that_could_be_another_providers_person_is_refused() -> None:
    with pytest.raises(LoginFailed) as refused:
        read({"SubjectNameID": ""}, SubjectNameID="leuven:899700771191")
    assert refused.value.reason == "subject-name-id-foreign"
