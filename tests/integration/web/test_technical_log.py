"""The technical log: what it says, what never gets into it, and how long it is kept."""

import asyncio
import json
import logging
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from sqlalchemy.exc import IntegrityError

from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.errors import Conflict, Invalid
from tests.builders import MASTER_KEY, VAULT_KEY, Clock
from tests.rooms import Ward
from tests.running import Node, service
from web import technical_log
from web.settings import Settings
from web.technical_log import DailyFiles, Journal, JsonLines, Sentences, request_number

PLANTED = (
    "26-00417",
    "Marchand",
    "Zoé",
    "899700000000",
    "cookie-of-zoe",
    "a-secret-token",
    "1971-02-03",
    "Adénocarcinome",
)
"""A case's number, a name, an RPPS number, a session, a token, a date of birth, a finding."""


def entries(folder: Path) -> list[dict[str, Any]]:
    """Every line of every file, in order; each is one JSON object, or this fails."""
    texts = [path.read_text(encoding="ascii") for path in sorted(folder.glob("*.jsonl"))]
    return [json.loads(line) for text in texts for line in text.split("\n")[:-1]]


# A node that is asked for things


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Path, dict[str, str]]]:
    """A node at the lowest level of its log, a case that somebody of it opened, and strangers who try everything."""
    folder = tmp_path_factory.mktemp("asked")
    settings = Settings(data=folder / "data")
    settings.data.mkdir()
    names = asyncio.run(_built(settings))
    with service(folder, {"log_level": "debug", "vault_key": VAULT_KEY}) as (node,):
        said = _ask(node, names)
        yield node, settings.data / "logs", said


async def _built(settings: Settings) -> dict[str, str]:
    await upgrade(settings.database_url)
    db = Database(settings.database_url, MASTER_KEY)
    ward = await Ward(db).build()
    await db.close()
    return {"case": ward.case, "slide": ward.slides[0]}


def _ask(node: Node, names: dict[str, str]) -> dict[str, str]:
    """Requests of every sort with what must not be kept in each of their parts. Returns the reference of an error page."""
    headers = {"Origin": node.origin, "Accept": "application/json"}
    as_zoe = headers | {"Cookie": "telepath=cookie-of-zoe"}
    with httpx2.Client(base_url=node.origin, headers=headers, trust_env=False, timeout=30) as client:
        for planted in map(quote, PLANTED):
            client.get(f"/cases/{planted}")
            client.get(f"/cases?search={planted}&token={planted}", headers=as_zoe)
            client.get(f"/login/callback?code={planted}&state={planted}")
            client.get(
                "/", headers={"Authorization": f"Bearer {planted}", "User-Agent": planted, "Referer": f"/{planted}"}
            )
            client.get("/", headers={"Cookie": f"telepath={planted}"})
            client.get(f"/slides/{names['slide']}/tiles/{planted}/0/0/0")
            client.request("PROPFIND", f"/{planted}")
            client.get(f"/{planted}%0d%0aINFO%20forged:%20{planted}")
        client.get(f"/cases/{names['case']}", headers=as_zoe)
        client.post(f"/cases/{names['case']}/lines", data={"line": "Adénocarcinome"}, headers=as_zoe)
        form = {"number": "Marchand Zoé 1971-02-03", "organ": "Adénocarcinome", "version": "1"}
        refused = client.post("/cases", data=form, headers=as_zoe)
        broken = client.post(
            f"/slides/{names['slide']}/annotations",
            content=b'{"shape": "26-00417 Marchand',
            headers=as_zoe | {"Content-Type": "application/json"},
        )
    _raw(node, b"GET /26-00417\x0b HTTP/1.1\r\nHost: x\r\nX: a\rINFO forged: 26-00417\r\n\r\n")
    _raw(
        node, b'GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: a\r\n {"level": "26-00417"}\r\nConnection: close\r\n\r\n'
    )
    _raw(node, b"26-00417 Marchand a-secret-token\r\n\r\n")
    return names | {"refused": refused.text, "broken": broken.text}


def _raw(node: Node, sent: bytes) -> None:
    parts = urlsplit(node.origin)
    with socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=10) as plug:
        plug.sendall(sent)
        plug.shutdown(socket.SHUT_WR)
        while plug.recv(4096):
            pass


def test_nothing_that_identifies_anybody_is_in_the_log(asked: tuple[Node, Path, dict[str, str]]) -> None:
    node, folder, names = asked
    kept = "".join(path.read_text() for path in folder.glob("*")) + node.log.read_text()
    assert entries(folder)
    for planted in (*PLANTED, *names.values()):
        for form in (planted, quote(planted), json.dumps(planted)[1:-1], repr(planted.encode())[2:-1]):
            assert not form or form not in kept, form
    assert "forged" not in kept


