import pytest

from serinus.adapters.kubernetes import rights
from serinus.core.state.intent import Verb


def resources(rules: list[rights.Rule]) -> set[str]:
    return {f"{group}/{one}" for r in rules for group in r["apiGroups"] for one in r["resources"]}


def verbs(rules: list[rights.Rule], resource: str) -> set[str]:
    return {verb for rule in rules if resource in rule["resources"] for verb in rule["verbs"]}


def test_nobody_gets_a_wildcard() -> None:
    everything = [
        *rights.namespaced(),
        *rights.cluster(),
        *rights.kubelet(),
        *rights.dashboard(),
        *rights.leases(),
        *(rule for rules in rights.people().values() for rule in rules),
    ]

    assert not any("*" in part for rule in everything for part in map(str, rule.values()))


def test_the_controller_never_creates_what_people_write() -> None:
    found = rights.namespaced()

    assert "create" not in verbs(found, "applications")
    assert "create" not in verbs(found, "intents")
    assert set(rights.READ) == verbs(found, "deliverytemplates")
    assert {"patch"} == verbs(found, "deliverytemplates/status")


def test_a_dashboard_asks_for_every_verb_in_the_name_of_others() -> None:
    found = rights.dashboard()
    given = {
        one.partition("/")[2]
        for rule in found
        for one in rule["resources"]
        if one.startswith("releases/")
    }

    assert {verb.value for verb in Verb} == given
    assert {"create"} == verbs(found, "intents") == verbs(found, "intents/actor")
    assert {"create", "update", "delete"} == verbs(found, "applications")


def test_pods_are_not_made_by_us() -> None:
    assert {"get", "list", "watch", "patch", "delete"} == verbs(rights.namespaced(), "pods")


@pytest.mark.parametrize("router", rights.ROUTERS)
def test_rights_on_routing_objects_are_only_those_of_the_routers_in_use(router: str) -> None:
    plain = resources(rights.namespaced(()))

    more = resources(rights.namespaced((router,))) - plain

    assert more == {f"{group}/{k}" for group, kinds in rights.ROUTERS[router] for k in kinds}


def test_a_group_that_two_routers_write_stands_there_once() -> None:
    groups = [r["apiGroups"][0] for r in rights.namespaced(("gatewayapi", "linkerd"))]

    assert 1 == groups.count("gateway.networking.k8s.io")


def test_every_verb_is_somebodys_right() -> None:
    people = rights.people()
    asked = {
        one.removeprefix("releases/")
        for name in ("operator", "approver")
        for one in (r for rule in people[name] for r in rule["resources"])
        if one.startswith("releases/")
    }

    assert {verb.value for verb in Verb} == asked


def test_whoever_may_look_may_read_logs() -> None:
    for role, rules in rights.people().items():
        found = {
            (resource, verb)
            for rule in rules
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }

        assert {("pods", "list"), ("pods/log", "get")} <= found, role


def test_a_viewer_changes_nothing() -> None:
    changing = {"create", "update", "patch", "delete"}

    assert not any(changing & set(rule["verbs"]) for rule in rights.people()["viewer"])
