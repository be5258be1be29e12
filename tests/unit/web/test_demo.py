"""web/demo.py: what the demonstration promises before anything of it is made."""

from web.demo import SAMPLES


def test_the_first_slide_is_as_large_as_a_scanners() -> None:
    first = SAMPLES[0]
    assert first.width >= 40_000
    assert first.height >= 30_000
    assert first.facts.number == "CAY-26-0412"  # the case that README and `telepath demo` say to open
