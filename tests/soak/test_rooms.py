"""A room through cuts and kills of clients, nodes and Valkey: nothing acknowledged is lost, nothing doubled, nothing reordered.
``make soak`` has more."""

from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from telepath.db.migrations import upgrade
from tests.durable_postgres import DurablePostgres
from tests.room_travellers import Traveller
from tests.soak.rooms import Journey, judge

FAULTS: Final = 30
"""On each database."""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_room_loses_doubles_and_reorders_nothing_whatever_is_cut_or_killed(
    kind: str, server: DurablePostgres, short_folder: Path, tmp_path: Path, seed: str
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'rooms.db'}" if kind == "sqlite" else server.create("rooms")
    await upgrade(url)
    found = await Journey(url, tmp_path, seed, nodes=1 if kind == "sqlite" else 2).run(FAULTS)
    assert found.faults.total() >= FAULTS
    assert found.acknowledged > FAULTS
    assert found.facts >= found.acknowledged


def _said(seq: int, operation: str) -> dict[str, Any]:
    return {"seq": seq, "operation_id": operation, "kind": "said", "body": {"text": f"text of {operation}"}}


def _one() -> tuple[list[dict[str, Any]], Traveller]:
    """A ledger of three lines, and the client that said them and was shown them."""
    rows = [_said(number + 1, f"operation-{number}") for number in range(3)]
    traveller = Traveller("http://nowhere", "zoe", "r", "zoe-1", Random(1))
    traveller.made = [row["operation_id"] for row in rows]
    traveller.acknowledged = {row["operation_id"]: row["seq"] for row in rows}
    traveller.shown = [{"seq": row["seq"], "op": row["operation_id"]} for row in rows]
    traveller.last_seq = len(rows)
    return rows, traveller


def test_a_journey_without_loss_is_judged_so() -> None:
    rows, traveller = _one()
    judge(rows, [traveller])


def test_what_is_lost_doubled_reordered_or_shown_otherwise_is_seen() -> None:
    rows, traveller = _one()
    with pytest.raises(AssertionError, match="acknowledged and lost"):
        judge(rows[:2], [traveller])
    with pytest.raises(AssertionError, match="a gap"):
        judge(rows[::2], [traveller])
    with pytest.raises(AssertionError, match="doubled"):
        judge([*rows, _said(4, "operation-0")], [traveller])
    with pytest.raises(AssertionError, match="doubled"):
        judge([*rows, rows[0] | {"seq": 4, "operation_id": "another"}], [traveller])
    traveller.made.reverse()
    with pytest.raises(AssertionError, match="reordered"):
        judge(rows, [traveller])
    traveller.made.reverse()
    traveller.shown[1], traveller.shown[2] = traveller.shown[2], traveller.shown[1]
    with pytest.raises(AssertionError, match="shown otherwise"):
        judge(rows, [traveller])
    traveller.shown[1], traveller.shown[2] = traveller.shown[2], traveller.shown[1]
    last = traveller.shown.pop()
    with pytest.raises(AssertionError, match="shown otherwise"):
        judge(rows, [traveller])
    traveller.shown += [last, last]
    with pytest.raises(AssertionError, match="shown otherwise"):
        judge(rows, [traveller])
    traveller.shown = [traveller.shown[0], traveller.shown[0]]
    with pytest.raises(AssertionError, match="shown otherwise"):
        judge(rows, [traveller])
    traveller.shown, traveller.refused = [], {"operation-1": "error-room-epoch"}
    with pytest.raises(AssertionError, match="refused and done"):
        judge(rows, [traveller])
