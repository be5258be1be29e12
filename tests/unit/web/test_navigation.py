"""Where pages lead somebody by themselves, by their roles. Written by hand, as the product promises it."""

import msgspec
import pytest

from telepath.actor import EMERGENCY, Actor, Role
from web.navigation import desks_of, first_of, offered, places_of

CLINIC = ["worklist", "cases", "absence", "notices"]
EXPERT = ["worklist", "cases", "duties", "absence", "notices"]
ADMINISTRATOR = [
    "members",
    "invitations",
    "institution",
    "departments",
    "groups",
    "absence",
    "links",
    "sessions",
    "emergency",
    "break-glass",
]


def acting_as(*roles: Role) -> Actor:
    return Actor(person_id="person", name="Dr Inès Flamboyant", institution_id="place", roles=frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "places", "desks", "first"),
    [
        ([Role.REQUESTER], CLINIC, [], "/"),
        ([Role.EXPERT], EXPERT, [], "/"),
        ([Role.BOARD_CHAIR], CLINIC, [], "/"),
        ([Role.TECHNICIAN], CLINIC, [], "/"),
        (
            [Role.COORDINATOR],
            ["worklist", "cases", "coordination", "absence", "statistics", "notices", "administration"],
            ["credentials", "absence", "links", "break-glass"],
            "/",
        ),
        ([Role.AUDITOR], ["notices", "audit"], [], "/audit"),
        ([Role.OBSERVER], ["statistics", "notices"], [], "/statistics"),
        ([Role.ADMINISTRATOR], ["notices", "administration"], ADMINISTRATOR, "/administration"),
        ([Role.ADMINISTRATOR, Role.AUDITOR], ["notices", "administration", "audit"], ADMINISTRATOR, "/audit"),
        ([Role.AUDITOR, Role.EXPERT], [*EXPERT, "audit"], [], "/"),
        ([], ["notices"], [], "/"),
    ],
)
def test_each_role_is_led_to_what_is_theirs_and_nowhere_else(
    roles: list[Role], places: list[str], desks: list[str], first: str
) -> None:
    actor = acting_as(*roles)
    assert [place.code for place in places_of(actor)] == places
    assert [desk.code for desk in desks_of(actor)] == desks
    assert first_of(actor).path == first


def test_whom_a_code_let_in_is_not_led_to_what_lets_others_in() -> None:
    let_in = msgspec.structs.replace(acting_as(Role.COORDINATOR), acr=EMERGENCY)
    assert [place.code for place in places_of(let_in)] == [
        "worklist",
        "cases",
        "coordination",
        "statistics",
        "notices",
        "administration",
    ]
    assert [desk.code for desk in desks_of(let_in)] == ["links", "break-glass"]


def test_nothing_is_offered_to_who_is_not_signed_in() -> None:
    assert places_of(None) == []
    assert not offered(None, "audit.extract")
    assert offered(acting_as(Role.COORDINATOR), "audit.extract")
    assert not offered(acting_as(Role.EXPERT), "audit.extract")
