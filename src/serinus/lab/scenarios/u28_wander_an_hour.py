"""The rates of pods wander: 1.0, with a memory of an hour."""

from serinus.lab.faults import Wander
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Wander(sd=1.0, memory_s=3600)]).run(rng)