def test_every_line_says_when_where_and_of_which_request(asked: tuple[Node, Path, dict[str, str]]) -> None:
    node, folder, _ = asked
    told = entries(folder)
    requests = [line for line in told if line["logger"] == "telepath.requests"]
    assert {line["route"] for line in requests} >= {
        "/",
        "/cases",
        "/cases/{id}",
        "/cases/{id}/lines",
        "/login/callback",
        "none",
    }
    assert all(len(line["request"]) == 8 and line["ms"] >= 0 and line["status"] >= 200 for line in requests)
    assert len({line["request"] for line in requests}) == len(requests)
    assert {line["method"] for line in requests} >= {"GET", "POST", "other"}
    assert not any("/health" in line["route"] for line in requests)
    for line in told:
        assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)
        assert line["node"].endswith(f":{urlsplit(node.origin).port}")
        assert line["level"] in {"debug", "info", "warning", "error"}


def test_the_reference_on_an_error_page_is_the_number_of_its_request(asked: tuple[Node, Path, dict[str, str]]) -> None:
    _, folder, names = asked
    reference = json.loads(names["broken"])["reference"]
    (found,) = [line for line in entries(folder) if line.get("request") == reference and "method" in line]
    assert found["route"] == "/slides/{id}/annotations"
    assert found["status"] == 422


def test_the_journal_gets_the_same_lines_as_the_files(asked: tuple[Node, Path, dict[str, str]]) -> None:
    node, folder, _ = asked
    journal = [json.loads(line) for line in node.log.read_text().splitlines() if line.startswith("{")]
    assert len(journal) == len(node.log.read_text().splitlines())
    assert journal[: len(entries(folder))] == entries(folder)


# Records


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    """The folder into which this process logs."""
    technical_log.to_files(Settings(data=tmp_path, log_level="debug"))
    yield tmp_path / "logs"
    technical_log.close()


def test_whatever_a_record_holds_it_stays_one_line(written: Path) -> None:
    nasty = "one\r\ntwo\x00\x1b[31m\x85\u2028 three"
    logging.getLogger("telepath.test").warning("told %s", nasty, extra={"fields": {"more": nasty}})
    (line,) = entries(written)
    assert (line["message"], line["more"]) == (f"told {nasty}", nasty)


def test_of_an_exception_kind_and_place_are_kept_and_its_text_is_not(written: Path) -> None:
    try:
        try:
            raise IntegrityError("INSERT 26-00417", {"name": "Marchand"}, ValueError("Key (number)=(26-00417)"))
        except IntegrityError as error:
            raise Conflict("error-case-number-taken", number="26-00417") from error
    except Conflict:
        logging.getLogger("telepath.test").exception("a defect")
    (line,) = entries(written)
    assert line["error"] == ["Conflict: error-case-number-taken", "IntegrityError"]
    assert line["trace"][-1].startswith("web/test_technical_log.py:")
    assert not any(planted in json.dumps(line) for planted in PLANTED)


def test_of_a_librarys_message_only_the_template_is_kept(written: Path) -> None:
    for name in ("uvicorn.error", "asyncio", "sqlalchemy.engine"):
        logger = logging.getLogger(name)
        logger.error("refused %s", "/cases?name=Marchand")
        logger.error("Task exception was never retrieved\nfuture: <Task exception=ValueError('26-00417')>")
        logger.info("said %s", "26-00417")
        logger.debug("26-00417")
    told = [line["message"] for line in entries(written)]
    assert told == ["refused %s", "Task exception was never retrieved"] * 3


def test_a_request_has_its_number_in_all_its_lines(written: Path) -> None:
    token = request_number.set("0123abcd")
    logging.getLogger("telepath.test").info("one")
    request_number.reset(token)
    logging.getLogger("telepath.test").info("two")
    assert [line.get("request") for line in entries(written)] == ["0123abcd", None]


def test_on_a_terminal_a_line_is_a_sentence_and_only_there_a_trace_is_whole() -> None:
    try:
        raise ValueError("26-00417")
    except ValueError as error:
        found = (type(error), error, error.__traceback__)
    record = logging.LogRecord("telepath.test", logging.INFO, "", 0, "told %s", ("one\r\ntwo",), found)
    record.fields = {"status": 200}
    piped = Sentences(whole_traces=False).format(record)
    assert piped == "INFO telepath.test: told one  two (status=200) [ValueError]"
    assert "26-00417" in Sentences(whole_traces=True).format(record)


# Files


