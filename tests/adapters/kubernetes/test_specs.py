import anyio
import pytest

from serinus.adapters.kubernetes import configs, specs
from serinus.adapters.kubernetes.cache import Cache, slim
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.specs import Ground, Specs
from serinus.adapters.memory.clock import Clock
from serinus.boot import catalogue
from serinus.ports import failures
from serinus.ports.store import Asked
from tests.adapters.kubernetes import samples
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.cluster import ENV, IMAGE, Cluster

SETTINGS = IMAGE | {"configMaps": ["settings"], "secrets": ["keys"]}


# --- the port -------------------------------------------------------------------------------------


def test_applications_are_called_by_namespace_and_name() -> None:
    cluster = Cluster()
    cluster.application("shop", "team")
    cluster.application("shop", "other")

    assert ["other/shop", "team/shop"] == cluster.specs.applications()
    assert Asked() == cluster.specs.asked("team/none", ENV)
    assert Asked() == cluster.specs.asked("team/shop", "elsewhere")


def test_the_first_look_is_news_and_the_next_one_is_not() -> None:
    cluster = Cluster()

    assert [True, False] == [cluster.specs.changed(), cluster.specs.changed()]
    cluster.application()
    assert [True, False] == [cluster.specs.changed(), cluster.specs.changed()]


def test_an_answer_is_made_once_until_something_touches_it() -> None:
    cluster = Cluster()
    cluster.application("shop")
    cluster.application("till")
    cluster.quiet()
    before = [cluster.specs.asked(f"team/{name}", ENV) for name in ("shop", "till")]
    cluster.application("till", version="v9")
    after = [cluster.specs.asked(f"team/{name}", ENV) for name in ("shop", "till")]

    assert before[0] is after[0]
    assert before[1] != after[1]


def test_a_status_that_is_written_is_no_news() -> None:
    cluster = Cluster()
    cluster.application()
    cluster.quiet()
    spec = {"workload": IMAGE}
    cluster.put("Application", "shop", spec=spec, status={"phase": "Succeeded"})

    assert not cluster.specs.changed()


@pytest.mark.parametrize("notes", [{"serinus.dev/leave": "true"}, None])
def test_an_application_that_is_let_go_of_asks_for_nothing(notes: dict[str, str] | None) -> None:
    cluster = Cluster()
    cluster.application()
    cluster.quiet()
    cluster.application(notes=notes)
    if notes is None:
        cluster.remove("Application", "shop")

    assert cluster.specs.changed()
    assert [] == cluster.specs.applications()
    assert Asked() == cluster.specs.asked("team/shop", ENV)
    assert "shop.team" == cluster.specs.situation("team/shop").host


def test_everything_is_read_again_when_that_is_asked_for() -> None:
    cluster = Cluster()
    cluster.application()
    cluster.quiet()
    before = cluster.specs.asked("team/shop", ENV)
    cluster.specs.again()

    assert cluster.specs.changed()
    assert before is not cluster.specs.asked("team/shop", ENV)


# --- what it refers to ----------------------------------------------------------------------------


def test_what_config_maps_and_secrets_hold_is_part_of_the_revision() -> None:
    cluster = Cluster()
    cluster.put("ConfigMap", "settings", data={"A": "1"})
    cluster.put("Secret", "keys", data={"K": "eA=="}, type="Opaque")
    cluster.application(workload=SETTINGS)
    first = cluster.wanted().revision
    cluster.specs.changed()
    cluster.put("ConfigMap", "settings", data={"A": "2"})
    news = cluster.specs.changed()
    second = cluster.wanted().revision

    assert {"ConfigMap/settings", "Secret/keys"} == first.workload.files.keys()
    assert news
    assert first.id != second.id
    assert first.workload.template == second.workload.template


def test_a_config_map_that_is_written_again_with_the_same_content_is_no_news() -> None:
    cluster = Cluster()
    for name in ("settings", "others"):
        cluster.put("ConfigMap", name, data={"A": "1"})
    cluster.put("Secret", "keys", type="Opaque")
    cluster.application(workload=SETTINGS)
    cluster.quiet()
    cluster.put("ConfigMap", "settings", data={"A": "1"}, notes={"a": "b"})
    cluster.put("ConfigMap", "others", data={"A": "2"})

    assert not cluster.specs.changed()


