"""
Argo Rollouts: AnalysisTemplate and ClusterAnalysisTemplate.

::

    metrics:                                      checks:
    - name: success-rate                          - name: success-rate
      interval: 5m                                  query:
      successCondition: result[0] >= 0.95     →       promql: sum(…)
      failureLimit: 2                                 every: 5m
      provider:                                       min: 0.95
        prometheus: {query: sum(…)}                   strikes: 3

A metric becomes a query with limits. What has no sense here, or another one, is told.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from serinus.adapters.importers import carried
from serinus.adapters.importers.carried import Carried, Notes
from serinus.core.spec import duration, formats, promql

NAME = "Argo Rollouts"
KINDS = ("AnalysisTemplate", "ClusterAnalysisTemplate")
GROUP = "argoproj.io/"

_EVERY_S = (1.0, 3600.0)
_MOST_STRIKES = 100

_SPEC = ("metrics", "args")
_METRIC = (
    "name",
    "interval",
    "successCondition",
    "failureCondition",
    "failureLimit",
    "provider",
    "count",
)
_HELD = "no data and a source that does not answer hold, and never roll back"
_WHY_SPEC = {
    "dryRun": "there are no dry runs; metrics named here are left out",
    "measurementRetention": "all that was measured is kept with the release",
    "templates": "templates in templates are not followed; import them beside this one",
}
_WHY_METRIC = {
    "initialDelay": "a check begins with the candidate's traffic; 'warmup' of the delivery waits",
    "inconclusiveLimit": "a number is within its limits or is not; nothing is inconclusive",
    "consecutiveErrorLimit": _HELD,
    "consecutiveSuccessLimit": "a step goes on by its 'hold', not by how often a check was good",
}
_WHY_PROMETHEUS = {
    "address": "it stands in the environment: metrics: {prometheus: {url: …}}",
    "timeout": "how long a source is waited for is the same for all",
    "headers": "headers for the source are not kept in a template",
    "authentication": "secrets for the source are not kept in a template",
    "insecure": "certificates are always checked",
    "rangeQuery": "a query is asked for one moment",
}

_RESULT = r"(?:asFloat\()?\(?result(?:\[0\])?\)?\)?"
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_TERM = re.compile(rf"{_RESULT} *(>=|<=|==|>|<) *({_NUMBER})")
_TURNED = re.compile(rf"({_NUMBER}) *(>=|<=|==|>|<) *{_RESULT}")
_EMPTY = re.compile(r"!?(?:isNaN|isInf|isNil)\(.*\)|len\(result\) *(?:==|<=|>|!=) *[01]")
_ARGUMENT = re.compile(r"\{\{ *args\.([\w.-]+) *\}\}")
_MIRROR = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "=="}


class _Limits(NamedTuple):
    """
    What a condition allows; ``notes``: what of it could not be carried over.

    ``wrong``: why it cannot be told, ``where`` is what says so.
    """

    least: float | None = None
    most: float | None = None
    notes: tuple[str, ...] = ()
    wrong: str = ""
    where: str = ""


def fits(document: Mapping[str, Any]) -> bool:
    """Tell whether a document is one of Argo Rollouts' templates."""
    group = str(document.get("apiVersion", GROUP))
    return document.get("kind") in KINDS and group.startswith(GROUP)


def read(document: Mapping[str, Any], given: Mapping[str, str]) -> Carried:
    """Read a template; ``given`` are values for its arguments."""
    notes = Notes()
    spec = carried.mapping(document.get("spec"), "spec", notes)
    notes.each(spec, "spec", _SPEC, _WHY_SPEC)
    values = {**_arguments(spec.get("args"), notes), **given}
    dry = _dry(spec.get("dryRun"))
    found = []
    for path, metric in carried.items(spec.get("metrics"), "spec.metrics", notes):
        if any(re.fullmatch(pattern, str(metric.get("name"))) for pattern in dry):
            notes.add(path, "left out: it is a dry run there, and acts on nothing")
        elif (check := _metric(metric, path, values, notes)) is not None:
            found.append(check)
    return Carried(tuple(found), tuple(notes.found))


