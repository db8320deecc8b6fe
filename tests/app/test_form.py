from collections.abc import Mapping

import msgspec
import pytest

from serinus.adapters.local import amending
from serinus.app import form, objectives, tuning
from serinus.app.form import Form
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import Parameter
from serinus.ports import failures
from tests.app import forms

LEVELS = ("", "prod", "new")


def made(text: str = forms.SHOP, environment: str = "", *, new: bool = False) -> Form:
    return form.fields(forms.reviewed(text), forms.LIBRARY, environment=environment, new=new)


def sent(shown: Form, **changed: str) -> dict[str, list[str]]:
    """All inputs as a page sends them back, some of them changed by the end of their name."""
    inputs = {field.name: [field.value] for field in shown.fields}
    inputs["env"] = ["1"]
    for row in shown.variables:
        for part, value in (("was", row.name), ("name", row.name), ("value", row.value)):
            inputs.setdefault(f"env.{part}", []).append(value)
    for end, value in changed.items():
        (name,) = [name for name in inputs if name.endswith(end.replace("_", "."))]
        inputs[name] = [value]
    return inputs


def after(
    inputs: Mapping[str, list[str]],
    text: str = forms.SHOP,
    environment: str = "",
    *,
    new: bool = False,
) -> str:
    edits = form.changes(
        forms.reviewed(text), forms.LIBRARY, inputs, environment=environment, new=new
    )
    return amending.amend(text, edits)


@pytest.mark.parametrize("environment", LEVELS)
def test_a_form_that_comes_back_unchanged_changes_nothing(environment: str) -> None:
    shown = made(environment=environment)

    assert forms.SHOP == after(sent(shown), environment=environment)
    assert forms.SHOP == after({}, environment=environment)


@pytest.mark.parametrize(
    ("changed", "old", "new"),
    [
        ({"spec_version": "v2"}, "version: v1 ", "version: v2 "),
        ({"workload_replicas": "3"}, "{memory: 64Mi}\n", "{memory: 64Mi}\n    replicas: 3\n"),
        ({"resources_memory": "128Mi"}, "64Mi", "128Mi"),
        ({"resources_memory": ""}, "    resources: {memory: 64Mi}\n", ""),
        ({"parameters_bake": "20s"}, "bake: '12s'", "bake: '20s'"),
        ({"parameters_start": "2"}, "  # short\n", "  # short\n      start: 2%\n"),
        ({"workload_command": "./shop 'a b'"}, '[./shop, --port, "${port}"]', '[./shop, "a b"]'),
    ],
)
def test_one_input_changes_one_value(changed: dict[str, str], old: str, new: str) -> None:
    assert forms.SHOP.replace(old, new, 1) == after(sent(made(), **changed))


def test_an_environment_says_otherwise_and_can_be_reset() -> None:
    text = after(sent(made(environment="prod"), prod_version="v3"), environment="prod")
    assert "      workload: {replicas: 5}\n" in text
    assert "      version: v3\n" in text

    back = after(
        sent(made(text, "prod"), prod_version="", workload_replicas="", parameters_bake=""),
        text,
        "prod",
    )
    assert "environments" not in back
    assert forms.SHOP.partition("  environments:")[0] == back


def test_another_template_takes_its_own_parameters_and_leaves_the_rest() -> None:
    inputs = sent(made())
    inputs[tuning.TEMPLATE] = ["ab-test"]
    inputs["spec.delivery.parameters.bake"] = ["30s"]
    inputs["spec.delivery.parameters.keepOld"] = [""]

    found = forms.reviewed(after(inputs)).data or {}

    assert "ab-test" == found["spec"]["delivery"]["template"]
    assert "parameters" not in found["spec"]["delivery"]


def test_a_choice_of_a_parameter_has_the_parameters_type() -> None:
    (old,) = forms.LIBRARY.templates["canary-standard"]
    samples = Parameter(type="integer", enum=[0, 100], default=0)
    spec = msgspec.structs.replace(
        old.spec, parameters={**old.spec.parameters, "minSamples": samples}
    )
    library = Library({"canary-standard": (msgspec.structs.replace(old, spec=spec),)}, {})
    name = "spec.delivery.parameters.minSamples"

    edits = form.changes(forms.reviewed(forms.SHOP), library, {name: ["100"]})

    assert [100] == [edit.value for edit in edits]


def test_a_version_of_the_inherited_template_names_the_template() -> None:
    text = forms.SHOP.replace("    template: canary-standard\n", "")
    inputs = sent(made(text))
    inputs[tuning.VERSION] = ["1"]

    found = forms.reviewed(after(inputs, text)).data or {}

    assert {"name": "canary-standard", "version": "1"} == found["spec"]["delivery"]["template"]


