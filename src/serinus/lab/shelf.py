"""The shelf: the scenarios that ship, by set."""

import functools
from collections.abc import Mapping
from pathlib import Path

from serinus.lab import scenario
from serinus.lab.scenario import Scenario

FOLDER = Path(__file__).with_name("scenarios")

SETS: Mapping[str, str] = {
    "counts": "na",
    "unseen": "u",
    "age": "x",
    "latency": "l",
    "metrics": "m",
    "gauges": "g",
    "operations": "o",
}
"""Each set, and with which letters the names of its scenarios begin."""


@functools.cache
def sets() -> Mapping[str, tuple[Scenario, ...]]:
    """Return the scenarios that ship by the name of their set, nulls and regressions together."""
    every = scenario.folder(FOLDER)
    return {
        name: tuple(one for one in every if one.name[0] in letters)
        for name, letters in SETS.items()
    }
