"""The rates of pods wander (0.8, 2 minutes), and errors come in bursts of 8."""

from serinus.lab.faults import Wander
from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(1e-4, mean=8), faults=[Wander(sd=0.8, memory_s=120)]).run(rng)
