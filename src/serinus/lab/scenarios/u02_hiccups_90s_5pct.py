"""Hiccups of 90 s: 5 % errors once in 10 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Hiccups(every_s=600, lasts_s=90, errors=0.05)]).run(rng)
