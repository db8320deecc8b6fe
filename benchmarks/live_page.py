"""
How long it takes from what a controller records to a page that shows it, in a real Chromium.

    python -m benchmarks.live_page

The page of a release is open; the server is a process of its own with the store of ``serinus up``
(SQLite). A decision is recorded, and a script in the page notes when its sentence is there. Both
read the same clock. Needs Debian's chromium.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from benchmarks.results import Result, tell
from serinus.adapters.local.clock import Clock
from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.core.state.notice import Event, Kind
from serinus.interfaces.api import server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.web import errors, site
from tests import builders
from tests.browser import chromium
from tests.builders import NEW, OLD, SHOP
from tests.interfaces import offices

TIMES = 30
LATE_S = 1.0
PAUSES_S = (0.31, 0.73, 1.37)
"""Between decisions, so that they meet the clockwork of the server at any point of it."""

SEALS = Seals(b"benchmark" * 4)
PAGE = "/r/local/shop/7"
WATCH = """
() => {
  window.seen = {};
  const look = () => {
    const text = document.getElementById("decisions").textContent;
    for (const [said] of text.matchAll(/Decision number \\d+\\./g))
      window.seen[said] ??= Date.now();
  };
  new MutationObserver(look).observe(document.body,
    {subtree: true, childList: true, characterData: true});
}
"""


def run(full: bool = False) -> list[Result]:  # noqa: ARG001, FBT001, FBT002 - as every benchmark
    """Measure."""
    if chromium.program() is None:
        raise SystemExit(chromium.MISSING)
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        origin, link = ours.recv()
        late = _watched(ours, origin, link)
    finally:
        process.kill()
        process.join()
    return [
        Result("live page: a change is on it, at best", min(late), "s"),
        Result("live page: a change is on it, usually", statistics.median(late), "s"),
        Result("live page: a change is on it, at the latest", max(late), "s", LATE_S),
    ]


def _watched(pipe: "Connection[Any, Any]", origin: str, link: str) -> list[float]:
    """Open the page, record decisions one after the other, and return how late each was."""
    with chromium.running() as browser:
        person = chromium.Person(browser, origin)
        person.goto(link)
        person.goto(PAGE)
        person.page.get_by_text("Live", exact=True).wait_for()
        person.page.evaluate(WATCH)
        late = []
        for number in range(TIMES):
            said = f"Decision number {number}."
            pipe.send(said)
            began = pipe.recv()
            person.page.wait_for_function("(said) => window.seen[said]", arg=said)
            late.append(person.page.evaluate("(said) => window.seen[said]", said) / 1000 - began)
            time.sleep(PAUSES_S[number % len(PAUSES_S)])
        person.close()
    return late


def _serve(pipe: "Connection[Any, Any]") -> None:
    anyio.run(_serving, pipe)


async def _serving(pipe: "Connection[Any, Any]") -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Specs(), Database.open(Path(folder) / "state.db", create=True))
        both = (builders.revision(OLD), builders.revision(NEW))
        await store.record(builders.status(), revisions=both)
        place, mode = offices.office(store, clock=Clock()), Local(SEALS, Clock(), "ada")  # type: ignore[arg-type]  # another store than that of memory
        app = server.make(place, Doors(mode, SEALS), site.routes(), errors.page)
        async with server.serve(app, "127.0.0.1", 0) as origin:
            pipe.send((origin, mode.link(origin)))
            while True:
                said = await to_thread.run_sync(pipe.recv, abandon_on_cancel=True)
                event = Event(
                    Clock().now(), SHOP.application, "local", Kind.STEP, "Step", said, release=7
                )
                status = await store.status(SHOP)
                assert status is not None  # noqa: S101 - it was recorded
                began = time.time()
                await store.record(status, events=[event])
                pipe.send(began)


if __name__ == "__main__":
    sys.exit(tell(run()))
