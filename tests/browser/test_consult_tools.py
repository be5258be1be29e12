"""What lies beside the slides of a request, used by people: attachments, held slides, kept fields, the code of a report."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect
from pypdf import PdfReader

from tests.browser.backstage import asked, sends_mislabelled
from tests.browser.windows import CASE, Person, open_case, seen, view_of, wait_for, wait_sharp, wait_still
from tests.builders_attachments import pdf, secretive
from tests.running import Node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

At = Callable[..., Person]
LABELLED = "26-00999"
"""What the label of the slide sent to CASE reads."""


def attaches(person: Person, title: str, name: str, content: bytes) -> None:
    """Through the form of the case that the window shows."""
    form = person.page.locator("#attachments form[enctype]")
    if not form.is_visible():
        person.page.locator("#attachments summary", has_text="Joindre").click()
    form.locator("[name=title]").fill(title)
    form.locator("[name=file]").set_input_files(FilePayload(name=name, mimeType="application/pdf", buffer=content))
    form.get_by_role("button", name="Joindre", exact=True).click()


def test_attachments_are_seen_as_pictures_and_a_trap_is_refused_in_words(consult_node: Node, at: At) -> None:
    ines = at(consult_node, "ines")
    page = ines.page
    open_case(ines)
    attaches(ines, "Compte rendu du scanner", "MARTIN Jeanne.pdf", pdf(3))
    expect(page.get_by_role("status").filter(has_text="Pièce jointe ajoutée")).to_be_visible()
    attaches(ines, "Photographie de la pièce", "photo.jpg", secretive("JPEG"))
    scan, photo = (page.locator("#attachments li", has_text=name) for name in ("scanner", "Photographie"))
    expect(photo).to_be_visible()
    expect(scan).to_contain_text("3 pages")
    scan.locator("summary").click()
    ines.picture("tools-01-attachments")
    for number, picture in enumerate(scan.locator("img").all()):
        picture.scroll_into_view_if_needed()
        wait_for(ines, "(number) => document.querySelectorAll('#attachments img')[number].naturalWidth > 100", number)
    photo.locator("summary").click()
    picture = photo.locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    # It lay on its side, by its EXIF; what the service gives stands upright and says nothing more.
    given = ines.context.request.get(ines.origin + str(picture.get_attribute("src"))).body()
    assert not [word for word in (b"MARTIN", b"Exif", b"xmp", b"script") if word in given]
    assert picture.evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [48, 64]
    ines.picture("tools-02-attachment-photo")

    attaches(ines, "Document chiffré", "secret.pdf", pdf(password="secret"))
    wrong = page.locator("#file-error")
    expect(wrong).to_contain_text("mot de passe")
    expect(page.locator("#attachments [name=title]")).to_have_value("Document chiffré")
    ines.picture("tools-03-attachment-refused")
    attaches(ines, "Archive", "photo.pdf", b"PK\x03\x04" + bytes(4000))
    expect(wrong).not_to_contain_text("mot de passe")
    expect(wrong).to_be_visible()
    ines.picture("tools-04-attachment-no-document")
    assert "MARTIN" not in page.content()

    open_case(ines)
    photo.locator("summary").click()
    photo.get_by_role("button", name="Supprimer cette pièce").click()
    expect(page.get_by_role("status").filter(has_text="supprimée")).to_be_visible()
    expect(photo).to_have_count(0)
    expect(scan).to_be_visible()
    assert [one for one in ines.complaints if "422" not in one] == []


def test_a_slide_of_another_case_is_stopped_for_its_sender_alone(consult_node: Node, at: At, tmp_path: Path) -> None:
    ines, colleague = at(consult_node, "ines"), at(consult_node, "solene")
    ines.go("/cases/new")
    ines.page.locator("[name=number]").fill(LABELLED)
    ines.page.locator("[name=organ]").select_option("skin")
    ines.page.locator("[name=title]").fill("Biopsie cutanée")
    ines.page.get_by_role("button", name="Créer").click()
    expect(ines.page.get_by_role("heading", level=1)).to_contain_text(LABELLED)
    right = ines.page.url.partition("?")[0]
    open_case(ines)
    slides = ines.page.locator("#slides .slide-card")
    before = slides.count()
    sends_mislabelled(consult_node, "ines", CASE, tmp_path)

    open_case(colleague)
    expect(colleague.page.get_by_role("link", name="Voir pourquoi")).to_have_count(0)
    colleague.go("/slides/held")
    expect(colleague.page.locator("main")).to_contain_text("Aucune lame retenue")
    open_case(ines)
    expect(slides).to_have_count(before)  # it is of no case
    ines.picture("tools-05-held-case")
    ines.page.get_by_role("link", name="Voir pourquoi").click()
    expect(ines.page.locator("main")).to_contain_text(f"L’étiquette porte « {LABELLED} », et non le dossier {CASE}.")
    ines.picture("tools-06-held")
    number = ines.page.get_by_label("Dossier où elle va")
    number.fill(CASE)
    ines.page.get_by_role("button", name="Ajouter à ce dossier").click()
    expect(ines.page.locator(".notice.bad")).to_contain_text("La lame n’a pas été ajoutée")
    ines.picture("tools-07-held-refused")
    number.fill(LABELLED)
    ines.page.get_by_role("button", name="Ajouter à ce dossier").click()
    ines.page.wait_for_url(f"{right}*")
    expect(slides).to_contain_text("Étiquette vérifiée")
    ines.picture("tools-08-held-let-in")

    sends_mislabelled(consult_node, "ines", CASE, tmp_path)
    ines.go("/slides/held")
    ines.page.get_by_role("button", name="Supprimer cet envoi").click()
    expect(ines.page.get_by_role("status").filter(has_text="Envoi supprimé")).to_be_visible()
    open_case(ines)
    expect(ines.page.get_by_role("link", name="Voir pourquoi")).to_have_count(0)
    assert [one for one in ines.complaints if "422" not in one] == []


def test_a_field_is_kept_signed_and_printed_and_its_code_verifies(consult_node: Node, at: At) -> None:
    path = asked(consult_node, "Foyer infiltrant ?", accepted=True)
    ines, claire = at(consult_node, "ines"), at(consult_node, "claire")
    page = claire.page
    claire.go(path)
    page.locator("#slides a[href^='/slides/']").first.click()
    wait_sharp(claire)
    page.keyboard.press("4")
    page.keyboard.press("r")
    wait_still(claire)
    kept = seen(claire)
    assert kept.rotation != 0
    page.keyboard.press("g")
    page.locator("#region-label").fill("Foyer infiltrant")
    page.locator("#region-form button[type=submit]").click()
    expect(page.locator("#region-list")).to_contain_text("Foyer infiltrant")
    claire.picture("tools-10-region-kept")
    page.keyboard.press("d")
    page.locator("#remark-line").fill("Voyez ce foyer.")
    page.locator("#remark-line").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Message envoyé, avec ce champ")

    # Another person, another window: the line opens that field of that slide, turned as it was.
    ines.go(path)
    line = ines.page.locator("#discussion .bubble", has_text="Voyez ce foyer")
    expect(line).to_be_visible()
    ines.picture("tools-11-thread-line")
    line.locator(".bubble-view a").click()
    wait_sharp(ines)
    assert_shows(ines, kept)
    expect(ines.page.locator("a.back")).to_have_attribute("href", re.compile(path))
    ines.picture("tools-12-thread-field")

    claire.go(path)
    figure = page.locator("#regions figure", has_text="Foyer infiltrant")
    expect(figure.locator("img")).to_have_js_property("complete", True)
    figure.scroll_into_view_if_needed()
    claire.picture("tools-13-region-beside-opinion")
    figure.locator("a").click()
    wait_sharp(claire)
    assert_shows(claire, kept)

    claire.go(path)
    page.locator("textarea[name=conclusion]").fill("Adénocarcinome infiltrant.")
    page.get_by_role("button", name="Relire et signer").click()
    expect(page.locator("#opinion figure", has_text="Foyer infiltrant")).to_be_visible()
    claire.picture("tools-14-signing-with-region")
    page.get_by_role("button", name="Signer l’avis").click()
    signed = page.locator("section.opinion")
    expect(signed).to_contain_text("Foyer infiltrant")
    signed.scroll_into_view_if_needed()
    claire.picture("tools-15-signed-with-region")

    ines.go(path)
    expect(ines.page.locator("section.opinion img")).to_have_count(1)
    answer = ines.context.request.get(f"{ines.origin}{path}/report.pdf")
    report = PdfReader(io.BytesIO(answer.body()))
    assert "Foyer infiltrant" in "".join(one.extract_text() for one in report.pages)
    assert [image for one in report.pages for image in one.images if image.data.startswith(b"\xff\xd8")]

    code = ines.page.locator(".signature summary code").inner_text()
    visitor = at(consult_node)
    verifies(visitor, code.replace("-", " ").lower(), "Compte rendu authentique")
    expect(visitor.page.locator("main")).to_contain_text("Houblon")
    assert CASE not in visitor.page.locator("main").inner_text()
    visitor.picture("tools-16-verified")
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    verifies(visitor, wrong, "Ce code n’est celui d’aucun compte rendu signé")
    visitor.picture("tools-17-not-verified")
    for person in (ines, claire, visitor):
        assert person.complaints == []


def assert_shows(person: Person, view: object) -> None:
    """The window is on that field, turned as it was; its own shape may show more of it."""
    wait_still(person)
    now = seen(person)
    wanted = view_of(",".join(str(part) for part in view))  # type: ignore[attr-defined]
    assert now.rotation == wanted.rotation
    assert abs(now.x - wanted.x) < now.width / 100
    assert abs(now.y - wanted.y) < now.width / 100
    assert abs(now.width - wanted.width) < wanted.width / 10


def verifies(visitor: Person, code: str, answer: str) -> None:
    visitor.go("/verify")
    visitor.page.locator("[name=code]").fill(code)
    visitor.page.get_by_role("button", name="Vérifier").click()
    expect(visitor.page.locator(".notice")).to_contain_text(answer)
