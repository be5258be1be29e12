"""Which reader opens a file. Runs in the sandbox."""

from pathlib import Path

from telepath.errors import SlideUnsupported
from telepath.slides import (
    aperio_reader,
    czi_reader,
    decoder,
    dicom,
    dicom_reader,
    foreign,
    shown_levels,
    tiff,
    tiff_reader,
)
from telepath.slides.aperio_reader import AperioReader
from telepath.slides.czi_reader import CziReader
from telepath.slides.decoder import OpenSlideReader
from telepath.slides.dicom_reader import DicomReader
from telepath.slides.reader import Reader
from telepath.slides.tiff_reader import TiffReader


def open_reader(path: Path) -> Reader:
    """Raises SlideUnsupported: no reader knows this format, or it is one that we cannot show; as shown_levels.of."""
    foreign.refuse(path)
    if czi_reader.is_czi(path):
        return CziReader(path)
    if dicom.is_dicom(path) and dicom_reader.takes(path):
        return DicomReader(path)
    vendor = decoder.vendor_of(path)
    is_tiff = tiff.is_tiff(path)
    if is_tiff and vendor in (None, "generic-tiff") and (vendor is None or tiff_reader.takes(path)):
        return TiffReader(path)
    if vendor in shown_levels.VENDORS:
        shown = shown_levels.of(path)
        if isinstance(shown, OpenSlideReader) and vendor == "aperio" and aperio_reader.takes(path):
            return AperioReader(path, shown)
        return shown
    if vendor is not None:
        return OpenSlideReader(path)
    raise SlideUnsupported
