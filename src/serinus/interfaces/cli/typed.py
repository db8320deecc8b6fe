"""
Commands as they are typed where the reader is: on this machine, or with a cluster in view.

A command names the application; what leads to the cluster is what the reader typed to get there,
and nothing where SERINUS_PLATFORM does::

    serinus rollback shop                        on this machine
    serinus rollback team/shop --cluster         after --cluster, or --namespace team
    serinus rollback team/shop --context prod    after --context prod
"""

import shlex
from collections.abc import Sequence

from serinus.boot.settings import Cluster
from serinus.core.state.command import Command

ADDED = Command("deploy", rest="-f app.yaml")
"""How an application is added on this machine; in a cluster kubectl does that."""


def text(command: Command, cluster: Cluster | None) -> str:
    """Write a command."""
    if cluster is None:
        return command.text()
    if command.verb == ADDED.verb and command.rest.startswith("-f "):
        return f"kubectl apply {command.rest}"
    flags = cluster.flags
    if cluster.namespace and "/" not in command.application:
        flags = (*flags, "--namespace", cluster.namespace)
    return command.text(shlex.join(flags))


def either(commands: Sequence[Command], cluster: Cluster | None) -> str:
    """Write commands of which one is typed."""
    return "   or   ".join(text(command, cluster) for command in commands)
