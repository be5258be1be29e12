"""Who can be asked, and when: a pool of experts, its duties, a rule; a frozen section that rings; the board that shows it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import update

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.consults import consult
from telepath.territories import local
from tests.browser.backstage import at_database
from tests.browser.windows import CONSULT, Person, open_case
from tests.running import Node
from web.demo import PEOPLE, PLACES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
POOL = "Extemporanés digestifs"
CLAIRE, YANN, PAUL = "Dr Claire Houblon", "Dr Yann Goémon", "Dr Paul Vétiver"


def said(person: Person, words: str) -> None:
    """The page says that it was done."""
    expect(person.page.get_by_role("status").filter(has_text=words)).to_be_visible()


def day_of(who: str, days: int) -> str:
    """So many days from today, on the clock of that person, as the field of a date wants it."""
    return str((local(datetime.now(UTC), PLACES[PEOPLE[who].place].time_zone) + timedelta(days)).date())


def chooses(box: Locator, words: str) -> None:
    """The option that holds these words: a name stands there with its place."""
    value = box.locator("option", has_text=words).first.get_attribute("value")
    box.select_option(value)


def test_duties_are_kept_swapped_and_called_by_a_frozen_section(consult_node: Node, at: At) -> None:
    solene, ines, claire, yann, paul = (at(consult_node, who) for who in ("solene", "ines", "claire", "yann", "paul"))
    makes_the_pool(solene)
    keeps_the_roster(solene)
    swaps(claire, paul)
    is_absent(paul, solene)
    rules(solene, ines)
    path = rings(ines, claire, yann, solene)
    is_taken(path, ines, claire, yann, solene)
    counts_down(consult_node, path, claire)
    for person in (solene, ines, claire, yann, paul):
        assert person.complaints == []


def line_of(person: Person, path: str) -> Locator:
    """Of a frozen section, on the list or on the board that the window shows."""
    return person.page.locator(f"tr.frozen:has(a[href='{path}'])")


def makes_the_pool(solene: Person) -> None:
    page = solene.page
    page.get_by_role("link", name="Coordination", exact=True).click()
    page.locator("#new [name=name]").fill(POOL)
    page.locator("#new [name=organs][value=digestive]").check()
    page.get_by_role("button", name="Créer le groupe").click()
    said(solene, "Groupe créé")
    expect(page.get_by_role("heading", level=1)).to_have_text(POOL)
    for name in (CLAIRE, YANN, PAUL):
        chooses(page.get_by_label("Ajouter un expert"), name)
        page.get_by_role("button", name="Ajouter", exact=True).click()
        expect(page.locator("#members tbody tr", has_text=name)).to_be_visible()
    solene.picture("tools-20-pool")


def keeps_the_roster(solene: Person) -> None:
    """Three days and nights of Claire, yesterday's on: the rest of the week has gaps, which are named."""
    page = solene.page
    page.get_by_role("link", name="Tableau d’astreinte").click()
    expect(page.locator(".notice.warn")).to_contain_text("Personne ne répond")
    solene.picture("tools-21-roster-empty")
    duties = (("claire", CLAIRE, "32", "03 20 00 00 00"), ("yann", YANN, "53", "02 99 00 00 00"))
    for who, name, territory, phone in duties:
        form = page.locator("#enter form")
        chooses(form.locator("[name=person]"), name)
        form.locator("[name=territory]").select_option(territory)
        form.locator("[name=phone]").fill(phone)
        for box in form.locator("[name=days]").all():
            box.check()
        for field, text in (
            ("begins", "00:00"),
            ("ends", "00:00"),
            ("first", day_of(who, -1)),
            ("last", day_of(who, 1)),
        ):
            form.locator(f"[name={field}]").fill(text)
        solene.picture(f"tools-22-roster-form-{who}")
        form.get_by_role("button").click()
        said(solene, "Astreintes enregistrées")
    page.get_by_role("link", name="Cette semaine").click()
    row = page.locator(".roster tbody tr", has=page.get_by_role("rowheader", name="Hauts-de-France"))
    expect(row.locator(".shift-who", has_text=CLAIRE).first).to_be_visible()
    expect(row.locator(".shift.nobody", has_text="personne").first).to_be_visible()
    expect(page.locator(".notice.warn .holes li").first).to_be_visible()
    solene.picture("tools-23-roster-gap")


