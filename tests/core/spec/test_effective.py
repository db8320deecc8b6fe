import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.core.spec import canonical, effective
from serinus.core.spec.calendar import Window
from serinus.core.spec.delivery import TrafficStep, WindowGate
from serinus.core.spec.health import HealthProbe
from serinus.core.state import revision
from tests.core.spec import documents

SPEC = {
    "version": "v7",
    "workload": {
        "command": "./shop --as '${version} of shop' --port ${port}",
        "workdir": "/srv",
        "env": {"MODE": "${version}"},
        "files": ["shop-${version}.conf"],
        "health": {"path": None, "every": "2s", "timeout": "500ms"},
        "replicas": 3,
        "grace": "5s",
    },
    "route": {"host": "shop.example", "timeout": "3s"},
    "environments": {
        "local": {"version": "v8", "workload": {"replicas": 1, "env": {"EXTRA": "x"}}},
        "calm": {"delivery": {"template": "canary-careful", "parameters": {"approver": "owner"}}},
        "plain": {"delivery": None},
    },
    "delivery": {"parameters": {"bake": "1m"}},
}


def in_(environment: str, data: Any = None) -> effective.Effective:
    data = documents.application(SPEC) if data is None else data
    return effective.effective(data, environment, documents.library(), documents.LIMITS)


def test_everything_is_filled_in() -> None:
    found = in_("elsewhere")

    assert found.usable
    assert ("shop", "elsewhere", "v7") == (found.application, found.environment, found.version)
    assert ("./shop", "--as", "v7 of shop", "--port", "${port}") == found.command
    assert ({"MODE": "v7"}, ("shop-v7.conf",)) == (found.env, found.files)
    assert HealthProbe(None, 2.0, 0.5) == found.health
    assert (5.0, 3.0, 3) == (found.grace_s, found.timeout_s, found.replicas)
    assert ("shop.example", "/srv") == (found.host, found.workdir)
    assert canonical.digest(found.delivery) == found.delivery_hash


def test_an_application_answers_at_its_name_unless_it_says_where() -> None:
    assert "shop.localhost" == in_("local", documents.application()).host


def test_an_environments_patch_makes_another_application_of_it() -> None:
    found = in_("local")

    assert ("v8", 1, {"MODE": "v8", "EXTRA": "x"}) == (found.version, found.replicas, found.env)
    assert "application" == found.provenance["parameters.bake"]


def test_an_environments_delivery_is_a_layer_of_its_own() -> None:
    found = in_("calm")

    assert found.delivery is not None
    assert "canary-careful" == found.delivery.template
    assert "application@calm" == found.provenance["parameters.approver"]


def test_a_delivery_of_null_takes_back_all_that_the_application_says() -> None:
    assert "5m" == in_("plain").parameters["bake"]
    assert "1m" == in_("elsewhere").parameters["bake"]


def test_an_environment_gives_windows_a_freeze_and_roles_to_all_that_is_in_it() -> None:
    span = {"from": "2026-12-24T12:00:00Z", "to": "2026-12-27T00:00:00Z"}
    surroundings = documents.environment(
        {
            "windows": [
                {"name": "feast", "type": "blackout", **span},
                {"name": "late", "gatesOnly": True, **span},
            ],
            "freeze": {"reason": "the audit", "until": "2026-12-27T00:00:00Z"},
            "roles": {"sre": ["ana", "bob"]},
        }
    )
    data = documents.delivered(
        plan=[{"traffic": {"candidate": "5%"}, "gates": [{"window": "late"}]}]
    )
    found = documents.resolved(data, surroundings)
    begins, ends = (datetime(2026, 12, day, hour, tzinfo=UTC) for day, hour in ((24, 12), (27, 0)))

    assert (Window("feast", blackout=True, begins=begins, ends=ends),) == found.windows
    assert (("the audit", ends), {"sre": ("ana", "bob")}) == (found.freeze, found.roles)
    assert found.delivery is not None
    assert (
        TrafficStep(50, gates=(WindowGate(Window("late", begins=begins, ends=ends)),)),
    ) == found.delivery.steps


def test_where_nobody_has_a_role_nobody_is_warned_of_it() -> None:
    careful = documents.delivered(template="canary-careful")
    few = documents.environment({"roles": {"dev": ["ana"]}})

    assert [] == documents.said(careful)
    assert [] == documents.said(careful, documents.environment({"stage": "prod"}))
    assert [
        (
            "spec.delivery.parameters.approver: warning: the environment gives sre to nobody, so "
            "that everybody may approve; its roles are dev"
        )
    ] == documents.said(careful, few)


def test_the_document_stays_as_it_was() -> None:
    data = documents.application(SPEC)
    before = copy.deepcopy(data)
    in_("local", data)

    assert before == data


def test_the_order_of_keys_changes_no_hash() -> None:
    data = documents.application(SPEC)
    turned = dict(reversed(data.items())) | {"spec": dict(reversed(data["spec"].items()))}

    assert in_("local", data).delivery_hash == in_("local", turned).delivery_hash


def test_equal_content_is_one_revision_whatever_its_version() -> None:
    one = documents.resolved(documents.application({"version": "v1"}))
    two = documents.resolved(documents.application({"version": "v2"}))
    works = [revision.workload(found, {}, "/srv") for found in (one, two)]

    assert revision.of(works[0], "v1").id == revision.of(works[1], "v2").id


def test_another_kind_is_no_application() -> None:
    found = in_("local", documents.environment())

    assert ["kind: 'Environment' is no Application"] == [str(p) for p in found.problems]
    assert not found.usable


@pytest.mark.parametrize("data", [None, [], {}, {"metadata": 3}, {"metadata": {"name": []}}])
def test_what_is_hardly_a_document_has_problems_and_no_name(data: Any) -> None:
    found = effective.effective(data, "local", documents.library(), documents.LIMITS)

    assert "" == found.application
    assert found.problems


def test_a_damaged_document_keeps_its_name() -> None:
    found = in_("local", documents.application({"workload": {"replicas": "many"}}))

    assert ("shop", False) == (found.application, found.usable)


def test_a_spec_that_is_no_mapping_is_told_with_what_the_rest_lacks() -> None:
    found = in_("local", documents.application() | {"spec": 3})

    assert ["spec: 3 is not a mapping"] == [str(p) for p in found.problems]


def test_a_warning_leaves_it_usable() -> None:
    found = in_("local", documents.application({"workload": {"resources": {"cpu": "1"}}}))

    assert found.usable
    assert ["spec.workload.resources.cpu"] == [p.path for p in found.problems]


def test_what_the_platform_cannot_do_is_told_where_it_was_written() -> None:
    data = documents.application({"environments": {"local": {"workload": {"image": "shop:v1"}}}})

    assert ["spec.environments.local.workload.image"] == [
        p.path for p in in_("local", data).problems
    ]
    assert () == in_("elsewhere", data).problems


def test_a_platform_for_images_runs_them() -> None:
    data = documents.application({"workload": {"image": "shop:v1", "command": None}})
    limits = effective.Limits(images=True)

    assert effective.effective(data, "local", documents.library(), limits).usable


def test_what_is_wrong_with_applications_is_told_where_it_stands(told: SnapshotAssertion) -> None:
    cases = []
    for title, spec in documents.wrong("applications"):
        data = documents.application()
        cases.append((title, documents.said({**data, "spec": {**data["spec"], **spec}})))

    assert told == documents.report(cases)
