import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest

from serinus.adapters.local.clock import Clock
from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.app import standing
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Kind
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Phase
from serinus.interfaces.cli import arrivals
from serinus.interfaces.cli.trouble import Code
from serinus.ports import failures
from serinus.ports.store import Asked
from tests import builders
from tests.builders import NEW, OLD, SHOP
from tests.interfaces.cli.conftest import Cli


class Files(Specs):
    """Specs that commands can change, as the directory on this machine."""

    tracked = False
    parameters: ClassVar[dict[str, str]] = {}

    def __init__(self, disk: dict[str, Asked]) -> None:
        """Look at the disk now, and again when asked whether it changed."""
        super().__init__()
        self.disk = disk
        self._asked = dict(disk)

    def want(self, application: str, wanted: Wanted | None, problem: str = "") -> None:
        super().want(application, wanted, problem)
        self.disk[application] = Asked(wanted=wanted, problem=problem)

    def changed(self) -> bool:
        changed, self._asked = self._asked != self.disk, dict(self.disk)
        return changed

    def set_version(self, name: str, version: str, parameters: dict[str, str]) -> None:
        if Files.tracked:
            raise failures.Rejected(
                "shop.yaml is tracked by Git and is not touched", hint="git apply <<'EOF'"
            )
        Files.parameters = parameters
        revision = builders.revision(OLD if version == "v1" else NEW, version)
        self.want(name, builders.wanted(revision=revision))

    def add(self, file: Path) -> str:
        self.want(file.stem, builders.wanted())
        return file.stem

    def delete(self, name: str) -> None:
        self.remove(name)
        self.disk.pop(name, None)


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(Files, "tracked", False)
    disk: dict[str, Asked] = {}
    files = Files(disk)
    files.want("shop", builders.wanted(revision=builders.revision(OLD, "v1")))
    monkeypatch.setattr(home, "specs", lambda _: Files(disk))
    return files


@pytest.fixture
def serving(store: Store) -> Store:
    """v1 serves, and nothing is in flight."""
    anyio.run(store.record, builders.status(release=builders.ended(Phase.SUCCEEDED, 6), releases=6))
    return store


Turn = Callable[[Status], Awaitable[None]]


@pytest.fixture
def plays(
    serving: Store, controller: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[Any]], None]:
    """Let a controller play a release: each sleep of a command is one scene."""

    def play(scenes: list[Any]) -> None:
        async def scene(seconds: float) -> None:
            if threading.get_ident() != thread:
                await real(seconds)  # a server that another test keeps beside this one
                return
            await real(0)
            if scenes:
                status = await serving.status(SHOP)
                assert status is not None
                await scenes.pop(0)(serving, status)

        real, thread = anyio.sleep, threading.get_ident()
        monkeypatch.setattr(anyio, "sleep", scene)
        monkeypatch.setattr(Clock, "sleep", lambda _, seconds: scene(seconds))
        monkeypatch.setattr(home, "clock", Clock)

    return play


def becomes(phase: Phase, sentence: str, **given: Any) -> Any:
    async def scene(store: Store, status: Status) -> None:
        end = {"ended_at": builders.at(9)} if phase.ended else {}
        release = builders.release(7, phase=phase, sentence=sentence, **end)
        event = builders.event(sentence, kind=Kind.RESULT if phase.ended else Kind.STEP)
        await store.record(
            builders.status(release=release, version=status.version, **given), events=[event]
        )

    return scene


# --- without waiting --------------------------------------------------------------------------


@pytest.mark.usefixtures("serving", "controller")
def test_a_version_is_asked_for(cli: Cli, specs: Files, store: Store) -> None:
    assert (
        Code.OK,
        "shop: v2 is asked for. To follow its release: serinus watch shop\n",
        "",
    ) == cli("deploy shop v2 -m cheaper --actor ada --set bake=1m --set start=2%")

    assert {"bake": "1m", "start": "2%"} == specs.parameters
    assert store.changed()
    asked = anyio.run(store.asked, SHOP)
    assert asked.wanted is not None
    assert ("v2", "ada", "cheaper") == (
        asked.wanted.revision.version,
        asked.wanted.actor,
        asked.wanted.reason,
    )


@pytest.mark.usefixtures("serving")
def test_without_a_controller_the_wish_waits_for_it(cli: Cli) -> None:
    _, out, _ = cli("deploy shop v2")

    assert "shop: v2 is asked for; it is released once you type: serinus up\n" == out


