"""Documents with good defaults, written as people write them: a test names what it is about."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from serinus.boot import catalogue
from serinus.core.spec import effective, review
from serinus.core.spec.application import API, Environment
from serinus.core.spec.effective import Effective, Limits
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate

LIMITS = Limits(bounds_ms=(1, 5, 10, 25, 50, 100, 250, 500, 1000))
CANARY = [
    {"traffic": {"candidate": "5%"}, "hold": {"for": "1m"}},
    {"settle": {"keepOld": "5m"}},
]


def read(text: str) -> Any:
    """Read YAML as plain data."""
    return YAML(typ="safe", pure=True).load(text)


def application(spec: Mapping[str, Any] | None = None, name: object = "shop") -> dict[str, Any]:
    base = {"workload": {"command": ["./shop", "--port", "${port}"]}}
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {"name": name},
        "spec": _with(base, spec or {}),
    }


def _with(base: Any, more: Any) -> Any:
    """Merge deeply, and keep null as it is: a document may hold it."""
    if not (isinstance(base, Mapping) and isinstance(more, Mapping)):
        return more
    return {**base, **{k: _with(base[k], v) if k in base else v for k, v in more.items()}}


def delivered(**delivery: Any) -> dict[str, Any]:
    return application({"delivery": delivery})


def environment(spec: Mapping[str, Any] | None = None, name: object = "local") -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "Environment",
        "metadata": {"name": name},
        "spec": dict(spec or {}),
    }


def template(
    spec: Mapping[str, Any] | None = None, name: str = "ours", version: str = "1.0.0"
) -> dict[str, Any]:
    base = {"template": name, "version": version, "strategy": "canary", "plan": CANARY}
    return {
        "apiVersion": API,
        "kind": "DeliveryTemplate",
        "metadata": {"name": f"{name}-{version}"},
        "spec": _with(base, spec or {}),
    }


def library(*documents: Mapping[str, Any]) -> Library:
    """Return the built-in templates and these documents, which must be right."""
    templates = dict(catalogue.builtin().templates)
    environments: dict[str, Environment] = {}
    for document in documents:
        found, problems = review.document(document)
        match found:
            case DeliveryTemplate():
                name = found.spec.template
                templates[name] = (*templates.get(name, ()), found)
            case Environment():
                environments[found.metadata.name] = found
            case _:
                raise AssertionError(problems)
    return Library(templates, environments)


def resolved(data: Any, *documents: Mapping[str, Any], **overrides: Any) -> Effective:
    return effective.effective(data, "local", library(*documents), LIMITS, overrides)


def said(data: Any, *documents: Mapping[str, Any], **overrides: Any) -> list[str]:
    """Return the problems of an application, a line each."""
    return [str(problem) for problem in resolved(data, *documents, **overrides).problems]


def reviewed(data: object) -> list[str]:
    """Return the problems of one document, a line each."""
    return [str(problem) for problem in review.document(data)[1]]


def wrong(name: str) -> list[tuple[str, Any]]:
    """Return a table of bad documents: what each is about, and the part that is wrong."""
    text = (Path(__file__).parent / "wrong" / f"{name}.yaml").read_text()
    return [(case.pop("title"), next(iter(case.values()))) for case in read(text)]


def report(cases: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Write what was said of each case, for people."""
    return "\n\n".join("\n  ".join([title, *lines]) for title, lines in cases) + "\n"
