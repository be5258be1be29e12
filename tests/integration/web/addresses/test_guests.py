"""What a guest reaches: what they were invited to, and nothing else; and their door."""

import re

from tests.addresses import ABSENT, STREAMS, TABLE, TOKEN
from tests.town import HTML, Town, says_nothing, seen


def test_a_guest_reaches_what_they_were_invited_to_and_nothing_else(town: Town, absent: dict[str, str]) -> None:
    """Whatever a route would say: what is not named for guests does not exist for them."""
    own = {"POST /slides/{id}/view"} | {
        f"GET /slides/{{id}}{of}" for of in ("", "/thumbnail", "/building", "/colour.lut", "/annotations", "/regions")
    }
    for route, row in TABLE.items():
        if route.startswith("WS") or route in {"POST /guest/leave", "POST /logout", *STREAMS}:
            continue
        answer = town.ask("gina", route, town.names)
        if route in own:
            assert answer.status_code in (200, 204), route
            assert "26-00417" not in answer.text, route
        elif route in {"GET /", "GET /login"}:
            assert (answer.status_code, answer.headers["location"]) == (303, "/guest")
        elif not re.match(r"\w+ /(guest|asked|session|login/|check|verify|about|language|theme|health)", route):
            assert answer.status_code == 404, route
            says_nothing(answer)
            assert seen(answer, town.names) == seen(town.ask("gina", route, absent), absent), route
        else:
            assert answer.status_code < 500, route
            assert row.needs in {"anybody", "person"}, route
    with town.visitor("gina") as client:
        page = client.get("/guest", headers=HTML).text
    assert f'/slides/{town.names["slide"]}"' in page
    assert "26-00417" not in page
    assert "Ganglion cervical" not in page


def test_the_door_for_guests_tells_no_address_from_another(town: Town) -> None:
    addresses = (TOKEN, "a-token-that-a-letter-carriez".ljust(43, "-"), "no-token", "é" * 30, "a" * 300, ABSENT)
    answers = []
    for token in addresses:
        with town.visitor() as client:
            letter = client.get(f"/guest/{token}", headers=HTML)
            assert (letter.status_code, letter.headers["location"]) == (303, "/guest/enter")
            assert letter.headers["referrer-policy"] == "no-referrer"
            assert letter.headers["cache-control"] == "no-store"
            assert "noindex" in letter.headers["x-robots-tag"]
            door = client.get("/guest/enter", headers=HTML)
            tried = client.post("/guest/enter", headers=HTML, data={"digits": "00000000"})
            assert token not in door.text + tried.text
            answers.append([(one.status_code, one.text, sorted(set(one.headers) - {"date"})) for one in (door, tried)])
    assert answers == answers[:1] * len(addresses)
    assert [status for status, _, _ in answers[0]] == [200, 403]
