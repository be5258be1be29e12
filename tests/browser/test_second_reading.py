"""A national network reads a lymphoma of Cayenne a second time: one expert declines, one stays silent, one reads it blind and
disagrees, so that a third reader settles it. The requester learns of all that when the answer is final, and no sooner.

Two nodes of their own, in which nothing was asked before; requester and experts are on different ones. Every step leaves a
screenshot."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from auth import administration
from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.slides.synthetic import write_slide
from tests.browser.windows import CONSULT, Person, wait_reloading, wait_sharp
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.conftest import as_service
from tests.running import Node, in_its_own_loop, service
from web.demo import PEOPLE, PLACES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

NUMBER = "CAY-26-0431"
FIRST = "Hyperplasie folliculaire réactionnelle."
QUESTION = "Lymphome folliculaire débutant ou hyperplasie ?"
COMMITTED = "Lymphome folliculaire, grade 1-2."
SIGNED = "Lymphome folliculaire, grade 1-2, avec plages de grade 3A."
WHY = "Le traitement en est changé : immunochimiothérapie au lieu d’une surveillance."
THIRD = "Lymphome folliculaire confirmé, grade 3A dans un quart de la surface."
ADDENDUM = "FISH reçue ce jour : réarrangement de BCL2 présent."
OUTCOME = "Pièce d’exérèse : lymphome folliculaire de grade 3A."
UNSAID = ("Lymphome folliculaire, grade", "Lymphome folliculaire confirmé", "immunochimiothérapie", "Avis signé")
"""What tells of the answer, in the words of whoever signed it and of the page."""
NETWORK = ("claire", "maelle", "paul")
"""Members of the network, in the order in which it proposes them: nothing but their names tells them apart."""


async def peopled(database: str) -> None:
    """The institutions and people of the demonstration, and no more."""
    db = Database(database, MASTER_KEY)
    async with db.write(SYSTEM) as tx:
        places = {
            key: await administration.add_institution(
                tx, finess=one.finess, name=one.name, city=one.city, region=one.region, time_zone=one.time_zone
            )
            for key, one in PLACES.items()
        }
        for key, one in PEOPLE.items():
            person = await administration.add_person(
                tx,
                subject_name_id=one.subject_name_id,
                given_name=one.given_name,
                family_name=one.family_name,
                title=one.title,
            )
            await administration.set_membership(tx, person, places[one.place], one.roles)
            if key in NETWORK:
                await administration.set_expertise(tx, person, places[one.place], "lymphoid", networks=["LYMPHOPATH"])
    await db.close()


@pytest.fixture
def network(
    postgres: str, postgres_template: str, valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Node]]:
    """Two nodes that share PostgreSQL, as the role that the service has there, Valkey and storage."""
    owner = postgres.format(name="second-reading")
    at_database(postgres.format(name="postgres"), f'CREATE DATABASE "second-reading" TEMPLATE "{postgres_template}"')
    in_its_own_loop(peopled(owner))
    settings = {"database": as_service(owner), "migrations_database": owner, "bus": valkey, "vault_key": VAULT_KEY}
    with service(tmp_path_factory.mktemp("second-reading"), settings, nodes=2) as started:
        yield started


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    path = tmp_path / "node.tiff"
    in_its_own_loop(write_slide(path, width=6144, height=4096, seed=431))
    return path


def test_a_systematic_second_reading_from_its_indication_to_its_outcome(
    network: list[Node], slide: Path, at: Callable[..., Person]
) -> None:
    here, there = network
    ines, solene = at(here, "ines"), at(here, "solene")
    claire, maelle, paul = (at(there, who) for who in NETWORK)
    opens(ines, here, slide)
    consult = asks(ines)
    declines(claire, ines)
    stays_silent(maelle, paul, ines, here, consult)
    is_alarmed(solene, here, consult)
    accepts(paul, ines)
    reads_blind(paul, consult)
    told = history(ines, consult)
    signs(paul, here)
    sees_nothing(ines, consult, told)
    reads_third(maelle, ines, here)
    reads(ines, at(there), consult)
    adds(paul, ines, at(there), here, consult)
    decides(ines, paul, consult)
    counts(solene)
    audits(at(here, "nadia"))
    for person in (ines, solene, claire, maelle, paul):
        assert person.complaints == []


def opens(ines: Person, node: Node, slide: Path) -> None:
    """A case with a code that names a lymphoma, and its slide, which the laboratory's scanner brings."""
    page = ines.page
    page.get_by_role("link", name="Dossiers", exact=True).click()
    page.get_by_role("link", name="Nouveau dossier").first.click()
    page.locator("#number").fill(NUMBER)
    page.locator("#organ").select_option("lymphoid")
    page.locator("#title").fill("Adénopathie inguinale, exérèse")
    page.locator("#context").fill("Patiente de 52 ans. Adénopathie isolée de 3 cm depuis quatre mois.")
    page.locator("#codings").fill("CIM-O 9690/3")
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    finess = PLACES["cayenne"].finess
    done = node.command(
        "slides", "add", str(slide), "--institution", finess, "--case", NUMBER, "--label", "A1 HES", "--block", "A1"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wait_reloading(ines, page.locator("#slides a[href^='/slides/']"))
    ines.picture("second-reading-01-case")


def asks(ines: Person) -> str:
    """The page proposes the network by itself, and names what is missing before it can be sent. Returns the consult's path."""
    page = ines.page
    page.get_by_role("link", name="Demander un avis").first.click()
    taking = page.locator("button[name=take][value=LYMPHOPATH]")
    expect(taking).to_be_visible()
    ines.picture("second-reading-02-proposed")
    page.locator("[name=question]").fill(QUESTION)
    taking.click()
    expect(page.locator("[name=trigger]")).to_have_value("systematic")
    sending = page.locator("button[value=send]")
    diagnosis, non_opposition = (
        page.locator(f".missing a[href$='then=ask#{one}']") for one in ("diagnosis", "non-opposition")
    )
    expect(non_opposition).to_be_visible()
    expect(sending).to_be_disabled()
    ines.picture("second-reading-03-missing")

    diagnosis.click()
    page.locator("#diagnosis").fill(FIRST)
    page.locator("#gross").fill("Ganglion de 32 mm, coupe blanche homogène.")
    page.get_by_role("button", name="Enregistrer").click()
    non_opposition.click()
    page.locator("input[name=non_opposition][value=informed]").check()
    page.locator("#non-opposition button").click()

    expect(page.locator("[name=question]")).to_have_value(QUESTION)
    taking.click()
    page.locator("[name=policy][value=chain]").check()
    expect(page.locator(".request-who")).to_contain_text("le suivant de la liste est sollicité")
    page.locator("[name=blind]").check()
    for who in NETWORK:
        card = page.locator(".request-who .radio-card", has_text=PEOPLE[who].family_name)
        expect(card).to_be_visible()
    page.locator(".radio-card", has_text="Houblon").locator("[name=expert]").check(force=True)
    expect(page.locator(".missing-none")).to_be_visible()
    expect(sending).to_be_enabled()
    ines.picture("second-reading-04-request")
    sending.click()
    page.wait_for_url(CONSULT)
    expect(page.get_by_role("status").filter(has_text="Demande envoyée")).to_be_visible()
    for said in ("LYMPHOPATH", "Houblon"):
        expect(page.locator("#facts")).to_contain_text(said)
    ines.picture("second-reading-05-sent")
    return page.url.removeprefix(ines.origin).partition("?")[0]


def declines(claire: Person, ines: Person) -> None:
    """She is told, and says no with a reason: Inès reads it, and the next of the network is asked by itself."""
    page = claire.page
    page.locator("#worklist").get_by_role("link", name=NUMBER).first.click()
    page.wait_for_url(CONSULT)
    assert_sealed(claire)
    page.locator("details:has([name=decline-code]) summary").click()
    page.locator("[name=decline-code][value=conflict]").check()
    page.locator("textarea[name=decline-reason]").fill("J’ai déjà vu cette patiente en consultation.")
    claire.picture("second-reading-06-declines")
    page.locator("form[action$='/decline'] button").click()
    expect(page.get_by_role("status").first).to_contain_text("éclin")
    expect(ines.page.locator("#history")).to_contain_text("J’ai déjà vu cette patiente")
    expect(ines.page.locator("#asking")).to_contain_text("Dr Maëlle Ajonc")
    ines.picture("second-reading-07-declined")


def stays_silent(maelle: Person, paul: Person, ines: Person, node: Node, consult: str) -> None:
    """She was told, and says nothing: days later the next is asked, and she may answer no more."""
    waiting = maelle.page.locator("#worklist").get_by_role("link", name=NUMBER)
    expect(waiting).to_be_visible()
    expect(paul.page.locator("main")).not_to_contain_text(NUMBER)
    days_pass(node, consult)
    expect(paul.page.locator("#worklist").get_by_role("link", name=NUMBER)).to_be_visible()
    expect(waiting).to_have_count(0)
    expect(ines.page.locator("#history")).to_contain_text("Sans réponse de Dr Maëlle Ajonc")
    expect(ines.page.locator("#asking")).to_contain_text("Dr Paul Vétiver")
    ines.picture("second-reading-08-silence")


def is_alarmed(solene: Person, node: Node, consult: str) -> None:
    """Nobody is left behind the third: the coordinator is told before the time is over, and sees for whom it waits."""
    page = solene.page
    page.get_by_role("link", name="Coordination").click()
    page.get_by_role("link", name="Qui attend qui").click()
    line = page.locator("#board tr", has_text=NUMBER)
    expect(line).to_contain_text("Dr Paul Vétiver")
    expect(line).to_contain_text("le suivant est sollicité")
    days_pass(node, consult)
    expect(page.locator(".toast", has_text="Plus aucun expert")).to_be_visible()
    expect(line).to_contain_text("personne d’autre n’est sollicité")
    solene.picture("second-reading-09-board")
    page.get_by_role("link", name=re.compile("Notifications")).click()
    page.locator(".notice-line", has_text=NUMBER).get_by_role("link").click()
    page.wait_for_url(CONSULT)
    expect(page.locator("#asking")).to_contain_text("Dr Paul Vétiver")
    solene.picture("second-reading-10-coordinator")


def accepts(paul: Person, ines: Person) -> None:
    page = paul.page
    page.locator("#worklist").get_by_role("link", name=NUMBER).first.click()
    page.wait_for_url(CONSULT)
    page.locator("form[action$='/accept'] button").click()
    expect(page.locator("a[href^='/slides/']").first).to_be_visible()
    expect(ines.page.locator("#consult-state")).to_have_attribute("data-state", "being-read")


def reads_blind(paul: Person, consult: str) -> None:
    """Nothing tells the first diagnosis until an opinion is committed; then both stand side by side."""
    page = paul.page
    assert_sealed(paul)
    page.locator("main a[href^='/cases/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    assert_sealed(paul)
    page.locator("a[href^='/slides/']").first.click()
    wait_sharp(paul)
    paul.go(consult)
    paul.picture("second-reading-11-sealed")
    page.locator("textarea[name=conclusion]").fill(COMMITTED)
    page.locator("textarea[name=description]").fill("Architecture nodulaire, centrocytes prédominants.")
    expect(page.locator("[data-draft-state=saved]")).to_be_visible()
    page.locator("[formaction$='/commit']").click()
    compared = page.locator("#first-diagnosis")
    expect(compared).to_contain_text(FIRST)
    expect(compared).to_contain_text(COMMITTED)
    paul.picture("second-reading-12-revealed")


def signs(paul: Person, node: Node) -> None:
    """He came in long ago, and proves again who he is; a major discordance keeps the answer back."""
    page = paul.page
    page.locator("textarea[name=conclusion]").fill(SIGNED)
    expect(page.locator("[data-draft-state=saved]")).to_be_visible()
    came_long_ago(node, "paul")
    page.locator("#opinion button:not([formaction])").last.click()
    proves(paul, "paul")
    page.locator("[name=grade][value=major]").check()
    page.locator("textarea[name=grade-comment]").fill(WHY)
    paul.picture("second-reading-13-confirm")
    page.locator("form[action$='/sign'] button.primary").click()
    expect(page.locator("section.opinion")).to_contain_text(SIGNED)
    expect(page.locator("#readers")).to_contain_text("Une troisième lecture")
    expect(page.locator("#readers")).to_contain_text("Dr Maëlle Ajonc")
    paul.picture("second-reading-14-held")


def history(ines: Person, consult: str) -> list[str]:
    """What Inès reads of what happened, without the times."""
    ines.go(consult)
    return ines.page.locator("#history .event-what").all_inner_texts()


def sees_nothing(ines: Person, consult: str, told: list[str]) -> None:
    """The requester: nowhere. ``told``: what she knew before."""
    for path in (
        consult,
        "/",
        "/notices",
        ines.page.locator("main a[href^='/cases/']").first.get_attribute("href") or "",
    ):
        ines.go(path)
        assert NUMBER in ines.page.content()
        for said in UNSAID:
            assert said not in ines.page.content(), f"{path}: {said}"
    assert ines.context.request.get(f"{ines.origin}{consult}/report.pdf").status == 404
    ines.go(consult)
    expect(ines.page.locator("#consult-state")).to_have_attribute("data-state", "being-read")
    assert history(ines, consult) == told
    ines.picture("second-reading-15-nothing")


def reads_third(maelle: Person, ines: Person, node: Node) -> None:
    """Back at work, she is asked to settle it: blind as well, and she sees his opinion once she has signed hers."""
    page = maelle.page
    page.locator("#worklist").get_by_role("link", name=NUMBER).first.click()
    page.wait_for_url(CONSULT)
    expect(page.locator("main")).to_contain_text("Troisième lecture")
    assert_sealed(maelle)
    maelle.picture("second-reading-16-third-asked")
    page.locator("form[action$='/accept'] button").click()
    page.locator("textarea[name=conclusion]").fill(THIRD)
    assert_sealed(maelle)
    assert SIGNED not in page.content()
    expect(page.locator("[data-draft-state=saved]")).to_be_visible()
    page.locator("[formaction$='/commit']").click()
    expect(page.locator("#first-diagnosis")).to_contain_text(FIRST)
    assert SIGNED not in page.content()
    came_long_ago(node, "maelle")
    page.locator("#opinion button:not([formaction])").last.click()
    proves(maelle, "maelle")
    page.locator("[name=grade][value=major]").check()
    page.locator("textarea[name=grade-comment]").fill("Lymphome, et non hyperplasie.")
    maelle.picture("second-reading-17-third-confirm")
    page.locator("form[action$='/sign'] button.primary").click()
    expect(page.locator("section.opinion")).to_have_count(2)
    expect(page.locator("main")).to_contain_text(SIGNED)
    maelle.picture("second-reading-18-third-signed")
    # Nobody reloads: the page that Inès left open is told.
    expect(ines.page.locator(".toast", has_text="a signé l’avis demandé")).to_be_visible()
    expect(ines.page.locator("#consult-state")).not_to_have_attribute("data-state", "being-read")


def reads(ines: Person, visitor: Person, consult: str) -> None:
    """Both opinions, and the report, whose code anybody can check."""
    page = ines.page
    ines.go(consult)
    opinions = page.locator("section.opinion")
    expect(opinions).to_have_count(2)
    expect(opinions.nth(0)).to_contain_text(SIGNED)
    expect(opinions.nth(1)).to_contain_text(THIRD)
    ines.picture("second-reading-19-answer")
    answer = ines.context.request.get(f"{ines.origin}{consult}/report.pdf")
    assert answer.ok
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.body())).pages)
    for said in (NUMBER, "Vétiver", "Ajonc", "grade 3A"):
        assert said in text
    code = opinions.nth(0).locator(".signature summary code").inner_text()
    assert code in text
    checks(visitor, code, "complété depuis")
    visitor.picture("second-reading-20-verified")


