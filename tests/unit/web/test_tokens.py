"""The contrasts of the design system, computed from its tokens. WCAG 2.2: 1.4.3 (text), 1.4.11 (controls and signs)."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "web" / "client" / "styles" / "_tokens.css"

TEXT = [
    *[(ink, paper) for ink in ("text", "text-muted", "accent") for paper in ("canvas", "surface", "raised")],
    *[(tone, paper) for tone in ("good", "warn", "bad") for paper in (f"{tone}-wash", "canvas", "surface", "raised")],
    *[(ink, f"{tone}-wash") for ink in ("text", "text-muted") for tone in ("accent", "good", "warn", "bad")],
    ("accent", "accent-wash"),
    ("accent-hover", "accent-wash"),
    ("accent-hover", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-bad-fill", "bad-fill"),
]
"""Where letters stand on a ground: at least 4.5 to 1."""
SIGNS = [
    *[(line, paper) for line in ("line-strong", "focus", "accent") for paper in ("canvas", "surface", "raised")],
    ("focus", "accent-wash"),
    ("bad", "canvas"),
]
"""Borders of controls, focus rings, marks that mean something: at least 3 to 1."""
GREYS = ["canvas", "surface", "raised", "line", "line-strong", "text", "text-muted", "focus"]


def colours(theme: str) -> dict[str, tuple[int, int, int]]:
    block = re.search(rf':root\[data-theme="{theme}"\] \{{(.*?)\n\}}', TOKENS.read_text(), re.S)
    assert block is not None
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{6});", block[1])
    return {name: (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for name, code in found}


def luminance(colour: tuple[int, int, int]) -> float:
    """WCAG 2.2, definition of relative luminance."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2.2, definition of contrast ratio: 1 to 21."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_can_be_read_on_its_ground(theme: str, ink: str, paper: str) -> None:
    found = colours(theme)
    assert contrast(found[ink], found[paper]) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("sign", "paper"), SIGNS)
def test_controls_and_signs_stand_out_from_their_ground(theme: str, sign: str, paper: str) -> None:
    found = colours(theme)
    assert contrast(found[sign], found[paper]) >= 3


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("grey", GREYS)
def test_greys_are_neutral(theme: str, grey: str) -> None:
    red, green, blue = colours(theme)[grey]
    assert red == green == blue


def test_the_reading_room_is_dim() -> None:
    """At the 250 cd/m² of a usual screen, a page's ground stays under 5 cd/m²."""
    found = colours("dark")
    assert luminance(found["canvas"]) * 250 < 5
    assert luminance(found["surface"]) * 250 < 5
    assert luminance(found["raised"]) * 250 < 6
