"""The PDF of the opinion: what cannot be printed is named, what was typed is text, and the file is an archive's."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import msgspec
import pypdf
import pytest

from consults import report
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus
from consults.model import Consult, Opinion
from consults.opinion import Coding, Content, IdentifiedBy, Kind
from telepath.directory import Institution, Person
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
