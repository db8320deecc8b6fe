"""Fresh pods of either version have to warm up, and 2 % errors."""

from serinus.lab.faults import WarmUp
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(candidate=0.02, faults=[WarmUp(errors=0.05, decay_s=30)]).run(rng)