def swaps(claire: Person, paul: Person) -> None:
    """Her last duty is taken by a colleague, who answers at another telephone."""
    expect(claire.page.locator("#notice-count")).not_to_have_text("0")
    claire.page.get_by_role("link", name="Astreintes").click()
    mine = claire.page.locator("table.worklist tbody tr", has_text=POOL)
    expect(mine).to_have_count(2)  # yesterday's is over
    expect(mine.first).to_contain_text("en cours")
    claire.picture("tools-24-duties")
    mine.last.locator("summary").click()
    chooses(mine.last.locator("select"), PAUL)
    mine.last.get_by_role("button", name="Demander").click()
    said(claire, "L’astreinte reste la vôtre jusqu’à la réponse")
    expect(mine.last).to_contain_text(f"Demandé à {PAUL}")

    toast = paul.page.locator(".toast", has_text="Houblon")
    expect(toast).to_be_visible()
    paul.picture("tools-25-swap-asked")
    toast.get_by_role("link").click()
    asked = paul.page.locator(".card", has_text=f"{CLAIRE} vous demande de prendre cette astreinte")
    asked.locator("[name=phone]").fill("02 62 00 00 00")
    paul.picture("tools-26-swap-to-take")
    asked.get_by_role("button", name="La prendre").click()
    said(paul, "L’astreinte est maintenant la vôtre")
    expect(paul.page.locator("table.worklist tbody tr", has_text=POOL)).to_contain_text("02 62 00 00 00")
    claire.page.reload()
    expect(mine).to_have_count(1)


def is_absent(paul: Person, solene: Person) -> None:
    """Who has a duty says that they will be away: the roster says so too, until they are back."""
    page = paul.page
    page.get_by_role("link", name="Absence").click()
    form = page.locator("#new form")
    for field in ("first", "last"):
        form.locator(f"[name={field}]").fill(day_of("paul", 2 if field == "last" else 0))
    page.get_by_role("button", name="Annoncer").click()
    said(paul, "Absence enregistrée")
    paul.picture("tools-27-absence")
    page_of_roster = solene.page
    page_of_roster.goto(page_of_roster.url.partition("?")[0] + f"?week={day_of('solene', 1)}")
    shift = page_of_roster.locator(".shift", has_text=PAUL).first
    expect(shift).to_contain_text("absent")
    solene.picture("tools-28-roster-absent")
    page.locator("tbody tr", has_text=PAUL).get_by_role("button").click()
    said(paul, "Absence terminée")
    page_of_roster.reload()
    expect(shift).not_to_contain_text("absent")


def rules(solene: Person, ines: Person) -> None:
    """Who must not be proposed is left out of the next request, with the reason; no longer, once the rule has ended."""
    page, asking = solene.page, ines.page
    page.get_by_role("link", name="Coordination", exact=True).click()
    page.get_by_role("navigation", name="Parties de la coordination").get_by_role("link", name="Règles").click()
    page.locator("[name=effect]").select_option("exclude")
    chooses(page.locator("[name=target]"), YANN)
    page.locator("[name=organ]").select_option("digestive")
    page.locator("[name=note]").fill("Convention échue")
    page.get_by_role("button", name="Ajouter la règle").click()
    said(solene, "Règle ajoutée")
    rule = page.locator(".rules li", has_text=f"Ne pas proposer {YANN}")
    expect(rule).to_contain_text("Convention échue")
    solene.picture("tools-29-rules")

    open_case(ines)
    asking.get_by_role("link", name="Demander un avis").first.click()
    proposed = asking.locator("#proposals .radio-card", has_text=CLAIRE)
    expect(proposed).to_be_visible()
    left_out = asking.locator("#proposals details", has_text=YANN)
    left_out.locator("summary").click()
    barred = left_out.get_by_text(YANN).first
    expect(barred).to_be_visible()
    barred.scroll_into_view_if_needed()
    ines.picture("tools-30-left-out-by-rule")
    rule.get_by_role("button").click()
    said(solene, "Règle supprimée")


