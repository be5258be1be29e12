"""The web process's end of the workers: has them started, talks with them, ends them."""

import asyncio
import logging
import os
import select
import shutil
import signal
import socket
import sys
from collections import deque
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

import msgspec

from telepath.slides import landlock, sandbox
from telepath.slides.messages import LENGTH, Failed, Open, Request
from telepath.slides.sandbox import Protections
from telepath.slides.worker_line import Line

START_SECONDS: Final = 20.0
"""For the nursery to load its libraries, on a busy machine."""

logger = logging.getLogger(__name__)


class WorkerDied(Exception):
    """The worker ended during this request, or (``late``) did not answer in time."""

    def __init__(self, *, late: bool = False) -> None:
        super().__init__()
        self.late = late


class WorkerProcess:
    """One process, copied from the nursery's. Not to be asked twice at the same time."""

    def __init__(self, pid: int, descriptor: int, line: Line) -> None:
        """``descriptor``: of the process itself."""
        self.pid = pid
        self._descriptor = descriptor
        self._line = line
        self.folder = ""
        """Of its slide, in the storage; ``with_files``: whether it sees it."""
        self.with_files = False
        self.answered = 0
        """How many requests, its opening not counted."""
        self.memory = 0
        """Bytes that it has used at most."""
        self.life = AsyncExitStack()
        """Holds what its slide needs while it lives."""

    @property
    def alive(self) -> bool:
        return self._descriptor >= 0 and not _ended(self._descriptor)

    async def open(self, folder: Path | None, seconds: float) -> Protections:
        """Have it shut in with ``folder``, or with none. Raises WorkerDied."""
        return msgspec.msgpack.decode(await self._ask(Open(str(folder or "")), seconds), type=Protections)

    async def ask(self, request: Request, seconds: float) -> bytes:
        """Raises what the work raised; WorkerDied."""
        answer = await self._ask(request, seconds)
        self.answered += 1
        return answer

    async def _ask(self, request: Request, seconds: float) -> bytes:
        answered = False
        try:
            reply = await self._line.ask(request, seconds)
            answered = True
        except (TimeoutError, OSError, EOFError, msgspec.DecodeError, UnicodeDecodeError) as error:
            # "ended": what it was reading may have killed it; the text of the reason could hold a path
            logger.warning("a decoder worker ended: %s", type(error).__name__)
            raise WorkerDied(late=isinstance(error, TimeoutError)) from None
        finally:
            if not answered:  # half an answer may still come: never use it again
                await self.end()
        self.memory = reply.memory
        if isinstance(reply, Failed):
            raise reply.error()
        return reply.answer

    async def end(self) -> None:
        """Kill it, wait for it, give back what it held."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            try:
                await _wait_for_end(descriptor)
                await self._line.close()
            finally:
                os.close(descriptor)
        await self.life.aclose()


def _ended(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


async def _wait_for_end(descriptor: int) -> None:
    if _ended(descriptor):
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(descriptor)


class Workers:
    """Has workers started: copies of a nursery, or, where the kernel has no Landlock, processes inside bubblewrap."""

    def __init__(self) -> None:
        self._nursery: asyncio.Task[_Nursery] | None = None
        self._inside_bubblewrap = landlock.version() < 1 and shutil.which("bwrap") is not None

    def prepare(self) -> None:
        """Begin to load what workers need."""
        if self._nursery is None and not self._inside_bubblewrap:
            self._nursery = asyncio.create_task(_Nursery.start(), name="load what the decoder's workers need")

    async def fresh(self, folder: Path | None, seconds: float) -> tuple[WorkerProcess, Protections]:
        """A worker that is shut in with ``folder``, or with none, and what it says of its sandbox. Raises WorkerDied."""
        worker = await self._started(folder)
        try:
            return worker, await worker.open(folder, seconds)
        except BaseException:
            await worker.end()
            raise

    async def _started(self, folder: Path | None) -> WorkerProcess:
        if self._inside_bubblewrap:
            return await _in_bubblewrap(folder)
        for _ in range(2):  # somebody may have killed the nursery
            self.prepare()
            begun = self._nursery
            try:
                if begun is None:
                    raise WorkerDied
                return await (await asyncio.shield(begun)).worker()
            except WorkerDied:
                if self._nursery is begun:
                    self._nursery = None
                    await _end(begun)
        raise WorkerDied

    async def close(self) -> None:
        begun, self._nursery = self._nursery, None
        await _end(begun)


async def _end(begun: "asyncio.Task[_Nursery] | None") -> None:
    if begun is None:
        return
    with suppress(WorkerDied, OSError):
        await (await begun).end()


class _Nursery:
    """The process of nursery.py."""

    def __init__(self, process: asyncio.subprocess.Process, line: socket.socket) -> None:
        self._process = process
        self._line = line
        self._asked: deque[asyncio.Future[tuple[int, int]]] = deque()
        asyncio.get_running_loop().add_reader(line.fileno(), self._answer)

    @classmethod
    async def start(cls) -> "_Nursery":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                *_python("telepath.slides.nursery"),
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(process, ours)

    async def worker(self) -> WorkerProcess:
        """One more copy. Raises WorkerDied: the nursery itself has ended."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        told: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        try:
            socket.send_fds(self._line, [b"w"], [theirs.fileno()])
            self._asked.append(told)
            async with asyncio.timeout(START_SECONDS):
                pid, descriptor = await told
            line = await _line(ours)
        except (OSError, TimeoutError):
            ours.close()
            raise WorkerDied from None
        except BaseException:
            told.cancel()
            ours.close()
            raise
        finally:
            theirs.close()
        return WorkerProcess(pid, descriptor, line)

    def _answer(self) -> None:
        try:
            message, descriptors, _flags, _address = socket.recv_fds(self._line, LENGTH.size, 1)
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        if not descriptors:
            self._over()
            return
        told = self._asked.popleft()
        if told.done():  # nobody waits any more: the worker sees its conversation closed, and ends
            os.close(descriptors[0])
        else:
            told.set_result((LENGTH.unpack(message)[0], descriptors[0]))

    def _over(self) -> None:
        asyncio.get_running_loop().remove_reader(self._line.fileno())
        while self._asked:
            told = self._asked.popleft()
            if not told.done():
                told.set_exception(WorkerDied())

    async def end(self) -> None:
        if self._line.fileno() >= 0:
            self._over()
            self._line.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


