"""telepath/uploads/tus.py: the protocol's headers, and what follows of them."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.errors import UploadRefused
from telepath.uploads import tus

VERSION = {"tus-resumable": "1.0.0"}
PIECE = VERSION | {"content-type": tus.PIECES}
words = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1, max_size=20)


def encoded(pairs: dict[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def refused(act: Callable[[], object]) -> int:
    with pytest.raises(UploadRefused) as caught:
        act()
    return caught.value.status


@given(st.dictionaries(words, st.text(st.characters(codec="utf-8"), max_size=50), max_size=5))
def test_metadata_comes_back_as_it_was_written(pairs: dict[str, str]) -> None:
    assert tus.metadata(encoded(pairs)) == pairs


@given(st.text(max_size=200))
def test_any_header_is_read_or_refused_with_400(text: str) -> None:
    for act in (
        lambda: tus.metadata(text),
        lambda: tus.append(PIECE | {"upload-offset": "0", "upload-checksum": text}, 0, 10),
        lambda: tus.append(PIECE | {"upload-offset": text}, 0, 10),
        lambda: tus.creation(VERSION | {"upload-length": text}),
    ):
        try:
            act()
        except UploadRefused as error:
            assert error.status in {400, 409}  # noqa: PT017 - any other error fails the test


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 200))
def test_a_piece_is_taken_only_where_the_file_ends_and_within_it(offset: int, received: int, length: int) -> None:
    headers = PIECE | {"upload-offset": str(offset), "content-length": str(length)}
    if offset != received:
        assert refused(lambda: tus.append(headers, received, 100)) == 409
    elif offset + length > 100:
        assert refused(lambda: tus.append(headers, received, 100)) == 413
    else:
        assert tus.append(headers, received, 100) == tus.Piece(offset, length, None)


@pytest.mark.parametrize("number", ["", "-1", "+1", "1.0", "0x10", "١", "9" * 17, " 1", "1 2"])
def test_what_is_no_size_is_refused(number: str) -> None:
    assert refused(lambda: tus.creation(VERSION | {"upload-length": number})) == 400


def test_another_version_or_none_is_refused() -> None:
    for version in ("", "0.2.2"):
        headers = {"tus-resumable": version, "upload-length": "1"}
        assert refused(partial(tus.creation, headers)) == 412


def test_bytes_of_another_kind_are_refused() -> None:
    assert refused(lambda: tus.append(VERSION | {"upload-offset": "0"}, 0, 1)) == 415
    some = VERSION | {"upload-length": "3", "content-type": "text/plain", "content-length": "3"}
    assert refused(lambda: tus.creation(some)) == 415


def test_a_length_that_is_told_later_is_not_taken() -> None:
    assert refused(lambda: tus.creation(VERSION | {"upload-defer-length": "1"})) == 400


def test_a_checksum_is_of_an_algorithm_that_is_told_and_of_its_length() -> None:
    digest = hashlib.sha256(b"abc").digest()
    good = f"sha256 {base64.b64encode(digest).decode()}"
    piece = tus.append(PIECE | {"upload-offset": "0", "upload-checksum": good}, 0, 3)
    assert piece.checksum == tus.Checksum("sha256", digest)
    bad = f"sha1 {base64.b64encode(digest).decode()}"
    assert refused(lambda: tus.append(PIECE | {"upload-offset": "0", "upload-checksum": bad}, 0, 3)) == 400


def test_an_unannounced_body_is_bounded_by_the_piece_and_by_the_file() -> None:
    assert tus.room(tus.Piece(10, -1, None), 30) == 20
    assert tus.room(tus.Piece(0, -1, None), 10**9) == tus.CHUNK_LIMIT
    assert tus.too_much(tus.Piece(10, -1, None), 30).code == "error-upload-beyond"
    assert tus.too_much(tus.Piece(0, -1, None), 10**9).code == "error-upload-piece"


def test_the_answers_are_as_the_protocol_writes_them() -> None:
    told = tus.options(5)
    assert (told["Tus-Version"], told["Tus-Max-Size"], told["Tus-Checksum-Algorithm"]) == ("1.0.0", "5", "sha1,sha256")
    assert tus.state(3, 9)["Cache-Control"] == "no-store"
    expires = tus.written(3, datetime(2026, 11, 30, 8, 5, tzinfo=UTC))["Upload-Expires"]
    assert expires == "Mon, 30 Nov 2026 08:05:00 GMT"
    assert hashlib.sha256(b"").hexdigest() == tus.EMPTY_DIGEST
