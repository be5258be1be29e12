"""The pictures that came with a slide and are withheld: label and macro may show who the patient is. Runs in the sandbox."""

from pathlib import Path
from typing import Final

from telepath.slides import pictures
from telepath.slides.readers import open_reader

NAMES: Final = ("label", "macro")


def shown(path: Path, name: str) -> bytes:
    """A WebP; empty: there is none of that name. Raises SlideUnreadable."""
    opened = open_reader(path)
    try:
        found = opened.companion(name) if name in NAMES else None
        return pictures.encode(found) if found is not None else b""
    finally:
        opened.close()
