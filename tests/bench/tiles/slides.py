"""The slide of the bench of tiles: 40,000 x 30,000 px of stained tissue, the same each time, in the containers of the field.

Drawing all of it takes minutes. So a few fields of 1024 x 1024 px are drawn (telepath/slides/synthetic_tissue.py) and encoded
once, and laid beside each other in an order that is drawn by lot: the file has its real size and number of tiles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import imagecodecs
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, generate_uid

from telepath.slides.pictures import halved
from telepath.slides.pyramid import Level
from telepath.slides.synthetic_tissue import Kind, Scene
from telepath.slides.tiff_writer import Picture, TiffWriter
from tests.builders_slides import APERIO, levels

WIDTH, HEIGHT = 40_000, 30_000
TILE: Final = 256
FIELD: Final = 1024
TISSUE, GLASS = 20, 4
"""Distinct fields that are drawn."""
SEED: Final = 398
QUALITY: Final = 80
OVERVIEW: Final = 8
"""Coarser levels than 1:4 are cut from one picture of the whole slide in this step."""
HALVES: Final = (1, 2, 4, 8, 16, 32)
QUARTERS: Final = (1, 4, 16)
"""The levels of an Aperio scanner."""

Pixels = NDArray[np.uint8]
Encode = Callable[[Pixels], bytes]


def ycbcr(pixels: Pixels) -> bytes:
    """A JPEG file, 4:2:2: about 12 KB for a tile."""
    picture: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), QUALITY, colorspace="RGB", colorsubsampling="422"
    )
    return picture


def rgb(pixels: Pixels) -> bytes:
    """A JPEG file whose components are red, green and blue themselves."""
    planes = [np.ascontiguousarray(pixels[:, :, channel]) for channel in range(3)]
    picture: bytes = simplejpeg.encode_jpeg_yuv_planes(*planes, quality=QUALITY)
    return picture


def jpeg2000(pixels: Pixels) -> bytes:
    """A code stream of JPEG 2000, reversible colours apart: about 36 dB."""
    return bytes(imagecodecs.jpeg2k_encode(np.ascontiguousarray(pixels), level=36, codecformat="j2k", mct=True))


class BenchSlide:
    """What all the files show."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, *, covered: float = 0.75) -> None:
        """``covered``: the share of places that show tissue."""
        self.width, self.height = width, height
        across, down = -(-width // FIELD), -(-height // FIELD)
        chance = np.random.default_rng(SEED)
        tissue = chance.integers(0, TISSUE, (down, across))
        glass = chance.integers(TISSUE, TISSUE + GLASS, (down, across))
        self._lot: NDArray[np.int_] = np.where(chance.random((down, across)) < covered, tissue, glass)

    @cached_property
    def fields(self) -> list[Pixels]:
        """First those with tissue."""
        scene = Scene(WIDTH, HEIGHT, SEED, Kind.COLON)
        chance = np.random.default_rng(SEED)
        tissue: list[Pixels] = []
        glass: list[Pixels] = []
        while len(tissue) < TISSUE or len(glass) < GLASS:
            x, y = (int(chance.integers(0, side // FIELD)) * FIELD for side in (WIDTH, HEIGHT))
            found, enough = (glass, GLASS) if scene.is_glass(x, y, FIELD) else (tissue, TISSUE)
            if len(found) < enough:
                found.append(np.ascontiguousarray(scene.render(x, y, FIELD)))
        return tissue + glass

    @cached_property
    def overview(self) -> Pixels:
        small = [halved(halved(halved(field))) for field in self.fields]
        return np.concatenate([np.concatenate([small[number] for number in row], 1) for row in self._lot], 0)

    def tiles(self, pyramid: Sequence[Level], encode: Encode) -> Iterator[tuple[int, int, int, bytes]]:
        """Level, column, row and bytes of all tiles, row by row."""
        for number, level in enumerate(pyramid):
            step = round(level.downsample)
            if step < OVERVIEW:
                yield from self._from_fields(number, level, step, encode)
            else:
                yield from self._from_overview(number, level, step, encode)

    def _from_fields(
        self, number: int, level: Level, step: int, encode: Encode
    ) -> Iterator[tuple[int, int, int, bytes]]:
        side = FIELD // step // TILE
        encoded = []
        for field in self.fields:
            for _ in range(step.bit_length() - 1):
                field = halved(field)
            encoded.append([encode(field[y : y + TILE, x : x + TILE]) for y, x in _corners(side)])
        for row in range(level.rows):
            for column in range(level.columns):
                tiles = encoded[self._lot[row // side, column // side]]
                yield number, column, row, tiles[row % side * side + column % side]

    def _from_overview(
        self, number: int, level: Level, step: int, encode: Encode
    ) -> Iterator[tuple[int, int, int, bytes]]:
        picture = self.overview
        for _ in range((step // OVERVIEW).bit_length() - 1):
            picture = halved(picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2])
        for row in range(level.rows):
            for column in range(level.columns):
                tile = np.full((TILE, TILE, 3), 255, np.uint8)
                part = picture[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                tile[: part.shape[0], : part.shape[1]] = part
                yield number, column, row, encode(tile)

    def write_generic(self, path: Path) -> Path:
        """A pyramidal TIFF in steps of two."""
        return self._write(path, HALVES, Picture(subsampling=(2, 1), mpp=0.25), ycbcr)

    def write_aperio(self, path: Path, *, components: bool = False) -> Path:
        """As an Aperio scanner writes it; ``components``: red, green and blue themselves are stored."""
        description = APERIO.format(
            width=self.width, height=self.height, tile=TILE, colour="RGB" if components else "YCC"
        )
        picture = Picture(rgb=components, subsampling=(2, 1), description=description)
        return self._write(path, QUARTERS, picture, rgb if components else ycbcr)

    def _write(self, path: Path, steps: Sequence[int], picture: Picture, encode: Encode) -> Path:
        pyramid = levels(self.width, self.height, steps)
        with TiffWriter(path, pyramid, picture) as writer:
            for tile in self.tiles(pyramid, encode):
                writer.put(*tile)
        return path

    def write_jpeg2000(self, path: Path) -> Path:
        """An Aperio slide of JPEG 2000 (33005: red, green, blue)."""
        pyramid = levels(self.width, self.height, QUARTERS)
        description = APERIO.format(width=self.width, height=self.height, tile=TILE, colour="RGB")
        tiles = self.tiles(pyramid, jpeg2000)
        with tifffile.TiffWriter(path, bigtiff=True) as writer:
            for number, level in enumerate(pyramid):
                writer.write(
                    (next(tiles)[3] for _ in range(level.columns * level.rows)),
                    shape=(level.height, level.width, 3),
                    dtype=np.uint8,
                    tile=(TILE, TILE),
                    photometric="rgb",
                    compression=33005,
                    description=description.replace("JPEG/RGB", "J2K/KDU"),
                    subfiletype=1 if number else 0,
                    metadata=None,
                    software=False,
                )
        return path

    def write_dicom(self, folder: Path) -> Path:
        """A series of one file for each level, TILED_FULL, baseline JPEG. Returns the finest."""
        folder.mkdir(parents=True)
        pyramid = levels(self.width, self.height, QUARTERS)
        tiles = self.tiles(pyramid, ycbcr)
        same = {
            name: generate_uid(entropy_srcs=[name]) for name in ("study", "series", "frame of reference", "pyramid")
        }
        for number, level in enumerate(pyramid):
            frames = [next(tiles)[3] for _ in range(level.columns * level.rows)]
            _instance(number, level, frames, same).save_as(folder / f"level-{number}.dcm", enforce_file_format=True)
        return folder / "level-0.dcm"


def _corners(side: int) -> Iterator[tuple[int, int]]:
    return ((row * TILE, column * TILE) for row in range(side) for column in range(side))


def _instance(number: int, level: Level, frames: list[bytes], same: Mapping[str, str]) -> Dataset:
    """Source: PS3.3 A.32.8, what a reader of pixels needs of it."""
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    found.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    found.SOPInstanceUID = generate_uid(entropy_srcs=[same["series"], str(number)])
    found.StudyInstanceUID, found.SeriesInstanceUID = same["study"], same["series"]
    found.FrameOfReferenceUID, found.PyramidUID = same["frame of reference"], same["pyramid"]
    found.Modality, found.Manufacturer = "SM", "bench"
    found.ImageType = [
        "ORIGINAL" if number == 0 else "DERIVED",
        "PRIMARY",
        "VOLUME",
        "NONE" if number == 0 else "RESAMPLED",
    ]
    found.TotalPixelMatrixColumns, found.TotalPixelMatrixRows = level.width, level.height
    found.TotalPixelMatrixFocalPlanes = found.NumberOfOpticalPaths = 1
    found.Columns, found.Rows, found.NumberOfFrames = level.tile_width, level.tile_height, len(frames)
    found.DimensionOrganizationType = "TILED_FULL"
    found.SamplesPerPixel, found.PlanarConfiguration, found.PhotometricInterpretation = 3, 0, "YBR_FULL_422"
    found.BitsAllocated = found.BitsStored = 8
    found.HighBit, found.PixelRepresentation = 7, 0
    found.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    measures, shared, path, origin = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [0.00025 * level.downsample] * 2
    measures.SliceThickness = 0.001
    shared.PixelMeasuresSequence = [measures]
    path.OpticalPathIdentifier = "1"
    origin.XOffsetInSlideCoordinateSystem = origin.YOffsetInSlideCoordinateSystem = 0
    found.SharedFunctionalGroupsSequence, found.OpticalPathSequence = [shared], [path]
    found.TotalPixelMatrixOriginSequence = [origin]
    found.PixelData = encapsulate(frames)
    found["PixelData"].is_undefined_length = True
    return found


WRITERS: Final[dict[str, tuple[str, Callable[[BenchSlide, Path], Path]]]] = {
    "generic TIFF": ("generic.tiff", BenchSlide.write_generic),
    "SVS YCbCr": ("aperio.svs", BenchSlide.write_aperio),
    "SVS RGB": ("aperio-rgb.svs", lambda slide, path: slide.write_aperio(path, components=True)),
    "DICOM": ("dicom", BenchSlide.write_dicom),
    "SVS JPEG 2000": ("jpeg2000.svs", BenchSlide.write_jpeg2000),
}


def write_all(folder: Path, slide: BenchSlide, names: Sequence[str] = tuple(WRITERS)) -> dict[str, Path]:
    """Each container by its name; what is there already is not written again."""
    found: dict[str, Path] = {}
    for name in names:
        file, write = WRITERS[name]
        path = folder / file
        found[name] = (path / "level-0.dcm" if name == "DICOM" else path) if path.exists() else write(slide, path)
    return found