def _arguments(written: object, notes: Notes) -> dict[str, str]:
    found = {}
    for path, one in carried.items(written, "spec.args", notes):
        if one.get("value") is not None:
            found[str(one.get("name"))] = str(one["value"])
        elif "valueFrom" in one:
            notes.add(f"{path}.valueFrom", f"not looked up; give --arg {one.get('name')}=VALUE")
    return found


def _dry(written: object) -> list[str]:
    """Return the patterns of the metrics that are dry runs; what is no pattern is a name."""
    if not isinstance(written, list):
        return []
    names = [str(one.get("metricName", "")) for one in written if isinstance(one, Mapping)]
    return [name if re.fullmatch(r"[\w.*+-]+", name) else re.escape(name) for name in names]


# --- one metric -----------------------------------------------------------------------------------


def _metric(
    metric: Mapping[str, Any], path: str, values: Mapping[str, str], notes: Notes
) -> Mapping[str, Any] | None:
    provider = carried.mapping(metric.get("provider"), f"{path}.provider", notes)
    asked = [key for key in provider if key != "prometheus"]
    if "prometheus" not in provider:
        found = f"{' and '.join(asked)} cannot be asked here" if asked else "there is no provider"
        notes.add(f"{path}.provider", f"left out: {found}; wanted prometheus")
        return None
    here = f"{path}.provider.prometheus"
    prometheus = carried.mapping(provider["prometheus"], here, notes)
    query, why = _filled(prometheus.get("query"), values)
    limits = _limits(metric, path)
    if why or limits.wrong:
        notes.add(f"{here}.query" if why else limits.where, f"left out: {why or limits.wrong}")
        return None
    written = {
        "promql": query,
        "every": _every(metric, path, notes),
        "min": limits.least,
        "max": limits.most,
        "strikes": _strikes(metric, path, notes),
    }
    written = {key: value for key, value in written.items() if value is not None}
    check = {"name": carried.name(metric.get("name"), f"{path}.name", notes), "query": written}
    if why := carried.wrong(check):
        notes.add(path, f"left out: {why}")
        return None
    notes.each(metric, path, _METRIC, _WHY_METRIC)
    notes.each(prometheus, here, ("query",), _WHY_PROMETHEUS)
    for note in limits.notes:
        notes.add(path, note)
    _count(metric, path, notes)
    if not promql.OF_ARMS & promql.used(query):
        why = "asked as it is, once for all: with $revision in its labels it is the candidate's"
        notes.add(f"{here}.query", why)
    return check


def _filled(query: object, values: Mapping[str, str]) -> tuple[str, str]:
    """Return a query with its arguments filled in, or why it cannot be."""
    if not isinstance(query, str) or not query.strip():
        return "", "there is no query"
    lacking = [name for name in _ARGUMENT.findall(query) if name not in values]
    if lacking:
        name = lacking[0]
        return "", f"it needs a value for the argument {name!r}: --arg {name}=VALUE"
    filled = _ARGUMENT.sub(lambda found: values[found[1]], query)
    if "{{" in filled:
        return (
            "",
            f"it holds {filled[filled.index('{{') :][:40]!r}, which stands for nothing here",
        )
    return filled.strip(), ""


def _every(metric: Mapping[str, Any], path: str, notes: Notes) -> str:
    text = metric.get("interval")
    if text is None:
        notes.add(path, "without an interval it is measured once there; here it is every 30s")
        return "30s"
    wrong = formats.wrong("duration", str(text))
    if wrong or not _EVERY_S[0] <= duration.seconds(str(text)) <= _EVERY_S[1]:
        notes.add(f"{path}.interval", f"every 30s here: {wrong or f'{text} is not 1s–1h'}")
        return "30s"
    return str(text)


