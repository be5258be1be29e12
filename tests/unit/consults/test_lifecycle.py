from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

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
from consults.model import Consult, Offer, Reading
from consults.opinion import Draft
from telepath.errors import InvalidTransition

MACHINES: list[tuple[Mapping[tuple[Any, Any], Any], type[StrEnum], type[StrEnum]]] = [
    (CONSULT, ConsultStatus, ConsultAction),
    (READING, ReadingStatus, ReadingAction),
    (OFFER, OfferStatus, OfferAction),
]


@pytest.mark.parametrize(("machine", "statuses", "actions"), MACHINES)
def test_every_step_is_either_in_the_table_or_refused_with_both_words(
    machine: Mapping[tuple[Any, Any], Any], statuses: type[StrEnum], actions: type[StrEnum]
) -> None:
    for status in statuses:
        for action in actions:
            if (status, action) in machine:
                assert step(machine, status, action) in statuses
                continue
            with pytest.raises(InvalidTransition) as refused:
                step(machine, status, action)
            assert refused.value.params == {"action": action.value, "status": status.value}


@pytest.mark.parametrize(("machine", "statuses", "actions"), MACHINES)
def test_every_status_can_be_reached_and_every_action_is_used(
    machine: Mapping[tuple[Any, Any], Any], statuses: type[StrEnum], actions: type[StrEnum]
) -> None:
    first = next(iter(statuses))
    reached = {first}
    while more := {to for (status, _), to in machine.items() if status in reached} - reached:
        reached |= more
    assert reached == set(statuses)
    assert {action for _, action in machine} == set(actions)


def test_a_revoked_consult_stays_revoked() -> None:
    assert not any(status is ConsultStatus.REVOKED for status, _ in CONSULT)


def test_a_signed_reading_cannot_be_cancelled_or_signed_again() -> None:
    for action in (ReadingAction.CANCEL, ReadingAction.SIGN):
        with pytest.raises(InvalidTransition):
            step(READING, ReadingStatus.COMPLETED, action)


NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


class AnyoneDoesAnything(RuleBasedStateMachine):
    """Requester and experts act in any order, each act as the actions do it; a refused act changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.consult = Consult(
            id="c",
            case_id="k",
            institution_id="i",
            requester_id="r",
            status=step(CONSULT, ConsultStatus.DRAFT, ConsultAction.REQUEST),
            question="?",
            clinical_context="",
            organ="lymphoid",
            urgency=Urgency.STANDARD,
            requested_at=NOW,
            due_at=NOW + timedelta(days=7),
        )
        self.offers = [self._offer()]
        self.reading: Reading | None = None
        self.signatures = 0

    def _offer(self) -> Offer:
        return Offer(
            id="o",
            consult_id="c",
            expert_id="e",
            institution_id="j",
            status=OfferStatus.PROPOSED,
            reasons=[],
            offered_at=self.now,
            due_at=self.now + timedelta(days=7),
        )

    @rule()
    def ask_another(self) -> None:
        if self.reading is not None:
            return
        try:
            self.consult = self.consult.offered_again(self.now, self.now)
        except InvalidTransition:
            assert self.consult.status in (ConsultStatus.REVOKED, ConsultStatus.COMPLETED)
            return
        self.offers.append(self._offer())

    @rule(which=st.integers(0, 10))
    def accept(self, which: int) -> None:
        which %= len(self.offers)
        try:
            self.offers[which] = self.offers[which].accept(self.now)
        except InvalidTransition:
            return
        self.consult = self.consult.accepted(self.now)
        self.offers = [offer.withdraw(self.now) if offer.open else offer for offer in self.offers]
        self.reading = Reading(
            id="d",
            consult_id="c",
            expert_id="e",
            institution_id="j",
            status=step(READING, ReadingStatus.REQUESTED, ReadingAction.ACCEPT),
            rank=2,
            draft=Draft(),
            started_at=self.now,
        )

    @rule(which=st.integers(0, 10))
    def decline(self, which: int) -> None:
        which %= len(self.offers)
        try:
            self.offers[which] = self.offers[which].decline("Absent", self.now)
        except InvalidTransition:
            return
        self.consult = self.consult.declined(any(offer.open for offer in self.offers), self.now)

    @rule(text=st.text(max_size=3))
    def write(self, text: str) -> None:
        if self.reading is not None and self.reading.status is not ReadingStatus.CANCELLED:
            self.reading = self.reading.write(Draft(text), self.now)

    @rule()
    def sign(self) -> None:
        if self.reading is None:
            return
        try:
            signed = self.reading.sign(self.now)
        except InvalidTransition:
            assert self.reading.status in (ReadingStatus.ACCEPTED, ReadingStatus.CANCELLED)
            return
        if not self.reading.signed:
            self.consult = self.consult.completed(self.now)
        self.reading = signed
        self.signatures += 1

    @rule()
    def revoke(self) -> None:
        try:
            self.consult = self.consult.revoked(self.now)
        except InvalidTransition:
            return
        self.offers = [offer.withdraw(self.now) if offer.open else offer for offer in self.offers]
        if self.reading is not None:
            self.reading = self.reading.cancel(self.now)

    @invariant()
    def at_most_one_expert_reads(self) -> None:
        accepted = [offer for offer in self.offers if offer.status is OfferStatus.ACCEPTED]
        assert len(accepted) == (0 if self.reading is None else 1)

    @invariant()
    def whoever_reads_is_asked_alone(self) -> None:
        assert self.reading is None or not any(offer.open for offer in self.offers)

    @invariant()
    def a_consult_on_hold_waits_for_nobody_but_its_requester(self) -> None:
        if self.consult.status is ConsultStatus.ON_HOLD:
            assert self.reading is None
            assert all(offer.status is OfferStatus.DECLINED for offer in self.offers)

    @invariant()
    def an_active_consult_waits_for_somebody(self) -> None:
        if self.consult.status is ConsultStatus.ACTIVE:
            assert self.reading is not None or any(offer.open for offer in self.offers)

    @invariant()
    def completed_means_signed(self) -> None:
        signed = self.reading is not None and self.reading.signed
        assert signed == (self.consult.status is ConsultStatus.COMPLETED) == (self.signatures > 0)

    @invariant()
    def what_has_ended_says_when(self) -> None:
        ended = self.consult.status in (ConsultStatus.REVOKED, ConsultStatus.COMPLETED)
        assert ended == (self.consult.ended_at is not None)
        if ended:
            assert not any(offer.open for offer in self.offers)


TestNoSequenceReachesAWrongState = AnyoneDoesAnything.TestCase
TestNoSequenceReachesAWrongState.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
