"""Ticks of a minute, and hiccups of 60 s: 30 % errors once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
TICK_S = 60


def run(rng):
    return Service(tick_s=TICK_S, faults=[Hiccups(every_s=1200, lasts_s=60, errors=0.3)]).run(rng)
