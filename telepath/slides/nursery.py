"""The process whose copies become workers: everything is loaded once, so that a worker is there in a few milliseconds.

``python -m telepath.slides.nursery FD``. FD is a socket of its own with the web process (worker_process.py): each message
brings the worker's end of its conversation, the answer is the worker's process id, with a descriptor of the process itself. It
reads no file of a stranger, ever: each worker shuts itself in (sandbox.py) after it was copied. When the web process is gone it
ends, and with it every worker.
"""

import gc
import os
import signal
import socket
import sys

from telepath.slides import worker
from telepath.slides.messages import LENGTH


def main(descriptor: int) -> None:
    # What is loaded stays: no worker looks through it for garbage, which would make the pages that all share its own.
    gc.collect()
    gc.freeze()
    # Nobody waits for a worker here: the web process holds its descriptor.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as asked:
        while True:
            _message, ends, _flags, _address = socket.recv_fds(asked, 1, 1)
            if not ends:
                return
            (end,) = ends
            process = os.fork()
            if process == 0:
                _become_worker(end)
            held = os.pidfd_open(process)
            socket.send_fds(asked, [LENGTH.pack(process)], [held])
            os.close(held)
            os.close(end)


def _become_worker(end: int) -> None:
    """Never returns. Standard input and output are the conversation, and nothing else is open."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(end, 0)
        os.dup2(end, 1)
        os.closerange(3, 65536)
        worker.run()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]))
