import pytest

from telepath.slides import shown


@pytest.mark.parametrize(
    ("kept", "word", "profiled", "then"),
    [
        ("", "icc", True, "icc"),
        ("off", "icc", True, "icc off"),
        ("icc off", "off", True, "icc off"),
        ("", "none", False, "none"),
        ("icc", "none", True, "icc"),
        ("", "icc", False, ""),
        ("icc", "<b>", True, "icc"),
        ("", "", True, ""),
    ],
)
def test_a_view_keeps_each_way_in_which_its_slide_can_have_been_shown(
    kept: str, word: str, profiled: bool, then: str
) -> None:
    assert shown.colours(kept, word, profiled=profiled) == then


def test_qualities_are_kept_in_their_order() -> None:
    assert shown.qualities("reduced", "native") == "native reduced"
    assert shown.qualities("native", "perfect") == "native"


def test_several_views_say_each_way_once() -> None:
    assert shown.words(["off", "icc off", ""], shown.COLOURS) == ("icc", "off")


def test_fluorescence_has_the_colours_of_its_channels_and_no_others() -> None:
    assert shown.colours("", "channels", profiled=False, channels=True) == "channels"
    assert shown.colours("channels", "icc", profiled=True, channels=True) == "channels"
    assert shown.colours("none", "channels", profiled=False) == "none"
