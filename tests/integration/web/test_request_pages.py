"""Asking for an opinion on one page: which network is proposed by itself, on what terms, and what is missing before."""

import html
import re

import pytest
from sqlalchemy import update

from consults.kinds import ConsultKind, Policy, Trigger
from telepath.db.schema.cases import case
from tests import audited
from tests.consult_desk import Desk

LYMPHOMA = {"codings": [{"system": "CIM-10", "code": "C82.1"}], "circumstances": ["coeliac"]}
TAKE = "Demander cette relecture"


async def known(desk: Desk, **columns: object) -> None:
    """The case as its laboratory has described it."""
    async with desk.db.write(desk.actors["zoe"], unaudited="test") as tx:
        await tx.execute(update(case).where(case.c.id == desk.case_id).values(**columns))


async def form(desk: Desk, **fields: str) -> str:
    """The form as it comes back with proposals for what it says."""
    usual = {"case": desk.case_id, "question": "Q ?", "context": "", "organ": "lymphoid", "urgency": "standard"}
    answer = await desk.post("/consults/new", 200, **(usual | {"step": "propose"} | fields))
    return html.unescape(answer.text)


async def test_a_systematic_reading_is_proposed_by_itself_and_taken_with_one_click(desk: Desk) -> None:
    await known(desk, **LYMPHOMA)
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    top = page.partition('id="question-title"')[0]
    assert "Ce cas relève de LYMPHOPATH\N{NO-BREAK SPACE}: relecture systématique" in top
    assert "Code CIM-10 C82.1\N{NO-BREAK SPACE}: lymphome" in top
    assert "peut aussi être demandée à CELAC" in page
    assert "Circonstance\N{NO-BREAK SPACE}: Maladie cœliaque" in page

    taken = await form(desk, take="LYMPHOPATH", question="Grade ?")
    assert "Grade ?" in taken
    assert "Ce cas relève de LYMPHOPATH" not in taken
    assert '<option value="LYMPHOPATH" selected>' in taken
    assert '<option value="systematic" selected>' in taken
    assert "Réponse attendue\N{NO-BREAK SPACE}: Relecture systématique, 20 jours" in taken

    celac = await form(desk, take="CELAC")
    assert '<option value="pathologist" selected>' in celac
    assert "Ce cas relève de LYMPHOPATH" in celac  # it still does
    assert '<option value="expert" selected>' in await form(desk, take="NETMESO")  # nothing proposes that one


async def test_the_page_of_a_case_proposes_a_systematic_reading_until_it_was_asked_for(desk: Desk) -> None:
    case = f"/cases/{desk.case_id}"
    assert "relecture systématique" not in await desk.page(case)
    await known(desk, **LYMPHOMA)
    page = await desk.page(case)
    assert "Ce cas relève de LYMPHOPATH" in page
    assert "CELAC" not in page  # one may ask there, and need not
    (link,) = re.findall(r'href="(/consults/new\?case=[^"]+take=[^"]+)"', page)
    taken = await desk.page(link)
    assert '<option value="LYMPHOPATH" selected' in taken
    assert '<option value="systematic" selected' in taken
    # An ordinary opinion is not it; the network's is, until it is taken back.
    await desk.asked()
    assert "Ce cas relève de LYMPHOPATH" in await desk.page(case)
    path = await desk.asked(kind="network", network="LYMPHOPATH", trigger="systematic")
    assert "Ce cas relève de LYMPHOPATH" not in await desk.page(case)
    await desk.post(f"{path}/revoke")
    assert "Ce cas relève de LYMPHOPATH" in await desk.page(case)
    # Who was only let see the case asks nobody.
    reads = await desk.accepted()
    assert reads
    assert "Ce cas relève de LYMPHOPATH" not in await desk.page(case)


async def test_what_was_chosen_is_asked_sealed_and_recorded(desk: Desk) -> None:
    await known(desk, **LYMPHOMA)
    path = await desk.asked(
        kind="network", network="LYMPHOPATH", trigger="systematic", blind="1", policy="named", proof="", pool=""
    )
    consult = await desk.consult(path)
    assert (consult.kind, consult.network, consult.trigger) == (ConsultKind.NETWORK, "LYMPHOPATH", Trigger.SYSTEMATIC)
    assert (consult.urgency, consult.policy, consult.blind) == ("systematic", Policy.NAMED, True)
    assert consult.first_diagnosis == "Hyperplasie folliculaire, à confirmer."
    (record,) = await audited.records(desk.db, "consult.requested")
    said = {key: record["detail"][key] for key in ("consult_kind", "network", "trigger", "policy", "blind")}
    assert said == {
        "consult_kind": "network",
        "network": "LYMPHOPATH",
        "trigger": "systematic",
        "policy": "named",
        "blind": True,
    }
    assert "Hyperplasie" not in str(record)

    await known(desk, proposed_diagnosis="Autre chose.")  # what was sent stays as it was sent
    page = await desk.page(path)
    for words in ("Relecture par un réseau national", "LYMPHOPATH", "Relecture systématique du réseau"):
        assert words in page, words
    assert "Hyperplasie folliculaire, à confirmer." in page
    desk.sit("karim")
    assert "Hyperplasie" not in await desk.page(path)  # who is only asked
    await desk.post(f"{path}/accept")
    assert "Hyperplasie" not in await desk.page(path)
    of_case = await desk.page(f"/cases/{desk.case_id}")
    assert "Vous lisez en aveugle" in of_case
    assert "Autre chose" not in of_case
    assert "Ganglion de 18 mm" not in of_case


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "network"}, "Choisissez le réseau"),
        ({"kind": "network", "network": "LYMPHOPATH"}, "Indiquez ce qui motive la relecture"),
        ({"policy": "ring"}, "réservé à l’extemporané"),
        ({"policy": "pool"}, "Choisissez le groupe d’experts"),
    ],
)
async def test_terms_that_say_too_little_are_refused_beside_their_field(
    desk: Desk, fields: dict[str, str], said: str
) -> None:
    usual = {
        "case": desk.case_id,
        "question": "Q ?",
        "context": "",
        "organ": "lymphoid",
        "urgency": "standard",
        "expert": desk.actors["karim"].person_id,
        "step": "send",
    }
    answer = html.unescape((await desk.post("/consults/new", 422, **(usual | fields))).text)
    assert answer.count(said) >= 1
    assert "La demande n’est pas envoyée" in answer


