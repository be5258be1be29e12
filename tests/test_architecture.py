"""The import rules hold in the tree as it is, and each kind of violation, planted in a copy, is caught."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("telepath", "realtime", "consults", "auth", "web")
PURE = re.compile(r"\bPure[.:]")
PURE_STANDARD_LIBRARY = frozenset(
    {"__future__", "abc", "base64", "binascii", "bisect", "calendar", "collections", "contextlib", "dataclasses"}
    | {"datetime", "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "html"}
    | {
        "ipaddress",
        "itertools",
        "json",
        "math",
        "numbers",
        "operator",
        "re",
        "statistics",
        "string",
        "struct",
        "textwrap",
    }
    | {"types", "typing", "unicodedata", "zlib", "zoneinfo"}
)
CLOCKS = frozenset({"now", "utcnow", "today"})


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield dotted, ast.parse(path.read_text(), filename=dotted)


def pure_modules() -> dict[str, ast.Module]:
    return {name: tree for name, tree in modules() if PURE.search(ast.get_docstring(tree) or "")}


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def names_of(contract: str, option: str) -> set[str]:
    return set(contracts()[f"importlinter:contract:{contract}"][option].split())


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
    return subprocess.run(
        [sys.executable, "-c", command, "--config", ".importlinter", "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={"COLUMNS": "200", "PYTHONPATH": str(folder)},
    )


def test_the_tree_keeps_its_import_rules() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_that_calls_itself_pure_is_held_to_it() -> None:
    marked, listed = set(pure_modules()), names_of("pure", "source_modules")
    assert marked == listed, f".importlinter [pure]: add {sorted(marked - listed)}, remove {sorted(listed - marked)}"


def test_pure_modules_import_only_the_pure_standard_library_msgspec_and_each_other() -> None:
    pure = pure_modules()
    allowed = PURE_STANDARD_LIBRARY | {"msgspec"}
    wrong = []
    for name, tree in pure.items():
        for imported in sorted(_imports(tree)):
            inside = imported.split(".")[0] in PACKAGES
            known = any(imported == other or imported.startswith(f"{other}.") for other in pure)
            if known if inside else imported.split(".")[0] in allowed:
                continue
            wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_pure_modules_read_no_clock_and_open_no_file() -> None:
    wrong = [
        f"{name}:{node.lineno} calls {ast.unparse(node.func)}"
        for name, tree in pure_modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS)
            or (isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"})
        )
    ]
    assert wrong == []


def test_no_module_of_tests_is_imported_by_another() -> None:
    """What several of them use stands in a module of tests/ that holds none."""
    wrong = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "tests":
                parts = [*str(node.module).split("."), *(alias.name for alias in node.names)]
                wrong += [f"{path.relative_to(ROOT)}: {part}" for part in parts if part.startswith("test_")]
    assert wrong == []


def test_every_package_of_the_wheel_is_under_the_rules() -> None:
    listed = contracts()["importlinter"]["root_packages"].split()
    assert sorted(listed) == sorted(PACKAGES)


VIOLATIONS = {
    "a pure module that imports asyncio": (
        "telepath/ids.py",
        "import asyncio",
        "pure modules touch no clock, no chance, no network, no disk",
        "telepath.ids -> asyncio",
    ),
    "a pure module that reaches the database through another": (
        "telepath/geometry.py",
        "import telepath.db.database",
        "pure modules touch no clock, no chance, no network, no disk",
        "telepath.geometry -> telepath.db.database",
    ),
    "the ground that imports the roof": (
        "telepath/errors.py",
        "import web.settings",
        "web is the roof, telepath the ground, and the three between are strangers",
        "telepath.errors -> web.settings",
    ),
    "a stranger that imports another": (
        "consults/__init__.py",
        "import realtime",
        "web is the roof, telepath the ground, and the three between are strangers",
        "consults -> realtime",
    ),
    "a low layer that imports a higher one": (
        "telepath/actor.py",
        "import telepath.grants",
        "the ground is laid in layers",
        "telepath.actor -> telepath.grants",
    ),
    "a module of the ground that has no layer": (
        "telepath/stray.py",
        '"""Nobody said where this belongs."""',
        "the ground is laid in layers",
        "telepath.stray",
    ),
    "a circle": (
        "telepath/db/schema/columns.py",
        "import telepath.db.database",
        "nothing goes in circles",
        "telepath.db",
    ),
}


ONE_IMPORTER = {
    "openslide": "telepath.slides.decoder",
    "tifffile": "telepath.slides.tiff",
    "pydicom": "telepath.slides.dicom",
    "pylibCZIrw": "telepath.slides.czi_reader",
    "imagecodecs": "telepath.slides.dicom_codecs",
    "pypdfium2": "telepath.slides.pdf_pages",
    "PIL": "telepath.slides.pictures",
    "zxingcpp": "telepath.slides.barcodes",
    "redis": "realtime.bus_link",
    "authlib": "auth.identity_oidc",
    "boto3": "telepath.s3_client",
    "botocore": "telepath.s3_client",
    "uvicorn": "web.server",
}
PLACES = {"web/settings.py": "web.settings", "realtime/__init__.py": "realtime", "auth/actions.py": "auth.actions"}
VIOLATIONS |= {
    f"a second module that imports {library}, {place}": (
        place,
        f"import {library}",
        f"only {owner} imports {library}",
        f"{module} -> {library}",
    )
    for library, owner in ONE_IMPORTER.items()
    for place, module in PLACES.items()
}
VIOLATIONS |= {
    "a part of a library that only one module may import": (
        "telepath/grants.py",
        "from redis.asyncio import client",
        "only realtime.bus_link imports redis",
        "telepath.grants -> redis",
    ),
    "a module that imports aiortc": (
        "realtime/hub.py",
        "import aiortc",
        "nothing imports aiortc yet",
        "realtime.hub -> aiortc",
    ),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says about a copy of the tree in which every kind of violation was planted."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / ".importlinter", folder)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    for place, line, _, _ in VIOLATIONS.values():
        with (folder / place).open("a") as module:
            module.write(f"\n{line}\n")
    done = lint(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_planted_violation_is_caught_and_named(planted: str, violation: str) -> None:
    _, _, contract, culprit = VIOLATIONS[violation]
    assert f"{contract} BROKEN" in planted
    # A contract's findings stand under its underlined name, up to the next underlined name.
    _, *parts = re.split(r"^(.+)\n-+\n", planted.partition("Broken contracts")[2], flags=re.MULTILINE)
    findings = dict(zip(parts[::2], parts[1::2], strict=True))
    assert culprit in findings[contract]


def test_every_rule_of_one_importer_is_planted_against() -> None:
    ruled = {name.removeprefix("importlinter:contract:one-importer-") for name in contracts() if "one-importer" in name}
    assert ruled == set(ONE_IMPORTER)


def test_no_import_is_excused_but_that_of_the_one_importer() -> None:
    for name in contracts():
        excused = contracts()[name].get("ignore_imports", "").strip()
        library = name.removeprefix("importlinter:contract:one-importer-")
        assert excused == (f"{ONE_IMPORTER[library]} -> {library}" if library in ONE_IMPORTER else ""), name


CLIENT = ROOT / "web" / "client" / "src"
OPENSEADRAGON = re.compile(r"""(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*["'`]openseadragon\b""")


def importers_of_openseadragon(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.ts") if OPENSEADRAGON.search(path.read_text()))


VIEWS = ["slide_tiles.ts", "slide_view.ts", "tile_source.ts"]
"""Moving the slide, what is drawn of it, and what is asked for."""


def test_only_the_modules_of_the_slide_on_the_screen_import_openseadragon() -> None:
    assert importers_of_openseadragon(CLIENT) == VIEWS


@pytest.mark.parametrize(
    "line",
    [
        'import OpenSeadragon from "openseadragon";',
        "import type { Viewer } from 'openseadragon';",
        'import "openseadragon/build/openseadragon/openseadragon.js";',
        'const { default: viewer } = await import("openseadragon");',
    ],
)
def test_another_module_of_the_client_that_imports_it_is_caught(tmp_path: Path, line: str) -> None:
    shutil.copytree(CLIENT, tmp_path / "src")
    with (tmp_path / "src" / "geometry.ts").open("a") as module:
        module.write(f"\n{line}\n")
    assert importers_of_openseadragon(tmp_path / "src") == ["geometry.ts", *VIEWS]


def _imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, "imports are absolute"
            found |= {_imported(node.module, alias.name) for alias in node.names}
    return found


def _imported(package: str, name: str) -> str:
    """``from package import module`` imports the module; of anything else the module that has the name is imported."""
    inner = ROOT.joinpath(*package.split("."))
    is_module = (inner / f"{name}.py").is_file() or (inner / name / "__init__.py").is_file()
    return f"{package}.{name}" if is_module else package
