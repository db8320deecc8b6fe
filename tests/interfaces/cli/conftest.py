"""A home full of releases, a clock that stands still, and the command line in this process."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.lock import Lock
from serinus.adapters.local.store import Store
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Specs
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Retreat, Wait
from serinus.core.state.verdict import Outcome
from serinus.core.state.workload import Usage
from serinus.interfaces.cli import main
from tests import builders
from tests.builders import NEW, OLD, SHOP

HELD = "Held at 0 after 4 retreats: errors 4.1 % against 0.3 % on stable (4,812 requests)."

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Three minutes after noon, in UTC, on a screen of 80 columns without colours."""
    for name in ("SERINUS_HOME", "SERINUS_SPECS", "SERINUS_ACTOR", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.chdir(tmp_path)
    time.tzset()
    clock = Clock(builders.at(3))
    monkeypatch.setattr(home, "clock", lambda: clock)
    yield clock
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> Specs:
    specs = Specs()
    monkeypatch.setattr(home, "specs", lambda _: specs)
    return specs


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", specs=tmp_path / "delivery")


@pytest.fixture
def store(settings: Settings, specs: Specs) -> Iterator[Store]:
    """The controller's side of the store."""
    store = Store(specs, Database.open(settings.database, create=True))
    yield store
    anyio.run(store.close)


@pytest.fixture
def filled(store: Store, specs: Specs) -> Store:
    """One release in flight, one held, one application at rest, one with a torn spec."""

    async def fill() -> None:
        specs.want("shop", builders.wanted())
        specs.want(
            "torn", None, "torn.yaml:3:5 spec.replica: unknown field; did you mean replicas?"
        )
        revisions = [builders.revision(OLD, "v1", env={"MODE": "a"}), builders.revision(NEW, "v2")]
        status = await store.record(
            builders.status(release=builders.ended(Phase.ROLLED_BACK, 6, exposed=310, bad=41))
        )
        began = [
            builders.event(
                f"Step {step} of 4: more traffic to the candidate.",
                reason="StepStarted",
                at=builders.at(minutes),
            )
            for step, minutes in ((1, 0), (2, 1), (3, 2))
        ]
        wait = Wait("evidence that it is safe", builders.at(3, 20), "step 4 begins")
        release = builders.release(wait=wait, held_s=60)
        await store.record(
            builders.status(version=status.version, release=release),
            events=began,
            revisions=revisions,
        )
        taken = Usage(builders.at(3).timestamp(), 120 * 2**20, 12.5, files=24, cpu=0.31)
        replicas = [
            *(builders.replica(OLD, n, usage=taken) for n in range(3)),
            builders.replica(NEW, 0, usage=taken),
        ]
        failed = builders.stream(
            outcome=Outcome.FAIL,
            evidence=212.0,
            requests=310,
            bad=41,
            verified=False,
            sentence="errors 13.23 % against 0.20 % on stable (310 requests, evidence 212:1)",
        )
        lost = builders.reading(streams=(failed,), sentence="errors are worse than on stable")
        await store.put_reading(SHOP, lost, (), None, at=builders.at(3), release=6)
        await store.put_reading(
            SHOP, builders.reading(), replicas, builders.route(248), at=builders.at(3), release=7
        )
        await hold(store)
        await store.record(builders.idle(Key("blog", "local")))
        await store.flush()

    anyio.run(fill)
    return store


async def hold(store: Store) -> None:
    retreat = Retreat(count=4, probe=1, fails=1, ledger=3.2, accused=(1,))
    release = builders.release(
        3,
        application="bücher-日本",
        phase=Phase.HELD,
        share=0,
        retreat=retreat,
        sentence=HELD,
        wait=Wait("a person decides", None, "serinus retry, promote or rollback"),
    )
    await store.record(builders.status(Key("bücher-日本", "local"), release=release))


@pytest.fixture
def controller(settings: Settings) -> Iterator[None]:
    """A controller that runs, but for its loop."""
    held = Lock.take(settings.lock)
    yield
    held.release()


@pytest.fixture
def cli(settings: Settings, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Type a command; get its exit code, its output and its errors."""

    def run(line: str | list[str]) -> tuple[int, str, str]:
        words = line.split() if isinstance(line, str) else line
        code = main.run([*words, "--home", str(settings.home)] if words else words)
        out, err = capfd.readouterr()
        return code, plain(out, settings), plain(err, settings)

    return run


def plain(text: str, settings: Settings) -> str:
    """Take out what differs from machine to machine."""
    text = text.replace(str(settings.home.parent), "/srv")
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
