"""The whole job, once, by people: a request from Cayenne, an answer from Lille, a live room, a signature, an audit.

Requester and expert are on different nodes. Every step leaves a screenshot."""

import io
from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import Locator, expect
from pypdf import PdfReader

from tests.browser.windows import (
    CASE,
    CONSULT,
    PATIENCE,
    Person,
    pixels,
    seen,
    to_slide,
    to_window,
    wait_for,
    wait_pointer,
    wait_same_field,
    wait_sharp,
    wait_still,
)
from tests.running import Node
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_a_second_opinion_from_request_to_audit(nodes: list[Node], at: Callable[..., Person]) -> None:
    here, there = nodes
    claire = at(there, "claire")
    claire.picture("expert-worklist-before")
    ines = at(here, "ines")
    ines.picture("requester-worklist")

    looks_at_the_slide(ines)
    consult = asks(ines, claire)
    accepts(claire, ines)
    room(ines, claire, at, here, there)
    signs(claire, consult, at(here, "claire"))
    reads_and_prints(ines, consult)
    adds(claire, ines, consult)
    audits(at(here, "nadia"), consult)
    proof = here.command("audit", "verify")
    assert proof.returncode == 0, proof.stdout
    assert "Rien n’a été altéré" in proof.stdout
    assert ines.complaints == []
    assert claire.complaints == []


