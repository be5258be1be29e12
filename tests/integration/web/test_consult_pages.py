"""The worklist and the pages of consults, as both sides meet them; all of it without script."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pypdf
import pytest
from sqlalchemy import select

from consults import repository
from consults.model import Consult, Reading
from realtime import ledger
from realtime.messages import CloseRoom
from telepath.actor import SYSTEM, Role
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.outbox import outbox
from telepath.ids import make_id
from telepath.notices import store
from telepath.notices.model import KINDS
from telepath.slides import catalogue
from tests.builders import MASTER_KEY, World
from tests.conftest import as_owner
from tests.house import House, house, visited
from web.routes import cases, consults, notices, rooms, worklist

ABSENT = make_id(0, bytes(10))
NASTY = '<script>alert(1)</script> "&amp;" #let x = [*bold*] $a$'


class Desk(World):
    """Zoé (Cayenne) asks, Karim (Lille) or Anne (Rennes) answers; ``sit`` puts one of them in front of the browser."""

    services: House
    browser: httpx2.AsyncClient
    case_id: str

    def sit(self, key: str, ago: timedelta = timedelta(minutes=1)) -> None:
        self.services.actor = self.again(key, ago)

    async def page(self, path: str, status: int = 200) -> str:
        response = await self.browser.get(path)
        assert response.status_code == status, response.text
        return html.unescape(response.text)

    async def post(self, path: str, status: int = 303, /, **fields: str) -> httpx2.Response:
        response = await self.browser.post(path, data=fields)
        assert response.status_code == status, html.unescape(response.text)
        return response

    async def asked(self, key: str = "karim", **changed: str) -> str:
        """Zoé fills the form; returns the consult's path."""
        self.sit("zoe")
        fields = {
            "case": self.case_id,
            "question": "Lymphome folliculaire ?",
            "context": "Adénopathie.",
            "organ": "lymphoid",
            "urgency": "standard",
            "expert": self.actors[key].person_id,
            "step": "send",
        }
        sent = (await self.post("/consults/new", **(fields | changed))).headers["location"]
        assert sent.endswith("?done=sent")
        return sent.removesuffix("?done=sent")

    async def accepted(self) -> str:
        path = await self.asked()
        self.sit("karim")
        await self.post(f"{path}/accept")
        return path

    async def signed(self, **texts: str) -> str:
        path = await self.accepted()
        text = {"conclusion": "Lymphome folliculaire, grade 1-2.", "description": "", "remarks": "", "codings": ""}
        await self.post(f"{path}/sign", version="1", **(text | texts))
        await self.confirmed(path)
        return path

    async def amended(self, path: str, text: str) -> httpx2.Response:
        await self.post(f"{path}/addendum", version=str((await self.reading(path)).version), conclusion=text)
        return await self.confirmed(path)

    async def confirmed(self, path: str) -> httpx2.Response:
        """Karim signs what the page shows him: the second of two steps."""
        page = await self.page(f"{path}?sign=1")
        (act, version) = re.findall(
            r'action="([^"]+/(?:sign|addendum))">\s*<input type="hidden" name="version" value="(\d+)"', page
        )[0]
        return await self.post(act, version=version)

    async def reading(self, path: str) -> Reading:
        async with self.db.read() as reader:
            return await repository.reading_by(reader, path.rsplit("/", 1)[1], self.actors["karim"].person_id)

    async def consult(self, path: str) -> Consult:
        async with self.db.read() as reader:
            return await repository.get(reader, path.rsplit("/", 1)[1])

    async def audited(self, kind: str) -> int:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending))
        return sum(row["record"]["kind"] == kind for row in rows)


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(database)
    zoe = await made.person("zoe", "cayenne", "Zoé", "Marchand")
    await made.expert("karim", "lille", "Karim", "Haddad", networks=["LYMPHOPATH"], median_hours=18.0)
    await made.expert("anne", "rennes", "Anne", "Le Goff", available=False)
    await made.expert("lise", "rennes", "Lise", "Kermarrec", "skin", median_hours=60.0)
    made.case_id = await made.case(zoe)
    await made.slide(zoe, made.case_id)
    made.services = house(database, tmp_path)
    made.sit("zoe")
    async with visited(
        made.services, [*worklist.routes, *cases.routes, *consults.routes, *notices.routes, *rooms.routes]
    ) as client:
        made.browser = client
        yield made


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
        "Répond d’habitude en 18 h",
        "Réponse attendue avant le 18 mars 2026, 14:00 (Cayenne)",  # 18 h in Lille, on Zoé's clock
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
    assert "Répond d’habitude en 3 jours" in page
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
    assert "l’équipe de CH de Cayenne peut rejoindre" in page
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
    await ledger.perform(desk.db, desk.actors["karim"], room.rsplit("/", 1)[1], "close-it", CloseRoom())
    desk.sit("zoe")
    for shown in ("/", path, case):
        assert banner not in await desk.page(shown)


