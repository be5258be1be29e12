"""No sequence of acts, by whomever, reaches a wrong state, changes anything by a refusal, or skips a record."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from consults import offers
from telepath.db.database import Database
from telepath.errors import Conflict, Invalid
from tests import consult_checks as checks
from tests.consult_acts import Acts, Step, opening

pytestmark = pytest.mark.slow

SQLITE, POSTGRESQL = 10, 5
"""Sequences on each database; ``make soak`` plays hundreds."""


@pytest.mark.parametrize(
    ("database_url", "seed"),
    [*(("sqlite", seed) for seed in range(SQLITE)), *(("postgresql", seed) for seed in range(POSTGRESQL))],
    indirect=["database_url"],
)
async def test_no_sequence_of_acts_reaches_a_wrong_state_or_skips_a_record(database_url: str, seed: int) -> None:
    said = list[str]()
    try:
        await checks.play(database_url, seed, said.append)
    finally:
        print(*said, sep="\n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_skipped_or_wrong_would_be_seen(database: Database) -> None:
    acts = await Acts(database).set_up()
    before = await checks.seen(acts)
    await acts.open(2)
    signed = await checks.seen(acts)
    assert opening(2) == "signed"
    (offer,) = (row for row in signed.rows["offer"].values() if row["status"] == "proposed")
    key = acts.keys[offer["expert_id"]]
    acts.clock.advance(minutes=1)
    await offers.accept(database, acts.actors[key], acts.consults[0])
    after = await checks.seen(acts)
    step = Step("accept", key, acts.consults[0], _nothing)
    checks.recorded(acts, step, signed, after)
    await checks.holds(acts, after)

    accepted = max(position for position, record in after.records.items() if record["kind"] == "offer.accepted")
    without = {position: record for position, record in after.records.items() if position != accepted}
    with pytest.raises(AssertionError, match="without one of"):
        checks.recorded(acts, step, signed, msgspec.structs.replace(after, records=without))
    with pytest.raises(AssertionError, match="nothing happened"):
        checks.recorded(acts, step, signed, msgspec.structs.replace(signed, records=after.records))
    with pytest.raises(AssertionError, match="something was changed"):
        checks.refused(step, signed, after, Conflict())
    with pytest.raises(AssertionError):
        checks.refused(msgspec.structs.replace(step, key="mia"), before, before, Invalid())
    for table, field, value in (
        ("consult", "opinions_released", 1),
        ("consult", "status", "on-hold"),
        ("offer", "status", "proposed"),
        ("reading", "status", "cancelled"),
        ("right", "revoked_at", acts.clock.now),
    ):
        with pytest.raises(AssertionError):
            await checks.holds(acts, _altered(after, table, field, value))
    with pytest.raises(AssertionError, match="was changed"):
        checks.recorded(acts, step, after, _altered(after, "opinion", "digest", "0" * 64))


async def _nothing() -> None:
    pass


def _altered(seen: checks.Seen, table: str, field: str, value: Any) -> checks.Seen:
    """The last row of this table is another."""
    rows: Mapping[str, Any] = seen.rows[table]
    key = max(rows)
    changed = {**rows, key: {**rows[key], field: value}}
    return msgspec.structs.replace(seen, rows={**seen.rows, table: changed})
