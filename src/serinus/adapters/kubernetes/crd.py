"""
CustomResourceDefinitions, made from the types: what a cluster knows of our kinds.

What the API server can check at once, by itself, it checks: forms, ranges, and a few rules between
fields (CEL). All else is found by the controller's own review and told in the object's status.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from serinus.adapters.kubernetes import objects, schema
from serinus.core.spec import application, template

Schema = dict[str, Any]

NAME = 52
"""The longest name of an application: with the ten digits of a revision it is a label still."""

_NAMED = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"


class Column(NamedTuple):
    """One column of ``kubectl get``."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False


class Definition(NamedTuple):
    """
    One kind.

    ``rules``: between fields of the whole object, each with its message. ``scale``: it can be
    scaled, like a Deployment.
    """

    kind: str
    plural: str
    about: str
    spec: type[msgspec.Struct]
    columns: tuple[Column, ...]
    short: tuple[str, ...] = ()
    namespaced: bool = True
    status: type[msgspec.Struct] | None = None
    rules: tuple[tuple[str, str], ...] = ()
    scale: bool = False


_AGE = Column("Age", ".metadata.creationTimestamp", "date")
_READY = Column("Ready", '.status.conditions[?(@.type=="Ready")].status')
_WHY = Column("Why", '.status.conditions[?(@.type=="Ready")].message', wide=True)
_SENTENCE = Column("Sentence", ".status.sentence")
_NAME_RULES = (
    (
        f"self.metadata.name.size() <= {NAME}",
        f"a name has at most {NAME} letters: the ten digits of a revision come after it",
    ),
    (
        f"self.metadata.name.matches('{_NAMED}')",
        "a name holds a-z, 0-9 and '-' only: it becomes a label",
    ),
)
_TEMPLATE = (
    (
        "self.metadata.name == self.spec.template + '-' + self.spec.version",
        "the name tells the version: wanted <spec.template>-<spec.version>",
    ),
)
_WHOLLY: Schema = {"x-kubernetes-map-type": "atomic"}
"""
Who writes it writes all of it, so nobody needs to know who owns which field of it.

The API server takes half as long for a status that way: it keeps no path of each field.
"""

_FIXED = "an Intent and a Release never change"
_TEMPLATE_COLUMNS = (
    Column("Template", ".spec.template"),
    Column("Version", ".spec.version"),
    Column("Strategy", ".spec.strategy"),
    _READY,
    _WHY,
    Column("Deprecated", ".spec.deprecated.message", wide=True),
    _AGE,
)

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "Application",
        "applications",
        "An application: what runs, where it answers, and how a change of it gets to everybody.",
        application.ApplicationSpec,
        (
            Column("Phase", ".status.phase"),
            Column("Version", ".status.stable.version"),
            Column("Candidate", ".status.candidate.version"),
            Column("Share", ".status.candidate.share"),
            _READY,
            Column("Sentence", ".status.sentence", wide=True),
            _AGE,
        ),
        ("app", "sapp"),
        status=objects.ApplicationStatus,
        rules=_NAME_RULES,
        scale=True,
    ),
    Definition(
        "Environment",
        "environments",
        "What holds for all applications of some namespaces: router, sources, windows, defaults.",
        application.EnvironmentSpec,
        (
            Column("Stage", ".spec.stage"),
            Column("Region", ".spec.region"),
            Column("Freeze", ".spec.freeze.reason"),
            _READY,
            Column("Namespaces", ".spec.target.namespaces", wide=True),
            _WHY,
            _AGE,
        ),
        ("senv",),
        namespaced=False,
        status=objects.DocumentStatus,
        rules=_NAME_RULES,
    ),
    Definition(
        "DeliveryTemplate",
        "deliverytemplates",
        "One version of a way to deliver, for the applications of its namespace.",
        template.TemplateSpec,
        _TEMPLATE_COLUMNS,
        ("dt",),
        status=objects.DocumentStatus,
        rules=_TEMPLATE,
    ),
    Definition(
        "ClusterDeliveryTemplate",
        "clusterdeliverytemplates",
        "One version of a way to deliver, for all applications of the cluster.",
        template.TemplateSpec,
        _TEMPLATE_COLUMNS,
        ("cdt",),
        namespaced=False,
        status=objects.DocumentStatus,
        rules=_TEMPLATE,
    ),
    Definition(
        "Release",
        "releases",
        "One change of an application on its way. The controller writes it, and nobody else.",
        objects.ReleaseSpec,
        (
            Column("Version", ".spec.version"),
            Column("Phase", ".status.phase"),
            Column("Step", ".status.step"),
            Column("Share", ".status.share"),
            _SENTENCE,
            _AGE,
        ),
        ("rel",),
        status=objects.ReleaseStatus,
    ),
    Definition(
        "Intent",
        "intents",
        "What somebody asks of a release: created once, answered in its status.",
        objects.IntentSpec,
        (
            Column("Application", ".spec.application"),
            Column("Verb", ".spec.verb"),
            Column("Release", ".spec.expectRelease", "integer"),
            Column("By", ".spec.actor"),
            Column("Done", ".status.done", "boolean"),
            Column("Answer", ".status.sentence"),
            _AGE,
        ),
        status=objects.IntentStatus,
    ),
)


