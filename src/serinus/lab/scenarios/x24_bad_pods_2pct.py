"""One pod in ten is bad for good (2 %), and the candidate fails at 2 % everywhere."""

from serinus.lab.faults import BadPods
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(candidate=0.02, faults=[BadPods(chance=0.1, errors=0.02)]).run(rng)
