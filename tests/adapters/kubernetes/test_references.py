from typing import Any

from serinus.adapters.kubernetes import references
from serinus.adapters.kubernetes.references import Reference


def template(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "app", **(container or {})}], **spec}}


def found(made: dict[str, Any]) -> dict[str, bool]:
    return {str(reference): needed for reference, needed in references.of(made).items()}


def test_volumes_refer_to_config_maps_and_secrets() -> None:
    sources = [
        {"configMap": {"name": "c"}},
        {"secret": {"name": "d", "optional": True}},
        {"serviceAccountToken": {"path": "token"}},
    ]
    volumes = [
        {"name": "a", "configMap": {"name": "a"}},
        {"name": "b", "secret": {"secretName": "b"}},
        {"name": "c", "projected": {"sources": sources}},
        {"name": "d", "emptyDir": {}},
    ]

    assert {
        "ConfigMap/a": True,
        "ConfigMap/c": True,
        "Secret/b": True,
        "Secret/d": False,
    } == found(template(volumes=volumes))


def test_variables_of_all_containers_refer_to_them() -> None:
    variables = [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "b", "key": "k"}}},
        {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "D", "value": "d"},
    ]
    first = {"name": "init", "envFrom": [{"secretRef": {"name": "s"}}]}
    made = template({"env": variables}, initContainers=[first])

    assert ["ConfigMap/b", "Secret/a", "Secret/s"] == list(found(made))


def test_what_is_needed_at_one_place_is_needed() -> None:
    some = [{"configMapRef": {"name": "a", "optional": True}}, {"configMapRef": {"name": "a"}}]

    assert {Reference("ConfigMap", "a"): True} == references.of(template({"envFrom": some}))


def test_a_template_without_any_refers_to_nothing() -> None:
    assert {} == references.of(template())
    assert {} == references.of({})
