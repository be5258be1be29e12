"""What leaves of a slide of any format: the one door of this folder. Runs in the sandbox."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from telepath.errors import SlideUnsupported
from telepath.slides import dicom, tiff
from telepath.slides.deidentify import czi_file, dicom_file, hamamatsu_files, mirax_files, tiff_file
from telepath.slides.pieces import Copy, Finding, Log

_TIFF_SUFFIXES: Final = (".svs", ".tif", ".tiff", ".ndpi", ".scn", ".bif", ".svslide")
_CZI: Final = b"ZISRAWFILE"


def plan(folder: Path, entry: str, name: str, lines: Sequence[str], seed: bytes) -> Copy:
    """The copy of the slide that ``entry`` opens, under ``name``; ``lines`` are drawn where its label was; ``seed`` makes its
    identifiers anew, the same for the same.

    Raises SlideUnsupported: a format of which nobody here knows where a name may stand, so nothing of it leaves;
    SlideUnreadable: it is not built as its format says; SlideIncomplete; SlideForbidden."""
    path, log = folder / entry, Log()
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(len(_CZI))
    if suffix == ".mrxs":
        files = mirax_files.copy(folder, entry, name, lines, seed, log)
    elif suffix in (".vms", ".vmu"):
        files = hamamatsu_files.copy(folder, entry, name, lines, log)
    elif dicom.is_dicom(path):
        suffix, files = ".dcm", dicom_file.copy(folder, entry, name, lines, seed, log)
    elif tiff.is_tiff(path):
        suffix = suffix if suffix in _TIFF_SUFFIXES else ".tiff"
        files = [tiff_file.copy(folder, entry, name + suffix, lines, seed, log)]
    elif head == _CZI:
        suffix, files = ".czi", [czi_file.copy(folder, entry, f"{name}.czi", lines, seed, log)]
    else:
        raise SlideUnsupported("error-slide-copy-unknown")
    return Copy(suffix=suffix, files=tuple(files), findings=log.findings())


def findings(folder: Path, entry: str) -> tuple[Finding, ...] | None:
    """What a copy would be without; None: no copy can be made."""
    try:
        return plan(folder, entry, "slide", ("",), b"findings").findings
    except Exception:  # of whatever kind: nothing of it leaves, and it can be looked at all the same
        return None
