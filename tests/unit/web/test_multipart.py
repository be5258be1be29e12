import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.errors import Invalid
from web.multipart import parse

LIMIT = 100_000


def body(*parts: tuple[str, bytes], boundary: str = "x-1", end: bytes = b"--\r\n") -> bytes:
    whole = b""
    for head, content in parts:
        whole += f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
    return whole + f"--{boundary}".encode() + end


FILE = 'name="file"; filename="Patient MARTIN.pdf"\r\nContent-Type: application/pdf'


def test_a_form_gives_its_fields_and_the_bytes_of_its_file() -> None:
    sent = parse(body(('name="title"', "Scanner é".encode()), (FILE, b"%PDF-1\r\n\r\n--x\x00\xff")), "x-1")
    assert sent.form.text("title", 20) == "Scanner é"
    assert sent.files == {"file": b"%PDF-1\r\n\r\n--x\x00\xff"}
    assert "MARTIN" not in repr(sent)
    assert parse(body((FILE, b"")), "x-1").files == {"file": b""}


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"nothing of the kind",
        body(('name="title"', b"half"), end=b""),
        body(("filename=only", b"x")),
        body(('name="title"', b"\xff\xfe")),
        b"before" + body(('name="title"', b"x")),
        body(*[('name="title"', b"x")] * 60),
        body(('name="title"; x="' + "y" * 3000 + '"', b"x")),
        b"--x-1\r\nContent-Type: text/plain\r\n\r\nx\r\n--x-1--\r\n",
        b"--x-1 no line end\r\n\r\nx\r\n--x-1--\r\n",
    ],
)
def test_what_is_no_such_form_is_refused_whole(wrong: bytes) -> None:
    with pytest.raises(Invalid):
        parse(wrong, "x-1")


@given(st.binary(max_size=200))
def test_any_bytes_come_back_as_they_were_sent(content: bytes) -> None:
    if b"\r\n--x-1" not in b"\r\n" + content:
        assert parse(body((FILE, content)), "x-1").files["file"] == content


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(content: bytes) -> None:
    try:
        parse(content, "x-1")
    except Invalid:
        return
