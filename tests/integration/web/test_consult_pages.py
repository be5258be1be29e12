"""The worklist and the pages of consults, as both sides meet them; all of it without script."""

import html
import re

import msgspec
import pytest

from realtime import operations
from realtime.messages import CloseRoom
from telepath.actor import Role
from telepath.ids import make_id
from telepath.notices import store
from telepath.slides import catalogue
from tests.consult_desk import NASTY, Desk, save

ABSENT = make_id(0, bytes(10))


# Asking


async def test_the_form_proposes_experts_with_reasons_at_once(desk: Desk) -> None:
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    for said in (
        "Adénopathie cervicale depuis deux mois.",  # from the case
        "Dr Karim Haddad",
        "Spécialité\N{NO-BREAK SPACE}: ganglion, moelle, rate",
        "Membre du réseau LYMPHOPATH",
        "Joignable maintenant\N{NO-BREAK SPACE}: il est 13:00 à Lille",
        "Aucun avis en attente",
        "Annonce une réponse en 18 h",
        "À rendre avant le 18 mars 2026, 14:00 (Cayenne)",  # 18 h in Lille, on Zoé's clock
        "Indisponible.",
    ):
        assert said in page, said


async def test_proposing_again_keeps_what_was_typed(desk: Desk) -> None:
    page = html.unescape(
        (
            await desk.post(
                "/consults/new",
                200,
                case=desk.case_id,
                question=NASTY,
                context="",
                organ="skin",
                urgency="frozen",
                step="propose",
            )
        ).text
    )
    assert "Dr Lise Kermarrec" in page
    assert "Annonce une réponse en 3 jours" in page
    assert NASTY in page
    assert "Dr Karim Haddad" not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"question": " "}, "Le champ «\N{NO-BREAK SPACE}Question posée\N{NO-BREAK SPACE}» est vide."),
        ({"expert": ""}, "Choisissez un expert."),
        ({"expert": ABSENT}, "Cet expert ne peut plus être sollicité"),
        ({"organ": "thumb"}, "Choisissez un organe"),
        ({"question": "Patiente 2 79 03 51 215 189 89 ?"}, "contient un numéro de sécurité sociale"),
        ({"question": "x" * 2001}, "dépasse"),
    ],
)
async def test_what_is_wrong_with_a_request_is_said_beside_it(desk: Desk, changed: dict[str, str], said: str) -> None:
    fields = {
        "case": desk.case_id,
        "question": "Lymphome ?",
        "context": "",
        "organ": "lymphoid",
        "urgency": "standard",
        "expert": desk.actors["karim"].person_id,
        "step": "send",
    }
    response = await desk.post(
        "/consults/new", 413 if len(changed.get("question", "")) > 2000 else 422, **(fields | changed)
    )
    top, _, form = html.unescape(response.text).partition('<form method="post" action="/consults/new?case=')
    assert "La demande n’est pas envoyée" in top
    assert said in top
    assert said in form
    assert " autofocus>" in form


async def test_nobody_to_propose_offers_to_widen_and_says_who_was_left_out(desk: Desk) -> None:
    page = html.unescape((await desk.post("/consults/new", 200, case=desk.case_id, organ="bone", step="propose")).text)
    assert "Pour élargir la recherche" in page


async def test_a_stranger_to_the_case_finds_no_form(desk: Desk) -> None:
    desk.sit("karim")
    await desk.page(f"/consults/new?case={desk.case_id}", 404)
    await desk.page("/consults/new", 404)


# The expert


async def test_the_request_is_on_both_worklists(desk: Desk) -> None:
    await desk.asked(urgency="urgent")
    waiting = await desk.page("/")
    assert "Rien n’attend votre action." in waiting
    assert "Proposé" in waiting
    assert "Dr Karim Haddad" in waiting
    desk.sit("karim")
    to_do = await desk.page("/")
    assert "Une demande attend votre action." in to_do
    assert "À accepter" in to_do
    assert "Lymphome folliculaire ?" in to_do
    assert "Ganglion cervical" not in to_do  # the case's own title comes with the acceptance
    desk.clock.advance(hours=25)
    desk.sit("karim")
    assert "Une échéance est dépassée." in await desk.page("/")


