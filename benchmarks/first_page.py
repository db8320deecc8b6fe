"""
How long a page takes on the server where there are 1,000 applications, 10 of them in flight.

    python -m benchmarks.first_page

The pages and the API are asked in process, over the store of ``serinus up`` (SQLite): what a
browser waits for before it can draw anything, its network aside. The first time is the one after
the start, with templates to be read.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import anyio
import httpx2

from benchmarks.results import Result, tell
from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.core.state.notice import Event, Key, Kind
from serinus.interfaces.web import errors, site
from tests import builders
from tests.builders import NEW, OLD
from tests.interfaces import offices

APPLICATIONS, FLYING = 1_000, 10
TIMES = 15
LIMIT = 0.3
PAGES = ("/", "/apps", "/activity", "/r/local/app-0000/7", "/api/v1/applications?limit=500")


def run(full: bool = False) -> list[Result]:  # noqa: ARG001, FBT001, FBT002 - as every benchmark
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        return anyio.run(_measure, Path(folder))


async def _measure(folder: Path) -> list[Result]:
    store = Store(Specs(), Database.open(folder / "state.db", create=True))
    await _fill(store)
    app = offices.app(offices.office(store), routes=site.routes(), pages=errors.page)  # type: ignore[arg-type]  # another store than that of memory
    found = []
    async with offices.entered(app) as browser:
        for page in PAGES:
            first, *others = [await _seconds(browser, page) for _ in range(TIMES)]
            usual = statistics.median(others)
            found.append(Result(f"page {page}: usually", usual, "s", LIMIT))
            found.append(Result(f"page {page}: the first time", first, "s"))
    await store.close()
    return found


async def _seconds(browser: httpx2.AsyncClient, page: str) -> float:
    began = time.perf_counter()
    answer = await browser.get(page)
    passed = time.perf_counter() - began
    assert answer.status_code == 200, f"{page}: {answer.status_code} {answer.text[:200]}"  # noqa: S101, PLR2004 - a number of another page would be no number of this one
    return passed


async def _fill(store: Store) -> None:
    both = (builders.revision(OLD), builders.revision(NEW))
    for number in range(APPLICATIONS):
        key = Key(f"app-{number:04d}", "local")
        release = builders.release(application=key.application) if number < FLYING else None
        events = [
            Event(builders.at(step), key.application, "local", Kind.STEP, "Step", "on", release=7)
            for step in range(5)
        ]
        await store.record(builders.status(key, release=release), events=events, revisions=both)
        if release is not None:
            await store.put_reading(
                key, builders.reading(), (), builders.route(250), at=builders.at(3)
            )


if __name__ == "__main__":
    sys.exit(tell(run()))
