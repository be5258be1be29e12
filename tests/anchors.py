"""What stands outside in tests: a log to give away, a strict C2SP witness, and a real S3 with object lock."""

import base64
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.anchors.comparison import Log
from telepath.anchors.model import Head
from telepath.audit import (
    COSIGNATURE,
    Note,
    VerifierKey,
    consistency_spans,
    cosigned_text,
    leaf_hash,
    node_hash,
    parse_note,
    root_of,
    signature_line,
)
from telepath.checkpoints import signed_checkpoint, verified
from tests.builders import NOON

KEY = Ed25519PrivateKey.from_private_bytes(b"a key of tests, 32 bytes long...")
LOG = "telepath.example/audit"
OF = Log(LOG, [KEY.public_key().public_bytes_raw()])


class Tree:
    """The leaves of one tree, without a database."""

    def __init__(self, shard: str = "2026", log: str = LOG) -> None:
        self.shard = shard
        self.origin = f"{log}/{shard}"
        self.leaves: list[bytes] = []

    def grown(self, to: int, *, rewritten: int | None = None) -> "Tree":
        """The same with ``to`` leaves, in which number ``rewritten`` is another."""
        other = Tree(self.shard, self.origin.rpartition("/")[0])
        other.leaves = [leaf_hash(b"%d%s" % (number, b"!" * (number == rewritten))) for number in range(to)]
        return other

    def head(self, key: Ed25519PrivateKey = KEY) -> Head:
        leaves, size = self.leaves, len(self.leaves)

        async def prove(old: int) -> Sequence[bytes]:
            return [root_of(leaves[low:high]) for low, high in consistency_spans(old, size)]

        note = signed_checkpoint(key, LOG, self.origin, size, root_of(leaves))
        return Head(shard=self.shard, note=note, at=NOON + timedelta(minutes=size), prove=prove)


