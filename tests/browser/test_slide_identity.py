"""A house sees what its slides say of the patient, and what others see instead; and enters a scale that a file does not say."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import expect

from telepath.slides import pictures
from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import CASE, Person, open_case, wait_sharp
from tests.builders_slides import add_label, write_svs
from tests.running import Node, service, telepath

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
At = Callable[..., Person]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node whose slides bear the name of an invented patient on their label, and a scale with a comma."""
    folder = tmp_path_factory.mktemp("identity-node")
    path = write_svs(folder / "one.svs", width=2048, height=1536)
    data = path.read_bytes()
    assert b"MPP = 0.2500" in data
    path.write_bytes(data.replace(b"MPP = 0.2500", b"MPP = 0,499 "))
    add_label(path, np.ascontiguousarray(pictures.lettered(["MARTIN Zoe", "26H01234-A1", "IPP 4711"], 320, 240)))
    environment = {"TELEPATH_DATA": str(folder / "data")}
    done = telepath(environment, "demo", "--seed-only", "--bare", "--slides", *[str(path)] * 3)
    assert done.returncode == 0, done.stdout + done.stderr
    with service(folder, {}) as started:
        yield started[0]


def test_a_house_sees_its_label_and_what_is_drawn_instead(node: Node, at: At) -> None:
    ines = at(node, "ines")
    open_case(ines, CASE)
    ines.page.locator("a[href$='/identity']").first.click()
    path = ines.page.url.removeprefix(ines.origin)
    for language, theme in LOOKS:
        dress(ines, language, theme)
        ines.go(path)
        label = ines.page.locator(".withheld img")
        expect(label).to_have_count(1)
        assert label.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 320
        expect(ines.page.locator(".drawn-label")).to_contain_text("TP-")
        expect(ines.page.locator("main table")).to_be_visible()
        look(ines, f"identity-{language}-{theme}")
    with ines.page.expect_download() as leaving:
        ines.page.locator("a[href$='/copy']").click()
    assert leaving.value.suggested_filename.startswith("TP-")
    assert b"MARTIN" not in leaving.value.path().read_bytes()


def test_a_scale_is_entered_where_the_file_says_none_that_is_believed(node: Node, at: At) -> None:
    ines = at(node, "ines")
    open_case(ines, CASE)
    slide = ines.page.locator("a[href^='/slides/']").first.get_attribute("href")
    assert slide is not None
    ines.go(slide)
    wait_sharp(ines)
    expect(ines.page.locator("#scale-bar")).to_be_hidden()
    expect(ines.page.locator("#scale-entered")).to_be_hidden()

    for language, theme in LOOKS:
        dress(ines, language, theme)
        open_case(ines, CASE)
        ines.page.locator("details:has(.scale-form) summary").first.click()
        look(ines, f"scale-form-{language}-{theme}")
    form = ines.page.locator(".scale-form").first
    form.locator("input[name=mpp]").fill("0")
    form.get_by_role("button").first.click()
    expect(ines.page.locator("[id^=mpp-][aria-invalid=true]")).to_be_visible()
    form.locator("input[name=mpp]").fill("0.499")
    form.get_by_role("button").first.click()
    expect(ines.page.locator(".scale-form button[name=withdraw]")).to_have_count(1)

    for language, theme in LOOKS:
        dress(ines, language, theme)
        ines.go(slide)
        wait_sharp(ines)
        expect(ines.page.locator("#scale-bar")).to_be_visible()
        expect(ines.page.locator("#scale-entered")).to_contain_text("Inès")
        ines.picture(f"scale-entered-{language}-{theme}")
