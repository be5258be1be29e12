from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

from web.rendering import Pages, Reader, StaticMissing
from web.words import Words

NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


def shown(template: str, tmp_path: Path, language: str = "fr", zone: str = "America/Cayenne", **context: object) -> str:
    (tmp_path / "page.html").write_text(template)
    pages = Pages(templates=tmp_path, static=tmp_path)
    return pages.text("page.html", Reader(Words()(language), ZoneInfo(zone), NOW), dict(context))


@pytest.mark.parametrize(
    ("zone", "language", "text"),
    [
        ("America/Cayenne", "fr", "12 mars 2026, 11:05"),
        ("Indian/Reunion", "fr", "12 mars 2026, 18:05"),
        ("Europe/Paris", "en", "12 Mar 2026, 15:05"),
    ],
)
def test_a_moment_is_shown_where_and_how_the_reader_lives(tmp_path: Path, zone: str, language: str, text: str) -> None:
    assert shown("{{ at|datetime }}", tmp_path, language, zone, at=NOW) == text


def test_the_zone_can_be_named(tmp_path: Path) -> None:
    assert shown("{{ at|datetime('zone') }}", tmp_path, at=NOW) == "12 mars 2026, 11:05 (Cayenne)"
    assert shown("{{ at|datetime('seconds') }}", tmp_path, at=NOW) == "12 mars 2026, 11:05:00"


def test_the_zone_is_named_where_it_is_another_hour_for_one_of_those_concerned(tmp_path: Path) -> None:
    page = "{{ at|datetime(zones=zones) }}"
    assert shown(page, tmp_path, at=NOW, zones=["America/Cayenne"]) == "12 mars 2026, 11:05"
    assert shown(page, tmp_path, at=NOW, zones=["America/Cayenne", "Europe/Paris"]) == "12 mars 2026, 11:05 (Cayenne)"


@pytest.mark.parametrize(
    ("zone", "language", "text"),
    [
        ("America/Cayenne", "fr", "Heures de Cayenne (UTC−3)"),
        ("Europe/Paris", "fr", "Heures de Paris (UTC+1 l’hiver, UTC+2 l’été)"),
        ("Asia/Kolkata", "en", "Kolkata time (UTC+5:30)"),
    ],
)
def test_it_can_be_said_whose_hours_are_read(tmp_path: Path, zone: str, language: str, text: str) -> None:
    assert shown("{{ zone() }}", tmp_path, language, zone) == text


def test_no_line_breaks_between_a_number_and_its_unit(tmp_path: Path) -> None:
    text = "Lésion de 2 cm, 62 ans, 30 % ; 2 lames, 3 moulages, 12 mars"
    assert shown("{{ text|unbroken }}", tmp_path, text=text) == text.replace("2 cm", "2\u00a0cm").replace(
        "62 ans", "62\u00a0ans"
    ).replace("30 %", "30\u00a0%")


def test_a_moment_can_be_told_from_now(tmp_path: Path) -> None:
    assert shown("{{ at|ago }}", tmp_path, at=NOW - timedelta(minutes=18)) == "il y a 18 minutes"
    assert shown("{{ at|ago }}", tmp_path, "en", at=NOW + timedelta(hours=3)) == "in 3 hours"


@pytest.mark.parametrize(
    ("later", "language", "text"),
    [
        (timedelta(), "fr", "tout de suite"),
        (timedelta(minutes=18, seconds=30), "fr", "dans 19 minutes"),
        (timedelta(hours=2), "fr", "cet après-midi"),  # it is 11:05 in Cayenne
        (timedelta(hours=20), "fr", "demain matin"),
        (timedelta(days=1, hours=8), "en", "tomorrow evening"),
        (timedelta(days=5), "fr", "mardi matin"),
        (timedelta(days=7), "fr", "jeudi 19 mars"),
        (timedelta(days=7), "en", "Thursday 19 March"),
    ],
)
def test_what_nobody_can_promise_to_the_minute_is_told_by_half_days(
    tmp_path: Path, later: timedelta, language: str, text: str
) -> None:
    assert shown("{{ at|soon }}", tmp_path, language, at=NOW + later) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=7, seconds=50), "7 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=-2, hours=-4), "2 j 4 h"),
        (timedelta(hours=1), "1 h"),
        (timedelta(days=3, minutes=9), "3 j"),
    ],
)
def test_a_span_is_told_in_two_units_at_most(tmp_path: Path, span: timedelta, text: str) -> None:
    assert shown("{{ span|duration }}", tmp_path, span=span) == text


def test_what_a_template_says_of_itself_is_told_to_each_reader(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ 0.25|number(2) }} {{ 2000000|bytes }}")
    pages = Pages(templates=tmp_path, static=tmp_path)
    readers = [Reader(Words()(language), ZoneInfo("Europe/Paris"), NOW) for language in ("fr", "en")]
    assert [pages.text("page.html", reader, {}) for reader in readers] == ["0,25 2,0 Mo", "0.25 2.0 MB"]


def test_numbers_and_sizes_follow_the_language(tmp_path: Path) -> None:
    assert shown("{{ 41472|number }} {{ 0.25|number(2) }}", tmp_path) == "41\u202f472 0,25"
    assert shown("{{ 1234567890|bytes }}", tmp_path) == "1,2 Go"
    assert shown("{{ 1234567890|bytes }}", tmp_path, "en") == "1.2 GB"


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", '"><svg onload=alert(1)>', "a & b"],
)
def test_what_people_type_is_shown_as_text(tmp_path: Path, text: str) -> None:
    for filtered in ("{{ text }}", "{{ text|paragraphs }}", '<p title="{{ text }}">'):
        page = shown(filtered, tmp_path, text=text)
        assert "<img" not in page
        assert "<script" not in page
        assert "<svg" not in page


def test_lines_and_paragraphs_stay(tmp_path: Path) -> None:
    assert shown("{{ text|paragraphs }}", tmp_path, text="a\nb\n\n\nc") == "<p>a<br>b</p><p>c</p>"


def test_an_undefined_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        shown("{{ nothing }}", tmp_path)


def test_a_built_file_has_its_hashed_address(tmp_path: Path) -> None:
    with pytest.raises(StaticMissing):
        shown("{{ static('app.css') }}", tmp_path)
    (tmp_path / "manifest.json").write_text('{"app.css": "app-X7.css"}')
    assert shown("{{ static('app.css') }}", tmp_path) == "/static/app-X7.css"
    with pytest.raises(StaticMissing):
        shown("{{ static('other.js') }}", tmp_path)
