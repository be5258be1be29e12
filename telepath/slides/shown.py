"""In which ways a viewer showed a slide, as it says itself: words, kept with the view (``slide_view``). Pure.

Of fluorescence ``channels``: in the colours chosen for its channels. Of a slide in colour ``icc``: through the table of its
colour profile; ``off``: it has one, and the reader switched it off; ``failed``: it has one, and the browser could not apply it;
``none``: it has none that can be applied. ``native``: the tiles that the scanner made; ``reduced``: coded again for a thin
link."""

from collections.abc import Iterable
from typing import Final

COLOURS: Final = ("icc", "off", "failed", "none", "channels")
QUALITIES: Final = ("native", "reduced")


def colours(kept: str, word: str, *, profiled: bool, channels: bool = False) -> str:
    """What is kept together with one word more; a word that is none, or that cannot be of this slide, is left out.
    ``profiled``: the slide has a profile that can be applied; ``channels``: it is of fluorescence."""
    possible = ("channels",) if channels else ("icc", "off", "failed") if profiled else ("none",)
    return _joined(kept, word, possible)


def qualities(kept: str, word: str) -> str:
    return _joined(kept, word, QUALITIES)


def words(kept: Iterable[str], order: Iterable[str]) -> tuple[str, ...]:
    """Those that several views say, each once."""
    found = {word for one in kept for word in one.split()}
    return tuple(word for word in order if word in found)


def _joined(kept: str, word: str, known: Iterable[str]) -> str:
    said = {*kept.split(), word}
    return " ".join(one for one in known if one in said)
