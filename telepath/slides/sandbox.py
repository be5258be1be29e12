"""Shuts the current process in, before it looks at a stranger's file. Linux; every protection is tried, and told.

After ``enter`` the process reads its slide's folder and its own program, and nothing else: it writes no file, opens no
socket, starts no program and no process, signals to nobody, and dies when it uses too much memory or time. Nothing of it
needs root. Started as root, it takes a user of its own and keeps of root's rights the one to read: Landlock then says what.
Without Landlock (landlock.py) the same view of the files is had from bubblewrap, which must be there before the process.
Sources: prctl(2), capabilities(7), getrlimit(2), bwrap(1).
"""

import ctypes
import os
import resource
import shutil
import struct
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from telepath.slides import landlock, system_calls

MEMORY: Final = 3 << 30
"""Bytes of address space. Damaged slides ask for any amount; under 2 GiB some good ones fail too."""
DATA: Final = 1536 << 20
"""Bytes of it that can be written to: what it may really use."""
OPEN_FILES: Final = 64
CPU_SECONDS: Final = 20
"""For one request."""
THREADS: Final = 32
"""Of a worker with a user of its own; no other worker can start a process anyway."""
FIRST_USER: Final = 2_000_000_000
"""A worker started as root becomes this user plus its process id: beyond what systems and containers give to anybody."""
NOBODY: Final = 65534
"""Where the system has no such users: in a container that maps 65,536 of them."""


class Protections(msgspec.Struct, frozen=True):
    """Which protections hold in this process."""

    limits: bool
    files: bool
    """Only the slide's folder and the program can be read, nothing written."""
    network: bool
    """No socket, and no other program or process can be started."""
    identity: bool = True
    """Not root."""

    def missing(self) -> list[str]:
        return [name for name in self.__struct_fields__ if not getattr(self, name)]

    def too_few(self) -> list[str]:
        """Those of the missing ones without which a stranger's file is not opened."""
        return [name for name in self.missing() if name != "identity"]


def enter(folder: Path | None) -> Protections:
    """Shut this process in with ``folder``, or with none, for ever. Call before the first byte of a stranger's file is read,
    and from the only thread; import everything first."""
    os.umask(0o077)
    with suppress(OSError):
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    identity = _take_identity()
    limits = _limit()
    with suppress(OSError):
        _prctl(_PR_SET_PDEATHSIG, _SIGKILL)  # after the identity: a change of it takes this away
        _prctl(_PR_SET_DUMPABLE, 0)
    readable = [*([folder] if folder else ()), *program()]
    files = landlock.restrict(readable) or _nothing_else_is_there(readable)
    return Protections(limits=limits, files=files, network=system_calls.refuse(), identity=identity)


def allow_time(seconds: int = CPU_SECONDS) -> None:
    """Give the process this much more processor time for its next request; it dies when it needs more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds + 1, resource.RLIM_INFINITY))


def program() -> Iterable[Path]:
    """What Python may still want to read when a rarely used module is imported: never the service's data."""
    package = Path(__file__).parent.parent
    libraries = {Path(path) for path in sysconfig.get_paths().values()}
    libraries |= {Path(sys.base_prefix) / "lib", Path(sys.base_prefix) / "bin"}
    system = Path("/usr/lib"), Path("/lib"), Path("/lib64"), Path("/dev/urandom")
    for path in (package, *sorted(libraries), *system):
        if os.path.exists(path):  # Path.exists() raises where this user may not look
            yield path


def bubblewrap(folder: Path | None) -> list[str] | None:
    """What to put before a worker's command so that it sees ``folder`` and its program only; None: it is not installed. For
    a kernel without Landlock."""
    found = shutil.which("bwrap")
    if found is None:
        return None
    command = [found, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--chdir", "/"]
    wanted = [*program(), *([folder] if folder else ())]
    for path in wanted:
        if any(other in path.parents for other in wanted):
            continue
        command += ["--dev-bind" if path.is_char_device() else "--ro-bind", str(path), str(path)]
    return command


def _limit() -> bool:
    wanted = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_DATA: DATA,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if os.getuid() >= FIRST_USER:  # the count is of a user's processes: the service's own has many
        wanted[resource.RLIMIT_NPROC] = THREADS
    try:
        for limit, value in wanted.items():
            resource.setrlimit(limit, (value, value))
    except (OSError, ValueError):
        return False
    return True


_libc: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_KEEPCAPS: Final = 8
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECUREBITS: Final = 28
_NO_SETUID_FIXUP: Final = 1 << 2
_SIGKILL: Final = 9


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


_CAPABILITY_HEADER: Final = struct.pack("=Ii", 0x20080522, 0)
_CAP_DAC_OVERRIDE: Final = 1 << 1
_CAP_DAC_READ_SEARCH: Final = 1 << 2


def _take_identity() -> bool:
    """Root becomes somebody without any right but to read, others give up what rights they have. False: still root."""
    if os.geteuid() != 0:
        return not _permitted() or _keep(0)
    # A slide's files are private to the service's user. Containers often have the second right only; nothing is ever written.
    kept = (held := _permitted()) & _CAP_DAC_READ_SEARCH or held & _CAP_DAC_OVERRIDE
    if not kept:
        return False
    # access(2) leaves out rights that another user than root has, unless told so; OpenSlide's MIRAX driver looks with it
    # whether its files are there (capabilities(7), SECBIT_NO_SETUID_FIXUP).
    with suppress(OSError):
        _prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP)
    for user in (FIRST_USER + os.getpid(), NOBODY):
        try:
            _prctl(_PR_SET_KEEPCAPS, 1)
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        except OSError:
            continue
        return _keep(kept)
    return False


def _permitted() -> int:
    data = ctypes.create_string_buffer(24)
    if _libc.capget(_CAPABILITY_HEADER, data) != 0:
        return 0
    permitted: int = struct.unpack("=6I", data.raw)[1]
    return permitted


def _keep(rights: int) -> bool:
    return bool(_libc.capset(_CAPABILITY_HEADER, struct.pack("=6I", rights, rights, 0, 0, 0, 0)) == 0)


def _nothing_else_is_there(readable: list[Path]) -> bool:
    """Whether each folder above what may be read shows that and nothing else: so it is inside bubblewrap."""
    above = {parent for path in readable for parent in path.parents}
    for parent in above:
        if any(parent.is_relative_to(path) for path in readable):
            continue
        expected = {path.relative_to(parent).parts[0] for path in readable if parent in path.parents}
        try:
            if not set(os.listdir(parent)) <= expected:
                return False
        except OSError:
            return False
    return True