def test_what_is_not_there_is_named_until_it_is() -> None:
    cluster = Cluster()
    cluster.application(workload=SETTINGS)

    assert (
        "ConfigMap team/settings and Secret team/keys are not there; "
        "create them, or refer to another"
    ) == cluster.problem()
    cluster.put("ConfigMap", "settings", data={"A": "1"})
    assert "Secret team/keys is not there; create it, or refer to another" == cluster.problem()
    cluster.specs.changed()
    cluster.put("Secret", "keys", type="Opaque")
    assert cluster.specs.changed()
    assert cluster.wanted().revision.id


def test_what_may_be_missing_is_not_missed_and_counts_once_it_is_there() -> None:
    cluster = Cluster()
    volume = {"name": "a", "configMap": {"name": "extra", "optional": True}}
    cluster.application(workload=IMAGE | {"pod": {"spec": {"volumes": [volume]}}})
    without = cluster.wanted().revision
    cluster.put("ConfigMap", "extra", data={"A": "1"})

    assert without.id != cluster.wanted().revision.id


def test_only_a_digest_is_kept_of_what_config_maps_and_secrets_hold() -> None:
    secret = {"kind": "Secret", "metadata": {"name": "keys"}, "data": {"K": "eA=="}, "type": "a"}
    kept = specs.trimmed(secret)

    assert "eA==" not in str(kept)
    assert configs.digest(secret) == kept["digest"]
    assert {"Secret", "ConfigMap"} == {
        specs.trimmed({"metadata": {"name": "a"}, **more})["kind"] for more in ({"type": "a"}, {})
    }


# --- for routers ----------------------------------------------------------------------------------


def test_routers_know_where_an_application_is_also_while_it_is_damaged() -> None:
    cluster = Cluster()
    ref = {"kind": "HTTPRoute", "name": "web"}
    cluster.application(route={"port": 8000, "ref": ref, "host": "shop.example"})
    right = cluster.specs.situation("team/shop")
    cluster.application(workload={}, route={"port": 8000, "ref": ref, "host": "shop.example"})
    damaged = cluster.specs.situation("team/shop")

    assert ("kubernetes", "shop.example", 8000, 9898) == (
        right.environment,
        right.host,
        right.port,
        right.target_port,
    )
    assert ("HTTPRoute", "team/web") == (right.ref.kind, right.ref.name) if right.ref else None
    assert right.ref == damaged.ref
    with pytest.raises(failures.Missing, match="there is no Application team/none"):
        cluster.specs.situation("team/none")


def test_what_is_worth_reading_is_kept_beside_the_answer() -> None:
    cluster = Cluster()
    cluster.application(workload=IMAGE | {"resources": {"files": "1024"}})

    assert (
        "workload.resources.files: warning: not enforced" in cluster.specs.warnings("team/shop")[0]
    )
    assert () == cluster.specs.warnings("team/none")


# --- over an API server ---------------------------------------------------------------------------


async def test_specs_follow_what_an_api_server_has() -> None:
    server = FakeApiServer()
    spec = {"workload": IMAGE | {"configMaps": ["settings"]}}
    server.add(samples.application("shop") | {"spec": spec})
    async with Client.connect(transport=server) as client, anyio.create_task_group() as tasks:
        trims = {"ConfigMap": specs.trimmed, "Secret": specs.trimmed}
        caches = {
            kind: Cache(client, Clock(), kind, trim=trims.get(kind, slim)) for kind in specs.KINDS
        }
        for cache in caches.values():
            tasks.start_soon(cache.run)
            await cache.ready.wait()
        found = Specs(caches, Ground(catalogue.builtin()))
        before = found.asked("team/shop", ENV)
        server.add(samples.config("settings", A="1"))
        await caches["ConfigMap"].wait_until(lambda it: len(it) == 1)
        after = found.asked("team/shop", ENV)
        tasks.cancel_scope.cancel()

    assert "ConfigMap team/settings is not there" in before.problem
    assert after.wanted is not None
    assert {"ConfigMap/settings"} == after.wanted.revision.workload.files.keys()


def test_a_draft_comes_to_what_it_would_as_an_object_and_nothing_is_kept_of_it() -> None:
    cluster = Cluster()
    cluster.application()
    written = cluster.caches["Application"].get("team", "shop")
    assert written is not None
    wanted = cluster.wanted()
    cluster.remove("Application", "shop")
    cluster.quiet()

    assert wanted == cluster.specs.draft(written).asked.wanted
    assert not cluster.specs.changed()
    assert [] == cluster.specs.applications()
