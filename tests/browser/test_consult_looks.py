"""axe finds nothing in what second opinions brought: a network's reading in its states, and the pages around it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from auth import administration
from consults import adoption, blind, further_readers, offers, outcomes, reading, repository, request, signing
from consults.asked_token import mint
from consults.deadlines import Urgency
from consults.grades import Graded
from consults.kinds import Adoption, ConsultKind, Grade, OutcomeKind, Policy, ReadingRole, Trigger, Verdict
from consults.model import Question
from consults.opinion import Draft
from consults.terms import Terms
from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.consults import offer, opinion
from tests.browser.backstage import actor, at_database, case_of
from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import CASE, Person
from tests.running import Node
from web import keys, settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

At = Callable[..., Person]
FIVE_MINUTES = timedelta(minutes=5)
MAJOR = Graded(Grade.MAJOR, "Lymphome, et non hyperplasie.")


class Backstage:
    """A blind reading by LYMPHOPATH, asked of Claire: what each did, without their windows."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.id = at_database(node, self._asked)
        self.path = f"/consults/{self.id}"

    async def _asked(self, db: Database) -> str:
        ines, claire, paul = [await actor(db, who) for who in ("ines", "claire", "paul")]
        async with db.write(SYSTEM) as tx:
            case_id = await case_of(tx, CASE)
            await administration.set_expertise(
                tx, paul.person_id, paul.institution_id, "lymphoid", networks=["LYMPHOPATH"]
            )
        terms = Terms(
            kind=ConsultKind.NETWORK,
            network="LYMPHOPATH",
            trigger=Trigger.PATHOLOGIST,
            policy=Policy.CHAIN,
            blind=True,
        )
        question = Question("Lymphome du côlon ?", "", "lymphoid", Urgency.STANDARD)
        return await request.request(db, ines, case_id, question, claire.person_id, terms=terms)

    def accepts(self, who: str) -> None:
        async def act(db: Database) -> None:
            await offers.accept(db, await actor(db, who), self.id)

        at_database(self.node, act)

    def writes(self, who: str, *, commits: bool = False) -> None:
        async def act(db: Database) -> None:
            author = await actor(db, who)
            async with db.read() as reader:
                before = await repository.reading_by(reader, self.id, author.person_id)
            text = Draft(conclusion="Lymphome du manteau.", description="Nappes de petites cellules.")
            saved = await reading.save_draft(db, author, self.id, before.version, text)
            if commits:
                await blind.commit(db, author, self.id, saved.version)

        at_database(self.node, act)

    def signs(self, who: str, graded: Graded | None = None) -> None:
        async def act(db: Database) -> None:
            author = await actor(db, who)
            async with db.read() as reader:
                mine = await repository.reading_by(reader, self.id, author.person_id)
            await signing.sign(db, author, self.id, mine.version, FIVE_MINUTES, graded=graded)

        at_database(self.node, act)

    def asks_third(self, by: str, who: str) -> None:
        async def act(db: Database) -> None:
            third = (await actor(db, who)).person_id
            async with db.read() as reader:
                made = await repository.offers_of(reader, self.id)
            if not any(one.open and one.expert_id == third for one in made):
                await further_readers.invite(db, await actor(db, by), self.id, ReadingRole.THIRD, third)

        at_database(self.node, act)

    def contests(self) -> None:
        async def act(db: Database) -> None:
            ines = await actor(db, "ines")
            await adoption.decide(db, ines, self.id, Adoption.CONTESTED, "La cycline D1 est négative.")
            await outcomes.record(db, ines, self.id, OutcomeKind.EXCISION, Verdict.CHANGES, "Lymphome folliculaire.")

        at_database(self.node, act)

    def code(self) -> str:
        """Of the first opinion."""

        async def act(db: Database) -> str:
            async with db.read() as reader:
                return str(await reader.scalar(select(opinion.c.verification).where(opinion.c.consult_id == self.id)))

        return at_database(self.node, act)


def opens(person: Person) -> None:
    """Unfold everything: what is hidden is not judged."""
    person.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


def looks_over(person: Person, path: str, name: str) -> None:
    """In each language and theme, with all that can be unfolded."""
    for language, theme in LOOKS:
        dress(person, language, theme)
        person.go(path)
        expect(person.page.locator("html")).to_have_attribute("lang", language)
        opens(person)
        look(person, f"{name}-{language}-{theme}")


