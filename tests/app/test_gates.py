from collections.abc import Mapping

import msgspec
import pytest

from serinus.adapters.local import amending, documents
from serinus.app import form, gates
from serinus.app.inputs import Field
from serinus.app.level import Level
from serinus.core.spec import effective
from serinus.core.spec.application import Environment
from serinus.core.spec.delivery import Approval, Gate, SettleStep, Webhook, WindowGate
from serinus.core.spec.resolve import Library
from tests.app import forms

LOCAL = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: local}
spec:
  roles: {sre: [ana, bob], lead: [cleo]}
  windows:
  - {name: office, gatesOnly: true, weekly: [{from: Mon 09:00, to: Fri 17:00}]}
"""
HOOK = "{url: 'https://gate.example', every: 30s}"
GATED = forms.SHOP.replace(
    "    onFail:",
    """\
    plan:
    - traffic: {candidate: 5%}  # a first look
    - traffic: {candidate: 50%}
      gates:
      - approval: {roles: [sre], count: 2, timeout: 1h}  # two of them
      - window: office
      - webhook: HOOK
    onFail:""".replace("HOOK", HOOK),
)


def library() -> Library:
    data = documents.parse(LOCAL).documents[0].data
    local = msgspec.convert(data, Environment)
    return Library(forms.LIBRARY.templates, {"local": local})


HERE = library()


def level(text: str, environment: str = "") -> Level:
    return Level(forms.reviewed(text).data or {}, environment)


def fields(text: str, environment: str = "", known: Library = HERE) -> Mapping[str, Field]:
    return {field.name: field for field in gates.fields(level(text, environment), known)}


def after(text: str, sent: Mapping[str, str], environment: str = "") -> str:
    edits = gates.changes(level(text, environment), HERE, sent)
    return amending.amend(text, tuple(edits))


def resolved(text: str) -> list[tuple[Gate, ...]]:
    found = effective.effective(forms.reviewed(text).data or {}, "local", HERE, forms.MACHINE)
    assert found.delivery is not None, found.problems
    return [step.gates for step in found.delivery.steps if not isinstance(step, SettleStep)]


def test_each_gate_shows_all_that_it_says() -> None:
    found = fields(GATED)
    said = {name: field.value for name, field in found.items() if field.value}

    assert {
        "gate.1.0.kind": "approval",
        "gate.1.0.roles": "sre",
        "gate.1.0.count": "2",
        "gate.1.0.timeout": "1h",
        "gate.1.1.kind": "window",
        "gate.1.1.window": "office",
        "gate.1.2.kind": "webhook",
        "gate.1.2.url": "https://gate.example",
        "gate.1.2.every": "30s",
    } == said
    assert "it goes on waiting" == found["gate.1.0.onTimeout"].inherited
    assert "Before 50%: people approve (1 of 3)" == found["gate.1.0.roles"].section
    assert ["office"] == [choice.value for choice in found["gate.1.1.window"].choices]
    assert "sre, lead" in found["gate.1.0.roles"].about


def test_each_step_that_somebody_may_wait_before_can_have_one_more() -> None:
    found = [field for name, field in fields(forms.SHOP).items() if name.endswith(".add")]

    assert ["Before 1%", "Before 5%", "Before 25%", "Before 50%"] == [f.title for f in found]
    assert "Before 50%, as well" == fields(GATED)["gate.1.add"].title


@pytest.mark.parametrize(
    ("name", "text", "old", "new"),
    [
        ("gate.1.0.roles", "sre lead", "roles: [sre]", "roles: [sre, lead]"),
        ("gate.1.0.roles", "", "roles: [sre], ", ""),
        ("gate.1.0.count", "3", "count: 2", "count: 3"),
        ("gate.1.0.timeout", "", ", timeout: 1h", ""),
        ("gate.1.0.onTimeout", "rollback", "1h}", "1h, onTimeout: rollback}"),
        ("gate.1.0.expires", "4h", "1h}", "1h, expires: 4h}"),
        ("gate.1.1.window", "night", "window: office", "window: night"),
        ("gate.1.2.secret", "smoke", "every: 30s}", "every: 30s, secret: smoke}"),
        ("gate.1.2.onRefusal", "rollback", "every: 30s}", "every: 30s, onRefusal: rollback}"),
    ],
)
def test_what_is_typed_is_written_in_its_place(name: str, text: str, old: str, new: str) -> None:
    assert GATED.replace(old, new) == after(GATED, {name: text})


def test_what_makes_no_sense_stands_beside_its_input() -> None:
    sent = {"gate.1.0.count": "many", "gate.1.1.window": "night", "gate.1.2.url": ""}
    text = after(GATED, sent)

    found = effective.effective(forms.reviewed(text).data or {}, "local", HERE, forms.MACHINE)
    reviewed = forms.reviewed(text)
    shown = form.fields(msgspec.structs.replace(reviewed, problems=found.problems), HERE)
    wrong = {field.name for field in shown.fields if field.problems}
    assert "gate.1.0.count" in wrong
    text = after(GATED, {name: word for name, word in sent.items() if "count" not in name})
    found = effective.effective(forms.reviewed(text).data or {}, "local", HERE, forms.MACHINE)
    shown = form.fields(msgspec.structs.replace(reviewed, problems=found.problems), HERE)
    assert {"gate.1.1.window", "gate.1.2.url"} == {f.name for f in shown.fields if f.problems}


def test_an_approval_that_says_nothing_any_more_is_an_approval_all_the_same() -> None:
    text = GATED.replace("{roles: [sre], count: 2, timeout: 1h}", "{count: 2}")

    assert text.replace("{count: 2}", "{}") == after(text, {"gate.1.0.count": ""})


def test_gates_go_and_become_others_whatever_else_is_changed_with_them() -> None:
    sent = {
        "gate.1.0.kind": "",
        "gate.1.1.kind": "approval",
        "gate.1.1.window": "night",
        "gate.1.2.limit": "1h",
        "gate.1.add": "window",
        "gate.0.add": "approval",
    }
    first, second = resolved(after(GATED, sent))

    assert (Approval(),) == first
    approval, hook, window = second
    assert Approval() == approval
    assert isinstance(hook, Webhook)
    assert (3600.0, 30.0) == (hook.limit_s, hook.every_s)
    assert isinstance(window, WindowGate)
    assert "office" == window.window.name


def test_the_last_gate_takes_its_list_along() -> None:
    text = after(GATED, {f"gate.1.{number}.kind": "none" for number in range(3)})

    assert "gates" not in text
    assert "# a first look" in text


def test_a_gate_of_the_template_is_changed_in_a_plan_that_is_taken_along() -> None:
    careful = forms.SHOP.replace("canary-standard", "canary-careful")
    (name,) = [name for name in fields(careful) if name.endswith(".0.roles")]
    gate = name.removesuffix("roles")
    shown = fields(careful)

    assert ("", "people approve", "template") == (
        shown[f"{gate}kind"].value,
        shown[f"{gate}kind"].inherited,
        shown[f"{gate}kind"].origin,
    )
    assert "the parameter approver of the template says it" == shown[name].locked
    text = after(careful, {f"{gate}count": "2", f"{gate}timeout": "1d"})
    assert "${approver}" in text
    (found,) = [gates for gates in resolved(text) if gates]
    (approval,) = found
    assert isinstance(approval, Approval)
    assert (2, 86_400.0) == (approval.count, approval.timeout_s)
    assert not any(resolved(after(careful, {f"{gate}kind": "none"})))
    back = after(text, {f"{gate}count": "", f"{gate}timeout": ""})
    assert careful == back


def test_what_is_as_in_the_template_again_is_inherited_again() -> None:
    text = after(forms.SHOP, {"gate.2.add": "approval"})

    assert [0, 0, 1, 0] == list(map(len, resolved(text)))[:4]
    assert forms.SHOP == after(text, {"gate.2.0.kind": ""})


@pytest.mark.parametrize("template", sorted(forms.LIBRARY.templates))
@pytest.mark.parametrize("kind", [gates.APPROVAL, gates.WINDOW, gates.WEBHOOK])
def test_every_step_of_every_template_takes_every_gate_and_gives_it_back(
    template: str, kind: str
) -> None:
    text = forms.SHOP.replace("template: canary-standard", f"template: {template}")
    text = text.replace("      bake: '12s'  # short\n", "      warmup: 12s\n")
    text = text.replace("delivery: {parameters: {bake: 10m}}", "delivery: {}")
    steps = [name.removesuffix("add") for name in fields(text) if name.endswith(".add")]
    assert steps

    for step in steps:
        more = after(text, {f"{step}add": kind})
        new = [name for name in fields(more) if name.startswith(step) and name.endswith(".kind")][
            -1
        ]
        assert kind == fields(more)[new].value
        assert text == after(more, {new: ""})


def test_a_lock_of_the_template_holds_for_all_gates() -> None:
    old = HERE.templates["canary-standard"][-1]
    spec = msgspec.structs.replace(old.spec, locks=["/plan"])
    locked = Library({"canary-standard": (msgspec.structs.replace(old, spec=spec),)}, {})

    assert {"template canary-standard-1.0.0 locks this"} == {
        field.locked for field in fields(forms.SHOP, known=locked).values()
    }


def test_an_environment_has_gates_of_its_own() -> None:
    text = after(GATED, {"gate.1.0.count": "1"}, "local")

    assert fields(GATED, "local")["gate.1.0.count"].inherited == "2"
    assert "1" == fields(text, "local")["gate.1.0.count"].value
    assert "2" == fields(text)["gate.1.0.count"].value


def test_where_no_environment_has_a_window_it_is_said_where_to_write_one() -> None:
    found = fields(GATED, known=forms.LIBRARY)["gate.1.1.window"]

    assert "No environment has one yet" in found.about
    assert "window: ''" in amending.amend(
        GATED,
        tuple(gates.changes(level(GATED), forms.LIBRARY, {"gate.0.add": "window"})),
    ).replace('""', "''")


@pytest.mark.parametrize("name", ["gate.9.add", "gate.1.7.kind", "gate.x.add", "gate.1.0.colour"])
def test_inputs_of_what_is_not_there_change_nothing(name: str) -> None:
    assert GATED == after(GATED, {name: "approval"})


def test_what_is_no_list_of_gates_is_left_to_the_text() -> None:
    text = GATED.replace("# a first look", "\n      gates: later")

    assert "gate.0.add" not in fields(text)
    assert text == after(text, {"gate.0.add": "approval"})