async def test_before_accepting_the_expert_sees_the_request_and_no_slide(desk: Desk) -> None:
    path = await desk.asked()
    desk.sit("karim")
    page = await desk.page(path)
    assert "Cette demande vous est adressée" in page
    assert "Lymphome folliculaire ?" in page
    assert "/slides/" not in page
    assert 'id="discussion"' not in page
    assert 'id="history"' not in page
    assert await desk.audited("consult.viewed") == 1


async def test_an_expert_who_lost_the_role_sees_the_consult_and_is_told_why_there_is_nothing_to_do(desk: Desk) -> None:
    def without() -> None:
        actor = desk.again("karim")
        desk.services.actor = msgspec.structs.replace(actor, roles=actor.roles - {Role.EXPERT})

    path = await desk.asked()
    without()
    page = await desk.page(path)
    assert "Le rôle d’expert vous manque" in page
    assert f"{path}/accept" not in page
    assert f"{path}/decline" in page
    await desk.post(f"{path}/accept", 404)
    desk.sit("karim")
    await desk.post(f"{path}/accept")
    without()
    page = await desk.page(path)
    assert "Vous n’avez plus le rôle d’expert" in page
    assert 'name="conclusion"' not in page
    await desk.post(f"{path}/sign", 404, version="1", conclusion="Lymphome.")
    desk.sit("zoe")
    assert "rôle d’expert" not in await desk.page(path)


async def test_slides_without_a_label_have_words_for_their_name_and_for_their_room(desk: Desk) -> None:
    for _ in range(2):
        await desk.slide(desk.actors["zoe"], desk.case_id, label="")
    page = await desk.page(await desk.accepted())
    assert page.count('<span class="slide-label">sans nom</span>') == 2
    label = re.search(r'aria-label="([^"]*la lame sans nom)"', page)
    assert label is not None


async def test_accepting_shows_the_slides_and_the_editor(desk: Desk) -> None:
    path = await desk.accepted()
    page = await desk.page(path)
    assert "/thumbnail" in page
    assert "Ouvrir en direct" in page
    assert "Votre avis" in page
    assert f'data-draft="{path}/draft"' in page
    assert "Demande acceptée" in page


async def test_a_room_is_offered_when_somebody_else_may_come_and_the_page_says_who(desk: Desk) -> None:
    awaited = "possible dès que l’expert a accepté"
    path = await desk.asked()
    page = await desk.page(path)
    assert 'action="/rooms"' not in page
    assert awaited in page
    await desk.person("lea", "cayenne", "Léa", "Tamarin")
    page = await desk.page(path)
    assert 'action="/rooms"' in page
    assert "l’équipe de votre établissement (CH de Cayenne) peut rejoindre" in page
    assert awaited in page
    desk.sit("karim")
    await desk.post(f"{path}/accept")
    assert "Dr Zoé Marchand reçoit une invitation" in await desk.page(path)
    desk.sit("zoe")
    page = await desk.page(path)
    assert "Dr Karim Haddad reçoit une invitation" in page
    assert awaited not in page


async def test_a_notice_names_the_case_and_is_read_by_opening_what_it_leads_to(desk: Desk) -> None:
    path = await desk.asked(urgency="urgent")
    zoe = desk.actors["zoe"].person_id
    case = {"person": zoe, "case": desk.case_id, "by": desk.actors["karim"].person_id}
    told = [("consult.accepted", case | {"consult": path.rsplit("/", 1)[1]}), ("thread.written", case)]
    for source, (kind, body) in enumerate(told):
        await store.store(desk.db, str(source), kind, body)
    page = await desk.page("/notices")
    assert page.count("<span>26-00417</span>") == 2
    assert page.count("urgency-urgent") == 1
    await desk.browser.get(path, headers={"HX-Request": "true"})
    for shown, left in (("/", 2), (path, 1), (f"/cases/{desk.case_id}", 0)):
        await desk.page(shown)
        async with desk.db.read() as reader:
            assert await store.unread(reader, zoe) == left, shown


