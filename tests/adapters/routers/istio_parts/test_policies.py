from serinus.adapters.routers.istio_parts import policies
from serinus.core.state.traffic import Document, Documents, Ref
from tests.adapters.routers.kubernetes_parts.documents import SITE, apply, split

POLICY = {"outlierDetection": {"consecutive5xxErrors": 7}}
THEIRS = Ref("DestinationRule", "team/shop")
OLD = Ref("DestinationRule", "team/shop-0123456789")
NEW = Ref("DestinationRule", "team/shop-9876543210")


def rule(**spec: object) -> Document:
    return {
        "apiVersion": policies.VERSION,
        "kind": policies.KIND,
        "metadata": {"name": "shop", "namespace": "team"},
        "spec": {"host": "shop", **spec},
    }


def test_each_revision_gets_the_policy_without_the_subsets() -> None:
    theirs = rule(trafficPolicy=POLICY, subsets=[{"name": "v1"}])

    found = policies.wanted(SITE, "cluster.local", split(70), "shop", {THEIRS: theirs})

    assert {OLD, NEW} == set(found)
    new = found[NEW]
    assert new is not None
    assert {
        "host": "shop-9876543210.team.svc.cluster.local",
        "trafficPolicy": POLICY,
    } == new["spec"]


def test_without_a_policy_of_a_user_there_is_none() -> None:
    for found in ({}, {THEIRS: rule()}):
        assert {} == policies.wanted(SITE, "cluster.local", split(70), "shop", found)


def test_rules_are_the_same_as_long_as_they_say_just_what_the_users_says() -> None:
    theirs = {THEIRS: rule(trafficPolicy={**POLICY, "tls": {"mode": "SIMPLE"}})}
    made = apply(theirs, policies.wanted(SITE, "cluster.local", split(70), "shop", theirs))

    def same(found: Documents) -> bool:
        return policies.same(SITE, "cluster.local", split(70), "shop", found)

    assert same(made)
    assert not same(theirs)
    assert not same({**made, THEIRS: rule(trafficPolicy=POLICY)})
    assert not same({**made, THEIRS: rule()})
    assert not same({ref: one for ref, one in made.items() if ref != THEIRS})


def test_a_users_own_rule_for_the_host_of_a_revision_is_no_rule_of_ours() -> None:
    own = {NEW: rule(trafficPolicy=POLICY)}

    assert policies.same(SITE, "cluster.local", split(70), "shop", own)


def test_what_is_not_wanted_any_more_is_removed_and_nothing_of_a_users() -> None:
    theirs = {THEIRS: rule(trafficPolicy=POLICY), Ref("DestinationRule", "team/shop-api"): rule()}
    made = policies.wanted(SITE, "cluster.local", split(70), "shop", theirs)

    gone = policies.unneeded(SITE, {OLD: made[OLD]}, apply(theirs, made))

    assert {NEW: None} == gone
