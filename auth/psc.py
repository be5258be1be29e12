"""Reads what Pro Santé Connect says of a professional: claims → VerifiedIdentity. Pure.

Source: real userinfo documents (ansforge/PSC-POC). Texts may be empty instead of absent, keys may be missing, unknown keys
are ignored. ``SubjectNameID`` has a capital D; ``numeroFinessetablissementJuridique`` is spelt so.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from auth.model import Activity, Practice, VerifiedIdentity, refused


def identity(claims: Mapping[str, Any], userinfo: Mapping[str, Any], id_token: str) -> VerifiedIdentity:
    """Both documents are verified already (auth/tokens.py).

    Raises LoginFailed: no SubjectNameID, or the two documents name different people."""
    found = tuple(_practice(entry) for entry in _entries(_mapping(userinfo, "SubjectRefPro"), "exercices"))
    named = next((practice for practice in found if practice.family_name), Practice())
    return VerifiedIdentity(
        subject_name_id=subject_name_id(claims, userinfo),
        subject=claims["sub"],
        given_name=named.given_name or _text(userinfo, "given_name"),
        family_name=named.family_name or _text(userinfo, "family_name"),
        practices=found,
        acr=claims["acr"],
        auth_mode=_text(claims, "authMode") or _text(userinfo, "authMode"),
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        provider_session=_text(claims, "sid"),
        id_token=id_token,
    )


def subject_name_id(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> str:
    """The binding key. ``claims``: of the ID token; they need not name it.

    Raises LoginFailed: there is none, the two documents name different people, or it could be another provider's."""
    found = _text(userinfo, "SubjectNameID")
    if not found:
        raise refused("subject-name-id-missing")
    # A card swapped between the two answers: one practitioner would be let in with another's token.
    if _text(claims, "SubjectNameID") not in {"", found}:
        raise refused("subject-name-id-differs")
    if len(found) > 64:
        raise refused("subject-name-id-too-long")
    # "provider:sub" is how people of other providers are kept (auth/foreign.py).
    if ":" in found:
        raise refused("subject-name-id-foreign")
    return found


def _practice(entry: Mapping[str, Any]) -> Practice:
    return Practice(
        profession=_text(entry, "codeProfession"),
        category=_text(entry, "codeCategorieProfessionnelle"),
        title=_text(entry, "codeCiviliteDexercice"),
        given_name=_text(entry, "prenomDexercice"),
        family_name=_text(entry, "nomDexercice"),
        know_how_type=_text(entry, "codeTypeSavoirFaire"),
        know_how=_text(entry, "codeSavoirFaire"),
        activities=tuple(
            Activity(
                name=_text(place, "raisonSocialeSite") or _text(place, "enseigneCommercialeSite"),
                finess=_text(place, "numeroFinessSite"),
                finess_legal=_text(place, "numeroFinessetablissementJuridique"),
                structure_id=_text(place, "identifiantTechniqueDeLaStructure"),
                mode=_text(place, "codeModeExercice"),
                sector=_text(place, "codeSecteurDactivite"),
            )
            for place in _entries(entry, "activities")
        ),
    )


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value.strip() if isinstance(value, str) else ""


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _entries(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = document.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
