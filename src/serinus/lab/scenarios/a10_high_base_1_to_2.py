"""2 % instead of 1 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.01, candidate=0.02).run(rng)
