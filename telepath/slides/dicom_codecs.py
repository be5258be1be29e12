"""The pixels of one DICOM frame, whatever its transfer syntax and its colours. Runs in the sandbox.

The only module that imports imagecodecs.

Source: PS3.5 8.2 and A.4 (transfer syntaxes), PS3.3 C.7.6.3.1.2 (photometric interpretation)."""

from collections.abc import Callable
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from telepath.errors import TileUnreadable
from telepath.slides.dicom_frames import Frame
from telepath.slides.reader import Pixels
from telepath.slides.tile_index import MAX_TILE_BYTES

YBR: Final = ("YBR_FULL", "YBR_FULL_422")
UNPACKED: Final = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
_JPEG: Final = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70)}
_PACKED: Final[dict[str, Callable[..., Any]]] = {
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{number}" for number in (80, 81)), imagecodecs.jpegls_decode),
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{number}" for number in (90, 91)), imagecodecs.jpeg2k_decode),
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203)), imagecodecs.htj2k_decode),
}
_RUN_LENGTHS: Final = "1.2.840.10008.1.2.5"
SYNTAXES: Final = UNPACKED | _JPEG | {_RUN_LENGTHS} | set(_PACKED)
_WAVELETS: Final = {f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 201, 202, 203)}
"""Their decoders undo the colour transform themselves."""


def decoded(header: Any, frame: Frame) -> Pixels:
    """(Rows, Columns) samples, or (Rows, Columns, 3) RGB. Raises TileUnreadable."""
    if sum(length for _, length in frame.pieces) > 4 * MAX_TILE_BYTES:
        raise TileUnreadable
    with frame.path.open("rb") as file:
        data = b"".join(_read(file, *piece) for piece in frame.pieces)
    shape = int(header.Rows), int(header.Columns)
    samples, photometric = int(header.SamplesPerPixel), header.PhotometricInterpretation
    syntax = header.file_meta.TransferSyntaxUID
    if syntax in UNPACKED:
        found = _unpacked(header, data, shape, samples)
    elif syntax == _RUN_LENGTHS:
        kind = np.dtype("<u2") if header.BitsAllocated == 16 else np.dtype(np.uint8)
        planes = np.frombuffer(imagecodecs.dicomrle_decode(data, kind), kind).reshape(samples, *shape)
        found = planes[0] if samples == 1 else np.moveaxis(planes, 0, 2)
        found = _rgb(found) if photometric in YBR else found
    elif syntax in _JPEG:
        # What the stream says of its colours counts (JFIF 1.02), then what the file says.
        colourspace = {"RGB": "RGB"}.get(photometric) if not _is_jfif(data) else None
        found = imagecodecs.jpeg_decode(data, colorspace=colourspace, outcolorspace="RGB" if samples == 3 else None)
    else:
        found = _PACKED[syntax](data)
        if photometric in YBR and syntax not in _WAVELETS:
            found = _rgb(found)
    found = np.asarray(found)
    if found.dtype not in (np.uint8, np.uint16):
        raise TileUnreadable
    if samples == 3 and found.shape == (3, *shape):
        found = np.moveaxis(found, 0, 2)
    if found.shape[:2] != shape or (found.ndim == 3) != (samples == 3):
        raise TileUnreadable
    if photometric == "MONOCHROME1":
        found = ((1 << int(header.BitsStored)) - 1) - found
    if photometric == "PALETTE COLOR":
        return _coloured(header, found)
    return found.astype(np.uint16) if header.BitsAllocated == 16 else found.astype(np.uint8, copy=False)


def jpeg_xr(data: bytes) -> NDArray[np.uint8]:
    """(height, width) or (height, width, 3) RGB, of eight bits. Not of DICOM: companions of CZI slides are packed so.

    Raises ValueError, RuntimeError: it is none."""
    found = np.asarray(imagecodecs.jpegxr_decode(data))
    if found.dtype != np.uint8:
        raise ValueError
    return found


def jpeg_2000(data: bytes) -> NDArray[np.uint8]:
    """(height, width, 3) RGB of eight bits, of a bare code stream. Not of DICOM: Aperio's tiles are packed so.

    Raises ValueError, RuntimeError: it is none, or cut short."""
    found = np.asarray(imagecodecs.jpeg2k_decode(data))
    if found.dtype != np.uint8 or found.ndim != 3 or found.shape[2] != 3:
        raise ValueError
    return found


def _read(file: Any, offset: int, length: int) -> bytes:
    file.seek(offset)
    data: bytes = file.read(length)
    if len(data) != length:
        raise TileUnreadable
    return data


def _unpacked(header: Any, data: bytes, shape: tuple[int, int], samples: int) -> NDArray[Any]:
    kind = np.dtype("<u2") if header.BitsAllocated == 16 else np.dtype(np.uint8)
    flat = np.frombuffer(data, kind)
    if samples == 1:
        return flat[: shape[0] * shape[1]].reshape(shape)
    if header.PhotometricInterpretation == "YBR_FULL_422":
        raise TileUnreadable
    if header.get("PlanarConfiguration", 0) == 1:
        found = np.moveaxis(flat.reshape(3, *shape), 0, 2)
    else:
        found = flat[: shape[0] * shape[1] * 3].reshape(*shape, 3)
    return _rgb(found) if header.PhotometricInterpretation in YBR else found


def _rgb(ybr: NDArray[Any]) -> NDArray[np.uint8]:
    """PS3.3 C.7.6.3.1.2: the same as JFIF's."""
    y, blue, red = (ybr[:, :, number].astype(np.float32) for number in range(3))
    found = [y + 1.402 * (red - 128), y - 0.344136 * (blue - 128) - 0.714136 * (red - 128), y + 1.772 * (blue - 128)]
    made: NDArray[np.uint8] = np.clip(np.stack(found, axis=2) + 0.5, 0, 255).astype(np.uint8)
    return made


def _coloured(header: Any, indices: NDArray[Any]) -> NDArray[np.uint8]:
    count, first, bits = (int(one) for one in header.RedPaletteColorLookupTableDescriptor)
    count = count or 1 << 16
    kind = np.dtype("<u2") if bits == 16 else np.dtype(np.uint8)
    place = np.clip(indices.astype(np.int32) - first, 0, count - 1)
    tables = [
        np.frombuffer(header[f"{name}PaletteColorLookupTableData"].value, kind) for name in ("Red", "Green", "Blue")
    ]
    return np.stack([(np.right_shift(table[:count][place], bits - 8)).astype(np.uint8) for table in tables], axis=2)


def eight_bits(pixels: Pixels, header: Any) -> NDArray[np.uint8]:
    return (
        (pixels >> max(0, int(header.BitsStored) - 8)).astype(np.uint8)
        if pixels.dtype != np.uint8
        else pixels.astype(np.uint8, copy=False)
    )


def _is_jfif(data: bytes) -> bool:
    return b"JFIF\0" in data[:64]
