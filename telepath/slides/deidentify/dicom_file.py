"""A copy of a DICOM whole-slide image without the patient. Runs in the sandbox.

The head of each file is written anew, the pictures behind it stay as they lie. Source: PS3.15 Annex E, Basic Application Level
Confidentiality Profile with its actions D (dummy), Z (empty), X (removed) and U (another UID); stricter than it, for only what
is known to describe the picture stays, and no private element. Instances that are no VOLUME (label, overview) are left out."""

import os
import re
import warnings
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any, BinaryIO, Final

from telepath.errors import SlideUnreadable
from telepath.slides import dicom
from telepath.slides.deidentify import jpeg_remarks
from telepath.slides.pieces import CopiedFile, Log, Overlay, Written, cut

_GROUPS: Final = {0x0018, 0x0020, 0x0022, 0x0028, 0x0048, 0x5200}
"""Acquisition, relationship, optics, image, whole slide, functional groups."""
_PLAIN: Final = {
    *(
        "US",
        "UL",
        "SS",
        "SL",
        "FL",
        "FD",
        "SV",
        "UV",
        "OB",
        "OW",
        "OF",
        "OD",
        "OL",
        "OV",
        "DS",
        "IS",
        "CS",
        "AT",
        "SQ",
        "UI",
    ),
}
_KEPT: Final = {
    0x00020002,
    0x00020003,
    0x00020010,
    0x00080005,
    0x00080008,
    0x00080016,
    0x00080018,
    0x00080060,
    0x00080070,
    0x00081090,
    0x00089205,
    0x00089206,
    0x00089207,
    0x00089215,
    0x00201040,
    0x00400555,
    0x0040072A,
    0x0040073A,
    0x0040074A,
    0x00480105,
    0x00480106,
    0x00480113,
    0x7FE00001,
    0x7FE00002,
}
"""Beside the plain elements of those groups; codes are kept within sequences of theirs (0008,0100 and following)."""
_CODES: Final = {0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x0008010F, 0x00080119}
_REMOVED: Final = {0x00181000, 0x00181020, 0x00189373, 0x00200010, 0x00204000, 0x00280301, 0x00480106, 0x00480010}
_PATH_IDENTIFIER: Final = 0x00480106
_KINDS: Final = (
    ("birth-date", "BirthDate"),
    ("barcode", "Barcode"),
    ("patient", "^Patient|OtherPatient|Ethnic|Pregnancy|Responsible"),
    (
        "identifier",
        "Accession|Identifier|StudyID|Specimen|Container|LabelText|Order|Admission|Issuer|Request|ProcedureStep",
    ),
    ("person", "Physician|Operator|Performing|Reviewer|Observer|Person|Author"),
    ("place", "Institution|Department|Address"),
    ("device", "Serial|StationName|Software|DeviceUID|DeviceID|Detector"),
    ("date", "Date|Time"),
)
_WELL_KNOWN: Final = "1.2.840.10008."
DUMMY_DATE: Final = "19000101"


def copy(folder: Path, entry: str, to: str, lines: Sequence[str], seed: bytes, log: Log) -> list[CopiedFile]:
    """Each file of its series that shows the slide, below ``to`` in the copy. Raises SlideUnreadable, SlideIncomplete."""
    first = dicom.instance(folder / entry)
    if first is None:
        raise SlideUnreadable
    made: list[CopiedFile] = []
    for path in dicom.series(folder, first.series):
        found, start, end, frames = dicom.whole(path)
        kinds = [str(one).upper() for one in found.get("ImageType", ())]
        if "VOLUME" not in kinds:
            shown = "label" if "LABEL" in kinds else "macro" if "OVERVIEW" in kinds else "picture"
            log.add(shown, "(0008,0008) ImageType", "left-out")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # vendors' identifiers are often slightly wrong
            _Cleaner(seed, log).clean(found)
            _name(found, lines[0] if lines else "", seed)
        overlay = Overlay(path.stat().st_size)
        with path.open("rb") as file:
            for first_byte, last in frames:
                read = partial(_read, file, first_byte)
                for left, right in jpeg_remarks.of_stream(read, last - first_byte):
                    log.add("text", "JPEG")
                    overlay.blank(first_byte + left, first_byte + right)
        head = dicom.written(found)
        rest = cut(overlay.pieces(), start, end - start)
        made.append(CopiedFile(path.name, f"{to}/{len(made) + 1:04d}.dcm", (Written(head), *rest)))
    if not made:
        raise SlideUnreadable
    return made


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    return os.pread(file.fileno(), length, start)


