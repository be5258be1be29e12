"""The socket of a room and the tiles of a slide, asked for by people who may not have them."""

import json
import re

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from telepath.ids import is_id
from tests.addresses import ABSENT
from tests.town import HTML, STRANGERS, Town, seen


def handshake(town: Town, path: str, who: str, origin: str | None = None) -> tuple[int, list[tuple[str, str]], bytes]:
    """How the node refuses it. Raises AssertionError: it does not."""
    headers = {"Cookie": f"telepath=cookie-of-{who}"} if who else {}
    uri = town.origin.replace("http", "ws", 1) + path
    try:
        with connect(
            uri, origin=Origin(origin or town.origin), additional_headers=headers, compression=None, open_timeout=20
        ):
            raise AssertionError("the handshake was accepted")
    except InvalidStatus as refused:
        answer = refused.response
        kept = [(name.lower(), value) for name, value in answer.headers.raw_items() if name.lower() != "date"]
        return answer.status_code, kept, bytes(answer.body or b"")


@pytest.mark.parametrize("who", STRANGERS)
def test_the_socket_of_a_room_answers_a_stranger_as_that_of_no_room(town: Town, who: str) -> None:
    refused = handshake(town, f"/rooms/{town.names['room']}/live", who)
    assert refused == handshake(town, f"/rooms/{ABSENT}/live", who)
    assert refused[0] == 404


def test_nobody_gets_no_socket(town: Town) -> None:
    refused = handshake(town, f"/rooms/{town.names['room']}/live", "")
    assert refused == handshake(town, f"/rooms/{ABSENT}/live", "")
    assert refused[0] == 401


@pytest.mark.parametrize("evil", ["https://evil.example", "null", "http://localhost", "{origin}.evil.example"])
def test_a_page_of_another_origin_gets_no_socket_whoever_is_signed_in(town: Town, evil: str) -> None:
    for key in (town.names["room"], ABSENT):
        assert handshake(town, f"/rooms/{key}/live", "zoe", evil.format(origin=town.origin))[0] == 403


def test_the_owner_gets_the_socket_and_the_stream(town: Town) -> None:
    uri = f"{town.origin.replace('http', 'ws', 1)}/rooms/{town.names['room']}/live"
    cookie = {"Cookie": "telepath=cookie-of-zoe"}
    with connect(uri, origin=Origin(town.origin), additional_headers=cookie, compression=None) as socket:
        socket.send(json.dumps({"type": "hello", "protocol": 3, "last_seq": 0, "epoch": 0}))
        assert json.loads(socket.recv(timeout=20))["type"] == "welcome"
    for path in (f"/rooms/{town.names['room']}/facts", "/notices/stream"):
        with town.visitor("zoe") as client, client.stream("GET", path) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")


def tile_cookie(town: Town, key: str) -> dict[str, str]:
    with town.visitor("zoe") as client:
        page = client.get(f"/slides/{key}", headers=HTML)
    cookie = re.search(r"telepath_tiles=([^;]+); ", page.headers["set-cookie"])
    assert cookie is not None
    return {"Cookie": f"telepath_tiles={cookie[1]}"}


def test_a_tile_that_may_not_be_had_and_one_that_is_not_there_are_the_same_bytes(town: Town) -> None:
    mine, others = tile_cookie(town, town.names["slide"]), tile_cookie(town, town.names["other"])
    place = f"/slides/{town.names['slide']}/tiles"
    altered = {"Cookie": mine["Cookie"][:-3] + ("AAA" if not mine["Cookie"].endswith("AAA") else "BBB")}
    session = {"Cookie": "telepath=cookie-of-zoe"}
    with town.visitor() as client:
        good = client.get(f"{place}/0/0_0", headers=mine)
        assert (good.status_code, good.headers["content-type"]) == (200, "image/jpeg")
        wrong = [
            client.get(f"{place}/0/0_0"),
            client.get(f"{place}/0/0_0", headers=session),
            client.get(f"{place}/0/0_0", headers=others),
            client.get(f"{place}/0/0_0", headers=altered),
            client.get(f"{place}/0/0_0", headers=mine | {"Sec-Fetch-Site": "cross-site"}),
            client.get(f"{place}/0/4_0", headers=mine),
            client.get(f"{place}/0/0_3", headers=mine),
            client.get(f"{place}/9/0_0", headers=mine),
            client.get(f"{place}/99/999999_999999", headers=mine),
            client.get(f"{place}/0/-1_0", headers=mine),
            client.get(f"{place}/0/0_0.png", headers=mine),
            client.get(f"{place}/0/0_0/", headers=mine),
            client.get(f"{place}/", headers=mine),
            client.get(f"/slides/{ABSENT}/tiles/0/0_0", headers=mine),
            client.get("/slides/x/tiles/0/0_0", headers=mine),
            client.get(f"/slides/{town.names['slide'].upper()}/tiles/0/0_0", headers=mine),
        ]
        keys = {name: key for name, key in town.names.items() if is_id(key)}
        refused = {name: client.request("POST", f"/slides/{key}/tiles/0/0_0") for name, key in keys.items()}
    answers = {(answer.status_code, str(seen(answer, {})[1]), answer.content) for answer in wrong}
    assert len(answers) == 1
    assert wrong[0].status_code == 404
    assert {answer.status_code for answer in refused.values()} == {405}
