"""Landlock: from here on this process reads the named folders and files, and nothing else. Linux 5.13 or newer.

Sources: landlock(7), linux/landlock.h; the same system call numbers on every architecture.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_libc: Final = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_ALL_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
"""By version of the interface; from the fifth on, device control too."""
_NEWEST_FILE_RIGHTS: Final = (1 << 16) - 1


def version() -> int:
    """Of the kernel's interface; 0 or less: there is none."""
    found: int = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    return found


def restrict(readable: Iterable[Path]) -> bool:
    """Nothing is written any more, and only what lies at or below ``readable`` is read. Needs no_new_privs, and one thread.
    False: the kernel does not do it; then nothing was shut."""
    known = version()
    if known < 1:
        return False
    attributes = struct.pack("=Q", _ALL_FILE_RIGHTS.get(known, _NEWEST_FILE_RIGHTS))
    if known >= 4:
        attributes += struct.pack("=Q", 3)  # TCP bind and connect, no exception
    if known >= 6:
        attributes += struct.pack("=Q", 3)  # abstract sockets and signals stay inside
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        return all(_allow(ruleset, path) for path in readable) and _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    except OSError:
        return False
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except PermissionError:
        return True  # nothing to allow: this user cannot read it as it is
    try:
        right = _READ_FILE | (_READ_DIR if path.is_dir() else 0)
        rule = struct.pack("=Qi", right, descriptor)
        return bool(_libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(descriptor)
