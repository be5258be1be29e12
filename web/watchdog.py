"""Tells systemd that this node still does its work: one that hangs is killed then, and its people come to another at once.

Source: sd_notify(3), "WATCHDOG=1"; sd_watchdog_enabled(3), the variables."""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

SHARE: Final = 4
"""Times that it is told within the time in which systemd must hear it."""


async def tell_systemd(environment: Mapping[str, str] = os.environ) -> None:
    """Until it is cancelled, from the event loop: what keeps that from turning keeps this from being told. Returns at once
    where systemd does not ask for it, or asks another process."""
    address, longest = environment.get("NOTIFY_SOCKET", ""), environment.get("WATCHDOG_USEC", "")
    ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not (address and longest.isdecimal() and int(longest) and ours):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract one has no place in the file system
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.setblocking(False)
        while True:
            with suppress(OSError):  # systemd is being replaced by a newer one
                told.sendto(b"WATCHDOG=1", address)
            await asyncio.sleep(int(longest) / 1_000_000 / SHARE)
