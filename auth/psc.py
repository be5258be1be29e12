"""Reads what Pro Santé Connect says of a professional: claims → VerifiedIdentity. Pure.

Source: real userinfo documents (ansforge/PSC-POC). Texts may be empty instead of absent, keys may be missing, unknown keys
are ignored. ``SubjectNameID`` has a capital D; ``numeroFinessetablissementJuridique`` is spelt so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from auth.model import Activity, Practice, VerifiedIdentity, refused
from telepath.identifiers import rpps_of

LONGEST_AUTH_MODE: Final = 20
"""Characters that are kept. Nothing is decided by it: ``CARD`` and ``MOBILE`` are told, and more may come."""


class Kind(StrEnum):
    """Whose identifier a SubjectNameID is."""

    RPPS = "rpps"
    """A registered professional: ``8`` and the RPPS number."""
    ADELI = "adeli"
    """Of the register before: ``0`` and nine characters."""
    STAFF = "staff"
    """Somebody under the card of their institution (CPE, CPA): its number, a slash, and a number of its own."""
    TEST = "test"
    """An EDIT test identity."""
    OTHER = "other"


def kind_of(subject_name_id: str, other_ids: Sequence[Mapping[str, Any]]) -> Kind:
    """``other_ids``: ``otherIds`` of the same document; what it says of the origin of this identifier holds over its looks."""
    origins = {_text(one, "origine").upper() for one in other_ids if _text(one, "identifiant") == subject_name_id}
    if "EDIT" in origins or subject_name_id.startswith("ANS"):
        return Kind.TEST
    if "/" in subject_name_id or origins & {"CPE", "CPA"}:
        return Kind.STAFF
    if rpps_of(subject_name_id):
        return Kind.RPPS
    if len(subject_name_id) == 10 and subject_name_id.startswith("0"):
        return Kind.ADELI
    return Kind.OTHER


def identity(claims: Mapping[str, Any], userinfo: Mapping[str, Any], id_token: str) -> VerifiedIdentity:
    """Both documents are verified already (auth/tokens.py).

    Raises LoginFailed: no SubjectNameID, or the two documents name different people."""
    bound = subject_name_id(claims, userinfo)
    found = tuple(_practice(entry) for entry in _entries(_mapping(userinfo, "SubjectRefPro"), "exercices"))
    if kind_of(bound, _entries(userinfo, "otherIds")) is not Kind.RPPS:
        # No register stands behind it, so no speciality: nobody is an expert by a test card, or by their institution's.
        found = tuple(msgspec.structs.replace(one, know_how_type="", know_how="") for one in found)
    named = next((practice for practice in found if practice.family_name), Practice())
    return VerifiedIdentity(
        subject_name_id=bound,
        subject=claims["sub"],
        given_name=named.given_name or _text(userinfo, "given_name"),
        family_name=named.family_name or _text(userinfo, "family_name"),
        practices=found,
        acr=claims["acr"],
        auth_mode=(_text(claims, "authMode") or _text(userinfo, "authMode"))[:LONGEST_AUTH_MODE],
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


def subject_name_ids(documents: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Everybody whom these name, whether or not the rest of them holds."""
    return frozenset(found for one in documents if (found := _text(one, "SubjectNameID")))


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
