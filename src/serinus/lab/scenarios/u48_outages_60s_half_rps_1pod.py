"""One pod, a request in two seconds, and no answer for a minute once in half an hour."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 1


def run(rng):
    return Service(rps=0.5, pods=1, faults=[Hiccups(every_s=1800, lasts_s=60, errors=1.0)]).run(rng)
