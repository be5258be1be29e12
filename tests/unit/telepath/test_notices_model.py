"""What people are told, and how often a mail is tried."""

from datetime import timedelta

import pytest

from telepath.notices.model import ATTEMPTS, KINDS, LONGEST_DELAY, delay_after, path_of


@pytest.mark.parametrize(
    ("kind", "body", "path"),
    [
        ("consult.offered", {"consult": "c"}, "/consults/c"),
        ("room.invited", {"room": "r", "consult": "c"}, "/rooms/r"),
        ("thread.written", {"case": "k", "consult": ""}, "/cases/k"),
        ("thread.written", {"case": "k", "consult": "c"}, "/consults/c"),
        ("consult.revoked", {"consult": "c"}, "/"),
        ("offer.withdrawn", {"consult": "c"}, "/"),
        ("swap.asked", {}, "/duties"),
        ("outcome.recorded", {"consult": "c"}, "/outcomes"),
        ("break-glass.opened", {"opening": "o"}, "/administration/break-glass/o"),
        ("break-glass.opened", {"case": "k"}, "/cases/k"),
    ],
)
def test_a_notice_leads_to_what_it_is_about_if_the_person_may_still_see_it(
    kind: str, body: dict[str, str], path: str
) -> None:
    assert path_of(kind, body) == path


def test_an_invitation_to_a_room_is_on_screen_only() -> None:
    assert not KINDS["room.invited"].mailed


def test_attempts_grow_apart_up_to_an_hour_and_end_after_two_days() -> None:
    delays = [delay_after(attempt) for attempt in range(1, ATTEMPTS)]
    spans = [delay for delay in delays if delay is not None]
    assert len(spans) == len(delays)
    assert spans[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert spans == sorted(spans)
    assert spans[-1] == LONGEST_DELAY
    assert timedelta(days=1) < sum(spans, timedelta()) < timedelta(days=3)
    assert delay_after(ATTEMPTS) is None
