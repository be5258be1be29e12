"""What OpenSlide's example of Deep Zoom does, over several slides: Flask, DeepZoomGenerator, Pillow's JPEG of quality 75.

Runs in the peers' own environment, under gunicorn: ``deep_zoom:create("folder", 254, 1)``."""

import io
from functools import cache
from pathlib import Path

import openslide
from flask import Flask, Response
from openslide.deepzoom import DeepZoomGenerator


def create(folder: str, tile_size: int, overlap: int) -> Flask:
    """Serve the slides of ``folder`` as /{name}/{level}/{column}_{row}.jpeg. The example's defaults are 254 and 1."""
    app = Flask("deep_zoom")

    @cache
    def source(name: str) -> DeepZoomGenerator:
        slide = openslide.OpenSlide(Path(folder) / name)
        return DeepZoomGenerator(slide, tile_size=tile_size, overlap=overlap, limit_bounds=True)

    def tile(name: str, level: int, column: int, row: int) -> Response:
        picture = io.BytesIO()
        source(name).get_tile(level, (column, row)).save(picture, "jpeg", quality=75)
        return Response(picture.getvalue(), mimetype="image/jpeg")

    app.add_url_rule("/<path:name>/<int:level>/<int:column>_<int:row>.jpeg", view_func=tile)
    return app
