from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from consults.deadlines import Urgency
from consults.kinds import HeldBecause
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import (
    DECLINE_LIMIT,
    QUESTION_LIMIT,
    Consult,
    Offer,
    Question,
    Reading,
    next_statement,
    signature_time,
)
from consults.opinion import Content, Draft, Kind
from telepath.actor import EMERGENCY, Actor
from telepath.errors import Forbidden, Invalid, InvalidTransition, StepUpRequired, TooLarge

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
QUESTION = Question("Lymphome ?", "62 ans.", "lymphoid", Urgency.STANDARD)


def a_consult(**given: Any) -> Consult:
    known: dict[str, Any] = {
        "id": "c",
        "case_id": "k",
        "institution_id": "i",
        "requester_id": "r",
        "status": ConsultStatus.ACTIVE,
        "question": "Lymphome ?",
        "clinical_context": "",
        "organ": "lymphoid",
        "urgency": Urgency.STANDARD,
        "requested_at": NOW,
        "due_at": NOW,
    }
    return Consult(**(known | given))


def a_reading(**given: Any) -> Reading:
    known: dict[str, Any] = {
        "id": "d",
        "consult_id": "c",
        "expert_id": "e",
        "institution_id": "j",
        "status": ReadingStatus.IN_PROGRESS,
        "rank": 2,
        "draft": Draft("Lymphome."),
        "started_at": NOW,
    }
    return Reading(**(known | given))


def an_offer(**given: Any) -> Offer:
    known: dict[str, Any] = {
        "id": "o",
        "consult_id": "c",
        "expert_id": "e",
        "institution_id": "j",
        "status": OfferStatus.PROPOSED,
        "reasons": [],
        "offered_at": NOW,
        "due_at": NOW,
    }
    return Offer(**(known | given))


def an_actor(seconds: float | None) -> Actor:
    """The expert, who authenticated so many seconds ago."""
    at = None if seconds is None else NOW - timedelta(seconds=seconds)
    return Actor(person_id="e", name="Dr Karim Haddad", institution_id="j", auth_time=at)


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"text": " "}, Invalid, "error-text-missing"),
        ({"organ": "thumb"}, Invalid, "error-case-organ"),
        ({"text": "x" * (QUESTION_LIMIT + 1)}, TooLarge, "error-text-too-long"),
        ({"clinical_context": "N° 2 79 03 51 215 189 89"}, Invalid, "error-text-patient"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(changed: dict[str, str], error: type[Invalid], code: str) -> None:
    with pytest.raises(error) as refused:
        msgspec.structs.replace(QUESTION, **changed).checked()
    assert refused.value.code == code


def test_a_question_is_trimmed() -> None:
    assert msgspec.structs.replace(QUESTION, text="  Lymphome ?\n").checked() == QUESTION


def test_a_consult_is_of_its_case_but_no_right_on_the_case_opens_it() -> None:
    ref = a_consult().ref
    assert ref.case_id == "k"
    assert ref.places() == (("consult", "c"),)


def test_a_refusal_without_a_reason_or_with_a_novel_is_not_taken() -> None:
    for reason, error in (("", Invalid), ("x" * (DECLINE_LIMIT + 1), TooLarge)):
        with pytest.raises(error):
            an_offer().decline(reason, NOW)


@pytest.mark.parametrize("status", [OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.WITHDRAWN])
def test_an_offer_is_answered_once(status: OfferStatus) -> None:
    for answer in (Offer.accept, Offer.withdraw):
        with pytest.raises(InvalidTransition):
            answer(an_offer(status=status), NOW)


@pytest.mark.parametrize("because", HeldBecause)
def test_the_clock_stands_still_on_any_hold(because: HeldBecause) -> None:
    hour = timedelta(hours=1)
    held = a_consult(paused_seconds=60).held(because, NOW)
    resumed = held.resumed(NOW + 9 * hour, NOW + 2 * hour)
    assert (resumed.due_at, resumed.paused_seconds, resumed.held_at) == (NOW + 9 * hour, 60 + 7200, None)
    asked = held.offered_again(NOW + 9 * hour, NOW + 2 * hour)
    assert asked == resumed
    assert asked.offered_again(NOW + 10 * hour, NOW + 3 * hour).paused_seconds == 60 + 7200


def test_an_ended_consult_is_offered_to_nobody() -> None:
    for status in (ConsultStatus.REVOKED, ConsultStatus.COMPLETED):
        with pytest.raises(InvalidTransition):
            a_consult(status=status).offered_again(NOW, NOW)


@pytest.mark.parametrize("seconds", [0, 299, 300])
def test_a_recent_authentication_signs(seconds: float) -> None:
    assert signature_time(an_actor(seconds), a_reading(), NOW, timedelta(minutes=5)) == NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [300.1, 86_400, None])
def test_an_older_one_does_not(seconds: float | None) -> None:
    with pytest.raises(StepUpRequired):
        signature_time(an_actor(seconds), a_reading(), NOW, timedelta(minutes=5))


def test_whoever_came_in_by_an_emergency_code_signs_nothing_however_recent_it_is() -> None:
    let_in = msgspec.structs.replace(an_actor(0), acr=EMERGENCY)
    with pytest.raises(Forbidden) as refused:
        signature_time(let_in, a_reading(), NOW, timedelta(minutes=5))
    assert refused.value.code == "error-emergency-signature"


def test_nobody_signs_the_reading_of_another() -> None:
    with pytest.raises(Forbidden):
        signature_time(an_actor(0), a_reading(expert_id="f"), NOW, timedelta(minutes=5))


def test_signing_empties_the_editor_and_keeps_the_time_of_the_first_signature() -> None:
    signed = a_reading().sign(NOW)
    assert (signed.status, signed.draft, signed.ended_at) == (ReadingStatus.COMPLETED, Draft(), NOW)
    amended = signed.write(Draft("Complément."), NOW).sign(NOW + timedelta(days=1))
    assert (amended.status, amended.ended_at) == (ReadingStatus.COMPLETED, NOW)


def test_an_empty_draft_of_a_reading_not_begun_cannot_be_signed() -> None:
    with pytest.raises(InvalidTransition):
        a_reading(status=ReadingStatus.ACCEPTED).sign(NOW)


def test_the_first_statement_is_the_opinion() -> None:
    statement = next_statement(a_consult(), a_reading(), Content("Lymphome."), [], NOW)
    assert (statement.number, statement.kind, statement.previous) == (1, Kind.OPINION, "")
