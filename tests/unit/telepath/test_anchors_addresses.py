"""telepath/anchors/addresses.py: what the setting says is understood, or refused with the reason."""

from datetime import timedelta
from pathlib import Path

import pytest

from telepath.anchors.addresses import NAME_LIMIT, Outside, opened, read
from telepath.anchors.mail import Letter
from telepath.audit import COSIGNATURE, ED25519, VerifierKey
from telepath.errors import Invalid
from web.words import LANGUAGES, Words

COSIGNER = VerifierKey("witness.example/w1", bytes(range(32)), COSIGNATURE)
WORDS = Words()


def test_several_addresses_are_separated_by_spaces_and_each_has_its_name_and_its_pace() -> None:
    found = read(
        "file:///srv/anchors  mailto:audit@hopital.example?every=600"
        f" https://witness.example/w1/?vkey={COSIGNER}&name=Un%20t%C3%A9moin"
        " s3://key:s3cret@bucket/some/prefix?region=fr-par&endpoint=https://s3.example&years=20"
    )
    assert [(one.scheme, one.name, one.every) for one in found] == [
        ("file", "anchors", timedelta()),
        ("mailto", "audit@hopital.example", timedelta(minutes=10)),
        ("https", "Un témoin", timedelta(seconds=30)),
        ("s3", "bucket/some/prefix", timedelta(seconds=30)),
    ]


def test_a_plain_path_is_a_folder() -> None:
    (found,) = read("/srv/à-côté")
    assert found.folder == Path("/srv/à-côté")
    (relative,) = read("anchors")
    assert relative.folder == Path("anchors").absolute()


def test_a_long_name_keeps_its_end() -> None:
    (found,) = read(f"file:///srv/{'x' * 300}anchors")
    assert len(found.name) == NAME_LIMIT
    assert found.name.startswith("…")
    assert found.name.endswith("anchors")


@pytest.mark.parametrize("kind", [COSIGNATURE, ED25519])
def test_a_witness_key_is_taken_as_it_is_published_escaped_or_not(kind: int) -> None:
    key = str(VerifierKey("witness.example/w1", bytes([251, 239] * 16), kind))
    assert "+" in key.partition("+")[2]
    for written in (key, key.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")):
        (found,) = read(f"https://witness.example/w1?vkey={written}")
        outside = Outside(mail="", sender="", letter=lambda _language, _note: Letter("", ""))
        (anchor,) = opened([found], outside)
        assert anchor._key == VerifierKey("witness.example/w1", bytes([251, 239] * 16), COSIGNATURE)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("setting", "number", "reason"),
    [
        ("ftp://host/anchors", 1, "scheme"),
        ("/srv/anchors gopher:x", 2, "scheme"),
        ("file:///srv/anchors?vkey=1", 1, "parameter"),
        ("file:///", 1, "form"),
        ("mailto:nobody", 1, "form"),
        ("mailto:a@b.example?language=de", 1, "language"),
        ("mailto:a@b.example?every=0", 1, "number"),
        ("mailto:a@b.example?every=often", 1, "number"),
        ("s3:///prefix", 1, "form"),
        ("s3://bucket?years=-1", 1, "number"),
        ("https://witness.example", 1, "vkey"),
        ("https://witness.example?vkey=x", 1, "vkey"),
        (f"https://witness.example?vkey={str(COSIGNER).replace('witness', 'another')}", 1, "vkey"),
        (f"https:///w1?vkey={COSIGNER}", 1, "form"),
        (f"https://witness.example:port?vkey={COSIGNER}", 1, "form"),
        ("https://[witness?vkey=x", 1, "form"),
        ("/srv/anchors mailto:a@b.example file:///srv/anchors", 3, "twice"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_its_number_and_the_reason(
    setting: str, number: int, reason: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(setting)
    assert (caught.value.code, caught.value.params) == ("error-setting-anchor", {"number": number, "reason": reason})
    sentences = {WORDS(language)(caught.value.code, **caught.value.params) for language in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)
    assert all(str(number) in sentence for sentence in sentences)
