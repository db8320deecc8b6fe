"""Users stay at their pods; 2 % of their sessions fail in 30 % of requests."""

from serinus.lab.faults import Sessions
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    sessions = Sessions(number=100, unlucky=0.02, errors=0.3, lasts_s=600)
    return Service(faults=[sessions]).run(rng)
