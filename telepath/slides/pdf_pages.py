"""Pages of a PDF as pixels. Runs only in the worker process: the only module that imports pypdfium2.

Scripts in a PDF do not run (PDFium is built without them); what it embeds, links to or would fetch stays where it is."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from telepath.errors import AttachmentUnreadable
from telepath.slides.messages import PAGES_LIMIT

SIDE: Final = 2000
"""Longest side of a page, px: A4 at about 170 dots an inch."""
SCALE: Final = 170 / 72
_PASSWORD: Final = pypdfium2.raw.FPDF_ERR_PASSWORD


def pages(data: bytes) -> Iterator[NDArray[np.uint8]]:
    """(height, width, 3), sRGB, on white; what was typed into a form shows.

    Raises AttachmentUnreadable: locked with a password, of too many pages or none, or damaged."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD
        raise AttachmentUnreadable(
            "error-attachment-locked" if locked else "error-attachment-unreadable", field="file"
        ) from None
    try:
        if len(document) > PAGES_LIMIT:
            raise AttachmentUnreadable("error-attachment-pages", field="file", limit=PAGES_LIMIT)
        if not len(document):
            raise AttachmentUnreadable(field="file")
        if document.get_formtype():
            document.init_forms()
        for number in range(len(document)):
            yield _page(document, number)
    except pypdfium2.PdfiumError:
        raise AttachmentUnreadable(field="file") from None
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, number: int) -> NDArray[np.uint8]:
    page = document[number]
    width, height = page.get_size()
    if not (0 < width < 1e5 and 0 < height < 1e5):
        raise AttachmentUnreadable(field="file")
    scale = min(SCALE, SIDE / max(width, height))
    drawn = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    pixels: NDArray[np.uint8] = np.array(drawn.to_numpy()[:, :, :3], copy=True)
    drawn.close()
    page.close()
    return pixels
