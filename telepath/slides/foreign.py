"""Formats that we know and cannot show: each has a name, and a way out. What looks into files runs in the sandbox.

By content where the format has a mark of its own, else by the suffix of its name."""

from pathlib import Path
from typing import Final

from telepath.errors import SlideUnsupported

_HEAD: Final = 1 << 12
_MARKS: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"%PDF-", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xda\xce\xbe\x0a", "ND2"),
    (0, b"\x70\x00\x00\x00", "LIF"),
    (0, b"SIS\x00", "VSI"),
    (0, b"OLYMPUSRAWFORMAT", "OIR"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5"),
    (4, b"ftyp", "MP4"),
)
"""Offset, bytes there, name of the format."""
SUFFIXES: Final = {
    ".vsi": "VSI",
    ".ets": "VSI",
    ".isyntax": "iSyntax",
    ".i2syntax": "iSyntax",
    ".kfb": "KFB",
    ".kfbf": "KFB",
    ".sdpc": "SDPC",
    ".tmap": "TMAP",
    ".mds": "MDS",
    ".mdsx": "MDS",
    ".nd2": "ND2",
    ".lif": "LIF",
    ".oir": "OIR",
    ".oib": "OIB",
    ".zvi": "ZVI",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".pdf": "PDF",
}
"""Whatever the content says, nothing with such a name is a slide of ours: a VSI is a TIFF that holds only the overview."""
SCANNERS: Final = {"VSI", "iSyntax", "KFB", "SDPC", "TMAP", "MDS", "ND2", "LIF", "OIR", "OIB", "ZVI"}
_PICTURES: Final = {"PNG", "JPEG", "GIF", "BMP", "PDF", "MP4"}
_ARCHIVES: Final = {"ZIP", "RAR", "7z", "gzip"}


def refuse_name(path: str) -> None:
    """Raises SlideUnsupported, as ``refuse``: a scanner's file of a format that is known by its name."""
    name = SUFFIXES.get(Path(path).suffix.lower(), "")
    if name in SCANNERS:
        raise _scanners(name)


def refuse(path: Path) -> None:
    """Raises SlideUnsupported with the format's name and what to export instead; nothing where it is none of these."""
    if path.suffix.lower() == ".mrxs":
        return  # what opens a MIRAX slide is a JPEG of the whole glass
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if _is_companion(head):
        raise SlideUnsupported("error-slide-part", format="OME-TIFF")
    name = SUFFIXES.get(path.suffix.lower(), "") or _by_content(head)
    if not name:
        return
    if name in SCANNERS:
        raise _scanners(name)
    if name in _PICTURES:
        raise SlideUnsupported("error-slide-picture", format=name)
    if name in _ARCHIVES:
        raise SlideUnsupported("error-slide-archive", format=name)
    raise SlideUnsupported("error-slide-format", format=name)


def _scanners(name: str) -> SlideUnsupported:
    known = {"VSI": "error-slide-vsi", "iSyntax": "error-slide-isyntax"}
    return SlideUnsupported(known.get(name, "error-slide-format"), format=name)


def _is_companion(head: bytes) -> bool:
    """The text that tells how several OME-TIFF files belong together."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<OME")) and b"<OME" in head


def _by_content(head: bytes) -> str:
    for offset, mark, name in _MARKS:
        if head[offset : offset + len(mark)] == mark:
            return name
    start = head.lstrip()[:_HEAD]
    if start.startswith((b"<?xml", b"<DataObject")) and b"DPUfsImport" in start:
        return "iSyntax"
    return ""
