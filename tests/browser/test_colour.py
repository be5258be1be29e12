"""The scanner's colours on the screen are those that its profile means, for whoever wants them so; and that is known."""

import base64
import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Response, expect

from telepath.slides import colour, pictures
from telepath.slides.synthetic import write_slide
from tests import colours
from tests.browser.backstage import asked
from tests.browser.windows import ANSWERED, Person, open_slide, slide_of, wait_sharp, window
from tests.builders_slides import add_profile
from tests.running import Node, in_its_own_loop, service, telepath

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SCANNERS = colours.scanners()
WIDE = SCANNERS["wide gamut, gamma 1.8"]
CARRY = """async ({address, table, picture}) => {
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const worker = new Worker(address, {type: 'module'});
    const answers = [];
    const answered = new Promise((done) => worker.addEventListener('message', ({data}) => {
        if (answers.push(data) === 30) done(answers);
    }));
    worker.postMessage({table: new Int16Array(bytes(table).buffer)});
    for (let id = 0; id < 30; id++) worker.postMessage({id, picture: new Blob([bytes(picture)], {type: 'image/png'})});
    const all = await answered;
    const {bitmap} = all[29];
    const ms = all.slice(10).map((one) => one.ms).sort((a, b) => a - b)[10];
    worker.terminate();
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const {data} = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
    return {pixels: btoa(text), ms};
}"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node; the slide of CASE has a profile, that of ANSWERED has none."""
    folder = tmp_path_factory.mktemp("colour-node")
    wide, plain = folder / "wide.tiff", folder / "plain.tiff"
    for path, seed in ((wide, 3), (plain, 4)):
        in_its_own_loop(write_slide(path, width=3072, height=2048, seed=seed))
    add_profile(wide, WIDE)
    environment = {"TELEPATH_DATA": str(folder / "data")}
    done = telepath(environment, "demo", "--seed-only", "--bare", "--slides", str(wide), str(plain), str(wide))
    assert done.returncode == 0, done.stdout + done.stderr
    with service(folder, {}) as started:
        yield started[0]


def shown(person: Person) -> NDArray[np.uint8]:
    """(height, width, 3) of the middle of the slide, as the window shows it."""
    box = window(person)
    left, top = box["x"] + box["width"] / 2 - 150, box["y"] + box["height"] / 2 - 150
    shot = person.page.screenshot(clip={"x": left, "y": top, "width": 300, "height": 300})
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    return colours.delta_e(colours.lab_of_srgb(one), colours.lab_of_srgb(other))


def wait_path(person: Person, path: str) -> None:
    """Until the slide is drawn in these colours (telepath/slides/shown.py)."""
    expect(slide_of(person)).to_have_attribute("data-colours", path)
    wait_sharp(person)


def test_the_viewer_shows_what_littlecms_shows_for_every_kind_of_profile(node: Node, at: Callable[..., Person]) -> None:
    ines = at(node, "ines")
    open_slide(ines)
    address = ines.page.locator("#stage").get_attribute("data-lut-worker")
    chance = np.random.default_rng(5)
    blue, pink = chance.uniform(0, 1.6, (2, 256 * 256, 1))
    light = np.exp(-blue * np.array([0.650, 0.704, 0.286]) * 1.4 - pink * np.array([0.072, 0.990, 0.105]))
    tile = (light * 250).clip(0, 255).astype(np.uint8).reshape(256, 256, 3)
    picture = io.BytesIO()
    Image.fromarray(tile).save(picture, "PNG")
    for name, profile in SCANNERS.items():
        given = {
            "address": address,
            "table": base64.b64encode(colour.read(profile).lut).decode(),
            "picture": base64.b64encode(picture.getvalue()).decode(),
        }
        answer = ines.page.evaluate(CARRY, given)
        found = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(256, 256, 4)[:, :, :3]
        far = apart(found, pictures.through(profile, tile))
        print(f"{name}: mean {far.mean():.2f}, most {far.max():.2f}, {answer['ms']:.1f} ms a tile")  # the median of 20
        assert far.mean() <= 0.5, name
        assert far.max() <= 2, name
    assert ines.complaints == []


