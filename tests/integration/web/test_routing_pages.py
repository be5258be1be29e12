"""How experts are proposed on the pages: reasons, when their answer can be expected, and who is chosen all the same."""

import html
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from consults import repository
from telepath.db.database import Database
from telepath.db.schema.consults import routing_rule
from telepath.db.schema.directory import absence
from tests.consult_desk import Desk, seated

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


async def made_rule(desk: Desk, effect: str, target: str = "", note: str = "") -> None:
    async with desk.db.write(desk.actors["zoe"], unaudited="a test's world") as tx:
        await tx.insert(
            routing_rule,
            id=tx.new_id(),
            scope_kind="institution",
            scope_id=desk.actors["zoe"].institution_id,
            organ="",
            kind="",
            urgency="",
            effect=effect,
            target_kind="person" if target else "",
            target_id=desk.actors[target].person_id if target else "",
            note=note,
            made_by=desk.actors["zoe"].person_id,
            made_at=tx.now,
        )


async def test_each_card_says_why_and_when_an_answer_can_be_expected(desk: Desk) -> None:
    await desk.expert_of_lymph_nodes()
    await made_rule(desk, "regional-first")
    await made_rule(desk, "prefer", "karim", "Convention de 2025")
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    for said in (
        # Karim takes 18 h, from noon on Wednesday: 6 h on Thursday, so 8 h in Lille, and that is 4 h on Zoé's clock.
        "Réponse attendue demain matin",
        "soit vendredi après-midi à Nice",
        "(délai annoncé, pas encore mesuré)",
        "Réponse attendue vendredi matin",  # Nadia: 48 h are presumed
        "(estimation, faute d’avis déjà mesurés)",
        "Recommandé par votre établissement" + NBSP + ": Convention de 2025",
        "N’a encore jamais ouvert telepath",
        "Aucun expert de la région Guyane n’est libre" + NBSP + ": le pays entier est proposé.",
    ):
        assert said in page, said
    assert page.index("Dr Karim Haddad") < page.index("Dr Nadia Benali")
    assert "Autres experts proposés" not in page
    assert "points" not in page
    # An answer after the deadline is said, as what speaks against.
    async with desk.db.write(desk.actors["zoe"], unaudited="a test's world") as tx:
        await tx.insert(
            absence,
            id=tx.new_id(),
            person_id=desk.actors["nadia"].person_id,
            starts_at=tx.now,
            ends_at=tx.now + timedelta(days=6),
            said_by=desk.actors["nadia"].person_id,
            said_at=tx.now,
        )
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    assert "De retour mardi 17 mars" in page
    assert "Réponse probable jeudi 19 mars, après l’échéance" in page
    desk.browser.cookies.set("lang", "en")
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    for said in ("Answer likely on Thursday 19 March, after the deadline", "Answer expected tomorrow morning"):
        assert said in page, said


async def test_what_is_so_of_every_expert_is_said_once_above_their_cards(desk: Desk) -> None:
    said = "Spécialité" + NBSP + ": ganglion, moelle, rate"
    alone = await desk.page(f"/consults/new?case={desk.case_id}")
    assert "Tous les experts proposés" not in alone
    assert alone.index("Dr Karim Haddad") < alone.index(said)
    await desk.expert_of_lymph_nodes()
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    assert page.partition("Experts non proposés")[0].count(said) == 1
    assert page.index("Tous les experts proposés") < page.index(said) < page.index("Dr Karim Haddad")
    assert page.index("Dr Karim Haddad") < page.index("Annonce une réponse en")


async def test_many_experts_do_not_bury_the_first(desk: Desk) -> None:
    for number in range(7):
        await desk.expert(f"e{number}", "nice", "Ada", f"Expert{number}")
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    first, _, rest = page.partition("Autres experts proposés (2)")
    assert "Dr Ada Expert4" in first
    assert "Dr Ada Expert5" not in first
    assert "Dr Ada Expert6" in rest


