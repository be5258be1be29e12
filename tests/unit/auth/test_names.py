"""Names as identity providers send them."""

import pytest

from auth.names import as_proven, title


@pytest.mark.parametrize(
    ("known", "said", "kept"),
    [
        ("Flamboyant", "FLAMBOYANT", "Flamboyant"),
        ("Inès", "INES", "Inès"),
        ("Le Goff-Roy", "LE GOFF ROY", "Le Goff-Roy"),
        ("Flamboyant", "", "Flamboyant"),
        ("Flamboyant", "TAMARIN", "Tamarin"),
        ("Flamboyant", "Tamarin-Roy", "Tamarin-Roy"),
        ("", "D'ARC", "D'Arc"),
    ],
)
def test_a_name_stays_as_it_is_written_unless_it_is_another(known: str, said: str, kept: str) -> None:
    assert as_proven(known, said) == kept


def test_a_title_is_written_as_colleagues_write_it() -> None:
    assert [title("Dr", said) for said in ("DR", "PR", "", "MG")] == ["Dr", "Pr", "Dr", "MG"]
