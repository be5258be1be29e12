"""Three people see together: who follows whom, how sharp it is on each screen, who comes when called, what is spoken of."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.backstage import seeing_cases
from tests.browser.looks import look
from tests.browser.windows import (
    ANSWERED,
    Person,
    open_consult,
    open_room,
    slide_of,
    view_of,
    wait_for,
    wait_same_field,
    wait_sharp,
    wait_still,
)
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
TARGET = 24
"""CSS px that a control is high at least (WCAG 2.2, 2.5.8)."""
FRAMED = """() => {
    const { view, field } = document.querySelector('[data-view]').dataset;
    if (!field) return false;
    const [left, top, across] = view.split(',').map(Number), [x, y, width, height] = field.split(',').map(Number);
    const canvas = document.querySelector('#overlay'), context = canvas.getContext('2d'), scale = canvas.width / across;
    const round = (at, from, size) => Math.round((at - from) * scale + size / 2);
    let seen = 0;
    for (let part = -9; part <= 9; part += 1) {
        const [along, down] = [x + (part / 20) * width, y + (part / 20) * height];
        const edges = [[along, y - height / 2], [along, y + height / 2], [x - width / 2, down], [x + width / 2, down]];
        for (const [px, py] of edges) {
            const [column, line] = [round(px, left, canvas.width), round(py, top, canvas.height)];
            if (column < 0 || line < 0 || column >= canvas.width || line >= canvas.height) continue;
            if (context.getImageData(column, line, 1, 1).data[3] === 0) return false;
            seen += 1;
        }
    }
    return seen >= 19;
}"""
"""Whether the edges of the presenter's field are painted wherever they cross this window."""
NIR = "1 85 05 78 006 084 91"
"""As a social security number is made, with its key; nobody's."""
INES, YANN, SOLENE = (f"Dr {PEOPLE[name].given_name} {PEOPLE[name].family_name}" for name in ("ines", "yann", "solene"))


@pytest.fixture
def three(one_node: Node, at: At) -> Iterator[tuple[Person, Person, Person]]:
    """Inès opened the room and presents, Yann gave the opinion, Solène is of Inès’ hospital."""
    with seeing_cases(one_node, "solene"):
        ines, yann, solene = (
            at(one_node, "ines", (1600, 900)),
            at(one_node, "yann"),
            at(one_node, "solene", (1280, 800)),
        )
        open_consult(ines, ANSWERED)
        address = open_room(ines)
        for person in (yann, solene):
            person.page.goto(address)
            wait_sharp(person)
        expect(ines.page.locator("#members li")).to_have_count(3)
        yield ines, yann, solene


def test_three_people_see_together(three: tuple[Person, Person, Person]) -> None:
    ines, yann, solene = three
    all_sharp(ines, yann, solene)
    breaks_away(ines, yann)
    follows_somebody_else(ines, yann, solene)
    gathers(ines, yann, solene)
    hands_over(ines, yann)
    sees_what_all_see(ines, solene)
    assert [person.complaints for person in three] == [[], [], []]


def test_a_board_goes_through_its_agenda(three: tuple[Person, Person, Person]) -> None:
    ines, yann, solene = three
    keeps_the_keyboard(ines, yann)
    is_told_why_not(ines)
    first, second = sets_the_agenda(ines)
    goes_on(ines, yann, first, second)
    writes_in_any_window(ines)
    reads_the_roll(ines)
    look(ines, "room-agenda-presenter")
    look(solene, "room-agenda-follower")
    assert [person.complaints for person in three] == [[], [], []]


def test_what_is_done_while_the_link_is_cut_waits_and_says_so(one_node: Node, at: At) -> None:
    ines = at(one_node, "ines", (1600, 900))
    open_consult(ines, ANSWERED)
    open_room(ines)
    ines.context.set_offline(True)
    more = ines.page.locator("#follow-more")
    expect(ines.page.locator("#follow-text")).to_contain_text("Liaison coupée")
    for line in ("Premier mot.", "Deuxième mot."):
        ines.page.locator("#line").fill(line)
        ines.page.keyboard.press("Enter")
    expect(more).to_have_text("2 actions partiront quand la liaison reviendra")
    ines.picture("room-cut-waiting")
    ines.context.set_offline(False)
    expect(ines.page.locator("#thread .said")).to_have_text(["Premier mot.", "Deuxième mot."])
    expect(more).to_be_hidden()


