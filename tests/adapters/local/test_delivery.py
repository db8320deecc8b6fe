"""Make before break, seen in Envoy itself."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from msgspec.structs import replace

from serinus.adapters.local.admin import Admin
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Endpoint
from serinus.core.state.workload import Group
from tests.adapters.local import traffic
from tests.adapters.local.world import World, entrance, started, world

pytestmark = pytest.mark.envoy


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def sleeper(here: World) -> Endpoint:
    """Start a replica that runs and does not listen."""
    asleep = here.revision("asleep", env={"START_S": "60"})
    blog = Key("blog", "local")
    await here.platform.ensure(blog, [asleep], [Group(asleep.id, (0,))], 0.0)
    (replica,) = await here.platform.replicas(blog)
    return Endpoint(replica.name, replica.address)


async def test_what_is_confirmed_is_not_asked_for_again(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    wanted = await here.route((one, 1000))
    asked: list[str] = []
    original = Admin._get

    async def listen(admin: Admin, path: str) -> bytes:
        asked.append(path)
        return await original(admin, path)

    monkeypatch.setattr(Admin, "_get", listen)

    assert wanted == await here.seen()
    assert [] == asked


async def test_delivering_the_same_again_changes_no_file(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    wanted = await here.route((one, 1000))
    folder = here.home / "run" / "envoy"
    before = {path: path.stat().st_ino for path in folder.rglob("*.json")}

    await here.put(wanted)

    assert before == {path: path.stat().st_ino for path in folder.rglob("*.json")}


async def test_endpoints_stay_until_those_that_replace_them_are_healthy(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    wanted = await here.route((one, 1000))
    (backend,) = wanted.backends
    nobody = await sleeper(here)
    began = time.monotonic()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            here.put, replace(wanted, backends=(replace(backend, endpoints=(nobody,)),))
        )
        await anyio.sleep(0.3)
        during = await traffic.get(here.port, here.host)
    after = await traffic.get(here.port, here.host)

    # A new endpoint that never gets healthy holds everything up for a second, no longer.
    assert (200, 503) == (during.status, after.status)
    assert 0.9 < time.monotonic() - began < 3.0


async def test_a_retreat_does_not_wait_for_the_health_of_a_candidate(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))
    wanted = await here.route((one, 500), (two, 500))
    stable, candidate = wanted.backends
    nobody = await sleeper(here)
    began = time.monotonic()

    await here.put(
        replace(
            wanted,
            backends=(
                replace(stable, weight=1000),
                replace(candidate, weight=0, endpoints=(nobody,)),
            ),
        )
    )
    answers = await traffic.send(here.port, here.host, ["/"] * 50)

    assert time.monotonic() - began < 0.5
    assert {f"{one.short}-0"} == {answer.body for answer in answers}


async def test_clusters_that_nobody_needs_are_taken_away(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))
    await here.route((one, 500), (two, 500))

    await here.route((two, 1000))
    kept = {path.stem[-20:] for path in (here.home / "run/envoy/eds").iterdir()}
    await here.run((two, [0]))
    left = {path.stem[-20:] for path in (here.home / "run/envoy/eds").iterdir()}

    # As long as a replica runs, its counters go on; then nothing of it is left.
    assert {one.id[:20], two.id[:20]} == kept
    assert {two.id[:20]} == left


async def test_a_delivery_that_was_cut_short_is_carried_out_later(tmp_path: Path) -> None:
    port = entrance()
    async with started(tmp_path, port) as here:
        one, two = here.revision("1"), here.revision("2")
        await here.run((one, [0]), (two, [0]))
        await here.route((one, 1000))
        with anyio.move_on_after(0) as scope:  # cancelled at its first wait
            await here.deliver((two, 1000))
        before = await traffic.get(port, here.host)

    async with started(tmp_path, port) as here:
        between = await traffic.get(port, here.host)
        await here.run((one, [0]), (two, [0]))
        await here.route((two, 1000))
        after = await traffic.get(port, here.host)
        await here.platform.down()

    assert scope.cancelled_caught
    assert (200, 200) == (before.status, between.status)
    assert f"{one.short}-0" == before.body == between.body
    assert f"{two.short}-0" == after.body


async def test_damaged_files_are_made_whole(tmp_path: Path) -> None:
    port = entrance()
    async with started(tmp_path, port) as here:
        one = here.revision("1")
        await here.run((one, [0]))
        wanted = await here.route((one, 1000))
    for path in (tmp_path / "run" / "envoy").rglob("*ds.json"):
        path.write_text("")

    async with started(tmp_path, port) as here:
        await here.run((one, [0]))
        await here.carried(wanted)
        answer = await traffic.get(port, here.host)
        await here.platform.down()

    assert 200 == answer.status


async def test_a_replica_that_is_gone_gets_nothing_although_it_is_still_named(
    here: World,
) -> None:
    one = here.revision("1")
    await here.run((one, [0, 1]))
    await here.route((one, 1000))

    await here.run((one, [1]))

    (cluster,) = await here.platform._envoy.admin.clusters()
    assert [f"{one.short}-1"] == [host.hostname for host in cluster.host_statuses]
    seen = await here.seen()
    assert seen is not None
    assert (f"{one.short}-1",) == seen.serving(one.id)


async def test_one_application_does_not_wait_for_the_health_of_another(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    wanted = await here.route((one, 1000))
    (backend,) = wanted.backends
    asleep = await sleeper(here)
    blog = Key("blog", "local")
    theirs = replace(
        wanted,
        application="blog",
        host="blog.localhost",
        backends=(replace(backend, endpoints=(asleep, *backend.endpoints)),),
    )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(here.platform.deliver, blog, here.router.render(blog, theirs, {}))
        await anyio.lowlevel.checkpoint()
        began = time.monotonic()
        await here.put(replace(wanted, timeout_s=3.0))
        took = time.monotonic() - began

    assert took < 0.5
    assert 200 == (await traffic.get(here.port, "blog.localhost")).status
