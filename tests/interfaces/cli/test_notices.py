from collections.abc import Iterator

import msgspec
import pytest

from serinus.boot.settings import Settings
from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli
from tests.taker import taking

pytestmark = pytest.mark.timeout(60)  # a process is started for each message

ENVIRONMENT = """
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: local}
spec:
  notify: [{to: on-call, on: [hold]}, {to: chat}]
"""


@pytest.fixture
def place() -> Iterator[int]:
    """The port of a place that takes everything."""
    with taking() as (port, _):
        yield port


@pytest.fixture
def environment(settings: Settings) -> None:
    settings.specs.mkdir()
    (settings.specs / "local.yaml").write_text(ENVIRONMENT)


def test_every_place_gets_a_test_and_is_told_of(
    cli: Cli, environment: None, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERINUS_SECRET_CHAT", f"json://127.0.0.1:{place}/T0KEN")
    code, out, err = cli("notify test")

    assert (Code.ERROR, "") == (code, err)
    assert "on-call  failed  there is no secret 'on-call'" in out
    assert "chat     ok" in out
    assert "T0KEN" not in out


def test_it_is_well_when_all_of_them_took_it(
    cli: Cli, environment: None, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ON_CALL", "CHAT"):
        monkeypatch.setenv(f"SERINUS_SECRET_{name}", f"json://127.0.0.1:{place}")
    code, out, _ = cli("notify test -o json")

    assert Code.OK == code
    assert [
        {"place": "on-call", "problem": "", "why": "", "hint": ""},
        {"place": "chat", "problem": "", "why": "", "hint": ""},
    ] == msgspec.json.decode(out)


def test_where_nobody_is_to_be_told_it_says_how_to_change_that(cli: Cli) -> None:
    code, out, err = cli("notify test")

    assert (Code.ERROR, "") == (code, out)
    assert "error: nobody is to be told" in err
    assert "notify: [{to: on-call}]" in err