class _Cleaner:
    def __init__(self, seed: bytes, log: Log) -> None:
        self._seed, self._log = seed, log

    def clean(self, found: Any) -> None:
        """Remove what does not stay, in place."""
        if any(found.preamble or b""):  # 128 bytes for whoever wrote the file: another header, or words
            self._log.add("leftover", "DICOM: preamble", "removed")
        found.preamble = None
        self._level(found.file_meta, nested=False)
        self._level(found, nested=False)

    def _level(self, level: Any, *, nested: bool) -> None:
        for element in list(level):
            tag = int(element.tag)
            if element.VR == "UI" and not element.tag.is_private and self._stays(tag, "UI", nested):
                self._renumber(level, element)
            elif not element.tag.is_private and self._stays(tag, element.VR, nested) and self._is_plain(element, tag):
                if element.VR == "SQ":
                    for below in element.value:
                        self._level(below, nested=True)
            else:
                if tag >> 16 != 0x0002 and not _is_empty(element):
                    self._log.add(*_told(element), "removed")
                del level[element.tag]

    def _stays(self, tag: int, kind: str, nested: bool) -> bool:
        if tag == _PATH_IDENTIFIER:
            return True
        if tag in _REMOVED:
            return False
        return tag in _KEPT or (nested and tag in _CODES) or (tag >> 16 in _GROUPS and kind in _PLAIN)

    def _is_plain(self, element: Any, tag: int) -> bool:
        """An identifier of an optical path is a counter; what is a name is none."""
        return tag != _PATH_IDENTIFIER or re.fullmatch(r"[0-9A-Za-z]{1,4}", str(element.value).strip()) is not None

    def _renumber(self, level: Any, element: Any) -> None:
        values = (
            element.value if isinstance(element.value, list) or hasattr(element.value, "append") else [element.value]
        )
        made = [_uid(str(one), self._seed) for one in values if one]
        if made != [str(one) for one in values if one]:
            self._log.add("uid", _told(element)[1], "replaced")
            level[element.tag].value = made if len(made) > 1 else made[0]


def _uid(value: str, seed: bytes) -> str:
    """The same for the same. PS3.5 B.2: ``2.25.`` and a number of 128 bits."""
    if value.startswith(_WELL_KNOWN):
        return value
    return f"2.25.{int.from_bytes(digest(seed, value.encode(), sha256)[:16])}"


def _is_empty(element: Any) -> bool:
    return element.value in (None, "", b"") or (element.VR == "SQ" and not len(element.value))


def _told(element: Any) -> tuple[str, str]:
    """Kind and name; of private elements only their number."""
    number = f"({element.tag.group:04X},{element.tag.element:04X})"
    if element.tag.is_private:
        return "private", number
    name = str(element.keyword or "")
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, name)), "")
    kind = kind or {"PN": "person", "DA": "date", "DT": "date", "TM": "date", "UI": "uid"}.get(element.VR, "text")
    return kind, f"{number} {name}".strip()


def _name(found: Any, pseudonym: str, seed: bytes) -> None:
    """What a whole-slide image must have (PS3.3 A.32.8), without a patient, and that it was de-identified and how."""
    specimen = dicom.item(
        SpecimenIdentifier=pseudonym,
        IssuerOfTheSpecimenIdentifierSequence=[],
        SpecimenUID=_uid(pseudonym, seed),
        SpecimenPreparationSequence=[],
    )
    profile = dicom.item(
        CodeValue="113100", CodingSchemeDesignator="DCM", CodeMeaning="Basic Application Confidentiality Profile"
    )
    told = dicom.item(
        PatientName=pseudonym,
        PatientID=pseudonym,
        PatientBirthDate="",
        PatientSex="",
        StudyDate="",
        StudyTime="",
        StudyID="",
        AccessionNumber="",
        ReferringPhysicianName="",
        ContentDate=DUMMY_DATE,
        ContentTime="000000",
        AcquisitionDateTime=f"{DUMMY_DATE}000000",
        ContainerIdentifier=pseudonym,
        IssuerOfTheContainerIdentifierSequence=[],
        SpecimenDescriptionSequence=[specimen],
        SpecimenLabelInImage="NO",
        BurnedInAnnotation="NO",
        PatientIdentityRemoved="YES",
        DeidentificationMethod="telepath: PS3.15 E.1, allow-list",
        DeidentificationMethodCodeSequence=[profile],
    )
    found.update(told)
