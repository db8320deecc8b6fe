"""40 pods at 400 requests a second; 15 in 100 are bad for good: 10 % more errors."""

from serinus.lab.faults import BadPods
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 40


def run(rng):
    return Service(rps=400, pods=40, faults=[BadPods(chance=0.15, errors=0.1)]).run(rng)