async def test_declining_without_a_reason_says_so_and_with_one_leaves(desk: Desk) -> None:
    path = await desk.asked()
    desk.sit("karim")
    refused = await desk.post(f"{path}/decline", 422, **{"decline-reason": ""})
    assert "Le champ «\N{NO-BREAK SPACE}Motif\N{NO-BREAK SPACE}» est vide." in html.unescape(refused.text)
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


# The draft


async def save(desk: Desk, path: str, version: int, **texts: str) -> tuple[int, dict[str, Any]]:
    response = await desk.browser.post(
        f"{path}/draft", json={"version": version, **texts}, headers={"Accept": "application/json"}
    )
    return response.status_code, response.json()


async def test_the_editor_saves_as_the_expert_types(desk: Desk) -> None:
    path = await desk.accepted()
    status, saved = await save(desk, path, 1, conclusion="Lymphome", description="", remarks="", codings="")
    assert (status, saved["version"]) == (200, 2)
    page = await desk.page(path)
    assert "Enregistré à 13:00" in page
    assert 'data-version="2"' in page


async def test_a_second_window_gets_what_the_first_one_saved(desk: Desk) -> None:
    path = await desk.accepted()
    await save(desk, path, 1, conclusion="Première", remarks="Remarque")
    status, kept = await save(desk, path, 1, conclusion="Seconde")
    assert status == 409
    assert kept == {"version": 2, "conclusion": "Première", "description": "", "remarks": "Remarque", "codings": ""}


async def test_without_script_the_second_window_shows_both_texts(desk: Desk) -> None:
    path = await desk.accepted()
    await save(desk, path, 1, conclusion="Première")
    response = await desk.post(
        f"{path}/draft", 409, version="1", conclusion="Seconde", description="", remarks="", codings=""
    )
    page = html.unescape(response.text)
    assert "Rien n’a été écrasé" in page
    assert "Première" in page
    assert "Seconde" in page
    assert 'name="version" value="2"' in page
    assert (await desk.reading(path)).draft.conclusion == "Première"


async def test_the_save_button_works_without_script(desk: Desk) -> None:
    path = await desk.accepted()
    await desk.post(f"{path}/draft", version="1", conclusion=NASTY, description="", remarks="", codings="")
    response = await desk.browser.get(path)
    assert "<script>alert" not in response.text
    assert NASTY in html.unescape(response.text)


@pytest.mark.parametrize(
    "body", ["[]", '{"conclusion": "x"}', '{"version": "1"}', '{"version": 1, "conclusion": 2}', "{"]
)
async def test_a_draft_of_another_shape_is_refused(desk: Desk, body: str) -> None:
    path = await desk.accepted()
    response = await desk.browser.post(
        f"{path}/draft", content=body, headers={"Content-Type": "application/json", "Accept": "application/json"}
    )
    assert (response.status_code, response.json()["error"]) == (422, "error-body-unreadable")


# The signature


async def test_signing_keeps_the_text_and_shows_it_signed_to_both(desk: Desk) -> None:
    path = await desk.signed(codings="ADICAP BHSG7A0\nCIM-10 C82.0", remarks="Réserve : une seule lame.")
    desk.sit("zoe")
    assert "Avis à lire" in await desk.page("/")
    await desk.browser.get(path, headers={"HX-Request": "true"})  # the page refreshed itself, perhaps before nobody
    assert "Avis à lire" in await desk.page("/")
    for key in ("karim", "zoe"):
        desk.sit(key)
        page = await desk.page(path)
        assert "Avis signé" in page
        assert "Lymphome folliculaire, grade 1-2." in page
        assert "Réserve : une seule lame." in page
        assert "C82.0" in page
        assert "Code de vérification" in page
    assert "Avis rendu" in await desk.page("/")
    assert "Votre avis" not in await desk.page(path)


