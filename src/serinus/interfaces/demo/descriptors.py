"""File descriptors: each connection costs one, and the usual limit of 1,024 is soon reached."""

import resource
from typing import Final

_OTHERS: Final = 64
"""Kept for everything that is no connection: files, pipes, the event loop."""


def allow(connections: int) -> int:
    """Raise this process's own limit for so many connections; tell how many it then allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else min(connections, soft - _OTHERS)
