"""What vendors write into the texts of their TIFF files, and which of it stays. Pure.

Source: files of each scanner, and the fields that OpenSlide 4 and tifffile read of them."""

import base64
import re
from collections.abc import Callable
from typing import Final

from telepath.slides.deidentify.texts import Test, blanked, is_number, key_values, matching, one_of, only, renumbered
from telepath.slides.deidentify.xml_text import Rule, clean
from telepath.slides.pieces import Log

Draw = Callable[[str, int], bytes | None]
"""("label" or "macro", most bytes) → a JPEG."""
APERIO_HEADER: Final = re.compile(
    r"\b(?:Aperio|Leica|GT450|Image|Library|Biosystems|JPEG/RGB|JPEG/YCC|JPEG|J2K/KDU|J2K/YUV16|J2K/YUV24|LZW|Q=\d{1,3}|"
    r"BlockSize=\d{1,4}|label|macro|thumbnail|v?\d{1,2}(?:\.\d{1,3}){1,3}|\d{2,6}x\d{2,6}|\d{1,3}x\d{2,6})(?![\w=])"
    r"|->|;|[\[(]\d{1,6}[x,]\d{1,6}(?: \d{1,6}x\d{1,6})?[\])]"
)
_APERIO: Final[dict[str, Test]] = dict.fromkeys(
    (
        "appmag",
        "stripewidth",
        "mpp",
        "left",
        "top",
        "linecameraskew",
        "lineareaxoffset",
        "lineareayoffset",
        "focus offset",
        "originalwidth",
        "originalheight",
        "filtered",
        "displaycolor",
        "exposure time",
        "exposure scale",
        "gamma",
        "offsetx",
        "offsety",
        "dsr",
        "sessonmode",
    ),
    is_number,
) | {"icc profile": one_of("AT2", "ScanScope v1", "sRGB", "GT450", "CS2"), "colormode": one_of("RGB", "Mono")}
_HAMAMATSU_WORDS: Final = matching(r"[-+0-9.,\s]*")
_HAMAMATSU: Final = (
    r"(objective\.lens\.magnificant|nolayers|roi\.(slide|barcode)\.macro|slide\.tickness|pshv.*|exposure\..*|ccd\..*|valid\..*|"
    r"(coarse|fine)\.focus\.pitch|yrnp\[\d\]|z(coarse|fine)\[\d\]|slant\..*|focalplane\..*|stage\.center|lane\.shift\.amount|"
    r"target\.white\.intensity|variable\.exposuretime|calibration\.version|system\.version|colorfilterid|cube\.kind)"
)
_TRESTLE: Final[dict[str, Test]] = dict.fromkeys(
    ("objective power", "jpeg quality", "overlapsxy", "background color", "white balance", "z-step"), is_number
)
_PLAIN_DESCRIPTION: Final = re.compile(
    r"(?:level=\d{1,2} mag=[\d.]{1,6} quant=\d{1,3}|Label[ _]Image|Probability[ _]Image|Thumbnail|Macro|Label|"
    r'\{"shape": \[[\d, ]{1,60}\]\}|Aperio Image Library v[\d.]+)[\s\0]*'
)
_PHILIPS: Final[dict[str, Test]] = dict.fromkeys(
    (
        "DICOM_PIXEL_SPACING",
        "DICOM_BITS_ALLOCATED",
        "DICOM_BITS_STORED",
        "DICOM_HIGH_BIT",
        "DICOM_PIXEL_REPRESENTATION",
        "DICOM_PLANAR_CONFIGURATION",
        "DICOM_SAMPLES_PER_PIXEL",
        "DICOM_LOSSY_IMAGE_COMPRESSION_RATIO",
        "DICOM_LOSSY_IMAGE_COMPRESSION",
        "PIIM_PIXEL_DATA_REPRESENTATION_NUMBER",
        "PIIM_PIXEL_DATA_REPRESENTATION_POSITION",
        "PIIM_PIXEL_DATA_REPRESENTATION_COLUMNS",
        "PIIM_PIXEL_DATA_REPRESENTATION_ROWS",
        "PIIM_DP_SCANNER_CALIBRATION_STATUS",
        "UFS_IMAGE_DIMENSION_RANGE",
        "UFS_IMAGE_DIMENSION_RANGES",
        "UFS_IMAGE_DIMENSIONS_OVER_BLOCK",
        "UFS_IMAGE_NUMBER_OF_BLOCKS",
        "UFS_IMAGE_BLOCK_SIZE",
    ),
    is_number,
) | {
    "PIM_DP_IMAGE_TYPE": one_of("WSI", "LABELIMAGE", "MACROIMAGE"),
    "DICOM_MANUFACTURER": one_of("PHILIPS", "Hamamatsu"),
    "DICOM_PHOTOMETRIC_INTERPRETATION": one_of("RGB", "YBR_FULL", "YBR_FULL_422"),
    "DICOM_LOSSY_IMAGE_COMPRESSION_METHOD": matching(r'[\s"]*(PHILIPS_TIFF_1_0|PHILIPS_DP_1_0)[\s"]*'),
    "DICOM_ICCPROFILE": matching(r'[\s"A-Za-z0-9+/=]*'),
}
_PHILIPS_STRUCTURE: Final = matching(r"[A-Za-z_]{1,64}|0x[0-9A-Fa-f]{1,8}")
_LEICA: Final = {"collection", "pixels", "dimension", "view", "supplementalImage", "image", "scn"}
_LEICA_TEXTS: Final[dict[str, Test]] = {
    "objective": is_number,
    "numericalAperture": is_number,
    "illuminationSource": one_of("brightfield", "fluorescence", "darkfield"),
}
_VENTANA_SCANNER: Final = ("Magnification", "ScanRes", "Z-layers", "Z-spacing", "ScanWhitePoint", "Gamma", "FocusMode")
_VENTANA: Final = matching(
    r"EncodeInfo|SlideInfo|SlideStitchInfo|ImageInfo|TileJointInfo|AoiInfo|AoiOrigin|AOI\d+|FrameInfo|Frame|Metadata"
)
_VENTANA_WORDS: Final = one_of("LEFT", "RIGHT", "UP", "DOWN", "True", "False", "Yes", "No")
FLUORS: Final = re.compile(
    r"(?i)DAPI|FITC|TRITC|TexasRed|Texas Red|GFP|RFP|YFP|CFP|mCherry|Hoechst( ?\d+)?|Cy ?[2357](\.5)?|"
    r"(AF|Alexa( ?Fluor)?|Opal|DyLight|ATTO) ?\d{3}|Spectrum ?(Green|Orange|Aqua|Red|Gold)|autofluorescence|AF|"
    r"bright ?field|HE|H&E|red|green|blue|gr[ae]y|CD\d{1,3}[a-z]?|PanCK|Ki-?67|SOX10|PD-?L?1|FoxP3|channel ?\d{1,2}|C?\d"
)
_OME_NUMBERS: Final = re.compile(
    r"(Physical)?Size[XYZCT]|SignificantBits|First[CZT]|The[CZT]|IFD|PlaneCount|SamplesPerPixel|(Emission|Excitation)Wavelength|"
    r"Color|(Nominal|Calibrated)Magnification|LensNA|TimeIncrement|Position[XYZ]|ExposureTime|DeltaT|Length|RefractiveIndex"
)
_OME_WORDS: Final = one_of(
    "true", "false", "XYZCT", "XYCZT", "XYCTZ", "XYZTC", "XYTCZ", "XYTZC", "uint8", "uint16", "int8", "int16", "uint32",
    "int32",
    "float", "double", "bit", "µm", "Âµm", "um", "nm", "mm", "m", "s", "ms", "pixel", "reference frame", "BrightField",
    "Fluorescence", "Brightfield", "WideField", "LaserScanningConfocalMicroscopy", "Transmitted", "Epifluorescence", "Oil",
    "Water", "Air", "Dry", "Other", "PlanApo", "PlanFluor", "UV", "zlib",
)  # fmt: skip
_SCHEMA: Final = matching(
    r"(https?://(www\.openmicroscopy\.org|www\.w3\.org|www\.leica-microsystems\.com)/[\w./#-]*\s*)+"
)
_OME_ID: Final = matching(
    r"(Image|Pixels|Channel|Instrument|Objective|Detector|LightSource|StructuredAnnotation)(:\d{1,6}){1,3}"
)


