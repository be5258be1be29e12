"""A day with requests: a letter to who never came, being told as one likes, an editor that loses nothing, a list that lives."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Error, Page, Response, expect
from sqlalchemy import func, select, update

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.directory import person
from telepath.db.schema.outbox import outbox
from telepath.territories import local
from tests.browser.backstage import asked, at_database
from tests.browser.windows import CASE, CONSULT, PATIENCE, SCREENSHOTS, Person
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
UNFOCUSED = """
document.hasFocus = () => false;
window.told = [];
const shown = window.Notification;
window.Notification = class extends shown {
    constructor(title, options) { super(title, options); window.told.push(options.body); }
};
"""
"""Its person looks elsewhere; what the browser is asked to show is kept."""


async def all_told(db: Database) -> None:
    """Return when the node has told everybody of all that has happened."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            async with db.read() as reader:
                if not await reader.scalar(select(func.count()).select_from(outbox)):
                    return
            await asyncio.sleep(0.05)  # there is nothing else to wait on: another process tells them


def mailbox(node: Node, who: str, *, newcomer: bool = False) -> str:
    """Letters of what happens from now on reach this person there. ``newcomer``: they have never signed in."""
    address = f"{who}@messagerie.example"

    async def give(db: Database) -> None:
        # What happened before, in another story or in the demonstration's own, is told while they have no address.
        await all_told(db)
        values = {"email": address} | ({"first_seen_at": None} if newcomer else {})
        this = person.c.subject_name_id == PEOPLE[who].subject_name_id
        async with db.write(SYSTEM, unaudited="a story begins") as tx:
            await tx.execute(update(person).where(this).values(**values))

    at_database(node, give)
    return address


def letters(node: Node, address: str, count: int) -> list[EmailMessage]:
    """What that mailbox got, oldest first: as soon as there are so many."""
    folder = Path(node.environment["TELEPATH_DATA"]) / "mail"
    deadline = monotonic() + PATIENCE / 1000
    while True:
        files = sorted(folder.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns)
        got = [message_from_bytes(one.read_bytes(), policy=SMTP) for one in files]
        mine = [one for one in got if str(one["To"]) == address]
        if len(mine) >= count:
            return mine
        assert monotonic() < deadline, f"{len(mine)} letters to {address}"
        sleep(0.05)  # there is nothing else to wait on: another process writes them


def test_a_letter_leads_who_never_came_to_the_request_and_one_click_declines(consult_node: Node, at: At) -> None:
    address = mailbox(consult_node, "yann", newcomer=True)
    path = asked(consult_node, "Dysplasie de haut grade ?", "yann")
    (letter,) = letters(consult_node, address, 1)
    (link,) = [word for word in letter.get_content().split() if word.startswith(f"{consult_node.origin}/asked/")]
    yann = at(consult_node)
    page = yann.page
    page.goto(link)
    main = page.locator("main")
    for words in ("Dr Inès Flamboyant", "Hôpital de l’Estuaire", "Standard"):
        expect(main).to_contain_text(words)
    for secret in (CASE, "sigmoïde", "Dysplasie", "Digestif", "58 ans"):
        assert secret not in page.content()
    yann.picture("tools-40-asked")
    page.get_by_role("link", name="S’identifier").click()
    page.locator(f'button[value="{PEOPLE["yann"].subject_name_id}"]').click()
    page.wait_for_url(f"**{path}")
    expect(page.locator("#question-asked")).to_contain_text("Dysplasie de haut grade ?")
    expect(page.get_by_role("button", name="Accepter")).to_be_visible()
    yann.picture("tools-41-asked-landed")

    # Another day, another letter; they come to say no: one click behind the login says it.
    yann.context.clear_cookies()
    page.goto(link)
    page.get_by_role("link", name="Décliner").click()
    page.locator(f'button[value="{PEOPLE["yann"].subject_name_id}"]').click()
    page.wait_for_url(f"**{path}?answer=decline")
    reason = page.get_by_role("button", name="Trop d’avis en cours")
    expect(reason).to_be_in_viewport()
    yann.picture("tools-42-declining")
    reason.click()
    expect(page.get_by_role("status").filter(has_text="décliné")).to_be_visible()
    ines = at(consult_node, "ines")
    ines.go(path)
    expect(ines.page.locator("#consult-state")).to_contain_text("Trop d’avis en cours")
    ines.picture("tools-43-declined")
    ended = page.goto(link)
    assert ended is not None
    assert ended.status == 404
    yann.picture("tools-44-asked-ended")


