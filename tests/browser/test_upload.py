"""Slides that are sent from the page of their case: chosen, cut off in the middle, gone on with, opened."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import SCREENSHOTS, Person, open_case, wait_sharp
from tests.builders_mirax import write_mirax
from tests.builders_slides import write_svs
from tests.running import Node

pytestmark = pytest.mark.browser
PIECE = 8 << 20
PATCHES = re.compile(r"/uploads/\w+/files/\d+")
At = Callable[..., Person]


def large(path: Path, filled: bytes) -> Path:
    """A slide of three pieces: what is behind the last directory is nothing to a reader."""
    write_svs(path)
    with path.open("ab") as file:
        file.write(filled * (20_000_000 - path.stat().st_size))
    return path


def chosen(folder: Path, language: str) -> Path:
    """What a scanner left: a slide in one file, one of several, and a note. Others for each language."""
    scan = folder / "scan"
    write_mirax(scan, f"26-00417 B1 {language}", parts=2 if language == "fr" else 3)
    large(scan / f"26-00417 <A1> {language}.svs", language[:1].encode())
    (scan / "notes.txt").write_text("rien")
    return scan


class Line:
    """The line between the browser and the service, which can be cut."""

    def __init__(self, person: Person) -> None:
        self.person, self.sent, self.cut_after = person, 0, 10**9
        person.page.route(PATCHES, self._carry)

    def _carry(self, route: Route) -> None:
        request: Request = route.request
        if request.method == "PATCH":
            if self.sent >= self.cut_after:
                route.abort("connectionfailed")
                return
            self.sent += 1
        route.continue_()

    def mend(self) -> None:
        self.cut_after = 10**9
        self.person.page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_slides_are_sent_through_a_line_that_is_cut(
    one_node: Node, at: At, tmp_path: Path, language: str, theme: str
) -> None:
    ines = at(one_node, "ines", language=language)
    dress(ines, language, theme)
    open_case(ines)
    page, name = ines.page, f"upload-{language}-{theme}"
    line = Line(ines)
    line.cut_after = (5 if language == "fr" else 6) + 1  # the slide of several files, then a piece of the other
    part = page.locator("#uploads")
    expect(part).to_have_attribute("data-ready", "")
    before = page.locator(".slide-cards > li").count()
    look(ines, f"{name}-1-empty")

    page.locator("#upload-folder").set_input_files(chosen(tmp_path, language))
    expect(page.locator("#upload-problems")).to_contain_text("notes.txt")
    svs = part.locator(".upload", has_text=f"<A1> {language}.svs")
    expect(svs).to_have_attribute("data-state", "cut")
    look(ines, f"{name}-2-cut", "net::ERR")
    part.screenshot(path=SCREENSHOTS / f"{name}-2-part.png")
    line.mend()
    mirax = part.locator(".upload", has_text=f"B1 {language}.mrxs")
    for one in (svs, mirax):
        expect(one).to_have_attribute("data-state", re.compile("registered|held|refused"))
    look(ines, f"{name}-3-done", "net::ERR")
    part.screenshot(path=SCREENSHOTS / f"{name}-3-part.png")
    for one in (svs, mirax):
        expect(one).to_have_attribute("data-state", "registered")
    expect(page.locator(".slide-cards > li")).to_have_count(before + 2)
    mirax.get_by_role("link").click()
    page.wait_for_url(re.compile("/slides/"))
    wait_sharp(ines)


def test_after_the_page_was_closed_the_same_file_goes_on_where_it_was(one_node: Node, at: At, tmp_path: Path) -> None:
    ines = at(one_node, "ines")
    page = ines.page
    page.on("dialog", lambda dialog: dialog.accept())
    path = large(tmp_path / "reprise.svs", b"!")
    open_case(ines)
    line = Line(ines)
    line.cut_after = 1
    page.locator("#upload-files").set_input_files(path)
    upload = page.locator(".upload", has_text="reprise.svs")
    expect(upload).to_have_attribute("data-state", "cut")
    page.reload()
    expect(upload).to_have_attribute("data-state", "unchosen")
    line.cut_after, line.sent = 10**9, 0
    page.locator("#upload-files").set_input_files(path)
    expect(upload).to_have_attribute("data-state", "registered")
    assert line.sent == 2, "it began anew"
    upload.get_by_role("button").press("Enter")
    expect(upload).to_have_count(0)


def test_missing_companions_are_told_before_anything_is_sent(one_node: Node, at: At, tmp_path: Path) -> None:
    entry = write_mirax(tmp_path / "scan", "seule")
    ines = at(one_node, "ines")
    open_case(ines)
    line = Line(ines)
    ines.page.locator("#upload-files").set_input_files(entry)
    expect(ines.page.locator("#upload-problems")).to_contain_text("il manque le dossier « seule »")
    (tmp_path / "scan" / "seule" / "Data0001.dat").unlink()
    ines.page.locator("#upload-folder").set_input_files(tmp_path / "scan")
    expect(ines.page.locator("#upload-problems")).to_contain_text("Data0001.dat")
    assert line.sent == 0


def test_a_slide_in_a_zip_gets_the_label_that_was_typed_and_is_not_added_twice(
    one_node: Node, at: At, tmp_path: Path
) -> None:
    entry = write_mirax(tmp_path / "scan", "MARTIN", parts=4)  # no other test sends the same
    path = tmp_path / "MARTIN.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(entry.parent.rglob("*")):
            archive.write(file, file.relative_to(tmp_path))
    ines = at(one_node, "ines")
    open_case(ines)
    page = ines.page
    part = page.locator("#uploads")
    part.locator("summary").click()
    label = part.get_by_label("Étiquette")
    expect(label).to_have_value("")
    label.fill("P3 PAS")  # behind the slide that other tests open: the first of its case
    upload = part.locator(".upload", has_text="MARTIN.zip")
    for state in ("registered", "twice"):
        page.locator("#upload-files").set_input_files(path)
        expect(upload.first).to_have_attribute("data-state", state)
    expect(upload.first).to_contain_text("Déjà dans le dossier")
    part.screenshot(path=SCREENSHOTS / "upload-fr-twice.png")
    expect(page.locator(".slide-cards")).to_contain_text("P3 PAS")
    expect(page.locator(".slide-cards")).not_to_contain_text("MARTIN")
