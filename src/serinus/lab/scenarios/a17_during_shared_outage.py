"""Twice as bad in a shared outage of 10 minutes (10 % to 5 %), and 1 % to 0.1 % after it."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(
        stable=lambda m: 0.001 + 0.049 * m.during(0, 600),
        candidate=lambda m: 0.01 + 0.09 * m.during(0, 600),
    ).run(rng)
