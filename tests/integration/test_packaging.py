"""What ``pip install .`` gives: a wheel with all that the service needs, and a service that starts from nothing else."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx2
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.builders_slides import write_svs
from tests.login import free_port
from tests.running import process

ROOT = Path(__file__).parents[2]
PACKAGES = ("telepath", "realtime", "consults", "auth", "web")
CLIENT = "web/client/"
STATIC = "web/static/"
RUN = "import sys; from web.cli import main; sys.exit(main())"


def tracked(*folders: str) -> list[str]:
    """The files of the tree that git knows of."""
    done = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a clean copy of the tree, where no client was built before."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    modules = ROOT / CLIENT / "node_modules"
    if modules.exists():  # what `npm ci` would bring once more
        (tree / CLIENT / "node_modules").symlink_to(modules)
    command = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-w", str(out)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel was installed into, and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        str(folder),
        str(wheel),
    ]
    subprocess.run(command, check=True, timeout=120)
    return folder


# The wheel


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_holds_every_file_of_the_packages_the_built_client_and_nothing_else(contents: set[str]) -> None:
    ours = {name for name in contents if not name.startswith(STATIC) and ".dist-info/" not in name}
    assert ours == {name for name in tracked(*PACKAGES) if not name.startswith(CLIENT)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "web/templates/base.html",
        "web/locale/fr/common.ftl",
        "web/locale/en/common.ftl",
        "telepath/db/migrations/env.py",
        "consults/report.typ",
        "auth/simulator/pages/",
    ],
)
def test_what_is_no_code_is_in_the_wheel_too(contents: set[str], name: str) -> None:
    assert any(found.startswith(name) for found in contents)


@pytest.mark.slow
def test_the_built_client_is_whole(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        manifest = json.loads(archive.read(f"{STATIC}manifest.json"))
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    assert set(manifest) >= {
        "app.css",
        "live.js",
        "opening.js",
        "viewer.js",
        "viewer.css",
        "room.js",
        "room.css",
        "check.js",
        "lut_worker.js",
        "display_check.js",
        "favicon.svg",
    }
    for name in manifest.values():
        assert sizes[STATIC + name] > 0
    assert not any(name.endswith((".ts", ".map")) for name in sizes)


@pytest.mark.slow
def test_the_wheel_says_what_it_is(wheel: Path, contents: set[str]) -> None:
    assert re.fullmatch(r"telepath_server-[\d.]+-py3-none-any\.whl", wheel.name)
    (described,) = (name for name in contents if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(described).decode()
        entry = archive.read(described.replace("METADATA", "entry_points.txt")).decode()
    assert "License-Expression: Apache-2.0" in text
    assert any(".dist-info/licenses/LICENSE" in name for name in contents)
    assert "telepath = web.cli:main" in entry


# The service from it


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_service_starts_from_the_wheel_alone_and_serves_its_pages_with_their_style(
    site: Path, tmp_path: Path
) -> None:
    port, provider = free_port(), free_port()
    origin = f"http://localhost:{port}"
    settings = {
        "PYTHONPATH": str(site),
        "TELEPATH_DATA": str(tmp_path / "var"),
        "TELEPATH_PORT": str(port),
        "TELEPATH_ORIGIN": origin,
        "TELEPATH_SIMULATOR_PORT": str(provider),
        "TELEPATH_OIDC_ISSUER": f"http://localhost:{provider}/auth/realms/esante-wallet",
    }
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = f"import os; os.chdir({str(elsewhere)!r}); import web, telepath; "
    where += "print(web.__file__, telepath.__file__, flush=True); "
    slides = [str(write_svs(tmp_path / f"{letter}.svs", width=600, height=400)) for letter in "ABC"]
    log = tmp_path / "log"
    command = [sys.executable, "-P", "-c", where + RUN, "demo", "--slides", *slides]
    with process(command, settings, f"{origin}/health", log), httpx2.Client(base_url=origin, trust_env=False) as client:
        client.headers["Accept"] = "text/html"
        login = client.get("/login")
        assert login.status_code == 200
        linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', login.text)
        assert any(name.endswith(".css") for name in linked)
        for name in linked:
            built = client.get(name)
            assert (built.status_code, bool(built.content)) == (200, True), name
        for page in ("/about", "/check"):
            assert client.get(page).status_code == 200
        assert metadata.version("telepath-server") in client.get("/about").text
        away = client.get("/login/start")
        assert away.status_code == 303
        assert "Inès" in httpx2.get(away.headers["location"], trust_env=False).text
    first = log.read_text().splitlines()[0].split()
    assert all(Path(name).is_relative_to(site) for name in first), first
    assert '"trace"' not in log.read_text()


# What it stands on


def imports() -> Iterator[tuple[str, str]]:
    """(module of ours, top level of what it imports), tests apart."""
    for name in tracked(*PACKAGES):
        if name.endswith(".py"):
            for node in ast.walk(ast.parse((ROOT / name).read_text())):
                if isinstance(node, ast.Import):
                    yield from ((name, alias.name.partition(".")[0]) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield name, node.module.partition(".")[0]


def test_everything_that_is_imported_is_declared() -> None:
    declared = {canonicalize_name(Requirement(line).name) for line in project()["dependencies"]}
    given_by = metadata.packages_distributions()
    missing = {
        f"{module} imports {name}"
        for module, name in imports()
        if name not in PACKAGES
        and name not in sys.stdlib_module_names
        and not declared & {canonicalize_name(one) for one in given_by.get(name, [])}
    }
    assert sorted(missing) == []


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "dev"])]
)
def test_the_lock_pins_everything_that_is_declared_by_its_hash(lock: str, extras: list[str]) -> None:
    entries = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / lock).read_text().strip())
    pinned = {}
    for entry in entries:
        match = re.match(r"([a-zA-Z0-9._-]+)==(\S+)", entry)
        assert match is not None, entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), f"{match[1]} has no hash"
        pinned[canonicalize_name(match[1])] = match[2]
    wanted = project()["dependencies"] + [one for extra in extras for one in project()["optional-dependencies"][extra]]
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not locked: make lock"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}: make lock"


def test_every_package_of_the_client_is_locked_by_its_hash() -> None:
    packages = json.loads((ROOT / CLIENT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []
