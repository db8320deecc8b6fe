"""
TCP ports on this machine: free ones for replicas, and who holds one that is taken.

Chosen ports lie below those that Linux gives to outgoing connections: a replica's port must still
be free when the replica is started again.
"""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Collection
from pathlib import Path

from serinus.adapters.local import procfs
from serinus.ports.failures import Rejected, Unavailable

LOOPBACK = "127.0.0.1"
_PRIVILEGED = 1024
_SIX = 6
_FIRST, _LAST = 20_000, 32_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def choose(taken: Collection[int]) -> int:
    """Return a port that is free now and is not among those taken."""
    first, last = _span()
    size = last - first
    # Two homes on one machine start at different places, so that they seldom try the same port.
    start = (os.getpid() * 7919) % size
    for step in range(size):
        port = first + (start + step) % size
        if port not in taken and is_free(LOOPBACK, port):
            return port
    raise Unavailable(f"no free port between {first} and {last}; stop something")


def is_free(host: str, port: int) -> bool:
    """Tell whether a listener could be opened. What is closing (TIME_WAIT) does not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def demand(host: str, port: int, purpose: str, advice: str) -> None:
    """Refuse a port that is taken, naming its holder and what to do."""
    _demand_address(host, purpose)
    if is_free(host, port):
        return
    who = procfs.holder(port)
    if not who and port < _PRIVILEGED and os.geteuid() != 0:
        raise Rejected(f"port {port} for {purpose}: only root may listen below 1024; {advice}")
    raise Rejected(
        f"port {port} for {purpose} is taken by {who or 'another program'}; stop it, or {advice}"
    )


def _demand_address(host: str, purpose: str) -> None:
    """Refuse what is no address of this machine; a name could mean several."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == _SIX else socket.AF_INET
        with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.bind((host, 0))
    except (ValueError, OSError) as exc:
        raise Rejected(
            f"{host!r} for {purpose} is no address of this machine",
            hint="127.0.0.1 (this machine alone) or 0.0.0.0 (everybody)",
        ) from exc


def _span() -> tuple[int, int]:
    with contextlib.suppress(OSError, ValueError):
        lowest = int(_EPHEMERAL.read_text().split()[0])
        if lowest > _FIRST + 2_000:
            return _FIRST, min(_LAST, lowest - 1)
    return _FIRST, _LAST