def test_who_looks_switches_the_scanners_colours_off_and_on(node: Node, at: Callable[..., Person]) -> None:
    ines = at(node, "ines")
    open_slide(ines)
    wait_path(ines, "icc")
    switch = ines.page.locator(".bar-tools [data-action=colours]")
    expect(switch).to_have_attribute("aria-pressed", "true")
    corrected = shown(ines)
    ines.picture("colour_corrected")
    slide_of(ines).focus()
    ines.page.keyboard.press("i")
    wait_path(ines, "off")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(ines.page.locator("#colour-path")).to_have_text("Couleurs non corrigées")
    as_scanned = shown(ines)
    ines.picture("colour_as_scanned")
    wanted = pictures.through(WIDE, as_scanned)
    assert apart(corrected, wanted).mean() < 0.6  # the screen's own scaling lies between
    assert apart(as_scanned, wanted).mean() > 3
    # The choice stays with the person, at this screen; a second press brings the colours back.
    ines.page.reload()
    wait_path(ines, "off")
    switch.click()
    wait_path(ines, "icc")
    assert apart(shown(ines), corrected).mean() < 0.1
    assert ines.complaints == []


def test_a_slide_without_a_profile_says_so(node: Node, at: Callable[..., Person]) -> None:
    ines = at(node, "ines")
    open_slide(ines, ANSWERED)
    wait_path(ines, "none")
    expect(ines.page.locator("#colour-path")).to_have_text("Sans profil : couleurs telles quelles")
    expect(ines.page.locator(".bar-tools [data-action=colours]")).to_be_hidden()
    slide_of(ines).focus()
    ines.page.keyboard.press("o")
    expect(ines.page.locator("#display-colours")).to_be_disabled()
    ines.picture("colour_none")


def test_a_table_that_does_not_come_leaves_the_slide_as_it_is_and_says_so(
    node: Node, at: Callable[..., Person]
) -> None:
    ines = at(node, "ines")
    ines.page.route(re.compile(r"/colour\.lut"), lambda route: route.fulfill(status=503, body=""))
    open_slide(ines)
    wait_path(ines, "failed")
    expect(ines.page.locator("#colour-path")).to_contain_text("non appliqué")


def wait_trial(person: Person, number: int) -> None:
    expect(person.page.locator("#trial")).to_have_attribute("data-trial", str(number))


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
def test_a_display_is_checked_by_keyboard_alone(node: Node, at: Callable[..., Person], language: str) -> None:
    yann = at(node, "yann", language=language)
    yann.go("/display-check")
    yann.picture(f"display_check_{language[:2]}")
    yann.page.locator("#start").focus()
    yann.page.keyboard.press("Enter")
    for number in range(1, 13):
        wait_trial(yann, number)
        if number == 1:
            yann.picture(f"display_check_letter_{language[:2]}")
        # Who sees nothing says so; the last is answered by hand.
        if number < 12:
            yann.page.keyboard.press("Space")
        else:
            yann.page.locator("[data-letter='']").click()
    expect(yann.page.locator("#verdict")).to_contain_text("0")
    expect(yann.page.locator("#kept")).to_contain_text("prochain avis" if language == "fr-FR" else "next signed")
    yann.picture(f"display_checked_{language[:2]}")
    yann.page.reload()
    expect(yann.page.locator("p.meta").first).to_contain_text("12")
    assert yann.complaints == []


def told(word: str) -> Callable[[Response], bool]:
    """The answer to a viewer that says that it shows its slide so."""
    return lambda answer: answer.url.endswith("/view") and f'"{word}"' in (answer.request.post_data or "")


def test_the_opinion_says_in_which_colours_its_slides_were_seen(node: Node, at: Callable[..., Person]) -> None:
    path = asked(node, "Atypies ?", accepted=True)
    claire = at(node, "claire")
    page = claire.page
    page.goto(node.origin + path)
    with page.expect_response(told("icc")):
        page.locator("a[href^='/slides/']").first.click()
    wait_path(claire, "icc")
    with page.expect_response(told("off")):
        page.keyboard.press("i")
    wait_path(claire, "off")
    page.goto(node.origin + path)
    page.locator("[name=conclusion]").fill("Adénome en dysplasie de bas grade.")
    page.get_by_role("button", name="Relire et signer").click()
    listed = page.locator("#opinion li", has_text="82395fa2")
    expect(listed).to_contain_text("couleurs corrigées (profil ICC 82395fa2 → sRGB)")
    expect(listed).to_contain_text("couleurs non corrigées au choix du lecteur")
    expect(page.locator("#opinion")).to_contain_text("aucune vérification faite")
    claire.picture("colour_to_sign")
    page.get_by_role("button", name="Signer l’avis").click()
    page.locator(".shown-slides summary").click()
    expect(page.locator(".shown-slides li").first).to_contain_text("image d’origine")
    claire.picture("colour_signed")
    assert claire.complaints == []
