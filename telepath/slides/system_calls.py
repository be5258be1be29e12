"""seccomp: which system calls this process may not make any more.

No socket, no other program or process, no signal to anybody else, nobody else's memory, limits or priority; no change of modes,
owners or times, which Landlock leaves open. The rest passes.
Sources: seccomp(2), linux/seccomp.h, linux/bpf_common.h, linux/filter.h; numbers: asm/unistd_64.h, asm-generic/unistd.h.
"""

import ctypes
import os
import platform
import struct
import sys
from typing import Final

_libc: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2

_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""AUDIT_ARCH_…, and the column of the tables below."""
_ABSENT: Final = -1

REFUSED: Final[dict[str, tuple[int, int]]] = {
    # the network, and other ways to other processes
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_unlink": (241, 181),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # other programs and processes
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, _ABSENT),
    "vfork": (58, _ABSENT),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    # files by the back door, and what Landlock does not look at
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "truncate": (76, 45),
    "chmod": (90, _ABSENT),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, _ABSENT),
    "fchown": (93, 55),
    "lchown": (94, _ABSENT),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "utime": (132, _ABSENT),
    "utimes": (235, _ABSENT),
    "futimesat": (261, _ABSENT),
    "utimensat": (280, 88),
    "fanotify_init": (300, 262),
    # the machine
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
_CLONE: Final = (56, 220)
_CLONE3: Final = (435, 435)
_TGKILL: Final = (234, 131)
_PRLIMIT: Final = (302, 261)
_FCNTL: Final = (72, 25)
_IOCTL: Final = (16, 29)
_CLONE_THREAD: Final = 0x10000
_OWNERS: Final = (8, 10, 15)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX: whom the kernel sends which signal when something comes. Landlock looks at it from its sixth
version on (Linux 6.12)."""
_OWNERS_TOO: Final = (0x8901, 0x8902, 0x5452)
"""FIOSETOWN, SIOCSPGRP, FIOASYNC."""

_X32_BIT: Final = 0x40000000
_LOAD_WORD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_JUMP_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050001  # SECCOMP_RET_ERRNO | EPERM
_ABSENT_CALL: Final = 0x00050026  # SECCOMP_RET_ERRNO | ENOSYS
_KILL: Final = 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24  # offsets in struct seccomp_data


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse() -> bool:
    """From here on. Needs no_new_privs. False: the kernel, or this kind of processor, does not do it."""
    if platform.machine() not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    architecture, column = _ARCHITECTURES[platform.machine()]
    instructions = _instructions(architecture, column, os.getpid())
    program = _Program(len(instructions), b"".join(instructions))
    return bool(_libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program), 0, 0) == 0)


def _instructions(architecture: int, column: int, process: int) -> list[bytes]:
    lines = [
        _line(_LOAD_WORD, _ARCHITECTURE),
        _line(_JUMP_EQUAL, architecture, when_true=1),
        _line(_RETURN, _KILL),
        _line(_LOAD_WORD, _NUMBER),
        *_answer(_JUMP_AT_LEAST, _X32_BIT, _REFUSE),
        # glibc then falls back to clone, whose flags stand in a register where we can see them
        *_answer(_JUMP_EQUAL, _CLONE3[column], _ABSENT_CALL),
    ]
    for numbers in REFUSED.values():
        if numbers[column] != _ABSENT:
            lines += _answer(_JUMP_EQUAL, numbers[column], _REFUSE)
    # A thread of our own is none of "another process"; abort() signals to itself; limits are set for oneself.
    lines += _only_when(_CLONE[column], (_JUMP_ANY_BIT, _CLONE_THREAD))
    lines += _only_when(_TGKILL[column], (_JUMP_EQUAL, process))
    lines += _only_when(_PRLIMIT[column], (_JUMP_EQUAL, 0), (_JUMP_EQUAL, process))
    lines += _not_when(_FCNTL[column], *_OWNERS)
    lines += _not_when(_IOCTL[column], *_OWNERS_TOO)
    return [*lines, _line(_RETURN, _ALLOW)]


def _answer(test: int, value: int, answer: int) -> list[bytes]:
    return [_line(test, value, when_false=1), _line(_RETURN, answer)]


def _only_when(number: int, *tests: tuple[int, int]) -> list[bytes]:
    """The call passes when its first argument passes one of the tests (low word)."""
    body = [_line(_LOAD_WORD, _FIRST_ARGUMENT)]
    for test, value in tests:
        body += _answer(test, value, _ALLOW)
    body.append(_line(_RETURN, _REFUSE))
    return [_line(_JUMP_EQUAL, number, when_false=len(body)), *body]


def _not_when(number: int, *values: int) -> list[bytes]:
    """The call passes unless its second argument is one of these (low word)."""
    body = [_line(_LOAD_WORD, _SECOND_ARGUMENT)]
    for value in values:
        body += _answer(_JUMP_EQUAL, value, _REFUSE)
    body.append(_line(_RETURN, _ALLOW))
    return [_line(_JUMP_EQUAL, number, when_false=len(body)), *body]


def _line(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)
