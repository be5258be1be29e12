"""Small DICOM whole-slide images, in any photometric interpretation and transfer syntax."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import RLELosslessEncoder
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

SERIES = UID("1.2.826.0.1.3680043.8.498.1")
WHOLE_SLIDE = UID("1.2.840.10008.5.1.4.1.1.77.1.6")


def _run_lengths(tile: NDArray[Any]) -> bytes:
    colour = {"photometric_interpretation": "RGB", "planar_configuration": 0}
    kind: dict[str, Any] = colour if tile.ndim == 3 else {"photometric_interpretation": "MONOCHROME2"}
    return RLELosslessEncoder.encode(
        tile,
        rows=tile.shape[0],
        columns=tile.shape[1],
        number_of_frames=1,
        samples_per_pixel=3 if tile.ndim == 3 else 1,
        bits_allocated=8 * tile.dtype.itemsize,
        bits_stored=8 * tile.dtype.itemsize,
        pixel_representation=0,
        **kind,
    )


def _lossless_jpeg(tile: NDArray[Any]) -> bytes:
    coded = imagecodecs.ljpeg_encode(tile) if tile.ndim == 2 else _rgb_jpeg(tile)
    return bytes(coded)


def _rgb_jpeg(tile: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(tile, lossless=True, colorspace="RGB", outcolorspace="RGB"))


CODERS: dict[str, Callable[[NDArray[Any]], bytes]] = {
    "1.2.840.10008.1.2.4.50": lambda tile: bytes(imagecodecs.jpeg8_encode(tile, level=95)),
    "1.2.840.10008.1.2.4.70": _lossless_jpeg,
    "1.2.840.10008.1.2.4.80": lambda tile: bytes(imagecodecs.jpegls_encode(tile)),
    "1.2.840.10008.1.2.4.90": lambda tile: bytes(imagecodecs.jpeg2k_encode(tile, reversible=True, codecformat="j2k")),
    "1.2.840.10008.1.2.4.201": lambda tile: bytes(imagecodecs.htj2k_encode(tile, reversible=True)),
    "1.2.840.10008.1.2.5": _run_lengths,
}
"""Transfer syntax → the bytes of a frame."""


def write_dicom(
    path: Path,
    pictures: Sequence[Sequence[NDArray[Any]]],
    *,
    photometric: str,
    syntax: str = ExplicitVRLittleEndian,
    tile: int = 256,
    sparse: Sequence[tuple[int, int]] | None = None,
    kind: Sequence[str] = ("ORIGINAL", "PRIMARY", "VOLUME", "NONE"),
    more: Mapping[str, Any] | None = None,
) -> Path:
    """``pictures[path][plane]``: (height, width) or (height, width, 3) of a whole level. ``sparse``: (column, row) of the only
    tiles that there are. ``more``: elements by keyword."""
    first = pictures[0][0]
    height, width = first.shape[:2]
    columns, rows = -(-width // tile), -(-height // tile)
    wanted = list(sparse) if sparse is not None else [(x, y) for y in range(rows) for x in range(columns)]
    frames = [_tile(picture, column, row, tile) for planes in pictures for picture in planes for column, row in wanted]
    header = _header(first, photometric, syntax, tile, kind)
    header.NumberOfFrames = len(frames)
    header.TotalPixelMatrixColumns, header.TotalPixelMatrixRows = width, height
    header.TotalPixelMatrixFocalPlanes = len(pictures[0])
    header.NumberOfOpticalPaths = len(pictures)
    header.OpticalPathSequence = [_path(number) for number in range(len(pictures))]
    measures = Dataset()
    measures.PixelSpacing, measures.SpacingBetweenSlices, measures.SliceThickness = [0.0005, 0.0005], 0.001, 0.001
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    header.SharedFunctionalGroupsSequence = [shared]
    header.DimensionOrganizationType = "TILED_FULL" if sparse is None else "TILED_SPARSE"
    if sparse is not None:
        header.PerFrameFunctionalGroupsSequence = [
            _group(column, row, plane, optical, tile)
            for optical, planes in enumerate(pictures)
            for plane in range(len(planes))
            for column, row in wanted
        ]
    for keyword, value in (more or {}).items():
        setattr(header, keyword, value)
    if syntax in CODERS:
        header.PixelData = encapsulate([CODERS[syntax](frame) for frame in frames])
        header["PixelData"].VR = "OB"
        header["PixelData"].is_undefined_length = True
    else:
        data = b"".join(np.ascontiguousarray(frame).tobytes() for frame in frames)
        header.PixelData = data + b"\0" * (len(data) % 2)
        header["PixelData"].VR = "OW"
    header.save_as(path, enforce_file_format=True, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return path


def _header(first: NDArray[Any], photometric: str, syntax: str, tile: int, kind: Sequence[str]) -> Dataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = UID(syntax), WHOLE_SLIDE
    meta.MediaStorageSOPInstanceUID = generate_uid()
    header = Dataset()
    header.file_meta = meta
    header.SOPClassUID, header.SOPInstanceUID = WHOLE_SLIDE, meta.MediaStorageSOPInstanceUID
    header.StudyInstanceUID, header.SeriesInstanceUID, header.Modality = SERIES, SERIES, "SM"
    header.ImageType = list(kind)
    header.Rows = header.Columns = tile
    header.SamplesPerPixel = 3 if first.ndim == 3 else 1
    header.PhotometricInterpretation = photometric
    header.BitsAllocated = 8 * first.dtype.itemsize
    header.BitsStored = header.BitsAllocated
    header.HighBit, header.PixelRepresentation = header.BitsStored - 1, 0
    if first.ndim == 3:
        header.PlanarConfiguration = 0
    return header


def _tile(picture: NDArray[Any], column: int, row: int, tile: int) -> NDArray[Any]:
    part = picture[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
    padding = [(0, tile - part.shape[0]), (0, tile - part.shape[1]), (0, 0)][: part.ndim]
    return np.ascontiguousarray(np.pad(part, padding))


def _path(number: int) -> Dataset:
    path = Dataset()
    path.OpticalPathIdentifier, path.OpticalPathDescription = str(number + 1), f"light {number + 1}"
    path.ObjectiveLensPower = 20
    return path


def _group(column: int, row: int, plane: int, optical: int, tile: int) -> Dataset:
    place, seen, group = Dataset(), Dataset(), Dataset()
    place.ColumnPositionInTotalImagePixelMatrix, place.RowPositionInTotalImagePixelMatrix = (
        column * tile + 1,
        row * tile + 1,
    )
    place.ZOffsetInSlideCoordinateSystem = plane * 0.001
    seen.OpticalPathIdentifier = str(optical + 1)
    group.PlanePositionSlideSequence, group.OpticalPathIdentificationSequence = [place], [seen]
    return group
