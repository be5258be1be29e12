"""In an emergency a doctor of another institution proves who they are and opens a case; its owner is told and reviews."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.looks import dress, look
from tests.browser.windows import CASE, Person, open_case, wait_reloading, wait_sharp
from tests.running import Node
from web.demo import PEOPLE, PLACES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WHY = "Reprise au bloc dans vingt minutes, le confrère ne répond pas."


def grown_old(node: Node) -> None:
    """Every session was opened ten minutes ago: what asks for a recent authentication asks for a new one."""
    with closing(sqlite3.connect(Path(node.environment["TELEPATH_DATA"]) / "telepath.db", timeout=20)) as db:
        db.execute("UPDATE session SET auth_time = strftime('%Y-%m-%d %H:%M:%f000', auth_time, '-10 minutes')")
        db.commit()


def test_the_glass_is_broken_looked_through_told_of_and_reviewed(one_node: Node, at: Callable[..., Person]) -> None:
    role = ("people", "roles", PEOPLE["ines"].subject_name_id, "--institution", PLACES["cayenne"].finess)
    coordinating = one_node.command(*role, "--role", "requester", "--role", "coordinator")
    assert coordinating.returncode == 0, coordinating.stderr
    yann, ines = at(one_node, "yann"), at(one_node, "ines")

    yann.go("/cases")
    yann.page.get_by_role("link", name="Accès d’urgence").click()
    look(yann, "break-glass-form")
    yann.page.set_viewport_size({"width": 1440, "height": 900})
    grown_old(one_node)
    yann.page.locator("#institution").select_option(label="Hôpital de l’Estuaire – Cayenne")
    yann.page.locator("#number").fill(CASE)
    yann.page.locator("#reason").fill(WHY)
    yann.page.get_by_role("button", name="Ouvrir en urgence").click()
    yann.page.locator(f'button[value="{PEOPLE["yann"].subject_name_id}"]').click()
    yann.page.wait_for_url("**/break-glass")
    expect(yann.page.locator("#reason")).to_have_value(WHY)
    expect(yann.page.locator("#number")).to_have_value(CASE)
    yann.picture("break-glass-proved")
    yann.page.get_by_role("button", name="Ouvrir en urgence").click()
    expect(yann.page.locator(".broken-glass")).to_contain_text("Accès d’urgence")
    yann.picture("break-glass-case")
    yann.page.locator(".slide-card a").first.click()
    wait_sharp(yann)
    expect(yann.page.locator(".broken-glass")).to_be_visible()
    stage = yann.page.locator("#slide").bounding_box()
    assert stage
    assert stage["height"] > 700
    yann.picture("break-glass-slide")

    ines.go("/notices")
    told = ines.page.get_by_role("link", name="a ouvert en urgence")
    wait_reloading(ines, told)
    told.first.click()
    expect(ines.page.get_by_role("heading", level=1)).to_have_text("Examen d’un accès d’urgence")
    expect(ines.page.locator("blockquote").first).to_contain_text(WHY)
    expect(ines.page.locator(".timeline")).to_contain_text("Lame consultée")
    look(ines, "break-glass-review")
    ines.page.get_by_label("Injustifié").check()
    ines.page.locator("#note").fill("Personne n’a appelé le service.")
    ines.page.get_by_role("button", name="Enregistrer l’examen").click()
    expect(ines.page.locator("#main")).to_contain_text("Personne n’a appelé le service.")
    ines.page.get_by_role("link", name="Accès d’urgence à vos dossiers").first.click()
    ines.picture("break-glass-queue")

    yann.go("/cases")
    expect(yann.page.get_by_role("link", name=CASE)).to_have_count(0)
    yann.complaints.clear()

    patient(ines)
    assert one_node.command(*role, "--role", "requester").returncode == 0


def patient(ines: Person) -> None:
    """The page of the patient's identity, which nobody else finds."""
    ines.page.set_viewport_size({"width": 1440, "height": 900})
    open_case(ines)
    ines.page.get_by_role("link", name="Saisir l’identité").click()
    page = ines.page
    page.locator("#birth_name").fill("d’Œuvré")
    page.locator("#given_names").fill("Zélie Anne")
    page.locator("#birth_date").fill("1979-03-01")
    page.locator("#sex").select_option("f")
    page.locator("#birth_place").fill("51215")
    page.locator("#status").select_option("qualified")
    page.locator("#matricule").fill("2 79 03 51 215 189 88")
    page.locator("#oid").select_option("1.2.250.1.213.1.4.10")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#matricule-error")).to_contain_text("La clé")
    ines.complaints.clear()  # the console tells of the answer 422
    look(ines, "patient-form")
    page.locator("#matricule").fill("2 79 03 51 215 189 89")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".matricule")).to_have_text("2 79 03 51 215 189 89", use_inner_text=True)
    expect(page.locator(".patient")).to_contain_text("D'OEUVRE")
    there = page.url.removeprefix(ines.origin)
    dress(ines, "en", "light")
    ines.go(there)
    look(ines, "patient")
