"""
Is a replica ready? One GET, or one connection when there is no health path.

It asks for the host ``localhost``, as Envoy's own check does: both must come to the same answer.
"""

import anyio
from anyio.abc import SocketStream

from serinus.adapters.local.portnumbers import LOOPBACK
from serinus.core.state.workload import HealthProbe

_ENOUGH = 64
_WORDS = 2


async def problem(port: int, probe: HealthProbe) -> str:
    """Return what is wrong, as words for people; empty when the replica is ready."""
    try:
        with anyio.fail_after(probe.timeout_s):
            async with await anyio.connect_tcp(LOOPBACK, port) as stream:
                return "" if probe.path is None else await _get(stream, port, probe.path)
    except TimeoutError:
        return f"no answer within {probe.timeout_s:g} s on port {port}{_asked(probe)}"
    except OSError:
        return f"nothing listens on 127.0.0.1:{port}"
    except anyio.EndOfStream:
        return f"the connection was closed without an answer{_asked(probe)}"
    except anyio.BrokenResourceError:
        return f"the connection was reset{_asked(probe)}"


async def _get(stream: SocketStream, port: int, path: str) -> str:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: serinus\r\n"
        "Accept: */*\r\nConnection: close\r\n\r\n"
    )
    await stream.send(request.encode())
    answer = b""
    while b"\r\n" not in answer and len(answer) < _ENOUGH:
        answer += await stream.receive(_ENOUGH)
    words = answer.split(b"\r\n")[0].split()
    status = words[1].decode(errors="replace") if len(words) >= _WORDS else "nothing like HTTP"
    return "" if status.startswith(("2", "3")) else f"GET {path} answered {status}"


def _asked(probe: HealthProbe) -> str:
    return f" to GET {probe.path}" if probe.path else ""
