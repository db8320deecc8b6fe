"""A fresh pod of either version fails at 2 % when it begins, decaying with 3 minutes."""

from serinus.lab.faults import WarmUp
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[WarmUp(errors=0.02, decay_s=180)]).run(rng)
