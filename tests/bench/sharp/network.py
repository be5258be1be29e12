"""Two network namespaces and the line between them (``line.c``, compiled here): real TCP with its handshakes, slow start,
losses and full queues, which a browser's own throttle has not. As root, with /dev/net/tun and a C compiler."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from tests.running import ROOT

SOURCE: Final = Path(__file__).with_name("line.c")
DEPLOYED: Final = ROOT / "deploy" / "sysctl.conf"
"""How a server's kernel is set up: ours, and that of the peers."""
HERE: Final = "198.18.7.1"
"""The server's end. 198.18.0.0/15 is kept for benchmarks (RFC 2544): nothing real has it."""
THERE: Final = "198.18.7.2"
DEVICE: Final = "line"
SMALLEST_QUEUE: Final = 64_000


class Link(msgspec.Struct, frozen=True):
    """The same in both directions."""

    megabits: float
    """A second."""
    round_trip: float = 0.25
    """Seconds, of an empty line."""

    @property
    def queue(self) -> int:
        """Bytes: what is under way on a full line, as a good router has it."""
        return max(SMALLEST_QUEUE, round(self.megabits * 1e6 / 8 * self.round_trip))

    def __str__(self) -> str:
        return f"{self.megabits:g} Mbit/s, {self.round_trip * 1000:.0f} ms"


def missing() -> list[str]:
    """What this machine lacks for it, in words; nothing: it can be done."""
    found = {
        "root": os.geteuid() == 0,
        "/dev/net/tun": Path("/dev/net/tun").exists(),
        "ip (iproute2)": shutil.which("ip") is not None,
        "unshare (util-linux)": shutil.which("unshare") is not None,
        "gcc": shutil.which("gcc") is not None,
    }
    return [what for what, there in found.items() if not there]


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout


class Ends:
    """The two namespaces: ``here`` has the server, ``there`` the browser."""

    def __init__(self, folder: Path, *, here: str, there: str) -> None:
        self.here, self.there = here, there
        self._program = folder / "line"

    def build(self) -> None:
        subprocess.run(["gcc", "-O2", "-Wall", "-pthread", "-o", str(self._program), str(SOURCE)], check=True)
        for name in (self.here, self.there):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
            # What an earlier connection learned of the line must not help a later one.
            forgets = "echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save"
            subprocess.run(["ip", "netns", "exec", name, "sh", "-c", forgets], check=True)
        for line in DEPLOYED.read_text().splitlines():
            name, sign, value = line.partition(" = ")
            # Of a namespace are those of TCP alone.
            if sign and name.startswith("net.ipv4."):
                path = Path("/proc/sys") / name.replace(".", "/")
                subprocess.run(["ip", "netns", "exec", self.here, "sh", "-c", f"echo {value} > {path}"], check=True)
        # The presenter reaches the server by the same address, without the line.
        _ip("-n", self.here, "address", "add", f"{HERE}/32", "dev", "lo")

    def remove(self) -> None:
        for name in (self.here, self.there):
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", name)

    @contextmanager
    def line(self, link: Link) -> Iterator[None]:
        """A line as ``link`` says, until the block ends."""
        files = [f"/run/netns/{name}" for name in (self.here, self.there)]
        said = [f"{link.megabits * 1e6:.0f}", f"{link.round_trip / 2 * 1e6:.0f}", str(link.queue)]
        command = [str(self._program), *files, *said]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            try:
                assert running.stdout is not None
                assert running.stdout.readline() == "ready\n", "the line says what it lacks"
                for name in (self.here, self.there):
                    _ip("-n", name, "link", "set", DEVICE, "mtu", "1500", "txqueuelen", "1000", "up")
                _ip("-n", self.here, "route", "add", THERE, "dev", DEVICE, "src", HERE)
                _ip("-n", self.there, "address", "add", f"{THERE}/24", "dev", DEVICE)
                yield
            finally:
                running.kill()

    def received(self) -> int:
        """Bytes that have come to the browser's end, headers too."""
        (said,) = json.loads(_ip("-n", self.there, "-j", "-s", "link", "show", "dev", DEVICE))
        return int(said["stats64"]["rx"]["bytes"])


@contextmanager
def ends(folder: Path) -> Iterator[Ends]:
    """Both namespaces, until the block ends."""
    made = Ends(folder, here=f"telepath-{os.getpid()}-here", there=f"telepath-{os.getpid()}-there")
    with ExitStack() as stack:
        stack.callback(made.remove)
        made.build()
        yield made
