"""What an archive of a consult carries of each table, and what it leaves behind, and why. A test walks the whole schema.

Who people are, where they work and what somebody may do is said by each instance's own directory and grants; an archive names
those alone whom its rows name. Nothing in it says who the patient is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from sqlalchemy import Boolean, Column, Float, Integer, String, Table

from consults.deadlines import Urgency
from consults.kinds import (
    Adoption,
    ConsultKind,
    DeclineCode,
    Dispute,
    Grade,
    HeldBecause,
    IncidentKind,
    MaterialKind,
    OutcomeKind,
    Policy,
    ReadingRole,
    Side,
    Trigger,
    Verdict,
)
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.opinion import Content, Draft, IdentifiedBy, Kind, Shown
from telepath.cases.attachments import PageSize
from telepath.cases.codings import Coding
from telepath.cases.model import ORGANS
from telepath.db.schema import cases, consults, slides
from telepath.db.schema.columns import Instant
from telepath.geometry import Look, View

ANEW: Final = "read anew from the file, in the sandbox"
HERE: Final = "of one instance"
Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-hjkmnp-tv-z]{26}\Z")]
"""As telepath/ids.py makes them: files are kept under some."""
WORDS: Final = 100_000
"""Characters of a text without a limit of its own."""


class Carried(msgspec.Struct, frozen=True):
    """The rows of one table that go with a consult, by ``columns``; ``left``: the other columns, and why they stay."""

    table: Table
    columns: tuple[str, ...]
    left: Mapping[str, str] = {}


def _carried(table: Table, columns: str, **left: str) -> Carried:
    return Carried(table, tuple(columns.split()), left)


CARRIED: Final[tuple[Carried, ...]] = (
    _carried(
        cases.case,
        "id institution_id number organ title clinical_context created_by created_at active_at proposed_diagnosis"
        " gross_description codings circumstances non_opposition non_opposition_by non_opposition_at",
        erased_at="of an erased case nothing goes out",
        patient_id="who the patient is stays where they are treated",
        version=HERE,
    ),
    _carried(cases.specimen, "id case_id label description"),
    _carried(
        slides.slide,
        "id institution_id case_id specimen_id label stain block entry width height digest bytes added_by added_at section"
        " label_check",
        folder="its identifier",
        format=ANEW,
        source=ANEW,
        mpp=ANEW,
        objective=ANEW,
        levels=ANEW,
        channels=ANEW,
        planes=ANEW,
        plane_spacing=ANEW,
        background=ANEW,
        profile=ANEW,
        mpp_source="a scale that somebody entered is entered again: whoever reads on must believe it themselves",
        mpp_by="as the source of the scale",
        mpp_read=ANEW,
        mpp_offered=ANEW,
        version=HERE,
    ),
    _carried(
        slides.slide_view,
        "id slide_id person_id opened_at",
        session_id=HERE,
        because=HERE,
        because_id=HERE,
        epoch=HERE,
        expires_at="over when it comes in",
        revoked_at="over when it comes in",
        colour="in the opinion that was signed on it",
        quality="in the opinion that was signed on it",
        warming="what was sent ahead was not read",
    ),
    _carried(
        cases.attachment,
        "id case_id title kind pages bytes digest added_by added_at",
        folder="its identifier",
        removed_at="what was removed stays removed",
    ),
    _carried(
        cases.annotation,
        "id slide_id case_id kind geometry label author_id created_at operation_id version",
        deleted="what was taken away stays away",
    ),
    _carried(
        consults.consult,
        "id case_id institution_id requester_id status question clinical_context organ urgency requested_at due_at ended_at"
        " opinions_released shows_identity kind network trigger policy blind first_diagnosis countersigned dispute"
        " held_because held_at paused_seconds shows_earlier adoption adoption_reason adopted_at",
        opinions_read="who has read what here",
        pool_id="pools are kept by the institutions of one instance",
        follows_id="another consult, with an archive of its own",
        version=HERE,
    ),
    _carried(
        cases.key_region,
        "id case_id consult_id slide_id label view image pinned_by pinned_at removed_at",
    ),
    _carried(
        cases.thread_line,
        "id case_id consult_id room_id author_id text slide_id view written_at",
    ),
    _carried(
        consults.offer,
        "id consult_id expert_id institution_id status reasons decline_reason offered_at due_at answered_at decline_code role",
        answer_by="of a timer",
        version=HERE,
    ),
    _carried(
        consults.reading,
        "id consult_id expert_id institution_id status rank started_at ended_at role committed committed_digest committed_at"
        " revealed_at paused_before",
        draft="the reader's own until it is signed",
        drafted_at="the reader's own until it is signed",
        version=HERE,
    ),
    _carried(
        consults.opinion,
        "id consult_id reading_id number kind author_id institution_id content digest signed_at acr auth_time verification"
        " identified_by",
    ),
    _carried(
        consults.opinion_signature,
        "id opinion_id person_id institution_id role digest signed_at acr auth_time identified_by shown",
    ),
    _carried(
        consults.concordance,
        "id consult_id reading_id side grade comment graded_by graded_at",
        version=HERE,
    ),
    _carried(
        consults.material_request,
        "id consult_id reading_id kind text asked_by asked_at answer answer_text answered_by answered_at",
        version=HERE,
    ),
    _carried(consults.incident, "id consult_id kind text noted_by noted_at"),
    _carried(consults.outcome, "id consult_id kind verdict text recorded_by recorded_at"),
)
"""In an order in which rows can be written: none names one of a later table."""

LEFT: Final[dict[str, str]] = {
    "absence": "the directory of one instance",
    "audit_anchor": "the audit goes as an extract with its proofs",
    "audit_checkpoint": "the audit goes as an extract with its proofs",
    "audit_log": "the audit goes as an extract with its proofs",
    "audit_node": "the audit goes as an extract with its proofs",
    "audit_pending": "the audit goes as an extract with its proofs",
    "audit_shard": "the audit goes as an extract with its proofs",
    "break_glass": "an access in an emergency, of the case; the audit tells it",
    "care_group": "the directory of one instance",
    "care_group_member": "the directory of one instance",
    "case_view": "of a session",
    "consult_import": "where a consult came from; each archive says so itself",
    "consult_view": "of a session",
    "credential": "the directory of one instance; what a signature stands on is in the opinion",
    "decoupled_login": "of a login",
    "delegation": "the directory of one instance",
    "department": "the directory of one instance",
    "display_check": "of the screens of one instance; what a signature stands on is in the opinion",
    "duty": "pools are kept by the institutions of one instance",
    "duty_swap": "pools are kept by the institutions of one instance",
    "emergency": "of a login",
    "emergency_code": "of a login",
    "expertise": "the directory of one instance",
    "grants": "nobody gets a right from an archive",
    "held_slide": "of another case, perhaps",
    "institution": "named by those columns that name one: see archive.Place",
    "invitation": "the directory of one instance",
    "login": "of a login",
    "logout_token": "of a login",
    "membership": "nobody gets a right from an archive",
    "notice": "what somebody was told",
    "notice_preference": "how somebody is told",
    "outbox": "what is still to be told",
    "patient": "who the patient is stays where they are treated",
    "person": "named by those columns that name one: see archive.Named",
    "pool": "pools are kept by the institutions of one instance",
    "pool_member": "pools are kept by the institutions of one instance",
    "preferred_expert": "somebody's own",
    "pyramid_work": "made anew from what comes in",
    "room": "a live session is over; what was said in it is in the discussion",
    "room_fact": "a live session is over; the audit tells it",
    "room_visit": "a live session is over; the audit tells it",
    "routing_rule": "of the coordinators of one instance",
    "saved_filter": "somebody's own",
    "session": "of a login",
    "setting_seen": "of one instance",
    "share_link": "nobody gets a right from an archive",
    "subject_key": "of one vault",
    "timer": "nothing begins from an archive",
    "turnaround": "of the coordinators of one instance",
    "upload": "on its way, and of no case yet",
    "upload_file": "on its way, and of no case yet",
}
"""Tables of which nothing goes along, and why."""


class Because(msgspec.Struct, frozen=True):
    """Why an expert was proposed (consults/routing.py)."""

    code: str
    params: dict[str, str | int | float]


Organ = Literal[ORGANS]  # type: ignore[valid-type]
KINDS: Final[dict[Column[Any], Any]] = {
    cases.case.c.organ: Organ,
    cases.case.c.codings: tuple[Coding, ...],
    cases.case.c.circumstances: tuple[str, ...],
    cases.case.c.non_opposition: Literal["", "informed", "refused"],
    slides.slide.c.label_check: Literal["", "verified", "unverified"],
    cases.attachment.c.kind: Literal["pdf", "picture"],
    cases.attachment.c.pages: tuple[PageSize, ...],
    cases.annotation.c.kind: Literal["point", "rectangle"],
    cases.annotation.c.geometry: dict[str, float | Look],
    cases.key_region.c.view: View,
    cases.thread_line.c.view: View | None,
    consults.consult.c.status: ConsultStatus,
    consults.consult.c.organ: Organ,
    consults.consult.c.urgency: Urgency,
    consults.consult.c.kind: ConsultKind,
    consults.consult.c.trigger: Trigger | None,
    consults.consult.c.policy: Policy,
    consults.consult.c.dispute: Dispute | None,
    consults.consult.c.held_because: HeldBecause | None,
    consults.consult.c.adoption: Adoption | None,
    consults.offer.c.status: OfferStatus,
    consults.offer.c.reasons: tuple[Because, ...],
    consults.offer.c.decline_code: DeclineCode | None,
    consults.offer.c.role: ReadingRole,
    consults.reading.c.status: ReadingStatus,
    consults.reading.c.role: ReadingRole,
    consults.reading.c.committed: Draft | None,
    consults.opinion.c.kind: Kind,
    consults.opinion.c.content: Content,
    consults.opinion.c.identified_by: IdentifiedBy | None,
    consults.opinion_signature.c.role: ReadingRole,
    consults.opinion_signature.c.identified_by: IdentifiedBy | None,
    consults.opinion_signature.c.shown: Shown | None,
    consults.concordance.c.side: Side,
    consults.concordance.c.grade: Grade,
    consults.material_request.c.kind: MaterialKind,
    consults.material_request.c.answer: Literal["", "provided", "impossible", "withdrawn"],
    consults.incident.c.kind: IncidentKind,
    consults.outcome.c.kind: OutcomeKind,
    consults.outcome.c.verdict: Verdict,
}
"""What a column holds, where its type in the database does not say it all."""

PEOPLE_BESIDE: Final = frozenset(
    {
        cases.case.c.non_opposition_by,
        slides.slide.c.added_by,
        slides.slide_view.c.person_id,
        consults.material_request.c.answered_by,
    }
)
"""Columns that name a person without a foreign key. A slide may have been added by the service itself."""


def names(column: Column[Any]) -> str:
    """``person`` or ``institution``, when the column names one; "": neither."""
    if column in PEOPLE_BESIDE:
        return "person"
    return next((key.column.table.name for key in column.foreign_keys if key.column.table.name in _NAMED), "")


_NAMED: Final = ("person", "institution")


def _kind(column: Column[Any]) -> Any:
    if column in KINDS:
        return KINDS[column]
    kind = _plain(column)
    return kind | None if column.nullable else kind


def _plain(column: Column[Any]) -> Any:
    if column.name == "id":
        return Id
    if isinstance(column.type, Instant):
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if isinstance(column.type, Boolean):
        return bool
    if isinstance(column.type, Float):
        return float
    if isinstance(column.type, Integer):
        limit = (1 << 31) - 1 if column.type.__class__ is Integer else (1 << 53) - 1
        return Annotated[int, msgspec.Meta(ge=0, le=limit)]
    if isinstance(column.type, String):
        return Annotated[str, msgspec.Meta(max_length=column.type.length or WORDS)]
    raise TypeError(column)


ROWS: Final[dict[str, Any]] = {
    one.table.name: msgspec.defstruct(
        one.table.name,
        [(name, _kind(one.table.c[name])) for name in one.columns],
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )
    for one in CARRIED
}
"""Table → a struct with exactly its carried columns: nothing more, nothing less, nothing too long for it."""