async def _in_bubblewrap(folder: Path | None) -> WorkerProcess:
    before = sandbox.bubblewrap(folder)
    if before is None:
        raise WorkerDied
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        process = await asyncio.create_subprocess_exec(
            *before,
            *_python("telepath.slides.worker"),
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
        )
        descriptor = os.pidfd_open(process.pid)
        line = await _line(ours)
    except OSError:
        ours.close()
        raise WorkerDied from None
    finally:
        theirs.close()
    worker = WorkerProcess(process.pid, descriptor, line)
    worker.life.push_async_callback(process.wait)
    return worker


async def _line(ours: socket.socket) -> Line:
    ours.setblocking(False)
    _, line = await asyncio.get_running_loop().create_unix_connection(Line, sock=ours)
    return line


def _python(module: str) -> tuple[str, ...]:
    return sys.executable, "-P", "-m", module


def _environment() -> dict[str, str]:
    """Nothing of the service's own: it holds secrets. One thread: the nursery is copied, and address space is counted."""
    package_root = str(Path(__file__).parent.parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": package_root,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
        # A tile's buffers are asked for and given back all the time: the system would clear their pages anew each time.
        # mallopt(3); it halves what reading a region of an NDPI or MIRAX slide costs.
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
        "MALLOC_TOP_PAD_": str(16 << 20),
    }
