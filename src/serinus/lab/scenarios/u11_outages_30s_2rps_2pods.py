"""Two pods at 2 requests a second that answer nothing for 30 s once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 2


def run(rng):
    return Service(rps=2, pods=2, faults=[Hiccups(every_s=1200, lasts_s=30, errors=1.0)]).run(rng)
