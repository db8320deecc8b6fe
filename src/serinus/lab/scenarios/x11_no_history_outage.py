"""No history, and a candidate that answers nothing."""

from serinus.lab.service import Service

KIND = "regression"


def run(rng):
    return Service(candidate=1.0).run(rng)
