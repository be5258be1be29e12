"""/about: what telepath is for, what it is not, its version, its licence and those it stands on, how it treats data."""

import json
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from web.pages import render
from web.rendering import STATIC

DISTRIBUTION: Final = "telepath-server"
SHIPPED: Final = (
    ("OpenSeadragon", "BSD-3-Clause", "openseadragon"),
    ("htmx", "0BSD", "htmx.org"),
    ("Pico CSS", "MIT", "@picocss/pico"),
    ("Fluent", "Apache-2.0", "@fluent/bundle"),
)
"""The browser's libraries: (name, licence, its package); web/client/build.mjs writes the versions that it built in."""
OPENSLIDE: Final = ("OpenSlide", "LGPL-2.1-only", "openslide-bin")
"""The library under openslide-python, and the distribution that brings it. From elsewhere its version stays unsaid."""


class Component(msgspec.Struct, frozen=True):
    name: str
    version: str
    licence: str


async def about(request: Request) -> Response:
    return render(request, "about.html", version=version(), components=components())


@cache
def version() -> str:
    """Of the installed distribution; empty when the code runs without being installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return ""


@cache
def components() -> tuple[Component, ...]:
    """What the distribution asks for and finds here, by name, then what is shipped inside."""
    found = []
    for wanted in _requirements():
        try:
            about_it = metadata.metadata(wanted)
        except metadata.PackageNotFoundError:
            continue
        found.append(Component(about_it["Name"], about_it["Version"], _licence(about_it)))
    found += shipped(STATIC)
    return tuple(sorted(found, key=lambda component: component.name.lower()))


def shipped(static: Path) -> list[Component]:
    """What is inside without being a Python distribution that we ask for. ``static``: the built client."""
    try:
        versions = json.loads((static / "versions.json").read_text())
    except OSError:
        versions = {}
    name, licence, distribution = OPENSLIDE
    library = [one.version for one in metadata.distributions(name=distribution)][:1]
    return [
        Component(name, "".join(library), licence),
        *(Component(name, versions.get(package, ""), licence) for name, licence, package in SHIPPED),
    ]


def _requirements() -> list[str]:
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []
    plain = (line for line in lines if "extra ==" not in line)
    return ["".join(_name(line)) for line in plain]


def _name(requirement: str) -> list[str]:
    letters = []
    for letter in requirement:
        if not (letter.isalnum() or letter in "-_."):
            break
        letters.append(letter)
    return letters


def _licence(about_it: metadata.PackageMetadata) -> str:
    expression = _first(about_it, "License-Expression")
    if not expression:
        classified = [line for line in about_it.get_all("Classifier") or [] if line.startswith("License ::")]
        expression = ", ".join(line.rpartition(" :: ")[2] for line in classified)
    # Some put the whole text there; its first line is the name.
    return expression or _first(about_it, "License").strip().partition("\n")[0][:60]


def _first(about_it: metadata.PackageMetadata, field: str) -> str:
    values: list[str] = about_it.get_all(field) or [""]
    return values[0]


routes: list[BaseRoute] = [Route("/about", about)]