def every() -> list[Schema]:
    """Return all CustomResourceDefinitions."""
    return [of(definition) for definition in DEFINITIONS]


def of(definition: Definition) -> Schema:
    """Return the CustomResourceDefinition of one kind."""
    names: Schema = {
        "kind": definition.kind,
        "listKind": f"{definition.kind}List",
        "plural": definition.plural,
        "singular": definition.kind.lower(),
        "categories": ["serinus"],
    }
    if definition.short:
        names["shortNames"] = list(definition.short)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{definition.plural}.{objects.GROUP}"},
        "spec": {
            "group": objects.GROUP,
            "names": names,
            "scope": "Namespaced" if definition.namespaced else "Cluster",
            "versions": [_version(definition)],
        },
    }


def _version(definition: Definition) -> Schema:
    version: Schema = {
        "name": objects.VERSION,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [_column(column) for column in definition.columns],
        "schema": {"openAPIV3Schema": _whole(definition)},
    }
    subresources: Schema = {}
    if definition.status is not None:
        subresources["status"] = {}
    if definition.scale:
        subresources["scale"] = {
            "specReplicasPath": ".spec.workload.replicas",
            "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector",
        }
    if subresources:
        version["subresources"] = subresources
    return version


def _column(column: Column) -> Schema:
    found: Schema = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return found | ({"priority": 1} if column.wide else {})


def _whole(definition: Definition) -> Schema:
    spec = schema.of(definition.spec)
    adjust = _ADJUST.get(definition.spec)
    if adjust is not None:
        adjust(spec)
    properties: Schema = {
        "apiVersion": {"type": "string", "description": f"{objects.API}."},
        "kind": {"type": "string", "description": f"{definition.kind}."},
        "metadata": {"type": "object"},
        "spec": spec,
    }
    if definition.status is not None:
        properties["status"] = schema.of(definition.status) | _WHOLLY
    whole: Schema = {
        "type": "object",
        "description": definition.about,
        "required": ["spec"],
        "properties": properties,
    }
    if definition.rules:
        rules = [{"rule": rule, "message": message} for rule, message in definition.rules]
        whole["x-kubernetes-validations"] = rules
    return whole


# --- what types cannot say ----------------------------------------------------------------------


def _rule(where: Schema, rule: str, message: str) -> None:
    where.setdefault("x-kubernetes-validations", []).append({"rule": rule, "message": message})


def _application(spec: Schema) -> None:
    said = "(has(self.workload) && has(self.workload.image))"
    _rule(
        spec,
        f"!has(self.workloadRef) || !{said}",
        "the Deployment of workloadRef says what runs; leave workload.image away, or workloadRef",
    )
    _rule(
        spec,
        f"has(self.workloadRef) || has(self.environments) || {said}",
        "say what runs: workload.image, or workloadRef for a Deployment that is there already",
    )
    workload = spec["properties"]["workload"]["properties"]
    _rule(
        workload["env"],
        "self.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_]*$'))",
        "a variable's name holds letters, digits and '_' only",
    )
    _rule(
        workload["env"],
        "self.all(k, k != 'PORT' && !k.startsWith('SERINUS_'))",
        "PORT and SERINUS_... are set by Serinus; take ${port}",
    )
    _rule(
        workload["resources"],
        "self.all(k, k in ['cpu', 'memory', 'files'])",
        "resources are cpu, memory and files; say others in workload.pod",
    )
    spec["properties"]["environments"]["additionalProperties"] = dict(schema.OPAQUE)
    _rule(
        spec["properties"]["environments"],
        f"self.all(k, k.size() <= {NAME} && k.matches('{_NAMED}'))",
        "an environment's name holds a-z, 0-9 and '-' only",
    )


def _environment(spec: Schema) -> None:
    spec["properties"]["router"] |= {"minProperties": 1, "maxProperties": 1}
    _rule(
        spec["properties"]["counts"],
        "[has(self.scrape), has(self.prometheus), has(self.pods)].filter(f, f).size() <= 1",
        "counts are read at 'scrape', asked of 'prometheus', or of 'pods'; keep one",
    )


def _template(spec: Schema) -> None:
    for name in ("template", "version", "strategy"):
        message = "a version of a template never changes; make a new one"
        _rule(spec["properties"][name], "self == oldSelf", message)


def _fixed(spec: Schema) -> None:
    _rule(spec, "self == oldSelf", _FIXED)
    spec |= _WHOLLY


_ADJUST: Mapping[type[msgspec.Struct], Callable[[Schema], None]] = {
    application.ApplicationSpec: _application,
    application.EnvironmentSpec: _environment,
    template.TemplateSpec: _template,
    objects.ReleaseSpec: _fixed,
    objects.IntentSpec: _fixed,
}
