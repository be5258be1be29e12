"""Forged headers, odd paths and pages of other sites, at every address: nothing opens, and nothing is changed."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.addresses import CHANGING, SIGNED
from tests.town import HTML, SECRETS, Town


def raw(town: Town, target: str, who: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    """One request with this very target and these headers, as no browser would send it."""
    parts = urlsplit(town.origin)
    client = http.client.HTTPConnection(str(parts.hostname), int(parts.port or 80), timeout=30)
    client._validate_path = lambda _target: None  # type: ignore[attr-defined]  # odd targets are what is tested
    try:
        client.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Host": parts.netloc, "Accept": "text/html", "Cookie": f"telepath=cookie-of-{who}"} | names
        for name, value in sent.items():
            client.putheader(name, value)
        client.endheaders()
        answer = client.getresponse()
        answer.whole = answer.read()  # type: ignore[attr-defined]
        return answer
    finally:
        client.close()


def whole(answer: http.client.HTTPResponse) -> str:
    body: bytes = answer.whole  # type: ignore[attr-defined]
    return body.decode("utf-8", "replace") + str(answer.getheaders())


FORGED = [
    {"Host": "evil.example"},
    {"Host": "evil.example@localhost"},
    {"Host": ""},
    {"Host": "localhost/cases"},
    {"X_Forwarded_Host": "evil.example"},
    {"X_Forwarded_Proto": "https"},
    {"X_Forwarded_For": "10.0.0.1, evil"},
    {"X_Forwarded_For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1;host=evil.example"},
    {"X_Original_URL": "/audit"},
    {"X_Rewrite_URL": "/audit"},
    {"X_HTTP_Method_Override": "DELETE"},
    {"X_Forwarded_Prefix": "/evil.example"},
]


@pytest.mark.parametrize("headers", FORGED, ids=str)
@pytest.mark.parametrize("who", ["zoe", "max", ""])
def test_forged_headers_change_no_decision_and_are_repeated_nowhere(
    town: Town, headers: dict[str, str], who: str
) -> None:
    target = f"/cases/{town.names['case']}"
    plain, forged = raw(town, target, who), raw(town, target, who, **headers)
    assert forged.status < 500
    assert "evil.example" not in whole(forged)
    if forged.status != 400:  # the server itself may refuse a malformed Host
        assert forged.status == plain.status
        assert ("26-00417" in whole(forged)) == (who == "zoe")
    assert forged.getheader("location") == plain.getheader("location") or forged.status == 400


ODD = [
    "/{path}",
    "//evil.example/{path}",
    "/./{path}",
    "/x/../{path}",
    "/%2e%2e/{path}",
    "/%2e/{path}",
    "/{path}/",
    "/{path};x=1",
    "/{path}%00",
    "/{path}%2f",
    "/{path}%0d%0aSet-Cookie:%20a=b",
    "/{path}\\",
    "/{path}%20",
    "/{path}/.",
    "/{path}%c0%ae",
    "/static/../{path}",
    "/static/%2e%2e/{path}",
    "/static/..%2f{path}",
    "/health/../{path}",
    "/health;/{path}",
    "http://evil.example/{path}",
    "{path}",
    "*",
    "/{path}?%00",
    "/{path}#fragment",
    "/" + "a/" * 2000,
    "/%",
    "/%zz",
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_paths_open_nothing_that_the_plain_path_does_not(town: Town, odd: str) -> None:
    target = odd.replace("{path}", f"cases/{town.names['case']}")
    for who in ("max", ""):
        answer = raw(town, target, who)
        assert answer.status < 500
        assert [word for word in SECRETS if word in whole(answer)] == []
        location = answer.getheader("location") or "/"
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert answer.getheader("set-cookie") is None
    owner = raw(town, target, "zoe")
    assert owner.status < 500
    assert (owner.status == 200) == ("26-00417" in whole(owner)) or target == "*"


@pytest.mark.parametrize(
    "target",
    [
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2fsettings.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/....//settings.py",
        "/static/manifest.json%00.css",
        "/static/",
        "/static",
    ],
)
def test_the_built_files_are_all_that_static_gives(town: Town, target: str) -> None:
    answer = raw(town, target, "")
    assert answer.status in {400, 404}
    assert "TELEPATH" not in whole(answer)
    assert "root:" not in whole(answer)


def test_where_to_return_after_signing_in_is_never_another_site(town: Town) -> None:
    with town.visitor("zoe") as client:
        for path in ("//evil.example", "https://evil.example", "/\\evil.example", "%2f%2fevil.example", "javascript:0"):
            for page in (f"/login?return_to={path}", f"/language?lang=fr&return_to={path}"):
                location = client.get(page, headers=HTML).headers.get("location", "/")
                assert location.startswith("/")
                assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize("route", CHANGING)
def test_another_site_cannot_make_a_browser_change_anything(town: Town, route: str) -> None:
    before, records = town.content(), town.kinds().count("session.ended")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": town.origin, "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"{town.origin}.evil.example"},
    ):
        assert town.ask("zoe", route, town.names, HTML | headers).status_code == 403
    assert (town.content(), town.kinds().count("session.ended")) == (before, records)


@pytest.mark.parametrize("route", sorted(SIGNED))
def test_a_server_that_proves_nothing_ends_nothing(town: Town, route: str) -> None:
    before, records = town.content(), town.kinds()
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": town.origin}):
        answer = town.ask("zoe", route, town.names, headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert (town.content(), town.kinds()) == (before, records)
