"""How the slides of an opinion were shown to who signed it, or beside its author, in words: for its page and for the printed
report. Pure."""

from collections.abc import Callable
from datetime import datetime

from consults.opinion import Content, Shown, SlideSeen

Words = Callable[..., str]


def lines(content: Content | Shown, words: Words, day: Callable[[datetime], str]) -> list[str]:
    """A line for each slide, and one for the display; none for what was signed before these were kept."""
    if not content.slides:
        return []
    return [*(_slide(one, words) for one in content.slides), _display(content, words, day)]


def _slide(one: SlideSeen, words: Words) -> str:
    told = [words(f"shown-colours-{way}", profile=one.profile) for way in one.colours]
    told += [words(f"shown-quality-{'-'.join(one.qualities)}")] if one.qualities else []
    name = one.slide or words("viewer-slide-unnamed")
    return words("shown-slide", slide=name, how=", ".join(told) or words("shown-unsaid"))


def _display(content: Content | Shown, words: Words, day: Callable[[datetime], str]) -> str:
    check = content.display
    if check is None:
        return words("shown-display-none")
    at = day(datetime.fromisoformat(check.at))
    if check.faintest is None:
        return words("shown-display-blind", at=at, seen=check.seen, trials=check.trials)
    return words("shown-display", at=at, seen=check.seen, trials=check.trials, faintest=check.faintest)
