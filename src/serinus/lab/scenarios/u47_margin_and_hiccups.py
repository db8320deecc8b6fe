"""The candidate is as bad as allowed, and pods hiccup for 20 s once in 30 minutes."""

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(
        candidate=1.25 * 0.001 + 0.0002,
        faults=[Hiccups(every_s=1800, lasts_s=20, errors=0.3)],
    ).run(rng)