TEXTS = {"conclusion": "Lymphome.", "description": "", "remarks": "", "codings": ""}


async def test_the_editor_only_shows_what_would_be_signed(desk: Desk) -> None:
    path = await desk.accepted()
    kept = await desk.post(f"{path}/sign", version="1", **TEXTS)
    assert kept.headers["location"] == f"{path}?sign=1#opinion"
    assert (await desk.consult(path)).status == "active"
    page = await desk.page(f"{path}?sign=1")
    assert "Rien n’est encore signé" in page
    assert page.index("consult-state") < page.index("Relire avant de signer") < page.index("La question")
    assert 'name="conclusion"' not in page
    signed = await desk.confirmed(path)
    assert signed.headers["location"] == f"{path}?done=signed#opinion"
    assert (await desk.consult(path)).status == "completed"


async def test_a_text_that_changed_after_it_was_shown_is_not_signed(desk: Desk) -> None:
    path = await desk.accepted()
    await desk.post(f"{path}/sign", version="1", **TEXTS)
    shown = (await desk.reading(path)).version
    await save(desk, path, shown, conclusion="Autre chose.")
    await desk.post(f"{path}/sign", 409, version=str(shown))
    assert (await desk.consult(path)).status == "active"


async def test_an_old_authentication_is_renewed_first_and_the_text_waits_for_confirmation(desk: Desk) -> None:
    path = await desk.accepted()
    desk.sit("karim", timedelta(hours=1))
    away = await desk.post(f"{path}/sign", version="1", **TEXTS)
    to_step_up = f"/login/step-up?return_to={path.replace('/', '%2F')}%3Fsign%3D1%23opinion"
    assert away.headers["location"] == to_step_up
    assert (await desk.reading(path)).draft.conclusion == "Lymphome."
    late = await desk.confirmed(path)  # who let the page lie for an hour
    assert late.headers["location"] == to_step_up
    desk.sit("karim")
    assert "Lymphome." in await desk.page(f"{path}?sign=1")
    await desk.confirmed(path)
    assert (await desk.consult(path)).status == "completed"


async def test_what_cannot_be_signed_is_said_beside_it_and_kept(desk: Desk) -> None:
    path = await desk.accepted()
    for texts, field, said in (
        (
            {"conclusion": " ", "codings": ""},
            "conclusion",
            "Le champ «\N{NO-BREAK SPACE}Conclusion\N{NO-BREAK SPACE}» est vide.",
        ),
        (
            {"conclusion": "Lymphome.", "codings": "C82.0"},
            "codings",
            "«\N{NO-BREAK SPACE}C82.0\N{NO-BREAK SPACE}» n’est pas un code reconnu",
        ),
    ):
        version = (await desk.reading(path)).version
        refused = await desk.post(f"{path}/sign", 422, version=str(version), description="Suite", remarks="", **texts)
        page = html.unescape(refused.text)
        top, _, form = page.partition('class="columns"')
        assert "L’avis n’est pas signé" in top
        assert f'<a href="#{field}">{said}' in top
        assert said in form
        assert re.search(rf'id="{field}"[^>]* autofocus>', form)
        assert (await desk.reading(path)).draft.description == "Suite"


async def test_a_text_that_the_editor_saved_a_moment_ago_is_signed_without_a_conflict(desk: Desk) -> None:
    path = await desk.accepted()
    texts = {"conclusion": "Lymphome.", "description": "", "remarks": "", "codings": ""}
    await save(desk, path, 1, **texts)  # on its way when the button was pressed
    await desk.post(f"{path}/sign", version="1", **texts)
    await desk.confirmed(path)
    assert (await desk.consult(path)).status == "completed"


async def test_a_correction_is_an_addendum_below_the_opinion(desk: Desk) -> None:
    path = await desk.signed()
    assert "Complété" not in await desk.page(path)
    added = await desk.amended(path, "Après CD10 : confirmé.")
    assert added.headers["location"] == f"{path}?done=amended#opinion-2"
    desk.sit("zoe")
    page = await desk.page(path)
    assert page.index("Lymphome folliculaire, grade 1-2.") < page.index("Addendum n° 1") < page.index("Après CD10")
    assert "Addendum n° 1 signé" in page
    assert '<span class="chip good">Complété</span>' in page
    assert page.index('<a href="#opinion-2">Complété par un addendum') < page.index('id="opinion-2"')


