"""consults/disclosure.py: no count that could be one person's can be told from what is shown."""

from hypothesis import given
from hypothesis import strategies as st

from consults.disclosure import SMALLEST, beside, table, withheld_out


def test_enough_consults_are_shown_with_their_answers_and_the_usual_time() -> None:
    shown = table({"breast": 12, "skin": 30}, {"breast": [2.0] * 12, "skin": [5.0] * 11 + [9.0] * 9})
    assert [(one.key, one.asked, one.answered, one.median_hours) for one in shown.lines] == [
        ("breast", 12, 12, 2.0),
        ("skin", 30, 20, 5.0),
    ]
    assert shown.total == 42


def test_few_are_withheld_and_with_them_what_would_tell_them() -> None:
    shown = table({"bone": 3, "breast": 12, "skin": 30}, {})
    assert [(one.key, one.asked) for one in shown.lines] == [("bone", None), ("breast", None), ("skin", 30)]
    assert shown.total == 45
    # Five and six together are eleven: nobody can tell one from the other.
    shown = table({"bone": 5, "breast": 6, "skin": 30}, {})
    assert [one.asked for one in shown.lines] == [None, None, 30]
    assert table({"bone": 9}, {}).total is None


def test_how_many_wait_is_a_count_too() -> None:
    (line,) = table({"breast": 14}, {"breast": [1.0] * 12}).lines
    assert (line.asked, line.answered, line.median_hours) == (14, None, 1.0)
    (line,) = table({"breast": 14}, {"breast": [1.0] * 4}).lines
    assert (line.answered, line.median_hours) == (None, None)


def test_networks_do_not_tell_what_is_withheld_of_the_urgencies() -> None:
    urgencies = table({"frozen": 6, "standard": 93, "systematic": 10, "urgent": 21}, {})
    assert [one.asked for one in urgencies.lines] == [None, 93, None, 21]
    networks = table({"LYMPHOPATH": 10}, {})
    # Beside 130 in all, the ten systematic readings would leave six frozen sections.
    assert [(one.key, one.asked) for one in beside(networks, urgencies).lines] == [("LYMPHOPATH", None)]
    assert beside(networks, table({"standard": 93, "urgent": 21}, {})) == networks


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 40), max_size=8))
def test_what_is_withheld_is_never_fewer_than_the_smallest_count_shown(counts: dict[str, int]) -> None:
    shown = withheld_out(counts)
    assert all(counts[key] >= SMALLEST for key in shown)
    withheld = sum(counts.values()) - sum(counts[key] for key in shown)
    assert withheld == 0 or withheld >= SMALLEST or not shown
