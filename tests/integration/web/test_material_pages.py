"""What goes between requester and expert, as both see it on the page of the consult."""

import html

from tests.consult_desk import Desk


async def test_the_clock_stops_for_what_is_asked_for_and_says_so_to_both(desk: Desk) -> None:
    path = await desk.accepted()
    before = await desk.page(path)
    assert "Demander un complément" in before
    assert "Le délai est suspendu depuis" not in before
    empty = await desk.post(f"{path}/material", 422, **{"material-kind": "ihc", "material-text": " "})
    assert "Le complément n’a pas été demandé" in empty.text
    asked = {"material-kind": "ihc", "material-text": "CD10 <b>et</b> BCL2"}
    assert (await desk.post(f"{path}/material", **asked)).headers["location"] == f"{path}?done=material-asked"
    await desk.post(f"{path}/material", **{"material-kind": "recut", "material-text": "Bloc A1"})

    karim = await desk.page(path)
    assert "Le délai est suspendu depuis" in karim
    assert karim.count("Renoncer à ce complément") == 2
    assert "Envoyer la réponse" not in karim

    text = {"conclusion": "Lymphome.", "description": "", "remarks": "", "codings": ""}
    stopped = html.unescape((await desk.post(f"{path}/sign", 409, version="1", **text)).text)
    assert "ce qui a été demandé au demandeur manque encore" in stopped
    assert "Lymphome." in stopped

    desk.sit("zoe")
    zoe = await desk.page(path)
    assert "Dr Karim Haddad a besoin de ce qui suit" in zoe
    assert "CD10 <b>et</b> BCL2" in zoe  # unescaped by ``page``: typed text stays text
    assert "&lt;b&gt;et" in (await desk.browser.get(path)).text
    assert "Renoncer" not in zoe
    assert 'data-state="material-asked"' in zoe
    assert 'data-state="awaiting-material"' in karim
    assert "Demander un autre expert" not in zoe
    wrong = await desk.post(f"{path}/material/answer", 422, **{"material-answer": "impossible", "answer-text": ""})
    assert "La réponse n’a pas été envoyée" in wrong.text
    done = await desk.post(f"{path}/material/answer", **{"material-answer": "provided", "answer-text": "Voici CD10."})
    assert done.headers["location"] == f"{path}?done=material-answered"

    desk.sit("karim")
    resumed = await desk.post(f"{path}/material/withdraw", material="")
    assert resumed.headers["location"] == f"{path}?done=consult-resumed"
    after = await desk.page(path)
    assert "Voici CD10." in after
    assert "2 compléments déjà demandés" in after
    for moment in (
        "Immunohistochimie demandée, délai suspendu",
        "Complément fourni",
        "Complément abandonné par l’expert",
    ):
        assert moment in after
    assert "Renoncer" not in after
    await desk.post(f"{path}/material/withdraw", 409, material="")


async def test_after_the_answer_the_requester_decides_and_the_expert_learns(desk: Desk) -> None:
    path = await desk.signed()
    assert "Ce que le demandeur fait" not in await desk.page(path)
    desk.sit("zoe")
    assert "Adopter l’avis" in await desk.page(path)
    wrong = await desk.post(f"{path}/adoption", 422, **{"adoption": "contested", "adoption-reason": ""})
    assert "Votre décision n’a pas été enregistrée" in wrong.text
    await desk.post(f"{path}/adoption", **{"adoption": "contested", "adoption-reason": "Ki67 à 90 %."})
    fields = {"outcome-kind": "excision", "outcome-verdict": "changes", "outcome-text": "Lymphome du manteau."}
    await desk.post(f"{path}/outcomes", **fields)
    await desk.post(f"{path}/incidents", **{"incident-kind": "scanner", "incident-text": "Bande floue."})

    desk.sit("karim")
    page = await desk.page(path)
    for words in (
        "Ki67 à 90 %.",
        "Contesté",
        "Avis contesté",
        "Résultat ultérieur noté",
        "Incident technique noté",
        "Proposer une autre lecture",
        "Lymphome du manteau.",
        "Bande floue.",
    ):
        assert words in page
    assert "Adopter l’avis" not in page
    await desk.post(f"{path}/another", **{"another-text": "Le Dr Le Goff connaît ces cas."})
    for place in ("/", "/?view=signed", path):
        assert 'href="/outcomes"' in await desk.page(place), place
    mine = await desk.page("/outcomes")
    assert "Modifie le diagnostic" in mine
    assert "26-00417" in mine
    assert "Lymphome folliculaire, grade 1-2." in mine

    desk.sit("zoe")
    assert "Le Dr Le Goff connaît ces cas." in await desk.page(path)
    assert "Rien n’est encore connu" in await desk.page("/outcomes")
    english = await desk.browser.get(path, headers={"Accept-Language": "en"})
    assert "What became of the case" in english.text


async def test_who_was_only_asked_sees_nothing_of_it(desk: Desk) -> None:
    path = await desk.asked()
    desk.sit("zoe")
    await desk.post(f"{path}/incidents", **{"incident-kind": "other", "incident-text": "Lame cassée."})
    assert "Lame cassée." in await desk.page(path)
    desk.sit("karim")
    page = await desk.page(path)
    assert "Lame cassée." not in page
    assert "Incidents techniques" not in page
    await desk.post(f"{path}/incidents", 404, **{"incident-kind": "other", "incident-text": "Non."})


async def test_another_opinion_is_asked_after_the_first_and_both_pages_show_the_chain(desk: Desk) -> None:
    path = await desk.signed(conclusion="Lymphome folliculaire, grade 1-2.")
    desk.sit("zoe")
    await desk.expert_of_lymph_nodes()
    first = path.rsplit("/", 1)[1]
    ask = f"/consults/new?case={desk.case_id}&follows={first}"
    assert ask in await desk.page(path)
    form = await desk.page(ask)
    assert "fait suite à un avis" in form
    assert "Dr Karim Haddad</span>" not in form.split("left-out")[0] or "Déjà sollicité" in form

    hidden = await desk.asked("nadia", follows=first)
    shown = await desk.asked("nadia", follows=first, shows_earlier="1")
    page = await desk.page(path)
    assert "Avis suivant" in page
    assert f'href="{hidden}"' in page
    assert "Avis précédent" in await desk.page(shown)

    desk.sit("nadia")
    for later, tells in ((hidden, False), (shown, True)):
        await desk.post(f"{later}/accept")
        page = await desk.page(later)
        assert ("grade 1-2" in page) is tells
        assert ("ne vous est pas communiqué" in page) is not tells
        assert f'href="{path}"' not in page
    desk.sit("karim")
    page = await desk.page(path)
    assert "Avis suivant" in page
    assert f'href="{shown}"' not in page
    await desk.page(shown, 404)
