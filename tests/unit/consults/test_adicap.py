import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults import adicap
from consults.adicap import SAMPLINGS, SITES, TECHNIQUES, parse
from web.words import LANGUAGES, Words


@pytest.mark.parametrize(
    ("text", "dictionary", "family", "behaviour"),
    [
        ("BHGS0040", "D4", "", None),
        ("BHGSA7B0", "D5", "A", 7),
        ("o.h.sg.j7x0", "D5", "J", 7),
        ("GCSG0L12", "D7", "L", None),
        ("BHDE5300", "D4", "", None),
        ("BHDE7A00", "D6", "", None),
    ],
)
def test_the_lesion_tells_its_dictionary(text: str, dictionary: str, family: str, behaviour: int | None) -> None:
    code = parse(text)
    assert code is not None
    assert (code.dictionary, code.family, code.behaviour) == (dictionary, family, behaviour)


@pytest.mark.parametrize("text", ["", "BHGS", "BHGS004", "1HGS0040", "lymphome", "8000/3", "BHGSA$B0", "BH0S0040"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert parse(text) is None


def test_what_follows_the_eighth_character_is_kept() -> None:
    code = parse("BHGSA7B0 C1")
    assert code is not None
    assert (code.organ, code.lesion, code.suffix) == ("GS", "A7B0", "C1")


@given(st.text(max_size=14))
def test_any_text_is_a_code_or_is_none_and_never_fails(text: str) -> None:
    code = parse(text)
    assert code is None or len(code.sampling + code.technique + code.organ + code.lesion) == 8


def test_every_part_that_a_code_can_have_is_worded() -> None:
    words = Words()
    lesions = ["0040", "0L12", "7A00", *(f"A{digit}B0" for digit in range(10))]
    for language in LANGUAGES:
        t = words(language)
        for sampling in sorted(SAMPLINGS):
            for name in (f"{sampling}{technique}GS{lesion}" for technique in sorted(TECHNIQUES) for lesion in lesions):
                code = parse(name)
                assert code is not None
                assert all(t.has(part) for part in code.parts()), name
        for site in SITES:
            code = parse(f"BH{site:X<2}0040")
            assert code is not None
            assert t.has(f"adicap-organ-{code.site.lower()}")


def test_the_exact_organ_is_said_before_its_family() -> None:
    code, other = parse("BHGSA7B0"), parse("BHGUA7B0")
    assert code is not None
    assert other is not None
    assert (code.site, other.site) == ("GS", "G")
    assert adicap.Adicap("Z", "Z", "ZZ", "0040", "D4").parts() == ("adicap-lesion-d4",)
