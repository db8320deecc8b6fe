from importlib import metadata

from serinus.app.turns import Turns
from serinus.boot.vitals import Vitals


def lines(vitals: Vitals) -> set[str]:
    return {line for line in vitals.text().decode().splitlines() if not line.startswith("#")}


def test_the_controllers_numbers_are_told() -> None:
    turns = Turns()
    turns.count("ok", 0.5)
    phases = ["Succeeded", "Succeeded", "Rolling"]
    vitals = Vitals(lambda: turns, lambda: phases, lambda: {("get", "Pod"): 7})

    assert {
        f'serinus_build_info{{version="{metadata.version("serinus")}"}} 1.0',
        "serinus_leading 0.0",
        'serinus_turns_total{outcome="ok"} 1.0',
        "serinus_turn_seconds_total 0.5",
        'serinus_applications{phase="Succeeded"} 2.0',
        'serinus_applications{phase="Rolling"} 1.0',
        'serinus_api_requests_total{kind="Pod",verb="get"} 7.0',
    } <= lines(vitals)


def test_who_leads_is_told() -> None:
    vitals = Vitals(Turns, list, dict)
    vitals.leading = True

    assert "serinus_leading 1.0" in lines(vitals)
