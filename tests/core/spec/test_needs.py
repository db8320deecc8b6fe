from typing import Any

import pytest

from serinus.core.spec import effective
from serinus.core.spec.limits import FEATURES, Limits
from serinus.core.state.traffic import Feature
from tests.core.spec import documents

TEST = {"strategy": "abTest", "checks": []}
HELD = {"hold": {"for": "1h"}}


def told(features: set[str], **delivery: Any) -> list[str]:
    template = documents.template({"plan": [{"traffic": {"candidate": "5%"}}], **delivery})
    data = documents.delivered(template=template["spec"]["template"])
    limits = Limits(router="plain", features=frozenset(features))
    found = effective.effective(data, "local", documents.library(template), limits)
    return [problem.message for problem in found.problems]


def test_the_words_for_what_a_router_can_do_are_those_of_its_features() -> None:
    known = {name.lower() for name, feature in Feature.__members__.items() if feature.value}

    assert known == set(FEATURES)


@pytest.mark.parametrize(
    ("feature", "delivery"),
    [
        ("weight", {}),
        ("weight", {"plan": [{"ramp": {"from": "5%", "to": "50%", "by": "5%"}}]}),
        ("mirror", {"plan": [{"mirror": "5%"}, {"traffic": {"candidate": "5%"}}]}),
        ("header", TEST | {"plan": [{"match": {"header": "x-canary"}} | HELD]}),
        ("cookie", TEST | {"plan": [{"match": [{"cookie": "beta"}]} | HELD]}),
        ("query", TEST | {"plan": [{"match": {"query": "beta=1"}} | HELD]}),
        (
            "combined",
            TEST | {"plan": [{"match": {"header": "x-canary", "cookie": "beta"}} | HELD]},
        ),
        (
            "combined",
            TEST | {"plan": [{"match": [{"header": "x-a"}, {"header": "x-b"}]} | HELD]},
        ),
        ("sticky", {"sticky": "1h"}),
        ("edits", {"headers": {"remove": ["x-debug"]}}),
        (
            "visits",
            TEST
            | {"plan": [{"match": {"header": "x"}} | HELD]}
            | {"goals": [{"name": "buy", "path": "/buy"}]},
        ),
    ],
)
def test_a_template_that_needs_more_than_the_router_can_do_is_refused_with_the_reason(
    feature: str, delivery: dict[str, Any]
) -> None:
    (message,) = told(set(FEATURES) - {feature}, **delivery)

    assert message.startswith("the router 'plain' cannot ")
    assert "choose another template, or another router in the environment's spec.router" in message
    assert [] == told(set(FEATURES), **delivery)


def test_users_drawn_by_a_share_need_weights_and_a_way_to_keep_them() -> None:
    delivery = TEST | {"plan": [{"match": {"share": "50%"}} | HELD], "sticky": "30d"}
    found = told({"header"}, **delivery)

    assert 3 == len(found)
    assert "(it can: header)" in found[0]


def test_a_switch_needs_nothing() -> None:
    assert [] == told(set(), strategy="blueGreen", plan=[{"switch": {}}])
    assert "it can: nothing of the kind" in told(set())[0]
