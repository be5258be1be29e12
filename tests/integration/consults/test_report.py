"""The PDF of the opinion: what cannot be printed is named, what was typed is text, and the file is an archive's."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import msgspec
import numpy as np
import pypdf
import pypdfium2
import pytest
import simplejpeg
import zxingcpp

from consults import report
from consults.completion import Signature
from consults.deadlines import Urgency
from consults.incidents import Incident
from consults.kinds import ConsultKind, IncidentKind, ReadingRole, Trigger
from consults.lifecycle import ConsultStatus
from consults.model import Consult, Opinion
from consults.opinion import Content, Display, IdentifiedBy, Kind, Shown, ShownField, SlideSeen
from consults.versions import versions
from telepath.cases.codings import Coding
from telepath.directory import Institution, Person
from telepath.geometry import View
from web.words import Words

NOW = datetime(2026, 3, 11, 12, 0, 0, 123456, tzinfo=UTC)


def document(conclusion: str, *addenda: str) -> report.Document:
    def person(key: str, given: str, family: str) -> Person:
        return Person(key, f"899700421{len(key):03d}", "Dr", given, family, "10", "SM01", "", "fr")

    def opinion(number: int, text: str) -> Opinion:
        return Opinion(
            id=str(number),
            consult_id="c",
            reading_id="d",
            number=number,
            kind=Kind.ADDENDUM if number > 1 else Kind.OPINION,
            author_id="e",
            institution_id="j",
            content=Content(text, codings=(Coding("CIM-10", "C82.0"),)),
            digest=f"{number:064x}",
            signed_at=NOW + timedelta(days=number),
            acr="eidas1",
            auth_time=NOW + timedelta(days=number),
            verification=f"AAAA-BBBB-{number:04d}",
        )

    return report.Document(
        consult=Consult(
            id="c",
            case_id="k",
            institution_id="i",
            requester_id="r",
            status=ConsultStatus.COMPLETED,
            question="Lymphome ?",
            clinical_context="",
            organ="lymphoid",
            urgency=Urgency.STANDARD,
            requested_at=NOW,
            due_at=NOW,
        ),
        case_number="26-00417",
        case_title="Ganglion cervical",
        requester=person("r", "Zoé", "Marchand"),
        requester_place=Institution("i", "", "CH de Cayenne", "Cayenne", "03", "America/Cayenne"),
        expert=person("e", "Karim", "Haddad"),
        expert_place=Institution("j", "", "CHU de Lille", "Lille", "32", "Europe/Paris"),
        opinions=[opinion(number, text) for number, text in enumerate((conclusion, *addenda), 1)],
        slides=[report.SlideRead("A1 HES")],
    )


async def test_the_report_says_its_kind_the_patient_s_word_and_what_broke_and_a_telephone_finds_where_to_check_it() -> (
    None
):
    made = document("Lymphome.", "Addendum.")
    assert "Aucunincidentsignalé" in await printed(made)
    assert "InformationdupatientNonrenseignée" in await printed(made)
    broke = Incident(
        id="n", consult_id="c", kind=IncidentKind.SCANNER, text="*Bande* floue", noted_by="r", noted_at=NOW
    )
    made = msgspec.structs.replace(
        made,
        consult=msgspec.structs.replace(
            made.consult, kind=ConsultKind.NETWORK, network="LYMPHOPATH", trigger=Trigger.SYSTEMATIC
        ),
        non_opposition="informed",
        non_opposition_at=NOW,
        non_opposition_by="Dr Zoé Marchand",
        incidents=[broke],
        noted_by={"r": "Dr Zoé Marchand"},
    )
    said = await printed(made)
    for words in (
        "LYMPHOPATH",
        "Relecturesystématiqueduréseau",
        "Patientinformé,sansopposition;notéparDrZoéMarchandle11mars2026",
        "Scannerdelames,notéparDrZoéMarchand",
        "*Bande*floue",
    ):
        assert words in said

    pdf = await report.render(made, Words()("fr"), "https://telepath.example/verify")
    pages = [page.render(scale=3).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    found = [code.text for page in pages for code in zxingcpp.read_barcodes(page)]
    assert found == [f"https://telepath.example/verify?code=AAAA-BBBB-{number:04d}" for number in (1, 2)]


async def printed(made: report.Document, language: str = "fr") -> str:
    """The text of the PDF, white space taken out: where lines break is the engine's business."""
    pages = pypdf.PdfReader(BytesIO(await report.render(made, Words()(language)))).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Ordre des médecins (BE), n° 1-23456-78 Inscription vérifiée par Dr Cora Veille le 1 mars 2026"),
        ("en", "Ordre des médecins (BE), no. 1-23456-78 Entry checked by Dr Cora Veille on 1 March 2026"),
    ],
)
async def test_of_an_expert_without_an_rpps_number_it_says_on_whose_word_they_sign(language: str, said: str) -> None:
    made = document("Lymphome.")
    word = IdentifiedBy(
        provider="KU Leuven",
        authority="Ordre des médecins",
        number="1-23456-78",
        country="BE",
        verified_by="Dr Cora Veille",
        verified_at=NOW - timedelta(days=10),
    )
    foreign = msgspec.structs.replace(made.expert, subject_name_id="leuven:42", provider="leuven")
    opinions = [msgspec.structs.replace(made.opinions[0], identified_by=word)]
    text = await printed(msgspec.structs.replace(made, expert=foreign, opinions=opinions), language)
    assert "".join(said.split()) in text
    assert "leuven:42" not in text
    assert "KULeuven" in text
    assert text.count("RPPS") == 1  # of the requester


