"""A consult, its offers and its readings: plain values. Pure: each verb returns the changed value, or raises.

Lengths in characters. Times are aware. ``version`` is the row's, as it was read."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from consults.deadlines import Urgency
from consults.lifecycle import (
    CONSULT,
    OFFER,
    READING,
    ConsultAction,
    ConsultStatus,
    OfferAction,
    OfferStatus,
    ReadingAction,
    ReadingStatus,
    step,
)
from consults.opinion import Content, Draft, IdentifiedBy, Kind, Statement
from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.cases.model import CONTEXT_LIMIT, ORGANS
from telepath.cases.wording import plain
from telepath.errors import Forbidden, Invalid

QUESTION_LIMIT: Final = 2_000
DECLINE_LIMIT: Final = 500
FOLLOW_UP: Final = timedelta(days=30)
"""How long the expert keeps access after signing: to explain, and to write an addendum."""


class Question(msgspec.Struct, frozen=True):
    """What the requester asks, before anyone is chosen."""

    text: str
    clinical_context: str
    organ: str
    urgency: Urgency

    def checked(self) -> "Question":
        """The same, trimmed. Raises Invalid: nothing is asked, an unknown organ, a patient's number; TooLarge."""
        if self.organ not in ORGANS:
            raise Invalid("error-case-organ")
        text = plain(self.text, field="question", limit=QUESTION_LIMIT, lines=True)
        if not text:
            raise Invalid("error-text-missing", field="question")
        context = plain(self.clinical_context, field="context", limit=CONTEXT_LIMIT, lines=True)
        return msgspec.structs.replace(self, text=text, clinical_context=context)


class Consult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case_id: str
    institution_id: str
    """Of the requester: the one that owns the case."""
    requester_id: str
    status: ConsultStatus
    question: str
    clinical_context: str
    organ: str
    urgency: Urgency
    requested_at: datetime
    due_at: datetime
    """Of the expert's offer that was accepted; before, of the latest offer."""
    ended_at: datetime | None = None
    shows_identity: bool = False
    """The requester lets the expert see who the patient is."""
    version: int = 1

    @property
    def ref(self) -> ObjectRef:
        return consult_ref(self.id, self.institution_id, self.case_id)

    def offered_again(self, due_at: datetime) -> "Consult":
        """One more expert is asked. A consult on hold becomes active again. Raises InvalidTransition: it has ended."""
        if self.status is ConsultStatus.ACTIVE:
            return msgspec.structs.replace(self, due_at=due_at)
        return msgspec.structs.replace(self, status=step(CONSULT, self.status, ConsultAction.RESUME), due_at=due_at)

    def accepted(self, due_at: datetime) -> "Consult":
        return msgspec.structs.replace(self, due_at=due_at)

    def declined(self, others_asked: bool) -> "Consult":
        """Waits for its requester unless somebody else may still accept."""
        return self if others_asked else self._step(ConsultAction.HOLD)

    def revoked(self, now: datetime) -> "Consult":
        return msgspec.structs.replace(self._step(ConsultAction.REVOKE), ended_at=now)

    def completed(self, now: datetime) -> "Consult":
        return msgspec.structs.replace(self._step(ConsultAction.COMPLETE), ended_at=now)

    def _step(self, action: ConsultAction) -> "Consult":
        return msgspec.structs.replace(self, status=step(CONSULT, self.status, action))


def consult_ref(consult_id: str, institution_id: str, case_id: str) -> ObjectRef:
    return ObjectRef("consult", consult_id, institution_id, case_id=case_id)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One expert who was asked. ``institution_id`` is where this expert reads."""

    id: str
    consult_id: str
    expert_id: str
    institution_id: str
    status: OfferStatus
    reasons: list[dict[str, Any]]
    """Why this expert was proposed: ``code`` and ``params`` of consults/routing.py."""
    decline_reason: str = ""
    offered_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        return self.status is OfferStatus.PROPOSED

    def accept(self, now: datetime) -> "Offer":
        return self._answer(OfferAction.ACCEPT, now)

    def withdraw(self, now: datetime) -> "Offer":
        return self._answer(OfferAction.WITHDRAW, now)

    def decline(self, reason: str, now: datetime) -> "Offer":
        """Raises Invalid: a refusal without a reason helps nobody; TooLarge."""
        why = plain(reason, field="decline-reason", limit=DECLINE_LIMIT, lines=True)
        if not why:
            raise Invalid("error-text-missing", field="decline-reason")
        return msgspec.structs.replace(self._answer(OfferAction.DECLINE, now), decline_reason=why)

    def _answer(self, action: OfferAction, now: datetime) -> "Offer":
        return msgspec.structs.replace(self, status=step(OFFER, self.status, action), answered_at=now)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One expert's work on one consult."""

    id: str
    consult_id: str
    expert_id: str
    institution_id: str
    status: ReadingStatus
    rank: int
    """2 is the expert's reading (L2); 1 is the requester's own."""
    draft: Draft
    """After the signature: the draft of the next addendum."""
    drafted_at: datetime | None = None
    started_at: datetime
    ended_at: datetime | None = None
    version: int = 1

    @property
    def signed(self) -> bool:
        return self.status is ReadingStatus.COMPLETED

    def write(self, draft: Draft, now: datetime) -> "Reading":
        """Keep a draft, of the opinion or, once it is signed, of an addendum. Raises TooLarge, InvalidTransition."""
        draft.check()
        action = ReadingAction.AMEND if self.signed else ReadingAction.WRITE
        return msgspec.structs.replace(self, status=step(READING, self.status, action), draft=draft, drafted_at=now)

    def sign(self, now: datetime) -> "Reading":
        """The draft becomes an opinion, or an addendum, and the editor is empty again."""
        action = ReadingAction.AMEND if self.signed else ReadingAction.SIGN
        return msgspec.structs.replace(
            self,
            status=step(READING, self.status, action),
            draft=Draft(),
            drafted_at=None,
            ended_at=self.ended_at or now,
        )

    def cancel(self, now: datetime) -> "Reading":
        return msgspec.structs.replace(self, status=step(READING, self.status, ReadingAction.CANCEL), ended_at=now)


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """A signed statement: never changed, never deleted."""

    id: str
    consult_id: str
    reading_id: str
    number: int
    kind: Kind
    author_id: str
    institution_id: str
    content: Content
    digest: str
    signed_at: datetime
    acr: str
    auth_time: datetime
    verification: str
    identified_by: IdentifiedBy | None = None
    """Of an author without an RPPS number."""


def next_statement(
    consult: Consult,
    reading: Reading,
    content: Content,
    earlier: list[Opinion],
    now: datetime,
    identified_by: IdentifiedBy | None = None,
) -> Statement:
    """What the coming signature will cover: the opinion when nothing was signed yet, else an addendum to the last."""
    return Statement(
        consult_id=consult.id,
        number=len(earlier) + 1,
        kind=Kind.ADDENDUM if earlier else Kind.OPINION,
        question=consult.question,
        author_id=reading.expert_id,
        institution_id=reading.institution_id,
        signed_at=now,
        content=content,
        previous=earlier[-1].digest if earlier else "",
        identified_by=identified_by,
    )


def signature_time(actor: Actor, reading: Reading, now: datetime, within: timedelta) -> datetime:
    """When the signer last proved who they are. Only the reader signs, and only freshly authenticated.

    Raises Forbidden: another person's reading, or an emergency session, which signs nothing; StepUpRequired: the
    authentication is older than ``within``."""
    if actor.person_id != reading.expert_id:
        raise Forbidden
    return actor.proven_at(now, within, in_emergency="error-emergency-signature")
