"""Hiccups of 5 minutes: 30 % errors once in an hour."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[Hiccups(every_s=3600, lasts_s=300, errors=0.3)]).run(rng)