def description(text: str, seed: bytes, draw: Draw, log: Log) -> str:
    """What stays of an ImageDescription; as long as before."""
    where = "ImageDescription"
    if text.startswith("Aperio"):
        head, bar, rest = text.partition("|")
        kept = only(head, APERIO_HEADER)
        kept = kept + head[len(kept) :]
        if kept.split() != head.strip("\0").split():
            log.add("text", f"{where} (Aperio)")
        end = "\0" if rest.endswith("\0") else ""
        rest = rest[: len(rest) - len(end)]
        return kept + bar + key_values(rest, "|", _APERIO, log, "Aperio") + end
    if "<DataObject" in text[:400]:
        return clean(text, _philips(seed, draw, log), log, "Philips")
    if "leica-microsystems.com/scn" in text[:2000]:
        return clean(text, _leica, log, "Leica SCN")
    if "<OME" in text[:4000]:
        return clean(text, _ome(seed), log, "OME-XML")
    if _PLAIN_DESCRIPTION.fullmatch(text):
        return text
    if "Objective Power=" in text:
        return key_values(text.rstrip("\0"), ";", _TRESTLE, log, "Trestle").ljust(len(text), "\0")
    if text.strip(" \0"):
        log.add("text", where)
    return blanked(text.replace("\0", " "))


