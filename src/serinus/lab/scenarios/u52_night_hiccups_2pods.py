"""Two pods at 1 request a second, hiccups of 20 s: 50 % once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 2


def run(rng):
    return Service(rps=1, pods=2, faults=[Hiccups(every_s=1200, lasts_s=20, errors=0.5)]).run(rng)
