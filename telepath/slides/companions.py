"""Which files make one slide: the one that was named, and those it needs beside it. Runs in the sandbox."""

import configparser
from pathlib import Path
from typing import Final

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable, SlideUnsupported, TooLarge
from telepath.slides import decoder, dicom, foreign
from telepath.slides.messages import Companions

MAX_FILES: Final = 2000
_KEPT_SUFFIXES: Final = {
    ".svs",
    ".tif",
    ".tiff",
    ".ndpi",
    ".scn",
    ".bif",
    ".svslide",
    ".czi",
    ".dcm",
    *foreign.SUFFIXES,
}
"""Some of OpenSlide's drivers look at the name too, and some formats are refused by it; any other suffix is not kept."""
_INDIRECT: Final = {".mrxs", ".vms", ".vmu"}
_MIRAX_INDEX: Final = "Slidedat.ini"
_MAX_INDEX_BYTES: Final = 4 << 20


def find(folder: Path, name: str) -> Companions:
    """``name`` in ``folder``, or with no name the one slide that the folder holds.

    Raises SlideUnsupported: no slide, or several. SlideIncomplete: a part is missing. SlideForbidden: a part lies outside
    the folder."""
    path = folder / name if name else _only_slide(folder)
    if not path.is_file():
        raise SlideUnsupported  # to open a pipe would be to wait for its other end
    suffix = path.suffix.lower()
    if suffix == ".mrxs":
        return _mirax(path)
    if suffix in (".vms", ".vmu"):
        return _hamamatsu(path, suffix)
    if dicom.is_dicom(path):
        return _dicom(path)
    entry = f"slide{suffix if suffix in _KEPT_SUFFIXES else ''}"
    return Companions(entry, ((path.name, entry),))


def _only_slide(folder: Path) -> Path:
    files = _files(folder)
    if len(files) == 1:
        return files[0]  # whatever it is: a format that is not shown is told by its name
    indirect = [path for path in files if path.suffix.lower() in _INDIRECT]
    if indirect:
        candidates = indirect
    else:
        instances = [found for path in files if (found := dicom.instance(path)) is not None and found.whole_slide]
        first_of_series = {found.series: found.path for found in reversed(instances)}
        candidates = list(first_of_series.values())
        candidates += (path for path in files if not dicom.is_dicom(path) and decoder.vendor_of(path) is not None)
    if len(candidates) > 1:
        raise SlideUnsupported("error-slide-several", count=len(candidates))
    if not candidates:
        raise SlideUnsupported
    return candidates[0]


def _files(folder: Path) -> list[Path]:
    """Regular files, by name; a link is none."""
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.is_symlink()]
    if len(found) > MAX_FILES:
        raise TooLarge("error-slide-limit", what="files")
    return found


def _mirax(path: Path) -> Companions:
    beside = path.with_suffix("")
    if not beside.is_dir() or beside.is_symlink() or not (beside / _MIRAX_INDEX).is_file():
        raise SlideIncomplete("error-slide-companion-missing")
    for section in _index(beside / _MIRAX_INDEX):
        for key, value in section.items():
            if (key.startswith("file_") and not key.endswith("_count")) or key == "indexfile":
                _inside(beside, value)
    parts = tuple((f"{beside.name}/{part.name}", f"slide/{part.name}") for part in _files(beside))
    return Companions("slide.mrxs", ((path.name, "slide.mrxs"), *parts))


def _hamamatsu(path: Path, suffix: str) -> Companions:
    named: set[str] = set()
    for section in _index(path):
        for key, value in section.items():
            if key.startswith(("imagefile", "mapfile", "macroimage", "optimisationfile")) and value:
                _inside(path.parent, value)
                named.add(value)
    if len(named) > MAX_FILES:
        raise TooLarge("error-slide-limit", what="files")
    entry = f"slide{suffix}"
    return Companions(entry, ((path.name, entry), *((name, name) for name in sorted(named))))


def _inside(folder: Path, name: str) -> None:
    """Raises SlideForbidden: ``name`` is not a plain file of this folder. SlideIncomplete: it is not there."""
    if "/" in name or "\\" in name or name in ("", ".", "..") or (folder / name).is_symlink():
        raise SlideForbidden("error-slide-reference-outside")
    if not (folder / name).is_file():
        raise SlideIncomplete("error-slide-companion-missing")


def _dicom(path: Path) -> Companions:
    first = dicom.instance(path)
    if first is None:
        raise SlideUnreadable
    if not first.whole_slide:
        raise SlideUnsupported
    _files(path.parent)
    members = dicom.series(path.parent, first.series)
    names = {member: f"{number:04d}.dcm" for number, member in enumerate(members, 1)}
    return Companions(names[path], tuple((member.name, name) for member, name in names.items()))


def _index(path: Path) -> list[configparser.SectionProxy]:
    """The sections of the text file that names the parts."""
    if path.stat().st_size > _MAX_INDEX_BYTES:
        raise SlideForbidden("error-slide-limit", what="directories")
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig", errors="replace"))
    except configparser.Error:
        raise SlideUnreadable from None
    return [parser[name] for name in parser.sections()]
