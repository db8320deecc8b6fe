"""All of it gets worse for everybody, and pods hiccup for 15 s once in 10 minutes."""

import numpy as np

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    hiccups = Hiccups(every_s=600, lasts_s=15, errors=0.3)
    return Service(
        stable=lambda m: 0.001 + 0.004 * np.clip(m.since / 1800, 0, 1), faults=[hiccups]
    ).run(rng)
