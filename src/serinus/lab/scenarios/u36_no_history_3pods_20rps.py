"""No history, three pods at 20 requests a second, and hiccups of 30 s."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
POD_FAULTS = True
STABLE_PODS = 3


def run(rng):
    return Service(rps=20, pods=3, faults=[Hiccups(every_s=1200, lasts_s=30, errors=0.3)]).run(rng)
