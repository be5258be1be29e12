"""consults/figures.py: what the consults of a period come to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consults.activity import Period, period
from consults.figures import Row, figures, line, statement

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def row(hours: float | None, due: float = 24, **changed: Any) -> Row:
    facts: dict[str, Any] = {
        "id": "consult",
        "month": "2026-03",
        "organ": "breast",
        "urgency": "urgent",
        "kind": "expert",
        "network": "",
        "requested_at": NOON,
        "due_at": NOON + timedelta(hours=due),
        "signed_at": None if hours is None else NOON + timedelta(hours=hours),
        "paused_seconds": 0,
        "revoked": False,
        "deferred": False,
        "expert": "karim",
        "place": "lille",
        "region": "32",
    }
    return Row(**facts | changed)


def test_answer_times_leave_out_the_time_the_clock_stood_still() -> None:
    found = line("", [row(4), row(10, paused_seconds=4 * 3600), row(30), row(None), row(None, revoked=True)])
    assert (found.asked, found.answered, found.revoked) == (5, 3, 1)
    assert found.median_hours == 6
    assert found.p90_hours == pytest.approx(25.2)
    assert found.in_time == pytest.approx(2 / 3)


def test_what_was_never_answered_has_no_time_and_one_answer_is_its_own_nine_of_ten() -> None:
    empty = line("", [row(None)])
    assert (empty.median_hours, empty.p90_hours, empty.in_time) == (None, None, None)
    assert line("", [row(3)]).p90_hours == 3
    assert line("", []).asked == 0


def test_figures_cut_the_same_consults_in_several_ways() -> None:
    rows = [row(4), row(40, organ="skin", network="LYMPHOPATH", month="2026-02"), row(None, expert="", region="")]
    grades = [("expert", "concordant"), ("expert", "major"), ("requester", "concordant")]
    offers = ["accepted", "accepted", "declined", "expired", "proposed"]
    found = figures(rows, ["2026-01", "2026-02", "2026-03"], offers, grades, ["image", "image"])
    assert [(one.key, one.asked) for one in found.by_month] == [("2026-01", 0), ("2026-02", 1), ("2026-03", 2)]
    assert [(one.key, one.asked) for one in found.by_organ] == [("breast", 2), ("skin", 1)]
    assert [(one.key, one.asked) for one in found.by_network] == [("LYMPHOPATH", 1)]
    assert [(one.key, one.asked) for one in found.by_expert] == [("karim", 2)]
    assert found.acceptance == 0.5
    assert [(one.side, one.total, one.share) for one in found.agreement] == [("expert", 2, 0.5), ("requester", 1, 1.0)]
    assert found.incidents == {"image": 2}


def test_what_was_deferred_is_a_share_of_what_experts_took() -> None:
    rows = [row(4), row(9, deferred=True), row(None, deferred=True), row(8), row(None, expert="", region="", place="")]
    found = figures(rows, [], [], [], [])
    assert (found.total.deferred, found.deferral) == (2, 0.5)
    assert [(one.key, one.asked, one.deferred) for one in found.by_place] == [("lille", 4, 2)]
    assert figures([row(None, expert="")], [], [], [], []).deferral is None


def test_a_statement_counts_by_institution_expert_kind_urgency_and_organ() -> None:
    rows = [row(4), row(None), row(2, organ="skin"), row(1, place="nice", expert="nadia")]
    found = [(part.place, part.expert, part.organ, part.asked, part.answered) for part in statement(rows)]
    assert found == [
        ("lille", "karim", "breast", 2, 1),
        ("lille", "karim", "skin", 1, 1),
        ("nice", "nadia", "breast", 1, 1),
    ]


@pytest.mark.parametrize(
    ("first", "last", "taken"),
    [
        ("2026-01", "2026-02", ("2026-01", "2026-02")),
        ("2020-01", "2026-02", ("2023-03", "2026-02")),
        ("2026-02", "2026-01", ("2025-04", "2026-03")),
        ("2026-02", "2026-04", ("2025-04", "2026-03")),
        ("2026-13", "x", ("2025-04", "2026-03")),
        ("²026-01", "2026-02", ("2025-04", "2026-03")),
        ("", "", ("2025-04", "2026-03")),
    ],
)
def test_a_period_is_whole_months_that_have_begun(first: str, last: str, taken: tuple[str, str]) -> None:
    found = period(first, last, NOON, "America/Cayenne")
    assert (found.first, found.last) == taken


def test_months_begin_where_the_institution_is() -> None:
    wanted = Period("2025-12", "2026-01")
    assert wanted.months == ["2025-12", "2026-01"]
    since, until = wanted.span("America/Cayenne")
    assert (since.astimezone(UTC).isoformat(), until.astimezone(UTC).isoformat()) == (
        "2025-12-01T03:00:00+00:00",
        "2026-02-01T03:00:00+00:00",
    )
