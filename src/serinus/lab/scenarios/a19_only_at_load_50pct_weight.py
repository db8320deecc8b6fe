"""Well until it gets half of the traffic, then 1 % errors."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: 0.01 if m.weight >= 0.499 else 0.001).run(rng)
