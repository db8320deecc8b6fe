import json

import anyio
import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.boot.settings import Settings
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.builders import SHOP
from tests.interfaces.cli.conftest import Cli


@pytest.mark.parametrize(
    "line",
    [
        "status",
        "status shop",
        "status blog",
        "status torn",
        "status bücher-日本",
        "explain shop",
        "explain shop --check error-rate",
        "explain shop --release 6",
        "history",
        "history shop -n 1",
        "diff shop",
    ],
)
@pytest.mark.usefixtures("filled", "controller")
def test_a_pipe_gets_one_line_for_each_fact(
    cli: Cli, line: str, snapshot: SnapshotAssertion
) -> None:
    code, out, err = cli(line)

    assert (Code.OK, "") == (code, err)
    assert snapshot == out


@pytest.mark.parametrize("line", ["status", "status shop", "history"])
@pytest.mark.usefixtures("filled")
def test_programs_get_json_yaml_or_names(cli: Cli, line: str, snapshot: SnapshotAssertion) -> None:
    _, as_json, nothing = cli(f"{line} -o json")
    json.loads(as_json)

    assert "" == nothing
    assert snapshot(name="json") == as_json
    assert snapshot(name="yaml") == cli(f"{line} -o yaml")[1]
    assert snapshot(name="name") == cli(f"{line} -o name")[1]


@pytest.mark.usefixtures("filled")
def test_that_nobody_decides_is_said_beside_the_answer(cli: Cli) -> None:
    _, out, err = cli("status")

    assert "controller" not in out
    assert "The controller is not running, so nothing moves. Start it: serinus up\n" == err
    assert "" == cli("status --quiet")[2]


def test_an_empty_place_says_how_to_begin(
    cli: Cli, specs: Specs, settings: Settings, snapshot: SnapshotAssertion
) -> None:
    assert snapshot == cli("status")
    assert (0, "[]\n", "") == cli("status -o json")
    assert (0, "There have been no releases yet. To see some: serinus demo\n", "") == cli("history")
    assert not settings.home.exists()


def test_an_application_that_was_never_started_is_shown(
    cli: Cli, specs: Specs, snapshot: SnapshotAssertion
) -> None:
    specs.want("shop", builders.wanted())

    assert snapshot == cli("status shop")[1]
    assert "error: shop has had no release yet\n" in cli("explain shop")[2]


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        ("status nope", "there is no application 'nope'", "serinus status"),
        ("explain nope", "there is no application 'nope'", "serinus status"),
        ("history nope", "there is no application 'nope'", "serinus status"),
        ("diff nope", "there is no application 'nope'", "serinus status"),
        ("logs nope", "there is no application 'nope'", "serinus status"),
        ("explain shop --check x", "has no check 'x'", "serinus explain shop"),
        ("explain shop --release 9", "has no release 9", "serinus history shop"),
        ("diff shop --from 9", "has no release 9", "serinus history shop"),
        ("logs shop", "no replica of shop has written anything yet", "serinus status shop"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_is_not_there_is_an_error_with_the_next_thing_to_type(
    cli: Cli, line: str, error: str, hint: str
) -> None:
    code, out, err = cli(line)

    assert (Code.ERROR, "") == (code, out)
    assert error in err.splitlines()[0]
    assert f"try:   {hint}" == err.splitlines()[-1]


def test_a_damaged_database_is_an_error_that_says_what_to_do(
    cli: Cli, specs: Specs, settings: Settings, snapshot: SnapshotAssertion
) -> None:
    settings.home.mkdir()
    settings.database.write_bytes(b"not a database at all" * 100)

    assert snapshot == cli("status")


@pytest.mark.usefixtures("filled")
def test_what_the_files_say_is_shown_when_they_differ(
    cli: Cli, store: Store, settings: Settings
) -> None:
    settings.blobs.mkdir()
    (settings.blobs / "aaa").write_text("a: 1\n")
    (settings.blobs / "bbb").write_text("a: 2\n")

    async def record() -> None:
        status = await store.status(SHOP)
        assert status is not None
        revisions = [
            builders.revision("1" * 64, "v1", files={"app.yaml": "aaa"}),
            builders.revision("2" * 64, "v3", files={"app.yaml": "bbb"}),
        ]
        release = builders.release(8, candidate="2" * 64, stable="1" * 64, version="v3")
        await store.record(
            builders.status(release=release, version=status.version), revisions=revisions
        )

    anyio.run(record)
    assert "-a: 1\n+a: 2\n" in cli("diff shop")[1]
    assert '"+a: 2"' in cli("diff shop -o json")[1]
    assert "v1 (1111111111) and v1 (1111111111)" not in cli("diff shop")[1]
    assert "are the same" in cli("diff shop --from 8 --to 8")[1]
