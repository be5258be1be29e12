"""The command line as an operator meets it: keys, settings, checks and starts, and the one sentence when it cannot."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Said, rows, tp
from web.checks import CHECKS
from web.settings import Settings, read
from web.words import LANGUAGES, Words

ROOT = Path(__file__).parents[3]
WORDS = Words()
PATIENCE = 60.0


def real() -> dict[str, str]:
    return {
        "production": "true",
        "origin": "https://telepath.example.org",
        "oidc_issuer": "https://wallet.example.org/realm",
        "oidc_client_secret": "of the real provider",
        "secret_key": "1" * 64,
        "audit_key": "2" * 64,
        "vault_key": "3" * 64,
        "audit_anchors": "/srv/telepath-anchors mailto:audit@hopital.example",
        "mail": "smtp://mail.example.org",
    }


def test_keys_are_values_that_the_settings_accept_and_new_each_time(tmp_path: Path) -> None:
    first, second = (tp(tmp_path, "keys") for _ in range(2))
    assert (first.code, first.err) == (0, "")
    values = dict(line.split("=") for line in first.out.splitlines())
    assert set(values) == {"TELEPATH_SECRET_KEY", "TELEPATH_AUDIT_KEY", "TELEPATH_VAULT_KEY"}
    assert len({*values.values(), *(line.split("=")[1] for line in second.out.splitlines())}) == 6
    common = {f"TELEPATH_{name.upper()}": value for name, value in real().items()}
    assert read(common | values).production


def test_in_production_numbers_must_fit_their_check_digits(tmp_path: Path) -> None:
    place = ("institutions", "add", "--finess", "9A0000017", "--name", "CHU", "--city", "Lille", "--region", "32")
    who = ("people", "add", "--rpps", "99700421101", "--given-name", "Léa", "--family-name", "Arbousier")
    assert tp(tmp_path / "real", "migrate", **real()).code == 0
    for command, code in ((place, "error-directory-finess-key"), (who, "error-directory-rpps-key")):
        assert tp(tmp_path / "real", *command, **real()).sentence() == WORDS("en")(code)
    unusual = tp(tmp_path / "real", *place, "--unusual", **real())
    assert (unusual.code, "Beware" in unusual.out) == (0, True)


def test_the_database_is_made_by_migrate_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "var"
    for _ in range(2):
        said = tp(data, "migrate")
        assert (said.code, said.out, said.err) == (0, WORDS("en")("command-migrated") + "\n", "")
    assert set(rows(data).values()) <= {0, 1}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_check_says_one_thing_of_each_part_and_fails_while_nothing_runs(seeded: Path, language: str) -> None:
    nowhere = f"http://localhost:{closed_port()}"
    said = tp(seeded, "check", language=language, origin=nowhere, oidc_issuer=nowhere)
    assert (said.code, said.err) == (1, "")
    for part in CHECKS:
        assert WORDS(language)(f"operations-check-{part}") in said.out
    assert "Traceback" not in said.out


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [("prot", "8000"), ("port", "eighty"), ("log_level", "loud"), ("database", "mysql://x/y"), ("bus", "pigeon:")],
)
def test_a_wrong_setting_is_refused_with_a_sentence_that_names_it(
    tmp_path: Path, setting: str, value: str, language: str
) -> None:
    sentence = tp(tmp_path, "serve", language=language, **{setting: value}).sentence(tmp_path)
    assert f"TELEPATH_{setting.upper()}" in sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["migrate", "audit verify", "serve", "demo"])
def test_a_database_that_does_not_answer_is_named_and_what_to_do_said(
    tmp_path: Path, command: str, language: str
) -> None:
    away = f"postgresql+psycopg://nobody:s3cret@127.0.0.1:{closed_port()}/telepath"
    sentence = tp(tmp_path, *command.split(), language=language, database=away).sentence(tmp_path)
    t = WORDS(language)
    assert sentence == f"{t('error-unavailable', what='database')} {t('command-unavailable')}"
    assert {"fr": "base de données", "en": "database"}[language] in sentence
    assert "telepath check" in sentence


@pytest.mark.parametrize("command", ["migrate", "audit verify", "serve", "demo"])
def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    sentence = tp(tmp_path / "var", *command.split()).sentence(tmp_path)
    assert "TELEPATH_DATA" in sentence


# Starting the service


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret_key": ""}, "error-setting-key-missing"),
        ({"audit_key": ""}, "error-setting-key-missing"),
        ({"oidc_issuer": Settings().oidc_issuer}, "error-setting-insecure-issuer"),
        ({"oidc_client_secret": Settings().oidc_client_secret}, "error-setting-simulator"),
        ({"oidc_client_secret": ""}, "error-setting-secret-missing"),
        ({"origin": "http://telepath.example.org"}, "error-setting-insecure-origin"),
        ({"session_hours": "100"}, "error-session-limits"),
        ({}, "error-database-not-migrated"),
    ],
)
def test_a_real_service_does_not_start_on_what_is_only_for_a_trial(
    tmp_path: Path, changed: dict[str, str], code: str, language: str
) -> None:
    sentence = tp(tmp_path, "serve", language=language, **real() | changed).sentence(tmp_path)
    pattern = re.escape(WORDS(language)(code, name="NAME", hours=4, minutes=30)).replace("NAME", r"TELEPATH_\w+")
    assert re.fullmatch(pattern, sentence)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_demonstration_does_not_start_in_production(tmp_path: Path, language: str) -> None:
    said = tp(tmp_path, "demo", language=language, **real())
    assert said.sentence(tmp_path) == WORDS(language)("error-demo-in-production")


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


def test_a_port_that_is_taken_ends_the_service_with_the_reason_in_its_log(tmp_path: Path, taken: str) -> None:
    said = tp(tmp_path, "serve", port=taken)
    assert said.sentence(tmp_path) == WORDS("en")("error-command-not-started")
    assert "address already in use" in said.err


def test_a_port_that_is_taken_ends_the_demonstration_too(seeded: Path, taken: str) -> None:
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())", "demo", "--bare"]
    settings = {"TELEPATH_DATA": str(seeded), "TELEPATH_PORT": taken, "TELEPATH_SIMULATOR_PORT": str(closed_port())}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert Said(done.returncode, done.stdout, done.stderr).sentence()
    assert "address already in use" in done.stderr


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
