"""An institution that begins with one administrator: she sets it up, invites a colleague, who comes in by the letter's link."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import Person
from tests.running import Node, service
from web.demo import PEOPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LILLE = ("0L0000033", "Hôpital du Beffroi", "Lille")
ROLES = ("--role", "administrator", "--role", "coordinator")
PROVIDER = """
[[provider]]
key = "leuven"
name = "KU Leuven"
institution = "0L0000033"
issuer = "http://localhost:9/realms/staff"
client_id = "telepath"
client_secret_file = "leuven.secret"
accepted_acr = ["mfa"]
"""


@pytest.fixture
def beginning(tmp_path: Path) -> Iterator[Node]:
    """A node with one institution, and Nadia who administers and coordinates it."""
    (tmp_path / "providers.toml").write_text(PROVIDER)
    (tmp_path / "leuven.secret").write_text("invented")
    with service(tmp_path, {"oidc_providers": str(tmp_path / "providers.toml")}) as (node,):
        finess, name, city = LILLE
        nadia = PEOPLE["nadia"]
        for command in (
            ("institutions", "add", "--finess", finess, "--name", name, "--city", city, "--region", "32"),
            (
                "people",
                "add",
                "--rpps",
                nadia.subject_name_id[1:],
                "--given-name",
                "Nadia",
                "--family-name",
                "Registre",
            ),
            ("people", "roles", nadia.subject_name_id, "--institution", finess, *ROLES),
        ):
            done = node.command(*command)
            assert done.returncode == 0, done.stdout + done.stderr
        yield node


def test_an_administrator_invites_a_colleague_who_comes_in(beginning: Node, at: Callable[..., Person]) -> None:
    nadia = at(beginning, "nadia")
    page = nadia.page
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Services").click()
    page.locator("#department").fill("Anatomie pathologique")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("status").first).to_contain_text("Service ajouté")

    claire = PEOPLE["claire"]
    nadia.go("/administration/invitations/new")
    page.locator("#rpps").fill(claire.subject_name_id[1:])
    page.locator("#given_name").fill("Claire")
    page.locator("#family_name").fill("Houblon")
    page.locator("#email").fill("claire@example.org")
    for role in ("Demandeur", "Expert"):
        page.get_by_role("checkbox", name=re.compile(f"^{role}")).check()
    page.locator("select[name=department]").select_option("Anatomie pathologique")
    page.get_by_role("button", name="Inviter").click()
    expect(page.get_by_text("Lettre envoyée à claire@example.org")).to_be_visible()
    link = page.locator(".letter-link").inner_text()
    invites_from_abroad(nadia)
    look(nadia, "administration-letter")

    guest = at(beginning)
    guest.page.goto(link)
    look(guest, "invitation")
    guest.page.get_by_role("link", name="Se connecter avec Pro Santé Connect").click()
    guest.page.locator(f'button[value="{claire.subject_name_id}"]').click()
    guest.page.wait_for_url(f"{beginning.origin}/")
    expect(guest.page.locator(".who-name")).to_have_text("Dr Claire Houblon")
    expect(guest.page.get_by_role("link", name="Administration")).to_have_count(0)
    nadia.go("/administration/members")
    expect(page.get_by_role("row", name="Claire Houblon")).to_contain_text("Connecté")

    member = str(page.get_by_role("link", name="Dr Claire Houblon").get_attribute("href"))
    founds_a_network(nadia)
    is_away(nadia)
    # Each page in one of the looks: they are alike.
    paths = ["", "/institution", "/departments", "/members", "/invitations", "/invitations/new", "/credentials"]
    paths = [f"/administration{path}" for path in (*paths, "/groups", "/sessions", "/emergency", "/break-glass")]
    for number, path in enumerate([*paths, "/absence", "/sessions", "/statistics", member]):
        language, theme = LOOKS[number % 2]
        dress(nadia, language, theme)
        nadia.go(path)
        name = "administration-member" if path == member else path.strip("/").replace("/", "-")
        look(nadia, f"{name}-{language}-{theme}")


def invites_from_abroad(nadia: Person) -> None:
    """An expert without an RPPS number, and without an address: the letter is handed over."""
    page = nadia.page
    nadia.go("/administration/invitations/new")
    page.get_by_role("radio", name=re.compile("KU Leuven")).check()
    page.locator("#given_name").fill("Lotte")
    page.locator("#family_name").fill("Maas")
    page.get_by_role("checkbox", name=re.compile("^Expert")).check()
    page.get_by_role("button", name="Inviter").click()
    expect(page.get_by_text("Remettez cette lettre")).to_be_visible()


def founds_a_network(nadia: Person) -> None:
    page = nadia.page
    nadia.go("/administration/groups")
    page.locator("#name").fill("Réseau du Beffroi")
    page.get_by_role("button", name="Créer le groupe").click()
    group = page.get_by_role("region", name="Réseau du Beffroi")
    expect(group).to_contain_text("Hôpital du Beffroi")
    group.get_by_label("Ajouter un membre").fill(PEOPLE["claire"].subject_name_id[1:])
    group.get_by_role("button", name="Ajouter").click()
    expect(group).to_contain_text("Dr Claire Houblon")


def is_away(nadia: Person) -> None:
    """From today on, and Claire stands for her."""
    page = nadia.page
    nadia.go("/absence")
    # Of the hospital's clock, whatever the machine's: at night they are of two days. And midnight may pass in between.
    now = datetime.now(ZoneInfo("Europe/Paris"))
    today, tomorrow = now.date().isoformat(), (now + timedelta(days=1)).date().isoformat()
    page.locator("#delegate").select_option("Dr Claire Houblon")
    page.locator("#first").fill(today)
    page.locator("#last").fill(tomorrow)
    page.locator("main").get_by_role("button", name="Annoncer").click()
    expect(page.get_by_role("row", name="Claire Houblon")).to_contain_text("en cours")