def rings(ines: Person, claire: Person, yann: Person, solene: Person) -> str:
    """Everyone on duty is called at once; who asks sees whom to telephone. Returns the consult's path."""
    page = ines.page
    open_case(ines)
    page.get_by_role("link", name="Demander un avis").first.click()
    page.locator("textarea[name=question]").fill("Marge digestive saine ?")
    page.locator("select[name=kind]").select_option("frozen")
    together = page.locator("section[aria-labelledby=who-title]")
    for name in (CLAIRE, YANN):
        expect(together).to_contain_text(name)
    expect(together.locator("[name=policy][value=ring]")).to_be_checked()
    ines.picture("tools-31-frozen-form")
    claire.go("/")
    yann.go("/")
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url(CONSULT)
    phones = page.locator("#asking-phones")
    for name, number in ((CLAIRE, "03 20 00 00 00"), (YANN, "02 99 00 00 00")):
        expect(phones.locator("li", has_text=number)).to_contain_text(name)
        expect(page.locator("#asking-card")).to_contain_text(name)
    expect(page.locator("#consult-state .deadline")).to_contain_text("min")
    ines.picture("tools-32-frozen-ringing")
    path = page.url.removeprefix(ines.origin).partition("?")[0]
    for person in (claire, yann):
        expect(line_of(person, path)).to_be_visible()
        expect(person.page.locator(".toast", has_text="Flamboyant").first).to_be_visible()
    claire.picture("tools-33-frozen-called")

    solene.page.get_by_role("navigation", name="Parties de la coordination").get_by_role("link").first.click()
    expect(line_of(solene, path)).to_contain_text(CLAIRE)
    solene.picture("tools-34-board")
    return path


def is_taken(path: str, ines: Person, claire: Person, yann: Person, solene: Person) -> None:
    """One accepts; the other, who looks at the same request, learns that it is taken and can no longer accept."""
    for person in (claire, yann):
        line_of(person, path).get_by_role("link").click()
        person.page.wait_for_url(CONSULT)
    expect(yann.page.get_by_role("button", name="Accepter")).to_be_visible()
    expect(yann.page.locator(".offer-gone")).to_be_hidden()
    claire.page.get_by_role("button", name="Accepter").click()
    expect(claire.page.locator("a[href^='/slides/']").first).to_be_visible()
    expect(yann.page.locator(".toast", has_text="Un autre expert a accepté")).to_be_visible()
    expect(yann.page.locator(".offer-gone")).to_contain_text("un autre expert l’a acceptée")
    expect(yann.page.get_by_role("button", name="Accepter")).to_have_count(0)
    expect(yann.page.locator(".consult-state")).to_be_hidden()
    yann.picture("tools-35-frozen-taken")
    expect(ines.page.locator("#consult-state")).to_contain_text("En lecture")
    expect(ines.page.locator("#asking-phones")).to_have_count(0)
    expect(line_of(solene, path)).to_contain_text("En lecture")
    yann.go("/")
    expect(line_of(yann, path)).to_have_count(0)
    yann.complaints[:] = [one for one in yann.complaints if "404" not in one]


def counts_down(node: Node, path: str, claire: Person) -> None:
    """The time that is left goes on by itself, on pages that nobody touches."""
    claire.page.clock.install()
    claire.go(path)
    left = claire.page.locator("#consult-state .deadline")
    expect(left).to_be_visible()
    due_in(node, path, timedelta(minutes=8.5))
    claire.page.clock.fast_forward(21_000)
    expect(left).to_contain_text("8 min")
    claire.picture("tools-37-frozen-count-down")
    claire.go("/")
    expect(line_of(claire, path)).to_contain_text("8 min")
    due_in(node, path, timedelta(minutes=4.5))
    claire.page.clock.fast_forward(61_000)
    expect(line_of(claire, path)).to_contain_text("4 min")


def due_in(node: Node, path: str, time: timedelta) -> None:
    """As if the rest had passed."""

    async def sooner(db: Database) -> None:
        async with db.write(SYSTEM, unaudited="the test makes time pass") as tx:
            this = consult.c.id == path.rpartition("/")[2]
            await tx.execute(update(consult).where(this).values(due_at=datetime.now(UTC) + time))

    at_database(node, sooner)