def test_a_network_s_reading_is_in_order_from_the_offer_to_the_outcome(consult_node: Node, at: At) -> None:
    ines, claire, paul = (at(consult_node, who) for who in ("ines", "claire", "paul"))
    told = Backstage(consult_node)
    looks_over(ines, told.path, "network-asked")
    looks_over(claire, f"{told.path}?answer=decline", "network-offered")
    told.accepts("claire")
    looks_over(claire, told.path, "network-sealed")
    told.writes("claire", commits=True)
    looks_over(claire, told.path, "network-revealed")
    looks_over(claire, f"{told.path}?sign=1", "network-confirm")
    told.signs("claire", MAJOR)
    looks_over(claire, told.path, "network-held")
    told.asks_third("claire", "paul")
    looks_over(paul, told.path, "network-third-offered")
    told.accepts("paul")
    told.writes("paul", commits=True)
    told.signs("paul", MAJOR)
    looks_over(ines, told.path, "network-answered")
    told.contests()
    looks_over(claire, told.path, "network-contested")
    looks_over(claire, "/outcomes", "network-outcomes")
    visitor = at(consult_node)
    for language, theme in LOOKS:
        dress(visitor, language, theme)
        visitor.go("/verify")
        look(visitor, f"verify-{language}-{theme}")
        for text, name in ((told.code(), "found"), ("AAAA-AAAA-AAAA", "unknown")):
            visitor.page.locator("#code").fill(text)
            visitor.page.locator("form[action='/verify'] button").click()
            expect(visitor.page.locator("main .notice")).to_be_visible()
            look(visitor, f"verify-{name}-{language}-{theme}", refused="status of 4")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_form_of_a_request_is_in_order_whatever_is_asked(
    consult_node: Node, at: At, language: str, theme: str
) -> None:
    paul = at(consult_node, "paul")
    dress(paul, language, theme)
    paul.go("/cases")
    case = str(paul.page.locator(".row-title", has_text="REU-").first.get_attribute("href"))
    paul.go(f"/consults/new?case={case.rpartition('/')[2]}")
    paul.page.locator("button[name=take]").first.click()
    expect(paul.page.locator("[name=network]")).to_have_value("NETSARC+")
    opens(paul)
    look(paul, f"request-network-{language}-{theme}")
    for kind, shown in (("frozen", "[name=policy][value=ring]:checked"), ("board", "[name=urgency]:visible")):
        paul.page.locator("[name=kind]").select_option(kind)
        paul.page.locator(shown).wait_for()
        look(paul, f"request-{kind}-{language}-{theme}")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_pages_of_a_coordinator_are_in_order(consult_node: Node, at: At, language: str, theme: str) -> None:
    solene = at(consult_node, "solene")
    dress(solene, language, theme)
    for name, path in {
        "board": "/coordination/board",
        "pools": "/coordination",
        "rules": "/coordination/rules",
        "turnaround": "/coordination/turnaround",
        "figures": "/statistics",
        "activity": "/statistics/activity",
        "region": "/statistics?scope=region",
    }.items():
        solene.go(path)
        opens(solene)
        look(solene, f"{name}-{language}-{theme}")
    solene.go("/coordination")
    solene.page.locator("#new [name=name]").fill(f"Groupe {language}")
    solene.page.locator("#new button").click()
    solene.page.wait_for_url("**/coordination/pools/*")
    opens(solene)
    look(solene, f"pool-{language}-{theme}")
    solene.page.locator("main a[href$='/duties']").first.click()
    expect(solene.page.locator("#enter")).to_be_visible()
    opens(solene)
    look(solene, f"roster-{language}-{theme}")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_an_expert_s_own_pages_are_in_order(consult_node: Node, at: At, language: str, theme: str) -> None:
    claire, visitor = at(consult_node, "claire"), at(consult_node)
    for person in (claire, visitor):
        dress(person, language, theme)
    for name, path in {"preferences": "/notices/preferences", "duties": "/duties", "absence": "/absence"}.items():
        claire.go(path)
        opens(claire)
        look(claire, f"{name}-{language}-{theme}")

    async def letter(db: Database) -> str:
        async with db.read() as reader:
            waiting = str(await reader.scalar(select(offer.c.id).where(offer.c.status == "proposed").limit(1)))
        return mint(keys.capability_key(settings.read(consult_node.environment)), waiting)

    visitor.go(f"/asked/{at_database(consult_node, letter)}")
    expect(visitor.page.locator("main a[href*='/login']").first).to_be_visible()
    look(visitor, f"asked-{language}-{theme}")
