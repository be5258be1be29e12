"""When an answer is final: every order in which expert, co-readers, countersigner and third reader may act."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from consults.completion import Missing, Need, Signature, concluded, missing, reading_of
from consults.deadlines import Urgency
from consults.grades import Graded, disputed
from consults.kinds import ConsultKind, Dispute, Grade, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import Consult, Opinion, Reading, in_force, next_statement
from consults.opinion import Content, Draft, Kind
from consults.versions import sealed, versions, visible
from telepath.errors import Invalid, InvalidTransition

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
RANK = {ReadingRole.THIRD: 3}


def asked(**changed: object) -> Consult:
    made = Consult(
        id="c",
        case_id="k",
        institution_id="i",
        requester_id="r",
        status=ConsultStatus.ACTIVE,
        question="?",
        clinical_context="",
        organ="soft-tissue",
        urgency=Urgency.STANDARD,
        requested_at=NOW,
        due_at=NOW + timedelta(days=7),
    )
    return msgspec.structs.replace(made, **changed)


def read_by(person: str, role: ReadingRole = ReadingRole.EXPERT) -> Reading:
    return Reading(
        id=f"reading of {person}",
        consult_id="c",
        expert_id=person,
        institution_id="j",
        status=ReadingStatus.ACCEPTED,
        rank=RANK.get(role, 2),
        draft=Draft(),
        started_at=NOW,
        role=role,
    )


class ManySign(RuleBasedStateMachine):
    """Whoever may sign does so in any order; a refused act changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.consult = asked()
        self.readings = [read_by("expert")]
        self.opinions: list[Opinion] = []
        self.signatures: list[Signature] = []
        self.released_before = 0
        self.held_to_it = False

    @initialize(network=st.booleans(), countersigned=st.booleans())
    def request(self, network: bool, countersigned: bool) -> None:
        kind = ConsultKind.NETWORK if network else ConsultKind.EXPERT
        self.consult = asked(kind=kind, countersigned=countersigned, first_diagnosis="Liposarcome")

    def _replace(self, changed: Reading) -> None:
        self.readings = [changed if one.id == changed.id else one for one in self.readings]

    def _conclude(self) -> None:
        self.now += timedelta(minutes=1)
        self.consult = concluded(self.consult, self.readings, self.opinions, self.signatures, self.now)

    @rule(role=st.sampled_from([ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER, ReadingRole.THIRD]))
    def join(self, role: ReadingRole) -> None:
        open_to = {ReadingRole.THIRD: self.consult.dispute is Dispute.THIRD}.get(role, True)
        if self.consult.status is ConsultStatus.ACTIVE and open_to and len(self.readings) < 6:
            self.readings.append(read_by(f"{role} {len(self.readings)}", role))

    @rule(which=st.integers(0, 9))
    def leave(self, which: int) -> None:
        one = self.readings[which % len(self.readings)]
        if one.role is ReadingRole.EXPERT or one.status not in (ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS):
            return
        self._replace(one.cancel(self.now))
        self._conclude()  # the answer may have waited for them alone

    @rule(
        third=st.booleans(),
        amends=st.booleans(),
        grade=st.sampled_from(Grade),
        settle=st.sampled_from([None, Dispute.THIRD, Dispute.COLLEGIAL]),
    )
    def write_and_sign(self, third: bool, amends: bool, grade: Grade, settle: Dispute | None) -> None:
        reading = reading_of(self.readings, ReadingRole.THIRD if third else ReadingRole.EXPERT)
        if reading is None or self.consult.status not in (ConsultStatus.ACTIVE, ConsultStatus.COMPLETED):
            return
        reading = reading.write(Draft("Texte."), self.now)
        try:
            said = next_statement(self.consult, reading, Content("Texte."), self.opinions, self.now, amends=amends)
        except Invalid:
            # An addendum to what nobody has seen.
            assert not amends
            assert not self.consult.opinions_released
            return
        self._replace(reading.sign(self.now))
        self.opinions.append(
            Opinion(
                id=f"opinion {said.number}",
                consult_id="c",
                reading_id=reading.id,
                number=said.number,
                kind=said.kind,
                author_id=reading.expert_id,
                institution_id="j",
                content=said.content,
                digest="0" * 64,
                signed_at=self.now,
                acr="eidas2",
                auth_time=self.now,
                verification=f"code {said.number}",
            )
        )
        if said.kind is Kind.OPINION and not third:
            self.consult = disputed(self.consult, Graded(grade, "Autre entité.", settle))
        self._conclude()

    @rule(which=st.integers(0, 9))
    def sign_beside(self, which: int) -> None:
        one = self.readings[which % len(self.readings)]
        text = in_force(self.opinions, "reading of expert")
        if text is None or one.role not in (ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER):
            return
        if any(done.opinion_id == text.id and done.person_id == one.expert_id for done in self.signatures):
            return
        try:
            self._replace(one.countersign(self.now))
        except InvalidTransition:
            assert one.status is ReadingStatus.CANCELLED
            return
        self.signatures.append(
            Signature(
                id=f"signature {len(self.signatures)}",
                opinion_id=text.id,
                person_id=one.expert_id,
                institution_id="j",
                role=one.role,
                digest=text.digest,
                signed_at=self.now,
                acr="eidas2",
                auth_time=self.now,
            )
        )
        self._conclude()

    @rule()
    def revoke(self) -> None:
        if not self.opinions and self.consult.status is ConsultStatus.ACTIVE:
            self.consult = self.consult.revoked(self.now)
            self.readings = [
                one.cancel(self.now) if one.status is not ReadingStatus.CANCELLED else one for one in self.readings
            ]

    @invariant()
    def nothing_is_shown_before_the_answer_is_final(self) -> None:
        shown = visible(self.consult, self.readings, self.opinions, None)
        assert bool(shown) == (self.consult.status is ConsultStatus.COMPLETED)
        assert len(shown) == self.consult.opinions_released
        assert self.consult.opinions_released in (0, len(self.opinions))

    @invariant()
    def what_was_shown_stays_shown(self) -> None:
        assert self.consult.opinions_released >= self.released_before
        self.released_before = self.consult.opinions_released

    @invariant()
    def a_final_answer_has_every_signature_that_it_needs(self) -> None:
        if self.consult.status is not ConsultStatus.COMPLETED or self.held_to_it:
            return
        self.held_to_it = True  # at that moment: later corrections wait for nobody
        text = in_force(self.opinions, "reading of expert")
        assert text is not None
        signed = {one.role for one in self.signatures if one.opinion_id == text.id}
        third = reading_of(self.readings, ReadingRole.THIRD)
        settled = self.consult.dispute is Dispute.SETTLED
        assert self.consult.dispute not in (Dispute.THIRD, Dispute.COLLEGIAL)
        assert settled or not self.consult.countersigned or ReadingRole.COUNTERSIGNER in signed
        by_third = third is not None and in_force(self.opinions, third.id) is not None
        by_session = text.kind is Kind.AMENDMENT and ReadingRole.CO_READER in signed
        assert not settled or by_third or by_session
        for one in self.readings:
            if one.role is ReadingRole.CO_READER and one.status is not ReadingStatus.CANCELLED:
                assert any(done.person_id == one.expert_id and done.opinion_id == text.id for done in self.signatures)

    @invariant()
    def an_open_consult_says_what_it_waits_for(self) -> None:
        wanting = missing(self.consult, self.readings, self.opinions, self.signatures)
        if self.consult.status is ConsultStatus.ACTIVE:
            assert wanting
        if self.consult.status is ConsultStatus.COMPLETED:
            assert wanting == ()

    @invariant()
    def one_text_of_each_reader_stands_and_amendments_say_what_they_replace(self) -> None:
        told = versions(self.opinions, self.readings, self.signatures)
        for reading in self.readings:
            texts = [one for one in told if one.opinion.reading_id == reading.id and one.title != "addendum"]
            assert sum(one.stands for one in texts) == (1 if texts else 0)
        for one in self.opinions:
            assert (one.kind is Kind.AMENDMENT) == (one.content.replaces > 0)
            assert one.content.replaces < one.number


