"""Every address, asked for by people who may not have what it leads to.

What is absent and what is refused must be the same bytes; nothing may answer 5xx."""

import pytest

from telepath.ids import make_id
from tests.addresses import ABSENT, OBJECTS, STREAMS, TABLE, named
from tests.town import HTML, JSON, STRANGERS, Town, says_nothing, seen
from web.app import ROUTES
from web.words import Words

UNASKED = {"case": make_id(1_700_000_000_000, b"never-here")}
"""Of nothing, and no administrator's address was tried with it: whose place that is has the refusal in its audit."""
FRAGMENT = {"Accept": "text/html", "HX-Request": "true"}
WORDS = Words()
BODIES: tuple[dict[str, str] | None, ...] = (None, {})
"""The one in TABLE, and an empty one: it is refused for its own sake, and in the same way."""


def test_every_address_of_the_service_has_its_row_and_every_row_its_address() -> None:
    routes = [name for route in ROUTES for name in named(route)]
    assert sorted(routes) == sorted(TABLE)
    assert len(routes) == len(set(routes))


@pytest.mark.parametrize("route", [name for name in TABLE if not name.startswith("WS")])
def test_nobody_is_shown_the_door_where_one_must_be_signed_in_and_the_page_elsewhere(
    town: Town, absent: dict[str, str], route: str
) -> None:
    row = TABLE[route]
    answers = [town.ask("", route, names) for names in (town.names, absent)]
    says_nothing(answers[0])
    if row.needs == "anybody":
        assert answers[0].status_code < 500
        return
    assert seen(answers[0], town.names) == seen(answers[1], absent)
    if route.startswith("GET"):
        assert answers[0].status_code == 303
        assert answers[0].headers["location"].startswith(("/login?return_to=", "/login/step-up?return_to="))
    else:
        assert answers[0].status_code == 401
    machine = town.ask("", route, town.names, JSON)
    assert machine.status_code == 401
    says_nothing(machine)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("route", [name for name in OBJECTS if not name.startswith("WS")])
def test_what_is_not_theirs_answers_a_stranger_like_what_is_not_there(
    town: Town, absent: dict[str, str], route: str, who: str
) -> None:
    before = town.content()
    for headers in (HTML, JSON, FRAGMENT):
        for body in BODIES:
            refused = town.ask(who, route, town.names, headers, body=body)
            missing = town.ask(who, route, absent, headers, body=body)
            assert seen(refused, town.names) == seen(missing, absent)
            says_nothing(refused)
            assert refused.status_code == 404 or (body == {} and 400 <= refused.status_code < 500)
    assert town.content() == before


@pytest.mark.parametrize("route", sorted(name for name in TABLE if TABLE[name].needs == "administrator"))
def test_who_administers_nothing_finds_no_administration(town: Town, absent: dict[str, str], route: str) -> None:
    either = town.names | {"absent": ABSENT}  # Zoé's own identifier stands in each page of hers
    for who in ("max", "zoe"):
        refused, missing = (town.ask(who, route, names) for names in (town.names, absent))
        assert seen(refused, either) == seen(missing, either)
        assert refused.status_code == 404


@pytest.mark.parametrize("route", ["GET /audit", "POST /audit/verify"])
@pytest.mark.parametrize("who", ["max", "zoe"])
def test_who_is_no_auditor_finds_no_audit(town: Town, route: str, who: str) -> None:
    refused = town.ask(who, route, town.names)
    with town.visitor(who) as client:
        missing = client.request(route.split()[0], "/nowhere", headers=HTML)
    assert refused.status_code == missing.status_code == 404
    assert "journal" not in refused.text


def test_a_refusal_is_known_to_the_auditor_and_what_is_absent_is_not(town: Town) -> None:
    town.ask("max", "GET /cases/{id}", UNASKED)
    town.ask("max", "GET /cases/{id}", town.names)
    assert town.recorded("access.refused", UNASKED["case"]) == 0
    assert town.recorded("access.refused", town.names["case"]) >= 1


@pytest.mark.parametrize("route", [name for name in OBJECTS if name.startswith("GET") and name not in STREAMS])
def test_those_whom_it_is_for_have_it(town: Town, route: str) -> None:
    keeper = {"administration": "adele", "coordination": "cora"}.get(route.split("/")[1], "zoe")
    who = "rosa" if route.startswith("GET /audit") else keeper
    assert town.ask(who, route, town.names).status_code == 200


@pytest.mark.parametrize("route", [name for name in OBJECTS if not name.startswith("WS") and "{id}" in name])
@pytest.mark.parametrize("key", ["x", "%00", "0" * 400, "..%2f..", "%F0%9F%98%80", "'; DROP TABLE cases; --", "ID "])
def test_what_cannot_be_an_identifier_is_not_found(town: Town, route: str, key: str) -> None:
    for who in ("zoe", "max"):
        answer = town.ask(who, route, dict.fromkeys(town.names, key))
        assert 400 <= answer.status_code < 500
        assert "Traceback" not in answer.text


def test_a_stranger_s_own_pages_say_nothing_of_others(town: Town) -> None:
    for route, row in TABLE.items():
        if row.needs == "person" and route.startswith("GET") and route not in STREAMS:
            answer = town.ask("max", route, town.names)
            assert answer.status_code < 400
            says_nothing(answer)
    with town.visitor("max") as client:
        for path in ("/cases?q=26-00417", "/cases?q=Ganglion", f"/cases?q={town.names['case']}"):
            answer = client.get(path, headers=HTML)
            assert answer.status_code == 200
            assert "Ganglion cervical" not in answer.text
            assert f'/cases/{town.names["case"]}"' not in answer.text


def test_a_refusal_tells_the_auditor_of_whom_it_was_refused_to_no_more_than_it_told_them(town: Town) -> None:
    for route in ("GET /cases/{id}", "GET /slides/{id}", "GET /consults/{id}", "GET /rooms/{id}"):
        assert town.ask("max", route, town.names).status_code == 404
    with town.visitor("nina") as client:
        listed = client.get("/audit/records?outcome=refused", headers=HTML)
        asked, other = (
            client.get(f"/audit/records?case={number}", headers=HTML) for number in ("26-00417", "26-99999")
        )
        by_id = client.get(f"/audit/records?case={town.names['case']}", headers=HTML)
    assert "Max Inconnu" in listed.text
    says_nothing(listed)
    for page in (asked, other, by_id):
        assert WORDS("fr")("audit-none") in page.text
    refused, missing = (town.ask("nina", "GET /audit/cases/{id}", names) for names in (town.names, UNASKED))
    assert seen(refused, town.names) == seen(missing, UNASKED)
    assert refused.status_code == 404


def test_a_slide_beside_that_was_not_given_answers_the_expert_like_what_is_not_there(town: Town) -> None:
    """Paul was given the slides of his consult. What came to the case since is not his."""
    with town.visitor("remi") as client:
        answers = [client.get(f"/slides/{key}", headers=HTML) for key in (town.names["other"], ABSENT)]
    assert answers[0].status_code == answers[1].status_code == 404
