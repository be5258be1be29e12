"""deploy/sysctl.conf: its keys are keys of the kernel."""

from pathlib import Path

import pytest

LINES = (Path(__file__).parents[3] / "deploy" / "sysctl.conf").read_text().splitlines()
KEYS = [line.partition("=")[0].strip() for line in LINES if line and not line.startswith("#")]
SYSTEM = Path("/proc/sys")
WHOLE_MACHINE = {"net.core.default_qdisc"}
"""What a container with a network of its own does not show, nor its neighbours of net/core."""


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_one_of_the_kernels(key: str) -> None:
    shown = key not in WHOLE_MACHINE or (SYSTEM / "net/core/netdev_budget").exists()
    assert (SYSTEM / key.replace(".", "/")).exists() == shown
