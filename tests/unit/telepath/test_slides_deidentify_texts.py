"""telepath/slides/deidentify: which words of a vendor stay; every text is as long after as before."""

import pytest

from telepath.slides.deidentify import jpeg_remarks, tiff_texts
from telepath.slides.deidentify.texts import is_number, kind_of, renumbered, told
from telepath.slides.pieces import Kept, Log, Overlay, Written, Zeros

PATIENT = ("MARTIN", "Zoe", "4711", "26H01234", "2026", "camille")
LEICA = """<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" uuid="urn:uuid:26H01234">
<collection name="MARTIN Zoe" sizeX="26564529" sizeY="76734000" uuid="x"><barcode>MjZIMDEyMzQ=</barcode>
<image name="26H01234"><creationDate>2026-11-21T10:00:00</creationDate><device model="Leica SCN400" version="4711"/>
<pixels sizeX="4096" sizeY="4096"><dimension sizeX="4096" sizeY="4096" r="0" ifd="1"/></pixels>
<view sizeX="26564529" sizeY="76734000" offsetX="0" offsetY="0"/></image><image><creationUser>camille</creationUser>
<pixels><dimension r="0" ifd="2" sizeX="100" sizeY="100"/></pixels><view sizeX="5000" sizeY="6000" offsetX="1" offsetY="2"/>
<scanSettings><objectiveSettings><objective>20</objective></objectiveSettings></scanSettings></image></collection></scn>"""
VENTANA = """<Metadata><iScan Magnification="40" ScanRes="0.25" UserName="camille" Barcode1D="26H01234" BuildDate="11/21/2026"/>
<EncodeInfo Ver="2"><SlideStitchInfo><ImageInfo AOIScanned="1" NumRows="2" Name="MARTIN"><TileJointInfo Direction="LEFT"
Confidence="95" OverlapX="10" Tile1="1"/></ImageInfo></SlideStitchInfo><!-- IPP 4711 --></EncodeInfo></Metadata>"""
OME = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:11111111-2222-3333-4444-555555555555">
<Experimenter ID="Experimenter:0" UserName="camille"/><Image ID="Image:0" Name="MARTIN Zoe">
<AcquisitionDate>2026-11-21</AcquisitionDate>
<Description>IPP 4711</Description><Pixels ID="Pixels:0" SizeX="512" Type="uint16" PhysicalSizeX="0.5" PhysicalSizeXUnit="µm">
<Channel ID="Channel:0:0" Name="DAPI"/><Channel ID="Channel:0:1" Name="MARTIN"/><TiffData IFD="0"><UUID FileName="26H01234.tif"
>urn:uuid:11111111-2222-3333-4444-555555555555</UUID></TiffData></Pixels></Image></OME>"""


def described(text: str) -> tuple[str, Log]:
    log = Log()
    return tiff_texts.description(text, b"seed", lambda _kind, _limit: b"", log), log


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (LEICA, ('sizeX="26564529"', 'ifd="2"', "<objective>20</objective>", "leica-microsystems.com/scn")),
        (OME, ('SizeX="512"', 'PhysicalSizeX="0.5"', 'Name="DAPI"', 'ID="Channel:0:1"', "µm", 'IFD="0"')),
        (
            "Aperio Image Library v12.0.15\r\n2220x2967 -> 574x768 - MARTIN Zoe|AppMag = 20|Title = 26H01234|User = camille|"
            "MPP = 0.4990|Date = 11/21/2026|Free = IPP 4711\0",
            ("Aperio Image Library v12.0.15", "2220x2967", "AppMag = 20", "MPP = 0.4990"),
        ),
        ("Objective Power=20;OverlapsXY=4 5;Patient=MARTIN Zoe\0\0", ("Objective Power=20", "OverlapsXY=4 5")),
        ("MARTIN Zoe 26H01234\0", ()),
        ("level=0 mag=40 quant=95", ("level=0 mag=40 quant=95",)),
        ('{"shape": [512, 512, 3]}', ('{"shape": [512, 512, 3]}',)),
    ],
)
def test_of_a_description_stays_what_describes_the_picture(text: str, kept: tuple[str, ...]) -> None:
    made, _ = described(text)
    assert len(made) == len(text)
    assert not [word for word in PATIENT if word in made]
    assert [word for word in kept if word not in made] == []


def test_of_ventana_stays_what_its_tiles_are_laid_with() -> None:
    log = Log()
    made = tiff_texts.xmp(VENTANA, log)
    assert len(made) == len(VENTANA)
    assert not [word for word in PATIENT if word in made]
    for word in ('Magnification="40"', 'ScanRes="0.25"', 'Direction="LEFT"', 'OverlapX="10"', 'NumRows="2"'):
        assert word in made
    assert {"Ventana: iScan UserName", "Ventana: iScan Barcode1D"} <= {one.where for one in log.findings()}


def test_the_same_identifier_gets_the_same_other_one() -> None:
    made, _ = described(OME)
    first, second = (made.index("urn:uuid:"), made.rindex("urn:uuid:"))
    assert made[first : first + 45] == made[second : second + 45] != OME[second : second + 45]
    assert renumbered(OME, b"a") != renumbered(OME, b"b")


@pytest.mark.parametrize("text", ["0.499", "2220x2967", '"0.0005" "0.0005"', "&quot;0.0005&quot;", "1e-3", "-4,5", ""])
def test_numbers_are_numbers(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["11/21/2026", "10:00:00", "26H01234", "A1", "٤٧١١"])
def test_dates_and_words_are_none(text: str) -> None:
    assert not is_number(text)


def test_a_log_names_a_field_and_never_what_could_be_content() -> None:
    assert kind_of("ScanScope ID") == "device"
    assert told("User") == "User"
    assert told("MARTIN Zoe") == ""
    assert told("x" * 80) == ""


def test_what_comes_later_wins_where_parts_of_an_overlay_meet() -> None:
    made = Overlay(20)
    made.blank(2, 12)
    made.write(4, b"abcd")
    made.write(6, b"X")
    assert made.pieces() == (
        Kept(0, 2),
        Zeros(2),
        Written(b"ab"),
        Written(b"X"),
        Written(b"d"),
        Zeros(4),
        Kept(12, 8),
    )


def test_remarks_are_found_and_colours_are_not() -> None:
    adobe, remark = b"\xff\xee\x00\x0eAdobe" + bytes(7), b"\xff\xfe\x00\x08MARTIN"
    profile = b"\xff\xe2\x00\x12ICC_PROFILE\0\x01\x01ab"
    head = b"\xff\xd8" + adobe + profile + remark + b"\xff\xda\x00\x02"
    start = head.index(b"MARTIN")
    assert jpeg_remarks.spans(head) == [(start, start + 6)]
    assert jpeg_remarks.spans(head[: start + 2]) == [(start, start + 2)], "as much of it as there is"
    assert jpeg_remarks.spans(b"\xff\xd8" + adobe + b"\xff\xda") == []


def test_a_long_remark_is_found_and_of_a_header_without_end_nothing_stays() -> None:
    def segment(sign: int, length: int) -> bytes:
        return bytes((0xFF, sign)) + (length + 2).to_bytes(2) + b"M" * length

    long = b"\xff\xd8" + segment(0xE0, 3000) + segment(0xFE, 5000) + b"\xff\xda\0\2" + bytes(9000)
    assert jpeg_remarks.spans(long) == [(3010, 8010)]
    endless = b"\xff\xd8" + segment(0xE1, 60000) * 20
    assert jpeg_remarks.spans(endless)[-1][1] == len(endless)
    assert not endless[max(end for _, end in jpeg_remarks.spans(endless)) :]
