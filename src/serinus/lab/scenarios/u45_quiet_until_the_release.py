"""Pods hiccup for 20 s once in 15 minutes, but never did before the release."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Hiccups(every_s=900, lasts_s=20, errors=0.3, quiet_s=3600)]).run(rng)
