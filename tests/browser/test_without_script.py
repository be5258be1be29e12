"""The written half of the work without script: request, acceptance, opinion and reading are plain forms and links."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.windows import CASE, CONSULT, Person, wait_reloading
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Callable[[Node, str], Person]]:
    """``plain(node, "ines")``: a window without script, signed in there as that person."""
    contexts: list[BrowserContext] = []

    def open_window(node: Node, who: str) -> Person:
        contexts.append(chromium.new_context(java_script_enabled=False, locale="fr-FR"))
        person = Person(contexts[-1], node.origin)
        person.sign_in(who)
        return person

    yield open_window
    for context in contexts:
        context.close()


def test_an_opinion_is_asked_for_written_signed_and_read(one_node: Node, plain: Callable[[Node, str], Person]) -> None:
    ines, maelle = plain(one_node, "ines"), plain(one_node, "maelle")
    consult = asks(ines, "Dr Maëlle Ajonc")
    writes(maelle)
    reads(ines, consult)
    assert ines.complaints == []
    assert maelle.complaints == []


def asks(ines: Person, expert: str) -> str:
    """Returns the consult's path."""
    page = ines.page
    page.get_by_role("link", name="Dossiers", exact=True).click()
    page.get_by_role("link", name=CASE).first.click()
    page.get_by_role("link", name="Demander un avis").first.click()
    expect(page.locator("textarea[name=question]")).to_be_visible()
    # Who is proposed follows the organ; without script one asks for it, and nothing that was typed is lost.
    assert page.locator(".radio-card", has_text=expert).count() == 0
    page.locator("textarea[name=question]").fill("Localisation cutanée ?")
    page.locator("textarea[name=context]").fill("Nodule du bras.")
    page.locator("select[name=organ]").select_option("skin")
    page.locator("select[name=urgency]").select_option("urgent")
    page.get_by_role("button", name="Proposer des experts").click()
    expect(page.locator("textarea[name=question]")).to_have_value("Localisation cutanée ?")
    expect(page.locator("select[name=organ]")).to_have_value("skin")
    page.locator(".radio-card", has_text=expert).locator("input").check(force=True)
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url(CONSULT)
    expect(page.locator("#question-asked")).to_contain_text("Localisation cutanée ?")
    expect(page.locator("#facts")).to_contain_text(expert)
    return page.url.removeprefix(ines.origin).partition("?")[0]


def writes(maelle: Person) -> None:
    page = maelle.page
    asked = page.locator("#worklist").get_by_role("link", name=CASE)
    wait_reloading(maelle, asked)
    asked.first.click()
    page.get_by_role("button", name="Accepter").click()
    expect(page.locator("a[href^='/slides/']").first).to_be_visible()
    page.locator("textarea[name=conclusion]").fill("Hamartome conjonctif.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("textarea[name=conclusion]")).to_have_value("Hamartome conjonctif.")
    expect(page.locator("[data-draft-status]")).to_contain_text("Enregistré")
    page.locator("textarea[name=conclusion]").fill("Hamartome conjonctif. Pas de signe de malignité.")
    page.get_by_role("button", name="Relire et signer").click()
    expect(page.locator("#opinion")).to_contain_text("Rien n’est encore signé")
    expect(page.locator("#opinion")).to_contain_text("Pas de signe de malignité.")
    page.get_by_role("button", name="Signer l’avis").click()
    expect(page.locator("section.opinion")).to_contain_text("Pas de signe de malignité.")
    expect(page.locator("textarea[name=conclusion]")).to_be_hidden()  # what is left is an addendum, folded away


def reads(ines: Person, consult: str) -> None:
    page = ines.page
    ines.go("/notices")
    told = page.locator(f"a[href='{consult}']")
    wait_reloading(ines, told)
    told.first.click()
    expect(page.locator("section.opinion")).to_contain_text("Pas de signe de malignité.")
    expect(page.locator("#history")).to_contain_text("Ajonc")
    report = ines.context.request.get(f"{ines.origin}{consult}/report.pdf")
    assert report.ok
    assert report.body().startswith(b"%PDF-")
