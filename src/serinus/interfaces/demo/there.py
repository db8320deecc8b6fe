"""
The demo in a cluster: the same shop as pods, and the traffic through a router that is there.

It applies the kinds of Serinus, an Environment and a namespace of its own, runs the controller in
this process, and takes away what it made. The image of the shop is that of Serinus, which the
demo's shop is a part of.
"""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import httpx2
import msgspec
from rich.console import Console

from serinus.boot import cluster, office
from serinus.boot import home as homes
from serinus.core.errors import SpecError
from serinus.core.state.notice import Key
from serinus.interfaces import dashboard
from serinus.interfaces.demo import scenes, story
from serinus.ports import failures

NAMESPACE: Final = "serinus-demo"
ENVIRONMENT: Final = "serinus-demo"
ROUTED_S: Final = 60.0


class Wanted(msgspec.Struct, frozen=True):
    """
    Which cluster, and what is there to be used.

    ``router``: which one splits the traffic, ``url``: where it takes requests, ``counts``: where
    its counters are read. The defaults are those of ``make cluster``.
    """

    kubeconfig: Path | None = None
    context: str | None = None
    image: str = "serinus:dev"
    router: str = "traefik"
    url: str = "http://127.0.0.1:18000"
    counts: str = "http://127.0.0.1:18003/metrics"


class There:
    """A cluster; see :class:`serinus.interfaces.demo.story.Place`."""

    def __init__(self, wanted: Wanted, opened: cluster.Opened, home: Path) -> None:
        self.wanted = wanted
        self.key = Key(f"{NAMESPACE}/{scenes.APPLICATION}", ENVIRONMENT)
        self.url = wanted.url
        self.load = home / "load.json"
        self._opened = opened

    def opening(self) -> str:
        """Return what is told at the beginning."""
        return (
            "[bold]Serinus demo[/]: three releases of a small shop in a Kubernetes cluster.\n"
            "Each is compared with the version that serves, by real requests, "
            "and goes on or back.\n\n"
            f"[bold]platform[/]  {self._opened.address}, namespace {NAMESPACE}; requests through "
            f"{self.wanted.router} at {self.url}, three pods"
        )

    async def ask(self, scene: scenes.Scene) -> None:
        """Apply the application as it is in a scene."""
        await self._opened.apply(scenes.application(scene, NAMESPACE, self.wanted.image))

    async def answers(self) -> None:
        """Wait until the router has heard of the shop: it learns of a new host in its own time."""
        headers = {"host": scenes.HOST}
        async with httpx2.AsyncClient(headers=headers, trust_env=False) as client:
            with anyio.move_on_after(ROUTED_S) as late:
                await _served(client, self.url)
        if late.cancelled_caught:
            raise story.DemoFailed(
                f"{self.url} has not answered for {scenes.HOST} within {ROUTED_S:.0f} s; "
                f"does {self.wanted.router} take requests there?"
            )

    def staying(self) -> str:
        """Return what one can play with."""
        return (
            f"\nIt goes on serving. In another terminal:\n"
            f"   kubectl -n {NAMESPACE} get applications,releases,deployments,pods\n"
            f"   kubectl -n {NAMESPACE} edit application {scenes.APPLICATION}\n"
            "Ctrl-C ends the traffic and the controller, and removes the namespace."
        )


def main(
    wanted: Wanted, *, json: Path | None = None, keep: bool = False, console: Console | None = None
) -> int:
    """Run the demo; return 0 only if everything came out as it should."""
    console = console or Console(highlight=False)
    home = Path(tempfile.mkdtemp(prefix="serinus-demo-"))
    try:
        return anyio.run(partial(_play, wanted, home, console, json=json, keep=keep))
    except (story.DemoFailed, failures.PortFailure, SpecError) as problem:
        console.print(f"[red]error:[/] {problem}")
        hint = getattr(problem, "hint", "")
        if hint:
            console.print(f"[bold]try:[/]   {hint}")
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _served(client: httpx2.AsyncClient, url: str) -> None:
    while True:
        with contextlib.suppress(httpx2.TransportError):
            if (await client.get(url)).is_success:
                return
        await anyio.sleep(0.2)


async def _play(
    wanted: Wanted, home: Path, console: Console, *, json: Path | None, keep: bool
) -> int:
    settings = cluster.Settings(
        home=home,
        kubeconfig=wanted.kubeconfig,
        context=wanted.context,
        namespace=NAMESPACE,
        routers=(wanted.router,),
    )
    async with (
        cluster.opened(settings) as opened,
        _prepared(wanted, opened),
        opened.controller() as (ports, _),
        _removed(wanted, opened),
        dashboard.opened(
            office.cluster(opened, ports), home, homes.owner(), dashboard.Asked()
        ) as served,
    ):
        console.print(served.sentence, soft_wrap=True)
        stage = story.Stage(There(wanted, opened, home), ports, console)
        return await story.play(stage, json=json, keep=keep)


@contextlib.asynccontextmanager
async def _prepared(wanted: Wanted, opened: cluster.Opened) -> AsyncIterator[None]:
    """Put what the demo needs into the cluster, and take it away again."""
    environment = _environment(wanted)
    await opened.install()
    # What a demo left that was killed: nobody is there to let its application go.
    await opened.abandon(scenes.application(scenes.FIRST, NAMESPACE, wanted.image))
    await opened.delete(_namespace())
    try:
        await opened.apply(_namespace())
        await opened.apply(environment)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await opened.delete(_namespace())
            await opened.delete(environment)


@contextlib.asynccontextmanager
async def _removed(wanted: Wanted, opened: cluster.Opened) -> AsyncIterator[None]:
    """Delete the application in the end, while a controller is there that lets it go."""
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await opened.delete(scenes.application(scenes.FIRST, NAMESPACE, wanted.image))


def _namespace() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def _environment(wanted: Wanted) -> dict[str, Any]:
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": ENVIRONMENT},
        "spec": {
            "target": {"namespaces": [NAMESPACE]},
            "router": {wanted.router: {}},
            "counts": {"scrape": wanted.counts},
        },
    }