def extends(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """RFC 6962 2.1.2 read backwards: its SUBPROOF, with the proof's last hash taken first. Not the product's own way."""
    left_over = list(proof)

    def subtree(m: int, n: int, known: bool) -> tuple[bytes, bytes]:
        if m == n:
            node = old_root if known else left_over.pop()
            return node, node
        k = 1 << (n - 1).bit_length() - 1
        sibling = left_over.pop()
        if m <= k:
            before, after = subtree(m, k, known)
            return before, node_hash(after, sibling)
        before, after = subtree(m - k, n - k, False)
        return node_hash(sibling, before), node_hash(sibling, after)

    try:
        return subtree(old, new, True) == (old_root, new_root) and not left_over
    except IndexError:
        return False


class Witness:
    """Keeps to C2SP tlog-witness: every MUST of ``add-checkpoint``. Remembers the newest head of each log in a file."""

    def __init__(self, state: Path, trusted: bytes, name: str = "witness.example/w1") -> None:
        self.private = Ed25519PrivateKey.generate()
        self.key = VerifierKey(name, self.private.public_key().public_bytes_raw(), COSIGNATURE)
        self.address = ""
        self.instead: tuple[int, str] | None = None
        """What it answers in spite of everything: status and body."""
        self.asked: list[str] = []
        """The first line of each request."""
        self._state = state
        self._trusted = trusted
        self._turn = threading.Lock()

    @property
    def seen(self) -> dict[str, tuple[int, str]]:
        """Origin → size and root (base64) that it cosigned last."""
        return json.loads(self._state.read_text()) if self._state.exists() else {}

    def add_checkpoint(self, body: bytes) -> tuple[int, str, str]:
        """Status, content type and body of the answer."""
        if self.instead is not None:
            return self.instead[0], "text/plain", self.instead[1]
        try:
            first, note, old, proof = self._read(body)
        except (ValueError, UnicodeDecodeError):
            return 400, "text/plain", "malformed"
        self.asked.append(first)
        if not note.origin.startswith(f"{LOG}/"):
            return 404, "text/plain", "unknown log"
        try:
            verified(body.decode().partition("\n\n")[2], [self._trusted])
        except ValueError:
            return 403, "text/plain", "not signed"
        if old > note.size:
            return 400, "text/plain", "the old size is larger"
        with self._turn:
            size, root = self.seen.get(note.origin, (0, ""))
            if old != size:
                return 409, "text/x.tlog.size", f"{size}\n"
            if old == note.size and old and base64.b64decode(root) != note.root:
                return 409, "text/plain", "another root"
            if old == 0 and proof:
                return 422, "text/plain", "a proof from nothing"
            if 0 < old < note.size and not extends(base64.b64decode(root), old, note.root, note.size, proof):
                return 422, "text/plain", "not consistent"
            kept = self.seen | {note.origin: (note.size, base64.b64encode(note.root).decode())}
            self._state.write_text(json.dumps(kept))
        return 200, "text/plain", self.cosignature(note)

    def cosignature(self, note: Note, by: Ed25519PrivateKey | None = None) -> str:
        seconds = int(time.time())
        signature = (by or self.private).sign(cosigned_text(note.text, seconds))
        return signature_line(self.key, seconds.to_bytes(8, "big") + signature)

    @staticmethod
    def _read(body: bytes) -> tuple[str, Note, int, list[bytes]]:
        header, blank, text = body.decode().partition("\n\n")
        first, *lines = header.split("\n")
        word, _, number = first.partition(" ")
        old = int(number)
        if not blank or word != "old" or str(old) != number or len(lines) > 63 or not text.endswith("\n"):
            raise ValueError(first)
        return first, parse_note(text), old, [base64.b64decode(line, validate=True) for line in lines]

    @contextmanager
    def serving(self) -> Iterator["Witness"]:
        witness = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, kind, text = 404, "text/plain", "not here"
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/w1/add-checkpoint":
                    status, kind, text = witness.add_checkpoint(body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.address = f"http://127.0.0.1:{server.server_address[1]}/w1"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


class S3:
    """A running S3: its address, and a client that is its owner's."""

    KEY_ID, SECRET = "a-key", "a-secret"

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.owner = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="test",
            aws_access_key_id=self.KEY_ID,
            aws_secret_access_key=self.SECRET,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def address(self, bucket: str) -> str:
        """Of an anchor."""
        return f"s3://{self.KEY_ID}:{self.SECRET}@{bucket}/telepath?region=test&endpoint={self.endpoint}"

    def versions(self, bucket: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.owner.list_object_versions(Bucket=bucket).get("Versions", [])
        return found


class SeaweedFS(S3):
    """A real one, with one identity; to be started and stopped as often as wanted."""

    def __init__(self, folder: Path) -> None:
        with ExitStack() as stack:  # held until all are found, so that none is found twice
            found = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in range(8)]
            ports = [one.getsockname()[1] for one in found]
        identity = {"accessKey": self.KEY_ID, "secretKey": self.SECRET}
        known = {"identities": [{"name": "owner", "credentials": [identity], "actions": ["Admin", "Read", "Write"]}]}
        (folder / "s3.json").write_text(json.dumps(known))
        names = ("master", "volume", "filer", "s3")
        options = [f"-{name}.port{kind}={ports.pop()}" for name in names for kind in ("", ".grpc")]
        command = [
            str(Path(sys.executable).parent / "weed"),
            "server",
            f"-dir={folder}",
            "-ip=127.0.0.1",
            "-filer",
            "-s3",
        ]
        command += [*options, f"-s3.config={folder / 's3.json'}", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
        command += ["-master.volumeSizeLimitMB=16", "-volume.max=900", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        port = next(option.partition("=")[2] for option in options if option.startswith("-s3.port="))
        self._folder, self._command = folder, command
        self._running: subprocess.Popen[bytes] | None = None
        super().__init__(f"http://127.0.0.1:{port}")

    def start(self) -> None:
        log = self._folder / "log"
        with log.open("ab") as output:
            self._running = subprocess.Popen(self._command, stdout=output, stderr=output, cwd=self._folder)
        deadline = time.monotonic() + 60
        while not _answers(self):
            if self._running.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"SeaweedFS did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)  # there is nothing else to wait on: it is another process

    def stop(self) -> None:
        """As ``kill -9``."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()


@contextmanager
def s3_server(folder: Path) -> Iterator[SeaweedFS]:
    server = _started(folder)
    try:
        yield server
        server.owner.close()
    finally:
        server.stop()


def _started(folder: Path) -> SeaweedFS:
    """Between finding a port and taking it another process may have had it: then once more, with others."""
    for number in range(5):
        place = folder / f"seaweedfs-{number}"
        place.mkdir()
        server = SeaweedFS(place)
        try:
            server.start()
        except AssertionError as error:
            server.stop()
            if "address already in use" not in str(error):
                raise
        else:
            return server
    raise AssertionError("SeaweedFS found no free ports")


def _answers(server: S3) -> bool:
    try:
        server.owner.list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True
