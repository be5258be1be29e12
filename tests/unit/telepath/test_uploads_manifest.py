"""telepath/uploads/manifest.py: which files make a slide, under which names of ours; what state comes after which."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.errors import Invalid, InvalidTransition, TelepathError, TooLarge
from telepath.uploads import manifest
from telepath.uploads.manifest import Act, Sent, Status, plan, shown_name, step

OURS = re.compile(r"(slide/)?[A-Za-z0-9][A-Za-z0-9 ._()+,=@~-]*")


def sent(*paths: str) -> list[Sent]:
    return [Sent(path, 10) for path in paths]


def stored(*paths: str) -> dict[str, str]:
    return {file.path: file.stored for file in plan(sent(*paths)).files}


def code(*paths: str) -> str:
    with pytest.raises(Invalid) as caught:
        plan(sent(*paths))
    return caught.value.code


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_whatever_the_names_are_ours_lead_nowhere(paths: list[str]) -> None:
    try:
        made = plan(sent(*paths))
    except TelepathError:
        return
    assert all(OURS.fullmatch(file.stored) and ".." not in file.stored.split("/") for file in made.files)
    assert made.shown.isprintable()


@given(st.text())
def test_a_name_is_shown_in_one_line_without_what_nobody_sees(text: str) -> None:
    name = shown_name(text)
    assert name.isprintable()
    assert len(name) <= manifest.SHOWN_LIMIT


def test_a_single_file_is_kept_under_our_name() -> None:
    assert stored("MARTIN Zoé.SVS") == {"MARTIN Zoé.SVS": "slide.svs"}
    assert stored("a.sv\n") == {"a.sv\n": "slide"}


def test_a_mirax_slide_keeps_the_names_that_its_index_uses() -> None:
    names = stored("x/HE.mrxs", "x/HE/Slidedat.ini", "x/HE/Data0000.dat")
    assert names == {
        "x/HE.mrxs": "slide.mrxs",
        "x/HE/Slidedat.ini": "slide/Slidedat.ini",
        "x/HE/Data0000.dat": "slide/Data0000.dat",
    }
    assert code("x/HE.mrxs") == code("x/HE.mrxs", "x/HE/Data0000.dat") == "error-slide-companion-missing"
    assert code("x/HE.mrxs", "x/HE/Slidedat.ini", "x/HE/é\u202e.dat") == "error-upload-name"
    assert code("x/HE.mrxs", "x/HE/Slidedat.ini", "y/other.dat") == "error-upload-extra"
    assert code("x/HE.mrxs", "x/HE/Slidedat.ini", "x/HE/a.dat", "x/HE/A.dat") == "error-upload-name"
    assert code("a.mrxs", "b.mrxs") == "error-slide-several"


def test_a_hamamatsu_index_comes_with_what_lies_beside_it() -> None:
    assert stored("s/a.vms", "s/p.jpg") == {"s/a.vms": "slide.vms", "s/p.jpg": "p.jpg"}
    assert code("s/a.vms") == "error-slide-companion-missing"


def test_a_dicom_series_is_numbered() -> None:
    made = plan(sent("d/b.dcm", "d/IM1"))
    assert (made.entry, [file.stored for file in made.files], made.shown) == ("", ["0001.dcm", "0002.dcm"], "d")
    assert code("a.svs", "b.svs") == "error-slide-several"


def test_what_is_empty_or_too_large_is_refused() -> None:
    for files in ([], [Sent("a.svs", 0)], [Sent("a.svs", -1)]):
        with pytest.raises(Invalid):
            plan(files)
    with pytest.raises(TooLarge):
        plan([Sent("a.svs", manifest.SLIDE_LIMIT + 1)])
    with pytest.raises(TooLarge):
        plan([Sent(f"{n}.dcm", 1) for n in range(manifest.FILES_LIMIT + 1)])


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", Act)
def test_only_the_steps_of_the_table_are_taken(status: Status, act: Act) -> None:
    if (status, act) in manifest.NEXT:
        assert step(status, act) == manifest.NEXT[status, act]
    else:
        with pytest.raises(InvalidTransition):
            step(status, act)
