"""The candidate fails at 1 %, stable at 0.1 %."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.001, candidate=0.01).run(rng)
