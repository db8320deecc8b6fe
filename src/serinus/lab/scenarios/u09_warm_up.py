"""A fresh pod of either version fails at 5 % when it begins, decaying with 30 s."""

from serinus.lab.faults import WarmUp
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(faults=[WarmUp(errors=0.05, decay_s=30)]).run(rng)
