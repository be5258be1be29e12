"""Who runs a command: the service itself, from the account of the operating system that started it."""

import os
import pwd
from collections.abc import Mapping
from typing import Final

import msgspec

from telepath.actor import SYSTEM, Actor

NAME_LENGTH: Final = 32


def operator(environment: Mapping[str, str] = os.environ) -> Actor:
    """Whoever has a shell on the server is the service itself; ``device`` says from which account. It is kept in the vault."""
    return msgspec.structs.replace(SYSTEM, device=f"command line, {_account(environment)}")


def _account(environment: Mapping[str, str]) -> str:
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run under numbers that nobody named
        name = str(os.getuid())
    before = "".join(letter for letter in environment.get("SUDO_USER", "") if letter.isprintable())[:NAME_LENGTH]
    # sudo(8): "SUDO_USER: Set to the login name of the user who invoked sudo." Told, not proven.
    return f"{name}, sudo {before}" if before and before != name else name


OPERATOR: Final = operator()
