from serinus.core.spec.limits import Limits
from serinus.core.state.traffic import Ref
from tests.adapters.kubernetes.applications import CLUSTER
from tests.adapters.kubernetes.cluster import IMAGE, Cluster


def test_a_workload_is_wanted_as_a_pod_template() -> None:
    cluster = Cluster()
    workload = IMAGE | {"replicas": 3, "resources": {"memory": "64Mi"}}
    cluster.application(workload=workload, route={"timeout": "3s"})
    found = cluster.wanted()
    work = found.revision.workload

    assert ("v1", 3, 3.0, "shop.team") == (
        found.revision.version,
        found.replicas,
        found.timeout_s,
        found.host,
    )
    assert "shop:v1" == work.template["spec"]["containers"][0]["image"] == work.image
    assert (9898, {"memory": "64Mi"}) == (work.port, work.resources)
    assert "canary-standard" == found.delivery.template


def test_another_image_is_another_revision_and_another_number_of_replicas_is_not() -> None:
    cluster = Cluster()
    revisions = []
    for more in ({}, {"replicas": 9}, {"image": "shop:v2"}):
        cluster.application(workload=IMAGE | more)
        revisions.append(cluster.wanted().revision)

    assert revisions[0].id == revisions[1].id != revisions[2].id
    assert ["v1", "v1", "v2"] == [revision.version for revision in revisions]


def test_what_is_wrong_is_told_with_its_place() -> None:
    cluster = Cluster()
    cluster.application(workload={"image": "shop:v1"}, delivery={"template": "canarry"})
    said = cluster.problem()

    assert "spec.workload.port: 'port' is missing" in said
    assert "spec.delivery.template: unknown template 'canarry'" in said


def test_who_changed_it_is_told_as_long_as_it_is_the_change_that_he_made() -> None:
    cluster = Cluster()
    notes = {
        "serinus.dev/actor": "ana",
        "serinus.dev/reason": "a fix",
        "serinus.dev/generation": "1",
    }
    cluster.application(notes=notes)
    first = cluster.wanted()
    cluster.application(notes=notes, version="v9")
    second = cluster.wanted()

    assert ("ana", "a fix") == (first.actor, first.reason)
    assert ("", "") == (second.actor, second.reason)


def test_an_adopted_deployment_says_what_runs_and_how_much_of_it() -> None:
    cluster = Cluster()
    cluster.deployment(image="shop:v3")
    cluster.application(workloadRef={"name": "web"})
    found = cluster.wanted()
    work = found.revision.workload

    assert ("v3", 3, 8080) == (found.revision.version, found.replicas, work.port)
    assert {"app": "web"} == work.template["metadata"]["labels"]
    assert (work.health.path, work.grace_s) == (None, 30.0)
    assert 8080 == cluster.specs.situation("team/shop").target_port


def test_what_is_said_beside_a_deployment_holds() -> None:
    cluster = Cluster()
    cluster.deployment()
    beside = {"replicas": 7, "port": 80, "health": {"path": "/ready"}, "grace": "3s"}
    cluster.application(workloadRef={"name": "web"}, workload=beside, version="v9")
    found = cluster.wanted()
    work = found.revision.workload

    assert ("v9", 7, 80) == (found.revision.version, found.replicas, work.port)
    assert ("/ready", 3.0) == (work.health.path, work.grace_s)


def test_a_change_of_the_deployment_is_a_change_of_the_application() -> None:
    cluster = Cluster()
    cluster.application(workloadRef={"name": "web"})
    missing = cluster.problem()
    cluster.specs.changed()
    cluster.deployment()
    told = [cluster.specs.changed()]
    first = cluster.wanted()
    cluster.put("Deployment", "web", spec=cluster.caches["Deployment"].of()[0]["spec"], status={})
    told.append(cluster.specs.changed())
    cluster.deployment(image="shop:v2")
    told.append(cluster.specs.changed())

    assert "Deployment team/web is not there (spec.workloadRef); create it" in missing
    assert [True, False, True] == told
    assert first.revision.id != cluster.wanted().revision.id


def test_a_deployment_whose_port_nobody_knows_is_not_guessed() -> None:
    cluster = Cluster()
    template = {"spec": {"containers": [{"name": "web", "image": "shop:v1"}]}}
    cluster.deployment(template=template)
    cluster.application(workloadRef={"name": "web"})

    assert "does not say which port serves; say it in spec.workload.port" in cluster.problem()


def test_two_applications_do_not_adopt_one_deployment() -> None:
    cluster = Cluster()
    cluster.deployment()
    cluster.application(workloadRef={"name": "web"})
    alone = cluster.wanted()
    cluster.application("till", workloadRef={"name": "web"})
    both = cluster.problem()
    cluster.remove("Application", "till")

    assert "Deployment team/web is adopted by till too; keep one (spec.workloadRef)" == both
    assert alone == cluster.wanted()


def test_what_a_router_can_do_is_asked_for_the_object_of_a_user_that_an_environment_names() -> None:
    asked: list[Ref | None] = []

    def limits(_: object, __: int, ref: Ref | None) -> Limits:
        asked.append(ref)
        return CLUSTER

    cluster = Cluster(limits=limits)
    cluster.application(workload=IMAGE)
    cluster.wanted()
    web = {"route": {"ref": {"kind": "HTTPRoute", "name": "web"}}}
    cluster.application(workload=IMAGE, environments={"kubernetes": web})
    cluster.wanted()

    assert {None, Ref("HTTPRoute", "web")} == set(asked)
    assert Ref("HTTPRoute", "web") == asked[-1]
