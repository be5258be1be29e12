"""Tiles of large_image, without the rest of Girder: ``girder_tiles:create("tiff", "slide.tiff")`` under gunicorn."""

import importlib
from typing import Any

from flask import Flask, Response


def create(kind: str, path: str) -> Flask:
    """``kind``: which of large_image's sources opens ``path``. Level 0 is the coarsest."""
    app = Flask("girder_tiles")
    source: Any = importlib.import_module(f"large_image_source_{kind}").open(path)

    def tile(level: int, column: int, row: int) -> Response:
        return Response(source.getTile(column, row, level), mimetype="image/jpeg")

    app.add_url_rule("/<int:level>/<int:column>_<int:row>.jpeg", view_func=tile)
    return app