def row(person: Person, name: str) -> Locator:
    return person.page.locator("#members li", has_text=name)


def screens(person: Person, wanted: str) -> None:
    """Until so many screens of those who follow are sharp."""
    expect(slide_of(person)).to_have_attribute("data-screens", wanted)


def all_sharp(ines: Person, yann: Person, solene: Person) -> None:
    ines.page.keyboard.press("3")
    for person in (yann, solene):
        wait_same_field(person, ines)
        wait_sharp(person)
    screens(ines, "2/2")
    expect(ines.page.locator("#follow-more")).to_have_text("2/2 écrans nets")
    for name in (YANN, SOLENE):
        expect(row(ines, name).locator(".screen")).to_have_text("net")
        expect(row(ines, name)).to_contain_text("suit votre champ")
    # Who follows does not see whose screens are sharp: it is not theirs to know.
    expect(row(yann, SOLENE).locator(".screen")).to_be_hidden()
    ines.picture("room-together-sharp")
    yann.picture("room-together-follower")


def breaks_away(ines: Person, yann: Person) -> None:
    """By whatever own input: a key, the wheel, the hand, a double click. The presenter's field is framed all the time."""
    wait_for(yann, FRAMED)
    for act in (zoomed, rolled, dragged, clicked_twice):
        act(yann)
        expect(yann.page.locator("#follow-text")).to_have_text(f"Vous avez quitté la vue de {INES}")
        expect(row(ines, YANN)).to_contain_text("regarde ailleurs")
        expect(row(ines, YANN).locator(".screen")).to_be_hidden()
        screens(ines, "1/1")
        if act is dragged:
            wait_still(yann)
            wait_for(yann, FRAMED)
            yann.page.locator("#rejoin").press("Enter")
            expect(yann.page.locator("#slide")).to_be_focused()
        else:
            yann.page.keyboard.press("f")
        wait_same_field(yann, ines)
        screens(ines, "2/2")


def zoomed(person: Person) -> None:
    person.page.keyboard.press("+")


def rolled(person: Person) -> None:
    to_middle(person)
    person.page.mouse.wheel(0, -240)


def dragged(person: Person) -> None:
    x, y = to_middle(person)
    person.page.mouse.down()
    person.page.mouse.move(x + 120, y + 60, steps=4)
    person.page.mouse.up()


def clicked_twice(person: Person) -> None:
    person.page.mouse.dblclick(*to_middle(person))


def to_middle(person: Person) -> tuple[float, float]:
    """Moves the mouse there, and returns where that is."""
    box = person.page.locator("#slide").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    person.page.mouse.move(x, y)
    return x, y


def follows_somebody_else(ines: Person, yann: Person, solene: Person) -> None:
    yann.page.keyboard.press("ArrowRight")
    wait_still(yann)
    row(solene, YANN).get_by_role("button").click()
    wait_same_field(solene, yann)
    expect(solene.page.locator("#follow-text")).to_have_text(f"Vous suivez {YANN}, qui ne présente pas")
    expect(yann.page.locator("#follow-more")).to_have_text("1 personne suit votre champ")
    for person in (ines, yann):
        expect(row(person, SOLENE)).to_contain_text(f"suit {YANN}" if person is ines else "suit votre champ")
    yann.page.keyboard.press("r")
    wait_same_field(solene, yann)
    solene.picture("room-together-watching")
    yann.picture("room-together-watched")
    # Each following the other would push both without end.
    before = view_of(slide_of(yann).get_attribute("data-view"))
    row(yann, SOLENE).get_by_role("button").click()
    expect(yann.page.locator("#messages")).to_have_text(f"{SOLENE} suit déjà votre champ.")
    assert view_of(slide_of(yann).get_attribute("data-view")) == before


def gathers(ines: Person, yann: Person, solene: Person) -> None:
    ines.page.keyboard.press("g")
    for person in (yann, solene):
        expect(person.page.locator("#call-text")).to_have_text(f"{INES} vous invite sur son champ")
        expect(person.page.locator(".told .act:visible", has_text="Rejoindre")).to_have_count(1)
    expect(ines.page.locator("#call")).to_have_attribute("data-came", "0/2")
    yann.picture("room-together-called")
    on_a_phone(yann, "room-together-called-phone")
    stays = view_of(slide_of(solene).get_attribute("data-view"))
    solene.page.locator("#call-stay").click()
    yann.page.locator("#slide").focus()
    yann.page.keyboard.press("Enter")
    wait_same_field(yann, ines)
    expect(ines.page.locator("#call")).to_have_attribute("data-came", "1/2")
    expect(ines.page.locator("#call-text")).to_contain_text(f"Encore ailleurs : {SOLENE}")
    ines.picture("room-together-gathering")
    expect(solene.page.locator("#call")).to_be_hidden()
    assert stays.width > 0
    # She follows Yann still, so she came along with him; one key, and she follows who presents.
    solene.page.keyboard.press("f")
    expect(slide_of(solene)).to_have_attribute("data-role", "following")
    expect(ines.page.locator("#call-text")).to_have_text("Tout le monde est là.")
    screens(ines, "2/2")


