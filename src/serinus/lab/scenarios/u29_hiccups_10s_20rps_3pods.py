"""Three pods at 20 requests a second, hiccups of 10 s: 50 % once in 15 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 3


def run(rng):
    return Service(rps=20, pods=3, faults=[Hiccups(every_s=900, lasts_s=10, errors=0.5)]).run(rng)
