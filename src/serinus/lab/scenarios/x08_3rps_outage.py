"""The candidate answers nothing, at 3 requests a second."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(rps=3, candidate=1.0).run(rng)
