import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from serinus.boot import catalogue
from serinus.core.errors import SpecError
from serinus.core.spec import duration, percent, resolve, timeline
from serinus.core.spec.application import DeliverySpec
from serinus.core.spec.delivery import Delivery, PreviewStep, TrafficStep
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer

NAMES = sorted(catalogue.builtin().templates)


class Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def delivered(name: str) -> Delivery:
    spec = DeliverySpec(template=name)
    layer = Layer("application", "spec.delivery", spec)
    found = resolve.resolve((layer,), catalogue.builtin(), Limits())
    assert () == found.problems
    assert found.delivery is not None
    return found.delivery


def line(step: object) -> str:
    match step:
        case TrafficStep(share=share, hold=hold) | PreviewStep(replicas=share, hold=hold):
            held = f"{duration.of_seconds(hold.for_s)}, {hold.min_samples} requests"
            return f"{type(step).__name__} {percent.of_mille(share)} for {held}"
        case _:
            return str(step)


def page(delivery: Delivery) -> str:
    lines = [f"{delivery.template} {delivery.template_version}: {delivery.strategy}"]
    lines += ["", *(line(step) for step in delivery.steps)]
    lines += ["", *(str(check) for check in delivery.checks), ""]
    for stage in timeline.timeline(delivery):
        begins = duration.of_seconds(stage.at_s)
        waits = f" · {', '.join(stage.waits)}" if stage.waits else ""
        lines.append(f"{begins:>8}  {percent.of_mille(stage.share):>5}  {stage.title}{waits}")
    return "\n".join(lines) + "\n"


def test_the_templates_of_the_product_are_there() -> None:
    expected = (
        "ab-test blue-green blue-green-mirror canary-careful canary-fast canary-manual "
        "canary-standard recreate rolling shadow"
    )

    assert expected.split() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_template_resolves_to_what_was_accepted(name: str, snapshot: SnapshotAssertion) -> None:
    assert snapshot.use_extension(Text) == page(delivered(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_what_it_promises_and_what_it_is_not_for(name: str) -> None:
    spec = catalogue.builtin().templates[name][-1].spec

    assert spec.title
    assert spec.about
    assert spec.promise
    assert spec.not_for


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_title_and_a_place_in_the_order(name: str) -> None:
    parameters = catalogue.builtin().templates[name][-1].spec.parameters.values()

    assert all(p.title and p.order for p in parameters)
    assert len({p.order for p in parameters}) == len(parameters)


def test_the_files_are_named_after_their_templates() -> None:
    assert {f"{name}.yaml" for name in NAMES} == set(catalogue.names())


def test_a_broken_template_in_the_package_is_our_fault_and_loud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "text", lambda _name: "kind: Aplication\n")

    with pytest.raises(SpecError, match="did you mean 'Application'"):
        catalogue.builtin.__wrapped__()


def test_a_template_that_is_not_built_in_comes_to_nothing() -> None:
    assert delivered("rolling") == catalogue.delivery("rolling")
    with pytest.raises(SpecError, match="unknown template 'rollling'; did you mean 'rolling'"):
        catalogue.delivery("rollling")
