"""What is being sent, and under which names of ours it is kept: one manifest for each slide, with all its files. Pure.

The names that people gave are never used on the disk. Where a slide's own index names its other files (MIRAX, Hamamatsu), those
names must stay as they are, so they must be plain. Whether the parts fit together only the sandbox finds out (companions.py);
here it is said what is missing before the first byte is sent."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from telepath.errors import Invalid, InvalidTransition, TooLarge

FILES_LIMIT: Final = 2000
SLIDE_LIMIT: Final = 200 * 10**9
"""Bytes of one slide."""
NAME_LIMIT: Final = 300
SHOWN_LIMIT: Final = 120
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}")
"""Readers look at them, and say by them what cannot be read."""
ALONE: Final = frozenset({".svs", ".tif", ".tiff", ".ndpi", ".scn", ".bif", ".svslide", ".czi", ".zip"})
"""Suffixes of files that are, or hold, a slide each."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+,=@~-]{0,149}")
_INDEXED: Final = (".vms", ".vmu")
MIRAX: Final = ".mrxs"
MIRAX_INDEX: Final = "slidedat.ini"
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Status(StrEnum):
    """receiving → waiting ⇄ checking → registered | held | refused; receiving → discarded.

    ``checking`` goes back to ``waiting`` when what it needs does not answer."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    CHECKING = "checking"
    REGISTERED = "registered"
    HELD = "held"
    REFUSED = "refused"
    DISCARDED = "discarded"


class Act(StrEnum):
    COMMIT = "commit"
    TAKE = "take"
    RETURN = "return"
    REGISTER = "register"
    HOLD = "hold"
    REFUSE = "refuse"
    DISCARD = "discard"


NEXT: Final[dict[tuple[Status, Act], Status]] = {
    (Status.RECEIVING, Act.COMMIT): Status.WAITING,
    (Status.RECEIVING, Act.DISCARD): Status.DISCARDED,
    (Status.WAITING, Act.TAKE): Status.CHECKING,
    # Whoever had it was killed: nobody holds its lock.
    (Status.CHECKING, Act.TAKE): Status.CHECKING,
    (Status.CHECKING, Act.RETURN): Status.WAITING,
    (Status.CHECKING, Act.REGISTER): Status.REGISTERED,
    (Status.CHECKING, Act.HOLD): Status.HELD,
    (Status.CHECKING, Act.REFUSE): Status.REFUSED,
}
UNDER_WAY: Final = frozenset({Status.RECEIVING, Status.WAITING, Status.CHECKING})


def step(status: Status, act: Act) -> Status:
    """Raises InvalidTransition."""
    try:
        return NEXT[status, act]
    except KeyError:
        raise InvalidTransition(act, status, "error-upload-state") from None


class Sent(msgspec.Struct, frozen=True):
    """A file as its sender names it. ``path``: relative, with ``/`` between its parts."""

    path: str
    size: int
    sha256: str = ""
    """In small hexadecimal digits; empty: not said."""


class Planned(msgspec.Struct, frozen=True):
    path: str
    stored: str
    """Below the folder of the upload: plain letters, of which nothing leads out."""
    size: int


class Plan(msgspec.Struct, frozen=True):
    """One slide. ``entry``: what opens it, as ``stored``; empty: the folder of all its files."""

    entry: str
    shown: str
    """How its sender finds it again: the name of its first file, made harmless."""
    files: tuple[Planned, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def plan(files: Sequence[Sent]) -> Plan:
    """Raises Invalid: no file, an empty one, several slides, a name that cannot be, a part that is missing; TooLarge."""
    if not files:
        raise Invalid("error-upload-nothing")
    if len(files) > FILES_LIMIT:
        raise TooLarge("error-upload-files", limit=FILES_LIMIT)
    by_path = {_path(file.path): file.size for file in files}
    for file in files:
        if file.sha256 and not _SHA256.fullmatch(file.sha256):
            raise Invalid("error-upload-digest", name=shown_name(file.path))
    if len(by_path) != len(files):
        raise Invalid("error-upload-name", name=shown_name(files[0].path))
    made = _planned(by_path)
    if len({file.stored.casefold() for file in made.files}) != len(files):
        raise Invalid("error-upload-name", name=made.shown)
    # Parts of a slide may be empty; what opens it may not.
    if made.size <= 0 or any(file.size < 0 or (not file.size and file.stored == made.entry) for file in made.files):
        raise Invalid("error-upload-empty", name=made.shown)
    if made.size > SLIDE_LIMIT:
        raise TooLarge("error-upload-too-large", limit=SLIDE_LIMIT // 10**9)
    return made


def shown_name(path: str) -> str:
    """The last part of a path as it may be shown: one line, no letters that nobody sees, no marks that turn the direction."""
    last = unicodedata.normalize("NFC", path).replace("\\", "/").rstrip("/").rpartition("/")[2]
    visible = "".join(" " if letter.isspace() else letter for letter in last)
    kept = "".join(letter for letter in visible if unicodedata.category(letter) not in _INVISIBLE)
    return " ".join(kept.split())[:SHOWN_LIMIT]


def _planned(files: dict[str, int]) -> Plan:
    entries = [path for path in files if _suffix(path) in (MIRAX, *_INDEXED)]
    if len(entries) > 1:
        raise Invalid("error-slide-several", count=len(entries))
    if entries:
        return _mirax(entries[0], files) if _suffix(entries[0]) == MIRAX else _indexed(entries[0], files)
    if len(files) == 1:
        path, size = next(iter(files.items()))
        stored = f"slide{_suffix(path) if _SUFFIX.fullmatch(_suffix(path)) else ''}"
        return Plan(stored, shown_name(path), (Planned(path, stored, size),))
    if any(_suffix(path) in ALONE for path in files):
        raise Invalid("error-slide-several", count=len(files))
    # A series of DICOM instances: they name each other by what is in them, not by their files.
    parts = tuple(Planned(path, f"{n:04d}.dcm", files[path]) for n, path in enumerate(sorted(files), 1))
    folder = parts[0].path.rpartition("/")[0]
    return Plan("", shown_name(folder or parts[0].path), parts)


def _mirax(entry: str, files: dict[str, int]) -> Plan:
    beside = entry[: -len(MIRAX)]
    made = [Planned(entry, f"slide{MIRAX}", files[entry])]
    names: set[str] = set()
    for path in sorted(files.keys() - {entry}):
        folder, _, name = path.rpartition("/")
        if folder != beside:
            raise Invalid("error-upload-extra", name=shown_name(path))
        made.append(Planned(path, f"slide/{_plain(name)}", files[path]))
        names.add(name.casefold())
    if MIRAX_INDEX not in names:
        raise Invalid("error-slide-companion-missing")
    return Plan(f"slide{MIRAX}", shown_name(entry), tuple(made))


def _indexed(entry: str, files: dict[str, int]) -> Plan:
    home = entry.rpartition("/")[0]
    stored = f"slide{_suffix(entry)}"
    made = [Planned(entry, stored, files[entry])]
    for path in sorted(files.keys() - {entry}):
        folder, _, name = path.rpartition("/")
        if folder != home:
            raise Invalid("error-upload-extra", name=shown_name(path))
        made.append(Planned(path, _plain(name), files[path]))
    if len(made) == 1:
        raise Invalid("error-slide-companion-missing")
    return Plan(stored, shown_name(entry), tuple(made))


def _path(text: str) -> str:
    """Raises Invalid: it would lead somewhere else, or is longer than a path may be."""
    parts = text.split("/")
    if len(text) > NAME_LIMIT * 2 or "\0" in text or any(part in ("", ".", "..") for part in parts):
        raise Invalid("error-upload-name", name=shown_name(text))
    return text


def _plain(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise Invalid("error-upload-name", name=shown_name(name))
    return name


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    return f".{name.rpartition('.')[2].lower()}" if "." in name[1:] else ""
