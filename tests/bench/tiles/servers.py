"""Servers as processes of their own, on one core, and what they use of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]

from tests.bench import tools
from tests.login import free_port
from tests.running import ROOT

SERVED_ON: Final = min(os.sched_getaffinity(0))
ASKED_FROM: Final = max(os.sched_getaffinity(0))
"""Cores: servers have one, whoever asks has another."""
PATIENCE: Final = 60.0
RESTED: Final = 3.0
APPS: Final = Path(__file__).parent.parent / "peers"

NGINX: Final = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
{user}
events {{ worker_connections 512; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ image/jpeg jpg; }}
    {http}
    server {{
        listen 127.0.0.1:{port} {listen};
        {server}
    }}
}}
"""
THREADS: Final = ("--worker-class", "gthread", "--threads", "4", "--keep-alive", "60")
"""Of gunicorn: kinder than its defaults, which close each connection."""
OPEN_FILE_CACHE: Final = "open_file_cache max=20000 inactive=60s; open_file_cache_valid 60s;"


class Server:
    """One server: a port on the loopback, and the processes behind it."""

    def __init__(self, port: int, *roots: "subprocess.Popen[bytes]") -> None:
        self.port = port
        self.roots = roots

    def processes(self) -> list[psutil.Process]:
        """Those that were started, and all that they started."""
        found = []
        for root in self.roots:
            process = psutil.Process(root.pid)
            found += [process, *process.children(recursive=True)]
        return found

    def cpu(self) -> float:
        """Seconds on a processor so far, those of ended children too."""
        total = 0.0
        for process in self.processes():
            with suppress(psutil.NoSuchProcess, OSError):
                times = process.cpu_times()  # counts in hundredths of a second, the clock of a process in nanoseconds
                total += time.clock_gettime(~process.pid << 3 | 2) + times.children_user + times.children_system
        return total

    @cached_property
    def resting(self) -> float:
        """Share of a core that it uses while nobody asks. To be asked first when nobody has for a moment."""
        self.settle()
        before = self.cpu()
        time.sleep(RESTED)
        return (self.cpu() - before) / RESTED

    def memory(self) -> float:
        """MB (PSS) of the first process alone."""
        return float(psutil.Process(self.roots[0].pid).memory_full_info().pss / 1e6)

    def settle(self) -> None:
        """Wait until it has nothing more to do: twice in a row next to nothing was used for a moment."""
        quiet, before, deadline = 0, self.cpu(), time.monotonic() + PATIENCE
        while quiet < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
            now = self.cpu()
            quiet, before = (quiet + 1 if now - before < 0.02 else 0), now


@contextmanager
def process(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None, core: int | None = SERVED_ON
) -> "Iterator[subprocess.Popen[bytes]]":
    """Run ``command`` until the block ends, on ``core``; None: on any."""
    pinned = ["taskset", "-c", str(core) if core is not None else f"{SERVED_ON},{ASKED_FROM}"]
    with log.open("ab") as output:
        running = subprocess.Popen(
            [*pinned, *command], env=os.environ | dict(environment or {}), stdout=output, stderr=output, cwd=ROOT
        )
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def listening(running: "subprocess.Popen[bytes]", log: Path, *, port: int = 0, path: Path | None = None) -> None:
    """Wait until the process listens on ``port``, or made the socket ``path``. Raises AssertionError: it ended before."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as probe:
            if path.exists() if path is not None else probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if running.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"a server did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)


@contextmanager
def gunicorn(app: str, folder: Path, *options: str, core: int | None = SERVED_ON) -> Iterator[Server]:
    """``app`` of tests/bench/peers, with one worker process."""
    program = tools.gunicorn()
    assert program is not None
    port, log = free_port(), folder / "gunicorn.log"
    command = [program, "--bind", f"127.0.0.1:{port}", "--pythonpath", str(APPS), "--workers", "1", *options, app]
    with process(command, log=log, core=core) as running:
        listening(running, log, port=port)
        yield Server(port, running)


@contextmanager
def nginx(
    folder: Path, server: str, *others: "subprocess.Popen[bytes]", http: str = "", listen: str = ""
) -> Iterator[Server]:
    """nginx with one worker and what stands in ``server``; ``others`` are behind it and are counted with it."""
    program = tools.found()["nginx-light"]
    assert program is not None
    folder.mkdir(parents=True, exist_ok=True)
    port, log, configuration = free_port(), folder / "nginx.log", folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(NGINX.format(folder=folder, port=port, server=server, http=http, listen=listen, user=user))
    with process([program, "-e", str(log), "-c", str(configuration)], log=log) as running:
        listening(running, log, port=port)
        yield Server(port, running, *others)


@contextmanager
def iipimage(folder: Path, slides: Path) -> Iterator[Server]:
    """Debian's iipsrv with its defaults, one process behind nginx: /iip?FIF=file&JTL=resolution,tile."""
    folder.mkdir(parents=True, exist_ok=True)
    plug, log = folder / "iip.socket", folder / "iip.log"
    environment = {"FILESYSTEM_PREFIX": f"{slides}/", "VERBOSITY": "0", "LOGFILE": str(folder / "iipsrv.log")}
    server = f"location /iip {{ fastcgi_pass unix:{plug}; fastcgi_param QUERY_STRING $query_string; \
fastcgi_param REQUEST_METHOD $request_method; fastcgi_param SERVER_PROTOCOL $server_protocol; }}"
    with ExitStack() as stack:
        command = [str(tools.IIPSRV), "--bind", str(plug), "--backlog", "1024"]
        running = stack.enter_context(process(command, log=log, environment=environment))
        listening(running, log, path=plug)
        yield stack.enter_context(nginx(folder, server, running))


@contextmanager
def telepath(
    folder: Path,
    environment: Mapping[str, str],
    *,
    core: int | None = SERVED_ON,
    log: str = "node.log",
    at: str = "127.0.0.1",
) -> Iterator[Server]:
    """``telepath serve`` with these settings; browsers know it by the address ``at``."""
    port, output = free_port(), folder / log
    settings = {"TELEPATH_PORT": str(port), "TELEPATH_ORIGIN": f"http://{at}:{port}", **environment}
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())", "serve"]
    with process(command, log=output, environment=settings, core=core) as running:
        listening(running, output, port=port)
        yield Server(port, running)