@pytest.mark.parametrize(
    "text",
    [
        '#read("/etc/passwd")',
        "#panic(1) $x$ *gras* _i_ = Titre // rien /* rien */ \\ @ref <label> [x] {y}",
        '"}],"title":"Autre"',
        "- liste\n+ liste\n/ terme: x",
    ],
)
async def test_what_was_typed_is_text_and_never_markup(text: str) -> None:
    assert "".join(text.split()) in await printed(document(text))


async def test_a_character_that_cannot_be_printed_is_named_and_not_left_out() -> None:
    text = await printed(document("Zone 🔬 et 中, α et µ, ≥ 5 mitoses, privé \ue000."))
    assert "Zone[U+1F52C]et[U+4E2D],αetµ,≥5mitoses,privé[U+E000]." in text


async def test_a_text_of_nothing_but_such_characters_is_still_printed() -> None:
    text = await printed(document("".join(chr(0x4E00 + number) for number in range(300))))
    assert "[U+4E00]" in text
    assert "[U+4F2B]" in text


async def test_the_file_declares_itself_an_archive_and_accessible() -> None:
    pdf = await report.render(document("Lymphome."), Words()("fr"))
    catalogue: Any = pypdf.PdfReader(BytesIO(pdf)).root_object
    metadata = catalogue["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert catalogue["/Lang"] == "fr"
    assert catalogue["/MarkInfo"]["/Marked"]


async def test_the_same_report_gives_the_same_bytes() -> None:
    made, words = document("Lymphome.", "Confirmé."), Words()("en")
    assert await report.render(made, words) == await report.render(made, words)


async def test_the_first_page_says_that_addenda_follow() -> None:
    pdf = pypdf.PdfReader(BytesIO(await report.render(document("Lymphome.", "Un.", "Deux."), Words()("fr"))))
    first = " ".join(pdf.pages[0].extract_text().split())
    assert "Complété par 2 addenda, le dernier du 14 mars 2026" in first


async def test_a_slide_without_a_label_is_told_as_one_and_not_as_nothing() -> None:
    made = msgspec.structs.replace(document("Lymphome."), slides=[report.SlideRead(""), report.SlideRead("A1 HES")])
    assert "sansnom·A1HES" in await printed(made)


async def test_the_report_tells_the_case_the_specimen_the_block_and_the_stain() -> None:
    slides = [report.SlideRead("Lame 3", "Colon gauche", "A1", "HES"), report.SlideRead("B2 PAS", "", "B2", "PAS")]
    text = await printed(msgspec.structs.replace(document("Lymphome."), slides=slides))
    assert "Ganglioncervical" in text
    assert "Lame3(prélèvementColongauche,blocA1,HES)·B2PAS" in text
    assert "B2PAS(" not in text


async def test_the_report_says_in_words_how_the_signer_was_authenticated() -> None:
    text = await printed(document("Lymphome."))
    assert "IdentitédusignatairevérifiéeparProSantéConnectle" in text
    assert "eidas" not in text


async def test_a_long_opinion_runs_over_several_pages_and_keeps_its_seal() -> None:
    pdf = pypdf.PdfReader(BytesIO(await report.render(document("Ligne.\n" * 1200), Words()("fr"))))
    assert len(pdf.pages) > 10
    assert "AAAA-BBBB-0001" in pdf.pages[-1].extract_text()


async def test_the_report_strikes_what_was_replaced_and_names_everybody_who_signed() -> None:
    one = document("Lymphome folliculaire.", "Lymphome folliculaire, grade 1.")
    first, second = one.opinions
    second = msgspec.structs.replace(
        second, kind=Kind.AMENDMENT, content=msgspec.structs.replace(second.content, replaces=1)
    )
    nice = Institution("n", "", "CHU de Nice", "Nice", "93", "Europe/Paris")
    nadia = Person("s", "899700421999", "Dr", "Nadia", "Belkacem", "10", "SM01", "", "fr")
    beside = Signature(
        id="s1",
        opinion_id=second.id,
        person_id="s",
        institution_id="n",
        role=ReadingRole.COUNTERSIGNER,
        digest=second.digest,
        signed_at=second.signed_at,
        acr="eidas1",
        auth_time=second.signed_at,
        shown=Shown((SlideSeen("x", "A1 HES", ("off",), "82395fa2", ("native",)),)),
    )
    one = msgspec.structs.replace(
        one,
        opinions=[first, second],
        versions=versions([first, second], [], [beside]),
        signers={"e": one.expert, "s": nadia},
        signed_at={"j": one.expert_place, "n": nice},
    )
    said = await printed(one)
    for words in (
        "Remplacéparlaversionn°2",
        "Remplacelaversionn°1",
        "Avisrectifién°1",
        "ContresignéparDrNadiaBelkacem,CHUdeNice",
        "Conditionsd’affichage:A1HES:couleursnoncorrigéesauchoixdulecteur",
        "SignéparDrKarimHaddad",
    ):
        assert words in said
    assert said.index("Lymphomefolliculaire.") < said.index("Lymphomefolliculaire,grade1.")


async def test_the_fields_that_were_signed_are_printed_and_one_that_is_not_what_was_signed_is_said() -> None:
    made = document("Lymphome.")
    picture = bytes(simplejpeg.encode_jpeg(np.full((300, 400, 3), (200, 30, 40), np.uint8), 90, colorspace="RGB"))
    digest = hashlib.sha256(picture).hexdigest()
    fields = tuple(
        ShownField(str(number), "s", "A1 HES", label, View(9, 9, 400, 300), digest)
        for number, label in enumerate(("Mitoses <b>", ""))
    )
    signed = msgspec.structs.replace(made.opinions[0], content=Content("Lymphome.", regions=fields))
    versions = [msgspec.structs.replace(one, opinion=signed) for one in made.versions]
    made = msgspec.structs.replace(made, opinions=[signed], versions=versions)
    for pictures, there in (({digest: picture}, True), ({digest: b"another"}, False), ({}, False)):
        pdf = await report.render(made, Words()("fr"), "", pictures)
        said = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages)
        assert "Mitoses<b>" in said
        assert "Sanslégende" in said
        assert ("imageabsente" in said) is not there
        pages = [page.render(scale=1).to_numpy() for page in pypdfium2.PdfDocument(pdf)]
        reds = sum(int(((page[:, :, 2] > 180) & (page[:, :, 0] < 70)).sum()) for page in pages)
        assert (reds > 10_000) is there


async def test_how_the_slides_were_displayed_is_printed_with_the_opinion() -> None:
    made = document("Lymphome.")
    seen = SlideSeen("s", "A1 HES", ("icc", "off"), "82395fa2", ("native", "reduced"))
    checked = Display(at="2026-03-11T08:00:00Z", seen=11, trials=12, faintest=1.1)
    content = Content("Lymphome.", slides=(seen,), display=checked)
    signed = msgspec.structs.replace(made.opinions[0], content=content)
    versions = [msgspec.structs.replace(one, opinion=signed) for one in made.versions]
    said = await printed(msgspec.structs.replace(made, opinions=[signed], versions=versions))
    assert "Conditionsd’affichage" in said
    assert "A1HES:couleurscorrigées(profilICC82395fa2→sRGB),couleursnoncorrigées" in said
    assert "11lettresluessur12,jusqu’àunécartΔE00de1,1" in said
    assert "Conditionsd’affichage" not in await printed(made)
