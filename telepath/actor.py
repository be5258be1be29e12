"""Who is acting: a person, in one activity, in one session; and whose data it is. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from telepath.errors import Forbidden, StepUpRequired

EMERGENCY: Final = "emergency"
"""Stands as ``acr`` in a session that an administrator's code opened while the identity provider was away."""


class Role(StrEnum):
    """What a person is in an institution. One person may have several."""

    REQUESTER = "requester"
    EXPERT = "expert"
    COORDINATOR = "coordinator"
    BOARD_CHAIR = "board-chair"
    TECHNICIAN = "technician"
    """Technician or secretary: prepares cases and slides, and neither asks for an opinion nor gives one."""
    AUDITOR = "auditor"
    OBSERVER = "observer"
    """Of a health agency: sees counts of ten cases and more, and no case."""
    ADMINISTRATOR = "administrator"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in practitioner, a guest, or the service itself (``SYSTEM``)."""

    person_id: str
    name: str
    """As shown to colleagues: "Dr Zoé Marchand"."""
    institution_id: str
    institution_name: str = ""
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()
    """Identifiers of the groups across institutions that the person, or their institution, belongs to."""
    stands_for: frozenset[str] = frozenset()
    """Identifiers of the absent people whose delegate this person is now."""
    borrowed: frozenset[tuple[Role, str]] = frozenset()
    """Those of ``roles`` that are not the person's own, each with the absent person whose it is."""
    link_id: str = ""
    """Of a guest: the share link that let them in. A guest has no institution, no role, and what the link gives."""
    subject_name_id: str = ""
    """Pro Santé Connect ``SubjectNameID``: ``8`` and the RPPS number."""
    session_id: str = ""
    """Hash of the session cookie: never the cookie itself."""
    acr: str = ""
    auth_time: datetime | None = None
    """When the person last proved who they are, at the identity provider."""
    language: str = "fr"
    time_zone: str = "Europe/Paris"
    address: str = ""
    device: str = ""

    @property
    def own_roles(self) -> frozenset[Role]:
        """Those that no absent colleague left them."""
        return self.roles - {role for role, _ in self.borrowed}

    @property
    def in_emergency(self) -> bool:
        """No provider proved who this is: a code did."""
        return self.acr == EMERGENCY

    def proven_within(self, now: datetime, within: timedelta) -> bool:
        """Whether it was proven no longer ago than ``within`` who this is."""
        return self.auth_time is not None and now - self.auth_time <= within

    def proven_at(self, now: datetime, within: timedelta, in_emergency: str = Forbidden.code) -> datetime:
        """When it was last proven who this is, for what asks for a recent authentication.

        Raises Forbidden, with the code ``in_emergency``: by no provider; StepUpRequired: longer than ``within`` ago."""
        if self.in_emergency:
            raise Forbidden(in_emergency)
        if self.auth_time is None or not self.proven_within(now, within):
            raise StepUpRequired
        return self.auth_time


SYSTEM = Actor(person_id="system", name="telepath", institution_id="system")
"""The service acting by itself: timers, the sealer, the command line."""


class Origin(msgspec.Struct, frozen=True):
    """Where a request comes from; for the audit."""

    address: str = ""
    device: str = ""


class Subject(msgspec.Struct, frozen=True):
    """Whose data it is: ``person``, ``case``, ``patient`` or ``visitor``, and its identifier."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