async def test_one_discussion_stands_on_both_pages_and_says_where_each_line_was_written(desk: Desk) -> None:
    path, case, other = await desk.accepted(), f"/cases/{desk.case_id}", await desk.asked("lise", organ="skin")
    for where, line in ((path, "Quel anticorps ?"), (case, "Le CD20."), (other, "Entre nous.")):
        await desk.post(f"{where}/lines", line=line)
    page = await desk.page(case)
    assert all(line in page for line in ("Quel anticorps ?", "Le CD20.", "Entre nous."))
    assert f'<a href="{path}#discussion">Demande d’avis à Dr Karim Haddad</a>' in page
    assert f'<a href="{other}#discussion">Demande d’avis à Dr Lise Kermarrec</a>' in page
    desk.sit("karim")
    page = await desk.page(path)
    assert page.count(f'<a href="{case}#discussion">Discussion du dossier</a>') == 1
    assert "Le CD20." in page
    for shown in (page, await desk.page(case)):
        assert "Quel anticorps ?" in shown
        assert "Entre nous." not in shown


async def test_an_open_room_is_shown_to_whoever_may_join_it(desk: Desk) -> None:
    path = await desk.accepted()
    case = f"/cases/{desk.case_id}"
    async with desk.db.read() as reader:
        (slide,) = await catalogue.of_case(reader, desk.case_id)
    desk.sit("karim")
    opened = await desk.post("/rooms", slide=slide.id, consult=path.rsplit("/", 1)[1])
    room, banner = opened.headers["location"], "en cours – Dr Karim Haddad présente"
    desk.sit("zoe")
    for shown in ("/", path, case):
        page = await desk.page(shown)
        assert banner in page, shown
        assert f'href="{room}"' in page
    assert (await desk.post("/rooms", slide=slide.id)).headers["location"] == room
    await desk.person("lea", "cayenne", "Léa", "Tamarin")
    desk.sit("lea")
    assert banner in await desk.page(case)
    assert banner not in await desk.page("/")  # she may come, and nobody waits for her
    desk.sit("anne")
    assert banner not in await desk.page("/")
    await operations.perform(desk.db, desk.actors["karim"], room.rsplit("/", 1)[1], "close-it", CloseRoom())
    desk.sit("zoe")
    for shown in ("/", path, case):
        assert banner not in await desk.page(shown)


async def test_declining_without_a_reason_says_so_and_with_one_leaves(desk: Desk) -> None:
    path = await desk.asked()
    desk.sit("karim")
    refused = await desk.post(f"{path}/decline", 422, **{"decline-reason": ""})
    assert "Le champ «\N{NO-BREAK SPACE}Précisions\N{NO-BREAK SPACE}» est vide." in html.unescape(refused.text)
    assert (await desk.post(f"{path}/decline", **{"decline-reason": "En congé."})).headers[
        "location"
    ] == "/?done=declined"
    await desk.page(path, 404)
    desk.sit("zoe")
    page = await desk.page(path)
    top, _, rest = page.partition('class="columns"')
    assert "Tous les experts sollicités ont décliné" in top
    assert "En congé." in top
    assert 'href="#another"' in top
    assert 'id="another"' in rest
    assert "organe voisin" not in page  # there is no organ to choose on this page
    assert "Déjà sollicité pour cette demande." in page
    assert "À réorienter" in await desk.page("/")


async def test_after_a_refusal_the_requester_asks_another_expert_on_the_same_page(desk: Desk) -> None:
    jean = await desk.expert("jean", "saint-denis", "Jean", "Payet")
    path = await desk.asked()
    desk.sit("karim")
    await desk.post(f"{path}/decline", **{"decline-reason": "En congé."})
    desk.sit("zoe")
    assert "Dr Jean Payet" in await desk.page(path)
    await desk.post(f"{path}/offers", expert=jean.person_id)
    desk.sit("jean")
    assert "Cette demande vous est adressée" in await desk.page(path)