async def test_what_is_missing_is_named_with_its_link_and_stops_the_request_in_the_same_words(desk: Desk) -> None:
    await known(desk, proposed_diagnosis="", gross_description="", non_opposition="", non_opposition_at=None)
    page = await form(desk, kind="teaching")
    gaps = page.partition('id="missing-title"')[2]
    unknown = "Le dossier ne dit pas si le patient est informé et ne s’oppose pas à cette demande."
    assert re.search(
        rf'Empêche l’envoi</span> <span>{unknown} <a href="/cases/{desk.case_id}\?then=ask#non-opposition" data-keeps>',
        gaps,
    )
    assert re.search(r'value="send" disabled', gaps)
    send = {
        "case": desk.case_id,
        "question": "Q ?",
        "context": "",
        "organ": "lymphoid",
        "urgency": "standard",
        "expert": desk.actors["karim"].person_id,
        "kind": "teaching",
        "step": "send",
    }
    refused = html.unescape((await desk.post("/consults/new", 422, **send)).text)
    assert refused.count(unknown) == 3  # at the top, beside the list, in the list

    expert = await form(desk, kind="expert")
    gaps = expert.partition('id="missing-title"')[2]
    assert "Empêche" not in gaps
    assert gaps.count("À savoir") == 3
    assert f'<a href="/cases/{desk.case_id}/edit?then=ask#diagnosis" data-keeps>Compléter</a>' in gaps
    assert 'value="send" disabled' not in gaps

    mended = await desk.browser.get(f"/cases/{desk.case_id}/edit?then=ask")
    assert 'name="then" value="ask"' in mended.text
    facts = {
        "version": "1",
        "number": "26-00417",
        "organ": "lymphoid",
        "title": "G",
        "diagnosis": "Lymphome.",
        "then": "ask",
    }
    back = await desk.post(f"/cases/{desk.case_id}/edit", 303, **facts)
    assert back.headers["location"] == f"/consults/new?case={desk.case_id}&done=case-changed"


async def test_nothing_is_called_complete_while_nothing_is_asked(desk: Desk) -> None:
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    assert "Écrivez votre question." in page
    asking = await form(desk, question="Grade ?")
    assert "Écrivez votre question." not in asking
    assert "awaits-question" not in asking


async def test_a_frozen_section_has_its_own_time_and_may_call_everybody(desk: Desk) -> None:
    page = await form(desk, kind="frozen")
    assert "Réponse attendue\N{NO-BREAK SPACE}: Extemporané, 20 minutes" in page
    assert 'name="policy" value="ring"' in page
    assert 'name="policy" value="pool"' not in page  # there is none to choose
    assert 'name="policy" value="ring"' not in await form(desk)


async def test_choosing_a_frozen_section_calls_everybody_and_leaving_it_does_no_more(desk: Desk) -> None:
    ringing = await form(desk, kind="frozen", kind_before="expert", policy="named")
    assert 'value="ring" checked' in ringing
    assert "Un expert est sollicité" in ringing
    assert 'value="send" disabled' not in ringing
    assert 'value="named" checked' in await form(desk, kind="frozen", kind_before="frozen", policy="named")
    assert 'value="named" checked' in await form(desk, kind="expert", kind_before="frozen", policy="ring")
    path = await desk.asked(kind="frozen", policy="ring", expert="")
    assert (await desk.consult(path)).policy is Policy.RING
    assert (await desk.consult(path)).urgency == "frozen"


async def test_who_stood_first_gives_way_to_who_stands_first_now_and_who_was_chosen_stays(desk: Desk) -> None:
    await desk.expert_of_lymph_nodes()
    karim, nadia, lise = (desk.actors[key].person_id for key in ("karim", "nadia", "lise"))
    page = await desk.page(f"/consults/new?case={desk.case_id}")
    assert f'name="expert_before" value="{karim}"' in page
    assert f'value="{karim}" checked' in page
    assert f'value="{lise}" checked' in await form(desk, organ="skin", expert=karim, expert_before=karim)
    assert f'value="{nadia}" checked' in await form(desk, urgency="urgent", expert=nadia, expert_before=karim)
