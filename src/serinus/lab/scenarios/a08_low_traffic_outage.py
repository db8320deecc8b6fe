"""The candidate answers nothing, at one request a second."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(rps=1, candidate=1.0).run(rng)
