"""No errors, but for 10 s without an answer of a pod once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(stable=0.0, faults=[Hiccups(every_s=1200, lasts_s=10, errors=1.0)]).run(rng)
