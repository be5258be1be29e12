"""What is written about the product is true and complete, and says nothing about the machine it was written on."""

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from telepath.errors import Invalid
from web import cli
from web.app import ROUTES
from web.settings import PREFIX, Settings, read

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "deploy" / "telepath.env.example"
WITHOUT_README = (
    "auth/simulator/pages",
    "web/locale/*",
    "web/templates/*",
    "web/client/*",
    "tests/unit*",
    "tests/contract",
    "tests/integration*",
    "*/versions",
    ".ci",
)
"""Folders that the README of the folder above describes."""
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".ts",
    ".css",
    ".html",
    ".ftl",
    ".json",
    ".sh",
    ".conf",
    ".yaml",
    ".yml",
    ".service",
    ".timer",
}
TEXT |= {".example", ".lock", ".typ", ".mako", ".mjs", ".svg", ".txt", ""}
UNWANTED = {
    "a home folder": re.compile(r"(?<![\w.])/(?:home|Users|root)/[\w.]+"),
    "a temporary folder": re.compile(r"(?<![\w.}])/(?:var/)?tmp/[\w.-]+"),
    "a registry or mirror of somebody's network": re.compile(
        r"https?://[\w.-]*(?:artifactory|nexus|mirror|registry|proxy|pypi|devpi)[\w.-]*\.(?:internal|local|corp|lan|intra)\b"
    ),
    "an address inside a network": re.compile(r"https?://(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+"),
}


