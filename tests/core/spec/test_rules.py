import msgspec
import pytest

from serinus.core.spec.rules import Argo, Condition, Flagger, Kayenta, NoValues, Rule, What


@pytest.mark.parametrize(
    "rule",
    [Flagger(bound_ms=500), Argo(failure=Condition(What.SLOWER, ">", 0.1, 250)), Kayenta()],
    ids=lambda rule: type(rule).__name__,
)
def test_a_rule_is_known_by_its_tag(rule: Rule) -> None:
    assert rule == msgspec.json.decode(msgspec.json.encode(rule), type=Rule)


@pytest.mark.parametrize("rule", [Flagger(), Argo(), Kayenta()], ids=str)
def test_what_is_missing_is_no_failure_unless_the_bench_asks_for_it(rule: Rule) -> None:
    assert NoValues.WAIT is rule.no_values
