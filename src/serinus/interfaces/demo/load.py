r"""
Steady traffic for the demo: an open-loop load generator in a process of its own.

    python -m serinus.interfaces.demo.load --url http://127.0.0.1:8080 --host shop.localhost \
        --rate 400 --json load.json

Requests are sent when they are due, whether or not earlier ones were answered, and latency is
counted from that moment. The tally (see :mod:`serinus.interfaces.demo.tally`) is written to the
JSON file once a second, each time as a whole, and a last time at the end: after ``--duration``
or SIGTERM or SIGINT, or when whoever started it is gone, once every request has its outcome, at the
latest after ``--timeout``.

It is a library, too: :func:`run` is the process without its signals.
"""

import argparse
import asyncio
import contextlib
import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from serinus.interfaces.demo import answers, arrivals, descriptors, pool, quantities, tally

_SWEEP_EVERY_S: Final = 0.05
_WRITE_EVERY_S: Final = 0.5
_ALONE_EVERY_S: Final = 1.0
_MOST_RATE: Final = 20_000
_MOST_CONNECTIONS: Final = 4096
_MIX: Final = "/=5,/api/products=3,/api/checkout=1,POST /api/checkout=1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What traffic to make, and where to tell of it."""

    target: pool.Target
    host: str
    """The value of the field ``host``: the name of the application, as the proxy knows it."""
    rate: float = 400.0
    duration_s: float = math.inf
    connections: int = 512
    slow_s: float = 0.25
    pattern: arrivals.Pattern = arrivals.Pattern.POISSON
    seed: int = 0
    kinds: tuple[arrivals.Ask, ...] = arrivals.mix(_MIX)
    json: Path | None = None


async def run(settings: Settings, stop: asyncio.Event) -> tally.Tally:
    """Make traffic until it is over or told to stop; tell what became of every request.

    Raises:
        OSError: The JSON file cannot be written at the start or at the end.
    """
    recorder = tally.Recorder(settings.slow_s)
    _write(settings.json, recorder.tally())
    lines = pool.Pool(settings.target, descriptors.allow(settings.connections), recorder)
    sender = _Sender(settings, lines)
    written = lines.clock()
    try:
        sender.send_due()
        while not sender.over or recorder.in_flight:
            await asyncio.sleep(_SWEEP_EVERY_S)
            if stop.is_set():
                sender.stop()
            lines.sweep()
            if lines.clock() - written >= _WRITE_EVERY_S:
                written = lines.clock()
                # A disk that is full now may have room at the end; traffic goes on meanwhile.
                with contextlib.suppress(OSError):
                    _write(settings.json, recorder.tally())
    finally:
        sender.stop()
        await lines.close()
    last = recorder.tally(finished=True)
    _write(settings.json, last)
    return last


class _Sender:
    """Sends each request when it is due, by the clock alone."""

    def __init__(self, settings: Settings, lines: pool.Pool) -> None:
        self._host, self._seed = settings.host, settings.seed
        self._pool = lines
        self._moments = arrivals.moments(
            settings.pattern, settings.rate, settings.seed, settings.duration_s
        )
        self._asks = arrivals.asks(settings.kinds, settings.seed)
        self._start = lines.clock()
        self._next: float | None = next(self._moments, None)
        self._sent = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def over(self) -> bool:
        """Whether no request will be sent any more."""
        return self._next is None

    def send_due(self) -> None:
        """Send all that is due by now, and come back when the next one is."""
        now = self._pool.clock() - self._start
        while self._next is not None and self._next <= now:
            self._send(self._start + self._next)
            self._next = next(self._moments, None)
        if self._next is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._start + self._next, self.send_due)

    def stop(self) -> None:
        """Send no more."""
        self._next = None
        if self._timer:
            self._timer.cancel()

    def _send(self, due: float) -> None:
        self._sent += 1
        ask = next(self._asks)
        payload = ask.render(self._host, f"{self._seed}-{self._sent}")
        self._pool.recorder.sent()
        self._pool.send(pool.Request(due, payload, ask.method == "HEAD"))


