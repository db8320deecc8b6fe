"""No history, and 1 % errors."""

from serinus.lab.service import Service

KIND = "regression"


def run(rng):
    return Service(candidate=0.01).run(rng)
