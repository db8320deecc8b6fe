"""A canary configuration of Kayenta, as its documentation shapes them."""

from typing import Any

QUERY = 'PromQL: sum(rate(errors_total{app="${scope}"}[1m]))'


def metric(name: str = "errors", group: str = "Errors", **canary: Any) -> dict[str, Any]:
    template = canary.pop("template", QUERY)
    size = {"effectSize": {"allowedIncrease": 1.1}}
    return {
        "name": name,
        "query": {"type": "prometheus", "customInlineTemplate": template},
        "groups": [group],
        "analysisConfigurations": {"canary": {"direction": "increase", **size, **canary}},
    }


def configuration(*metrics: Any, **given: Any) -> dict[str, Any]:
    return {
        "name": "shop",
        "configVersion": "1.0",
        "metrics": list(metrics) or [metric()],
        "classifier": {"groupWeights": {"Errors": 60, "System": 40}},
        **given,
    }
