"""A plan of 2 hours, and hiccups of 30 s: 30 % errors once in 40 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
PLAN = [(0.01, 1200), (0.05, 1200), (0.1, 1200), (0.25, 1200), (0.5, 2400)]


def run(rng):
    return Service(faults=[Hiccups(every_s=2400, lasts_s=30, errors=0.3)]).run(rng)
