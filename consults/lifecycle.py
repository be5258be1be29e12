"""Three small state machines, each a table: the consult, each expert's reading, each offer. Pure. Statuses are FHIR's.

Consult (ServiceRequest)            Reading (Task)                               Offer

  draft                               requested                                    proposed
    │ request                             │ accept                                   ├─ accept ──→ accepted
    ▼        hold                         ▼                                          ├─ decline ─→ declined
  active ─────────→ on-hold           accepted ── write ──→ in-progress ⟲ write,     ├─ withdraw → withdrawn
    │  ▲──────────────┘ │                 │ │                  │  │       commit     └─ expire ──→ expired
    │       resume      │          cancel │ └ countersign ─┐   │  │ sign
    │ complete   revoke │ revoke          └──→ cancelled ◄─│───┘  ▼
    ▼                   ▼                                  └─→ completed ⟲ amend
  completed          revoked

A consult on hold waits for its requester: nobody who was asked is left, or the expert needs more, and the clock stands still.
It is completed by the last signature that it needs. ``commit``: the opinion before the first diagnosis is shown. A second
signature is a reading of its own: accepted, and completed by ``countersign`` without a draft.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from telepath.errors import InvalidTransition


class ConsultStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"
    COMPLETED = "completed"


class ConsultAction(StrEnum):
    REQUEST = "request"
    HOLD = "hold"
    RESUME = "resume"
    REVOKE = "revoke"
    COMPLETE = "complete"


class ReadingStatus(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ReadingAction(StrEnum):
    ACCEPT = "accept"
    WRITE = "write"
    COMMIT = "commit"
    SIGN = "sign"
    COUNTERSIGN = "countersign"
    AMEND = "amend"
    CANCEL = "cancel"


class OfferStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class OfferAction(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


CONSULT: Final[Mapping[tuple[ConsultStatus, ConsultAction], ConsultStatus]] = {
    (ConsultStatus.DRAFT, ConsultAction.REQUEST): ConsultStatus.ACTIVE,
    (ConsultStatus.ACTIVE, ConsultAction.HOLD): ConsultStatus.ON_HOLD,
    (ConsultStatus.ON_HOLD, ConsultAction.RESUME): ConsultStatus.ACTIVE,
    (ConsultStatus.ACTIVE, ConsultAction.REVOKE): ConsultStatus.REVOKED,
    (ConsultStatus.ON_HOLD, ConsultAction.REVOKE): ConsultStatus.REVOKED,
    (ConsultStatus.ACTIVE, ConsultAction.COMPLETE): ConsultStatus.COMPLETED,
}

READING: Final[Mapping[tuple[ReadingStatus, ReadingAction], ReadingStatus]] = {
    (ReadingStatus.REQUESTED, ReadingAction.ACCEPT): ReadingStatus.ACCEPTED,
    (ReadingStatus.ACCEPTED, ReadingAction.WRITE): ReadingStatus.IN_PROGRESS,
    (ReadingStatus.IN_PROGRESS, ReadingAction.WRITE): ReadingStatus.IN_PROGRESS,
    (ReadingStatus.IN_PROGRESS, ReadingAction.COMMIT): ReadingStatus.IN_PROGRESS,
    (ReadingStatus.IN_PROGRESS, ReadingAction.SIGN): ReadingStatus.COMPLETED,
    (ReadingStatus.ACCEPTED, ReadingAction.COUNTERSIGN): ReadingStatus.COMPLETED,
    (ReadingStatus.COMPLETED, ReadingAction.AMEND): ReadingStatus.COMPLETED,
    (ReadingStatus.REQUESTED, ReadingAction.CANCEL): ReadingStatus.CANCELLED,
    (ReadingStatus.ACCEPTED, ReadingAction.CANCEL): ReadingStatus.CANCELLED,
    (ReadingStatus.IN_PROGRESS, ReadingAction.CANCEL): ReadingStatus.CANCELLED,
}

OFFER: Final[Mapping[tuple[OfferStatus, OfferAction], OfferStatus]] = {
    (OfferStatus.PROPOSED, OfferAction.ACCEPT): OfferStatus.ACCEPTED,
    (OfferStatus.PROPOSED, OfferAction.DECLINE): OfferStatus.DECLINED,
    (OfferStatus.PROPOSED, OfferAction.WITHDRAW): OfferStatus.WITHDRAWN,
    (OfferStatus.PROPOSED, OfferAction.EXPIRE): OfferStatus.EXPIRED,
}

S = TypeVar("S", ConsultStatus, ReadingStatus, OfferStatus)
A = TypeVar("A", ConsultAction, ReadingAction, OfferAction)


def step(machine: Mapping[tuple[S, A], S], status: S, action: A) -> S:
    """Raises InvalidTransition: this action is not possible in this status."""
    try:
        return machine[status, action]
    except KeyError:
        raise InvalidTransition(action, status) from None