def checks(visitor: Person, code: str, wanted: str) -> None:
    visitor.go("/verify")
    visitor.page.locator("#code").fill(code)
    visitor.page.locator("form[action='/verify'] button").click()
    expect(visitor.page.locator("#verify-found")).to_have_text(code)
    expect(visitor.page.locator("main")).to_contain_text(wanted)


def adds(paul: Person, ines: Person, visitor: Person, node: Node, consult: str) -> None:
    """What came later is added: a version of its own, shown at once."""
    page = paul.page
    paul.go(consult)
    page.locator("#addendum summary").first.click()
    page.locator("#addendum textarea[name=conclusion]").fill(ADDENDUM)
    came_long_ago(node, "paul")
    page.locator("#addendum button.primary").click()
    proves(paul, "paul")
    page.locator("form[action$='/addendum'] button.primary").click()
    expect(page.locator("#opinion-3")).to_contain_text(ADDENDUM)
    paul.picture("second-reading-21-addendum")
    expect(ines.page.locator(".toast", has_text="complété ou rectifié")).to_be_visible()
    ines.go(consult)
    expect(ines.page.locator("#opinion-3")).to_contain_text("Addendum n° 1")
    expect(ines.page.locator("#opinion-3")).to_contain_text(ADDENDUM)
    ines.page.locator("#opinion-3").scroll_into_view_if_needed()
    ines.picture("second-reading-22-new-version")
    checks(visitor, ines.page.locator("#opinion-3 .signature summary code").inner_text(), "la dernière version signée")
    visitor.picture("second-reading-23-verified-later")


