"""The pages of an opinion that several sign, without script: blind reading, amendment, second signature, concordance."""

import html
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from consults import dismissal, further_readers
from consults.kinds import ConsultKind, ReadingRole
from telepath.db.database import Database
from telepath.db.schema.cases import attachment, case
from telepath.db.schema.consults import consult
from telepath.db.schema.outbox import outbox
from tests.consult_desk import TEXTS, Desk, save, seated

FIRST = "Hyperplasie folliculaire bénigne."


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        await made.expert("nadia", "nice", "Nadia", "Belkacem", networks=["LYMPHOPATH"])
        yield made


async def asked(desk: Desk, *, network: bool = False, blind: bool = False, countersigned: bool = False) -> str:
    """Karim has accepted, and sits there."""
    path = await desk.accepted()
    consult_id = path.rpartition("/")[2]
    async with desk.db.write(desk.actors["zoe"], unaudited="a test's world") as tx:
        await tx.execute(
            update(consult)
            .where(consult.c.id == consult_id)
            .values(
                kind=ConsultKind.NETWORK if network else ConsultKind.EXPERT,
                network="LYMPHOPATH" if network else "",
                blind=blind,
                first_diagnosis=FIRST,
                countersigned=countersigned,
            )
        )
        await tx.execute(update(case).where(case.c.id == desk.case_id).values(proposed_diagnosis=FIRST))
    return path


async def test_who_reads_blind_sees_the_first_diagnosis_nowhere_until_they_commit(desk: Desk) -> None:
    path = await asked(desk, blind=True)
    desk.sit("zoe")
    await desk.post(f"/cases/{desk.case_id}/lines", line="Je pense à une hyperplasie folliculaire bénigne.")
    assert FIRST in await desk.page(f"/cases/{desk.case_id}")
    async with desk.db.write(desk.actors["zoe"], unaudited="a test's world") as tx:
        letter = tx.new_id()
        await tx.insert(
            attachment,
            id=letter,
            case_id=desk.case_id,
            title="Compte rendu d’hyperplasie",
            kind="pdf",
            pages=[{"width": 10, "height": 10}],
            folder=letter,
            bytes=1,
            digest="0" * 64,
            added_by=desk.actors["zoe"].person_id,
            added_at=tx.now,
        )
    assert "Compte rendu d’hyperplasie" in await desk.page(f"/cases/{desk.case_id}")
    desk.sit("karim")
    for place in (path, f"/cases/{desk.case_id}"):
        page = await desk.page(place)
        assert "yperplasie" not in page, place
    viewed = await desk.audited("attachment.viewed")
    await desk.page(f"/attachments/{letter}/pages/1", 404)
    assert await desk.audited("attachment.viewed") == viewed
    page = await desk.page(path)
    assert "Lecture en aveugle" in page
    # Without a conclusion there is nothing to commit.
    refused = await desk.post(f"{path}/commit", 422, version="1", **(TEXTS | {"conclusion": ""}))
    assert "yperplasie" not in refused.text
    assert "L’avis n’est pas consigné" in html.unescape(refused.text)
    version = str((await desk.reading(path)).version)
    done = await desk.post(f"{path}/commit", version=version, **(TEXTS | {"conclusion": "Lymphome B."}))
    assert done.headers["location"] == f"{path}?done=committed#first-diagnosis"
    page = await desk.page(path)
    assert page.index("Votre avis avant de le voir") < page.index("Lymphome B.") < page.index(FIRST)
    page = await desk.page(f"/cases/{desk.case_id}")
    assert FIRST in page
    assert "Compte rendu d’hyperplasie" in page
    assert await desk.audited("opinion.committed") == await desk.audited("opinion.revealed") == 1
    # Who asked sees what was committed when the answer is out, and not before.
    desk.sit("zoe")
    assert "Lymphome B." not in await desk.page(path)
    desk.sit("karim")
    version = str((await desk.reading(path)).version)
    await desk.post(f"{path}/sign", version=version, **(TEXTS | {"conclusion": "Lymphome folliculaire."}))
    await desk.confirmed(path)
    desk.sit("zoe")
    page = await desk.page(path)
    assert page.index("L’avis de l’expert avant de le voir") < page.index("Lymphome B.") < page.index(FIRST)


