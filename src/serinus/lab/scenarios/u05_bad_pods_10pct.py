"""One pod in ten is bad for good: 2 % more errors."""

from serinus.lab.faults import BadPods
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[BadPods(chance=0.1, errors=0.02)]).run(rng)
