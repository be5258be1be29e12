"""The viewer in the hand: in a narrow window every tool is there, named, large enough for a finger, and reached by keys too."""

from collections.abc import Callable
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.looks import LOOKS, RULES, dress
from tests.browser.windows import ANSWERED, CASE, Person, open_consult, open_room, open_slide, wait_sharp
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
SMALLEST = 24
"""CSS px (WCAG 2.2, 2.5.8)."""
MORE = {"fr": "Autres outils", "en": "More tools"}
ROWS = ("minimap", "display", "link", "full-screen", "help")


def shown(found: Locator) -> list[Locator]:
    return [one for one in found.all() if one.is_visible()]


def in_reach(person: Person, name: str) -> None:
    """Every button in the window lies in it, is named, and is large enough; nothing lies beside the window."""
    for button in shown(person.page.locator(".bar a, .bar button, .turret button, .more-tools button")):
        box = button.bounding_box()
        assert box is not None
        told = f"{name}: {button.evaluate('(one) => one.outerHTML.slice(0, 120)')} {box}"
        assert box["width"] >= SMALLEST and box["height"] >= SMALLEST, told  # noqa: PT018 -- one target
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"], told  # noqa: PT018 -- one target
    person.picture(name)
    broken = Axe().run(person.page, options={"runOnly": RULES}).response["violations"]
    assert not broken, f"{name}: {[(rule['id'], [node['html'] for node in rule['nodes']]) for rule in broken]}"


def try_menu(person: Person, language: str, name: str, rows: tuple[str, ...]) -> None:
    page = person.page
    in_reach(person, name)
    more = page.get_by_role("button", name=MORE[language])
    more.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("group", name=MORE[language])
    expect(menu).to_be_visible()
    in_reach(person, f"{name}-menu")
    for row in rows:
        button = menu.locator(f"[data-action='{row}']")
        expect(button).to_be_visible()
        assert button.inner_text().strip()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    # By keys alone: the row of the display settings.
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    for _ in range(len(rows)):
        if page.evaluate("document.activeElement.dataset.action") == "display":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#display")).to_be_visible()
    expect(menu).to_be_hidden()
    in_reach(person, f"{name}-display")
    page.locator("#display [data-action=display]").click()
    more.click()
    menu.locator("[data-action=help]").click()
    expect(page.locator("#help")).to_be_visible()
    person.picture(f"{name}-help")
    page.keyboard.press("Escape")
    more.click()
    overview = menu.locator("[data-action=minimap]")
    expect(overview).to_have_attribute("aria-pressed", "true")
    overview.click()
    expect(page.locator("#minimap")).to_be_hidden()
    more.click()
    expect(overview).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_every_tool_is_in_reach_in_a_narrow_window(
    one_node: Node, at: Callable[..., Person], language: str, theme: str
) -> None:
    ines = at(one_node, "ines")
    ines.page.set_viewport_size(PHONE)
    dress(ines, language, theme)
    open_slide(ines, CASE)
    try_menu(ines, language, f"viewer-phone-{language}", ("regions", *ROWS))
    dress(ines, language, theme)
    open_consult(ines, ANSWERED)
    open_room(ines)
    wait_sharp(ines)
    together = ines.page.locator("#together")
    if together.is_visible():
        ines.page.locator(".bar-end > [data-action=panel]").click()
    try_menu(ines, language, f"room-phone-{language}", ROWS)
    assert ines.complaints == []


def test_a_wide_window_has_its_tools_in_the_bar_and_no_menu(one_node: Node, at: Callable[..., Person]) -> None:
    ines = at(one_node, "ines")
    open_slide(ines, CASE)
    expect(ines.page.locator("#more-tools")).to_be_hidden()
    expect(ines.page.get_by_role("button", name=MORE["fr"])).to_be_hidden()
    for row in ("regions", *ROWS):
        expect(ines.page.locator(f".bar-tools > [data-action='{row}']")).to_be_visible()
