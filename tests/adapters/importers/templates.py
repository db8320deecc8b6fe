"""A template of Argo Rollouts, as its documentation shapes them."""

from typing import Any

QUERY = 'sum(rate(requests_total{service="{{args.service-name}}",code!~"5.*"}[5m]))'


def metric(query: str = QUERY, **given: Any) -> dict[str, Any]:
    whole = {
        "name": "success-rate",
        "interval": "5m",
        "successCondition": "result[0] >= 0.95",
        "provider": {"prometheus": {"query": query}},
        **given,
    }
    return {key: value for key, value in whole.items() if value is not None}


def template(*metrics: Any, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": "success-rate"},
        "spec": {
            "args": [{"name": "service-name", "value": "shop"}],
            "metrics": list(metrics) or [metric()],
            **spec,
        },
    }
