r"""
Kayenta: a canary configuration.

::

    {"metrics": [{                                       checks:
       "name": "error rate",                             - name: error-rate
       "query": {"customInlineTemplate":                   query:
           "PromQL:sum(…{app=\"${scope}\"}…)"},      →       promql: sum(…{app="$revision"}…)
       "analysisConfigurations": {"canary": {                every: 1m
           "direction": "increase",                          stable: {ratio: 1.1, worse: higher}
           "effectSize": {"allowedIncrease": 1.1}}}      weight: 60
    }], "classifier": {"groupWeights": {"errors": 60}}}

A metric whose query is written out becomes a query that compares with stable. Kayenta's own rank
test is a rule that a delivery chooses (``judge: {kayenta: …}``): it judges counts, no queries.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from serinus.adapters.importers import carried
from serinus.adapters.importers.carried import Carried, Notes

NAME = "Kayenta"

SCOPE = "$revision"
"""What Kayenta's ``${scope}`` stands for, unless ``--arg scope=…`` says otherwise."""

_WHOLE = 100.0
_EVERY = "1m"
_TOP = (
    "name",
    "id",
    "description",
    "configVersion",
    "applications",
    "metrics",
    "classifier",
    "createdTimestamp",
    "createdTimestampIso",
    "updatedTimestamp",
    "updatedTimestampIso",
    "owner",
)
_METRIC = ("name", "query", "groups", "analysisConfigurations")
_CANARY = ("direction", "effectSize")
_SIZES = {"higher": "allowedIncrease", "lower": "allowedDecrease"}
_HELD = "no data holds, and is neither a pass nor a failure"
_WHY_TOP = {
    "judge": "chosen here as judge: {kayenta: {}}, which judges errors and latency, no queries",
    "templates": "only queries that are written out as customInlineTemplate are read",
}
_WHY_METRIC = {"scopeName": "there is one candidate beside one stable version"}
_WHY_CANARY = {
    "critical": "every check takes traffic away once its evidence is enough; 'weight' says more",
    "mustHaveData": _HELD,
    "nanStrategy": _HELD,
    "outliers": "numbers that stick out are bounded and never left out",
}
_VARIABLE = re.compile(r"\$\{ *([\w.]+) *\}")
_PROMQL = "PromQL:"


def fits(document: Mapping[str, Any]) -> bool:
    """Tell whether a document is a canary configuration."""
    marks = {"classifier", "judge", "configVersion"}
    return "kind" not in document and "metrics" in document and bool(marks & set(document))


def read(document: Mapping[str, Any], given: Mapping[str, str]) -> Carried:
    """Read a configuration; ``given`` are values for the variables of its queries."""
    notes = Notes()
    notes.each(document, "", _TOP, _WHY_TOP)
    values = {"scope": SCOPE, **given}
    metrics = list(carried.items(document.get("metrics"), "metrics", notes))
    weights = _weights(document.get("classifier"), [metric for _, metric in metrics], notes)
    found = []
    for (path, metric), weight in zip(metrics, weights, strict=True):
        check = _metric(metric, path, values, weight, notes)
        if check is not None:
            found.append(check)
    return Carried(tuple(found), tuple(notes.found))


def _metric(
    metric: Mapping[str, Any],
    path: str,
    values: Mapping[str, str],
    weight: float | None,
    notes: Notes,
) -> Mapping[str, Any] | None:
    here = f"{path}.query"
    query, why = _query(carried.mapping(metric.get("query"), here, notes), values)
    if why:
        notes.add(here, f"left out: {why}")
        return None
    settings = carried.mapping(
        metric.get("analysisConfigurations"), f"{path}.analysisConfigurations", notes
    )
    place = f"{path}.analysisConfigurations.canary"
    canary = carried.mapping(settings.get("canary"), place, notes)
    worse = _worse(canary, place, notes)
    stable = {**_size(canary, place, worse, notes), "worse": worse}
    check: dict[str, Any] = {
        "name": carried.name(metric.get("name"), f"{path}.name", notes),
        "query": {"promql": query, "every": _EVERY, "stable": stable},
    }
    if weight is not None:
        check["weight"] = weight
    if why := carried.wrong(check):
        notes.add(here, f"left out: {why}")
        return None
    notes.each(metric, path, _METRIC, _WHY_METRIC)
    notes.each(canary, place, _CANARY, _WHY_CANARY)
    notes.add(here, f"asked every {_EVERY}, and {_scope(values)}")
    return check


