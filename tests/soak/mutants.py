"""Slides with something wrong in them: drawn by lot from good ones, the same again from the same seed. Pure."""

import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import msgspec

OUTSIDE: Final = (
    "../victim/secret.jpg",
    "..\\victim\\secret.jpg",
    "/etc/passwd",
    "./../victim/secret.jpg",
    "secret.jpg/..",
)
"""Names that a slide may give to a part of itself, and that must lead nowhere."""
BOMBS: Final = (
    *(0, 1, 2, 255, 65535, 65536, 1 << 20, (1 << 31) - 1, 1 << 31),
    *((1 << 32) - 1, 1 << 32, (1 << 63) - 1, (1 << 64) - 1),
)
WORDS: Final = (
    *(b"../victim/secret.jpg", b"99999999999", b"-1", b"NaN", b"0", b"\0", b"%s%n", b"\xff"),
    b"<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
)
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value, by its type in TIFF."""
_TOLD: Final = (254, 256, 257, 258, 259, 262, 270, 273, 277, 278, 279, 284, 322, 323, 324, 325, 330, 347)
"""The tags that lead somewhere or say how much there is."""


class Part(msgspec.Struct, frozen=True):
    """One file of a slide. ``withheld``: where label, macro and preview lie, start and end in bytes."""

    data: bytes
    withheld: tuple[tuple[int, int], ...] = ()


class Original(msgspec.Struct, frozen=True):
    """``entry`` names the file that opens it; names may have one folder."""

    name: str
    entry: str
    parts: dict[str, Part]


class Mutant(msgspec.Struct, frozen=True):
    """``kind``: what was done to it; ``reaches``: it names what lies outside, and is looked at as if it had been let in."""

    original: str
    kind: str
    entry: str
    files: dict[str, bytes]
    reaches: bool = False


class Entry(msgspec.Struct, frozen=True):
    """A tag of a TIFF, and where it stands: ``at`` the entry, ``value`` its value, which may lie elsewhere in the file."""

    at: int
    tag: int
    kind: int
    count: int
    value: int


def mutate(original: Original, chance: Random) -> Mutant:
    """One of ``original``'s mutants."""
    names = sorted(original.parts)
    name = original.entry if chance.random() < 0.4 else chance.choice(names)
    part = original.parts[name]
    ways = _ways(name, part.data)
    kind = chance.choice(sorted(ways))
    files = {other: one.data for other, one in original.parts.items()}
    if kind == "part gone" and len(names) > 1:
        del files[chance.choice([other for other in names if other != original.entry])]
    else:
        changed = bytearray(part.data)
        ways[kind](changed, part, chance)
        files[name] = bytes(changed)
    return Mutant(original.name, kind, original.entry, files, reaches=kind == "name" and chance.random() < 0.5)


Way = Callable[[bytearray, Part, Random], None]


def _ways(name: str, data: bytes) -> dict[str, Way]:
    ways: dict[str, Way] = {
        "byte": _one_byte,
        "bytes": _bytes,
        "cut": _cut,
        "swap": _swap,
        "repeat": _repeat,
        "bomb": _bomb,
        "word": _word,
        "part gone": _one_byte,
    }
    if data[:4] in _TIFF:
        ways |= {"tag": _tag, "place": _place, "loop": _loop, "marker": _marker}
    elif data[128:132] == b"DICM" or b"\xff\xd8\xff" in data[:4096]:
        ways |= {"marker": _marker}
    if name.endswith((".ini", ".vms")):
        ways |= {"name": _name, "digits": _digits}
    return ways


def _anywhere(data: bytes | bytearray, chance: Random) -> int:
    """A place in the file; half of the time near its beginning or its end, where headers and directories lie."""
    size = len(data)
    near = min(size, 4096)
    where = chance.random()
    if where < 0.3:
        return chance.randrange(near)
    return size - 1 - chance.randrange(near) if where < 0.5 else chance.randrange(size)


def _one_byte(data: bytearray, _part: Part, chance: Random) -> None:
    data[_anywhere(data, chance)] = chance.randrange(256)


def _bytes(data: bytearray, part: Part, chance: Random) -> None:
    for _ in range(chance.choice((2, 4, 16, 200))):
        _one_byte(data, part, chance)


def _cut(data: bytearray, _part: Part, chance: Random) -> None:
    del data[_anywhere(data, chance) :]


def _free(part: Part, start: int, length: int) -> bool:
    """Whether there is nothing of a label in it: who carries it into a tile himself makes it part of the tissue."""
    return all(end <= start or start + length <= begin for begin, end in part.withheld)


def _swap(data: bytearray, part: Part, chance: Random) -> None:
    length = chance.choice((16, 256, 4096))
    one, other = (min(_anywhere(data, chance), max(0, len(data) - length)) for _ in range(2))
    if _free(part, one, length) and _free(part, other, length):
        data[one : one + length], data[other : other + length] = data[other : other + length], data[one : one + length]


def _repeat(data: bytearray, part: Part, chance: Random) -> None:
    """A block comes twice, or not at all: everything behind it moves."""
    length, at = chance.choice((1, 16, 300)), _anywhere(data, chance)
    if part.withheld:
        # What moves a label to where a tile was is not seen as a label by anybody.
        block = bytes(data[at : at + length])
        if _free(part, at, length):
            data[at : at + len(block)] = block[::-1]
    elif chance.random() < 0.5:
        data[at:at] = data[at : at + length]
    else:
        del data[at : at + length]


