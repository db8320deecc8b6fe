"""
A small shop: the application that the demo releases, with faults to order.

    PORT=9001 SHOP_VERSION=v2 SHOP_ERRORS=5% python -m serinus.interfaces.demo.shop

It serves HTTP/1.1: ``/`` a page, ``/api/products``, ``/api/checkout`` (GET, POST)
and ``/healthz``. Each of its answers bears ``x-shop-version`` and ``x-shop-replica``, so that
one can tell it from an answer that a proxy made. SIGTERM or SIGINT: it accepts no more, closes
idle connections, answers what is in flight with ``connection: close`` and exits with 0.

It imports nothing but the standard library and its own folder, so that a replica serves within
0.3 s. It never closes an idle connection of its own accord: that would cost a proxy the request
that was just being written.

    =================  =========  ==============================================================
    PORT               9001       the port; 0 takes a free one, which the first line tells
    SHOP_ADDRESS       0.0.0.0    the address to serve on, as in a container; default 127.0.0.1
    SHOP_VERSION       v1         the version that it says it is; default ``dev``
    SHOP_REPLICA       shop-2     the name of the replica; the number at its end is its index k.
                                  Without it SERINUS_REPLICA, without that 0
    SHOP_SEED          7          seed of all dice, which start from seed + index; default 0
    SHOP_GRACE         5s         how long requests in flight may take after SIGTERM
    SHOP_LATENCY       10ms       base latency (log-normal, a tenth wide); no fault in itself
    SHOP_ERRORS        5%         this share of requests is answered 500 …
    SHOP_ERRORS_AFTER  30s        … from this age on
    SHOP_TAIL          2%:400ms   this share of requests takes so much longer
    SHOP_HANG          1%         this share of requests is never answered
    SHOP_CRASH_AFTER   20s, 500   the process dies at this age, or at its 500th request
    SHOP_LEAK          1MB/s      memory grows up to a limit, then the process dies. In full
                                  1MB/s:64MB:exit; with :errors, the share of requests answered
                                  500 rises in a line from half full to full instead
    SHOP_SLOW_START    10s        until this age ``/healthz`` and all else is answered 503
    SHOP_COLD          5%:60s     this share is answered 500 at first, e times fewer each 60 s
    SHOP_UNLUCKY       2          only the replica with this index has the faults
    =================  =========  ==============================================================

An empty value is as none. A wrong one, or an unknown SHOP_ name, is an error that names all of
them, with exit code 2. Faults leave ``/healthz`` alone, but for the slow start, SHOP_HANG=100%
and the end of the process. A crash exits with 1.
"""

import asyncio
import contextlib
import ipaddress
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from serinus.interfaces.demo import answers, connections, descriptors, faults, quantities

_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}")
_FOREIGN: Final = re.compile(r"SHOP_(SERVICE|PORT)(_.*)?")
"""What Kubernetes tells every pod about a Service named shop; it is no setting of ours."""

_LINGER_S: Final = 0.1
"""A request that was written as the shop was told to stop is still answered for so long."""

_LEAK_EVERY_S: Final = 0.1
_BACKLOG: Final = 1024
_CONNECTIONS: Final = 8192
_HEALTHY: Final = faults.Faults()


class SettingsError(Exception):
    """The environment is wrong; all problems at once."""

    def __init__(self, problems: list[str]) -> None:
        count = "1 setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        super().__init__("\n  ".join([f"shop: {count} wrong", *problems]))


@dataclass(frozen=True, slots=True)
class Settings:
    """One replica: where it serves, who it is, how it misbehaves."""

    port: int
    version: str = "dev"
    replica: str = "0"
    seed: int = 0
    grace_s: float = 5.0
    given: faults.Faults = _HEALTHY
    address: str = "127.0.0.1"

    @property
    def index(self) -> int:
        """The number at the end of the replica's name, 0 where there is none."""
        found = re.search(r"[0-9]{1,9}$", self.replica)
        return int(found[0]) if found else 0


def _label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise ValueError("at most 63 letters, digits, dots, dashes, underscores and pluses")
    return text


def _address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError("an IPv4 address such as 0.0.0.0") from None


_READERS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "PORT": ("port", lambda text: quantities.number(text, 0, 65_535)),
    "SHOP_ADDRESS": ("address", _address),
    "SHOP_VERSION": ("version", _label),
    "SERINUS_REPLICA": ("replica", _label),
    "SHOP_REPLICA": ("replica", _label),
    "SHOP_SEED": ("seed", lambda text: quantities.number(text, 0, 10**9)),
    "SHOP_GRACE": ("grace_s", quantities.duration_s),
    "SHOP_UNLUCKY": ("unlucky", lambda text: quantities.number(text, 0, 10**9)),
}
"""What is no fault: its field and its reader. Where two name one field, the later one holds."""


