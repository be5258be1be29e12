"""The tissue of the generated slide: a mucosa with glands over muscle and connective tissue, or a spindle-cell tumour.

Everything follows from a seed. What is large (outline, layers, direction of fibres) is drawn once on a coarse grid; blocks
are then rendered from it one by one, each alike wherever its neighbours are cut. Lengths in px of 0.25 µm."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from telepath.slides.synthetic_cells import ORIENTATIONS, Cell, Floats, Kit, smooth_noise
from telepath.slides.synthetic_fields import (
    MARGIN,
    STEP,
    TEXTURE,
    chances,
    clamp,
    endless,
    enlarge,
    smooth,
    spline,
    strips,
    unit,
    window,
)
from telepath.slides.synthetic_tubes import Crowd, Tube, crossing, meet, near, near_square, on_outline, ripple, spine

HAEMATOXYLIN: Final = (0.645, 0.705, 0.295)
EOSIN: Final = (0.085, 0.86, 0.46)
SAFFRON: Final = (0.015, 0.36, 0.93)
"""How much each dye takes away of red, green and blue light."""
GLASS: Final = (243.0, 242.0, 244.0)

MUCOSA: Final = 2300
MUSCLE: Final = 300
LINING: Final = 118
EPITHELIUM: Final = 112


class Kind(StrEnum):
    COLON = "colon"
    """Mucosa, in part adenomatous, over muscularis mucosae and submucosa."""
    SPINDLE = "spindle"
    """Fascicles of spindle cells at all angles, with collagen, fat and vessels."""


class _Fields(NamedTuple):
    """On the coarse grid: see Scene."""

    depth: Floats
    along: Floats
    across: Floats
    loose: Floats
    fat: Floats
    dysplasia: Floats
    crowd: Floats
    thickness: Floats


class Scene:
    """A whole slide, before it is looked at closely."""

    def __init__(self, width: int, height: int, seed: int, kind: Kind) -> None:
        self.width, self.height, self.seed, self.kind = width, height, seed, kind
        rng = np.random.default_rng(seed)
        self.kit = Kit(rng)
        self._textures(rng)
        self._outline(rng)
        self.glands = self._place_glands(rng) if kind is Kind.COLON else []
        self.vessels = self._place_vessels(rng)

    def _textures(self, rng: np.random.Generator) -> None:
        square = TEXTURE, TEXTURE
        bundles = smooth_noise(rng, square, 70, 4.5) + 0.8 * smooth_noise(rng, square, 40, 2.0)
        self.collagen = unit(bundles + 0.75 * smooth_noise(rng, square, 110, 13))
        self.bundles = smooth(self.collagen, 0.2, 0.4) * (0.5 + 0.5 * self.collagen)
        self.sinew = unit(smooth_noise(rng, square, 150, 5) + 0.8 * smooth_noise(rng, square, 200, 14))
        self.mesh = endless(unit(smooth_noise(rng, square, 5, 5) + 0.8 * smooth_noise(rng, square, 11, 11)))
        self.open_mesh = smooth(self.mesh, 0.18, 0.5)
        self.grain = endless(smooth_noise(rng, square, 1.6, 1.6))
        self.speck = endless(0.009 * smooth_noise(rng, square, 0.8, 0.8))
        glass = np.exp(-self.speck)[:, :, np.newaxis] * np.array(GLASS, np.float32)
        self.glass = np.clip(glass, 0, 255).astype(np.uint8)
        self.strands = endless(np.clip(self.collagen - 0.45, 0, 1))

    def _outline(self, rng: np.random.Generator) -> None:
        rows, columns = self.height // STEP + 8, self.width // STEP + 8
        shape = rows, columns

        def noise(wavelength: float) -> Floats:
            """Not periodic over the slide: cut from a larger field."""
            sigma = wavelength / STEP / 4
            pad = int(2 * sigma) + 2
            return smooth_noise(rng, (rows + pad, columns + pad), sigma, sigma)[:rows, :columns]

        y, x = (np.mgrid[:rows, :columns].astype(np.float32) - 3.5) * STEP
        scale = min(self.width, self.height)
        wx, wy = x + 0.06 * scale * noise(0.9 * scale), y + 0.06 * scale * noise(0.9 * scale)
        depth: Floats = np.full(shape, -1e9, np.float32)
        for cx, cy, ax, ay, turn in _fragments(self.width, self.height, rng):
            u = (wx - cx) * np.cos(turn) + (wy - cy) * np.sin(turn)
            v = -(wx - cx) * np.sin(turn) + (wy - cy) * np.cos(turn)
            q = np.hypot(u / ax, v / ay)
            depth = np.maximum(depth, np.asarray((1 - q) * min(ax, ay), np.float32))
        lobes = np.abs(noise(0.28 * scale + 2200))
        clefts = np.clip(0.38 - lobes, 0, None) * (2600 if self.kind is Kind.COLON else 500)
        depth = np.asarray(depth - clefts + 130 * noise(1900) + 45 * noise(700), np.float32)
        # near the edge a real distance in px: the surface epithelium is equally thick everywhere
        slope = np.clip(np.hypot(*np.gradient(depth)) / STEP, 0.45, 4)
        inner = np.clip(depth / 900, 0, 1)
        depth = (depth / (slope * (1 - inner) + inner)).astype(np.float32)
        swirl = 900 if self.kind is Kind.COLON else 1500
        turn = rng.uniform(0, np.pi)
        along = x * np.cos(turn) + y * np.sin(turn) + swirl * noise(9000)
        across = -x * np.sin(turn) + y * np.cos(turn) + swirl * noise(7000) + 160 * noise(1500)
        crowd = np.clip(noise(2600) - 1.15, 0, None) * 1.6
        for _ in range(3 + self.width * self.height // 250_000_000):
            cx, cy, size = rng.uniform(0, self.width), rng.uniform(0, self.height), rng.uniform(650, 1050)
            crowd = np.maximum(crowd, 1.5 * np.exp(-((((x - cx) ** 2 + (y - cy) ** 2) / size**2) ** 2)))
        line = noise(0.5 * scale)
        fold = np.exp(-((line / 0.035) ** 2)) * np.clip(noise(0.6 * scale) - 0.55, 0, 1)
        self._fields = _Fields(
            depth=depth,
            along=along.astype(np.float32),
            across=across.astype(np.float32),
            loose=noise(2400),
            fat=noise(4200) + 0.35 * noise(1100),
            dysplasia=smooth(noise(0.3 * scale + 3000), -0.1, 0.5),
            crowd=crowd.astype(np.float32),
            thickness=((1 + 0.07 * noise(5200)) * (1 + 0.85 * fold)).astype(np.float32),
        )
        self._slope: list[Floats] = list(np.gradient(depth))
        self._run: list[Floats] = list(np.gradient(across))

    def _coarse(self, field: NDArray[np.floating], x: float, y: float) -> float:
        return float(field[clamp(y / STEP + 3.5, field.shape[0]), clamp(x / STEP + 3.5, field.shape[1])])

    def depth_at(self, x: float, y: float) -> float:
        """How far inside the tissue, in px; negative outside."""
        return self._coarse(self._fields.depth, x, y)

    def fibre_angle(self, x: float, y: float) -> float:
        """Along the fibres, in radians."""
        return float(np.arctan2(-self._coarse(self._run[1], x, y), self._coarse(self._run[0], x, y)))

    def _place_glands(self, rng: np.random.Generator) -> list[Tube]:
        placed = Crowd()
        for pitch, longest in ((240, 700.0), (150, 260.0), (110, 0.0)):  # the long ones first, then what fits between
            grid = np.stack(np.meshgrid(np.arange(0, self.width, pitch), np.arange(0, self.height, pitch)), -1)
            places = grid.reshape(-1, 2) + rng.uniform(-pitch / 2, pitch / 2, (grid.size // 2, 2))
            rng.shuffle(places)
            for x, y in places.tolist():
                depth = self.depth_at(x, y)
                if 300 < depth < MUCOSA - 120 and self._coarse(self._fields.crowd, x, y) < 0.8:
                    self._place_gland(placed, rng, x, y, longest)
        return placed.tubes

    def _place_gland(self, placed: Crowd, rng: np.random.Generator, x: float, y: float, longest: float) -> None:
        dysplasia = self._coarse(self._fields.dysplasia, x, y)
        inward = np.arctan2(self._coarse(self._slope[0], x, y), self._coarse(self._slope[1], x, y))
        radius = rng.uniform(138, 172) * (1 + 0.35 * dysplasia)
        half_length = max(0.0, rng.uniform(-0.6, 1) * longest)
        angle = inward + rng.normal(0, 0.2)
        tube = Tube(x, y, radius, half_length, angle, EPITHELIUM, int(rng.integers(1 << 30)))
        if all(LINING + radius + 12 < self.depth_at(*end) < MUCOSA - 20 for end in spine(tube)):
            placed.add_if_free(tube, gap=16)

    def _place_vessels(self, rng: np.random.Generator) -> list[Tube]:
        placed = Crowd()
        inner = MUCOSA + MUSCLE + 150 if self.kind is Kind.COLON else 300
        for _ in range(self.width * self.height // 400_000):
            x, y = rng.uniform(0, self.width), rng.uniform(0, self.height)
            depth = self.depth_at(x, y)
            small = rng.random() < 0.75
            if depth < inner and not (self.kind is Kind.COLON and depth > 200 and small):
                continue
            if self.kind is Kind.COLON and depth < inner:
                radius, length, wall = rng.uniform(22, 40), rng.uniform(0, 90), 9.0  # a capillary of the lamina propria
            elif small:
                radius, length, wall = rng.uniform(60, 120), rng.uniform(0, 120), 16.0
            else:
                radius, length, wall = rng.uniform(170, 380), rng.uniform(0, 300), rng.uniform(30, 90)
            tube = Tube(x, y, radius, length, rng.uniform(0, np.pi), wall, int(rng.integers(1 << 30)))
            if not any(meet(tube, gland, 14) for gland in near(self.glands, tube)):
                placed.add_if_free(tube, gap=30)
            if len(placed.tubes) > self.width * self.height // 1_500_000:
                break
        return placed.tubes

    def is_glass(self, x: int, y: int, size: int) -> bool:
        """Whether nothing but glass lies in this square."""
        rows = slice(max(0, int(y / STEP + 1)), int((y + size) / STEP + 7))
        columns = slice(max(0, int(x / STEP + 1)), int((x + size) / STEP + 7))
        return bool(self._fields.depth[rows, columns].max() < -140)

    def render(self, x: int, y: int, size: int) -> NDArray[np.uint8]:
        """sRGB pixels (size, size, 3) of the square whose corner is ``x, y``."""
        u, v = x * 7 + 131 * (y // 997), y * 5 + 89 * (x // 1013)
        if self.is_glass(x, y, size):
            return window(self.glass, u, v, size)
        block = _Block(self, x - MARGIN, y - MARGIN, size + 2 * MARGIN)
        block.draw()
        noise = window(self.speck, u, v, size)
        picture = np.empty((size, size, 3), np.uint8)
        inside = slice(MARGIN, MARGIN + size)
        for rows in strips(size):
            there = slice(rows.start + MARGIN, rows.stop + MARGIN), inside
            dyes = block.haematoxylin[there], block.eosin[there], block.saffron[there]
            for channel in range(3):
                absorbed = dyes[0] * -HAEMATOXYLIN[channel]
                absorbed -= dyes[1] * EOSIN[channel]
                absorbed -= dyes[2] * SAFFRON[channel]
                absorbed -= noise[rows]
                light = np.exp(absorbed, absorbed)
                light *= GLASS[channel]
                picture[rows, :, channel] = np.clip(light, 0, 255, light)
        return picture


class _Piece(NamedTuple):
    """Rows and columns of a block that a tube touches, and for each px there: the distance from the tube's outline inwards,
    the angle around it, and how far the outline stands from the middle."""

    there: tuple[slice, slice]
    inward: Floats
    theta: Floats
    outline: Floats


class _Block:
    """One square while it is drawn: three pictures of dye, and what each px belongs to."""

    STROMA, GLAND, LUMEN, BLOOD, WALL, FAT = range(6)

    def __init__(self, scene: Scene, x: int, y: int, size: int) -> None:
        self.scene, self.x, self.y, self.size = scene, x, y, size
        self.kit = scene.kit
        rows, down = spline(y, size, scene._fields.depth.shape[0])
        columns, across = spline(x, size, scene._fields.depth.shape[1])
        fields = (np.asarray(down @ field[rows, columns] @ across.T, np.float32) for field in scene._fields)
        self.fields = _Fields(*fields)
        self.part = np.full((size, size), self.STROMA, np.uint8)
        self.haematoxylin, self.eosin, self.saffron, self.propria, self.fibrous, self.muscle = np.zeros(
            (6, size, size), np.float32
        )

    def draw(self) -> None:
        colon = self.scene.kind is Kind.COLON
        for rows in strips(self.size):
            self._draw_ground(rows)
        self._draw_fat()
        if colon:
            for rows in strips(self.size):
                self._draw_lining(rows)
        for tube in near_square(self.scene.vessels, self.x, self.y, self.size):
            self._draw_vessel(tube)
        nuclei: list[tuple[Cell, int, int]] = []
        for tube in near_square(self.scene.glands, self.x, self.y, self.size):
            nuclei += self._draw_gland(tube)
        for cell, cx, cy in nuclei:
            cell.stamp(self.haematoxylin, self.eosin, self.saffron, cx, cy)
        self._scatter(colon=colon)
        self._scatter_blood()
        mesh = window(self.scene.mesh, self.x, self.y, self.size)
        for rows in strips(self.size):
            edge = self.fields.depth[rows] + 16 * mesh[rows]
            cover = self.fields.thickness[rows] * smooth(edge, -1, 17)
            for dye in (self.haematoxylin, self.eosin, self.saffron):
                dye[rows] *= cover

    def _along_fibres(self, rows: slice) -> NDArray[np.int32]:
        """Where each px lies in a texture that is laid along the direction of the fibres."""
        along = self.fields.along[rows]
        crimp = 7 * np.sin(along * np.float32(2 * np.pi / 130) + self.fields.loose[rows] * 4)
        place = (self.fields.across[rows] + crimp).astype(np.int32)
        place &= TEXTURE - 1
        place *= TEXTURE
        place += along.astype(np.int32) & (TEXTURE - 1)
        return np.asarray(place, np.int32)

    def _draw_ground(self, rows: slice) -> None:
        """The stroma: what each layer is made of between its cells."""
        scene, depth, loose = self.scene, self.fields.depth[rows], self.fields.loose[rows]
        haematoxylin, eosin, saffron = self.haematoxylin[rows], self.eosin[rows], self.saffron[rows]
        fibres = self._along_fibres(rows)
        haematoxylin += np.float32(0.028)
        colon = scene.kind is Kind.COLON
        if colon:
            wavy = depth + 60 * loose
            beyond = smooth(wavy, MUCOSA - 40, MUCOSA + 40)
            deep = smooth(wavy, MUCOSA + MUSCLE - 40, MUCOSA + MUSCLE + 40)
            muscle = beyond - deep
            propria = 1 - beyond
        else:
            deep = smooth(loose, 0.5, 0.9)  # bands of collagen between the fascicles
            muscle, propria = 1 - deep, np.zeros_like(deep)
        if propria.max() > 0:
            collagen = scene.collagen.ravel()[fibres]
            mesh = window(scene.mesh, self.x, self.y, self.size)[rows]
            open_mesh = window(scene.open_mesh, self.x, self.y, self.size)[rows] * propria
            eosin += 0.14 * propria + open_mesh * (0.187 + 0.153 * collagen)
            saffron += 0.04 * open_mesh
            haematoxylin += propria * (0.05 + 0.035 * mesh)
        if deep.max() > 0:
            bundle = scene.bundles.ravel()[fibres]
            eosin += deep * (0.04 + 0.42 * bundle)
            saffron += deep * (0.01 + 0.15 * bundle)
        if muscle.max() > 0:
            sinew = scene.sinew.ravel()[fibres]
            eosin += muscle * (0.3 + 0.5 * sinew if colon else 0.2 + 0.42 * sinew)
            haematoxylin += muscle * (0.03 if colon else 0.03 + 0.06 * sinew)
        eosin *= 1 + 0.06 * window(scene.grain, self.x, self.y, self.size)[rows]
        self.fibrous[rows], self.propria[rows], self.muscle[rows] = deep, propria, muscle

    def _draw_fat(self) -> None:
        level = 0.75 if self.scene.kind is Kind.COLON else 1.25
        fat = self.fields.fat
        if self.scene.kind is Kind.COLON:
            fat = fat + np.clip(self.fields.depth - (MUCOSA + MUSCLE + 500), -900, 0) / np.float32(300)
        bulge = 0.25  # a cell is whole where the field is a little short of it
        if fat.max() < level - bulge:
            return
        quarter = self.size // 4 + 2
        nearest, second = self._cells_of_fat(quarter)
        between = second - nearest
        for rows in strips(self.size):
            wall = enlarge(between, rows, self.size)
            here = smooth(fat[rows] + np.minimum(np.float32(0.05 / 30) * (wall - 30), bulge), level, level + 0.04)
            wall /= 7
            membrane = np.exp(-(wall * wall))
            for dye, inside, line in (
                (self.eosin[rows], 0.012, 0.34),
                (self.saffron[rows], 0.01, 0.12),
                (self.haematoxylin[rows], 0.008, 0.05),
            ):
                dye += here * (inside + line * membrane - dye)
            self.part[rows][here > 0.5] = self.FAT

    def _cells_of_fat(self, quarter: int) -> tuple[Floats, Floats]:
        """Distances, at every fourth px, to the nearest and the second nearest centre of a fat cell."""
        pitch = 290
        y, x = np.mgrid[:quarter, :quarter].astype(np.float32) * 4
        nearest, second = np.full((2, quarter, quarter), 1e6, np.float32)
        for row in range((self.y - 2 * pitch) // pitch, (self.y + self.size) // pitch + 3):
            for column in range((self.x - 2 * pitch) // pitch, (self.x + self.size) // pitch + 3):
                jx, jy, _, _ = chances(np.array([column]), np.array([row]), self.scene.seed + 71)
                cx = (column + 0.5 + 0.85 * (jx[0] - 0.5)) * pitch - self.x
                cy = (row + 0.5 + 0.85 * (jy[0] - 0.5)) * pitch - self.y
                distance = np.hypot(x - cx, y - cy)
                np.minimum(second, np.maximum(nearest, distance), out=second)
                np.minimum(nearest, distance, out=nearest)
        return nearest, second

    def _draw_lining(self, rows: slice) -> None:
        """The epithelium at the surface of the mucosa."""
        depth = self.fields.depth[rows] + 10 * self.fields.loose[rows]
        if depth.min() > LINING + 30 or depth.max() < -12:
            return
        band = smooth(depth, -12, -4) * (1 - smooth(depth, LINING - 8, LINING + 4))
        grain = window(self.scene.grain, self.x, self.y, self.size)[rows]
        haematoxylin, eosin, saffron = self.haematoxylin[rows], self.eosin[rows], self.saffron[rows]
        eosin += band * (0.5 + 0.05 * grain + 0.12 * smooth(-depth, -14, 0) - eosin)
        haematoxylin += band * (0.13 + 0.02 * grain - haematoxylin)
        saffron -= band * saffron
        eosin += 0.25 * np.exp(-(((depth - LINING - 4) / 7) ** 2)) * (1 - band)
        self.part[rows][band > 0.4] = self.GLAND

    def _pieces(self, tube: Tube) -> Iterator[_Piece]:
        """The part of the block that a tube touches, strip by strip."""
        reach = 1.16 * tube.radius + 30
        cos, sin = np.float32(np.cos(tube.angle)), np.float32(np.sin(tube.angle))
        high = reach + tube.half_length * abs(float(sin))
        top, bottom = max(0, int(tube.y - high - self.y)), min(self.size, int(tube.y + high - self.y))
        for rows in strips(bottom, top):
            left, right = crossing(tube, rows.start + self.y - reach, rows.stop + self.y + reach)
            x0, x1 = max(0, int(left - reach - self.x)), min(self.size, int(right + reach - self.x))
            if x0 >= x1:
                continue
            x = np.arange(x0, x1, dtype=np.float32) + np.float32(self.x - tube.x)
            y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, np.newaxis] + np.float32(self.y - tube.y)
            u, v = x * cos + y * sin, y * cos - x * sin
            u -= np.clip(u, -tube.half_length, tube.half_length)
            theta = np.arctan2(v, u)
            outline = tube.radius * ripple(tube, theta)
            yield _Piece((rows, slice(x0, x1)), outline - np.hypot(u, v), theta, outline)

    def _draw_vessel(self, tube: Tube) -> None:
        for piece in self._pieces(tube):
            self._draw_wall(tube, piece)
        if tube.radius < 50:
            return
        rng = np.random.default_rng(tube.seed)
        for cell, x, y in self._around(tube, rng, self.kit.fibroblast, inset=tube.wall - 4, spacing=70, turn=np.pi / 2):
            cell.stamp(self.haematoxylin, self.eosin, self.saffron, x, y)

    def _draw_wall(self, tube: Tube, piece: _Piece) -> None:
        there, inward, theta, _ = piece
        inside, lumen = smooth(inward, -3, 3), smooth(inward, tube.wall - 3, tube.wall + 3)
        wall = inside - lumen
        layers = 0.5 + 0.5 * np.sin(inward * 0.55 + 3 * np.sin(theta * 7 + tube.seed))
        self.eosin[there] += wall * (0.42 + 0.22 * layers - self.eosin[there])
        self.saffron[there] += wall * (0.08 - self.saffron[there])
        self.haematoxylin[there] += wall * (0.06 - self.haematoxylin[there])
        for dye in (self.eosin, self.saffron, self.haematoxylin):
            dye[there] *= 1 - 0.96 * lumen
        part = self.part[there]
        part[wall > 0.5] = self.WALL
        part[lumen > 0.5] = self.BLOOD

    def _draw_gland(self, tube: Tube) -> list[tuple[Cell, int, int]]:
        """The gland without its cells; returns them, to be stamped once all glands lie there."""
        dysplasia = min(1.0, max(0.0, self.scene._coarse(self.scene._fields.dysplasia, tube.x, tube.y)))
        thick = tube.wall * (0.86 + 0.22 * dysplasia)
        for piece in self._pieces(tube):
            self._draw_epithelium(tube, piece, thick, dysplasia)
        return self._epithelial_cells(tube, thick, dysplasia)

    def _draw_epithelium(self, tube: Tube, piece: _Piece, thick: float, dysplasia: float) -> None:
        """Cytoplasm, mucus and lumen, and the sheath around them."""
        there, inward, theta, outline = piece
        grain = window(self.scene.grain, self.x, self.y, self.size)[there]
        brush = 5 * np.sin(theta * outline / 9) + 4 * grain
        inside = smooth(inward, -2.5, 2.5)
        lumen = smooth(inward + brush, thick - 4, thick + 5)
        borders = 0.5 + 0.5 * np.cos(theta * round(2 * np.pi * tube.radius / 30))
        apical = smooth(inward, 0.35 * thick, 0.8 * thick)
        eosin = 0.44 + 0.05 * grain + 0.05 * borders * borders * borders * borders + 0.1 * (1 - apical)
        haematoxylin = 0.1 + 0.14 * dysplasia + 0.02 * grain
        for dye, amount in ((self.eosin, eosin), (self.haematoxylin, haematoxylin), (self.saffron, 0.0)):
            dye[there] += inside * (amount - dye[there])
        mucus = window(self.scene.strands, self.x + tube.seed % 997, self.y, self.size)[there]
        self.eosin[there] += lumen * (0.015 + 0.09 * mucus - self.eosin[there])
        self.haematoxylin[there] += lumen * (0.02 + 0.12 * mucus - self.haematoxylin[there])
        sheath = np.exp(-(((inward + 5) / 4.5) ** 2)) * (1 - inside)
        self.eosin[there] += 0.3 * sheath
        self.saffron[there] += 0.12 * sheath
        cleft = np.exp(-(((inward + 15) / 6) ** 2)) * smooth(np.sin(theta * 2 + tube.seed), 0.2, 0.9)
        for dye in (self.eosin, self.saffron, self.haematoxylin):
            dye[there] *= 1 - 0.8 * cleft
        part = self.part[there]
        part[inward > -9] = self.GLAND
        part[lumen > 0.5] = self.LUMEN

    def _epithelial_cells(self, tube: Tube, thick: float, dysplasia: float) -> list[tuple[Cell, int, int]]:
        rng = np.random.default_rng(tube.seed)
        cells: list[tuple[Cell, int, int]] = []
        mucous = 0.85 * (1 - dysplasia) + 0.05
        cells += self._around(
            tube, rng, self.kit.goblet, inset=0.6 * thick, spacing=46, chance=mucous, turn=0.0, jitter=6
        )
        if dysplasia < 0.5:
            cells += self._around(tube, rng, self.kit.epithelial, inset=25, spacing=29, turn=0.0, jitter=5)
        else:
            for inset in (26, 46, 64):
                cells += self._around(
                    tube, rng, self.kit.adenomatous, inset=inset, spacing=31, chance=0.8, turn=0.0, jitter=9
                )
            cells += self._around(tube, rng, self.kit.mitosis, inset=0.66 * thick, spacing=260, chance=0.22, turn=0.0)
            cells += self._around(tube, rng, self.kit.apoptotic, inset=40, spacing=400, chance=0.2, turn=0.0)
        return cells

    def _around(
        self,
        tube: Tube,
        rng: np.random.Generator,
        kind: list[list[Cell]],
        *,
        inset: float,
        spacing: float,
        turn: float,
        chance: float = 1.0,
        jitter: float = 3.0,
    ) -> list[tuple[Cell, int, int]]:
        """Cells along the outline of a tube, ``inset`` px inside, turned by ``turn`` from the direction inwards."""
        arc = 2 * np.pi * tube.radius
        whole = arc + 4 * tube.half_length
        count = max(4, int(whole / spacing))
        start = rng.uniform(0, 1)
        found = []
        for place in (np.arange(count) + start) / count * whole:
            near, far, skip, variant = rng.normal(0, jitter), rng.normal(0, 2.5), rng.random(), rng.random()
            lean = rng.normal(0, 0.14)
            if skip > chance:
                continue
            u, v, theta = on_outline(tube, float(place))
            r = tube.radius * float(ripple(tube, np.asarray(theta, np.float32))) - inset + near
            u, v = u + r * np.cos(theta) - far * np.sin(theta), v + r * np.sin(theta) + far * np.cos(theta)
            cos, sin = np.cos(tube.angle), np.sin(tube.angle)
            cx, cy = round(tube.x + u * cos - v * sin - self.x), round(tube.y + u * sin + v * cos - self.y)
            if -60 <= cx < self.size + 60 and -60 <= cy < self.size + 60:
                found.append((_pick(kind, theta + tube.angle + turn + lean, variant), cx, cy))
        return found

    def _scatter(self, *, colon: bool) -> None:
        """The cells between the glands, and those of the surface."""
        pitch = 29
        columns = np.arange((self.x - 30) // pitch, (self.x + self.size + 30) // pitch + 1)
        rows = np.arange((self.y - 30) // pitch, (self.y + self.size + 30) // pitch + 1)
        column, row = (axis.ravel() for axis in np.meshgrid(columns, rows))
        jx, jy, luck, kind = chances(column, row, self.scene.seed)
        x = ((column + 0.5 + 0.8 * (jx - 0.5)) * pitch - self.x).astype(int)
        y = ((row + 0.5 + 0.8 * (jy - 0.5)) * pitch - self.y).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < self.size) & (y < self.size)
        x, y, luck, kind = x[inside], y[inside], luck[inside], kind[inside]
        part, depth = self.part[y, x], self.fields.depth[y, x]
        free = (part == self.STROMA) & (depth > 12)
        crowd = np.clip(self.fields.crowd[y, x], 0, 1)
        propria, deep, muscle = self.propria[y, x], self.fibrous[y, x], self.muscle[y, x]
        wanted = 0.5 * propria + 0.045 * deep + (0.085 if colon else 0.62) * muscle
        wanted = np.maximum(wanted, 0.94 * crowd if colon else 0.0)
        for at in np.flatnonzero(free & (luck < wanted)):
            cell = self._stromal(int(x[at]), int(y[at]), float(kind[at]), float(crowd[at]), float(propria[at]), colon)
            cell.stamp(self.haematoxylin, self.eosin, self.saffron, int(x[at]), int(y[at]))
        if colon:
            self._line_surface(x, y, luck, kind)

    def _stromal(self, x: int, y: int, kind: float, crowd: float, propria: float, colon: bool) -> Cell:
        kit, variant = self.kit, (kind * 977) % 1
        angle = self.scene.fibre_angle(x + self.x, y + self.y)
        if colon and crowd > 0.35:
            if crowd > 0.93 and kind < 0.75:  # the pale centre of a follicle
                if kind < 0.02:
                    return _pick(kit.mitosis, kind * 99, variant)
                return _pick(kit.centrocyte, kind * 99, variant)
            return _pick(kit.lymphocyte, kind * 99, variant)
        if propria > 0.5:
            if kind < 0.36:
                return _pick(kit.plasma, kind * 99, variant)
            if kind < 0.66:
                return _pick(kit.lymphocyte, kind * 99, variant)
            if kind < 0.72:
                return _pick(kit.eosinophil, kind * 99, variant)
            return _pick(kit.fibroblast, angle + (kind - 0.86) * 3, variant)
        if not colon and self.muscle[y, x] > 0.5:
            if kind < 0.012:
                return _pick(kit.mitosis, kind * 999, variant)
            return _pick(kit.spindle, angle + (kind - 0.5) * 0.5, variant)
        if kind < 0.08:
            return _pick(kit.lymphocyte, kind * 99, variant)
        calm = kit.muscle if self.muscle[y, x] > 0.5 else kit.fibroblast
        return _pick(calm, angle + (kind - 0.5) * 0.35, variant)

    def _line_surface(self, x: NDArray[np.intp], y: NDArray[np.intp], luck: Floats, kind: Floats) -> None:
        """One row of nuclei near the base, a goblet cell here and there; in an adenoma they crowd."""
        depth = self.fields.depth[y, x] + 10 * self.fields.loose[y, x]
        down, across = self.scene._slope[0], self.scene._slope[1]
        for at in np.flatnonzero((depth > 8) & (depth < LINING + 4)):
            cx, cy = int(x[at]) + self.x, int(y[at]) + self.y
            inward = np.arctan2(self.scene._coarse(down, cx, cy), self.scene._coarse(across, cx, cy))
            variant, chance = float(kind[at] * 977 % 1), float(luck[at])
            crowded = self.fields.dysplasia[y[at], x[at]] > 0.5
            if depth[at] < 52:
                if crowded or chance > 0.3:
                    continue
                cells, place = self.kit.goblet, 40.0
            elif crowded:
                cells, place = self.kit.adenomatous, 62 + 36 * variant
            elif chance < 0.62:
                cells, place = self.kit.epithelial, 84 + 9 * variant
            else:
                continue
            step = place - float(depth[at])  # onto the row
            cx, cy = round(x[at] + step * np.cos(inward)), round(y[at] + step * np.sin(inward))
            lean = (float(kind[at]) - 0.5) * 0.25
            _pick(cells, inward + lean, variant).stamp(self.haematoxylin, self.eosin, self.saffron, cx, cy)

    def _scatter_blood(self) -> None:
        if not (self.part == self.BLOOD).any():
            return
        pitch = 25
        columns = np.arange((self.x - 30) // pitch, (self.x + self.size + 30) // pitch + 1)
        rows = np.arange((self.y - 30) // pitch, (self.y + self.size + 30) // pitch + 1)
        column, row = (axis.ravel() for axis in np.meshgrid(columns, rows))
        jx, jy, luck, kind = chances(column, row, self.scene.seed + 5)
        x = ((column + jx) * pitch - self.x).astype(int)
        y = ((row + jy) * pitch - self.y).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < self.size) & (y < self.size)
        for cx, cy, chance, one in zip(x[inside], y[inside], luck[inside], kind[inside], strict=True):
            if self.part[cy, cx] != self.BLOOD or chance > 0.75:
                continue
            if one < 0.012:
                cell = _pick(self.kit.lymphocyte, one * 999, chance)
            else:
                cell = _pick(self.kit.red, one * 9, chance)
            cell.stamp(self.haematoxylin, self.eosin, self.saffron, int(cx), int(cy))


def _pick(kind: list[list[Cell]], angle: float, variant: float) -> Cell:
    turned = kind[round(angle / np.pi * ORIENTATIONS) % ORIENTATIONS]
    return turned[int(variant * len(turned)) % len(turned)]


def _fragments(width: int, height: int, rng: np.random.Generator) -> list[tuple[float, float, float, float, float]]:
    """Centre, half axes and angle of the pieces of tissue on the glass."""
    lean = rng.uniform(-0.25, 0.25)
    if width < 20_000:
        return [(0.47 * width, 0.5 * height, 0.39 * width, 0.37 * height, lean)]
    return [
        (0.36 * width, 0.5 * height, 0.19 * width, 0.28 * height, lean),
        (0.76 * width, 0.29 * height, 0.115 * width, 0.12 * height, lean + 0.6),
        (0.75 * width, 0.71 * height, 0.12 * width, 0.12 * height, lean - 0.5),
    ]
