"""A kernel that lacks something: ``python -m tests.kernels landlock,limits COMMAND …`` runs a command to which the named
system calls answer that there is no such call. A real filter of the kernel's (seccomp), which children inherit."""

import ctypes
import os
import platform
import struct
import sys
from typing import Final

ARCHITECTURE: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[platform.machine()]
COLUMN: Final = {"x86_64": 0, "aarch64": 1}[platform.machine()]
PR_SET_SECCOMP: Final = 22
LACKING: Final[dict[str, tuple[tuple[int, int], int | None]]] = {
    "landlock": ((444, 444), None),
    "limits": ((302, 261), None),  # prlimit64
    "filters": ((157, 167), PR_SET_SECCOMP),  # prctl with this first argument
}
_ENOSYS: Final = 0x00050026  # SECCOMP_RET_ERRNO | ENOSYS
_ALLOW: Final = 0x7FFF0000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def without(*names: str) -> None:
    """From here on, for this process and its children."""

    def line(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, when_true, when_false, value)

    lines = [line(0x20, 4), line(0x15, ARCHITECTURE, when_true=1), line(0x06, 0x80000000), line(0x20, 0)]
    for name in names:
        numbers, argument = LACKING[name]
        if argument is None:
            lines += [line(0x15, numbers[COLUMN], when_false=1), line(0x06, _ENOSYS)]
        else:
            lines += [line(0x15, numbers[COLUMN], when_false=4), line(0x20, 16), line(0x15, argument, when_false=1)]
            lines += [line(0x06, _ENOSYS), line(0x06, _ALLOW)]
    lines.append(line(0x06, _ALLOW))
    program = _Program(len(lines), b"".join(lines))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, ctypes.c_ulong(1), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    without(*filter(None, sys.argv[1].split(",")))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
