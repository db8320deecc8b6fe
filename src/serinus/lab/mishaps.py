"""What goes wrong on the way from a service to the judge, as a wrapper around any run."""

from collections.abc import Generator, Mapping
from typing import Any

from numpy.random import Generator as Random

from serinus.lab.scenario import Wish

Ticks = Generator[Mapping[str, Any] | None, Wish, None]


def missing(rng: Random, run: Ticks, share: float) -> Ticks:
    """Lose a share of the scrapes, and what they counted with them."""
    next(run)
    wish = yield {}
    while True:
        tick = run.send(wish)
        wish = yield None if rng.random() < share else tick