@pytest.mark.usefixtures("serving", "controller")
def test_what_serves_already_is_not_released_again(cli: Cli) -> None:
    assert (Code.OK, "shop serves v1 already.\n", "") == cli("deploy shop v1")
    assert (Code.OK, "shop serves v1 already.\n", "") == cli("deploy shop v1 --wait")


@pytest.mark.usefixtures("controller")
@pytest.mark.parametrize("wait", ["", " --wait"])
def test_a_change_that_failed_is_not_tried_again_by_itself(
    cli: Cli, store: Store, wait: str
) -> None:
    ended = builders.ended(Phase.ROLLED_BACK, 6)
    anyio.run(store.record, builders.status(release=ended, releases=6, quarantine=(NEW,)))

    code, _, err = cli(f"deploy shop v2{wait}")
    assert Code.REFUSED == code
    assert "v2 of shop failed before and is not tried again by itself" in err
    assert "try:   serinus retry shop" in err


@pytest.mark.usefixtures("serving")
def test_a_file_that_git_tracks_is_refused_with_the_patch(
    cli: Cli, specs: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Files, "tracked", True)

    code, _, err = cli("deploy shop v2")
    assert Code.REFUSED == code
    assert "error: shop.yaml is tracked by Git" in err
    assert "try:   git apply" in err


@pytest.mark.usefixtures("serving")
def test_a_torn_spec_is_an_error_and_not_a_release(
    cli: Cli, specs: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    tear = lambda files, *_: files.want("shop", None, "shop.yaml:3: no")  # noqa: E731 - one line says it
    monkeypatch.setattr(Files, "set_version", tear)

    code, _, err = cli("deploy shop v2")
    assert Code.ERROR == code
    assert "why:   shop.yaml:3: no\ntry:   serinus lint\n" in err


def test_a_new_application_comes_from_a_file(cli: Cli, store: Store, tmp_path: Path) -> None:
    _, out, _ = cli("deploy -f cart.yaml")

    assert "cart is added to" in out.splitlines()[0]
    assert "cart: v2 is asked for" in out.splitlines()[1]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("deploy", "deploy needs an application and a version, or a file"),
        ("deploy shop", "deploy needs an application and a version, or a file"),
        ("deploy shop v2 --set bake", "--set 'bake': want name=value"),
        ("deploy shop v2 --timeout 3x", "--timeout: '3x' is not a duration"),
        (
            "deploy shop --server http://127.0.0.1:1",
            "deploy needs an application and a version, or a file",
        ),
    ],
)
def test_what_is_missing_is_named(
    cli: Cli, store: Store, specs: Files, line: str, error: str
) -> None:
    code, _, err = cli(line)

    assert Code.USAGE == code
    assert err.startswith(f"error: {error}")
    assert specs.disk["shop"].wanted == builders.wanted(revision=builders.revision(OLD, "v1"))


# --- waiting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        (Phase.SUCCEEDED, Code.OK),
        (Phase.SETTLING, Code.OK),
        (Phase.ROLLED_BACK, Code.ROLLED_BACK),
        (Phase.SUPERSEDED, Code.SUPERSEDED),
        (Phase.FAILED, Code.ERROR),
        (Phase.HELD, Code.HELD),
        (Phase.WAITING, Code.NEEDS_APPROVAL),
    ],
)
def test_waiting_ends_with_the_release_and_with_its_exit_code(
    cli: Cli, plays: Callable[[list[Any]], None], phase: Phase, code: Code
) -> None:
    plays(
        [
            becomes(Phase.STARTING, "Starting 1 replica of v2."),
            becomes(Phase.ROLLING, "Step 1 of 4."),
            becomes(phase, "This is the end."),
        ]
    )

    found, out, err = cli("deploy shop v2 --wait")
    assert code == found
    lines = [line.split("  ", 1)[1] for line in out.splitlines()[:3]]
    assert [
        "shop#7  step      Starting 1 replica of v2.",
        "shop#7  step      Step 1 of 4.",
        f"shop#7  {'result' if phase.ended else 'step  '}    This is the end.",
    ] == lines
    if code is Code.OK:
        assert ("shop serves v2. This is the end.", "") == (out.splitlines()[-1], err)
    else:
        assert f"error: v2 of shop: {phase.value.lower()}" in err
        assert "why:   This is the end." in err
        assert "try:   serinus " in err


