"""Hiccups of 4 minutes: 10 % errors once in 2 hours."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Hiccups(every_s=7200, lasts_s=240, errors=0.1)]).run(rng)
