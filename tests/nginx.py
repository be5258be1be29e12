"""deploy/nginx.conf run for real: on free ports of the loopback, with a certificate of the tests, in front of ``node``."""

import asyncio
import getpass
import grp
import os
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import Certificates
from tests.login import free_port
from tests.tools import ToolMissing, nginx

CONFIGURATION = Path(__file__).parent.parent / "deploy" / "nginx.conf"

MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
{user}
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/telepath.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    secure_port: int
    plain_port: int
    log: Path
    errors: Path

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.secure_port}"


def ports() -> tuple[int, int]:
    return free_port(), free_port()


def adapted(certificates: Certificates, folder: Path, secure: int, plain: int, nodes: Iterable[int]) -> str:
    """The delivered file with what its first lines say must be changed, and the ports and paths of a test.

    Raises AssertionError: it no longer has what is to be changed."""
    text = CONFIGURATION.read_text()
    servers = "\n    ".join(f"server 127.0.0.1:{node};" for node in nodes)
    for pattern, replacement in (
        (r"server 127\.0\.0\.1:8000;", servers),
        (r"listen \[::\]:\d+[^;]*;", ""),
        (r"listen 443 ", f"listen 127.0.0.1:{secure} "),
        (r"listen 80\b", f"listen 127.0.0.1:{plain}"),
        (r"server_name telepath\.example\.org;", "server_name localhost;"),
        (r"ssl_certificate +/etc[^;]+;", f"ssl_certificate {certificates.chain};"),
        (r"ssl_certificate_key +/etc[^;]+;", f"ssl_certificate_key {certificates.key};"),
        (r"/var/log/nginx/telepath\.log", str(folder / "access.log")),
    ):
        text, changed = re.subn(pattern, replacement, text)
        assert changed, f"deploy/nginx.conf has no {pattern}"
    return text


@asynccontextmanager
async def proxying(
    folder: Path, certificates: Certificates, nodes: Iterable[int], *, secure: int, plain: int
) -> AsyncIterator[Proxy]:
    """nginx, answering, until the block ends. Raises ToolMissing: there is no nginx."""
    program = nginx()
    if program is None:
        raise ToolMissing("no nginx: run `sudo apt-get install nginx-light`")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "telepath.conf").write_text(adapted(certificates, folder, secure, plain, nodes))
    # As root it would become nobody, who may not enter the tests' folder.
    user = f"user {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name};" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder, user=user))
    process = await asyncio.create_subprocess_exec(program, "-e", str(folder / "error.log"), "-c", str(main))
    try:
        await _answering(process, secure, folder / "error.log")
        yield Proxy(secure, plain, folder / "access.log", folder / "error.log")
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answering(process: asyncio.subprocess.Process, port: int, errors: Path) -> None:
    while True:
        assert process.returncode is None, f"nginx ended:\n{errors.read_text()}"
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.02)
