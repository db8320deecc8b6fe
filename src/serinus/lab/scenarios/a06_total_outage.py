"""The candidate answers nothing."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.001, candidate=1.0).run(rng)