def test_a_release_that_is_in_flight_already_is_followed(
    cli: Cli, plays: Callable[[list[Any]], None], store: Store, specs: Files
) -> None:
    specs.set_version("shop", "v2", {})
    anyio.run(becomes(Phase.ROLLING, "Step 1 of 4."), store, builders.idle(version=1))
    plays([becomes(Phase.SUCCEEDED, "v2 serves everybody.")])

    code, out, _ = cli("deploy shop v2 --wait")
    assert Code.OK == code
    assert ["Step 1 of 4.", "v2 serves everybody.", "shop serves v2. v2 serves everybody."] == [
        line.rsplit("  ", 1)[-1] for line in out.splitlines()
    ]


@pytest.mark.usefixtures("controller")
def test_a_release_that_ends_before_the_first_look_is_followed_to_its_end(
    settings: Settings, serving: Store, specs: Files
) -> None:
    specs.set_version("shop", "v2", {})
    anyio.run(becomes(Phase.ROLLING, "Step 1 of 4."), serving, builders.idle(version=1))

    async def found() -> int | None:
        status = await serving.status(SHOP)
        assert status is not None
        before = await standing.find(SHOP, serving)
        await becomes(Phase.ROLLED_BACK, "Rolled back.")(serving, status)
        with anyio.fail_after(5):
            look = partial(standing.find, SHOP, serving)
            return await arrivals.begun(settings, before, before, look)

    assert 7 == anyio.run(found)


@pytest.mark.usefixtures("serving", "controller")
def test_waiting_has_an_end_when_the_release_has_none(cli: Cli) -> None:
    code, _, err = cli("deploy shop v2 --wait --timeout 50ms")

    assert Code.TIMED_OUT == code
    assert "error: shop has not come to an end within 50ms; the release goes on" in err
    assert "try:   serinus watch shop --until-end" in err


@pytest.mark.usefixtures("serving")
def test_waiting_without_a_controller_changes_nothing(cli: Cli, specs: Files) -> None:
    code, _, err = cli("deploy shop v2 --wait")

    assert Code.ERROR == code
    assert "nothing was changed" in err
    assert "v1" == specs.disk["shop"].wanted.revision.version  # type: ignore[union-attr]  # it is wanted


def test_what_became_of_it_is_read_by_programs(
    cli: Cli, plays: Callable[[list[Any]], None]
) -> None:
    plays([becomes(Phase.ROLLED_BACK, "Rolled back.")])

    code, out, err = cli("deploy shop v2 --wait -o name")
    assert (Code.ROLLED_BACK, "") == (code, err)
    assert "shop/local#7" == out.splitlines()[-1]


# --- delete -----------------------------------------------------------------------------------


def forgotten() -> Any:
    async def scene(store: Store, status: Status) -> None:
        intents = await store.intents(SHOP)
        answers = [
            Answer(intent.id, done=True, sentence="its replicas stop.") for intent in intents
        ]
        await store.record(status, answers=answers)
        await store.forget(SHOP)

    return scene


def test_a_deleted_application_is_gone_when_the_command_ends(
    cli: Cli, plays: Callable[[list[Any]], None], specs: Files
) -> None:
    plays([forgotten()])

    code, out, _ = cli("delete shop --yes")
    assert Code.OK == code
    assert "shop: Its replicas stop." == out.splitlines()[0]
    assert "shop has stopped. Its history stays: serinus history shop" == out.splitlines()[-1]
    assert {} == specs.disk


@pytest.mark.usefixtures("serving")
def test_nothing_is_deleted_without_a_controller_or_without_a_yes(cli: Cli, specs: Files) -> None:
    assert "nothing was deleted" in cli("delete shop --yes")[2]
    code, _, err = cli("delete shop")

    assert Code.USAGE == code
    assert "try:   serinus delete shop --yes" in err
    assert ["shop"] == list(specs.disk)


@pytest.mark.usefixtures("controller", "store")
def test_what_never_ran_is_deleted_at_once(cli: Cli, specs: Files) -> None:
    code, out, _ = cli("delete shop --yes")

    assert (Code.OK, "shop is deleted; nothing of it was running.\n") == (code, out)
    assert {} == specs.disk


@pytest.mark.usefixtures("serving", "controller")
def test_a_terminal_is_asked_for_the_name(
    cli: Cli, specs: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "shpo")

    code, _, err = cli("delete shop")
    assert Code.ERROR == code
    assert "nothing was deleted" in err
    assert ["shop"] == list(specs.disk)
