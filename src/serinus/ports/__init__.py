"""
What the loop needs of the world: protocols only, each with its contract in its docstring.

:class:`Ports` is the one bundle that is passed down; ``boot`` fills it.
"""

from dataclasses import dataclass

from serinus.ports import metrics as sources
from serinus.ports.clock import Clock
from serinus.ports.gate import Gate
from serinus.ports.metrics import Metrics
from serinus.ports.platform import Platform
from serinus.ports.router import Router
from serinus.ports.store import Store


@dataclass(frozen=True, slots=True)
class Ports:
    """All the ports of one controller. ``gate`` None: nobody can be asked here."""

    platform: Platform
    router: Router
    store: Store
    clock: Clock
    metrics: Metrics = sources.NOWHERE
    gate: Gate | None = None