def looks_at_the_slide(ines: Person) -> None:
    page = ines.page
    page.get_by_role("link", name="Dossiers", exact=True).click()
    ines.picture("cases")
    page.get_by_role("link", name=CASE).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(CASE)
    ines.picture("case")
    page.locator("a[href^='/slides/']").first.click()
    wait_sharp(ines)
    ines.picture("viewer-overview")
    whole = seen(ines)
    page.keyboard.press("4")
    wait_still(ines)
    wait_sharp(ines)
    ines.picture("viewer-x20")
    assert seen(ines).width < whole.width
    expect(page.locator("#scale-bar")).to_be_visible()
    expect(page.locator("#magnification")).to_contain_text("20")

    before = seen(ines)
    page.keyboard.press("ArrowRight")
    wait_still(ines)
    assert seen(ines).x > before.x
    page.keyboard.press("r")
    wait_still(ines)
    assert seen(ines).rotation != 0
    page.keyboard.press("u")
    wait_still(ines)
    assert seen(ines).rotation == 0
    page.keyboard.press("l")
    linked = seen(ines)
    expect(page.locator("#messages")).to_contain_text("ien")
    address = page.evaluate("() => navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(address)
    wait_sharp(ines)
    again = seen(ines)
    assert abs(again.x - linked.x) < 2
    assert abs(again.width - linked.width) < 2

    page.keyboard.press("p")
    page.locator("#pin-label").fill("Glande atypique")
    page.locator("#pin-form button[type=submit]").click()
    expect(page.locator("#pin-list")).to_contain_text("Glande atypique")
    ines.picture("viewer-pin")
    page.keyboard.press("f")
    wait_for(ines, "() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    wait_for(ines, "() => document.fullscreenElement === null")
    page.keyboard.press("h")
    expect(page.locator("#help")).to_be_visible()
    ines.picture("viewer-help")
    page.keyboard.press("Escape")


def asks(ines: Person, claire: Person) -> str:
    """Ask Claire; her worklist shows it by itself. Returns the consult's path."""
    page = ines.page
    page.locator("a.back").click()
    page.get_by_role("link", name="Demander un avis").first.click()
    page.locator("textarea[name=question]").fill("Dysplasie de haut grade ? Foyer infiltrant ?")
    page.locator("[name=urgency]").first.wait_for()
    ines.picture("consult-new")
    expect(page.get_by_role("button", name="Proposer des experts")).to_have_count(0)  # the script proposes by itself
    proposals = page.locator(".radio-card")
    expect(proposals.first).to_be_visible()
    expect(page.locator("main")).to_contain_text("Dr Claire Houblon")
    ines.picture("consult-experts")
    page.locator(".radio-card", has_text="Dr Claire Houblon").locator("input").check(force=True)
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url(CONSULT)
    ines.picture("consult-sent")
    expect(page.get_by_role("status").filter(has_text="Demande envoyée")).to_be_visible()
    # Said once: not again when the page is loaded again.
    wait_for(ines, "() => !location.search.includes('done')")
    # Nobody reloads: the expert's list is told.
    expect(claire.page.locator("#worklist")).to_contain_text(CASE)
    claire.picture("expert-worklist-after")
    return page.url.removeprefix(ines.origin).partition("?")[0]


def accepts(claire: Person, ines: Person) -> None:
    """Ines' page, open on the request, learns of it by itself."""
    page = claire.page
    page.locator("#worklist").get_by_role("link", name=CASE).first.click()
    page.wait_for_url(CONSULT)
    claire.picture("consult-offered")
    assert page.locator("a[href^='/slides/']").count() == 0, "the slides are seen only once the request is accepted"
    page.get_by_role("button", name="Accepter").click()
    expect(ines.page.locator(".toast", has_text="accepte votre demande")).to_be_visible()  # for twelve seconds
    expect(page.locator("a[href^='/slides/']").first).to_be_visible()
    claire.picture("consult-accepted")
    expect(ines.page.locator("#consult-state")).to_contain_text("En lecture")
    expect(ines.page.locator("#facts")).not_to_contain_text("Expert sollicité")
    page.locator("a[href^='/slides/']").first.click()
    wait_sharp(claire)


def room(ines: Person, claire: Person, at: Callable[..., Person], here: Node, there: Node) -> None:
    """Claire opens a live room; Ines is invited on her screen and joins with one click, on the other node."""
    claire.page.go_back()
    claire.page.wait_for_url(CONSULT)
    claire.page.locator("form[action*='/rooms'] button").first.click()
    claire.page.wait_for_url("**/rooms/*")
    wait_sharp(claire)
    invitation = ines.page.locator(".toast.invitation")
    expect(invitation).to_be_visible()
    ines.picture("invited")
    invitation.get_by_role("link").click()
    ines.page.wait_for_url("**/rooms/*")
    wait_sharp(ines)
    expect(claire.page.locator("#members")).to_contain_text("Flamboyant")
    wait_same_field(ines, claire)

    claire.page.keyboard.press("4")
    wait_same_field(ines, claire)
    claire.page.keyboard.press("ArrowRight")
    claire.page.keyboard.press("r")
    wait_same_field(ines, claire)
    wait_sharp(ines)
    hers = points("Dr Claire Houblon", claire, ines, 500, 400)
    assert points("Dr Inès Flamboyant", ines, claire, 700, 500) != hers
    claire.picture("room-presenter")
    ines.picture("room-follower")

    # Another window shape: still all of the presenter's extent.
    ines.page.set_viewport_size({"width": 1100, "height": 980})
    wait_same_field(ines, claire)
    ines.page.set_viewport_size({"width": 1440, "height": 900})
    wait_same_field(ines, claire)

    # Break away, rejoin.
    ines.page.keyboard.press("+")
    expect(ines.page.locator("#rejoin")).to_be_visible()
    ines.picture("room-broken-away")
    ines.page.keyboard.press("f")
    wait_same_field(ines, claire)

    # Hand over: now Claire follows.
    claire.page.locator("#members").get_by_role("button", name="Donner la main").click()
    expect(ines.page.locator("[data-role=presenting]").first).to_be_attached()
    ines.page.keyboard.press("3")
    wait_same_field(claire, ines)

    # A late comer lands on the present field.
    late = at(there, "claire")
    late.page.goto(there.origin + "/" + "/".join(claire.page.url.split("/")[-2:]))
    wait_sharp(late)
    wait_same_field(late, ines)
    late.context.close()

    # A lost connection comes back by itself, onto the field of that moment.
    claire.context.set_offline(True)
    expect(claire.page.locator("#link-state")).not_to_have_attribute("data-state", "open")
    expect(claire.page.locator("#follow-text")).to_have_text("Liaison coupée, image figée")
    expect(ines.page.locator("#follow-text")).to_contain_text("Dr Claire Houblon n’est plus en liaison")
    ines.page.keyboard.press("4")
    wait_still(ines)
    claire.context.set_offline(False)
    expect(claire.page.locator("#link-state")).to_have_attribute("data-state", "open")
    wait_same_field(claire, ines)
    # What the browser said of the cut is no defect.
    claire.complaints[:] = [one for one in claire.complaints if "ERR_INTERNET_DISCONNECTED" not in one]

    ines.page.locator("#line").fill("Regardez l’axe de cette glande.")
    ines.page.locator("#with-view").check()
    ines.page.locator("#line-form button[type=submit]").click()
    expect(claire.page.locator("#thread")).to_contain_text("axe de cette glande")
    claire.picture("room-thread")
    claire.page.locator("a.back").click()
    ines.page.locator("a.back").click()


def points(name: str, person: Person, watcher: Person, x: float, y: float) -> str:
    """Move the mouse there: the other window shows it with the name, in the colour that stands beside the name in both.
    Returns that colour."""
    person.page.mouse.move(x - 20, y - 20)
    person.page.mouse.move(x, y, steps=4)
    shown = wait_pointer(watcher, *to_slide(person, x, y))
    assert shown.name == name
    red, green, blue = bytes.fromhex(shown.colour.removeprefix("#"))
    for window in (person, watcher):
        dot = window.page.locator("#members li", has_text=name).locator(".dot")
        expect(dot).to_have_css("background-color", f"rgb({red}, {green}, {blue})")
    left, top = to_window(watcher, shown.x, shown.y)
    # The arrow hangs down from the place that it points at.
    deadline = monotonic() + PATIENCE / 1000
    while (red, green, blue) not in pixels(watcher, left + 3, top + 8, 2, 2):
        assert monotonic() < deadline, "no arrow in that colour"
    return shown.colour


def signs(claire: Person, consult: str, elsewhere: Person) -> None:
    """Write, sign. ``elsewhere``: another computer that she is signed in at."""
    page = claire.page
    claire.go(consult)
    opinion = {
        "conclusion": "Adénome tubuleux en dysplasie de bas grade. Pas de foyer infiltrant.",
        "description": "Glandes tubulées, noyaux allongés, maturation de surface conservée.",
    }
    for name, text in opinion.items():
        page.locator(f"textarea[name={name}]").fill(text)
    expect(page.locator("[data-draft-state=saved]")).to_be_visible()
    claire.picture("opinion-draft")
    # The service has it, not this tab alone.
    elsewhere.go(consult)
    for name, text in opinion.items():
        expect(elsewhere.page.locator(f"textarea[name={name}]")).to_have_value(text)
    elsewhere.context.close()
    claire.go(consult)
    expect(page.locator("textarea[name=conclusion]")).to_have_value(opinion["conclusion"])
    page.get_by_role("button", name="Relire et signer").click()
    proves(claire, page.get_by_text("Rien n’est encore signé"))
    expect(page.get_by_text("Rien n’est encore signé")).to_be_in_viewport()
    claire.picture("opinion-confirm")
    page.get_by_role("button", name="Signer l’avis").click()
    expect(page.locator("section.opinion")).to_contain_text("bas grade")
    claire.picture("opinion-signed")


def proves(claire: Person, wanted: Locator) -> None:
    """Come to what shows ``wanted``; who authenticated too long ago to sign, as on a slow machine, first does so again."""
    again = claire.page.locator(f'button[value="{PEOPLE["claire"].subject_name_id}"]')
    expect(wanted.or_(again).first).to_be_visible()
    if again.is_visible():
        again.click()


def reads_and_prints(ines: Person, consult: str) -> None:
    ines.go(consult)
    expect(ines.page.locator("section.opinion")).to_contain_text("bas grade")
    expect(ines.page.locator("#history")).to_contain_text("Houblon")
    ines.picture("opinion-read")
    answer = ines.context.request.get(f"{ines.origin}{consult}/report.pdf")
    assert answer.ok
    report = PdfReader(io.BytesIO(answer.body()))
    text = "".join(page.extract_text() for page in report.pages)
    assert "bas grade" in text
    assert "Houblon" in text
    assert CASE in text


def adds(claire: Person, ines: Person, consult: str) -> None:
    """A correction after signature is an addendum, never an edit."""
    page = claire.page
    claire.go(consult)
    page.locator("#addendum summary").click()
    page.locator("#addendum textarea[name=conclusion]").fill("Lire « sigmoïde » et non « rectum ».")
    page.locator("#addendum button.primary").click()
    proves(claire, page.get_by_role("button", name="Signer l’addendum"))
    page.get_by_role("button", name="Signer l’addendum").click()
    expect(page.locator("#opinion-2")).to_contain_text("sigmoïde")
    expect(page.locator("#opinion-2")).to_be_in_viewport()
    expect(page.locator("section.opinion").first).to_contain_text("bas grade")
    ines.go(consult)
    expect(ines.page.locator("#opinion-2")).to_contain_text("sigmoïde")
    ines.picture("addendum")


def audits(nadia: Person, consult: str) -> None:
    nadia.page.get_by_role("link", name="Traçabilité").click()
    expect(nadia.page.get_by_role("link", name="Qui a vu cette lame")).to_be_visible()
    nadia.picture("audit")
    nadia.page.get_by_role("button", name="Vérifier maintenant").click()
    expect(nadia.page.locator(".chain .chip.good", has_text="intact")).to_be_visible()
    nadia.picture("audit-verified")
    nadia.go("/audit/records")
    expect(nadia.page.locator("main")).to_contain_text("Houblon")
    nadia.page.get_by_role("link", name=f"Dossier {CASE}").first.click()
    for who in ("Dr Inès Flamboyant", "Dr Claire Houblon"):
        expect(nadia.page.locator("main")).to_contain_text(who)
    expect(nadia.page.locator("main")).to_contain_text("Avis signé")
    nadia.picture("audit-case")
    # An auditor sees who did what, and no slide.
    assert nadia.context.request.get(nadia.origin + consult).status == 404
