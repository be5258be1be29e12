"""Which reader opens a file. Runs in the sandbox."""

from pathlib import Path

from telepath.errors import SlideUnsupported
from telepath.slides import decoder
from telepath.slides.decoder import OpenSlideReader
from telepath.slides.reader import Reader


def open_reader(path: Path) -> Reader:
    """Raises SlideUnsupported: no reader knows this format."""
    if decoder.vendor_of(path) is not None:
        return OpenSlideReader(path)
    raise SlideUnsupported
