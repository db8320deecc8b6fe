"""
What an environment says of the cluster that it is in: which namespaces, which router, whose counts.

Paths are relative to the spec. The settings of routers are reviewed by their adapters.
"""

from collections.abc import Iterator

from serinus.core.errors import Problem
from serinus.core.spec import address, checker
from serinus.core.spec.application import CLUSTER, Counts, EnvironmentSpec


def review(spec: EnvironmentSpec) -> Iterator[Problem]:
    """Review it, wherever it is read."""
    if spec.target is not None:
        names = spec.target.namespaces
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"{checker.shown(name)} stands there twice"
                yield Problem(f"target.namespaces[{index}]", message)
    if spec.router is not None and len(spec.router) != 1:
        found = " and ".join(spec.router) or "nothing"
        message = f"it names {found}; wanted exactly one router, such as {{gatewayapi: {{}}}}"
        yield Problem("router", message)
    if spec.counts is not None:
        yield from _counts(spec.counts, spec)


def elsewhere(spec: EnvironmentSpec) -> Iterator[Problem]:
    """Refuse for this machine what only a cluster has."""
    for key in CLUSTER:
        if getattr(spec, key) is not None:
            message = f"'{key}' is for a cluster; this machine has one Envoy, which counts"
            yield Problem(key, message)


def _counts(written: Counts, spec: EnvironmentSpec) -> Iterator[Problem]:
    named = [name for name in ("scrape", "prometheus", "pods") if getattr(written, name)]
    if len(named) > 1:
        message = "counts are read at 'scrape', asked of 'prometheus', or of 'pods'; keep one"
        yield Problem("counts", message)
    elif written.scrape and (wrong := address.wrong(written.scrape)):
        yield Problem("counts.scrape", wrong)
    elif written.prometheus and written.prometheus not in spec.metrics:
        message = checker.unknown(written.prometheus, list(spec.metrics), "metric source")
        yield Problem("counts.prometheus", message)