def decides(ines: Person, paul: Person, consult: str) -> None:
    """Inès grades, adopts, and tells months later what became of it; Paul learns of each."""
    page = ines.page
    page.locator("#concordance [name=grade][value=major]").check()
    page.locator("#concordance textarea").fill("Je retiens le lymphome.")
    page.locator("form[action$='/grade'] button").click()
    for said in ("Selon l’expert", "Selon la troisième lecture"):
        expect(page.locator("#concordance")).to_contain_text(said)
    page.locator("form[action$='/adoption'] button.primary").click()
    expect(paul.page.locator(".toast", has_text="adopte votre avis")).to_be_visible()
    expect(page.locator("#adoption")).to_contain_text("Adopté")
    page.locator("#outcomes summary").click()
    page.locator("[name=outcome-kind]").select_option("excision")
    page.locator("[name=outcome-verdict]").select_option("confirms")
    page.locator("[name=outcome-text]").fill(OUTCOME)
    page.locator("form[action$='/outcomes'] button").click()
    expect(page.locator("#outcomes")).to_contain_text(OUTCOME)
    ines.picture("second-reading-24-outcome")
    expect(paul.page.locator(".toast", has_text="ce qu’est devenu")).to_be_visible()
    paul.go(consult)
    expect(paul.page.locator("#outcomes")).to_contain_text(OUTCOME)
    paul.page.locator("a[href='/outcomes']").first.click()
    expect(paul.page.locator("main")).to_contain_text(OUTCOME)
    paul.picture("second-reading-25-feedback")