def test_who_chose_how_to_be_told_is_told_so(consult_node: Node, at: At) -> None:
    address = mailbox(consult_node, "claire")
    path = asked(consult_node, "Atypies ?", accepted=True)
    before = len(letters(consult_node, address, 1))  # of the offer
    claire, ines = at(consult_node, "claire"), at(consult_node, "ines")
    page = claire.page
    claire.go("/notices/preferences")
    state = page.locator("#browser-notices .browser-state")
    expect(state).to_contain_text("Ce navigateur les bloque")
    claire.picture("tools-45-preferences")
    claire.context.grant_permissions(["notifications"])
    page.reload()
    expect(state).to_contain_text("autorisées sur ce poste")
    written = page.locator("tr", has_text="écrit")
    written.locator("#thread-written-mail").uncheck()
    written.locator("#thread-written-browser").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status").filter(has_text="Vos choix sont enregistrés")).to_be_visible()
    expect(page.locator("#thread-written-mail")).not_to_be_checked()
    expect(page.locator("#thread-written-browser")).to_be_checked()
    claire.picture("tools-46-preferences-chosen")

    claire.context.add_init_script(UNFOCUSED)
    claire.go("/")
    ines.go(path)
    ines.page.locator("#discussion textarea").fill("Une recoupe est prête.")
    ines.page.locator("#discussion").get_by_role("button", name="Envoyer").click()
    expect(page.locator(".toast", has_text="Flamboyant")).to_be_visible()
    told = page.evaluate("window.told")
    assert told == ["Quelque chose vous attend."]
    ines.page.locator("summary", has_text="Annuler").click()
    ines.page.locator("form[action$='/revoke'] button").click()
    expect(page.locator(".toast", has_text="annulé")).to_be_visible()
    # The line of the discussion would have been sent before this one.
    assert len(letters(consult_node, address, before + 1)) == before + 1


def saves(response: Response) -> bool:
    return response.url.endswith("/draft") and response.ok


def types(page: Page, words: str) -> None:
    """At the end of the conclusion, letter by letter, without a pause that a save could wait for."""
    box = page.locator("textarea[name=conclusion]")
    box.press("End")
    box.press_sequentially(words, delay=60)


