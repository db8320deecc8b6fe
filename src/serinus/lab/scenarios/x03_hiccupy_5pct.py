"""A service with hiccups (20 s, 30 %, once in 20 minutes), and 5 % errors."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(candidate=0.05, faults=[Hiccups(every_s=1200, lasts_s=20, errors=0.3)]).run(rng)
