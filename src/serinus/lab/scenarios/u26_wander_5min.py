"""The rates of pods wander: 0.5, with a memory of 5 minutes."""

from serinus.lab.faults import Wander
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Wander(sd=0.5, memory_s=300)]).run(rng)
