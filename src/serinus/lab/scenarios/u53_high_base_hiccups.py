"""5 % errors, and hiccups of 60 s: 30 % once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(stable=0.05, faults=[Hiccups(every_s=1200, lasts_s=60, errors=0.3)]).run(rng)
