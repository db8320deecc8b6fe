"""Five pods, each with hiccups of 45 s on average: 40 % errors once in 20 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 5


def run(rng):
    return Service(
        pods=5,
        faults=[Hiccups(every_s=1200, lasts_s=45, errors=0.4, spread=True)],
    ).run(rng)