async def test_somebody_left_out_is_chosen_with_a_reason_and_the_expert_page_says_so(desk: Desk) -> None:
    await made_rule(desk, "exclude", "karim", "Convention échue")
    await desk.expert("ines", "cayenne", "Ines", "Interne")
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    assert "Écarté par une règle de votre établissement" + NBSP + ": Convention échue" in page
    assert "Même établissement que le dossier" in page
    assert f'value="{desk.actors["karim"].person_id}"' in page
    assert f'value="{desk.actors["ines"].person_id}"' not in page
    with_karim = {
        "case": desk.case_id,
        "question": "Lymphome ?",
        "context": "",
        "organ": "lymphoid",
        "urgency": "standard",
        "expert": desk.actors["karim"].person_id,
        "step": "send",
    }
    refused = (await desk.post("/consults/new", 422, **with_karim)).text
    assert "pourquoi vous choisissez un expert écarté" in refused
    inside = with_karim | {"expert": desk.actors["ines"].person_id, "despite": "Je la connais"}
    assert "Cet expert ne peut pas être sollicité" in (await desk.post("/consults/new", 422, **inside)).text
    path = await desk.asked(despite="Seul à lire ce marqueur")
    page = await desk.page(path)
    assert "Choisi malgré cette réserve" + NBSP + ": Écarté par une règle de votre établissement" in page
    assert "Seul à lire ce marqueur" not in page

    # Likewise when one more expert is asked.
    anne = desk.actors["anne"].person_id
    assert "pourquoi vous choisissez" in (await desk.post(f"{path}/offers", 422, expert=anne)).text
    await desk.post(f"{path}/offers", expert=anne, despite="Elle revient demain")
    async with desk.db.read() as reader:
        asked = await repository.offers_of(reader, path.rsplit("/", 1)[1])
    assert {offer.expert_id for offer in asked} == {desk.actors["karim"].person_id, anne}


async def test_an_expert_who_declines_for_a_conflict_is_not_proposed_to_this_requester_again(desk: Desk) -> None:
    path = await desk.asked()
    desk.sit("karim")
    assert 'value="conflict"' in await desk.page(path)
    await desk.post(f"{path}/decline", 422, **{"decline-code": "boredom"})
    await desk.post(f"{path}/decline", **{"decline-code": "conflict", "decline-reason": ""})
    desk.sit("zoe")
    page = await desk.page(path)
    top, _, rest = page.partition('class="columns"')
    assert "<p>Conflit d’intérêts</p>" in top
    assert "<p>Conflit d’intérêts</p>" in rest
    assert "A décliné ce dossier pour conflit d’intérêts." in page
    other = await desk.case(desk.actors["zoe"], "26-00999")
    page = await desk.page(f"/consults/new?case={other}")
    assert "A déclaré un conflit d’intérêts avec ce demandeur." in page


async def test_a_requester_says_whom_they_like_to_ask_and_keeps_what_was_typed(desk: Desk) -> None:
    await desk.expert_of_lymph_nodes()
    nadia = desk.actors["nadia"].person_id
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    assert page.index("Dr Karim Haddad") < page.index("Dr Nadia Benali")
    typed = {
        "case": desk.case_id,
        "question": "Lymphome ou hyperplasie ?",
        "organ": "lymphoid",
        "urgency": "standard",
        "expert": desk.actors["karim"].person_id,
    }
    page = html.unescape((await desk.post("/consults/new", 200, **typed, prefer=nadia)).text)
    assert page.index("Dr Nadia Benali") < page.index("Dr Karim Haddad")
    assert "Expert préféré du demandeur" in page
    assert "Lymphome ou hyperplasie ?" in page
    assert f'value="{desk.actors["karim"].person_id}" checked' in page
    assert "Expert préféré du demandeur" not in await forgotten(desk, typed, nadia)
    # On the page of a request too; not by a colleague, whose preference it is not.
    path = await desk.asked()
    moved = await desk.post(f"{path}/offers", prefer=nadia)
    assert moved.headers["location"] == f"{path}#another"
    assert "Ne plus préférer" in await desk.page(path)
    await desk.person("luc", "cayenne", "Luc", "Fontaine")
    desk.sit("luc")
    page = await desk.page(path)
    assert "Expert préféré du demandeur" in page
    assert "Ne plus préférer" not in page
    await desk.post("/consults/new", 404, **typed, prefer=desk.actors["luc"].person_id)


async def forgotten(desk: Desk, typed: dict[str, str], expert_id: str) -> str:
    return html.unescape((await desk.post("/consults/new", 200, **typed, forget=expert_id)).text)
