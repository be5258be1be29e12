"""What is known of a slide's colour profile, and what a reader can do with it. Pure.

colour.py makes it, in the sandbox."""

from enum import StrEnum
from typing import Final

import msgspec

SIDE: Final = 33
LUT_BYTES: Final = SIDE**3 * 3 * 2
"""Of ``colour.lut``: telepath/slides/colour.py says what is in it."""


class State(StrEnum):
    """What becomes of a slide's profile."""

    NONE = ""
    """The file brings none: the colours are shown as they are."""
    APPLIED = "applied"
    SRGB = "srgb"
    """It says sRGB: shown as they are, and rightly."""
    UNSUITABLE = "unsuitable"
    """Of another kind of picture than RGB, or too large."""
    DAMAGED = "damaged"


class Profile(msgspec.Struct, frozen=True):
    """``name`` is the profile's own, without odd characters; ``digest`` the SHA-256 of its bytes."""

    name: str = ""
    digest: str = ""
    bytes: int = 0
    state: State = State.NONE

    @property
    def applied(self) -> bool:
        """Whether there is a table for the viewer."""
        return self.state is State.APPLIED