def files() -> Iterator[Path]:
    """Everything that would be committed: the tree without what .gitignore names."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            inside = path.relative_to(ROOT).as_posix()
            if any(fnmatch(path.name, pattern) or fnmatch(inside, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path

    yield from walk(ROOT)


def test_every_setting_is_in_the_example_in_order_with_a_comment() -> None:
    lines = EXAMPLE.read_text().splitlines()
    named = [(number, re.match(rf"#?{PREFIX}(\w+)=", line)) for number, line in enumerate(lines)]
    found = [(number, match[1].lower()) for number, match in named if match]
    assert [name for _, name in found] == list(Settings.__struct_fields__)
    for number, name in found:
        # A comment right above; HOST and PORT share theirs.
        above = next(line for line in reversed(lines[:number]) if not re.match(rf"{PREFIX}\w+=", line))
        assert above.startswith("# "), name


def test_the_example_is_that_of_a_real_service_once_its_blanks_are_filled() -> None:
    values = dict(line.split("=", 1) for line in EXAMPLE.read_text().splitlines() if line.startswith(PREFIX))
    with pytest.raises(Invalid, match="key-missing"):
        read(values)
    keys = values | {f"{PREFIX}SECRET_KEY": "1" * 64, f"{PREFIX}AUDIT_KEY": "2" * 64, f"{PREFIX}VAULT_KEY": "3" * 64}
    with pytest.raises(Invalid, match="secret-missing"):
        read(keys)
    assert read(keys | {f"{PREFIX}OIDC_CLIENT_SECRET": "of the real provider"}).production


def test_the_values_that_the_example_shows_as_defaults_are_the_defaults() -> None:
    shown = dict(line[1:].split("=", 1) for line in EXAMPLE.read_text().splitlines() if line.startswith(f"#{PREFIX}"))
    settings = read({name: value for name, value in shown.items() if not value.startswith("file:")})
    assert settings == Settings()


def test_every_folder_says_what_it_is() -> None:
    folders = {path.parent for path in files()} - {ROOT}
    names = {folder.relative_to(ROOT).as_posix(): folder for folder in folders}
    silent = [
        name
        for name, folder in sorted(names.items())
        if not any(fnmatch(name, pattern) for pattern in WITHOUT_README) and not (folder / "README.md").exists()
    ]
    assert silent == []


def test_every_command_is_documented_for_who_runs_the_service() -> None:
    texts = (ROOT / "README.md").read_text() + (ROOT / "deploy" / "README.md").read_text()
    texts += (ROOT / "CONTRIBUTING.md").read_text() + (ROOT / "Makefile").read_text()
    missing = [name for name in _commands(cli._parser()) if not re.search(rf"\b(?:telepath|tpo?) {name}\b", texts)]
    assert missing == []


def test_every_command_line_that_is_shown_is_understood() -> None:
    shown = []
    for page in ("README.md", "deploy/README.md"):
        lines = re.findall(r"^    (?:sudo )?(?:\S*/)?(?:tpo?|telepath) (.*)$", (ROOT / page).read_text(), re.MULTILINE)
        shown += [shlex.split(line.partition(" && ")[0], comments=True) for line in lines]
    assert len(shown) > 10
    for arguments in shown:
        cli._parser().parse_args(arguments)  # SystemExit: it is not one


def test_a_slide_is_added_by_an_absolute_path_where_the_command_runs_elsewhere() -> None:
    (path,) = re.findall(r"^    tp slides add (\S+)", (ROOT / "deploy" / "README.md").read_text(), re.MULTILINE)
    assert Path(path).is_absolute()


def test_renewals_go_through_the_folder_that_the_proxy_shows() -> None:
    (shown,) = re.findall(r"acme-challenge/ \{\s*root ([^;]+);", (ROOT / "deploy" / "nginx.conf").read_text())
    assert f"certbot certonly --webroot -w {shown} " in (ROOT / "deploy" / "README.md").read_text()


def test_every_file_that_a_page_links_to_is_there() -> None:
    dead = []
    for page in files():
        if page.suffix == ".md":
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
                if not (page.parent / target).exists():
                    dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


def test_every_file_that_the_security_page_names_as_evidence_is_there() -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w.-]+\.(?:py|lock|md|toml))`", (ROOT / "SECURITY.md").read_text())
    short = {"login/": "tests/integration/auth/", "pages/": "tests/integration/web/"}
    whole = [
        next((name.replace(key, there, 1) for key, there in short.items() if name.startswith(key)), name)
        for name in named
    ]
    assert len({*whole}) > 50
    assert [name for name in sorted({*whole}) if not (ROOT / name).exists()] == []


ASVS = (
    "6.1/3 6.2/12 6.3/4 6.4/4 6.5/5 6.6/3 6.8/4 7.1/3 7.2/4 7.3/2 7.4/5 7.5/2 7.6/2 8.1/2 8.2/3 8.3/1 8.4/1 "
    "9.1/3 9.2/4 10.1/2 10.2/2 10.3/4 10.5/5"
)
"""Each section of OWASP ASVS 5.0, V6 to V10, and how many requirements of level 1 and 2 it has. 10.4, 10.6 and 10.7 are of
authorization servers."""


def test_every_requirement_of_the_verification_standard_is_judged() -> None:
    judged: list[str] = []
    for first, verdict in re.findall(r"^\| (\d[\d., –]*) \|[^|]+\| (.+) \|$", (ROOT / "SECURITY.md").read_text(), re.M):
        assert re.match(r"(yes|in part|not ours): \S", verdict), f"{first}: {verdict}"
        for part in first.split(", "):
            begin, _, end = part.partition("–")
            section, _, number = begin.rpartition(".")
            last = int(end.rpartition(".")[2]) if end else int(number)
            judged += [f"{section}.{one}" for one in range(int(number), last + 1)]
    sections = [one.split("/") for one in ASVS.split()]
    wanted = [f"{section}.{one}" for section, count in sections for one in range(1, int(count) + 1)]
    assert sorted(judged) == sorted([*wanted, "10.4", "10.6", "10.7"])


def test_every_websocket_and_stream_has_its_place_in_the_proxys_configuration() -> None:
    places = re.findall(r"location ~ (\S+) \{", (ROOT / "deploy" / "nginx.conf").read_text())
    for route in ROUTES:
        path = str(getattr(route, "path", ""))
        live = type(route).__name__ == "WebSocketRoute" or path.endswith(("/stream", "/facts"))
        if live:
            assert any(re.search(place, re.sub(r"\{\w+\}", "01hz", path)) for place in places), path


def test_lock_files_record_what_to_install_and_not_where_from() -> None:
    locks = [path for path in files() if path.suffix == ".lock"]
    assert locks
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert "--hash=sha256:" in text
    package_lock = json.loads((ROOT / "web" / "client" / "package-lock.json").read_text())
    assert [name for name, package in package_lock["packages"].items() if "resolved" in package] == []


def test_no_file_names_the_machine_it_was_written_on() -> None:
    found = []
    for path in files():
        if path.suffix not in TEXT or path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT).as_posix()
        found += [
            f"{name}: {what}: {match[0]}" for what, pattern in UNWANTED.items() if (match := pattern.search(text))
        ]
        if len(ROOT.parts) > 2 and str(ROOT) in text:
            found.append(f"{name}: the folder of this checkout")
    assert found == []


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """``serve``, ``slides add``, …"""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield before
    for group in groups:
        for name, inner in group.choices.items():
            yield from _commands(inner, f"{before} {name}".strip())
