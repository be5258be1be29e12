"""web/audit_coverage.py against the code: every address, message, operation, frame, event, timer and command is classified."""

import argparse
import ast
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime import frames, messages
from telepath.audit_catalogue import CATALOGUE, LATER
from telepath.notices.model import KINDS
from tests.addresses import named
from tests.changes import STORY
from web import audit_coverage, cli
from web.app import ROUTES
from web.audit_coverage import Covered, kinds

ROOT = Path(__file__).parent.parent
RELAY = ROOT / "web" / "relay.py"
UPKEEP = ROOT / "auth" / "upkeep.py"
REVOKED = {
    ("telepath/db/transaction.py", "revoke"): {"right.withdrawn"},
    ("telepath/db/transaction.py", "withdraw"): {"right.withdrawn"},
    ("telepath/sessions.py", "cut"): {"session.activity-chosen", "session.ended", "session.stepped-up"},
    ("telepath/slides/views.py", "end_through"): {"delegation.ended", "directory.changed"},
    ("telepath/cases/erasure.py", "_end_rights"): {"subject.erased"},
    ("auth/erasure.py", "_forget"): {"subject.erased"},
}
"""Where ``grant.revoked`` is emitted, and which kinds its transactions record."""
BESIDE = {
    "GET /slides/{id}/tiles/{tile}",
    "GET /slides/{id}/tiles/iiif/{picture}",
    "GET /slides/{id}/tiles/image_files/{tile}",
    "GET /static/{path}",
}
"""What answers without being a route of ours: the tile lane, what other viewers ask for, and the built files."""
TABLES: dict[str, dict[str, Covered]] = {
    name: table for name, table in vars(audit_coverage).items() if name.isupper() and isinstance(table, dict)
}


def tags(union: object) -> set[str]:
    """The ``type`` or ``kind`` of each member of a union of messages."""
    return {str(member.__struct_config__.tag) for member in typing.get_args(union)}


def commands(parser: argparse.ArgumentParser, *before: str) -> Iterator[str]:
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield " ".join(before)
    for action in inner:
        for name, choice in action.choices.items():
            yield from commands(choice, *before, name)


def timers() -> set[str]:
    """The names of the loops that the relay starts; of one for each anchor what they have in common. And that of the upkeep."""
    entered = next(
        node
        for node in ast.walk(ast.parse(RELAY.read_text()))
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "__aenter__"
    )
    found = {
        keyword.value.value
        for node in ast.walk(ast.parse(UPKEEP.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.create_task"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    for node in ast.walk(entered):
        if isinstance(node, ast.Tuple) and len(node.elts) == 3:
            name = node.elts[0]
            first = name.values[0] if isinstance(name, ast.JoinedStr) else name
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value.strip())
    return found


def test_every_address_is_classified_and_nothing_else() -> None:
    addresses = {name for route in ROUTES for name in named(route)} | BESIDE
    assert sorted(addresses ^ set(audit_coverage.ROUTES)) == []


def test_every_message_operation_and_frame_of_a_room_is_classified_and_nothing_else() -> None:
    assert tags(messages.ClientMessage) == set(audit_coverage.MESSAGES)
    assert tags(messages.Act) == set(audit_coverage.OPERATIONS)
    assert {frame.__name__ for frame in typing.get_args(frames.Record)} == set(audit_coverage.FRAMES)


def test_every_event_and_timer_of_the_relay_is_classified_and_nothing_else() -> None:
    assert sorted({*KINDS, "grant.revoked"} ^ set(audit_coverage.EVENTS)) == []
    assert sorted(timers() ^ set(audit_coverage.TIMERS)) == []


def emitters(event: str) -> Iterator[tuple[str, str]]:
    """Module and function of each place that emits it."""
    for folder in ("telepath", "auth", "consults", "realtime", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for function in ast.walk(ast.parse(text)) if event in (text := path.read_text()) else ():
                if isinstance(function, ast.AsyncFunctionDef) and f".emit('{event}'" in ast.unparse(function):
                    yield path.relative_to(ROOT).as_posix(), function.name


def test_what_is_recorded_when_a_right_ends_is_what_each_place_records_that_tells_of_it() -> None:
    assert set(emitters("grant.revoked")) == set(REVOKED)
    assert set().union(*REVOKED.values()) == set(kinds(audit_coverage.EVENTS["grant.revoked"]))


def test_every_command_is_classified_and_nothing_else() -> None:
    assert sorted(set(commands(cli._parser())) ^ set(audit_coverage.COMMANDS)) == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_kind_that_is_claimed_is_one_that_is_recorded_today_and_a_reason_is_a_sentence(name: str) -> None:
    for entry, covered in TABLES[name].items():
        if isinstance(covered, str):
            assert len(covered.split()) > 1, entry
        else:
            assert covered, entry
            assert set(covered) <= set(CATALOGUE) - LATER, entry


def test_what_the_story_of_every_change_leaves_is_what_is_claimed() -> None:
    for step in STORY:
        claimed = kinds(audit_coverage.ROUTES[step.route])
        assert not step.leaves or step.leaves in claimed, step.route


def test_an_address_that_changes_something_has_a_record_unless_it_is_one_s_own_notices_filters_or_presence() -> None:
    without = {
        name
        for name, covered in audit_coverage.ROUTES.items()
        if isinstance(covered, str) and name.split()[0] not in {"GET", "WS"}
    }
    # What is sent is of no case; what becomes of it is recorded.
    sent = {name for name in without if "/uploads" in name and "commit" not in name}
    own = {"POST /notices/preferences", "POST /worklist/filters", "POST /worklist/filters/{id}/remove"}
    assert without == {"POST /notices", "POST /session/seen"} | own | sent


def test_the_tables_are_there() -> None:
    assert set(TABLES) == {"ROUTES", "MESSAGES", "OPERATIONS", "FRAMES", "EVENTS", "TIMERS", "COMMANDS"}
