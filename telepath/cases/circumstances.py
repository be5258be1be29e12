"""What in a patient's situation matters to who reads the case, or to a national network. Pure.

Worded as ``circumstance-<code>``."""

from typing import Final

from telepath.errors import Invalid

CIRCUMSTANCES: Final = (
    "child",
    "immunodepression",
    "hiv",
    "transplant",
    "coeliac",
    "von-hippel-lindau",
    "hereditary",
    "radiotherapy",
    "chemotherapy",
    "pregnancy",
)


def known(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The same, each once and in the order of CIRCUMSTANCES. Raises Invalid: there is no such circumstance."""
    if not set(codes) <= set(CIRCUMSTANCES):
        raise Invalid("error-field-choice", field="circumstances")
    return tuple(code for code in CIRCUMSTANCES if code in codes)
