"""A consult, its offers and its readings: plain values. Pure: each verb returns the changed value, or raises.

Lengths in characters. Times are aware. ``version`` is the row's, as it was read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from consults.deadlines import Urgency
from consults.kinds import Adoption, ConsultKind, DeclineCode, Dispute, HeldBecause, Policy, ReadingRole, Trigger
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
from consults.opinion import Content, Draft, IdentifiedBy, Kind, Statement, fingerprint
from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.cases.model import CONTEXT_LIMIT, ORGANS
from telepath.cases.wording import plain
from telepath.errors import Forbidden, Invalid, InvalidTransition

QUESTION_LIMIT: Final = 2_000
DECLINE_LIMIT: Final = 500
COMMENT_LIMIT: Final = 2_000
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
    opinions_released: int = 0
    """The number of the last opinion or addendum that the requester may see: nothing before the answer is final."""
    shows_identity: bool = False
    """The requester lets the expert see who the patient is."""
    kind: ConsultKind = ConsultKind.EXPERT
    network: str = ""
    """Code of consults/networks.py; "": none."""
    trigger: Trigger | None = None
    policy: Policy = Policy.NAMED
    pool_id: str | None = None
    blind: bool = False
    """The expert commits an opinion before ``first_diagnosis`` is shown."""
    first_diagnosis: str = ""
    """What the requester proposed, as it stood when the request was sent."""
    countersigned: bool = False
    """Needs a second signature."""
    dispute: Dispute | None = None
    held_because: HeldBecause | None = None
    held_at: datetime | None = None
    paused_seconds: int = 0
    """How long the clock had stood still before, in all: on hold, for whatever reason."""
    follows_id: str | None = None
    """The consult that this one follows."""
    shows_earlier: bool = False
    """Its reader sees what was answered there, and before."""
    adoption: Adoption | None = None
    adoption_reason: str = ""
    adopted_at: datetime | None = None
    version: int = 1

    @property
    def ref(self) -> ObjectRef:
        return consult_ref(self.id, self.institution_id, self.case_id)

    def offered_again(self, due_at: datetime, now: datetime) -> "Consult":
        """One more expert is asked. A consult on hold becomes active again. Raises InvalidTransition: it has ended."""
        if self.status is ConsultStatus.ACTIVE:
            return msgspec.structs.replace(self, due_at=due_at)
        return self.resumed(due_at, now)

    def accepted(self, due_at: datetime) -> "Consult":
        return msgspec.structs.replace(self, due_at=due_at)

    def declined(self, others_asked: bool, now: datetime) -> "Consult":
        """Waits for its requester unless somebody else may still accept."""
        return self if others_asked else self.held(HeldBecause.DECLINED, now)

    def held(self, because: HeldBecause, now: datetime) -> "Consult":
        """Waits for its requester. Raises InvalidTransition."""
        return msgspec.structs.replace(self._step(ConsultAction.HOLD), held_because=because, held_at=now)

    def stood(self, now: datetime) -> int:
        """Seconds for which its clock has stood still by now, in all."""
        return self.paused_seconds + int((now - (self.held_at or now)).total_seconds())

    def resumed(self, due_at: datetime, now: datetime) -> "Consult":
        """Goes on, towards a deadline that takes account of the time that its clock stood still. Raises InvalidTransition: it
        was not on hold."""
        return msgspec.structs.replace(
            self._step(ConsultAction.RESUME),
            due_at=due_at,
            held_because=None,
            held_at=None,
            paused_seconds=self.stood(now),
        )

    def signable(self) -> None:
        """Raises InvalidTransition: it waits for its requester, and nothing is signed meanwhile."""
        if self.status is ConsultStatus.ON_HOLD:
            raise InvalidTransition(ConsultAction.COMPLETE, self.status, "error-signing-stopped")

    def revoked(self, now: datetime) -> "Consult":
        return msgspec.structs.replace(self._step(ConsultAction.REVOKE), ended_at=now)

    def completed(self, now: datetime) -> "Consult":
        return msgspec.structs.replace(self._step(ConsultAction.COMPLETE), ended_at=now)

    def released(self, number: int) -> "Consult":
        """The requester may see what was signed up to this number."""
        return msgspec.structs.replace(self, opinions_released=number)

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
    decline_code: DeclineCode | None = None
    role: ReadingRole = ReadingRole.EXPERT
    """Of the reading that it would begin."""
    answer_by: datetime | None = None
    """When the next one is asked; None: nobody is."""
    version: int = 1

    @property
    def open(self) -> bool:
        return self.status is OfferStatus.PROPOSED

    def accept(self, now: datetime) -> "Offer":
        return self._answer(OfferAction.ACCEPT, now)

    def withdraw(self, now: datetime) -> "Offer":
        return self._answer(OfferAction.WITHDRAW, now)

    def expire(self, now: datetime) -> "Offer":
        """Nobody answered in time, and the next one is asked."""
        return self._answer(OfferAction.EXPIRE, now)

    def handed_over(self, reason: str) -> "Offer":
        """Accepted, and left to somebody else: the reason stands where that of a refusal does. It is checked by the caller."""
        return msgspec.structs.replace(self, decline_reason=reason)

    def decline(self, reason: str, now: datetime, code: DeclineCode = DeclineCode.OTHER) -> "Offer":
        """Raises Invalid: ``other`` without a reason helps nobody; TooLarge."""
        why = plain(reason, field="decline-reason", limit=DECLINE_LIMIT, lines=True)
        if not why and code is DeclineCode.OTHER:
            raise Invalid("error-text-missing", field="decline-reason")
        declined = self._answer(OfferAction.DECLINE, now)
        return msgspec.structs.replace(declined, decline_reason=why, decline_code=code)

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
    """2 is the expert's reading (L2), 3 a third reading; 1 is the requester's own."""
    draft: Draft
    """After the signature: the draft of the next addendum."""
    drafted_at: datetime | None = None
    started_at: datetime
    ended_at: datetime | None = None
    role: ReadingRole = ReadingRole.EXPERT
    committed: Draft | None = None
    """The draft as it stood when it was committed, before the first diagnosis was shown."""
    committed_digest: str = ""
    committed_at: datetime | None = None
    revealed_at: datetime | None = None
    """When the first diagnosis was shown to this reader."""
    paused_before: int = 0
    """Seconds for which the consult's clock had stood still when it began."""
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

    def commit(self, now: datetime) -> "Reading":
        """Keep the draft as it stands, before the first diagnosis is shown. Raises InvalidTransition; Invalid: no conclusion
        yet, or the first diagnosis was seen already."""
        if self.revealed_at is not None:
            raise Invalid("error-revealed-already")
        if not self.draft.conclusion.strip():
            raise Invalid("error-text-missing", field="conclusion")
        return msgspec.structs.replace(
            self,
            status=step(READING, self.status, ReadingAction.COMMIT),
            committed=self.draft,
            committed_digest=fingerprint(self.draft),
            committed_at=now,
        )

    def reveal(self, now: datetime) -> "Reading":
        """The first diagnosis is shown to this reader. Raises Invalid: it was already."""
        if self.revealed_at is not None:
            raise Invalid("error-revealed-already")
        return msgspec.structs.replace(self, revealed_at=now)

    def countersign(self, now: datetime) -> "Reading":
        """Signed beside the author, or signed again what replaced it: no draft of one's own. Raises InvalidTransition."""
        action = ReadingAction.AMEND if self.signed else ReadingAction.COUNTERSIGN
        ended_at = self.ended_at or now
        return msgspec.structs.replace(
            self, status=step(READING, self.status, action), draft=Draft(), drafted_at=None, ended_at=ended_at
        )

    def send_back(self, comment: str, now: datetime) -> "Reading":
        """Not signed, and why; kept as this reader's remarks. Raises Invalid: no comment; TooLarge; InvalidTransition."""
        why = plain(comment, field="comment", limit=COMMENT_LIMIT, lines=True)
        if not why:
            raise Invalid("error-text-missing", field="comment")
        if self.status not in (ReadingStatus.ACCEPTED, ReadingStatus.COMPLETED):
            raise InvalidTransition(ReadingAction.COUNTERSIGN, self.status)
        return msgspec.structs.replace(self, draft=Draft(remarks=why), drafted_at=now)

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
    *,
    amends: bool = False,
) -> Statement:
    """What the coming signature will cover: the opinion when this reader signed nothing yet, else an addendum to it or, with
    ``amends``, what replaces it. Raises Invalid: an addendum to what nobody has seen yet."""
    standing = in_force(earlier, reading.id)
    if standing is not None and not amends and not consult.opinions_released:
        raise Invalid("error-addendum-too-early")
    if standing is not None and amends:
        content = msgspec.structs.replace(content, replaces=standing.number)
    return Statement(
        consult_id=consult.id,
        number=len(earlier) + 1,
        kind=Kind.OPINION if standing is None else Kind.AMENDMENT if amends else Kind.ADDENDUM,
        question=consult.question,
        author_id=reading.expert_id,
        institution_id=reading.institution_id,
        signed_at=now,
        content=content,
        previous=earlier[-1].digest if earlier else "",
        identified_by=identified_by,
    )


def in_force(opinions: Iterable[Opinion], reading_id: str) -> Opinion | None:
    """The last full text of this reading: its opinion, or what replaced it. None: nothing is signed."""
    texts = [one for one in opinions if one.reading_id == reading_id and one.kind is not Kind.ADDENDUM]
    return max(texts, key=lambda one: one.number, default=None)


def signature_time(actor: Actor, reading: Reading, now: datetime, within: timedelta) -> datetime:
    """When the signer last proved who they are. Only the reader signs, and only freshly authenticated.

    Raises Forbidden: another person's reading, or an emergency session, which signs nothing; StepUpRequired: the
    authentication is older than ``within``."""
    if actor.person_id != reading.expert_id:
        raise Forbidden
    return actor.proven_at(now, within, in_emergency="error-emergency-signature")
