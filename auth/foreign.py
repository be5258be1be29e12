"""Reads what a provider of foreign experts says of a person: claims → VerifiedIdentity. Pure.

Such a provider vouches for an account of its own and a name, and for nothing else: no national number, no profession and no
place of work is ever believed from it. The person is bound under ``<key of the provider>:<sub>``, which no national identifier
and no other provider's person can be.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from auth.model import VerifiedIdentity, refused

LONGEST_SUBJECT_NAME_ID: Final = 64
"""As the directory keeps it."""


class ClaimNames(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which names the provider tells what is shown of a person."""

    given_name: str = "given_name"
    family_name: str = "family_name"


def identity(
    key: str, names: ClaimNames, claims: Mapping[str, Any], userinfo: Mapping[str, Any], id_token: str
) -> VerifiedIdentity:
    """Both documents are verified already (auth/tokens.py).

    Raises LoginFailed: the subject is too long to be kept under the provider's key."""
    sid = claims.get("sid")
    return VerifiedIdentity(
        subject_name_id=subject_name_id(key, userinfo),
        subject=claims["sub"],
        given_name=_name(names.given_name, userinfo, claims),
        family_name=_name(names.family_name, userinfo, claims),
        acr=claims["acr"],
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        provider_session=sid if isinstance(sid, str) else "",
        id_token=id_token,
        provider=key,
    )


def subject_name_id(key: str, userinfo: Mapping[str, Any]) -> str:
    """Raises LoginFailed: it would be longer than what the directory keeps, and a part of it could be another's."""
    subject = userinfo.get("sub")
    if not isinstance(subject, str) or not subject:
        raise refused("subject-missing")
    whole = f"{key}:{subject}"
    if len(whole) > LONGEST_SUBJECT_NAME_ID:
        raise refused("subject-name-id-too-long")
    return whole


def _name(name: str, *documents: Mapping[str, Any]) -> str:
    told = (document.get(name) for document in documents)
    return next((value.strip()[:100] for value in told if isinstance(value, str) and value.strip()), "")