def hamamatsu_properties(text: str, log: Log) -> str:
    """The property map of an NDPI file."""
    names = {line.partition("=")[0].strip().casefold() for line in re.split(r"[\r\n]+", text)}
    allowed = {name: _HAMAMATSU_WORDS for name in names if re.fullmatch(_HAMAMATSU, name)}
    return key_values(text, "\r\n", allowed, log, "NDPI")


def xmp(text: str, log: Log) -> str:
    """Tag 700: of Ventana what its tiles are laid with; of others nothing."""
    if "<iScan" in text or "<EncodeInfo" in text:
        return clean(text, _ventana, log, "Ventana")
    if text.strip(" \0"):
        log.add("private", "XMP")
    return blanked(text.replace("\0", " "))


def _philips(seed: bytes, draw: Draw, log: Log) -> Rule:
    shown = ["label"]

    def rule(element: str, attributes: dict[str, str], attribute: str, value: str) -> bool | str:
        if attribute:
            return _PHILIPS_STRUCTURE(value)
        name = attributes.get("Name", "")
        if name == "PIM_DP_IMAGE_TYPE":
            shown[0] = "macro" if "MACRO" in value else "label"
        if name == "PIM_DP_IMAGE_DATA":
            log.add(shown[0], f"Philips: {name}", "replaced")
            made = draw(shown[0], len(value) // 4 * 3)
            return base64.b64encode(made or b"").decode().ljust(len(value))
        if re.search("UID|UUID", name) and renumbered(value, seed) != value:
            return False
        test = _PHILIPS.get(name)
        return test is not None and test(value)

    return rule


def _leica(element: str, attributes: dict[str, str], attribute: str, value: str) -> bool | str:
    if attribute.startswith("xmlns") or attribute.endswith("schemaLocation"):
        return _SCHEMA(value)
    if attribute == "type":
        return one_of("label", "macro", "slide")(value)
    if attribute:
        return element in _LEICA and attribute not in ("name", "uuid", "version") and is_number(value)
    test = _LEICA_TEXTS.get(element)
    return test is not None and test(value)


def _ventana(element: str, attributes: dict[str, str], attribute: str, value: str) -> bool | str:
    if not attribute:
        return False
    if element == "iScan":
        return attribute in _VENTANA_SCANNER and is_number(value)
    return _VENTANA(element) and (is_number(value) or _VENTANA_WORDS(value))


def _ome(seed: bytes) -> Rule:
    def rule(element: str, attributes: dict[str, str], attribute: str, value: str) -> bool | str:
        if attribute.startswith("xmlns") or attribute.endswith("schemaLocation"):
            return _SCHEMA(value)
        if attribute == "UUID" or (not attribute and element == "UUID"):
            made = renumbered(value, seed)
            return made if re.fullmatch(r"\s*urn:uuid:[0-9a-fA-F-]{36}\s*", value) else False
        if not attribute:
            return False
        if attribute in ("ID",) or attribute.endswith("Ref"):
            return _OME_ID(value)
        if element == "Channel" and attribute in ("Name", "Fluor"):
            return FLUORS.fullmatch(value.strip()) is not None
        if _OME_NUMBERS.fullmatch(attribute):
            return is_number(value)
        return attribute not in ("Name", "Value", "K", "Text") and _OME_WORDS(value)

    return rule
