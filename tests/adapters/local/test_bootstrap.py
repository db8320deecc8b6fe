import re

from serinus.adapters.local import bootstrap
from serinus.adapters.routers import envoy


def counted(name: str) -> bool:
    found = bootstrap.bootstrap()["stats_config"]["stats_matcher"]["inclusion_list"]["patterns"]
    return any(re.search(pattern["safe_regex"]["regex"], name) for pattern in found)


def test_only_the_counters_that_are_read_are_kept() -> None:
    assert counted("cluster.shop~local~0123.upstream_rq_time")
    assert counted("serinus.failed.c.shop~local~0123.h.127.0.0.1:20000.s.503.f.UC")
    assert not counted("cluster.shop~local~0123.external.upstream_rq_time")
    assert not counted("cluster.shop~local~0123.upstream_cx_total")
    assert not counted("listener.127.0.0.1_8080.downstream_cx_total")


def test_the_histogram_has_the_public_bounds_and_one_above_all() -> None:
    (settings,) = bootstrap.bootstrap()["stats_config"]["histogram_bucket_settings"]

    assert [*envoy.BOUNDS_MS, bootstrap.CATCH_ALL_MS] == settings["buckets"]


def test_the_admin_socket_is_for_its_owner_alone() -> None:
    assert {"path": "./admin.sock", "mode": 0o600} == (
        bootstrap.bootstrap()["admin"]["address"]["pipe"]
    )


def test_nobody_else_can_listen_on_the_same_port() -> None:
    listener = bootstrap.listener("127.0.0.1", 8080)

    assert listener["enable_reuse_port"] is False
    assert listener["address"]["socket_address"] == {"address": "127.0.0.1", "port_value": 8080}


def test_hosts_that_nobody_has_are_answered_last() -> None:
    table = bootstrap.routes([{"name": "shop~local", "domains": ["shop.localhost"]}])

    assert ["shop~local", "nobody"] == [host["name"] for host in table["virtual_hosts"]]
    assert ["*"] == table["virtual_hosts"][-1]["domains"]