def _write(path: Path | None, state: tally.Tally) -> None:
    """Replace the file as a whole, so that no reader ever sees half of it."""
    if path is None:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(state.encode())
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def read(arguments: Sequence[str]) -> Settings:
    """Read the settings from the command line; a wrong one ends the process with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m serinus.interfaces.demo.load",
        description="Steady open-loop traffic, and a tally of what became of it.",
    )
    add = parser.add_argument
    add("--url", type=_argument(_address), required=True, help="http://host:port to connect to")
    add("--host", default="", help="the field host of the requests (default: as in the URL)")
    add("--rate", type=_argument(_rate), default=400.0, help="requests a second (default: 400)")
    add(
        "--duration",
        type=_argument(quantities.duration_s),
        default=math.inf,
        help="default: until SIGTERM or SIGINT",
    )
    add(
        "--connections",
        type=_whole(1, _MOST_CONNECTIONS),
        default=512,
        help="at most so many (default: 512)",
    )
    add(
        "--timeout",
        type=_argument(quantities.duration_s),
        default=10.0,
        help="to wait for an answer (default: 10s)",
    )
    add(
        "--slow",
        type=_argument(quantities.duration_s),
        default=0.25,
        help="answers above are slow (default: 250ms)",
    )
    add("--json", type=Path, help="the file that gets the running tally")
    add(
        "--paths",
        type=_argument(arrivals.mix),
        default=_MIX,
        help=f"the mix of requests (default: {_MIX})",
    )
    add("--seed", type=_whole(0, 10**9), default=0, help="of arrivals and paths (default: 0)")
    add("--marker", default=answers.MARKER, help="the field that the application's answers bear")
    either = parser.add_mutually_exclusive_group()
    for pattern in arrivals.Pattern:
        text = f"{pattern} arrivals" + (" (default)" if pattern == "poisson" else "")
        either.add_argument(
            f"--{pattern}", dest="pattern", action="store_const", const=pattern, help=text
        )
    found = parser.parse_args(arguments)
    name, port = found.url
    host = found.host or f"{name}:{port}"
    if not host.isascii() or not host.isprintable() or " " in host:
        parser.error(f"argument --host: found {host!r}, want a host name")
    return Settings(
        target=pool.Target(name, port, found.timeout, found.marker.lower()),
        host=host,
        rate=found.rate,
        duration_s=found.duration,
        connections=found.connections,
        slow_s=found.slow,
        pattern=found.pattern or arrivals.Pattern.POISSON,
        seed=found.seed,
        kinds=found.paths,
        json=found.json,
    )


def _argument(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    """Have argparse say what a reader wanted, and not only that it could not read."""

    def read_argument(text: str) -> Any:
        try:
            return reader(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"found {text!r}, want {error}") from error

    return read_argument


def _whole(least: int, most: int) -> Callable[[str], Any]:
    return _argument(lambda text: quantities.number(text, least, most))


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= _MOST_RATE:
        raise ValueError(f"requests a second, above 0 and at most {_MOST_RATE:,}")
    return rate


def _address(text: str) -> tuple[str, int]:
    wanted = "an address such as http://127.0.0.1:8080"
    try:
        parts = urlsplit(text)
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(wanted) from error
    if parts.scheme != "http" or not name or parts.path.strip("/") or parts.query:
        raise ValueError(wanted)
    return name, 80 if port is None else port


def main() -> int:
    """Make traffic as the command line says; tell the exit code."""
    settings = read(sys.argv[1:])
    try:
        last = asyncio.run(_run(settings))
    except OSError as error:
        print(f"load: cannot write {settings.json}: {error.strerror}", file=sys.stderr)
        return 1
    print(last.sentence())
    return 0


async def _run(settings: Settings) -> tally.Tally:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parent = asyncio.create_task(_left_alone(os.getppid(), stop))
    try:
        return await run(settings, stop)
    finally:
        parent.cancel()


async def _left_alone(parent: int, stop: asyncio.Event) -> None:
    """Stop when whoever started us is gone: nobody would ever end the traffic."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(_ALONE_EVERY_S)
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
