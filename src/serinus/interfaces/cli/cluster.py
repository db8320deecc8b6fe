"""``install`` and ``controller``: Serinus in a cluster."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serinus.boot import installing
from serinus.core.errors import SpecError
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble

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
