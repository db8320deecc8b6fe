"""1 % errors at 10 requests a second."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(rps=10, candidate=0.01).run(rng)
