"""Files that people attach to a case: PDF and pictures, good ones and traps."""

import io
from typing import Any

import numpy as np
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, FloatObject, NameObject

RED = (200, 30, 40)


def pdf(
    pages: int = 1, *, password: str = "", drawing: bytes = b"1 0 0 rg 100 100 200 200 re f", side: float = 600
) -> bytes:
    """White square pages with a red square, or with ``drawing`` (PDF operators)."""
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(side, side)
        content = DecodedStreamObject()
        content.set_data(drawing)
        page[NameObject("/Contents")] = writer._add_object(content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def slow_pdf(levels: int = 12, width: int = 10) -> bytes:
    """One small page that draws ``width`` to the power of ``levels`` squares: forms that draw forms that draw forms."""
    writer = PdfWriter()
    page = writer.add_blank_page(600, 600)
    inner = None
    for _ in range(levels):
        form = DecodedStreamObject()
        form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
        form[NameObject("/BBox")] = _numbers(0, 0, 600, 600)
        if inner is None:
            form.set_data(b"1 0 0 rg 0 0 600 600 re f " * width)
        else:
            form.set_data(b"/F Do " * width)
            form[NameObject("/Resources")] = _named("/XObject", inner)
        inner = writer._add_object(form)
    content = DecodedStreamObject()
    content.set_data(b"/F Do")
    page[NameObject("/Contents")] = writer._add_object(content)
    page[NameObject("/Resources")] = _named("/XObject", inner)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _named(kind: str, thing: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(kind): DictionaryObject({NameObject("/F"): thing})})


def _numbers(*numbers: float) -> Any:
    return ArrayObject([FloatObject(number) for number in numbers])


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), *, mode: str = "RGB", **options: Any) -> bytes:
    """A red picture; ``options`` as Pillow's ``save`` takes them."""
    target = io.BytesIO()
    colour: Any = {"RGB": RED, "RGBA": (*RED, 255), "L": 90, "CMYK": (0, 200, 200, 0)}.get(mode, 30000)
    Image.new(mode, size, colour).save(target, kind, **options)
    return target.getvalue()


def secretive(kind: str) -> bytes:
    """A picture that says by EXIF, by XMP and by text behind its end who and where; on its side by its orientation."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Patient MARTIN 4711"
    options: dict[str, Any] = {"exif": exif.tobytes()}
    if kind in ("WEBP", "JPEG"):
        options["xmp"] = b"<x:xmpmeta>MARTIN</x:xmpmeta>"
    return picture(kind, **options) + b"<script>MARTIN</script>"


def pixels_of(page: bytes) -> Any:
    """(height, width, 3) of a picture that was made by us."""
    with Image.open(io.BytesIO(page)) as opened:
        assert opened.format == "WEBP"
        assert not opened.info.get("exif")
        assert not opened.info.get("icc_profile")
        assert not opened.info.get("xmp")
        return np.asarray(opened.convert("RGB")).astype(int)
