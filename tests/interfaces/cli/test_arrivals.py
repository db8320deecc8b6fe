from typing import Any

import anyio
import msgspec
import pytest

from serinus.app import standing
from serinus.app.standing import Standing
from serinus.boot.settings import Server, Settings
from serinus.core.state.release import Phase
from serinus.interfaces.cli import arrivals, trouble
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports.store import Asked
from tests import builders
from tests.builders import NEW, OLD, SHOP

FAR = Server("http://127.0.0.1:7070", "x")


def asked(change: str = NEW, **given: Any) -> Standing:
    version = "v1" if change == OLD else "v2"
    wanted = builders.wanted(revision=builders.revision(change, version))
    ended = builders.ended(Phase.SUCCEEDED, 6)
    status = builders.status(**{"release": ended, "releases": 6, **given})
    return standing.of(SHOP, Asked(wanted=wanted), status)


def concluded() -> Standing:
    return asked(concluded=(NEW, builders.wanted().delivery_hash))


@pytest.mark.parametrize(
    ("found", "wake", "said"),
    [
        (asked(), "", "shop: v2 is asked for. To follow its release: serinus watch shop\n"),
        (asked(OLD), "", "shop serves v1 already.\n"),
        (
            asked(),
            "serinus up",
            "shop: v2 is asked for; it is released once you type: serinus up\n",
        ),
    ],
)
def test_what_will_happen_is_told(
    capsys: pytest.CaptureFixture[str], settings: Settings, found: Standing, wake: str, said: str
) -> None:
    assert Code.OK == arrivals.told(settings, found, wake, Screen(Output()))
    assert said == capsys.readouterr().out


def test_a_command_that_is_told_leads_to_where_one_asked(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    far = msgspec.structs.replace(settings, server=FAR)

    arrivals.told(far, asked(), "", Screen(Output()))
    assert f"serinus watch shop --server {FAR.address}\n" in capsys.readouterr().out


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize(
    ("found", "error", "hint"),
    [
        (
            asked(quarantine=(NEW,)),
            "v2 of shop failed before and is not tried again by itself",
            "serinus retry shop",
        ),
        (
            concluded(),
            "the test of v2 is over, and the same one is not begun again",
            f"serinus explain shop --server {FAR.address}",
        ),
    ],
)
def test_what_is_not_tried_again_is_a_refusal(
    settings: Settings, found: Standing, error: str, hint: str, *, waits: bool
) -> None:
    far = msgspec.structs.replace(settings, server=FAR)

    async def look() -> Standing:
        return found

    async def ask() -> None:
        if waits:
            await arrivals.begun(far, found, found, look)
        else:
            arrivals.told(far, found, "", Screen(Output()))

    with pytest.raises(Trouble) as refused:
        anyio.run(ask)
    assert (Code.REFUSED, error) == (refused.value.code, str(refused.value))
    assert hint in trouble.text(refused.value)


def test_what_serves_already_has_no_release(settings: Settings) -> None:
    async def look() -> Standing:
        return asked(OLD)

    assert anyio.run(arrivals.begun, settings, asked(OLD), asked(OLD), look) is None


def test_what_cannot_be_used_is_told_with_what_to_do(settings: Settings) -> None:
    torn = standing.of(SHOP, Asked(problem="shop.yaml:3: no"), None)

    with pytest.raises(Trouble, match="the spec of shop cannot be used") as found:
        arrivals.usable(torn, "serinus lint")
    assert ("shop.yaml:3: no", "serinus lint") == (found.value.why, found.value.hint)
    assert arrivals.usable(asked(), "").change == NEW
