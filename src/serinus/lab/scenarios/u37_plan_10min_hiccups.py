"""A plan of 10 minutes, and hiccups of 10 s: 30 % errors once in 10 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
PLAN = [(0.1, 120), (0.25, 180), (0.5, 300)]


def run(rng):
    return Service(faults=[Hiccups(every_s=600, lasts_s=10, errors=0.3)]).run(rng)
