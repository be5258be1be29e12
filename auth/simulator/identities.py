"""Invented professionals, and what Pro Santé Connect would say of them. Pure.

The shape is that of real documents (ansforge/PSC-POC, UserInfo_site_PSC.json): empty texts instead of absent keys."""

from typing import Any

import msgspec


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A place of work. Invented FINESS numbers have letters, as those of the national test cards."""

    finess: str
    """Empty: a practice without one, told by a number of its own."""
    institution_name: str
    finess_legal: str = ""
    mode: str = "S"
    sector: str = "SA01"


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """An *exercice*: a profession in one category, its know-how, and where it is practised."""

    profession: str
    """TRE_G15: 10 a doctor, 21 a pharmacist, 60 a nurse, 86 a laboratory technician…"""
    category: str = "C"
    know_how_type: str = ""
    """Empty: ``S`` if there is a know-how."""
    know_how: str = ""
    activities: tuple[Activity, ...] = ()


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One invented professional, as shown on the wallet page and told to clients.

    One practice is told by ``profession``, ``know_how``, ``finess``, ``institution_name`` and ``other_activities``; whoever
    has several, or none, is given ``practices`` instead."""

    subject_name_id: str
    """``8`` and an RPPS number that the register does not give: 997… Of other origins: ``ANS20260311120000`` (EDIT),
    ``500000001815646/CPAT00045`` (CPE and CPA, employees of a structure)."""
    given_name: str
    family_name: str
    title: str = "Dr"
    profession: str = "10"
    """Empty: none, as identities that are not of the register (EDIT, CPE, CPA) have none."""
    know_how: str = "SM01"
    """Empty: none."""
    finess: str = ""
    institution_name: str = ""
    other_activities: tuple[Activity, ...] = ()
    practices: tuple[Practice, ...] | None = None
    origin: str = "RPPS"
    """Of the identifier: ``RPPS``, ``EDIT`` (test identities of the national editor space), ``CPE``, ``CPA``…"""
    description: str = ""
    """What to try with this identity; shown on the wallet page."""
    description_en: str = ""
    acr: str = "eidas1"
    """Empty: the ID token says none."""
    auth_mode: str = "CARD"

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)

    @property
    def initials(self) -> str:
        return (self.given_name[:1] + self.family_name[:1]).upper()

    @property
    def exercises(self) -> tuple[Practice, ...]:
        """Its practices, however they were given."""
        if self.practices is not None:
            return self.practices
        if not self.profession:
            return ()
        first = (Activity(finess=self.finess, institution_name=self.institution_name),) if self.institution_name else ()
        return (
            Practice(profession=self.profession, know_how=self.know_how, activities=(*first, *self.other_activities)),
        )

    @property
    def activities(self) -> tuple[Activity, ...]:
        """Every place of work, of all practices."""
        return tuple(place for practice in self.exercises for place in practice.activities)

    @property
    def home(self) -> str:
        """The name of the first place of work; of an identity without one, what it was given."""
        return self.activities[0].institution_name if self.activities else self.institution_name


def userinfo(identity: Identity, sub: str) -> dict[str, Any]:
    """What the userinfo endpoint answers."""
    first = identity.activities[0] if identity.activities else Activity(finess="", institution_name="", sector="")
    document: dict[str, Any] = {
        "Secteur_Activite": f"{first.sector}^1.2.250.1.71.4.2.4" if first.sector else "",
        "sub": sub,
        "SubjectOrganization": first.institution_name,
        "Mode_Acces_Raison": "",
        "preferred_username": identity.subject_name_id,
        "given_name": identity.given_name,
        "family_name": identity.family_name.upper(),
        "Acces_Regulation_Medicale": "FAUX",
        "UITVersion": "1.0",
        "authMode": identity.auth_mode,
        "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
        "SubjectRefPro": {
            "codeCivilite": "",
            "exercices": [_exercice(identity, practice) for practice in identity.exercises],
        },
        "SubjectOrganizationID": _structure(first),
        "SubjectRole": [f"{practice.profession}^1.2.250.1.213.1.1.5.5" for practice in identity.exercises],
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
        "otherIds": other_ids(identity),
        "SubjectNameID": identity.subject_name_id,
    }
    if identity.origin == "EDIT":
        # Seen in the samples of 2023-11 (ad2ien/prosante-connect-synapse-module): the title stands outside.
        del document["SubjectRefPro"]["codeCivilite"]
        document |= {"codeCivilite": "", "codeGenreActivite": ""}
    return document


def other_ids(identity: Identity) -> list[dict[str, Any]]:
    return [{"identifiant": identity.subject_name_id, "origine": identity.origin, "qualite": 1}]


def _exercice(identity: Identity, practice: Practice) -> dict[str, Any]:
    return {
        "codeProfession": practice.profession,
        "codeCategorieProfessionnelle": practice.category,
        "codeCiviliteDexercice": identity.title.upper(),
        "nomDexercice": identity.family_name.upper(),
        "prenomDexercice": identity.given_name,
        "codeTypeSavoirFaire": practice.know_how_type or ("S" if practice.know_how else ""),
        "codeSavoirFaire": practice.know_how,
        "activities": [_activity(place) for place in practice.activities],
    }


def _activity(place: Activity) -> dict[str, str]:
    return {
        "codeModeExercice": place.mode,
        "codeSecteurDactivite": place.sector,
        "codeSectionPharmacien": "",
        "codeRole": "",
        "codeGenreActivite": "GENR01",
        "numeroSiretSite": "",
        "numeroSirenSite": "",
        "numeroFinessSite": place.finess,
        "numeroFinessetablissementJuridique": place.finess_legal,
        "identifiantTechniqueDeLaStructure": _structure(place),
        "raisonSocialeSite": place.institution_name,
        "enseigneCommercialeSite": "",
        "complementDestinataire": "",
        "adresseEMail": "",
        "ancienIdentifiantDeLaStructure": f"1{place.finess}" if place.finess else "",
        "autoriteDenregistrement": "CNOM/CNOM/ARS",
    }


def _structure(place: Activity) -> str:
    """A structure without FINESS has a number of the register of practices: R and digits."""
    if place.finess:
        return f"F{place.finess}"
    return "R100000" if place.institution_name else ""