def counts(solene: Person) -> None:
    """The coordinator's figures: asked and answered, of the network, with what both sides said of the first diagnosis."""
    page = solene.page
    page.get_by_role("link", name="Statistiques").click()
    line = page.locator("section[aria-labelledby=by-network] tr", has_text="LYMPHOPATH")
    expect(line.locator("td").nth(0)).to_have_text("1")
    expect(line.locator("td").nth(1)).to_have_text("1")
    solene.picture("second-reading-26-figures")


DEEDS = (
    ("Avis demandé", "Inès Flamboyant"),
    ("Demande déclinée", "Claire Houblon"),
    ("Sollicitation restée sans réponse", ""),
    ("Alerte donnée", ""),
    ("Demande acceptée", "Paul Vétiver"),
    ("Avis arrêté avant lecture du premier", "Paul Vétiver"),
    ("Premier diagnostic dévoilé", "Paul Vétiver"),
    ("Avis signé", "Paul Vétiver"),
    ("Demande acceptée", "Maëlle Ajonc"),
    ("Avis arrêté avant lecture du premier", "Maëlle Ajonc"),
    ("Avis signé", "Maëlle Ajonc"),
    ("Avis complété", "Paul Vétiver"),
    ("Concordance évaluée", "Inès Flamboyant"),
    ("Avis adopté", "Inès Flamboyant"),
    ("Résultat ultérieur enregistré", "Inès Flamboyant"),
)
"""What was done and by whom, in the order in which the trail must have it."""