def _bomb(data: bytearray, _part: Part, chance: Random) -> None:
    at, width = _anywhere(data, chance), chance.choice((2, 4, 8))
    data[at : at + width] = (chance.choice(BOMBS) & ((1 << 8 * width) - 1)).to_bytes(
        width, chance.choice(("little", "big"))
    )


def _word(data: bytearray, _part: Part, chance: Random) -> None:
    at, word = _anywhere(data, chance), chance.choice(WORDS)
    data[at : at + len(word)] = word


def _marker(data: bytearray, _part: Part, chance: Random) -> None:
    """Another size, another table, another length in the header of one of the JPEG pictures."""
    marker = chance.choice((b"\xff\xc0", b"\xff\xc4", b"\xff\xda", b"\xff\xdb", b"\xff\xd8\xff"))
    at = data.find(marker, chance.randrange(len(data)))
    if at >= 0:
        at += len(marker) + chance.choice((0, 1, 3, 4, 5, 6, 7))
        data[at : at + 2] = struct.pack(">H", chance.choice((0, 1, 2, 8, 255, 256, 512, 8192, 65535)))


def _name(data: bytearray, _part: Part, chance: Random) -> None:
    """One of the named parts lies elsewhere."""
    lines = bytes(data).split(b"\n")
    named = [n for n, line in enumerate(lines) if b"=" in line and b"." in line.partition(b"=")[2]]
    if named:
        number = chance.choice(named)
        lines[number] = lines[number].partition(b"=")[0] + b"= " + chance.choice(OUTSIDE).encode() + b"\r"
    data[:] = b"\n".join(lines)


def _digits(data: bytearray, _part: Part, chance: Random) -> None:
    lines = bytes(data).split(b"\n")
    counted = [n for n, line in enumerate(lines) if line.partition(b"=")[2].strip().isdigit()]
    if counted:
        number = chance.choice(counted)
        lines[number] = lines[number].partition(b"=")[0] + b"= %d\r" % chance.choice(BOMBS)
    data[:] = b"\n".join(lines)


_TIFF: Final = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}


def entries(data: bytes | bytearray) -> list[list[Entry]]:
    """Of each directory of a good TIFF, SubIFDs not followed."""
    order, big = _TIFF[bytes(data[:4])]
    number = "Q" if big else "I"
    width, size = (8, 20) if big else (4, 12)
    (at,) = struct.unpack_from(order + number, data, 8 if big else 4)
    found: list[list[Entry]] = []
    while at and len(found) < 64:
        (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, at)
        at += 8 if big else 2
        directory = []
        for _ in range(count):
            tag, kind, times = struct.unpack_from(f"{order}HH{number}", data, at)
            value = at + 4 + width
            if _SIZES.get(kind, 1) * times > width:
                (value,) = struct.unpack_from(order + number, data, value)
            directory.append(Entry(at, tag, kind, times, value))
            at += size
        found.append(directory)
        (at,) = struct.unpack_from(order + number, data, at)
    return found


def _tag(data: bytearray, _part: Part, chance: Random) -> None:
    """What an entry says: its tag, type, count, or value."""
    order, big = _TIFF[bytes(data[:4])]
    directory = chance.choice(entries(data))
    told = [entry for entry in directory if entry.tag in _TOLD] or directory
    entry = chance.choice(told)
    number, width = ("Q", 8) if big else ("I", 4)
    limit = (1 << 8 * width) - 1
    what = chance.choice(("tag", "type", "count", "value", "value", "value"))
    if what == "tag":
        struct.pack_into(order + "H", data, entry.at, chance.choice(_TOLD))
    elif what == "type":
        struct.pack_into(order + "H", data, entry.at + 2, chance.choice((0, *_SIZES)))
    elif what == "count":
        struct.pack_into(
            order + number, data, entry.at + 4, chance.choice((*BOMBS, entry.count + 1, entry.count * 2)) & limit
        )
    else:
        struct.pack_into(order + number, data, entry.at + 4 + width, _wrong(data, chance) & limit)


def _place(data: bytearray, part: Part, chance: Random) -> None:
    """Where a tile lies, or how long it is: most of all where a label lies."""
    order, _big = _TIFF[bytes(data[:4])]
    places = [entry for directory in entries(data) for entry in directory if entry.tag in (273, 279, 324, 325)]
    if not places:
        return
    entry = chance.choice(places)
    layout = {3: "H", 4: "I", 16: "Q"}.get(entry.kind)
    if layout is None:
        return
    limit = (1 << 8 * struct.calcsize(layout)) - 1
    wanted = chance.choice(part.withheld)[0] if part.withheld and chance.random() < 0.6 else _wrong(data, chance)
    at = entry.value + struct.calcsize(layout) * chance.randrange(entry.count)
    struct.pack_into(order + layout, data, at, wanted & limit)


def _loop(data: bytearray, _part: Part, chance: Random) -> None:
    """A directory leads to another one than the next."""
    order, big = _TIFF[bytes(data[:4])]
    directories = entries(data)
    last = chance.choice(directories)[-1]
    target = chance.choice(directories)[0].at - (8 if big else 2)
    struct.pack_into(
        order + ("Q" if big else "I"), data, last.at + (20 if big else 12), chance.choice((target, 8, len(data), 1))
    )


def _wrong(data: Sequence[int], chance: Random) -> int:
    return chance.choice((*BOMBS, len(data), len(data) - 1, chance.randrange(len(data)), chance.randrange(1, 5000)))
