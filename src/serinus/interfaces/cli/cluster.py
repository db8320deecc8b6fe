"""``install`` and ``controller``: Serinus in a cluster."""

import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
from cyclopts import Parameter

from serinus.boot import home as home_
from serinus.boot import installing
from serinus.core.errors import SpecError
from serinus.core.state.notice import Event
from serinus.interfaces import dashboard
from serinus.interfaces.cli.options import Output, Pages
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.interfaces.health import Condition, Health, Server

if TYPE_CHECKING:
    from serinus.boot.cluster import Opened
    from serinus.boot.leading import Standing
    from serinus.ports import Ports

Namespace = Annotated[
    str | None,
    Parameter(
        name=["--namespace", "-n"],
        help="Deliver the applications of this namespace alone. Default: all.",
    ),
]
Environment = Annotated[
    str, Parameter(help="The environment of namespaces that no Environment names.")
]
Routers = Annotated[
    list[str] | None,
    Parameter(
        name="--router",
        negative="",
        help="A router that is used; may be repeated. Default: all that there are.",
    ),
]


def install(
    image: Annotated[
        str, Parameter(help="The controller's image, in a registry that the cluster reaches.")
    ] = "",
    *,
    namespace: Namespace = None,
    system_namespace: Annotated[
        str, Parameter(help="Where the controller itself runs.")
    ] = installing.SYSTEM,
    environment: Environment = installing.ENVIRONMENT,
    router: Routers = None,
    replicas: Annotated[int, Parameter(help="One works, the others stand by.")] = 2,
    no_dashboard: Annotated[
        bool, Parameter(negative="", help="No dashboard, and no right to steer in it.")
    ] = False,
    kubelet_stats: Annotated[
        bool, Parameter(negative="", help="Allow memory and CPU to be read from kubelets.")
    ] = False,
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="Write to this file.")
    ] = None,
) -> int:
    """
    Print what a cluster needs to run Serinus, for `kubectl apply --server-side -f -`.

    Without an image: the kinds, the roles for people and the policies alone, for a controller that
    runs elsewhere (`serinus controller`).
    """
    try:
        wanted = installing.wanted(
            image,
            namespace=system_namespace,
            namespaces=() if namespace is None else (namespace,),
            routers=router,
            environment=environment,
            replicas=replicas,
            kubelet=kubelet_stats,
            dashboard=not no_dashboard,
        )
    except SpecError as wrong:
        raise Trouble(str(wrong), hint="serinus install --help", code=Code.USAGE) from None
    text = installing.text(wanted)
    if output is None:
        print(text, end="")
        return Code.OK
    output.write_text(text, encoding="utf-8")
    Screen(Output()).say(f"{output}: kubectl apply --server-side -f {output}")
    return Code.OK


def controller(
    *,
    namespace: Namespace = None,
    environment: Environment = installing.ENVIRONMENT,
    router: Routers = None,
    health: Annotated[
        str, Parameter(help="Where /healthz, /readyz and /metrics are answered.")
    ] = "127.0.0.1:8081",
    system_namespace: Annotated[
        str, Parameter(help="Where the Lease of the one that works is.", env_var="POD_NAMESPACE")
    ] = installing.SYSTEM,
    home: Annotated[
        Path | None,
        Parameter(env_var="SERINUS_HOME", help="A directory for what may be lost: ticks, events."),
    ] = None,
    kubeconfig: Annotated[
        Path | None, Parameter(help="Default: the pod's own account, $KUBECONFIG, ~/.kube/config.")
    ] = None,
    context: Annotated[str | None, Parameter(help="Of the kubeconfig.")] = None,
    pages: Pages = Pages(),
) -> int:
    """
    Deliver the applications of a Kubernetes cluster, until Ctrl-C or SIGTERM.

    In a pod it works with the pod's account, elsewhere with a kubeconfig. Of several one works, the
    others stand by. What serves goes on serving without any of them.
    """
    from serinus.boot import cluster, leading, office  # noqa: PLC0415 - they bring the whole controller

    host, port = _address(health)
    place = Path(home or ".serinus").absolute()
    settings = cluster.Settings(
        home=place,
        kubeconfig=kubeconfig,
        context=context,
        namespace=namespace,
        environment=environment,
        routers=tuple(router or ()),
        system=system_namespace,
    )
    screen, wanted = Screen(Output()), pages.wanted()

    @asynccontextmanager
    async def beside(opened: "Opened", ports: "Ports") -> AsyncIterator[None]:
        if wanted is None:
            yield
            return
        there = office.cluster(opened, ports)
        again = _again(system_namespace)
        async with dashboard.opened(there, place, home_.owner(), wanted, again) as served:
            screen.say(_way_in(served, system_namespace), whole=True)
            yield

    def told(event: Event) -> None:
        number = f"#{event.release}" if event.release is not None else ""
        at = event.at.astimezone().strftime("%H:%M:%S")
        screen.say(f"{at}  {event.application}{number}  {event.sentence}")

    with contextlib.ExitStack() as stack:

        def standing(stands: "Standing") -> None:
            server = Server(host, port, _health(stands))
            stack.enter_context(server)
            screen.say(f"Health is answered at http://{host}:{server.port}/healthz.")

        run = partial(
            leading.run,
            settings,
            system_namespace,
            standing=standing,
            ready=screen.say,
            told=told,
            beside=beside,
        )
        anyio.run(run)
    screen.say("The controller has ended; what served goes on serving.")
    return Code.OK


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and int(port) < 1 << 16):
        raise Trouble(
            f"--health {text!r}: want an address with a port",
            hint="--health 127.0.0.1:8081",
            code=Code.USAGE,
        )
    return host, int(port)


def _way_in(served: dashboard.Opened, namespace: str) -> str:
    """Say how one comes in: no link goes into the log of a pod, which others may read."""
    pod = os.environ.get("POD_NAME")
    if not (pod and served.link):
        return served.sentence
    port = served.address.rpartition(":")[2]
    return (
        f"The dashboard is served within this pod. To open it:\n"
        f"   kubectl -n {namespace} port-forward pod/{pod} {port}:{port}\n"
        f"   {served.again}"
    )


def _again(namespace: str) -> str:
    """Return what one types for a link to a dashboard in a pod; empty elsewhere."""
    pod = os.environ.get("POD_NAME")
    if not pod:
        return ""
    return f'kubectl -n {namespace} exec {pod} -- serinus dashboard --actor "$USER"'


def _health(stands: "Standing") -> Health:
    return Health(
        lambda: Condition(*stands.alive()),
        lambda: Condition(*stands.ready()),
        stands.vitals.text,
    )