def audits(nadia: Person) -> None:
    page = nadia.page
    page.get_by_role("link", name="Traçabilité").click()
    nadia.go("/audit/records")
    page.get_by_role("link", name=f"Dossier {NUMBER}").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    nadia.picture("second-reading-27-audit")
    lines: list[str] = []
    while True:
        lines += page.locator("table.audit tbody tr:first-child").all_inner_texts()
        older = page.get_by_role("link", name="Plus anciens")
        if older.count() == 0:
            break
        with page.expect_navigation():
            older.click()
    left = list(reversed(lines))
    for what, who in DEEDS:
        place = next((number for number, line in enumerate(left) if what in line and who in line), None)
        assert place is not None, f"{what}, {who}: not after what came before"
        left = left[place + 1 :]


def assert_sealed(person: Person) -> None:
    content = person.page.content()
    for said in (FIRST, "9690/3", "32 mm"):
        assert said not in content, f"{person.page.url}: {said}"


EARLIER = (
    "UPDATE consult SET requested_at = requested_at - interval '8 days', due_at = due_at - interval '8 days'"
    " WHERE id = %(id)s",
    "UPDATE offer SET offered_at = offered_at - interval '8 days', due_at = due_at - interval '8 days',"
    " answered_at = answered_at - interval '8 days', answer_by = answer_by - interval '8 days' WHERE consult_id = %(id)s",
    "UPDATE timer SET due_at = due_at - interval '8 days' WHERE %(id)s IN (subject_id, body->>'consult')",
)
LONG_AGO = (
    "UPDATE session SET auth_time = auth_time - interval '10 minutes'"
    " WHERE person_id = (SELECT id FROM person WHERE subject_name_id = %(name)s)"
)


def days_pass(node: Node, consult: str) -> None:
    """Eight days, for one consult: all its times lie so much further back, and what was to happen since then is due now."""
    for statement in EARLIER:
        at_database(node.environment["TELEPATH_MIGRATIONS_DATABASE"], statement, id=consult.rsplit("/", 1)[1])


def came_long_ago(node: Node, who: str) -> None:
    """Too long ago to sign."""
    name = PEOPLE[who].subject_name_id
    at_database(node.environment["TELEPATH_MIGRATIONS_DATABASE"], LONG_AGO, name=name)


def at_database(url: str, statement: str, **values: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement, values or None)


def proves(person: Person, who: str) -> None:
    """Once more at the identity provider; then back at what is to be signed."""
    person.page.locator(f'button[value="{PEOPLE[who].subject_name_id}"]').click()
    expect(person.page.get_by_text("Rien n’est encore signé")).to_be_visible()
