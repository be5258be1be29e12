"""Links to a view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from telepath.errors import Invalid
from telepath.geometry import Look, View
from web.threads import read_view, slide_path, view_text

place = st.floats(-100_000, 100_000).map(lambda value: round(value * 256) / 256)
extent = st.floats(1, 100_000).map(lambda value: round(value * 256) / 256)
turn = st.floats(0, 359.9).map(lambda value: round(value * 100) / 100)
channels = st.sampled_from(["", "0:0000ff:120:3000", "1:00ff00:0:0.5,12:ffffff:0.25:65535"])
look = st.builds(Look, st.none() | st.integers(0, 65535), channels, st.sampled_from(["", "icc", "off"]))


@given(
    st.builds(
        View, place, place, extent, extent, turn, st.booleans(), st.just(UNSET) | look.filter(lambda one: one != Look())
    )
)
def test_a_view_survives_its_link(view: View) -> None:
    assert read_view(view_text(view)) == view


def test_a_link_is_short_when_the_view_is_round() -> None:
    assert slide_path("s", View(20_000, 15_000.5, 1600, 900, 90, True)) == "/slides/s#view=20000,15000.5,1600,900,90,1"
    assert slide_path("s", View(0, 0, 16, 9, 0, False), "c") == "/slides/s?consult=c#view=0,0,16,9,0,0"


def test_a_link_says_plane_channels_and_colours() -> None:
    shown = View(0, 0, 16, 9, look=Look(3, "0:0000ff:120:3000", "off"))
    assert slide_path("s", shown) == "/slides/s#view=0,0,16,9,0,0&z=3&channels=0:0000ff:120:3000&colours=off"


SAID = ("z=-1", "z=65536", "z=1.5", "channels=0:blue:1:2", "channels=0:0000ff:1:2,", "colours=none", "other=1", "z")
WRONG_LOOKS = [f"0,0,16,9,0,0&{said}" for said in (*SAID, f"channels={'0:0000ff:1:2,' * 200}0:0000ff:1:2")]


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d,e,f", "1,2,3,4,5,6", "1,2,0,4,0,0", "nan,0,1,1,0,0", "1" * 300, *WRONG_LOOKS]
)
def test_a_wrong_view_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_view(text)
