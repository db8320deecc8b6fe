import pytest

from serinus.app import sheet
from serinus.app.level import Level
from serinus.core.spec import checker, place
from serinus.core.spec.application import ApplicationSpec
from tests.app import forms


def test_every_input_is_a_value_of_the_spec() -> None:
    for plain in sheet.PLAIN:
        data: object = "1"
        for key in reversed(plain.keys):
            data = {key: data}
        _, problems = checker.check(data, ApplicationSpec)
        unknown = [p for p in problems if "unknown" in p.message or "no field" in p.message]

        assert not unknown, plain.path


def test_a_value_is_shown_at_its_level_with_what_holds_else() -> None:
    data = forms.reviewed(forms.SHOP).data or {}
    own = {f.name: f for f in sheet.fields(Level(data), cluster=False)}
    prod = {f.name: f for f in sheet.fields(Level(data, "prod"), cluster=False)}

    version = own["spec.version"]
    assert ("v1", "") == (version.value, version.inherited)
    assert "./shop --port '${port}'" == own["spec.workload.command"].value
    replicas = own["spec.workload.replicas"]
    assert ("", "1", "default") == (replicas.value, replicas.inherited, replicas.origin)
    assert ("prod",) == replicas.overrides
    assert "5" == prod["spec.environments.prod.workload.replicas"].value
    version = prod["spec.environments.prod.version"]
    assert ("", "v1", "application") == (version.value, version.inherited, version.origin)


@pytest.mark.parametrize(("cluster", "there"), [(True, True), (False, False)])
def test_what_only_a_cluster_has_is_asked_there(*, cluster: bool, there: bool) -> None:
    data = forms.reviewed(forms.SHOP).data or {}
    names = [field.name for field in sheet.fields(Level(data), cluster=cluster)]

    assert there == ("spec.workload.image" in names)
    assert there != ("spec.workload.files" in names)


def test_what_is_written_is_shown_everywhere() -> None:
    level = Level({"spec": {"workload": {"image": "shop:1"}}})

    assert "spec.workload.image" in [field.name for field in sheet.fields(level, cluster=False)]


def test_an_application_keeps_its_name_and_a_new_one_has_none_yet() -> None:
    data = forms.reviewed(forms.SHOP).data or {}

    (name,) = sheet.who(Level(data), cluster=False, new=False)
    assert ("shop", "an application keeps its name") == (name.value, name.locked)
    name, namespace = sheet.who(Level({}), cluster=True, new=True)
    assert ("", "") == (name.value, name.locked)
    assert "default" == namespace.inherited


@pytest.mark.parametrize(("namespace", "adopts"), [("", False), ("team", False), ("team", True)])
def test_a_blank_document_lacks_only_what_nobody_can_guess(namespace: str, *, adopts: bool) -> None:
    limits = forms.CLUSTER if namespace else forms.MACHINE
    found = forms.reviewed(sheet.blank(namespace=namespace, adopts=adopts), limits=limits)

    assert found.data is not None
    assert namespace == found.data["metadata"].get("namespace", "")
    lacking = {"metadata.name", "spec.workload.command", "spec.workload.image"}
    assert {*lacking, "spec.workloadRef.name"} >= {
        place.text(place.parse(problem.path)) for problem in found.problems
    }


def test_what_a_deployment_says_is_not_asked_again() -> None:
    level = Level({"spec": {"workloadRef": {"name": "old"}}})
    found = {field.name: field for field in sheet.fields(level, cluster=True)}

    assert sheet.adopts(level)
    assert not {"spec.workload.image", "spec.workload.secrets"} & set(found)
    assert found["spec.workloadRef.name"].required
    assert "as the Deployment says" == found["spec.workload.replicas"].inherited


def test_an_image_is_needed_in_a_cluster_where_nothing_is_adopted() -> None:
    found = {field.name: field for field in sheet.fields(Level({}), cluster=True)}

    assert found["spec.workload.image"].required
    assert "spec.workloadRef.name" not in found
    assert "image's own" in found["spec.workload.command"].about
