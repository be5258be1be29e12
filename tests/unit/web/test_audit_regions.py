from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telepath.audit import AuditRecord
from web.audit_regions import Box, boxes_of, viewers

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def record(kind: str, minutes: int = 0, actor: str = "zoe", outcome: str = "success", **detail: Any) -> AuditRecord:
    at = NOON + timedelta(minutes=minutes)
    return AuditRecord(
        id=str(minutes), at=at, kind=kind, actor=actor, institution="here", outcome=outcome, detail=detail
    )


def test_a_box_for_each_level_that_was_sent() -> None:
    detail = {"levels": [0, 2], "box": [0, 0, 400, 300], "boxes": {"2": [0, 0, 400, 300], "0": [10, 20, 30, 40]}}
    assert boxes_of(detail) == [Box(2, 0, 0, 400, 300), Box(0, 10, 20, 30, 40)]


def test_a_record_without_boxes_by_level_has_the_one_around_all() -> None:
    assert boxes_of({"levels": [1, 3], "box": [1, 2, 3, 4]}) == [Box(1, 1, 2, 3, 4)]


@pytest.mark.parametrize(
    "detail",
    [{}, {"box": None}, {"box": "0000"}, {"box": [1, 2, 3]}, {"box": [0, 0, 0, 5]}, {"boxes": {"x": [1, 2, 3, 4]}}],
)
def test_what_is_no_box_is_left_out(detail: dict[str, Any]) -> None:
    assert boxes_of(detail) == []


def test_a_viewer_has_all_that_they_saw_and_a_number_by_who_came_first() -> None:
    found = viewers(
        [
            record("slide.regions", 9, "hugo", tiles=4, levels=[1], box=[0, 0, 9, 9]),
            record("slide.viewed", 8, "hugo"),
            record("slide.regions", 5, tiles=3, levels=[0, 2], boxes={"0": [5, 5, 2, 2], "2": [0, 0, 9, 9]}),
            record("slide.viewed", 1),
            record("slide.viewed", 7),
            record("slide.viewed", 0, "refused", outcome="refused"),
        ]
    )
    zoe, hugo = found
    assert (zoe.number, zoe.person, zoe.openings, zoe.tiles, zoe.levels) == (1, "zoe", 2, 3, (0, 2))
    assert (zoe.first, zoe.last) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=7))
    assert [box.level for box in zoe.boxes] == [2, 0]
    assert (hugo.number, hugo.tiles) == (2, 4)
