"""A plan of 10 minutes, and 1 % errors."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
PLAN = [(0.1, 120), (0.25, 180), (0.5, 300)]


def run(rng):
    return Service(candidate=0.01).run(rng)