async def test_the_requester_sees_nothing_of_a_draft(desk: Desk) -> None:
    path = await desk.accepted()
    await save(desk, path, 1, conclusion="Peut-être un lymphome")
    desk.sit("zoe")
    page = await desk.page(path)
    assert "Peut-être" not in page
    assert "L’avis n’est pas encore rendu." in page


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


# The report


async def test_the_report_says_who_asked_who_answered_and_what(desk: Desk) -> None:
    path = await desk.signed(codings="CIM-10 C82.0", remarks=NASTY)
    await desk.amended(path, "Après CD10 : confirmé.")
    desk.sit("zoe")
    response = await desk.browser.get(f"{path}/report.pdf")
    assert response.headers["content-type"] == "application/pdf"
    document = pypdf.PdfReader(BytesIO(response.content))
    text = " ".join("\n".join(page.extract_text() for page in document.pages).split())
    async with desk.db.read() as reader:
        opinions = await repository.opinions_of(reader, path.rsplit("/", 1)[1])
    for said in (
        "Dr Zoé Marchand",
        "CH de Cayenne",
        "Dr Karim Haddad",
        "CHU de Lille",
        "Dossier 26-00417",
        "Ganglion cervical",
        "Lymphome folliculaire ?",
        "Lymphome folliculaire, grade 1-2.",
        "C82.0",
        "11 mars 2026, 09:00 (Cayenne, UTC\N{MINUS SIGN}03:00)",
        "11 mars 2026, 13:00 (Lille, UTC+01:00)",
        "Addendum n° 1",
        "Après CD10",
        "n’est pas un dispositif médical certifié",
        *(opinion.verification for opinion in opinions),
        *(opinion.digest for opinion in opinions),
    ):
        assert said in text, said
    assert "".join(NASTY.split()) in "".join(text.split())
    assert document.metadata is not None
    assert document.metadata.author == "Dr Karim Haddad"
    assert await desk.audited("report.printed") == 1


async def test_there_is_no_report_before_the_signature_and_none_for_strangers(desk: Desk) -> None:
    path = await desk.accepted()
    await desk.page(f"{path}/report.pdf", 404)
    desk.sit("lise")
    await desk.page(f"{path}/report.pdf", 404)
    assert await desk.audited("report.printed") == 0


# A case that was erased


@pytest.mark.parametrize("key", ["zoe", "karim"])
async def test_of_an_erased_case_both_sides_see_only_that_it_was_erased(desk: Desk, key: str) -> None:
    path = await desk.signed(conclusion="Lymphome folliculaire Qz.")
    await tell(desk)
    desk.sit(key)
    assert "26-00417" in await desk.page("/")
    owner = Database(as_owner(desk.db.url.render_as_string(hide_password=False)), MASTER_KEY, clock=desk.clock)
    await erase_case(owner, desk.services.storage, SYSTEM, desk.case_id, Reason.RIGHT, "DPO-14", _listed)
    await owner.close()
    desk.services.actor = desk.actors[key]
    for absent in (path, f"/cases/{desk.case_id}", f"{path}/report.pdf"):
        assert (await desk.browser.get(absent)).status_code == 404, absent
    for listed, said in (("/", "Demande d’un dossier effacé"), ("/notices", "Dossier effacé")):
        page = await desk.page(listed)
        assert said in page
        for gone in ("26-00417", "Ganglion", "Lymphome", path):
            assert gone not in page, (listed, gone)
    assert "26-00417" not in await desk.page("/cases")
    if desk.db.is_sqlite:
        # What was typed is nowhere: neither in rows, nor in the audit of how it came about.
        path_ = Path(str(desk.db.url.database))
        left = b"".join(one.read_bytes() for one in path_.parent.glob(f"{path_.name}*"))
        assert [word for word in (b"26-00417", b"Ganglion", b"Lymphome", b"nopathie") if word in left] == []


async def tell(desk: Desk) -> None:
    """What the relay would tell everybody by now."""
    async with desk.db.read() as reader:
        events = await reader.all(select(outbox))
    for event in events:
        if event["kind"] in KINDS:
            await store.store(desk.db, f"outbox:{event['position']}", event["kind"], event["body"])


async def _listed(_made: Erasure) -> None:
    pass
