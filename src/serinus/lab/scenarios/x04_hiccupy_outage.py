"""A service with hiccups, and a candidate that answers nothing."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(candidate=1.0, faults=[Hiccups(every_s=1200, lasts_s=20, errors=0.3)]).run(rng)
