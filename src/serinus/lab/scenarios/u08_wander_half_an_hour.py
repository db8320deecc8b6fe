"""The rates of pods wander widely and slowly: 1.2, with a memory of 30 minutes."""

from serinus.lab.faults import Wander
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Wander(sd=1.2, memory_s=1800)]).run(rng)