TestNoOrderOfSignaturesReachesAWrongState = ManySign.TestCase
TestNoOrderOfSignaturesReachesAWrongState.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)


def test_a_network_settles_a_major_discordance_and_an_expert_only_if_they_want_so() -> None:
    network, expert = asked(kind=ConsultKind.NETWORK), asked()
    assert disputed(network, Graded(Grade.MAJOR)).dispute is Dispute.THIRD
    assert disputed(network, Graded(Grade.MAJOR, settle=Dispute.COLLEGIAL)).dispute is Dispute.COLLEGIAL
    assert disputed(network, Graded(Grade.MINOR, settle=Dispute.THIRD)).dispute is None
    assert disputed(expert, Graded(Grade.MAJOR)).dispute is None
    assert disputed(expert, Graded(Grade.MAJOR, settle=Dispute.THIRD)).dispute is Dispute.THIRD
    assert disputed(expert, Graded(Grade.MAJOR, settle=Dispute.SETTLED)).dispute is None


def test_a_consult_that_nobody_reads_waits_for_an_expert() -> None:
    assert missing(asked(), [], [], []) == (Missing(Need.EXPERT),)
    assert missing(asked(), [read_by("e")], [], []) == (Missing(Need.EXPERT, "e"),)


@pytest.mark.parametrize("role", ReadingRole)
def test_only_who_judges_the_slides_reads_blind(role: ReadingRole) -> None:
    blind = asked(blind=True, first_diagnosis="Liposarcome")
    one = read_by("e", role)
    assert sealed(blind, one) == (role is not ReadingRole.COUNTERSIGNER)
    assert not sealed(blind, None)
    assert not sealed(asked(), one)
    assert not sealed(blind, one.reveal(NOW))


def test_what_was_committed_is_kept_as_it_stood_and_only_before_the_first_diagnosis_is_shown() -> None:
    with pytest.raises(Invalid) as refused:
        read_by("e").commit(NOW)
    assert refused.value.params["field"] == "conclusion"
    written = read_by("e").write(Draft("Liposarcome."), NOW).commit(NOW)
    assert (written.committed, written.committed_at) == (Draft("Liposarcome."), NOW)
    changed = written.reveal(NOW).write(Draft("Myxofibrosarcome."), NOW)
    assert changed.committed == Draft("Liposarcome.")
    for act in (changed.commit, changed.reveal):
        with pytest.raises(Invalid):
            act(NOW)