def record(text: str = "x") -> logging.LogRecord:
    return logging.LogRecord("telepath.test", logging.INFO, "", 0, text, (), None)


def files(folder: Path, clock: Clock, node: str = "one:8000", days: int = 183) -> DailyFiles:
    handler = DailyFiles(folder, node, days, clock)
    handler.setFormatter(JsonLines(node))
    return handler


@pytest.mark.parametrize("days", [183, 366])
def test_exactly_the_days_that_were_set_are_kept(tmp_path: Path, days: int) -> None:
    clock = Clock(datetime(2026, 1, 1, 23, 59, tzinfo=UTC))
    handler = files(tmp_path, clock, days=days)
    for _ in range(days + 40):
        handler.emit(record())
        clock.advance(days=1)
    handler.close()
    first = date(2026, 1, 1)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"telepath-one-8000-{first + timedelta(days=number)}.jsonl" for number in range(40, days + 40)
    }


def test_a_day_is_a_day_of_utc_and_a_restart_goes_on_in_its_file(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC))
    for text in ("before", "again"):
        handler = files(tmp_path, clock)
        handler.emit(record(text))
        handler.close()
    clock.advance(seconds=1)
    handler = files(tmp_path, clock)
    handler.emit(record("after"))
    handler.close()
    days = {path.name[-16:-6]: path.read_text().count("\n") for path in tmp_path.iterdir()}
    assert days == {"2026-06-01": 2, "2026-06-02": 1}


def test_nodes_of_one_folder_have_files_of_their_own_and_clear_up_after_one_that_is_gone(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    (tmp_path / "telepath-notes-of-somebody.jsonl").write_text("kept")
    (tmp_path / "telepath-one-8000-2025-02-30.jsonl").write_text("of no day")
    (tmp_path / "telepath-one-8000-2025-01-01.jsonl").mkdir()  # cannot be removed, and keeps no other one
    for node in ("one:8000", "one:8001", "two:8000"):
        handler = files(tmp_path, clock, node)
        handler.emit(record(node))
        handler.close()
    assert len(list(tmp_path.iterdir())) == 6
    clock.advance(days=183)
    files(tmp_path, clock, "one:8000").close()
    assert {path.name for path in tmp_path.iterdir()} == {
        "telepath-notes-of-somebody.jsonl",
        "telepath-one-8000-2025-02-30.jsonl",
        "telepath-one-8000-2025-01-01.jsonl",
        "telepath-one-8000-2026-07-03.jsonl",
    }


def test_a_folder_that_vanishes_costs_lines_and_not_the_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, clock = tmp_path / "logs", Clock(datetime(2026, 1, 1, tzinfo=UTC))
    handler = files(folder, clock)
    for path in (*folder.iterdir(), folder):
        path.unlink() if path.is_file() else path.rmdir()
    clock.advance(days=1)
    for _ in range(3):
        handler.emit(record("Marchand"))
    assert capsys.readouterr().err == "telepath: the technical log cannot be written: No such file or directory\n"
    folder.mkdir()
    handler.emit(record("the next one"))
    handler.close()
    assert [line["message"] for line in entries(folder)] == ["the next one"]


def test_a_line_that_cannot_be_made_is_lost_alone_and_is_not_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler, journal = files(tmp_path, Clock()), Journal(sys.stderr)
    journal.setFormatter(JsonLines("one"))
    wrong = logging.LogRecord("telepath.test", logging.INFO, "/srv/place.py", 7, "%d of them", ("Marchand",), None)
    for one in (handler, journal):
        one.handle(wrong)
        one.handle(record("the next one"))
    handler.close()
    assert [line["message"] for line in entries(tmp_path)] == ["the next one"]
    *lost, written = capsys.readouterr().err.splitlines()
    assert lost == ["telepath: a line of the technical log is lost: telepath.test, place.py:7: TypeError"] * 2
    assert json.loads(written)["message"] == "the next one"


def test_one_whose_folder_could_not_be_had_can_be_closed(tmp_path: Path) -> None:
    """Logging keeps it until it is collected, and closes all that it keeps."""
    (tmp_path / "file").touch()
    handler = DailyFiles.__new__(DailyFiles)
    with pytest.raises(OSError, match="file"):
        DailyFiles.__init__(handler, tmp_path / "file", "one:8000", 183)
    handler.close()


def test_a_folder_that_cannot_be_written_to_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    for settings, name in (
        (Settings(data=tmp_path), "TELEPATH_DATA"),
        (Settings(log_folder=str(tmp_path / "logs")), "TELEPATH_LOG_FOLDER"),
    ):
        with pytest.raises(Invalid) as caught:
            technical_log.to_files(settings)
        assert caught.value.params["name"] == name
