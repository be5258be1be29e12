"""consults/exchanges.py: what two institutions did for each other."""

from datetime import UTC, datetime, timedelta

from consults.exchanges import Exchange, exchanges, total
from consults.figures import Row

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def row(place: str, *, signed: bool = False, urgency: str = "urgent") -> Row:
    return Row(
        id="consult",
        month="2026-03",
        organ="breast",
        urgency=urgency,
        kind="expert",
        network="",
        requested_at=NOON,
        due_at=NOON + timedelta(days=1),
        signed_at=NOON if signed else None,
        paused_seconds=0,
        revoked=False,
        deferred=False,
        expert="karim",
        place=place,
        region="32",
    )


def counts(one: Exchange) -> tuple[str, str, int, int, int, int]:
    return one.place, one.urgency, one.asked, one.received, one.answered, one.given


def test_both_sides_of_a_convention_stand_on_one_line() -> None:
    asked = [row("nice", signed=True), row("nice"), row("lille"), row("")]
    found = exchanges(asked, [row("nice", signed=True), row("nice", urgency="standard")])
    assert [counts(one) for one in found] == [
        ("", "urgent", 1, 0, 0, 0),
        ("lille", "urgent", 1, 0, 0, 0),
        ("nice", "standard", 0, 0, 1, 0),
        ("nice", "urgent", 2, 1, 1, 1),
    ]
    assert counts(total(found, "nice")) == ("nice", "", 2, 1, 2, 1)


def test_what_one_did_for_the_other_is_what_the_other_had_from_them() -> None:
    between = [row("x", signed=True), row("x"), row("x", urgency="standard")]
    ours, theirs = total(exchanges(between, []), "x"), total(exchanges([], between), "x")
    assert (ours.asked, ours.received) == (theirs.answered, theirs.given) == (3, 1)
