"""docs/reference/routers.md, and what the page of each router of a cluster shows of the code."""

import importlib
import io
from typing import Any

import msgspec
from msgspec.structs import replace
from ruamel.yaml import YAML

from serinus.adapters.routers import envoy
from serinus.boot import routing
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Document, Endpoint, Feature, Ref, Route

FOLDER = "docs/reference/routers"
PARTS = f"{FOLDER}/parts"
KEY = Key("team/shop", "prod")
STABLE = "3f2a9c01d4" + "0" * 54
CANDIDATE = "8b11e07aa2" + "0" * 54
SETTINGS: dict[str, dict[str, Any]] = {
    "gatewayapi": {"gateway": {"name": "public", "namespace": "infra"}},
}
"""Of the example, where a router cannot do without."""

ROUTE = Route(
    application=KEY.application,
    environment=KEY.environment,
    host="shop.example.org",
    backends=(
        Backend(
            STABLE,
            900,
            tuple(Endpoint(f"3f2a9c01d4-{n}", f"10.244.0.{20 + n}:8080") for n in range(10)),
            "/healthz",
        ),
        Backend(CANDIDATE, 100, (Endpoint("8b11e07aa2-0", "10.244.0.40:8080"),), "/healthz"),
    ),
)
HEADER = (Match((Condition(Part.HEADER, "x-canary", "always"),)),)

WHAT = {
    Feature.WEIGHT: "divides requests by weights",
    Feature.HEADER: "chooses requests by a header",
    Feature.COOKIE: "chooses requests by a cookie",
    Feature.QUERY: "chooses requests by a query parameter",
    Feature.COMBINED: "chooses requests by several conditions at once",
    Feature.MIRROR: "sends copies of requests",
    Feature.EDITS: "changes headers for the candidate alone",
    Feature.STICKY: "keeps a user on a side",
    Feature.VISITS: "notes who came, which goals are counted by",
    Feature.MANY: "divides requests between more than two revisions",
}

HEAD = """\
<!-- Written by scripts/generate from src/serinus/adapters/routers; edit that. -->
# Routers

A router divides the requests of an application between its revisions. In a cluster it is one of
these, named in the Environment:

```yaml
kind: Environment
spec:
  router:
    traefik: {entryPoints: [websecure]}
```

An environment that names none has `replicas`, which works in every cluster. On this machine it is
always Envoy. A template that needs more than the router can do is refused with the reason, before
anything starts.

"""

SERVICES = """
## What all of them have

Each revision has a Service of its own, which selects its pods that serve. It says in an annotation
which these are; a pod that is accused of something is taken out by its label `serinus.dev/serving`,
and goes on running. The application's own name is a Service too. Inside the cluster it leads to the
stable revision while the traffic is divided, and afterwards to the one that has everything.

"""

THEIRS = """
A Service of that name that is already there is taken over: nothing but its selector is changed, and
what was there stands in the annotation `serinus.dev/original` until Serinus leaves.

## Objects of yours

`route.ref` of an Application names a routing object that is already there: an HTTPRoute, an
IngressRoute, an Ingress, a VirtualService. The application takes its place in it, and nothing else
of it is touched. What stood in that place is put back when the application leaves, whatever you
have changed around it since.

## Drift

What a route is, is read from the objects, not remembered. Somebody who changes a weight, a rule or
a selector by hand is seen at once, and the object is written again. What fields cannot say stands
in the annotation `serinus.dev/route` of the application's Service, and is believed only where the
fields agree with it.

```{toctree}
:hidden:
:glob:

routers/*
```
"""


def generate() -> dict[str, str]:
    """Write the index, and for each router its features and an example of its objects."""
    names = routing.names()
    parts = {f"{PARTS}/{name}.md": _part(name) for name in names}
    return {"docs/reference/routers.md": _index(names), **parts}


def _index(names: tuple[str, ...]) -> str:
    links = [f"[{name}](routers/{name}.md)" for name in names]
    columns = {name: _marks(name) for name in names}
    columns["envoy"] = {f: "●" if f in envoy.Router.features else "" for f in WHAT}
    table = [
        "| | " + " | ".join([*links, "Envoy, on this machine"]) + " |",
        "|---|" + ":---:|" * len(columns),
        *(
            f"| {what} | " + " | ".join(c[f] for c in columns.values()) + " |"
            for f, what in WHAT.items()
        ),
    ]
    shown = _rendered("traefik")
    common = [shown[ref] for ref in shown if ref.kind == "Service" and ref.name != "team/shop"]
    return HEAD + "\n".join(table) + "\n" + SERVICES + _yaml(common[-1:]) + THEIRS


def _part(name: str) -> str:
    rows = [f"| {WHAT[f]} | {mark or 'no'} |" for f, mark in _marks(name).items()]
    table = "\n".join(["| what it can do | |", "|---|:---:|", *rows])
    documents = _rendered(name)
    shown = [d for ref, d in documents.items() if ref.kind != "Service"] or [*documents.values()]
    intro = (
        "For the application `shop` in the namespace `team`, a tenth for the candidate"
        + (", and a header that chooses it" if _chosen(name).matches else "")
        + (", beside the Services" if len(shown) < len(documents) else "")
    )
    return f"{table}\n\n{intro}:\n\n{_yaml(shown)}"


def _marks(name: str) -> dict[Feature, str]:
    """Return how each feature is had: as a matter of course, by a setting, or not at all."""
    have = _router(name).features
    result = {feature: "●" if feature in have else "" for feature in WHAT}
    for field in msgspec.structs.fields(_module(name).Settings):
        if field.default is False:
            more = _router(name, {field.encode_name: True}).features & ~have
            result |= {f: f"`{field.encode_name}: true`" for f in WHAT if f in more}
    return result


def _rendered(name: str) -> dict[Ref, Document]:
    found = _router(name).render(KEY, _chosen(name), {})
    return {ref: document for ref, document in found.items() if document is not None}


def _chosen(name: str) -> Route:
    """Return the route of the example: with a match where the router can choose."""
    if Feature.HEADER not in _router(name).features:
        return ROUTE
    return replace(ROUTE, matches=HEADER, matched=CANDIDATE)


def _router(name: str, settings: dict[str, Any] | None = None) -> Any:
    module = _module(name)
    written = SETTINGS.get(name, {}) | (settings or {})
    return module.Router(msgspec.convert(written, module.Settings))


def _module(name: str) -> Any:
    return importlib.import_module(f"serinus.adapters.routers.{name}")


def _yaml(documents: list[Document]) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 1000
    out = io.StringIO()
    yaml.dump_all([msgspec.to_builtins(d) for d in documents], out)
    return f"```yaml\n{out.getvalue()}```\n"
