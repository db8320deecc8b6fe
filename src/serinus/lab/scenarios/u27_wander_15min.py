"""The rates of pods wander: 0.8, with a memory of 15 minutes."""

from serinus.lab.faults import Wander
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Wander(sd=0.8, memory_s=900)]).run(rng)