async def test_a_network_wants_the_grade_with_the_signature_and_the_second_signature_sends_it_out(desk: Desk) -> None:
    path = await asked(desk, network=True, countersigned=True)
    await desk.post(f"{path}/sign", version="1", **TEXTS)
    page = await desk.page(f"{path}?sign=1")
    assert "Discordance majeure" in page
    assert "Demander une troisième lecture" in page
    version = str((await desk.reading(path)).version)
    refused = await desk.post(f"{path}/sign", 422, version=version)
    said = html.unescape(refused.text)
    assert "Indiquez la concordance" in said
    assert "Relire avant de signer" in said  # the same page again
    graded = {"grade": "minor", "grade-comment": "Grade différent."}
    done = await desk.post(f"{path}/sign", version=version, **graded)
    assert done.headers["location"] == f"{path}?done=signed-held#opinion"
    page = await desk.page(path)
    assert "Signé, pas encore transmis" in page
    assert "La seconde signature que demande le réseau." in page
    assert "Nadia Belkacem" in page
    # The requester sees that it is being read, and nothing else.
    desk.sit("zoe")
    page = await desk.page(path)
    for hidden in ("Lymphome.", "Belkacem", "Grade différent", "Discordance"):
        assert hidden not in page, hidden
    assert "En lecture" in page
    assert (await desk.browser.get(f"{path}/report.pdf")).status_code == 404

    desk.sit("nadia")
    await desk.post(f"{path}/accept")
    desk.sit("zoe")
    assert "Belkacem" not in await desk.page(path)
    desk.sit("nadia")
    page = await desk.page(path)
    assert "La seconde signature" in page
    assert "Grade différent" not in page
    # What is missing they say to the expert.
    assert "Demander un complément" not in page
    ask = {"material-kind": "ihc", "material-text": "CD10"}
    assert "Ce qui manque se demande par l’expert" in html.unescape(
        (await desk.post(f"{path}/material", 403, **ask)).text
    )
    assert 'data-draft="' not in page
    empty = await desk.post(f"{path}/send-back", 422, number="1", comment=" ")
    assert "L’avis n’est pas renvoyé" in html.unescape(empty.text)
    await desk.post(f"{path}/send-back", number="1", comment="Précisez le sous-type.")
    desk.sit("karim")
    page = await desk.page(path)
    assert "Précisez le sous-type." in page
    assert "Rédiger un avis rectifié" in page
    version = str((await desk.reading(path)).version)
    texts = TEXTS | {"conclusion": "Lymphome folliculaire."}
    sent = await desk.post(f"{path}/amendment", version=version, **texts)
    assert sent.headers["location"] == f"{path}?sign=1&amend=1#opinion"
    assert f'action="{path}/amendment"' in await desk.page(f"{path}?sign=1&amend=1")
    await desk.post(f"{path}/amendment", version=str((await desk.reading(path)).version))

    desk.sit("nadia")
    stale = await desk.post(f"{path}/countersign", 409, number="1")
    assert "Relisez le nouveau texte" in html.unescape(stale.text)
    signed = await desk.post(f"{path}/countersign", number="2")
    assert signed.headers["location"] == f"{path}?done=countersigned#opinion-2-title"
    desk.sit("zoe")
    page = await desk.page(path)
    assert "Remplacé par un avis rectifié" in page
    assert "superseded-text" in page
    assert "Contresigné par Dr Nadia Belkacem" in page
    assert "Avis rectifié n° 1" in page
    assert (await desk.browser.get(f"{path}/report.pdf")).status_code == 200
    # Each side sees the other's grade after its own.
    assert "Grade différent" not in page
    await desk.post(f"{path}/grade", 422, side="requester", **{"grade": "major", "grade-comment": ""})
    await desk.post(f"{path}/grade", side="requester", grade="concordant")
    page = await desk.page(path)
    assert "Grade différent" in page
    assert "Selon le demandeur" in page
    again = await desk.post(f"{path}/grade", 409, side="requester", grade="minor")
    assert "déjà évaluée" in html.unescape(again.text)


async def test_what_an_answer_awaits_is_said_even_where_nobody_can_be_asked(desk: Desk) -> None:
    path = await asked(desk, network=True, countersigned=True)
    await desk.post(f"{path}/sign", version="1", **TEXTS | {"codings": "CIM-O 9690/3"})
    version = str((await desk.reading(path)).version)
    await desk.post(f"{path}/sign", version=version, grade="concordant")
    desk.sit("nadia")
    await desk.post(f"{path}/decline", **{"decline-code": "overloaded", "decline-reason": ""})
    desk.sit("karim")
    page = await desk.page(path)
    assert "La seconde signature que demande le réseau." in page
    assert "Personne d’autre ne peut être sollicité pour l’instant." in page
    # The text that is to be amended has its codes in the reader's words.
    assert "<details>\n    <summary>Rédiger un avis rectifié" in page
    assert ">CIM-O 9690/3</textarea>" in await desk.page(f"{path}?amend=1")


async def test_two_write_one_text_and_both_sign_it(desk: Desk) -> None:
    path = await asked(desk)
    page = await desk.page(path)
    assert "Inviter un co-lecteur" in page
    await desk.post(f"{path}/readers", role="co-reader", expert=desk.actors["nadia"].person_id)
    refused = await desk.post(f"{path}/readers", 422, role="third", expert=desk.actors["nadia"].person_id)
    assert "L’invitation n’est pas envoyée" in html.unescape(refused.text)
    desk.sit("nadia")
    await desk.post(f"{path}/accept")
    page = await desk.page(path)
    assert "Vous écrivez ce texte avec Dr Karim Haddad." in page
    assert "Relire et signer" not in page
    status, answer = await save(desk, path, 1, conclusion="De Nadia.")
    assert status == 200
    # Without script, in both windows: nothing is overwritten.
    desk.sit("karim")
    conflict = await desk.post(f"{path}/draft", 409, version="1", **(TEXTS | {"conclusion": "De Karim."}))
    said = html.unescape(conflict.text)
    assert said.index("De Nadia.") < said.index("De Karim.")
    status, kept = await save(desk, path, 1, conclusion="De Karim.")
    assert (status, kept["conclusion"]) == (409, "De Nadia.")
    await desk.post(f"{path}/sign", version=str(answer["version"]), **(TEXTS | {"conclusion": "À deux."}))
    await desk.confirmed(path)
    desk.sit("nadia")
    page = await desk.page(path)
    assert "Votre signature de co-lecteur" in page
    await desk.post(f"{path}/countersign", number="1")
    desk.sit("zoe")
    assert "Cosigné par Dr Nadia Belkacem" in await desk.page(path)


