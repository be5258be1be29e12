"""The opinion on its page: drafted, signed, corrected, printed; and what is left of it when its case is erased."""

import html
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import select

from consults import repository
from telepath.actor import SYSTEM
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox
from telepath.notices import store
from telepath.notices.model import KINDS
from tests.builders import MASTER_KEY
from tests.conftest import as_owner
from tests.consult_desk import NASTY, TEXTS, Desk, save

# The draft


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
        for gone in ("26-00417", "Ganglion cervical", "Lymphome", path):
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
