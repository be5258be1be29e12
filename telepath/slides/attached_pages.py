"""What somebody attached to a case, as pictures that we drew ourselves. Runs in the sandbox.

The kind is what the first bytes say, whatever name the file has: a file that is two things at once is read as the first, and
of it nothing comes out but pixels."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import AttachmentUnreadable
from telepath.slides import pdf_pages, pictures
from telepath.slides.messages import Page, Pages

TOTAL_BYTES: Final = 96 << 20
"""Of all pages together, as we encode them."""
_PDF: Final = b"%PDF-"


def draw(data: bytes) -> Pages:
    """Raises AttachmentUnreadable: neither a PDF nor a picture that we read; locked, damaged, or past a limit."""
    is_pdf = data.startswith(_PDF)
    drawn: list[Page] = []
    for pixels in _pixels(data, is_pdf):
        picture = pictures.encode(pixels)
        drawn.append(Page(width=pixels.shape[1], height=pixels.shape[0], picture=picture))
        if sum(len(page.picture) for page in drawn) > TOTAL_BYTES:
            raise AttachmentUnreadable("error-attachment-too-heavy", field="file")
    return Pages(kind="pdf" if is_pdf else "picture", pages=tuple(drawn))


def _pixels(data: bytes, is_pdf: bool) -> Iterator[NDArray[np.uint8]]:
    return pdf_pages.pages(data) if is_pdf else pictures.frames(data)