def known() -> list[str]:
    """Name all settings that are the shop's own."""
    return sorted(name for name in {*_READERS, *faults.READERS} if name.startswith("SHOP_"))


def _unknown(environ: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: no such setting; known: {', '.join(known())}"
        for name in sorted(environ)
        if name.startswith("SHOP_") and name not in known() and not _FOREIGN.fullmatch(name)
    ]


def read(environ: Mapping[str, str]) -> Settings:
    """Read the settings of a replica from its environment.

    Raises:
        SettingsError: A value is missing, wrong or unknown.
    """
    problems = _unknown(environ)
    found: dict[str, Any] = {}
    for name, (field, reader) in _READERS.items():
        text = environ.get(name, "")
        try:
            found.update({field: reader(text)} if text else {})
        except ValueError as error:
            problems.append(f"{name}: found {text!r}, want {error}")
    if not environ.get("PORT"):
        problems.append("PORT: not set, want the port to serve on")
    given = faults.read(environ, problems)
    if problems:
        raise SettingsError(problems)
    unlucky = found.pop("unlucky", None)
    settings = Settings(**found, given=given)
    if unlucky in {None, settings.index}:
        return settings
    return replace(settings, given=faults.Faults(latency_s=given.latency_s))


async def serve(
    settings: Settings, stop: asyncio.Event, serving: Callable[[int], None] = lambda _: None
) -> None:
    """Serve until told to stop, then answer what is in flight and close.

    Args:
        settings: The replica.
        stop: Set from outside when the shop shall stop.
        serving: Called with the port once connections are accepted.

    Raises:
        OSError: The port cannot be had.
    """
    loop = asyncio.get_running_loop()
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.address, settings.port))
        pages = answers.Answers(settings.version, settings.replica)
        seed = settings.seed + settings.index
        most = descriptors.allow(_CONNECTIONS)
        shop = connections.Shop(pages, settings.given, seed, most, _die)
        server = await loop.create_server(
            lambda: connections.Connection(shop), sock=listener, backlog=_BACKLOG
        )
    except BaseException:
        listener.close()
        raise
    ageing = asyncio.create_task(_age(settings.given))
    serving(listener.getsockname()[1])
    try:
        await stop.wait()
        shop.stopping = True
        await _accept_rest(listener, shop)
        server.close()
        await _drain(shop, settings.grace_s)
    finally:
        ageing.cancel()
        server.close()
        for connection in list(shop.connections):
            connection.abort()


async def _accept_rest(listener: socket.socket, shop: connections.Shop) -> None:
    """Accept who already stands in the queue: closing the listener would turn them away."""
    loop = asyncio.get_running_loop()
    for _ in range(_BACKLOG):
        try:
            accepted, _ = listener.accept()
        except OSError:
            return
        accepted.settimeout(0)
        await loop.connect_accepted_socket(lambda: connections.Connection(shop), accepted)


async def _drain(shop: connections.Shop, grace_s: float) -> None:
    """Close what is idle, and wait for what is in flight as long as the grace allows."""
    end = shop.clock() + grace_s
    await asyncio.sleep(min(_LINGER_S, grace_s))
    shop.close_idle()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(end):
            await shop.empty.wait()


async def _age(given: faults.Faults) -> None:
    """Grow old: the faults that come with time and not with a request."""
    loop = asyncio.get_running_loop()
    if given.crash_after_s is not None:
        loop.call_later(given.crash_after_s, _die, "SHOP_CRASH_AFTER")
    if given.leak is None:
        return
    born, held = loop.time(), list[bytes]()
    size = 0
    while size < given.leak.limit:
        await asyncio.sleep(_LEAK_EVERY_S)
        wanted = round(given.leak.limit * given.leak.filled(loop.time() - born))
        held.append(b"\x5a" * (wanted - size))
        size = wanted
    if given.leak.ends_in_errors:
        await asyncio.Event().wait()
    _die("SHOP_LEAK")


def _die(cause: str) -> None:
    """End the process at once, as a crash does: no answer, no goodbye."""
    print(f"shop: died, as {cause} asked", file=sys.stderr, flush=True)
    os._exit(1)


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def serving(port: int) -> None:
        who = f"shop {settings.version}, replica {settings.replica}"
        print(f"{who}: serves on {settings.address}:{port}", flush=True)

    await serve(settings, stop, serving)


def main() -> int:
    """Run one replica as its environment says; tell the exit code."""
    try:
        settings = read(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        asyncio.run(_run(settings))
    except OSError as error:
        where = f"{settings.address}:{settings.port}"
        print(f"shop: cannot serve on {where}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
