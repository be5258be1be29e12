"""telepath/access.py: the one decision."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.access import RULES, Action, Allowed, Denied, Grant, ObjectRef, Right, lost, may
from telepath.actor import EMERGENCY, Actor, Role

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HERE, ELSEWHERE = "hospital-here", "hospital-elsewhere"
SLIDE = ObjectRef("slide", "slide-1", HERE)
ROOM = ObjectRef("room", "room-1", HERE, case_id="case-1")


def person(institution: str, *roles: Role) -> Actor:
    return Actor(person_id="someone", name="Dr Essai", institution_id=institution, roles=frozenset(roles))


def grant(**changes: object) -> Grant:
    values: dict[str, object] = {
        "id": "g",
        "subject_kind": "person",
        "subject_id": "someone",
        "object_kind": "slide",
        "object_id": "slide-1",
        "rights": frozenset({Right.VIEW}),
        "until": None,
        "because": "consult",
        "because_id": "consult-1",
        "epoch": 3,
    }
    return Grant(**(values | changes))  # type: ignore[arg-type]


def test_staff_of_the_owning_institution_may_view_its_slides() -> None:
    assert may(person(HERE, Role.REQUESTER), Action.SLIDE_VIEW, SLIDE, [], NOW) == Allowed("institution", HERE)


def test_an_auditor_of_the_owning_institution_sees_the_audit_but_no_slide() -> None:
    auditor = person(HERE, Role.AUDITOR)
    assert may(auditor, Action.AUDIT_READ, ObjectRef("institution", HERE, HERE), [], NOW)
    assert may(auditor, Action.SLIDE_VIEW, SLIDE, [], NOW) == Denied("no-grant")


@pytest.mark.parametrize(
    ("before", "after", "loses"),
    [
        ([Role.REQUESTER], [], Action.SLIDE_VIEW),
        ([Role.REQUESTER], [Role.ADMINISTRATOR, Role.AUDITOR], Action.SLIDE_VIEW),
        ([Role.REQUESTER, Role.AUDITOR], [Role.REQUESTER], Action.AUDIT_READ),
        ([Role.REQUESTER, Role.EXPERT], [Role.COORDINATOR], Action.DUTY_TAKE),
        ([Role.REQUESTER, Role.EXPERT], [Role.COORDINATOR, Role.EXPERT], None),
        ([Role.REQUESTER], list(Role), None),
        ([Role.ADMINISTRATOR], [Role.TECHNICIAN], Action.DIRECTORY_MANAGE),
        ([Role.TECHNICIAN], [Role.REQUESTER], None),
    ],
)
def test_roles_that_change_lose_what_none_of_the_new_ones_gives(
    before: list[Role], after: list[Role], loses: Action | None
) -> None:
    gone = lost(before, after)
    assert loses in gone if loses else not gone


def test_whom_a_code_let_in_looks_and_discusses_and_lets_nobody_else_in() -> None:
    requester, case = person(HERE, Role.REQUESTER), ObjectRef("case", "case-1", HERE)
    let_in = msgspec.structs.replace(requester, acr=EMERGENCY)
    for action in (Action.CASE_VIEW, Action.THREAD_WRITE, Action.CONSULT_REQUEST):
        assert may(let_in, action, case, [], NOW)
    for action in (Action.CASE_SHARE, Action.LINK_MAKE, Action.DELEGATION_GIVE):
        assert may(requester, action, case, [], NOW)
        assert may(let_in, action, case, [], NOW) == Denied("emergency")
    for action in (Action.DELEGATION_MANAGE, Action.CREDENTIAL_VERIFY):
        coordinator = person(HERE, Role.COORDINATOR)
        assert may(coordinator, action, case, [], NOW)
        assert may(msgspec.structs.replace(coordinator, acr=EMERGENCY), action, case, [], NOW) == Denied("emergency")


def test_a_share_with_a_group_of_ones_own_institution_gives_nothing_more_at_home() -> None:
    shared = [grant(subject_kind="group", subject_id="group-1", rights=frozenset({Right.VIEW, Right.ANNOTATE}))]
    for home, marks in ((HERE, False), (ELSEWHERE, True)):
        technician = msgspec.structs.replace(person(home, Role.TECHNICIAN), groups=frozenset({"group-1"}))
        assert may(technician, Action.SLIDE_VIEW, SLIDE, shared, NOW)
        assert bool(may(technician, Action.ANNOTATION_WRITE, SLIDE, shared, NOW)) == marks


def test_nobody_invites_a_guest_in_the_stead_of_somebody_else() -> None:
    stand_in = msgspec.structs.replace(
        person(HERE, Role.TECHNICIAN, Role.REQUESTER), borrowed=frozenset({(Role.REQUESTER, "absent")})
    )
    case = ObjectRef("case", "case-1", HERE)
    assert may(stand_in, Action.CONSULT_REQUEST, case, [], NOW) == Allowed("institution", HERE, 0, "absent")
    assert not may(stand_in, Action.LINK_MAKE, case, [], NOW)
    both = msgspec.structs.replace(stand_in, roles=stand_in.roles | {Role.COORDINATOR})
    assert may(both, Action.LINK_MAKE, case, [], NOW)


def test_a_stranger_may_nothing_without_a_grant() -> None:
    stranger = person(ELSEWHERE, *Role)
    for action in Action:
        assert not may(stranger, action, SLIDE, [], NOW)


def test_a_grant_opens_exactly_its_object_and_says_why() -> None:
    expert = person(ELSEWHERE, Role.EXPERT)
    assert may(expert, Action.SLIDE_VIEW, SLIDE, [grant()], NOW) == Allowed("consult", "consult-1", 3)
    assert not may(expert, Action.SLIDE_VIEW, ObjectRef("slide", "slide-2", HERE), [grant()], NOW)
    assert not may(expert, Action.ANNOTATION_WRITE, SLIDE, [grant()], NOW)


def test_a_grant_on_a_case_opens_neither_its_slides_nor_its_consults_nor_its_rooms() -> None:
    expert = person(ELSEWHERE, Role.EXPERT)
    on_case = grant(object_kind="case", object_id="case-1", rights=frozenset(Right))
    assert may(expert, Action.CASE_VIEW, ObjectRef("case", "case-1", HERE), [on_case], NOW)
    assert not may(expert, Action.SLIDE_VIEW, SLIDE, [on_case], NOW)
    assert not may(expert, Action.ROOM_JOIN, ROOM, [on_case], NOW)
    consult = ObjectRef("consult", "consult-1", HERE, case_id="case-1")
    assert not may(expert, Action.CONSULT_VIEW, consult, [on_case], NOW)


def test_a_grant_on_what_a_thing_stands_within_opens_it() -> None:
    expert = person(ELSEWHERE, Role.EXPERT)
    new_room = ObjectRef("room", "room-2", HERE, (("slide", "slide-1"),))
    assert may(expert, Action.ROOM_OPEN, new_room, [grant(rights=frozenset({Right.PRESENT}))], NOW)


def test_a_grant_ends_at_the_very_moment_that_it_says() -> None:
    expert = person(ELSEWHERE, Role.EXPERT)
    ending = grant(until=NOW)
    assert may(expert, Action.SLIDE_VIEW, SLIDE, [ending], NOW) == Denied("expired")
    assert may(expert, Action.SLIDE_VIEW, SLIDE, [ending], NOW - timedelta(microseconds=1))


def test_who_answers_does_so_where_they_were_asked() -> None:
    expert, consult = person(ELSEWHERE, Role.EXPERT), ObjectRef("consult", "consult-1", HERE)
    asked = grant(object_kind="consult", object_id="consult-1", rights=frozenset({Right.VIEW, Right.ANSWER}))
    there, nowhere = (msgspec.structs.replace(asked, institution_id=place) for place in ("a third hospital", ""))
    assert may(expert, Action.CONSULT_VIEW, consult, [there], NOW)
    assert may(expert, Action.CONSULT_ANSWER, consult, [there], NOW) == Denied("other-institution")
    assert may(expert, Action.CONSULT_ANSWER, consult, [there, nowhere], NOW)
    assert may(person(ELSEWHERE), Action.CONSULT_ANSWER, consult, [nowhere], NOW) == Denied("no-expert")


def test_a_grant_to_an_institution_is_a_grant_to_who_acts_for_it() -> None:
    shared = grant(subject_kind="institution", subject_id=ELSEWHERE)
    assert may(person(ELSEWHERE, Role.TECHNICIAN), Action.SLIDE_VIEW, SLIDE, [shared], NOW)
    assert not may(person("a third hospital", Role.TECHNICIAN), Action.SLIDE_VIEW, SLIDE, [shared], NOW)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OBSERVER, Role.ADMINISTRATOR])
def test_what_is_given_to_an_institution_is_not_for_those_who_work_with_no_case(role: Role) -> None:
    shared = grant(subject_kind="institution", subject_id=ELSEWHERE)
    assert not may(person(ELSEWHERE, role), Action.SLIDE_VIEW, SLIDE, [shared], NOW)
    by_name = may(person(ELSEWHERE, role), Action.SLIDE_VIEW, SLIDE, [grant()], NOW)
    assert bool(by_name) == (role is not Role.OBSERVER)


def test_a_guest_has_what_the_link_gives_and_nothing_of_where_it_was_made() -> None:
    guest = Actor(person_id="someone", name="Guest", institution_id="", link_id="link-1")
    given = [grant(subject_kind="link", subject_id="link-1", because="link")]
    assert may(guest, Action.SLIDE_VIEW, SLIDE, given, NOW)
    others = [
        grant(),
        grant(subject_kind="institution", subject_id=""),
        grant(subject_kind="institution", subject_id=HERE),
        grant(subject_kind="link", subject_id="link-2"),
    ]
    assert not may(guest, Action.SLIDE_VIEW, SLIDE, others, NOW)
    nowhere = ObjectRef("slide", "slide-1", "")
    assert not may(msgspec.structs.replace(guest, roles=frozenset(Role)), Action.SLIDE_VIEW, nowhere, others, NOW)


def test_a_group_and_an_absent_colleague_give_what_they_have_themselves() -> None:
    stranger = person(ELSEWHERE, Role.EXPERT)
    of_group = grant(subject_kind="group", subject_id="group-1")
    assert not may(stranger, Action.SLIDE_VIEW, SLIDE, [of_group], NOW)
    member = msgspec.structs.replace(stranger, groups=frozenset({"group-1"}))
    assert may(member, Action.SLIDE_VIEW, SLIDE, [of_group], NOW)
    of_absent = grant(subject_id="absent", institution_id=ELSEWHERE)
    assert not may(stranger, Action.SLIDE_VIEW, SLIDE, [of_absent], NOW)
    delegate = msgspec.structs.replace(stranger, stands_for=frozenset({"absent"}))
    assert may(delegate, Action.SLIDE_VIEW, SLIDE, [of_absent], NOW) == Allowed("consult", "consult-1", 3, "absent")
    # Who breaks the glass answers for it alone.
    broken = grant(subject_id="absent", because="break-glass")
    assert not may(delegate, Action.SLIDE_VIEW, SLIDE, [broken], NOW)
    assert may(msgspec.structs.replace(stranger, person_id="absent"), Action.SLIDE_VIEW, SLIDE, [broken], NOW)
    assert may(delegate, Action.SLIDE_VIEW, SLIDE, [grant()], NOW) == Allowed("consult", "consult-1", 3)
    # What the absent person has as another institution's member is not this one's to leave.
    for other in ("", "a third hospital"):
        assert not may(delegate, Action.SLIDE_VIEW, SLIDE, [grant(subject_id="absent", institution_id=other)], NOW)
    case = ObjectRef("case", "case-1", HERE)
    shown = grant(object_kind="case", object_id="case-1", rights=frozenset({Right.IDENTITY}), institution_id=ELSEWHERE)
    assert may(stranger, Action.PATIENT_VIEW, case, [shown], NOW)
    assert not may(delegate, Action.PATIENT_VIEW, case, [msgspec.structs.replace(shown, subject_id="absent")], NOW)


def test_what_a_passed_role_allows_says_whose_it_is() -> None:
    technician = person(HERE, Role.TECHNICIAN, Role.COORDINATOR)
    lent = msgspec.structs.replace(technician, borrowed=frozenset({(Role.COORDINATOR, "absent")}))
    case = ObjectRef("case", "case-1", HERE)
    assert may(lent, Action.CASE_VIEW, case, [], NOW) == Allowed("institution", HERE)
    assert may(lent, Action.CONSULT_MANAGE, case, [], NOW) == Allowed("institution", HERE, 0, "absent")


@given(
    st.sampled_from(list(Action)),
    st.frozensets(st.sampled_from(list(Role))),
    st.lists(
        st.builds(
            lambda rights, to: grant(rights=rights, subject_id=to),
            st.frozensets(st.sampled_from(list(Right))),
            st.sampled_from(["someone", "somebody else"]),
        )
    ),
)
def test_nothing_is_allowed_without_a_role_or_a_standing_grant(
    action: Action, roles: frozenset[Role], grants: list[Grant]
) -> None:
    decision = may(person(ELSEWHERE, *roles), action, SLIDE, grants, NOW)
    rights, needs = RULES[action].rights, RULES[action].needs
    observer = roles == {Role.OBSERVER}
    if needs is not None and needs not in roles:
        assert not decision
        return
    fitting = [g for g in grants if g.subject_id == "someone" and rights & g.rights and not observer]
    assert bool(decision) == bool(fitting)


def test_only_who_is_an_expert_now_accepts_and_answers() -> None:
    given = [grant(rights=frozenset({Right.VIEW, Right.ANSWER}))]
    for action in (Action.CONSULT_ACCEPT, Action.CONSULT_ANSWER):
        assert may(person(ELSEWHERE, Role.EXPERT), action, SLIDE, given, NOW)
        assert may(person(ELSEWHERE, Role.REQUESTER), action, SLIDE, given, NOW) == Denied("no-expert")
        assert may(person(ELSEWHERE, Role.EXPERT), action, SLIDE, [], NOW) == Denied("no-grant")
        assert not may(person("the-owner", *set(Role) - {Role.EXPERT}), action, SLIDE, given, NOW)


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_its_rule(action: Action) -> None:
    assert action in RULES
