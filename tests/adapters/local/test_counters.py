from serinus.adapters.local.admin import (
    Address,
    Bucket,
    Cluster,
    Counted,
    Host,
    HostCounts,
    SocketAddress,
)
from serinus.adapters.local.counters import Counters, Failures, Owner, copies, failures_by_host
from serinus.core.state.counts import MIRRORED, NETWORK, ReplicaCounters
from serinus.core.state.notice import Key

KEY = Key("shop", "local")
REVISION = "a" * 64
NAME = "shop~local~" + "a" * 20
OWNERS = {NAME: Owner(KEY, REVISION)}
WHERE = "127.0.0.1:20000"


def failed(count: int, status: int, flags: str, where: str = WHERE) -> dict[str, int]:
    return {f"serinus.failed.c.{NAME}.h.{where}.s.{status}.f.{flags}": count}


def host(total: int, active: int = 0, *, replica: str = "aaaaaaaaaa-0") -> Host:
    counts = [HostCounts("rq_total", str(total)), HostCounts("rq_active", str(active))]
    return Host(Address(SocketAddress("127.0.0.1", 20000)), counts, hostname=replica)


def counted(*hosts: Host, **changes: object) -> Counted:
    found = Counted(failed={}, histograms={}, clusters=[Cluster(NAME, list(hosts))])
    return Counted(
        failed=changes.get("failed", found.failed),  # type: ignore[arg-type]  # any field of it
        histograms=changes.get("histograms", {}),  # type: ignore[arg-type]  # any field of it
        clusters=found.clusters,
    )


def replicas(found: Counted, counters: Counters | None = None) -> dict[str, ReplicaCounters]:
    scrapes = (counters or Counters()).scrapes(found, OWNERS, at=1.0)
    return dict(scrapes[KEY].revisions[REVISION].replicas)


def test_statuses_and_broken_answers_are_errors_and_early_leavers_have_abandoned() -> None:
    found = failures_by_host(
        failed(7, 500, "-")
        | failed(5, 503, "UC")
        | failed(4, 504, "UT")
        | failed(3, 200, "UT")
        | failed(2, 200, "UPE")
        | failed(9, 200, "DC")
        | failed(6, 0, "DC")
    )

    assert {NAME: {WHERE: Failures(errors=21, unsent=0, broken=14, abandoned=6)}} == found


def test_a_request_that_could_not_be_sent_counts_as_started() -> None:
    found = counted(host(10), failed=failed(2, 503, "URX,UF"))

    assert {"aaaaaaaaaa-0": ReplicaCounters(12, 12, 2, 0, {NETWORK: 2})} == replicas(found)


def test_a_request_that_reached_no_replica_belongs_to_nobody() -> None:
    found = counted(host(10), failed=failed(3, 503, "UH", where="") | failed(1, 503, "UH", "-"))

    assert ReplicaCounters(4, 4, 4, 0, {NETWORK: 4}) == replicas(found)["aaaaaaaaaa-none"]


def test_what_is_active_or_abandoned_is_not_complete() -> None:
    found = counted(host(10, 3), failed=failed(2, 0, "DC"))

    assert {"aaaaaaaaaa-0": ReplicaCounters(10, 5, 0, 3, {NETWORK: 0})} == replicas(found)


def test_counters_that_were_read_apart_never_go_back() -> None:
    counters = Counters()

    first = replicas(counted(host(10, 0)), counters)
    second = replicas(counted(host(10, 1)), counters)

    assert (10, 10) == (first["aaaaaaaaaa-0"].completed, second["aaaaaaaaaa-0"].completed)


def test_an_envoy_that_began_anew_begins_anew() -> None:
    counters = Counters()

    replicas(counted(host(10)), counters)

    assert {"aaaaaaaaaa-0": ReplicaCounters(3, 3, 0, 0, {NETWORK: 0})} == replicas(
        counted(host(3)), counters
    )


def test_the_bound_above_all_counts_every_timed_request_and_is_not_shown() -> None:
    buckets = [Bucket(10, 4), Bucket(60_000, 6), Bucket(3_600_000, 7)]
    found = counted(host(7), histograms={f"cluster.{NAME}.upstream_rq_time": buckets})

    revision = Counters().scrapes(found, OWNERS, at=1.0)[KEY].revisions[REVISION]

    assert ((10, 60_000), (4, 6), 7) == (revision.bounds_ms, revision.buckets, revision.timed)


def test_clusters_of_nobody_are_left_out() -> None:
    assert {} == Counters().scrapes(counted(host(1)), {}, at=1.0)


def test_names_that_are_not_ours_are_no_failures() -> None:
    assert {} == failures_by_host({"cluster.shop.upstream_rq_timeout": 3})


def copied(**counts: int) -> ReplicaCounters:
    told = [HostCounts(name, str(value)) for name, value in counts.items()]
    return copies(Host(Address(SocketAddress("127.0.0.1", 20000)), told, hostname="aaaaaaaaaa-0"))


def test_what_envoy_says_of_copies_comes_to_requests_and_errors() -> None:
    # As seen: all well, all 500, hanging until the timeout, late after the head, nobody listens.
    assert ReplicaCounters(100, 100, 0, 0) == copied(rq_total=100, rq_success=100)
    assert ReplicaCounters(100, 100, 100, 0) == copied(rq_total=100, rq_error=100)
    assert ReplicaCounters(32, 0, 0, 32) == copied(rq_total=32, rq_active=32)
    assert ReplicaCounters(64, 64, 64, 0) == copied(rq_total=64, rq_error=64, rq_timeout=64)
    assert ReplicaCounters(64, 64, 64, 0) == copied(rq_total=64, rq_success=64, rq_timeout=64)
    assert ReplicaCounters(100, 100, 100, 0) == copied(rq_error=100)


def test_copies_are_counted_apart_from_the_requests_of_users() -> None:
    mirror = f"{NAME}~mirror"
    owners = OWNERS | {mirror: Owner(KEY, REVISION, mirrored=True)}
    found = Counted(
        failed=failed(2, 500, "-") | {f"cluster.{mirror}.upstream_cx_none_healthy": 3},
        histograms={f"cluster.{mirror}.upstream_rq_time": [Bucket(10, 4), Bucket(3_600_000, 7)]},
        clusters=[Cluster(NAME, [host(10)]), Cluster(mirror, [host(4)])],
    )

    revisions = Counters().scrapes(found, owners, at=1.0)[KEY].revisions

    assert {REVISION, REVISION + MIRRORED} == set(revisions)
    assert (
        ReplicaCounters(10, 10, 2, 0, {NETWORK: 0}) == revisions[REVISION].replicas["aaaaaaaaaa-0"]
    )
    assert {
        "aaaaaaaaaa-0": ReplicaCounters(4, 4, 0, 0),
        "aaaaaaaaaa-none": ReplicaCounters(3, 3, 3, 0),
    } == revisions[REVISION + MIRRORED].replicas
    assert (0, 7) == (revisions[REVISION].timed, revisions[REVISION + MIRRORED].timed)
