"""40 pods at 400 requests a second, each without an answer for 5 s once in 10 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 40


def run(rng):
    return Service(rps=400, pods=40, faults=[Hiccups(every_s=600, lasts_s=5, errors=1.0)]).run(rng)
