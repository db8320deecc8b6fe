from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from serinus.adapters.kubernetes import template
from serinus.adapters.local import amending
from serinus.app import catalogue, wayback
from serinus.app.wayback import Choice
from serinus.core.spec import effective
from serinus.core.state import revision as runs
from serinus.core.state.workload import Revision, Workload
from tests.app import forms

TEXT = """\
# The shop.
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  version: v1
  workload:
    command: [./shop, --port, "${port}", --tag, "${version}"]
    env:
      MODE: fast  # not slow
      TAG: "${version}"
    resources: {memory: 64Mi}
    health: {path: /healthz}
  environments:
    prod: {workload: {env: {MODE: prod}}}
"""


def data(text: str) -> Mapping[str, Any]:
    return forms.reviewed(text).data or {}


def revision(text: str, environment: str = "local", **files: str) -> Revision:
    """The revision that a text comes to."""
    found = effective.effective(data(text), environment, forms.LIBRARY, catalogue.ANYWHERE)
    return runs.of(runs.workload(found, files, "/srv"), found.version)


def choices(
    text: str, past: Revision, now: Revision | None, environment: str = "local"
) -> dict[str, Choice]:
    found = wayback.choices(data(text), environment, past, now, forms.LIBRARY)
    return {choice.name: choice for choice in found}


def after(text: str, choice: Choice) -> str:
    return amending.amend(text, choice.edits)


# What was released as v2, and what has been saved since but does not serve yet.
SECOND = TEXT.replace("version: v1", "version: v2").replace("fast", "faster")
SAVED = SECOND.replace("64Mi", "128Mi").replace("/healthz", "/ready")


def test_as_it_ran_brings_back_what_a_document_says_of_the_workload() -> None:
    found = choices(SAVED, revision(TEXT), revision(SECOND))

    assert TEXT == after(SAVED, found[wayback.AS_IT_RAN])


def test_todays_configuration_is_what_serves_and_not_what_was_saved() -> None:
    found = choices(SAVED, revision(TEXT), revision(SECOND))

    assert SECOND.replace("version: v2", "version: v1") == after(SAVED, found[wayback.TODAY])


def test_the_configuration_as_saved_takes_the_version_alone() -> None:
    found = choices(SAVED, revision(TEXT), revision(SECOND))

    assert SAVED.replace("version: v2", "version: v1") == after(SAVED, found[wayback.SAVED])
    assert not any(choice.same for choice in found.values())


def test_choices_that_come_to_the_same_say_so() -> None:
    found = choices(SECOND, revision(TEXT), revision(SECOND))

    assert ("", "today") == (found[wayback.TODAY].same, found[wayback.SAVED].same)
    assert "ran" == choices(TEXT, revision(TEXT), None)[wayback.TODAY].same
    assert () == choices(TEXT, revision(TEXT), None)[wayback.AS_IT_RAN].edits


def test_what_was_added_is_taken_away_and_what_is_gone_comes_back() -> None:
    later = TEXT.replace("      MODE: fast  # not slow\n", "      NEW: '1'\n")
    later = (
        later.replace("{memory: 64Mi}", "{cpu: 1}")
        .replace("version: v1", "version: v2")
        .replace("    health", "    port: 8080\n    grace: 20s\n    health")
    )
    later = later.replace("cpu: 1", "cpu: '1'").replace("path: /healthz", "path: null, every: 2s")

    way = choices(later, revision(TEXT), None)[wayback.AS_IT_RAN]

    assert revision(TEXT).id == revision(after(later, way)).id


def test_an_environments_own_part_is_the_one_that_is_changed() -> None:
    later = TEXT.replace("MODE: prod", "MODE: prod2")

    way = choices(later, revision(TEXT, "prod"), None, "prod")[wayback.AS_IT_RAN]

    assert TEXT == after(later, way)
    gone = TEXT.replace("{MODE: prod}", "{MODE: prod, MORE: x}")
    assert TEXT == after(gone, choices(gone, revision(TEXT, "prod"), None, "prod")["ran"])


def test_an_inherited_variable_that_was_not_there_is_taken_away_in_the_environment() -> None:
    before = TEXT.replace("{MODE: prod}", "{MODE: null}")

    way = choices(TEXT, revision(before, "prod"), None, "prod")[wayback.AS_IT_RAN]

    assert before == after(TEXT, way)


def test_what_no_document_holds_is_said() -> None:
    past = revision(TEXT, **{"a.txt": "1", "b.txt": "2", "c.txt": "3"})
    now = revision(TEXT, **{"a.txt": "1", "b.txt": "9"})

    notes = choices(TEXT, past, now)[wayback.AS_IT_RAN].notes

    assert 2 == len(notes)
    assert notes[0].startswith("b.txt was changed since")
    assert notes[1].startswith("c.txt was there")


IMAGE = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  workload:
    image: shop:1.4
    args: [--port, "${port}"]
    port: 8080
    env: {MODE: fast}
    resources: {memory: 64Mi}
"""


def pods(text: str) -> Revision:
    """The revision of a cluster, which is a pod's template."""
    found = effective.effective(data(text), "local", forms.LIBRARY, catalogue.ANYWHERE)
    made = template.of(found, "shop")
    work = Workload(command=(), port=8080, health=found.health, image=found.image, template=made)
    return Revision(id="0" * 64, version=found.version, workload=work)


@pytest.mark.parametrize("named", [True, False])
def test_an_image_goes_back_with_what_its_container_had(*, named: bool) -> None:
    before = IMAGE.replace("spec:\n", "spec:\n  version: '7'\n") if named else IMAGE
    later = before.replace("1.4", "1.5").replace("fast", "slow").replace("64Mi", "1Gi")
    later = later.replace("version: '7'", "version: '8'")

    found = choices(later, pods(before), pods(later))

    assert before == after(later, found[wayback.AS_IT_RAN])
    image = later.replace("1.5", "1.4").replace("version: '8'", "version: '7'")
    assert image == after(later, found[wayback.SAVED])


def test_arguments_that_were_not_there_are_taken_away() -> None:
    before = IMAGE.replace('    args: [--port, "${port}"]\n', "")

    found = choices(IMAGE, pods(before), None)

    assert before == after(IMAGE, found[wayback.AS_IT_RAN])
    taken = IMAGE + "  environments: {local: {workload: {env: {MODE: null}, args: null}}}\n"
    none = pods(IMAGE.replace("{MODE: fast}", "{}").replace('    args: [--port, "${port}"]\n', ""))
    assert () == choices(taken, none, None)[wayback.AS_IT_RAN].edits


def test_a_pod_without_our_container_is_read_by_its_first() -> None:
    work = Workload(command=(), template={"spec": {"containers": [{"name": "x", "image": "y:1"}]}})

    assert "y:1" == wayback.read(work).image
    assert wayback.read(msgspec.structs.replace(work, template={"spec": {}})).image is None
