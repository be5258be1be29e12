"""Shuts the current process in, before it looks at a stranger's file. Linux; every protection is tried, and told.

After ``enter`` the process reads its slide's folder and its own program, and nothing else: it writes no file, opens no
socket, starts no program, and dies when it uses too much memory or time. Nothing of it needs root.
Sources: landlock(7), seccomp(2), prctl(2), getrlimit(2); linux/landlock.h, linux/seccomp.h, linux/bpf_common.h.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

MEMORY: Final = 3 << 30
"""Bytes of address space. Damaged slides ask for any amount; under 2 GiB some good ones fail too."""
OPEN_FILES: Final = 64
CPU_SECONDS: Final = 20
"""For one request."""


class Protections(msgspec.Struct, frozen=True):
    """Which protections hold in this process."""

    limits: bool
    files: bool
    """Only the slide's folder and the program can be read, nothing written."""
    network: bool
    """No socket, and no other program can be started."""

    def missing(self) -> list[str]:
        return [name for name in self.__struct_fields__ if not getattr(self, name)]


def enter(folder: Path | None) -> Protections:
    """Shut this process in with ``folder``, or with none, for ever. Call before the first byte of a stranger's file is read,
    and from the only thread; import everything first."""
    limits = _limit()
    with suppress(OSError):
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return Protections(limits=limits, files=_close_files(folder), network=_close_system_calls())


def allow_time(seconds: int = CPU_SECONDS) -> None:
    """Give the process this much more processor time for its next request; it dies when it needs more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds + 1, resource.RLIM_INFINITY))


def _limit() -> bool:
    wanted = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    try:
        for limit, value in wanted.items():
            resource.setrlimit(limit, (value, value))
    except (OSError, ValueError):
        return False
    return True


_libc: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2


def _prctl(option: int, value: int, pointer: object = 0) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


# Landlock: the same system call numbers on every architecture.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_RULE_PATH_BENEATH: Final = 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_ALL_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
"""By version of the interface; from the fifth on, device control too."""
_NEWEST_FILE_RIGHTS: Final = (1 << 16) - 1


def _close_files(folder: Path | None) -> bool:
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    handled = _ALL_FILE_RIGHTS.get(version, _NEWEST_FILE_RIGHTS)
    attributes = struct.pack("=Q", handled)
    if version >= 4:
        attributes += struct.pack("=Q", 3)  # TCP bind and connect, no exception
    if version >= 6:
        attributes += struct.pack("=Q", 3)  # abstract sockets and signals stay inside
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        for path in (*([folder] if folder else ()), *_program()):
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                right = _READ_FILE | (_READ_DIR if path.is_dir() else 0)
                rule = struct.pack("=Qi", right, descriptor)
                if _libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0) != 0:
                    return False
            finally:
                os.close(descriptor)
        return bool(_libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    except OSError:
        return False
    finally:
        os.close(ruleset)


def _program() -> Iterable[Path]:
    """What Python may still want to read when a rarely used module is imported: never the service's data."""
    package = Path(__file__).parent.parent
    libraries = {Path(path) for path in sysconfig.get_paths().values()} | {Path(sys.base_prefix) / "lib"}
    for path in (package, *sorted(libraries), Path("/usr/lib"), Path("/lib"), Path("/lib64"), Path("/dev/urandom")):
        if path.exists():
            yield path


# A seccomp program: on a refused system call answer EPERM, else let pass.
_ARCHITECTURES: Final = {
    "x86_64": (
        0xC000003E,
        # socket, socketpair, connect, bind, execve, execveat, ptrace, process_vm_readv and _writev, bpf, io_uring_setup,
        # keyctl, mount, unshare, setns, userfaultfd, perf_event_open
        (41, 53, 42, 49, 59, 322, 101, 310, 311, 321, 425, 250, 165, 272, 308, 323, 298),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 199, 203, 200, 221, 281, 117, 270, 271, 280, 425, 219, 40, 97, 268, 282, 241),
    ),
}
_X32_BIT: Final = 0x40000000
_LOAD_WORD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050001  # SECCOMP_RET_ERRNO | EPERM
_KILL: Final = 0x80000000
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _close_system_calls() -> bool:
    if platform.machine() not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    architecture, refused = _ARCHITECTURES[platform.machine()]

    def instruction(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, when_true, when_false, value)

    checks = [(_JUMP_AT_LEAST, _X32_BIT), *((_JUMP_EQUAL, number) for number in refused)]
    lines = [
        instruction(_LOAD_WORD, _ARCHITECTURE),
        instruction(_JUMP_EQUAL, architecture, when_true=1),
        instruction(_RETURN, _KILL),
        instruction(_LOAD_WORD, _NUMBER),
        # each check jumps over the rest and over "allow" to "refuse"
        *(instruction(code, value, when_true=len(checks) - place) for place, (code, value) in enumerate(checks)),
        instruction(_RETURN, _ALLOW),
        instruction(_RETURN, _REFUSE),
    ]
    program = _Program(len(lines), b"".join(lines))
    try:
        _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))
    except OSError:
        return False
    return True