async def test_who_reads_third_is_named_to_nobody_of_the_asking_side_before_the_answer_is_out(desk: Desk) -> None:
    path = await asked(desk, network=True)
    await desk.post(f"{path}/sign", version="1", **TEXTS)
    version = str((await desk.reading(path)).version)
    await desk.post(f"{path}/sign", version=version, grade="major", **{"grade-comment": "Lymphome.", "settle": "third"})
    desk.sit("nadia")
    await desk.post(f"{path}/accept")
    await desk.post(f"{path}/lines", line="Une autre coloration existe-t-elle ?")
    await desk.post(f"/cases/{desk.case_id}/lines", line="Quel fixateur ?")
    await desk.post(f"{path}/incidents", **{"incident-kind": "image", "incident-text": "Lame floue."})
    await desk.post(f"{path}/material", **{"material-kind": "ihc", "material-text": "CD10."})
    for place in (path, f"/cases/{desk.case_id}"):
        assert "Belkacem" in await desk.page(place)
    desk.sit("zoe")
    page = await desk.page(path)
    assert "Une autre coloration existe-t-elle ?" in page
    assert "Un lecteur a besoin de ce qui suit pour répondre." in page
    assert "Lame floue." in page
    for place in (path, f"/cases/{desk.case_id}", "/", "/?view=to-answer", "/notices"):
        assert "Belkacem" not in await desk.page(place), place
    async with desk.db.read() as reader:
        bodies = [row["body"] for row in await reader.all(select(outbox.c.body))]
    told = [one for one in bodies if one.get("person") == desk.actors["zoe"].person_id]
    assert desk.actors["nadia"].person_id not in str(told)
    desk.sit("karim")
    assert "Belkacem" in await desk.page(path)


async def test_who_was_let_go_as_a_co_reader_signs_second_on_the_page(desk: Desk) -> None:
    path = await asked(desk, countersigned=True)
    consult_id, nadia = path.rpartition("/")[2], desk.actors["nadia"].person_id
    for role in (ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER):
        desk.clock.advance(minutes=1)
        await further_readers.invite(desk.db, desk.again("karim"), consult_id, role, nadia)
        desk.sit("nadia")
        assert "Déroulé" not in await desk.page(path)
        await desk.post(f"{path}/accept")
        desk.clock.advance(minutes=1)
        if role is ReadingRole.CO_READER:
            await dismissal.dismiss(desk.db, desk.again("karim"), consult_id, nadia)
    desk.sit("karim")
    await desk.post(f"{path}/sign", version=str((await desk.reading(path)).version), **TEXTS)
    await desk.confirmed(path)
    desk.sit("nadia")
    assert f'{path}/countersign"' in await desk.page(path)


async def test_a_template_and_a_ready_phrase_come_behind_what_is_typed_without_script(desk: Desk) -> None:
    path = await asked(desk)
    page = await desk.page(path)
    assert "Insérer le modèle" in page
    typed = TEXTS | {"conclusion": "Lymphome."}
    await desk.post(f"{path}/draft", version="1", insert="template", **typed)
    draft = (await desk.reading(path)).draft
    assert draft.conclusion.startswith("Lymphome.\nDiagnostic")
    assert "Immunophénotype" in draft.description
    held = {"conclusion": draft.conclusion, "description": draft.description, "remarks": "", "codings": ""}
    await desk.post(f"{path}/draft", version=str((await desk.reading(path)).version), insert="limit-0", **held)
    assert "lames numérisées" in (await desk.reading(path)).draft.remarks
    # The button carries the same text for the script.
    (carried,) = re.findall(r'value="template" data-insert="([^"]+)"', (await desk.browser.get(path)).text)
    assert "Immunophénotype" in json.loads(html.unescape(carried))["description"]


async def test_an_old_authentication_is_renewed_before_a_second_signature(desk: Desk) -> None:
    path = await asked(desk, network=True, countersigned=True)
    await desk.post(f"{path}/sign", version="1", **TEXTS)
    await desk.post(f"{path}/sign", version=str((await desk.reading(path)).version), grade="concordant")
    desk.sit("nadia")
    await desk.post(f"{path}/accept")
    desk.sit("nadia", ago=timedelta(hours=2))
    sent = await desk.post(f"{path}/countersign", number="1")
    assert sent.headers["location"].startswith("/login/step-up?return_to=%2Fconsults%2F")
