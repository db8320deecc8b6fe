"""One pod in ten is bad (3 %), and all hiccup for 15 s once in 20 minutes."""

from serinus.lab.faults import BadPods, Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(
        faults=[BadPods(chance=0.1, errors=0.03), Hiccups(every_s=1200, lasts_s=15, errors=0.3)],
    ).run(rng)