def on_a_phone(person: Person, name: str) -> None:
    """As a narrow window shows it, with the slide in sight."""
    size = person.page.viewport_size
    assert size is not None
    person.page.set_viewport_size({"width": 390, "height": 844})
    together = person.page.locator("#together")
    if together.is_visible():
        person.page.locator("[data-action=panel]").click()
    expect(together).to_be_hidden()
    for control in person.page.locator("#follow button:visible, #call button:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= TARGET
        control.click(trial=True)  # nothing lies over it
    person.picture(name)
    person.page.locator("[data-action=panel]").click()
    person.page.set_viewport_size(size)


def hands_over(ines: Person, yann: Person) -> None:
    yann.page.keyboard.press("d")
    expect(ines.page.locator(".ask-box")).to_contain_text(f"{YANN} demande la main")
    ines.picture("room-together-asked")
    ines.page.locator("#slide").focus()
    ines.page.keyboard.press("d")
    expect(slide_of(yann)).to_have_attribute("data-role", "presenting")
    yann.page.keyboard.press("2")
    wait_same_field(ines, yann)
    row(yann, INES).get_by_role("button", name="Donner la main").click()
    expect(slide_of(ines)).to_have_attribute("data-role", "presenting")


def sees_what_all_see(ines: Person, solene: Person) -> None:
    """With the same magnification a small window shows a part of a large one: the large one is told which."""
    ines.page.keyboard.press("3")
    wait_same_field(solene, ines)
    screens(ines, "2/2")
    expect(slide_of(ines)).not_to_have_attribute("data-common", "")
    assert slide_of(ines).get_attribute("data-common") is None
    solene.page.locator("#same").check()
    wait_for(ines, "() => document.querySelector('#slide').dataset.common !== undefined")
    common = view_of(slide_of(ines).get_attribute("data-common"))
    whole = view_of(slide_of(ines).get_attribute("data-view"))
    assert 0.5 * whole.width < common.width < 0.95 * whole.width
    ines.picture("room-together-common")
    solene.picture("room-together-same")
    solene.page.locator("#same").uncheck()
    wait_for(ines, "() => document.querySelector('#slide').dataset.common === undefined")


def keeps_the_keyboard(ines: Person, yann: Person) -> None:
    """Whatever button goes once it is pressed: the next key is not lost."""
    page = ines.page
    page.keyboard.press("o")
    page.keyboard.press("t")
    for closing in ("#display [data-action=display]", "#ink-bar [data-action=ink]"):
        page.locator(closing).press("Enter")
        expect(page.locator(closing)).to_be_hidden()
        expect(page.locator("#slide")).to_be_focused()
    page.locator("#agenda-make").press("Enter")
    page.get_by_role("button", name="Retirer le point 1").press("Enter")
    expect(page.locator("#agenda-add")).to_be_focused()
    page.keyboard.press("Escape")
    yann.page.locator("#ask").press("Enter")
    expect(yann.page.locator("#ask")).to_be_disabled()
    expect(yann.page.locator("#slide")).to_be_focused()
    page.locator(".ask-box").get_by_role("button", name="Plus tard").press("Enter")
    expect(page.locator(".ask-box")).to_have_count(0)
    expect(page.locator("#slide")).to_be_focused()
    for giving, taking, name in ((ines, yann, YANN), (yann, ines, INES)):
        row(giving, name).get_by_role("button", name="Donner la main").press("Enter")
        expect(slide_of(taking)).to_have_attribute("data-role", "presenting")
        expect(slide_of(giving)).not_to_have_attribute("data-role", "presenting")
        expect(giving.page.locator("#slide")).to_be_focused()


def is_told_why_not(ines: Person) -> None:
    """In words, and what was typed is still there."""
    page = ines.page
    typed = f"Voir {NIR}"
    page.locator("#line").fill(typed)
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Le champ « Message » contient un numéro de sécurité sociale.")
    expect(page.locator("#line")).to_have_value(typed)
    page.locator("#line").fill("")
    page.locator("#agenda-make").click()
    page.locator(".agenda-label-field").fill(typed)
    page.keyboard.press("Enter")
    expect(page.locator("#agenda-wrong")).to_contain_text("« Point de l’ordre du jour » contient un numéro")
    expect(page.locator(".agenda-label-field")).to_have_value(typed)
    page.locator("#agenda-cancel").click()


def sets_the_agenda(ines: Person) -> tuple[str, str]:
    """Returns the slides of its two points."""
    page = ines.page
    page.locator("#agenda-make").click()
    rows = page.locator("#agenda-rows li")
    expect(rows).to_have_count(1)
    slides = [str(option.get_attribute("value")) for option in rows.first.locator("option").all()][1:]
    assert slides
    first, second = slides[0], slides[-1]
    for index, (label, slide, minutes) in enumerate((("Premier temps", second, "5"), ("Marges", first, "10"))):
        if index:
            page.locator("#agenda-add").click()
        rows.nth(index).locator(".agenda-label-field").fill(label)
        rows.nth(index).locator("select").select_option(slide)
        rows.nth(index).locator(".agenda-minutes-field").fill(minutes)
    ines.picture("room-agenda-form")
    rows.nth(1).get_by_role("button", name="Monter le point 2").click()
    page.locator("#agenda-form button[type=submit]").click()
    expect(page.locator("#agenda-items .agenda-label")).to_have_text(["Marges", "Premier temps"])
    return first, second


def goes_on(ines: Person, yann: Person, first: str, second: str) -> None:
    expect(yann.page.locator("#agenda-items .agenda-label")).to_have_text(["Marges", "Premier temps"])
    expect(yann.page.locator("#agenda-next")).to_be_hidden()
    for label, slide in (("Marges", first), ("Premier temps", second)):
        ines.page.locator("#agenda-next").press("Enter")
        for person in (ines, yann):
            expect(person.page.locator("#agenda-items [aria-current=step] .agenda-label")).to_have_text(label)
            wait_sharp(person)
            shown = person.page.locator(".strip-slide[aria-current]")
            if shown.count():
                expect(shown).to_have_attribute("data-slide", slide)
    expect(ines.page.locator("#agenda-next")).to_be_disabled()
    expect(ines.page.locator("#slide")).to_be_focused()
    expect(ines.page.locator("#agenda-items [aria-current] .agenda-minutes")).to_have_text("0 / 5 min")
    wait_same_field(yann, ines)
    ines.picture("room-agenda")
    yann.picture("room-agenda-followed")
    ines.page.keyboard.press("j")
    expect(ines.page.locator("#messages")).to_have_text("C’était le dernier point de l’ordre du jour.")


def writes_in_any_window(ines: Person) -> None:
    """The field for a message is in sight whatever else the panel holds; at 200 % a window of 1366 px has 683 of the page's."""
    page = ines.page
    size = page.viewport_size
    assert size is not None
    for width, height in ((1366, 768), (1280, 720), (683, 384)):
        page.set_viewport_size({"width": width, "height": height})
        if page.locator("#together").is_hidden():
            page.locator("[data-action=panel]").click()
        for part in ("#line", "#line-form button[type=submit]"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
            page.locator(part).click(trial=True)  # nothing lies over it
        ines.picture(f"room-agenda-{width}")
        # All else can be reached.
        for part in ("#members li:last-child", "#agenda-next", "#thread"):
            page.locator(part).scroll_into_view_if_needed()
            expect(page.locator(part)).to_be_in_viewport()
        expect(page.locator("#line")).to_be_in_viewport(ratio=1)
    page.set_viewport_size(size)


def reads_the_roll(ines: Person) -> None:
    ines.page.locator("#roll").click()
    rows = ines.page.locator("#roll-rows tr")
    for name in (INES, YANN, SOLENE):
        expect(rows.filter(has_text=name).first).to_contain_text("en séance")
    ines.picture("room-roll")
    ines.page.emulate_media(media="print")
    expect(ines.page.locator(".bar")).to_be_hidden()
    expect(ines.page.locator("table.roll")).to_be_visible()
    ines.picture("room-roll-printed")
    ines.page.emulate_media(media="screen")
    ines.page.locator("#roll-dialog form button").click()