def _scope(values: Mapping[str, str]) -> str:
    return f"${{scope}} is {values['scope']}: its labels have to say so"


def _query(query: Mapping[str, Any], values: Mapping[str, str]) -> tuple[str, str]:
    """Return a query with its variables filled in, or why it cannot be."""
    kind = query.get("type") or query.get("serviceType")
    if kind != "prometheus":
        return "", f"{str(kind)[:40]!r} cannot be asked here; wanted prometheus"
    text = query.get("customInlineTemplate")
    if not isinstance(text, str) or not text.strip():
        return "", (
            "Kayenta puts it together of metricName, labelBindings and groupByFields; wanted it "
            f"written out as customInlineTemplate: {_PROMQL}…"
        )
    text = text.strip().removeprefix(_PROMQL).strip()
    lacking = [name for name in _VARIABLE.findall(text) if name not in values]
    if lacking:
        name = lacking[0]
        return "", f"it needs a value for ${{{name}}}: --arg {name}=VALUE"
    return _VARIABLE.sub(lambda found: values[found[1]], text), ""


def _worse(canary: Mapping[str, Any], path: str, notes: Notes) -> str:
    direction = str(canary.get("direction", "either")).lower()
    if direction == "decrease":
        return "lower"
    if direction != "increase":
        why = "only higher is worse here; a second check with worse: lower watches the other side"
        notes.add(f"{path}.direction" if "direction" in canary else path, why)
    return "higher"


def _size(canary: Mapping[str, Any], path: str, worse: str, notes: Notes) -> dict[str, float]:
    """Return the ratio: how much worse is allowed; where lower is worse, both divide."""
    here, wanted = f"{path}.effectSize", _SIZES[worse]
    size = carried.mapping(canary.get("effectSize"), here, notes)
    other = {key: "only one side is watched" for key in _SIZES.values() if key != wanted}
    why = {
        "criticalIncrease": "there is one limit for a check",
        "criticalDecrease": "there is one limit for a check",
        "measure": "the ratio of the numbers is compared",
        **other,
    }
    notes.each(size, here, (wanted,), why)
    found = carried.number(size.get(wanted))
    if found is None or not found:
        notes.add(here if size else path, "no allowed change is given: 1.25 times stable's here")
        return {}
    ratio = found if worse == "higher" else 1 / found
    if ratio < 1:
        notes.add(f"{here}.{wanted}", f"{found:g} asks for better than stable; taken for 1")
        ratio = 1.0
    return {"ratio": round(ratio, 4)}


# --- the classifier -------------------------------------------------------------------------------


def _weights(
    classifier: object, metrics: Sequence[Mapping[str, Any]], notes: Notes
) -> list[float | None]:
    """Return a weight for each metric: its group's, shared by the metrics of the group."""
    found = carried.mapping(classifier, "classifier", notes)
    why = {
        "scoreThresholds": "pass and marginal belong to judge: {kayenta: …}; evidence has no score"
    }
    notes.each(found, "classifier", ("groupWeights",), why)
    written = carried.mapping(found.get("groupWeights"), "classifier.groupWeights", notes)
    weights = {group: carried.number(value) or 0.0 for group, value in written.items()}
    if not weights:
        return [None] * len(metrics)
    groups = [_groups(metric) for metric in metrics]
    others = {group for own in groups for group in own} - set(weights)
    rest = max(_WHOLE - sum(weights.values()), 0.0) / len(others) if others else 0.0
    shares: list[float | None] = []
    for index, own in enumerate(groups):
        share = sum(weights.get(group, rest) / sum(group in one for one in groups) for group in own)
        if share <= 0:
            notes.add(
                f"metrics[{index}].groups", "its groups have no weight; here it has the usual"
            )
        shares.append(round(share, 4) if share > 0 else None)
    return shares


def _groups(metric: Mapping[str, Any]) -> list[str]:
    groups = metric.get("groups")
    return [str(group) for group in groups] if isinstance(groups, list) else []