def _strikes(metric: Mapping[str, Any], path: str, notes: Notes) -> int:
    """One more failure than the limit is too many; there in all, here in a row."""
    written = metric.get("failureLimit", 0)
    limit = carried.number(written)
    here = f"{path}.failureLimit"
    if limit is None or limit != int(limit):
        notes.add(here, f"taken for 0: {str(written)[:40]!r} is no whole number")
        return 1
    if limit < 0:
        notes.add(here, f"here {_MOST_STRIKES} in a row roll back; there it was off")
        return _MOST_STRIKES
    strikes = min(int(limit) + 1, _MOST_STRIKES)
    if limit:
        notes.add(here, f"here {strikes} failures in a row roll back; there {strikes} in all")
    return strikes


def _count(metric: Mapping[str, Any], path: str, notes: Notes) -> None:
    if "count" not in metric:
        return
    count, every = carried.number(metric["count"]), str(metric.get("interval", ""))
    why = "a check looks for as long as the release goes on; how long is for the steps"
    if count and not formats.wrong("duration", every):
        length = duration.of_seconds(count * duration.seconds(every))
        why += f": hold: {{for: {length}}} is as much"
    notes.add(f"{path}.count", why)


# --- conditions -----------------------------------------------------------------------------------


def _limits(metric: Mapping[str, Any], path: str) -> _Limits:
    """Return the limits of a metric, or why they cannot be told."""
    success, failure = metric.get("successCondition"), metric.get("failureCondition")
    if not success and not failure:
        why = "it has no condition, so that it passes whatever it measures"
        return _Limits(wrong=why, where=path)
    key = "failureCondition" if failure else "successCondition"
    text = str(failure or success)
    found = _failure(text) if failure else _success(text)
    if found is None:
        wanted = "comparisons of result or result[0] with a number"
        why = f"{text[:60]!r} cannot be read as limits; wanted {wanted}"
        return _Limits(wrong=why, where=f"{path}.{key}")
    if success and failure:
        note = "what meets neither condition is within the limits here; there a person is asked"
        return found._replace(notes=(*found.notes, note))
    return found


def _success(text: str) -> _Limits | None:
    """``a && b``: both limits hold. ``a || isNaN(…)``: that part passes without data."""
    notes: tuple[str, ...] = ()
    parts = _parts(text, "||")
    if len(parts) > 1:
        kept = [part for part in parts if not _EMPTY.fullmatch(part)]
        if len(kept) != 1:
            return None
        notes = ("what passes there without data does not pass here: no data is never a pass",)
        parts = kept
    found = _Limits(notes=notes)
    for part in _parts(parts[0], "&&"):
        if _EMPTY.fullmatch(part):
            continue
        term = _term(part)
        if term is None:
            return None
        found = _put(found, *term)
    return None if found.least is None and found.most is None else found


def _failure(text: str) -> _Limits | None:
    """``a || b``: each is the other side of a limit."""
    found = _Limits()
    for part in _parts(text, "||"):
        if _EMPTY.fullmatch(part):
            note = "what fails there without data does not fail here: no data holds"
            found = found._replace(notes=(*found.notes, note))
            continue
        term = _term(part)
        if term is None or term[0] == "==":
            return None
        sign, value = term
        turned = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[sign]
        found = _put(found, turned, value)
    return None if found.least is None and found.most is None else found


def _parts(text: str, sign: str) -> list[str]:
    return [part.strip().removeprefix("(").strip() for part in text.strip().split(sign)]


def _term(text: str) -> tuple[str, float] | None:
    if found := _TERM.fullmatch(_bare(text)):
        return found[1], float(found[2])
    if found := _TURNED.fullmatch(_bare(text)):
        return _MIRROR[found[2]], float(found[1])
    return None


def _bare(text: str) -> str:
    """Leave out a closing bracket that has no opening one any more."""
    return text.removesuffix(")").strip() if text.count(")") > text.count("(") else text


def _put(found: _Limits, sign: str, value: float) -> _Limits:
    value = int(value) if value == int(value) else value
    if sign in {">", "<"}:
        note = f"{value:g} itself is within the limits here"
        found = found._replace(notes=(*found.notes, note))
    if sign == "==":
        return found._replace(least=value, most=value)
    if sign.startswith(">"):
        return found._replace(least=value)
    return found._replace(most=value)
