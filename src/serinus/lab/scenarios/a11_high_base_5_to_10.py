"""10 % instead of 5 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.05, candidate=0.1).run(rng)
