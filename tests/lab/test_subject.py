from pathlib import Path

import pytest

from serinus.boot import catalogue
from serinus.boot.settings import Settings
from serinus.core.errors import SpecError
from serinus.core.spec.calendar import Window
from serinus.core.spec.delivery import (
    AgainstSlo,
    Approval,
    LatencyCheck,
    QueryCheck,
    Threshold,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.lab import subject
from serinus.lab.subject import Choice
from serinus.ports import failures
from tests.films import scenes
from tests.interfaces.cli.test_specs import SHOP

TEMPLATE = """\
apiVersion: serinus.dev/v1alpha1
kind: DeliveryTemplate
metadata: {name: quick-1.0.0}
spec:
  template: quick
  version: 1.0.0
  strategy: canary
  parameters:
    bake: {type: string, format: duration, default: 1m}
  plan:
  - traffic: {candidate: 50%}
    hold: {for: "${bake}"}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "delivery").mkdir()
    return Settings(home=tmp_path / "home", specs=tmp_path / "delivery")


def test_a_template_by_its_name(settings: Settings) -> None:
    found = subject.find(Choice(template="canary-standard", parameters={"bake": "1m"}), settings)

    assert ("canary-standard", "canary-standard 1.0.0", 3) == (
        found.name,
        found.template,
        found.replicas,
    )
    assert 4 * 60 < found.fastest_s < 6 * 60
    assert catalogue.delivery("canary-standard").steps != found.delivery.steps


def test_a_template_by_name_and_version(settings: Settings) -> None:
    found = subject.find(Choice(template="canary-standard-1.0.0"), settings)

    assert catalogue.delivery("canary-standard") == found.delivery


def test_a_template_by_its_file(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "quick.yaml").write_text(TEMPLATE)

    found = subject.find(Choice(template="quick.yaml", folder=tmp_path), settings)

    assert "quick 1.0.0" == found.template


def test_an_application_by_its_name_and_by_its_file(settings: Settings, tmp_path: Path) -> None:
    (settings.specs / "shop.yaml").write_text(SHOP)
    (tmp_path / "cart.yaml").write_text(SHOP.replace("name: shop", "name: cart"))

    by_name = subject.find(Choice(application="shop"), settings)
    by_path = subject.find(Choice(application="./cart.yaml", folder=tmp_path), settings)
    by_file = subject.find(Choice(file=tmp_path / "cart.yaml"), settings)
    alone = subject.find(Choice(), settings)

    assert ("shop", 3) == (by_name.name, by_name.replicas)
    assert by_file == by_path
    assert "cart" == by_file.name
    assert by_name == alone


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(template="canary-standrd"), "did you mean 'canary-standard'?"),
        (Choice(template="nope.yaml"), "there is no file"),
        (Choice(application="nope"), "unknown application 'nope'"),
    ],
)
def test_what_nobody_knows_is_missing(settings: Settings, choice: Choice, said: str) -> None:
    with pytest.raises(failures.Missing, match=said):
        subject.find(choice, settings)


def test_what_cannot_be_released_is_told_whole(settings: Settings, tmp_path: Path) -> None:
    torn = SHOP.replace("bake: 1m", "bake: 1 minute, start: 90%")
    (settings.specs / "shop.yaml").write_text(torn)
    (tmp_path / "torn.yaml").write_text(TEMPLATE.replace("50%", "150%"))

    for choice in (
        Choice(application="shop"),
        Choice(template="canary-standard", parameters={"bake": "x", "start": "90%"}),
    ):
        with pytest.raises(SpecError) as caught:
            subject.find(choice, settings)
        assert 2 == len(caught.value.problems)
    for choice in (
        Choice(template="torn.yaml", folder=tmp_path),
        Choice(template=str(settings.specs / "shop.yaml")),
    ):
        with pytest.raises(SpecError):
            subject.find(choice, settings)


def test_a_file_without_what_is_wanted_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "quick.yaml").write_text(TEMPLATE)
    (tmp_path / "shop.yaml").write_text(SHOP)
    two = TEMPLATE + "---\n" + TEMPLATE.replace("quick", "quicker")
    (tmp_path / "two.yaml").write_text(two)

    for choice, said in (
        (Choice(file=tmp_path / "quick.yaml"), "no application there"),
        (Choice(), "no application there"),
        (Choice(template=str(tmp_path / "shop.yaml")), "no template of its own there"),
        (Choice(template=str(tmp_path / "two.yaml")), "There are quick, quicker"),
    ):
        with pytest.raises(SpecError, match=said):
            subject.find(choice, settings)


def test_nobody_is_waited_for() -> None:
    gates = (Approval(), Webhook(url="http://x"), WindowGate(Window("office")))
    delivery = scenes.gated(250, *gates)

    found = subject.of("shop", delivery)

    assert not [step for step in found.delivery.steps if getattr(step, "gates", ())]
    assert (
        "step 2: its approval is given and its webhook says yes and its window is open at once",
    ) == found.assumed


def test_somebody_goes_on_at_once_in_a_manual_plan() -> None:
    found = subject.of("manual", catalogue.delivery("canary-manual"))

    assert 4 == len(found.assumed)
    assert not [s for s in found.delivery.steps if isinstance(s, TrafficStep) and s.manual]


def test_queries_are_left_out_and_told() -> None:
    query = QueryCheck("orders", Threshold(min=1), query="sum(orders)")
    checks = (LatencyCheck("latency", AgainstSlo(max=0.1), bounds_ms=(250,)),)

    found = subject.of("shop", scenes.canary(looks=(query,), checks=checks))

    assert () == found.delivery.looks
    assert ("nobody answers the queries of orders: not judged",) == found.assumed
    assert checks == found.delivery.checks
