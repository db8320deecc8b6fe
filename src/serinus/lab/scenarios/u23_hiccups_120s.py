"""Hiccups of 2 minutes: 30 % errors once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Hiccups(every_s=1200, lasts_s=120, errors=0.3)]).run(rng)
