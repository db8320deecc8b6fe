"""A candidate without errors, and hiccups of 40 s: 30 % once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(candidate=0.0, faults=[Hiccups(every_s=1200, lasts_s=40, errors=0.3)]).run(rng)