def test_rows_are_written_and_all_can_be_taken_away() -> None:
    inputs = sent(made())
    inputs["env.value"][0] = "slow"
    assert forms.SHOP.replace("MODE: fast", "MODE: slow") == after(inputs)

    none = {name: values for name, values in inputs.items() if not name.startswith("env.")}
    found = forms.reviewed(after(none)).data or {}
    assert "env" not in found["spec"]["workload"]
    del none["env"]
    assert forms.SHOP == after(none)


def test_an_objective_and_an_approval_are_written_together() -> None:
    text = after(sent(made(), objective_success="99.5", gate_2_add="approval"))

    shown = made(text)
    success, approval = shown.field(objectives.SUCCESS), shown.field("gate.2.0.kind")
    assert success is not None
    assert approval is not None
    assert ("99.5%", "approval") == (success.value, approval.value)
    assert not forms.reviewed(text).problems


def test_a_problem_stands_beside_the_input_that_it_is_about() -> None:
    text = forms.SHOP.replace("bake: '12s'", "bake: soon").replace("MODE:", "PORT:")
    text = text.replace("{memory: 64Mi}", "{memory: much}").replace(
        "template: can", "template: kan"
    )

    shown = made(text)

    memory = shown.field("spec.workload.resources.memory")
    assert memory is not None
    assert memory.problems
    assert any("PORT" in problem for problem in shown.variables[0].problems)
    template = shown.field(tuning.TEMPLATE)
    assert template is not None
    assert any("kanary-standard" in problem for problem in template.problems)
    shown = made(text.replace("kan", "can"))
    bake = shown.field("spec.delivery.parameters.bake")
    assert bake is not None
    assert any("soon" in problem for problem in bake.problems)


def test_an_environment_shows_the_problems_of_what_it_inherits() -> None:
    shown = made(forms.SHOP.replace("{memory: 64Mi}", "{memory: much}"), "prod")

    memory = shown.field("spec.environments.prod.workload.resources.memory")
    assert memory is not None
    assert memory.problems


def test_what_no_input_shows_is_named() -> None:
    assert ("metadata.labels.team", "spec.delivery.onFail.quarantine") == made().beyond
    assert () == made(environment="prod").beyond
    assert ("prod",) == made().patched


def test_problems_of_nothing_that_is_shown_stand_alone() -> None:
    shown = made(forms.SHOP.replace("quarantine: false", "quarantine: maybe"))

    assert ["spec.delivery.onFail.quarantine"] == [problem.path for problem in shown.problems]


def test_a_text_that_cannot_be_read_has_only_its_problems() -> None:
    shown = made("a: [1\n")

    assert not shown.readable
    assert shown.problems
    assert () == form.changes(forms.reviewed("a: [1\n"), forms.LIBRARY, {"spec.version": ["v2"]})


def test_only_a_new_application_gets_a_name() -> None:
    assert forms.SHOP == after({"metadata.name": ["other"]})
    renamed = after({"metadata.name": ["other"]}, new=True)
    assert forms.SHOP.replace("name: shop", "name: other") == renamed


def test_the_inputs_stand_under_headings() -> None:
    shown = made()

    assert {field.group for field in shown.fields} <= set(form.GROUPS)
    for name in form.GROUPS:
        assert shown.group(name), name


@pytest.mark.parametrize("template", sorted(forms.LIBRARY.templates))
@pytest.mark.parametrize("environment", LEVELS)
def test_every_template_has_a_form_and_keeps_its_text(template: str, environment: str) -> None:
    text = forms.SHOP.replace("canary-standard", template).replace(
        "      bake: '12s'  # short\n", ""
    )
    text = text.replace("    parameters:\n", "").replace(
        "      delivery: {parameters: {bake: 10m}}\n", ""
    )

    assert text == after(sent(made(text, environment)), text, environment)


def test_a_text_that_says_something_else_is_left_alone() -> None:
    text = forms.SHOP.partition("spec:")[0] + "spec: [a]\n"

    with pytest.raises(failures.Rejected, match="something else stands"):
        form.changes(forms.reviewed(text), forms.LIBRARY, {"spec.version": ["v2"]})


def test_a_row_of_which_only_the_name_is_sent_stays_a_reference() -> None:
    row = "{name: DB, valueFrom: {secretKeyRef: {name: db, key: url}}}"
    pod = f"    pod: {{spec: {{containers: [{{name: app, env: [{row}]}}]}}}}\n"
    text = forms.SHOP.replace("    resources:", f"{pod}    resources:")

    assert text == after(sent(made(text)), text)
