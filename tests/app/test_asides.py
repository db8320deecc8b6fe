import pytest

from serinus.app import asides
from serinus.core.spec.delivery import Delivery, Strategy
from serinus.core.spec.requests import Edits, Goal
from serinus.core.spec.rules import Argo, Condition, Flagger, Kayenta, Rule, What


def test_what_is_beside_the_steps_is_told_a_line_each() -> None:
    delivery = Delivery(
        Strategy.AB_TEST,
        (),
        sticky_s=2_592_000.0,
        edits=Edits(set=(("x-long", "v" * 99), ("x-version", "v2")), remove=("x-debug",)),
        goals=(Goal("paid", "/thanks"), Goal("order", "/orders/*", ("POST", "PUT"))),
    )

    assert (
        "users stay on their side for 30d, by a cookie",
        f"requests to the candidate get the header x-long: {'v' * 39}…",
        "requests to the candidate get the header x-version: v2",
        "requests to the candidate lose the header x-debug",
        "goal paid: /thanks",
        "goal order: POST or PUT /orders/ and what begins so",
    ) == asides.lines(delivery)


def test_what_was_left_as_it_is_is_not_told() -> None:
    assert () == asides.lines(Delivery(Strategy.CANARY, ()))


@pytest.mark.parametrize(
    ("rule", "said", "kind"),
    [
        (
            Flagger(threshold=1, min_success=0.995, bound_ms=500),
            (
                "judged by the rule of Flagger: success rate at least 99.5 % and at most 1 % "
                "slower than 500 ms in each 1m; rolled back after 1 failed interval"
            ),
            "a threshold rule",
        ),
        (
            Argo(failure=Condition(What.SLOWER, ">", 0.01, 500), count=10, failure_limit=3),
            (
                "judged by the rule of Argo Rollouts: each 1m, 10 times passes where success-rate "
                ">= 99 %, fails where slower than 500 ms > 1 %; rolled back after 4 failures"
            ),
            "a threshold rule",
        ),
        (
            Argo(failure_limit=-1),
            (
                "judged by the rule of Argo Rollouts: each 1m passes where success-rate >= 99 %; "
                "failures are counted and do not roll back"
            ),
            "a threshold rule",
        ),
        (
            Kayenta(bound_ms=250),
            (
                "judged by the rule of Kayenta: errors and requests slower than 250 ms in points "
                "of 1m against stable's, every 5m; rolled back at a score of 75 or less"
            ),
            "a repeated rank test",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_rule_is_told_with_what_it_does_not_promise(rule: Rule, said: str, kind: str) -> None:
    assert (said, f"{kind}: {asides.NO_GUARANTEE}") == asides.lines(
        Delivery(Strategy.CANARY, (), rule=rule)
    )
