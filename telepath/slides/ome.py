"""What the OME-XML of a picture says of its size, its objective and its channels. Runs in the sandbox.

Source: OME model 2016-06 (Pixels: PhysicalSizeX and its unit, SignificantBits; Channel: Name, Color; Objective:
NominalMagnification). CZI's own XML is another."""

import re
import xml.etree.ElementTree as ElementTree
from contextlib import suppress
from typing import Final

import msgspec

TEXT_LIMIT: Final = 64 << 20
NAME_LIMIT: Final = 80
_MICROMETRES: Final = {"": 1.0, "µm": 1.0, "μm": 1.0, "um": 1.0, "nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "Å": 1e-4}


class Said(msgspec.Struct, frozen=True):
    """``mpp`` x and y in µm/px; ``channels`` as (name, ``#rrggbb`` or empty); None and empty: it says nothing of it."""

    mpp: tuple[float, float] | None = None
    plane_spacing: float | None = None
    objective: float | None = None
    bits: int | None = None
    channels: tuple[tuple[str, str], ...] = ()
    part: bool = False
    """Other files hold the rest of what it tells."""


def read(text: str, size: tuple[int, int]) -> Said:
    """Of the picture of ``size``, px. Nothing where it is no OME-XML: a text that cannot be read is no reason to refuse a
    slide."""
    if not text or len(text) > TEXT_LIMIT or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return Said()
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities are declared, and the process is shut in
    except ElementTree.ParseError:
        return Said()
    part = is_part(root)
    told = root.findall("{*}Image/{*}Pixels")
    if not told:
        return Said(part=part)
    written = tuple(map(str, size))
    pixels = next((one for one in told if (one.get("SizeX"), one.get("SizeY")) == written), told[0])
    across, down = _length(pixels, "PhysicalSizeX"), _length(pixels, "PhysicalSizeY")
    objective = root.find("{*}Instrument/{*}Objective")
    return Said(
        mpp=(across, down) if across is not None and down is not None else None,
        plane_spacing=_length(pixels, "PhysicalSizeZ"),
        objective=_number(objective.get("NominalMagnification", "")) if objective is not None else None,
        bits=_bits(pixels),
        channels=tuple((_name(one), _colour(one.get("Color", ""))) for one in pixels.findall("{*}Channel")),
        part=part,
    )


def is_part(root: ElementTree.Element) -> bool:
    """Whether a set of several files makes the picture. A file that was only given another name does not."""
    places = [one for one in root.iter() if one.tag.rpartition("}")[2] == "UUID"]
    own = root.get("UUID")
    others = {(one.text or "").strip() for one in places} - {own} if own else {one.get("FileName") for one in places}
    return len(others) > (0 if own else 1) or root.find("{*}BinaryOnly") is not None


def _name(channel: ElementTree.Element) -> str:
    name = channel.get("Name") or channel.get("Fluor") or ""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", name).strip()[:NAME_LIMIT]


def _colour(text: str) -> str:
    """Of a signed number that holds red, green, blue and how dense, a byte each."""
    number = _number(text)
    if number is None or not -(2**31) <= number < 2**32 or int(number) == -1:
        return ""
    return f"#{int(number) >> 8 & 0xFFFFFF:06x}"


def _bits(pixels: ElementTree.Element) -> int | None:
    number = _number(pixels.get("SignificantBits", ""))
    return int(number) if number is not None and 1 <= number <= 16 else None


def _length(pixels: ElementTree.Element, name: str) -> float | None:
    number = _number(pixels.get(name, ""))
    unit = _MICROMETRES.get(pixels.get(f"{name}Unit", ""))
    return number * unit if number is not None and unit is not None else None


def _number(text: str) -> float | None:
    with suppress(ValueError, OverflowError):
        number = float(text)
        if abs(number) < float("inf"):
            return number
    return None
