"""The master key of the vault, from a file that a key management service left."""

from pathlib import Path

import pytest

from telepath.errors import Invalid
from tests.builders import VAULT_KEY
from web import keys
from web.settings import Settings
from web.words import LANGUAGES, Words

WORDS = Words()


def test_the_key_of_the_vault_is_read_from_a_file_that_is_ours_alone(tmp_path: Path) -> None:
    file = tmp_path / "vault.hex"
    file.write_text(f"{VAULT_KEY}\n")
    settings = Settings(data=tmp_path / "var", vault_key_file=str(file))
    for mode in (0o400, 0o600):
        file.chmod(mode)
        assert keys.vault_key(settings) == bytes.fromhex(VAULT_KEY)
    assert not keys.key_file(settings, "vault_key").exists()

    refusals = []
    for mode in (0o440, 0o604, 0o620, 0o777):
        file.chmod(mode)
        refusals.append(refused(settings))
    assert set(refusals) == {"error-key-file-open"}

    file.chmod(0o600)
    for text in ("", VAULT_KEY[:-1], f"{VAULT_KEY} {VAULT_KEY}", "é" * 64, "\0" * 5000):
        file.write_text(text)
        assert refused(settings) == "key-file", text[:10]
    file.unlink()
    assert refused(settings) == "error-key-file-missing"


def refused(settings: Settings) -> str:
    with pytest.raises(Invalid) as caught:
        keys.vault_key(settings)
    assert all("TELEPATH_VAULT_KEY_FILE" in WORDS(one)(caught.value.code, **caught.value.params) for one in LANGUAGES)
    return str(caught.value.params.get("reason", caught.value.code))