async def test_the_page_says_how_it_stands_in_the_words_of_each_sides_worklist(desk: Desk) -> None:
    async def stands(path: str, key: str) -> str:
        desk.sit(key)
        page = await desk.page(path)
        (said,) = re.findall(r'<p class="consult-state">\s*<span class="chip \w+">([^<]+)</span>', page)
        listed = await desk.page("/")
        assert f">{said}</span>" in listed, (said, key)
        return str(said)

    path = await desk.asked()
    assert (await stands(path, "zoe"), await stands(path, "karim")) == ("Proposé", "À accepter")
    await desk.post(f"{path}/accept")
    assert (await stands(path, "zoe"), await stands(path, "karim")) == ("En lecture", "Accepté")
    await save(desk, path, 1, conclusion="Lymphome")
    assert (await stands(path, "zoe"), await stands(path, "karim")) == ("En lecture", "En rédaction")
    await desk.confirmed(path)
    assert (await stands(path, "zoe"), await stands(path, "karim")) == ("Avis rendu", "Signé")


async def test_what_an_acceptance_changes_refreshes_itself_on_the_requesters_page(desk: Desk) -> None:
    page = await desk.page(await desk.asked())
    for part in ("consult-state", "facts-now", "history"):
        assert re.search(rf'id="{part}"[^>]*hx-trigger="notice from:body"[^>]*hx-select="#{part}"', page), part


async def test_what_was_done_is_said_once_and_only_in_our_words(desk: Desk) -> None:
    path = await desk.asked()
    assert "Demande envoyée." in await desk.page(f"{path}?done=sent")
    assert "Demande envoyée." not in await desk.page(path)
    assert 'class="done"' not in await desk.page(f"{path}?done=Appelez+le+12")


async def test_a_request_that_somebody_else_took_says_so(desk: Desk) -> None:
    jean = await desk.expert("jean", "saint-denis", "Jean", "Payet")
    path = await desk.asked()
    await desk.post(f"{path}/offers", expert=jean.person_id)
    desk.sit("karim")
    await desk.post(f"{path}/accept")
    desk.sit("jean")
    late = await desk.post(f"{path}/accept", 409)
    assert "un autre expert l’a acceptée" in html.unescape(late.text)


async def test_nobody_else_finds_the_consult(desk: Desk) -> None:
    path = await desk.accepted()
    desk.sit("lise")
    await desk.page(path, 404)
    await desk.page("/consults/" + ABSENT, 404)
    await desk.page("/consults/42", 404)
    for act in ("accept", "revoke", "sign", "draft"):
        await desk.post(f"{path}/{act}", 404, version="1")
    assert await desk.audited("access.refused") >= 3


# Around it


async def test_both_talk_in_the_consult(desk: Desk) -> None:
    path = await desk.accepted()
    await desk.post(f"{path}/lines", line="Avez-vous le CD10 ?")
    desk.sit("zoe")
    page = await desk.page(path)
    assert "Avez-vous le CD10 ?" in page
    empty = await desk.post(f"{path}/lines", 422, line="")
    assert "Le champ «\N{NO-BREAK SPACE}Message\N{NO-BREAK SPACE}» est vide." in html.unescape(empty.text)
    await desk.post(f"{path}/lines", line="Oui, positif.")
    assert "Oui, positif." in await desk.page(path)


async def test_cancelling_closes_the_page_for_the_expert(desk: Desk) -> None:
    path = await desk.accepted()
    desk.sit("zoe")
    await desk.post(f"{path}/revoke")
    assert "Cette demande a été annulée." in await desk.page(path)
    await desk.post(f"{path}/revoke", 409)
    desk.sit("karim")
    await desk.page(path, 404)


async def test_every_page_also_speaks_english(desk: Desk) -> None:
    path = await desk.signed(codings="CIM-10 C82.0")
    desk.browser.cookies.set("lang", "en")
    desk.sit("zoe")
    for page in ("/", path, f"/consults/new?case={desk.case_id}"):
        assert 'lang="en"' in await desk.page(page)
