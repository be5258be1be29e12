"""Invented professionals, and what Pro Santé Connect would say of them. Pure.

The shape is that of real documents (ansforge/PSC-POC, UserInfo_site_PSC.json): empty texts instead of absent keys."""

from typing import Any

import msgspec


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A place of work. Invented FINESS numbers have letters, as those of the national test cards."""

    finess: str
    institution_name: str
    finess_legal: str = ""
    mode: str = "S"
    sector: str = "SA01"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One invented professional, as shown on the wallet page and told to clients."""

    subject_name_id: str
    """``8`` and an RPPS number that the register does not give: 997…"""
    given_name: str
    family_name: str
    title: str = "Dr"
    profession: str = "10"
    know_how: str = "SM01"
    """Empty: none."""
    finess: str
    institution_name: str
    other_activities: tuple[Activity, ...] = ()
    description: str = ""
    """What to try with this identity; shown on the wallet page."""
    description_en: str = ""
    acr: str = "eidas1"
    auth_mode: str = "CARD"

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)

    @property
    def initials(self) -> str:
        return (self.given_name[:1] + self.family_name[:1]).upper()

    @property
    def activities(self) -> tuple[Activity, ...]:
        return (Activity(finess=self.finess, institution_name=self.institution_name), *self.other_activities)


def userinfo(identity: Identity, sub: str) -> dict[str, Any]:
    """What the userinfo endpoint answers."""
    first = identity.activities[0]
    return {
        "Secteur_Activite": f"{first.sector}^1.2.250.1.71.4.2.4",
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
            "exercices": [
                {
                    "codeProfession": identity.profession,
                    "codeCategorieProfessionnelle": "C",
                    "codeCiviliteDexercice": identity.title.upper(),
                    "nomDexercice": identity.family_name.upper(),
                    "prenomDexercice": identity.given_name,
                    "codeTypeSavoirFaire": "S" if identity.know_how else "",
                    "codeSavoirFaire": identity.know_how,
                    "activities": [_activity(place) for place in identity.activities],
                }
            ],
        },
        "SubjectOrganizationID": f"F{first.finess}",
        "SubjectRole": [f"{identity.profession}^1.2.250.1.213.1.1.5.5"],
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
        "otherIds": other_ids(identity),
        "SubjectNameID": identity.subject_name_id,
    }


def other_ids(identity: Identity) -> list[dict[str, Any]]:
    return [{"identifiant": identity.subject_name_id, "origine": "RPPS", "qualite": 1}]


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
        "identifiantTechniqueDeLaStructure": f"F{place.finess}",
        "raisonSocialeSite": place.institution_name,
        "enseigneCommercialeSite": "",
        "complementDestinataire": "",
        "adresseEMail": "",
        "ancienIdentifiantDeLaStructure": f"1{place.finess}",
        "autoriteDenregistrement": "CNOM/CNOM/ARS",
    }