def test_the_editor_loses_nothing_and_overwrites_nobody(consult_node: Node, at: At) -> None:
    path = asked(consult_node, "Adénome ?", accepted=True)
    claire = at(consult_node, "claire")
    page = claire.page
    claire.go(path)
    state = page.locator("[data-draft-status]")
    words = "Adénome tubuleux en dysplasie de bas grade."
    with page.expect_response(saves) as first:
        types(page, words)
    # It was saved while it was being typed.
    begun = json.loads(first.value.request.post_data or "{}")["conclusion"]
    assert begun
    assert words.startswith(begun)
    assert begun != words
    expect(state).to_have_attribute("data-draft-state", "saved")
    # On her clock at Lille, as every time of the page, wherever the browser is.
    now = local(datetime.now(UTC), "Europe/Paris")
    minutes = "|".join(f"{now - timedelta(minutes=past):%H:%M}" for past in range(3))
    expect(state).to_have_text(re.compile(f"Enregistré à ({minutes})"))
    page.locator("#editor-title").scroll_into_view_if_needed()
    claire.picture("tools-50-editor-saved")

    other = claire.context.new_page()
    other.goto(claire.origin + path)
    conclusion = "textarea[name=conclusion]"
    expect(other.locator(conclusion)).to_have_value(words)
    with page.expect_response(saves):
        types(page, " Complet.")
    expect(state).to_have_attribute("data-draft-state", "saved")
    types(other, " Incomplet.")
    warning = other.get_by_role("alert").filter(has_text="Rien n’a été écrasé")
    expect(warning).to_contain_text(f"{words} Complet.")
    expect(warning).to_contain_text("Incomplet.")
    expect(other.locator(conclusion)).to_have_value(f"{words} Incomplet.")
    warning.scroll_into_view_if_needed()
    other.screenshot(path=SCREENSHOTS / "tools-51-two-editors.png")
    other.get_by_role("button", name="Prendre la version enregistrée").click()
    expect(other.locator(conclusion)).to_have_value(f"{words} Complet.")
    expect(warning).to_have_count(0)

    # The tab is killed with what was typed a moment before.
    with other.expect_response(saves):
        types(other, " Exérèse passant en zone saine.")
    expect(other.locator("[data-draft-status]")).to_have_attribute("data-draft-state", "saved")
    with suppress(Error):
        other.goto("chrome://crash")
    again = claire.context.new_page()
    again.goto(claire.origin + path)
    expect(again.locator(conclusion)).to_have_value(f"{words} Complet. Exérèse passant en zone saine.")
    assert [one for one in claire.complaints if "409" not in one] == []


def test_the_list_is_searched_kept_walked_and_lives(consult_node: Node, at: At) -> None:
    path = asked(consult_node, "Marges ?")
    ines, claire = at(consult_node, "ines"), at(consult_node, "claire")
    page = ines.page
    tabs = page.get_by_role("navigation", name="Onglets de la liste")
    tabs.get_by_role("link", name="En attente").click()
    lines = page.locator("#worklist-now a.row-title")
    mine = page.locator(f"#worklist-now tr:has(a[href='{path}'])")
    expect(mine).to_be_visible()
    ines.picture("tools-60-worklist-waiting")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("aucun-numéro")
    page.keyboard.press("Enter")
    expect(page.locator("#worklist-now")).to_contain_text("Aucune demande ne correspond")
    page.get_by_role("searchbox").fill("0412")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=0412**")
    expect(mine).to_be_visible()
    page.locator("#filter-name").fill("Sigmoïde")
    page.locator(".saving").get_by_role("button").click()
    expect(page.get_by_role("status").filter(has_text="Filtre enregistré")).to_be_visible()
    ines.picture("tools-61-worklist-filter")

    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(tabs.locator("[aria-current=page]")).to_have_attribute("data-view", "mine")
    page.locator(".saved-filters").get_by_role("link", name="Sigmoïde").click()
    expect(tabs.locator("[aria-current=page]")).to_have_attribute("data-view", "waiting")
    while not mine.locator("a.row-title").evaluate("(one) => one === document.activeElement"):
        at_now = page.evaluate("document.activeElement.getAttribute('href')")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.getAttribute('href')") != at_now, "the last line, and not this one"
    ines.picture("tools-62-worklist-keys")

    # Somebody answers: the line says so by itself, and who walks over the list is still where they were.
    claire.go(path)
    claire.page.get_by_role("button", name="Accepter").click()
    expect(mine).to_contain_text("En lecture")
    expect(mine.locator("a.row-title")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(CONSULT)
    assert path in page.url
    page.go_back()
    page.get_by_role("button", name="Supprimer le filtre Sigmoïde").click()
    expect(page.get_by_role("status").filter(has_text="Filtre supprimé")).to_be_visible()
    expect(page.locator(".saved-filters li")).to_have_count(0)
    expect(lines.first).to_be_visible()
    assert ines.complaints == []
    assert claire.complaints == []
