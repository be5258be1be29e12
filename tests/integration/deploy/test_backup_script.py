"""deploy/backup.sh, with the real program: makes backups, keeps so many, and never throws a good one away for a bad one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The console script ``telepath``, as an installation has it."""
    script = tmp_path / "telepath"
    script.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; from web.cli import main; sys.exit(main())" "$@"\n'
    )
    script.chmod(0o755)
    return script


def run(program: Path, sqlite_url: str, tmp_path: Path, *more: str, keep: int) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TELEPATH_DATA": str(tmp_path / "data"),
        "TELEPATH_DATABASE": sqlite_url,
    }
    command = [str(ROOT / "deploy" / "backup.sh"), str(tmp_path / "kept"), str(keep), str(program), *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def old(tmp_path: Path, *names: str) -> None:
    for name in names:
        (tmp_path / "kept" / name).mkdir(parents=True)
        (tmp_path / "kept" / name / "manifest.json").write_text("{}")


def test_so_many_backups_are_kept_and_the_oldest_go(program: Path, sqlite_url: str, tmp_path: Path) -> None:
    old(tmp_path, "20200101T000000Z", "20200102T000000Z", "20200103T000000Z")
    (tmp_path / "kept" / "a stranger").mkdir()
    done = run(program, sqlite_url, tmp_path, keep=2)
    assert done.returncode == 0, done.stderr
    kept = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert kept[0] == "20200103T000000Z"
    assert len(kept) == 3
    assert kept[-1] == "a stranger"


def test_a_backup_that_failed_pushes_no_good_one_out(program: Path, tmp_path: Path) -> None:
    old(tmp_path, "20200101T000000Z", "20200102T000000Z")
    done = run(program, "postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path, keep=1)
    assert done.returncode != 0
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["20200101T000000Z", "20200102T000000Z"]


def test_the_keys_go_to_a_folder_of_their_own_in_place_of_those_before(
    program: Path, sqlite_url: str, tmp_path: Path
) -> None:
    keys = tmp_path / "apart" / "keys"
    for _ in range(2):
        done = run(program, sqlite_url, tmp_path, str(keys), keep=1)
        assert done.returncode == 0, done.stderr
        for path in keys.iterdir():
            path.write_bytes(path.read_bytes() + b" ")
    done = run(program, sqlite_url, tmp_path, str(keys), keep=1)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in keys.iterdir()) == ["keys.json", "vault.json"]
    assert all(path.stat().st_mode & 0o077 == 0 and not path.read_bytes().endswith(b" ") for path in keys.iterdir())
    assert [path for name in ("keys.json", "vault.json") for path in (tmp_path / "kept").rglob(name)] == []
