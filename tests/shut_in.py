"""What can be done from inside the sandbox. ``python -m tests.shut_in acts FOLDER OUTSIDE USER`` tries what a hostile slide
would, and prints what succeeded; ``… pool FOLDER required`` opens the slide in FOLDER as the service does, and prints how that
went."""

import asyncio
import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from telepath.errors import TelepathError
from telepath.slides import sandbox
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage

F_SETSIG = 10


def acts(folder: Path, outside: Path, user: int) -> list[str]:
    """The names of the acts that succeeded, once shut in with ``folder``. ``outside``: a file beside it; ``user``: of the
    service."""
    parent, program = os.getppid(), list(sandbox.program())
    assert program  # what Python looks for here it may not be able to read afterwards
    if os.geteuid() != user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    sandbox.enter(folder)
    libc = ctypes.CDLL(None, use_errno=True)
    inside = next(iter(folder.iterdir()))

    opened = os.open(inside, os.O_RDONLY)

    def thread() -> None:
        worker = threading.Thread(target=int)
        worker.start()
        worker.join()

    def call(number: int, *arguments: object) -> None:
        if libc.syscall(number, *arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    tried: dict[str, Callable[[], object]] = {
        "read its slide": inside.read_bytes,
        "list its folder": lambda: list(folder.iterdir()),
        "start a thread": thread,
        "read a file outside": outside.read_bytes,
        "read a file outside by way of its folder": (folder / ".." / outside.name).read_bytes,
        "list the folder above": lambda: list(folder.parent.iterdir()),
        "read the list of users": Path("/etc/passwd").read_bytes,
        "look at another process": Path(f"/proc/{parent}/environ").read_bytes,
        "write into its folder": lambda: (folder / "new").write_bytes(b"x"),
        "write into its slide": lambda: inside.open("r+b").close(),
        "remove its slide": lambda: inside.rename(folder / "renamed"),
        "change the mode of a file": lambda: outside.chmod(0o777),
        "change the time of a file": lambda: os.utime(outside),
        "cut a file short": lambda: os.truncate(outside, 0),
        "open a socket": socket.socket,
        "open a pair of sockets": socket.socketpair,
        "start a program": lambda: subprocess.run(["/bin/true"], check=True),
        "start a process": lambda: os.fork() or os._exit(0),
        "signal to another process": lambda: os.kill(parent, signal.SIGWINCH),
        "have another process signalled to": lambda: fcntl.fcntl(opened, fcntl.F_SETOWN, parent),
        "say with which signal": lambda: fcntl.fcntl(opened, F_SETSIG, signal.SIGWINCH),
        "limit another process": lambda: __import__("resource").prlimit(parent, 7),
        "use more memory than it may": lambda: bytearray(sandbox.DATA),
        "make a user namespace": lambda: call({"x86_64": 272}.get(os.uname().machine, 97), 0x10000000),
    }
    done = []
    for name, act in tried.items():
        with contextlib.suppress(OSError, MemoryError, RuntimeError):
            act()
            done.append(name)
    return done


async def pool(folder: Path, *, required: bool) -> list[str]:
    """The protections that are missing, and then what came of the slide in ``folder``: its source, or the error's code."""
    async with DecoderPool(LocalStorage(folder.parent), 1, sandbox_required=required) as decoders:
        missing = (await decoders.protections(folder)).missing()
        try:
            entry = (await decoders.companions(folder)).files[0][0]
            found = await decoders.inspect(folder, entry)
        except TelepathError as error:
            return [*missing, f"{error.code} {error.params.get('what', '')}".strip()]
        return [*missing, found.source.value]


if __name__ == "__main__":
    place = Path(sys.argv[2])
    if sys.argv[1] == "acts":
        print(json.dumps(acts(place, Path(sys.argv[3]), int(sys.argv[4]))))
    else:
        print(json.dumps(asyncio.run(pool(place, required=sys.argv[3] == "required"))))
